"""How a user's mistake is shown: one sentence, nothing else."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import streamlit as st

from lib.errors import UserError

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=])")


def escape(text: str) -> str:
    r"""Return ``text`` so that Streamlit's Markdown shows it letter for letter, on one line.

    Examples
    --------
    >>> print(escape("*a* <b> :red[c] $x$"))
    \*a\* \<b\> \:red\[c\] \$x\$
    """
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


_LATER = "said-later"


@contextlib.contextmanager
def later() -> Iterator[None]:
    """Show a `UserError` of a callback, which cannot draw itself, at the top of the page that is drawn next."""
    try:
        yield
    except UserError as error:
        st.session_state[_LATER] = str(error)


def said_later() -> None:
    """Show what `later` kept, once."""
    if _LATER in st.session_state:
        st.error(escape(st.session_state.pop(_LATER)), icon=":material/error:")


@contextlib.contextmanager
def errors() -> Iterator[None]:
    """Show a `UserError` of the block as one sentence and go on after it; our own bugs pass through."""
    try:
        yield
    except UserError as error:
        st.error(escape(str(error)), icon=":material/error:")
