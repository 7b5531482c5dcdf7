"""Users' mistakes and messages on a page: each is one sentence."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import streamlit as st

from lib.core.errors import UserError
from lib.web.server import gate

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=])")
#: What GitHub's Markdown makes a link of, also where every letter is escaped: addresses without any markup.
_LINK = re.compile(r"(https?:)(?=//)|(www)(?=\.)|(?<=[-.\w+])(?=@[-\w]+(\.[-\w]+)+(?<![-\d_]))", re.IGNORECASE)
#: Is seen by nobody, and keeps what is before and behind it in one line.
_JOINER = "\N{WORD JOINER}"


def escape(text: str) -> str:
    r"""Return ``text`` so that Streamlit's Markdown shows it letter for letter, on one line.

    Examples
    --------
    >>> print(escape("*a* <b> :red[c] $x$"))
    \*a\* \<b\> \:red\[c\] \$x\$
    """
    text = _LINK.sub(lambda match: match[0] + _JOINER, " ".join(text.split()))
    return _MARKDOWN.sub(r"\\\1", text)


def letters(title: Callable[[Any], str] = str) -> Callable[[Any], str]:
    """Return ``title``, escaped, for options of segmented controls, radios and pills, which are read as Markdown."""
    return lambda option: escape(title(option))


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
    """Show a `UserError` of a callback, which cannot draw itself, at the top of the page, which is drawn next."""
    try:
        yield
    except UserError as error:
        draw_whole_page()
        st.session_state[_ERROR] = str(error)


def whole_page() -> None:
    """Begin to draw the whole page: say, once, what callbacks left to be said."""
    st.session_state.pop(_WHOLE, None)
    if _ERROR in st.session_state:
        st.error(escape(st.session_state.pop(_ERROR)), icon=":material/error:")
    if _TOAST in st.session_state:
        st.toast(st.session_state.pop(_TOAST), icon=":material/check:")


def need_gate() -> None:
    """End a script that was started without ``app.py``: nobody would be asked to log in, and any name answered."""
    if gate.is_missing():
        st.error("Nothing guards these pages: start `app.py`, which does.", icon=":material/error:")
        st.stop()


class _Ended(Exception):
    """What `end_page` raises and `page` catches."""


def end_page() -> NoReturn:
    """End the page where it has nothing more to show.

    `streamlit.stop` would leave the clicks of this run to be carried out again by the next.
    """
    raise _Ended


@contextlib.contextmanager
def page() -> Iterator[None]:
    """Draw a page: `end_page` ends it, a `UserError` is shown as one sentence."""
    with contextlib.suppress(_Ended), errors():
        yield


@contextlib.contextmanager
def errors() -> Iterator[None]:
    """Show a `UserError` of the block as one sentence and go on after it; our own bugs pass through."""
    try:
        yield
    except UserError as error:
        st.error(escape(str(error)), icon=":material/error:")
