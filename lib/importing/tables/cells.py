"""Reads the cells of a CSV file as text: its encoding, its separator, its header and rows."""

from __future__ import annotations

import csv
import io

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.tree import Tree, is_picture

_SEPARATORS = (",", ";", "\t", "|")


def read_cells(tree: Tree, file: str) -> tuple[list[str], list[list[str]], list[int]]:
    """Return header, rows and line numbers of a CSV file as stripped text.

    Raises
    ------
    UserError
        If it is no text, has no rows, or a row has more cells than the header.
    """
    text = _text(tree.path(file).read_bytes(), file)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), skipinitialspace=True)
    try:
        lines = [([cell.strip() for cell in row], reader.line_num) for row in reader]
    except csv.Error as error:
        raise UserError(f"{file}, line {reader.line_num}: not a readable CSV line ({error}). Save it again.") from error
    lines = [(row, number) for row, number in lines if any(row)]
    if lines and any(is_picture(cell) for cell in lines[0][0]):  # no header: the first line is a row already
        lines.insert(0, ([f"column {i}" for i in range(1, len(lines[0][0]) + 1)], 0))
    if len(lines) < 2:
        raise UserError(f"The table {file} is empty: expected a header line and one row an image. Fill or remove it.")
    header = lines[0][0]
    return header, [_fit(row, len(header), file, number) for row, number in lines[1:]], [n for _, n in lines[1:]]


def _text(data: bytes, file: str) -> str:
    utf_16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    encodings = ["utf-16"] if utf_16 else ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UserError(f"The table {file} is not text: expected a CSV file. Save it as CSV (UTF-8).")


def _separator(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    counts = {separator: header.count(separator) for separator in _SEPARATORS}
    best = max(counts, key=lambda separator: counts[separator])
    return best if counts[best] else ","


def spaced_lines(tree: Tree, file: str) -> list[str]:
    """Return a file and in how many of its lines a cell begins with a space; nothing if none does."""
    text = _text(tree.path(file).read_bytes(), file)
    separator = _separator(text)
    if f"{separator} " not in text:
        return []
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    count = sum(any(cell.startswith(" ") for cell in row[1:]) for row in lines)
    return [f"{file}: {sentences.count(count, 'line')}"] if count else []


def _fit(row: list[str], width: int, file: str, line: int) -> list[str]:
    while len(row) > width and not row[-1]:  # a separator at the line's end
        row = row[:-1]
    if len(row) > width:
        raise UserError(
            f"{file}, line {line}: {len(row)} cells where the header has {width}. "
            "Put a cell that contains the separator in quotes."
        )
    return row + [""] * (width - len(row))
