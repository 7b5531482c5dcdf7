"""Names the tool that wrote a JSON, XML or other file of annotations which no reader takes, and what to export."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lib.core import sentences
from lib.importing.formats.tools.signatures import HEAD, JSON_TOOLS, XML_TOOLS
from lib.importing.tree import Tree, suffix
from lib.importing.untrusted import read_start

_FILES = 20  # of each ending
_TAG = re.compile(r"<([A-Za-z_][\w.\-]{0,60})[\s/>]")


def explain(tree: Tree) -> str | None:
    """Return which tool seems to have written a file of annotations, or what is in one; None if there is none."""
    several = _several_animals(tree)
    if several is not None:
        return several
    for endings, tools, entries in (
        ((".json", ".jsonl", ".ndjson", ".manifest"), JSON_TOOLS, _keys),
        ((".xml",), XML_TOOLS, _tags),
    ):
        starts = {file: read_start(tree, file, HEAD) for file in tree.with_suffix(*endings)[:_FILES]}
        for tool in tools:
            file = next((file for file, text in starts.items() if all(word in text for word in tool.words)), None)
            if file is not None:
                contents = sentences.listed([word.strip('"<') for word in tool.words], 3, show=repr)
                return (
                    f"{file} looks like annotations of {tool.name} (it has {contents}), but not in a form that is "
                    "read: "
                    f"expected labels, points or numbers of images that are there. {tool.advice}, and import again."
                )
        for file, text in starts.items():
            names = entries(text)
            contents = f"the entries {sentences.listed(names, 6, show=repr)}" if names else "no entry that is known"
            kind = suffix(file)[1:].upper()
            return (
                f"{file} may be annotations, of a form that is not known: expected the {kind} of a labeling tool, "
                "found "
                f"{contents}. Export as COCO, YOLO or a CSV with the columns file and label."
            )
    return None


def _several_animals(tree: Tree) -> str | None:
    files = [file for file in tree.with_suffix(".slp", ".h5") if file.endswith(".slp") or "CollectedData" in file]
    if not files:
        return None
    tool = "SLEAP" if suffix(files[0]) == ".slp" else "DeepLabCut"
    csv = "the CollectedData CSV beside it" if tool == "DeepLabCut" else "a CSV with x and y of every point"
    return (
        f"{files[0]} holds labels of {tool}, maybe of several animals an image: expected {csv}, found a file that "
        "packs "
        "them (HDF5). Export one animal an image as CSV or as COCO key points."
    )


def _keys(text: str) -> Sequence[str]:
    """Return the names of the outermost entries of JSON, as far as it was read."""
    names, depth = [], 0
    base = 2 if text.lstrip().startswith("[") else 1
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', text):
        token = match[0]
        if token in "{[":
            depth += 1
        elif token in "}]":
            depth -= 1
        elif depth == base and text[match.end() : match.end() + 8].lstrip().startswith(":") and len(token) < 62:
            names.append(token[1:-1])
    return list(dict.fromkeys(names))


def _tags(text: str) -> Sequence[str]:
    return list(dict.fromkeys(_TAG.findall(text)))
