"""What a report says, read by a parser that knows nothing of how it was made."""

from __future__ import annotations

from html.parser import HTMLParser


class Reader(HTMLParser):
    """The tables of a page by their labels, and every element with its attributes.

    Attributes
    ----------
    tables : dict of str to list of list of str
        Rows of cells, the head first.
    elements : list of (str, dict)
    scripts : list of str
    words : str
        All that is shown.
    """

    def __init__(self, page: str):
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.words = ""
        self._rows: list[list[str]] | None = None
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag not in ("meta", "img"):
            self._open.append(tag)
        if tag == "table":
            self._rows = self.tables.setdefault(attributes["aria-label"], [])
        elif tag == "tr" and self._rows is not None:
            self._rows.append([])
        elif tag in ("td", "th") and self._rows is not None:
            self._rows[-1].append("")
        elif tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag, f"{tag} ends what it did not begin"
        if tag == "table":
            self._rows = None

    def handle_data(self, data):
        if self._open and self._open[-1] == "script":
            self.scripts[-1] += data
        elif "style" not in self._open:
            self.words += data
            if self._rows is not None and self._rows:
                self._rows[-1][-1] += data

    def column(self, table: str, name: str) -> list[str]:
        """Return a column of a table by its heading, the first of that name."""
        head, *rows = self.tables[table]
        return [row[head.index(name)] for row in rows]


def number(text: str) -> float:
    """Return a number as it is written in a table."""
    return float(text.split(" ")[0].replace(",", "").replace("−", "-").replace("–", "nan"))
