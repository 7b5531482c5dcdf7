"""Users' mistakes and messages on a page: each is one sentence."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import streamlit as st

from lib.core.errors import UserError

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=])")


def escape(text: str) -> str:
    r"""Return ``text`` so that Streamlit's Markdown shows it letter for letter, on one line.

    Examples
    --------
    >>> print(escape("*a* <b> :red[c] $x$"))
    \*a\* \<b\> \:red\[c\] \$x\$
    """
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


_ERROR, _TOAST, _WHOLE = "said-error", "said-toast", "draw-whole-page"


def draw_whole_page(toast: str = "") -> None:
    """Ask, in a callback of a fragment, for the whole page: alone it would draw the fragment only.

    ``toast`` is said, as Markdown, when the page is drawn.
    """
    st.session_state[_WHOLE] = True
    if toast:
        st.session_state[_TOAST] = toast


def drawn_whole() -> None:
    """Draw the whole page if `draw_whole_page` asked for it; called where a fragment begins."""
    if st.session_state.pop(_WHOLE, False):
        st.rerun()


@contextlib.contextmanager
def later() -> Iterator[None]:
    """Show a `UserError` of a callback, which cannot draw itself, at the top of the page that is drawn next."""
    try:
        yield
    except UserError as error:
        st.session_state[_ERROR] = str(error)


def whole_page() -> None:
    """Begin to draw the whole page: say, once, what callbacks left to be said."""
    st.session_state.pop(_WHOLE, None)
    if _ERROR in st.session_state:
        st.error(escape(st.session_state.pop(_ERROR)), icon=":material/error:")
    if _TOAST in st.session_state:
        st.toast(st.session_state.pop(_TOAST), icon=":material/check:")


@contextlib.contextmanager
def errors() -> Iterator[None]:
    """Show a `UserError` of the block as one sentence and go on after it; our own bugs pass through."""
    try:
        yield
    except UserError as error:
        st.error(escape(str(error)), icon=":material/error:")
