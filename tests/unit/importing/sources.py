"""Sources made of empty files, for readers that look at names and tables only."""

from __future__ import annotations

from pathlib import Path

from lib.importing.parsed import Parsed
from lib.importing.tree import Tree

#: Pictures of a small source.
EIGHT = [f"{i}.jpg" for i in range(8)]


def make_tree(root: Path, pictures: list[str], **texts: str) -> Tree:
    """Make empty picture files and text files; in the names of ``texts``, ``__`` is a dot and ``___`` a slash."""
    files = dict.fromkeys(pictures, "")
    files |= {name.replace("___", "/").replace("__", "."): text for name, text in texts.items()}
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Tree(root)


def kinds(parsed: Parsed) -> dict[str, int]:
    """Return how often each kind of problem was found."""
    return {problem["kind"]: problem["count"] for problem in parsed.problems.to_json()}


def targets_by_file(parsed: Parsed) -> dict[str, list]:
    """Return the targets of each picture."""
    return dict(zip(parsed.files, parsed.targs.tolist(), strict=True))


def table_of_eight(*columns: list[object], head: str) -> str:
    """Return a table of the eight pictures."""
    rows = zip(EIGHT, *columns, strict=True)
    return head + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)


def two_labels() -> list[str]:
    """Return a label of each of the eight pictures."""
    return ["x", "y"] * 4
