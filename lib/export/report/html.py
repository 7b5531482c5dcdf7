"""HTML of a report: what is written is escaped unless it is `Html`, so that no name can be more than a name."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import NamedTuple

#: Letters of somebody's text that are shown, at most.
MOST_LETTERS = 2_000


class Html(str):
    """Text that is HTML as it stands; any other string is escaped where it is put into some."""

    __slots__ = ()


class Section(NamedTuple):
    """A part of the page: its anchor, its heading, and all of it."""

    name: str
    title: str
    content: Html


def text(content: object) -> Html:
    r"""Return what is shown of a text or number: escaped, on one line, without control characters, not endless.

    Examples
    --------
    >>> print(text('<b>"a"\n\u202e'), text("x" * 3000)[-1])
    &lt;b&gt;&quot;a&quot; � …
    """
    if isinstance(content, Html):
        return content
    words = str(content)
    return _escaped(words if len(words) <= MOST_LETTERS else f"{words[: MOST_LETTERS - 1]}…")


def plain(words: str) -> str:
    """Return a text without what is not seen, such as letters that turn others around, on one line."""
    return "".join(one if one.isprintable() else " " if one.isspace() else "\ufffd" for one in words)


def _escaped(words: str) -> Html:
    return Html(html.escape(plain(words)))


def tag(name: str, *content: object, **attributes: object) -> Html:
    """Return an element; ``class_`` is the attribute ``class``, an underscore elsewhere is a hyphen.

    An attribute that is None is left out, one that is True has no value.

    Examples
    --------
    >>> tag("p", "a < b", class_="note", hidden=None)
    '<p class="note">a &lt; b</p>'
    """
    written = [
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{_escaped(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    ]
    return Html(f"<{name}{''.join(written)}>{joined(content)}</{name}>")


def joined(parts: Iterable[object], between: str = "") -> Html:
    """Return parts one after the other, each as `text`."""
    return Html(between.join(text(part) for part in parts))


def section(name: str, title: str, *content: object) -> Section:
    """Return a section of the page with its heading."""
    return Section(name, title, tag("section", tag("h2", title), *content, id=name))


def note(*content: object) -> Html:
    """Return a small paragraph that says how to read what is beside it."""
    return tag("p", *content, class_="note")


def table(head: Sequence[object], rows: Iterable[Sequence[object]], *, label: str, names: int = 1) -> Html:
    """Return a table; the first ``names`` columns are texts, the others numbers, already written.

    Parameters
    ----------
    head : sequence
    rows : iterable of sequences
    label : str
        What it is, for whoever hears it.
    names : int
    """
    kinds = ["name" if place < names else None for place in range(len(head))]
    top = tag("tr", *(tag("th", one, scope="col", class_=kind) for one, kind in zip(head, kinds, strict=True)))
    body = [
        tag(
            "tr",
            *(
                tag("th" if place == 0 else "td", one, class_=kind, scope="row" if place == 0 else None)
                for place, (one, kind) in enumerate(zip(row, kinds, strict=True))
            ),
        )
        for row in rows
    ]
    inside = tag("table", tag("thead", top), tag("tbody", *body), aria_label=label)
    return tag("div", inside, class_="table", tabindex=0, role="region", aria_label=label)


def pairs(rows: Iterable[tuple[object, object]], *, label: str) -> Html:
    """Return names with their values, line by line."""
    return tag(
        "dl",
        *(part for name, value in rows for part in (tag("dt", name), tag("dd", value))),
        class_="pairs",
        aria_label=label,
    )
