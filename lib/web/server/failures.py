"""What a visitor hears of a fault in this program: a sentence and a reference; the traceback is in the server's log."""

from __future__ import annotations

import logging
import secrets

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from lib.web.server.serving import SAFE

_LOG = logging.getLogger(__name__)


def noted(error: BaseException) -> str:
    """Write an error with its traceback to the server's log; return the reference under which it stands there."""
    reference = secrets.token_hex(4)
    _LOG.error("Reference %s: %s", reference, type(error).__name__, exc_info=error)
    return reference


def on_page(error: Exception) -> bool:
    """Show of an error of a page, or of a click on it, one sentence; to be `streamlit.App`'s ``on_script_error``."""
    st.error(
        f"Something went wrong here that should not: reload the page. If it comes again, tell whoever runs this app "
        f"the reference **{noted(error)}**, under which it stands in the server's log.",
        icon=":material/error:",
    )
    return True


def on_route(_request: Request, error: Exception) -> Response:
    """Answer a request whose route failed."""
    sentence = f"Something went wrong: tell whoever runs this app the reference {noted(error)}."
    return PlainTextResponse(sentence, 500, SAFE)


#: What `streamlit.App` takes as its ``exception_handlers``.
HANDLERS = {Exception: on_route}
