"""Tables as CSV that a spreadsheet opens without computing what is in it: the one place that writes CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import pandas as pd

from lib.core import formulas

#: Lines end as in RFC 4180: with "\n" alone Python leaves a "\r" inside a text unquoted.
END = b"\r\n"
#: UTF-8's own mark, by which spreadsheets know it.
MARK = b"\xef\xbb\xbf"


def lines(rows: Iterable[Sequence[object]], delimiter: str = ",") -> bytes:
    """Return rows as lines of CSV in UTF-8: texts are made safe, numbers stay numbers, None is empty."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=END.decode()).writerows(
        [formulas.safe(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    return encoded(text.getvalue())


def as_csv(frame: pd.DataFrame, *, head: bool = True) -> bytes:
    """Return a table without its index as CSV, UTF-8 with `MARK`; names and texts are made safe.

    Without the ``head`` there are neither names nor mark: lines that go on behind others.
    """
    frame = frame.copy()
    for place, kind in enumerate(frame.dtypes):
        if pd.api.types.is_object_dtype(kind) or pd.api.types.is_string_dtype(kind):
            frame.isetitem(place, frame.iloc[:, place].map(_safe_cell, na_action="ignore"))
    frame.columns = [formulas.safe(str(column)) for column in frame.columns]
    text = io.StringIO(newline="")
    frame.to_csv(text, index=False, header=head, lineterminator=END.decode())
    return (MARK if head else b"") + encoded(text.getvalue())


def encoded(text: str) -> bytes:
    """Return UTF-8; half of a surrogate pair, as in names of files that are no text, is spelled out."""
    return text.encode("utf-8", "backslashreplace")


def _safe_cell(cell: object) -> object:
    return formulas.safe(cell) if isinstance(cell, str) else cell
