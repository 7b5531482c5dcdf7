"""Reads the cells of a CSV file as text: its header, its rows, and what was noticed of its form."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from lib.core import formulas, sentences
from lib.core.errors import UserError
from lib.importing.parsed import UnsureError
from lib.importing.tables import header as headers
from lib.importing.tables.folder_rows import Folders
from lib.importing.tables.lines import Text, read_text
from lib.importing.tree import Tree, is_picture

#: Columns of a table.
MAX_COLUMNS = 10_000
#: Rows of a table.
MAX_ROWS = 1_000_000
#: Cells of a table; each takes some 60 bytes of memory.
MAX_CELLS = 20_000_000
#: Characters of one cell; Python's csv stops there as well.
MAX_CELL = 131_072
#: Rows that tell whether the first line is a header.
_SAMPLE_ROWS = 200
#: Stands behind each label of a cell that was read as a list already, as no label holds it.
LISTED = "\x1f"


@dataclass
class Cells:
    """A CSV file as stripped text.

    Attributes
    ----------
    header : list of str
        ``column 1``, ``column 2``, … where it has none.
    rows : list of list of str
        Each as long as the header.
    lines : list of int
        Line of the file that each row ends on.
    headless : bool
        Whether the file has no header.
    notes : list of (str, str)
        Kind of problem, and where, of what was noticed.
    unsure : UnsureError, or None
        What has to be asked if the table is used.
    """

    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    headless: bool = False
    notes: list[tuple[str, str]] = field(default_factory=list)
    unsure: UnsureError | None = None


def read_cells(tree: Tree, file: str) -> tuple[list[str], list[list[str]], list[int]]:
    """Return header, rows and line numbers of a CSV file as stripped text, see `scan`."""
    cells = scan(tree, file)
    return cells.header, cells.rows, cells.lines


def scan(tree: Tree, file: str, choices: Mapping[str, str] | None = None) -> Cells:
    """Return the cells of a CSV file, and what was noticed of its form.

    Parameters
    ----------
    tree : Tree
    file : str
    choices : mapping, optional
        The user's answers.

    Raises
    ------
    UserError
        If it is no text, has no rows, is larger than the limits, or a row has more cells than the header.
    """
    text = read_text(tree.path(file), file)
    spaced = _Spaced(text)
    rows, lines = _rows(text, spaced, file)
    if not rows:
        raise _empty(file)
    first = rows[0]
    chosen = headers.answer(choices or {})
    guess = headers.is_row(first, rows[1 : _SAMPLE_ROWS + 1], _naming(tree, file))
    cells = Cells([], rows, lines)
    commented = _commented_header(text, len(first)) if guess is not False and chosen is None else None
    if commented is not None:
        cells.header = commented
    elif (guess if chosen is None else chosen) is not True:
        cells.header, cells.rows, cells.lines = first, rows[1:], lines[1:]
    if guess is None and chosen is None and commented is None:
        cells.unsure = headers.unsure(file, first)
    if not cells.rows:
        raise _empty(file)
    cells.headless = not cells.header
    if cells.headless:
        _name_columns(cells, file)
        cells.notes.append(("no-header", f"{file}: {', '.join(repr(cell[:40]) for cell in first[:4])}"))
    comments = len(text.comments) - (commented is not None)
    if comments:
        cells.notes.append(("comment-lines", f"{file}: {sentences.count(comments, 'line')}"))
    if spaced.count:
        cells.notes.append(("spaces-in-table", f"{file}: {sentences.count(spaced.count, 'line')}"))
    if spaced.apostrophes:
        cells.notes.append(("apostrophes", f"{file}: {sentences.count(spaced.apostrophes, 'row')}"))
    width = len(cells.header)
    cells.rows = [
        row if len(row) == width else _fit(row, width, file, line)
        for row, line in zip(cells.rows, cells.lines, strict=True)
    ]
    return cells


class _Spaced:
    """The lines of a table, how many of them have a cell that begins with a space, and how many one made safe."""

    def __init__(self, text: Text):
        self.count = self.apostrophes = 0
        self._text = text

    def __iter__(self) -> Iterator[str]:
        separator = self._text.separator
        space = f"{separator} "
        for line in itertools.chain(self._text.head, self._text.rest):
            if space in line:
                row = next(csv.reader([line], delimiter=separator), []) if '"' in line else line.split(separator)
                self.count += any(cell.startswith(" ") for cell in row[1:])
            yield line


def _rows(text: Text, lines: _Spaced, file: str) -> tuple[list[list[str]], list[int]]:
    """Return the rows that are not empty and the lines they end on."""
    reader = csv.reader(lines, delimiter=text.separator, skipinitialspace=True)
    rows: list[list[str]] = []
    numbers: list[int] = []
    cells = 0
    try:
        for row in reader:
            if not any(row):
                continue
            stripped = [cell.strip() for cell in row]
            if not any(stripped):
                continue
            if any("'" in cell for cell in stripped):
                plain = [formulas.plain(cell).strip() for cell in stripped]
                lines.apostrophes += plain != stripped
                stripped = plain
            cells += len(row)
            if len(row) > MAX_COLUMNS or len(rows) > MAX_ROWS or cells > MAX_CELLS:
                raise _too_large(file, reader.line_num + text.skipped, len(row), len(rows))
            rows.append(stripped)
            numbers.append(reader.line_num + text.skipped)
    except csv.Error as error:
        line = reader.line_num + text.skipped
        if "field larger" in str(error):
            raise UserError(
                f"{file}, line {line}: a cell is longer than {MAX_CELL:,} characters, expected names, labels and "
                "numbers. Close a quote that is left open, or leave the column out."
            ) from error
        raise UserError(f"{file}, line {line}: not a readable CSV line ({error}). Save it again.") from error
    return rows, numbers


def _too_large(file: str, line: int, columns: int, rows: int) -> UserError:
    if columns > MAX_COLUMNS:
        return UserError(
            f"{file}, line {line}: {columns:,} columns, expected at most {MAX_COLUMNS:,}. "
            "Keep only the columns that are needed; labels can stand in one cell, with | between them."
        )
    most = f"{MAX_ROWS:,} rows" if rows > MAX_ROWS else f"{MAX_CELLS:,} cells"
    return UserError(f"The table {file} has more than {most}, the most that are read. Split the data.")


def _empty(file: str) -> UserError:
    return UserError(f"The table {file} is empty: expected a header line and one row an image. Fill or remove it.")


def _naming(tree: Tree, file: str) -> Callable[[str], bool]:
    """Return what says whether a cell without an ending names a picture, or a folder of pictures, that is there."""
    folder = file.rpartition("/")[0]
    folders = Folders(tree)
    likely = tree.folders_like(file)
    return lambda cell: tree.find(cell, beside=folder, likely=likely) is not None or bool(folders.pictures_of(cell))


def _commented_header(text: Text, width: int) -> list[str] | None:
    """Return the last comment above as a header, if it names as many columns as the rows have cells."""
    if not text.comments or width < 2:
        return None
    cells = next(csv.reader([text.comments[-1].lstrip("#%/")], delimiter=text.separator, skipinitialspace=True), [])
    names = [cell.strip() for cell in cells]
    return names if len(names) == width and len(set(names)) == width else None


def _name_columns(cells: Cells, file: str) -> None:
    """Name the columns of a table without a header; varying many labels at the end of its rows become one column."""
    widths = Counter(map(len, cells.rows))
    if len(widths) == 1:
        cells.header = headers.names_of(len(cells.rows[0]))
        return
    start = max((i for i, cell in enumerate(cells.rows[0]) if is_picture(cell)), default=-1) + 1
    tails = [row[start:] for row in cells.rows]
    if not start or any(_has_digits_only(cell) for tail in tails for cell in tail):
        cells.header = headers.names_of(widths.most_common(1)[0][0])
        return
    cells.header = headers.names_of(start + 1)
    for row, tail in zip(cells.rows, tails, strict=True):
        row[start:] = ["".join(f"{label}{LISTED}" for label in tail if label)]
    cells.rows = [[*row, *[""] * (start + 1 - len(row))] for row in cells.rows]
    cells.notes.append(("rows-of-labels", f"{file}: from column {start + 1} on"))


def _has_digits_only(cell: str) -> bool:
    return bool(cell) and not any(map(str.isalpha, cell))


def _fit(row: list[str], width: int, file: str, line: int) -> list[str]:
    while len(row) > width and not row[-1]:  # a separator at the line's end
        row = row[:-1]
    if len(row) > width:
        raise UserError(
            f"{file}, line {line}: {len(row)} cells where the header has {width}. "
            "Put a cell that contains the separator in quotes."
        )
    return row + [""] * (width - len(row))
