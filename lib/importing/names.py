"""Names of pictures as tables write them: paths of other machines, addresses, lost zeros and endings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import unquote

from lib.core.splits import _stem, key, split_in

#: Folders that say "pictures" and not what is on them.
PICTURE_FOLDERS = ("images", "image", "imgs", "img", "jpegimages", "pictures", "photos", "data")

#: Words in names of folders whose pictures explain other pictures.
_EXPLAINING = re.compile(
    r"(?:masks?|segmentations?|segmented|segmentation(?:class|object)|annot(?:ation)?s?|labels?|labelimages|gt|"
    r"(?:ground)?truth|trimaps?|depth|disparity|contours|boundaries)"
)

_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]{1,20}://")
_DRIVE = re.compile(r"[a-zA-Z]:/")
_GAPS = re.compile(r"[\s_+]+")
_WHOLE = re.compile(r"(\d{1,18})(?:\.0)?")


def plain_path(name: str) -> str:
    r"""Return a name with ``/`` between folders, without ``./``, and of an address the path alone.

    Examples
    --------
    >>> plain_path(".\\a\\b.jpg"), plain_path("https://host/o/a%20b.jpg?x=1"), plain_path("gs://b/c/a.jpg")
    ('a/b.jpg', '/o/a b.jpg', '/c/a.jpg')
    """
    path = name.strip().replace("\\", "/")
    if "://" in path and _ADDRESS.match(path):
        path = re.split(r"[?#]", path.split("://", 1)[1], maxsplit=1)[0]
        return unquote("/" + path.partition("/")[2])
    while path.startswith("./"):
        path = path[2:]
    return path


def is_address(name: str) -> bool:
    """Return whether a name is an address, such as ``https://…`` or ``gs://…``."""
    return "://" in name and _ADDRESS.match(name.strip()) is not None


def is_elsewhere(path: str) -> bool:
    """Return whether a plain path begins at a root or a drive: its first folders are those of some machine."""
    return path.startswith(("/", "~")) or _DRIVE.match(path) is not None


def loose(bare: str) -> str:
    """Return what spellings of a file's name share: ``%20``, spaces, ``_``, and how Unicode is written."""
    if not bare.isascii() or "%" in bare:
        bare = unicodedata.normalize("NFKC", unquote(bare)).casefold()
    return _GAPS.sub(" ", bare.lower()).strip()


def number(bare: str) -> int | None:
    """Return the number that a name is, whatever zeros a spreadsheet took from it or added; None of another.

    Examples
    --------
    >>> number("00012"), number("12.0"), number("12.png"), number("a12")
    (12, 12, 12, None)
    """
    match = _WHOLE.fullmatch(bare) or _WHOLE.fullmatch(_stem(bare))
    return int(match[1]) if match else None


def shared_folders(wanted: Sequence[str], there: Sequence[str]) -> int:
    """Return how many folders two paths have in common, counted from their ends."""
    count = 0
    while count < min(len(wanted), len(there)) and wanted[-1 - count] == there[-1 - count]:
        count += 1
    return count


@lru_cache(maxsize=2**12)  # a table names as many folders as there are, and as many pictures in each as it has rows
def contradicts(wanted: tuple[str, ...], there: tuple[str, ...], elsewhere: bool, folders: frozenset[str]) -> bool:
    """Return whether a name's folders say that it is not the picture in the folders ``there``.

    They do if both say different splits, if the folder that the name says is there and does not hold it, or if the
    first folders that differ both say something; the latter counts for no path of another machine.

    Parameters
    ----------
    wanted, there : tuple of str
        Folders of the name and of the picture, as `lib.core.splits.key` writes them.
    elsewhere : bool
        Whether the name is an absolute path or an address.
    folders : frozenset of str
        Names of all folders that hold pictures, or folders of them.
    """
    same = shared_folders(wanted, there)
    mine, its = wanted[: len(wanted) - same], there[: len(there) - same]
    if not mine or not its:
        return False
    mine_split, its_split = (next(filter(None, map(split_in, reversed(part))), None) for part in (mine, its))
    if mine_split and its_split and mine_split != its_split:
        return True
    if mine[-1] in folders:
        return True
    if any(says_annotations(part[-1]) for part in (mine, its)):
        return True
    return not elsewhere and not any(says_pictures(part[-1]) for part in (mine, its))


def says_pictures(folder: str) -> bool:
    """Return whether a folder is called after what it holds, pictures, and not after what is on them."""
    return any(word in PICTURE_FOLDERS for word in _words(folder))


def says_annotations(folder: str) -> bool:
    """Return whether a folder is called after masks, depth or other pictures that explain pictures."""
    return key(folder) == "seg" or any(_EXPLAINING.fullmatch(word) for word in _words(folder))


def _words(folder: str) -> list[str]:
    return re.split(r"[^a-z]+", key(folder))


def by_ending(name: str, picture: str) -> bool:
    """Return whether a picture's name is another than a table says, beyond letter case and an ending left away.

    Examples
    --------
    >>> by_ending("a", "images/a.jpg"), by_ending("/home/u/a.jpg", "images/a.jpg"), by_ending("1", "0001.png")
    (False, True, True)
    """
    wanted, there = key(plain_path(name)).lstrip("/"), "/" + key(picture)
    return not (there.endswith("/" + wanted) or _stem(there).endswith("/" + wanted)) or is_address(name)
