"""Safe file names for images that come out of another file."""

from __future__ import annotations

from pathlib import PurePosixPath

from lib.core.picture_files import EXTENSIONS
from lib.core.splits import key

_MAGIC = {
    b"\xff\xd8\xff": ".jpg",
    b"\x89PNG": ".png",
    b"GIF8": ".gif",
    b"BM": ".bmp",
    b"II*\x00": ".tif",
    b"MM\x00*": ".tif",
}


def safe_name(given: str, data: bytes, number: int, taken: set[str]) -> str:
    """Return a safe name of its own for a picture: the one it had, if that can be a file's, else its number.

    Parameters
    ----------
    given : str
        What the row calls it: "", a name, a path, anything.
    data : bytes
        The picture; its first bytes give the ending where the name has none of a picture's.
    number : int
        Of the row.
    taken : set of str
        Keys (`lib.core.splits.key`) of the names that the folder has already; the new one is added.

    Examples
    --------
    >>> safe_name("../../a.png", b"", 1, set()), safe_name("a.svg", b"GIF89a", 2, set()), safe_name("", b"", 3, set())
    ('a.png', 'a_svg.gif', '000003.jpg')
    """
    name = PurePosixPath(given.replace("\\", "/")).name
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
    if not name.isprintable() or stem.startswith(".") or len(name.encode(errors="replace")) > 200:
        stem = ""
    try:
        stem.encode()
    except UnicodeEncodeError:
        stem = ""
    stem = "".join("_" if letter in '<>:"|?*' else letter for letter in stem) or f"{number:06d}"
    if suffix.lower() not in EXTENSIONS:
        stem, suffix = stem if not suffix else stem + suffix.replace(".", "_"), _suffix(data)
    name = f"{stem}{suffix}"
    if key(name) in taken:
        name = f"{stem}-{number:06d}{suffix}"
    while key(name) in taken:
        name = f"{name[: -len(suffix)]}_{suffix}"
    taken.add(key(name))
    return name


def _suffix(data: bytes) -> str:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ".webp"
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return ".avif"
    return next((suffix for magic, suffix in _MAGIC.items() if data.startswith(magic)), ".jpg")
