"""Text files with a line a picture: found by the pictures that they name, taken apart into names and cells.

A line is a name and cells, or numbers and a name. Above may stand how many lines there are, as in CelebA, and the
names of the columns. Label files of single pictures, prose and licenses are no lists: a file is one only if most of
its lines name pictures, and some of these are there.
"""

from __future__ import annotations

import io
import posixpath
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from weakref import WeakKeyDictionary

from lib.core.errors import UserError
from lib.importing.problems import Problems
from lib.importing.tree import Tree, is_picture, nearest_first
from lib.importing.untrusted import read_start, read_text, to_number

SUFFIXES = (".txt", ".lst", ".list", ".dat")
#: The largest list that is read, in bytes, and its most lines.
MAX_BYTES, MAX_LINES = 2**26, 2_000_000
#: Most text files of one source that are looked at; those nearest to the root come first.
MAX_FILES = 1_000
_HEAD, _SAMPLE = 2**16, 100  # bytes and lines by which a list is recognized
_NAME_WORDS = 8  # of a file name with spaces
_SEPARATORS: tuple[str | None, ...] = ("\t", ",", ";", "|", None)  # None: spaces
#: What a column of file names is called, where it has a name; CelebA's has none.
_FILE_WORDS = (
    "file", "filename", "file_name", "fname", "image", "image_id", "image_name", "imagename", "img", "name", "path",
    "id",
)  # fmt: skip
_DISTINCT = 0.9  # of names without an ending, or the 0 of "0 0.5 0.5" would mean 0.jpg


@dataclass(frozen=True)
class Row:
    """A line of a list: its number, the name in it, the picture that this means, and the other cells."""

    number: int
    name: str
    picture: str | None
    cells: tuple[str, ...]


@dataclass(frozen=True)
class TextList:
    """A text file whose lines name pictures.

    Attributes
    ----------
    file : str
    header : tuple of str, or None
        Names of the cells, where the file gives them.
    declared : int, or None
        How many lines there are, as its first line says.
    rows : list of Row
    spaced : bool
        Whether cells stand apart by spaces: words of one cell then do too.
    """

    file: str
    header: tuple[str, ...] | None
    declared: int | None
    rows: list[Row]
    spaced: bool

    @property
    def width(self) -> int:
        """How many cells most lines have beside the name."""
        return Counter(len(row.cells) for row in self.rows).most_common(1)[0][0]

    @property
    def stem(self) -> str:
        """The file's name without folder and ending, in lower case."""
        return PurePosixPath(self.file).stem.lower()

    def column(self, place: int) -> list[str]:
        """Return the cells in one place, of the lines that have one there."""
        return [row.cells[place] for row in self.rows if place < len(row.cells)]


#: What takes a line apart, and whether it does so at spaces.
_Split = tuple[Callable[[str], tuple[str, list[str]]], bool]
_Find = Callable[[str], str | None]
#: What texts about a dataset are called.
_PROSE = re.compile(
    r"^(read_?me|licen[cs]e|copying|copyright|change_?log|changes|citation|notice|authors)", re.IGNORECASE
)
_KNOWN: WeakKeyDictionary[Tree, list[TextList]] = WeakKeyDictionary()


def lists(tree: Tree) -> list[TextList]:
    """Return the lists in a source; each is read once.

    Raises
    ------
    UserError
        If one is larger than what is read.
    """
    if tree not in _KNOWN:
        texts = [file for file in tree.with_suffix(*SUFFIXES) if _PROSE.search(_stem(file)) is None]
        stems = {_stem(file) for file in tree.pictures} if texts else set()
        files = [file for file in texts if _stem(file) not in stems]
        files = nearest_first(files)[:MAX_FILES]
        _KNOWN[tree] = [one for file in files if (one := _read(tree, file)) is not None]
    return _KNOWN[tree]


def _stem(file: str) -> str:
    return file.rpartition("/")[2].rpartition(".")[0]


def _read(tree: Tree, file: str) -> TextList | None:
    start, find = read_start(tree, file, _HEAD), _finder(tree, file)
    head = _lines(start if len(start.encode()) < _HEAD else start.rpartition("\n")[0], _SAMPLE + 2)
    declared, head = _declared(head)
    if (split := _split(find, [line for _, line in head])) is None:
        return None
    lines = _lines(read_text(tree, file, MAX_BYTES), MAX_LINES + 1)
    if len(lines) > MAX_LINES:
        raise UserError(f"{file} has more than {MAX_LINES:,} lines, the most that is read of a list: split it.")
    _, lines = _declared(lines)
    take_apart, spaced = split
    rows = [_row(find, number, *take_apart(line)) for number, line in lines]
    header = _header(rows)
    rows = rows[1:] if header else rows
    return TextList(file, header, declared, rows, spaced) if rows and _names_pictures(rows) else None


def _lines(text: str, most: int) -> list[tuple[int, str]]:
    """Return the numbers and texts of the lines that say something; text after # at a line's start is a comment."""
    kept: list[tuple[int, str]] = []
    for number, line in enumerate(io.StringIO(text), 1):
        if (stripped := line.strip()) and not stripped.startswith("#"):
            kept.append((number, stripped))
            if len(kept) == most:
                break
    return kept


def _declared(lines: list[tuple[int, str]]) -> tuple[int | None, list[tuple[int, str]]]:
    """Take off the first line if it only says how many follow."""
    if len(lines) > 1 and lines[0][1].isdecimal() and len(lines[0][1]) < 10 and not lines[1][1].isdecimal():
        return int(lines[0][1]), lines[1:]
    return None, lines


def _split(find: _Find, lines: list[str]) -> _Split | None:
    """Return what takes a line apart, None if most do not name pictures whatever is tried."""
    for separator in _SEPARATORS:
        if separator is not None and sum(separator in line for line in lines) < len(lines) / 2:
            continue
        ways = [partial(way, separator=separator) for way in (_first, _last)]
        scores = [[_score(find, way(line)[0]) for line in lines] for way in ways]
        best = max((0, 1), key=lambda way: sum(scores[way]))
        if lines and sum(score > 0 for score in scores[best]) >= max(1, (len(lines) - 1) / 2):  # one may be a header
            return ways[best], separator is None
    return None


def _score(find: _Find, name: str) -> float:
    """Return how much a name looks like a picture's: most if it is there, less if it begins with another cell."""
    score = 2.0 * (bool(name) and find(name) is not None) + is_picture(name)
    start, space, _ = name.partition(" ")
    return score - 0.5 * bool(score and space and to_number(start) is not None)


def _finder(tree: Tree, file: str) -> _Find:
    """Return what finds the picture that a name in ``file`` means."""
    return partial(tree.find, beside=posixpath.dirname(file), likely=tree.folders_like(file))


def _first(line: str, separator: str | None) -> tuple[str, list[str]]:
    cells = _cells(line, separator)
    if separator is not None:
        return cells[0], cells[1:]
    for count in range(1, min(len(cells), _NAME_WORDS) + 1):
        if is_picture(cells[count - 1]):
            return " ".join(cells[:count]), cells[count:]
    return cells[0], cells[1:]


def _last(line: str, separator: str | None) -> tuple[str, list[str]]:
    cells = _cells(line, separator)
    if separator is not None:
        return cells[-1], cells[:-1]
    count = next((place for place, cell in enumerate(cells) if to_number(cell) is None), len(cells) - 1)
    if not count or len(cells) - count > _NAME_WORDS:
        return "", cells
    return " ".join(cells[count:]), cells[:count]


def _cells(line: str, separator: str | None) -> list[str]:
    if separator is None and '"' not in line:
        return line.split()
    return [cell.strip().strip('"') for cell in line.split(separator)]


def _row(find: _Find, number: int, name: str, cells: list[str]) -> Row:
    short = [sys.intern(cell) if len(cell) < 4 else cell for cell in cells]  # millions of "-1"
    return Row(number, name, find(name), tuple(short))


def _header(rows: list[Row]) -> tuple[str, ...] | None:
    """Return the names of the cells, if the first row holds no picture but names for the others."""
    first, others = rows[0], rows[1:]
    if first.picture is not None or is_picture(first.name) or not others:
        return None
    width = Counter(len(row.cells) for row in others).most_common(1)[0][0]
    words = list(first.cells) if first.name.lower() in _FILE_WORDS else [first.name, *first.cells]
    if len(words) == 1 and words != [first.name]:
        width = 1  # of several words, if it is a label
    if not width or len(words) != width or any(to_number(word) is not None for word in words):
        return None
    return tuple(words) if len(set(words)) == len(words) and all(words) else None


def _names_pictures(rows: list[Row]) -> bool:
    there = sum(row.picture is not None for row in rows)
    with_ending = sum(is_picture(row.name) for row in rows)
    if with_ending >= len(rows) / 2:
        return there > 0
    return there > len(rows) / 2 and len({row.name for row in rows}) >= _DISTINCT * len(rows)


def note_declared(texts: Iterable[TextList], problems: Problems) -> None:
    """Note the lists with another number of lines than their first line says: they may be cut off."""
    for one in texts:
        if one.declared is not None and one.declared != len(one.rows):
            problems.add("other-count", f"{one.file}: {len(one.rows):,} lines where line 1 says {one.declared:,}")
