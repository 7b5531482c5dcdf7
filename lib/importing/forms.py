"""The forms of data that can be imported, as a table that README and the import page show: what the readers say."""

from __future__ import annotations

from lib.importing import formats

_HEAD = ("form", "how it looks", "read as")


def table() -> str:
    """Return a Markdown table with a line a reader: its name, how such a source looks, and what it can be read as.

    Examples
    --------
    >>> print(table().splitlines()[0])
    | form | how it looks | read as |
    """
    readers = [*formats.PLAIN, *formats.SIGNED]
    rows = [(reader.NAME, reader.EXPECTED, ", ".join(reader.TASKS)) for reader in readers]
    lines = [_HEAD, ("---",) * len(_HEAD), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
