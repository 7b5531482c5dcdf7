"""A change of a file, what may be expected of it, and changes that any file may suffer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Literal

#: What may lie in the place of a file: a folder, or a link out of the workspace.
FOLDER: Final = "folder"
LINK: Final = "link"
Change = Callable[[bytes], bytes | Literal["folder", "link"]]
#: What a change, as it is called in a report, must lead to: the damage is said wherever the file is used; the same,
#: where its checksum alone can tell; or any value that there may be, so that nothing may raise an exception.
SAID, SEALED, FREE = "said", "sealed", "free"
#: What is changed, how, and one of these, by default the first.
Named = tuple[str, Change] | tuple[str, Change, str]
#: JSON that is nested deeper than any parser goes, and a name that is longer than anybody reads.
DEEP, LONG = b"[" * 200_000, "x" * 100_000
#: Stands in for the value of a field that is left out.
DELETED = object()


def always(content: bytes) -> Change:
    """Return the change of whatever is there to ``content``."""
    return lambda _: content


def any_file() -> Iterator[Named]:
    """Yield changes of any file."""
    yield "empty", always(b"")
    yield "cut in the middle", lambda before: before[: len(before) // 2]
    yield "zeros", lambda before: bytes(len(before) or 64)
    yield "another format", always(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))


def flipped() -> Iterator[Named]:
    """Yield changes of one bit, as of a bad disk, which the checksum alone tells."""
    for share in (0.2, 0.5, 0.8):
        flip: Change = lambda before, share=share: _flip(before, int(share * len(before)))  # noqa: E731
        yield f"a bit flipped at {share:.0%}", flip, SEALED


def _flip(before: bytes, place: int) -> bytes:
    return before[:place] + bytes([before[place] ^ 1]) + before[place + 1 :]


def replaced() -> Iterator[Named]:
    """Yield what may lie in the place of a file."""
    yield "a folder", lambda _: FOLDER
    yield "a link", lambda _: LINK


def texts() -> Iterator[Named]:
    """Yield changes of a line of text."""
    yield "bytes that are no text", always(b"\xff\xfe\x00*"), FREE
    yield "a million letters", always(b"n" * 1_000_000), FREE
    yield "empty", always(b""), FREE
