"""Lines of a table as text, one by one and within limits: its encoding, its comments, what parts its cells."""

from __future__ import annotations

import codecs
import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.tree import is_picture

#: Bytes of a file.
MAX_BYTES = 512 * 2**20
#: Lines of a file, empty ones too.
MAX_LINES = 2_000_000
#: Characters of one line.
MAX_LINE = 4_000_000
#: Lines that the separator is chosen by.
SAMPLE_LINES = 500

SEPARATORS = (",", ";", "\t", "|")
COMMENTS = ("#", "%", "//")
_CHUNK = 2**20  # bytes
_SEPARATOR_LINE = re.compile(r'"?sep=(?P<separator>[,;|\t])"?', re.IGNORECASE)  # Excel's first line


@dataclass
class Text:
    """A table's lines.

    Attributes
    ----------
    head : list of str
        The first lines that hold cells; comments above are left out.
    rest : iterator of str
        The lines after these.
    skipped : int
        Lines above ``head``.
    comments : list of str
        Those of them that are comments.
    separator : str
        What parts cells.
    """

    head: list[str]
    rest: Iterator[str]
    skipped: int
    comments: list[str]
    separator: str


def read_text(path: Path, file: str) -> Text:
    """Open a table; ``file`` is what messages call it.

    Raises
    ------
    UserError
        If it is no text, or, now or while ``rest`` is read, larger than the limits of this module.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        given, most = sentences.sizes(size, MAX_BYTES)
        raise UserError(
            f"The table {file} has {given}, expected at most {most}. Keep only the columns and rows that are needed, "
            "or split the data."
        )
    lines = _lines(path, _encoding(path, file), file)
    skipped, comments, separator, head = 0, [], None, []
    for line in lines:
        if hint := _SEPARATOR_LINE.fullmatch(line.strip("\r\n")):
            separator = hint["separator"]
        elif _is_comment(line):
            comments.append(line.strip().strip('"'))
        elif line.strip():
            head = [line, *itertools.islice(lines, SAMPLE_LINES - 1)]
            break
        skipped += 1
    return Text(head, lines, skipped, comments, separator or choose_separator(head))


def _lines(path: Path, encoding: str, file: str) -> Iterator[str]:
    with path.open(encoding=encoding, newline="") as opened:
        number = 0
        while line := opened.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise UserError(
                    f"{file}, line {number}: longer than {MAX_LINE:,} characters, expected one image a line. "
                    "Save the table with line ends, or keep only the columns that are needed."
                )
            if number > MAX_LINES:
                raise UserError(
                    f"The table {file} has more than {MAX_LINES:,} lines (empty ones count), the most that are read. "
                    "Remove empty lines, or split the data."
                )
            yield line


def _encoding(path: Path, file: str) -> str:
    """Return how the bytes of a file are to be read: UTF-16 where it says so, else UTF-8, else as Windows writes it."""
    with path.open("rb") as opened:
        marked = opened.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        names = ("utf-16",) if marked else ("utf-8-sig", "cp1252", "latin-1")
        possible: dict[str, codecs.IncrementalDecoder] = {name: codecs.getincrementaldecoder(name)() for name in names}
        opened.seek(0)
        while possible:
            chunk = opened.read(_CHUNK)
            for name, decoder in list(possible.items()):
                try:
                    text = decoder.decode(chunk, final=not chunk)
                except UnicodeDecodeError:
                    del possible[name]
                    continue
                if "\0" in text:
                    del possible[name]
            if not chunk:
                break
    if not possible:
        raise UserError(f"The table {file} is not text: expected a CSV file. Save it as CSV (UTF-8).")
    return next(iter(possible))


def _is_comment(line: str) -> bool:
    """Return whether a line above the header is a comment, and not a row whose picture has such a name."""
    text = line.strip().lstrip('"')
    return text.startswith(COMMENTS) and not any(is_picture(cell.strip(' "')) for cell in re.split(r"[,;\t|]", text))


def choose_separator(lines: list[str]) -> str:
    r"""Return what parts the cells of most lines into equally many, preferring what leaves names of pictures whole.

    Examples
    --------
    >>> choose_separator(["file;bar", "a.jpg;1,5", "b.jpg;2,25", "c.jpg;3"])
    ';'
    >>> choose_separator(["a.jpg;1,5", "b.jpg;2,25"])
    ';'
    >>> choose_separator(["file\ttags", "a.jpg\tcat,dog", "b.jpg\tcat"])
    '\t'
    """
    best, best_score = ",", (0.0, 0.0, 0)
    for separator in SEPARATORS:
        if any(separator in line for line in lines) and (score := _score(lines, separator)) > best_score:
            best, best_score = separator, score
    return best


def _score(lines: list[str], separator: str) -> tuple[float, float, int]:
    try:
        rows = list(csv.reader(lines, delimiter=separator, skipinitialspace=True))
    except csv.Error:
        return (0.0, 0.0, 0)
    rows = [row for row in rows if any(row)]
    often = Counter(len(row) for row in rows if len(row) > 1)
    if not often:
        return (0.0, 0.0, 0)
    others = [other for other in SEPARATORS if other != separator]
    naming = sum(any(is_picture(cell) and not any(map(cell.__contains__, others)) for cell in row) for row in rows)
    width = len(rows[0])
    # A header's width counts as much as half the rows do: labels may stand unquoted in a cell, names of columns do not.
    alike = (max(often.values()) / len(rows) + (often[width] / len(rows) if width > 1 else 0)) / 2
    return (round(naming / len(rows), 1), alike, width)
