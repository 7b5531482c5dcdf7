"""Names that every tool takes: they become tags, keys and file names there."""

from __future__ import annotations

import re

from lib.core import checksums

#: Bytes of a name, at most: file systems take 255, MLflow 250, and a group stands before it.
_MOST = 120
#: What a name may not have in it: a slash and a dot nest it, the others are refused by one tool or another.
_OTHER = re.compile(r"[^\w\- ]")
#: Characters of a text, at most: MLflow keeps 6,000 of a parameter.
MOST_TEXT = 5_000


def safe(name: str) -> str:
    """Return a name of letters of any script, digits, spaces, hyphens and underscores, such as most names are anyway.

    One that had to be changed ends in a checksum of what it was, so that two never become one.

    Examples
    --------
    >>> safe("accuracy_multi")
    'accuracy_multi'
    >>> safe("a/b") != safe("a.b")
    True
    """
    kept = _OTHER.sub("_", name).encode()[:_MOST].decode(errors="ignore").strip()
    if kept == name and kept and not kept.startswith("_"):  # an underscore begins W&B's own names
        return kept
    return f"{kept.strip('_ ') or 'unnamed'}_{checksums.of(name.encode(errors='surrogatepass'))[:8]}"


def text(words: str) -> str:
    """Return a text that every tool takes: cut where it is too long, and without NUL and halves of characters."""
    clean = words.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
    return clean if len(clean) <= MOST_TEXT else clean[: MOST_TEXT - 1] + "…"
