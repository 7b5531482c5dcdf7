"""Pictures as they are sent: sizes, encodings and cache headers."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from starlette.responses import PlainTextResponse, Response

from lib.core.dataset import PictureError
from lib.core.depth import Rule
from lib.core.errors import UserError
from lib.core.picture_files import UnreadableImageError
from lib.web.server import encoding

#: Longer sides in pixels that are served; any other is raised to the next, so that few versions are made.
SIZES = (128, 256, 512, 1024)
#: Bytes of encoded pictures in memory: two thousand thumbnails, or ten whole photos.
CACHED_BYTES = 32 * 2**20
#: What a browser is told: to keep it for good, or to ask each time; and to take nothing for what it is not.
FOR_GOOD, ASK = "private, max-age=31536000, immutable", "private, no-cache"
SAFE = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
BAD_SIZE = "size: expected a number of pixels, 0 for all."
_NOT_THERE = "It is not there, or it cannot be read: open its page, which says why."


class WrongAddressError(UserError):
    """An address asks for what there cannot be; its sentence names nothing of the workspace."""


def missing(error: Exception) -> Response:
    """Answer that something is not there.

    Sentences for pages name folders and list what there is; whoever asks a route hears only those of
    `WrongAddressError`, `PictureError` and of pictures that are none.
    """
    if isinstance(error, UnreadableImageError):
        return PlainTextResponse(f"The image cannot be opened: {error}", 404, SAFE)
    is_for_all = isinstance(error, WrongAddressError | PictureError)
    return PlainTextResponse(str(error) if is_for_all else _NOT_THERE, 404, SAFE)


def step(text: str) -> int:
    """Return the size to serve for the size asked for.

    Raises
    ------
    ValueError
        If ``text`` is no number of pixels.

    Examples
    --------
    >>> step("200"), step("0"), step("9999")
    (256, 0, 0)
    """
    size = int(text)
    if size < 0:
        raise ValueError(text)
    return next((step for step in SIZES if 0 < size <= step), 0)


def encoded(
    path: Path,
    size: int,
    revision: str,
    rule: Rule,
    opened: Callable[[], AbstractContextManager[BinaryIO]] | None = None,
) -> tuple[bytes, str]:
    """Return a picture at most ``size`` pixels long, as bytes and media type; ``revision`` keeps the cache fresh.

    ``rule`` is how more than 8 bits become 8: that of the dataset, or of the model that is asked about the picture.
    ``opened`` gives the file, where it is not enough to open ``path``; what it raises is raised.

    Raises
    ------
    FileNotFoundError, lib.core.picture_files.UnreadableImageError
        If the file is gone or damaged.
    lib.core.budget.FullError
        See `lib.web.server.waiting`.
    """
    key = (path, size, revision, rule)
    kept = _kept.get(key)
    if kept is None:
        with opened() if opened else path.open("rb") as file:
            kept = encoding.encode(file, size, rule)
        _kept.put(key, kept)
    return kept


class _Kept:
    """The encoded pictures that were asked for last, as many as `CACHED_BYTES` hold."""

    def __init__(self) -> None:
        self._pictures: OrderedDict[tuple[Path, int, str, Rule], tuple[bytes, str]] = OrderedDict()
        self.n_bytes = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[Path, int, str, Rule]) -> tuple[bytes, str] | None:
        """Return a picture and its media type, None if it is not kept."""
        with self._lock:
            if key in self._pictures:
                self._pictures.move_to_end(key)
            return self._pictures.get(key)

    def put(self, key: tuple[Path, int, str, Rule], picture: tuple[bytes, str]) -> None:
        """Keep a picture, and let those go that nobody asked for the longest."""
        with self._lock:
            replaced = self._pictures.pop(key, (b"", ""))
            self._pictures[key] = picture
            self.n_bytes += len(picture[0]) - len(replaced[0])
            while self.n_bytes > CACHED_BYTES:
                _, (content, _) = self._pictures.popitem(last=False)
                self.n_bytes -= len(content)


_kept = _Kept()
