"""Tables as CSV that a spreadsheet opens without running what is in it."""

from __future__ import annotations

import io
import re

import pandas as pd

#: What begins a formula in a spreadsheet, at a cell's start. A cell also starts after a semicolon, a tab or a line's
#: end in a program that separates by them.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[\t\r\n]|[\s\"']*[=+\-@＝＋－＠])")


#: What is said of that wherever a table is offered.
FORMULAS = (
    "Names that a spreadsheet would take for a formula (they begin with =, +, -, @, a tab or a line's end) get an "
    "apostrophe in front."
)


def as_csv(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV, UTF-8 with the mark that spreadsheets know it by; names and texts are made safe."""
    frame = frame.copy()
    for place, kind in enumerate(frame.dtypes):
        if pd.api.types.is_object_dtype(kind) or pd.api.types.is_string_dtype(kind):
            frame.isetitem(place, frame.iloc[:, place].map(safe_text, na_action="ignore"))
    frame.columns = [safe_text(column) for column in frame.columns]
    text = io.StringIO(newline="")
    # Lines end as in RFC 4180: with "\n" alone Python leaves a "\r" inside a text unquoted.
    frame.to_csv(text, index=False, lineterminator="\r\n")
    return text.getvalue().encode("utf-8-sig")


def safe_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe is put before what could begin one.

    Also inside a text, where a cell would begin for a program that separates cells by semicolons or tabs.

    Examples
    --------
    >>> safe_text("=1+1"), safe_text("a-b;=1"), safe_text("car")
    ("'=1+1", "a-b;'=1", 'car')
    """
    return _FORMULA.sub(r"\1'", text)
