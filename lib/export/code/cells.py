"""Cells of Markdown and Python, as a script and as a notebook (nbformat 4)."""

from __future__ import annotations

import ast
import io
import json
import textwrap
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from lib.core import sentences
from lib.tasks.code.base import Lines

_WIDTH = 100


@dataclass(frozen=True)
class Cell:
    """A few lines of Python and, in Markdown, what they are for; either may be empty."""

    code: str = ""
    why: str = ""
    title: str = ""


def of(title: str, *lines: Lines | None) -> list[Cell]:
    """Return lines as cells: one with a reason begins a new one, one without goes on; only the first has the title."""
    cells: list[Cell] = []
    for one in lines:
        if one is None:
            continue
        if cells and not one.why:
            cells[-1] = replace(cells[-1], code=f"{cells[-1].code}\n\n{one.code}")
        else:
            cells.append(Cell(one.code, one.why, "" if cells else title))
    return [replace(cell, code=spaced(cell.code)) for cell in cells]


def spaced(code: str) -> str:
    r"""Return Python with two blank lines around what is defined at its outermost level; it has to be Python.

    Examples
    --------
    >>> spaced("a = 1\ndef b(): pass\n\nc = 2")
    'a = 1\n\n\ndef b(): pass\n\n\nc = 2'
    """
    lines, spaced_code, last = _quoted(code).splitlines(), "", 0
    was_defined = False
    for node in ast.parse(code).body:
        between = [line for line in lines[last : node.lineno - 1] if line]  # comments
        gap = any(not line for line in lines[last : node.lineno - 1])
        is_defined = isinstance(node, ast.FunctionDef | ast.ClassDef)
        blank = 2 if is_defined or was_defined else int(gap)
        text = "\n".join([*between, *lines[node.lineno - 1 : node.end_lineno]])
        end = node.end_lineno or node.lineno
        spaced_code += ("\n" * (blank + 1) if spaced_code else "") + text
        last, was_defined = end, is_defined
    return spaced_code


def _quoted(code: str) -> str:
    """Return Python whose plain texts have double quotes, as far as nothing in them would have to be escaped."""
    lines = code.splitlines(keepends=True)
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type != tokenize.STRING or token.start[0] != token.end[0]:
            continue
        body = token.string[1:-1]
        if token.string.startswith("'") and not token.string.startswith("'''") and not set(body) & set('"\\'):
            row = token.start[0] - 1
            lines[row] = f'{lines[row][: token.start[1]]}"{body}"{lines[row][token.end[1] :]}'
    return "".join(lines)


def script(title: str, head: Sequence[str], cells: Sequence[Cell]) -> str:
    """Return cells as a Python script; ``head`` are the paragraphs of its first lines.

    Texts are data of users: a comment never goes beyond its line, and the first lines are a comment, no text of Python.
    """
    parts = []
    for cell in cells:
        comment = _comment(*([f"--- {cell.title} ---"] if cell.title else []), *([cell.why] if cell.why else []))
        parts += ["", *([comment] if comment else []), cell.code]
    first = "\n#\n".join(_comment(paragraph) for paragraph in (title, *head))
    return f"{first}\n\n{spaced(chr(10).join(parts))}\n"


def notebook(title: str, head: Sequence[str], cells: Sequence[Cell]) -> str:
    """Return cells as a notebook."""
    in_notebook: list[dict[str, Any]] = [_markdown(0, "\n\n".join([f"# {_plain(title)}", *map(_plain, head)]))]
    for cell in cells:
        text = "\n\n".join(
            part for part in (f"## {_plain(cell.title)}" if cell.title else "", _plain(cell.why)) if part
        )
        if text:
            in_notebook.append(_markdown(len(in_notebook), text))
        if cell.code:
            code: dict[str, Any] = {"cell_type": "code", "execution_count": None, "outputs": []}
            in_notebook.append({**code, "id": f"cell-{len(in_notebook)}", "metadata": {}, "source": _lines(cell.code)})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": in_notebook, "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}}}
    return json.dumps({**whole, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False, indent=1) + "\n"


def _comment(*paragraphs: str) -> str:
    lines = []
    for paragraph in paragraphs:
        plain = " ".join(paragraph.split())
        lines += textwrap.wrap(plain, _WIDTH - 2, break_on_hyphens=False) or [""]
    return "\n".join(f"# {sentences.printable(line)}".rstrip() for line in lines)


def _plain(text: str) -> str:
    """Return a text that Markdown and HTML show as it is, on one line; our own backquotes stay."""
    shown = sentences.printable(" ".join(text.split()))
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace("[", "\\[").replace("!", "\\!")


def _markdown(number: int, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": f"cell-{number}", "metadata": {}, "source": _lines(text)}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
