"""An upload of a file of any size: progress, pause, cancel, and resuming after a lost connection."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lib.core.workspace import Workspace
from lib.importing import uploads
from lib.importing.uploads import Upload
from lib.web.server import receiving
from lib.web.server.routes import prefix

_HERE = Path(__file__).parent
_UPLOAD = st.components.v2.component(
    "manyhot_upload",
    html='<div class="upload"></div>',
    css=(_HERE / "upload.css").read_text(encoding="utf-8"),
    js=(_HERE / "upload.bundle.js").read_text(encoding="utf-8"),
)


def upload(workspace: Workspace, *, key: str, weights: bool = False, quiet: bool = False) -> Upload | None:
    """Show where a zip is chosen or dropped, and how far it is; return it when all of it has arrived.

    It is sent by the browser to `lib.web.server.receiving`, past Streamlit, which would hold it in memory. It goes on
    while other pages of the app are shown. What the browser says here is an upload's id; an unknown one is none.

    Parameters
    ----------
    workspace : Workspace
    key : str
    weights : bool
        Whether a file of weights is wanted and not a zip of images.
    quiet : bool
        Whether only an upload that was begun is shown, and none can be chosen.

    Raises
    ------
    UserError
        If the variable for the largest upload is no number.
    """
    kept = f"{key}-kept"
    if not weights and key not in st.session_state and st.session_state.get(kept):  # the form was closed meanwhile
        st.session_state[key] = {"done": st.session_state[kept]}
    arrived = _arrived(workspace, st.session_state.get(key), weights)
    state = _UPLOAD(
        key=key,
        data={
            "address": f"{prefix(st.get_option('server.baseUrlPath'))}/api/uploads",
            "token": receiving.page_token(),
            "limit": uploads.max_bytes(weights=weights),
            "weights": weights,
            "quiet": quiet,
            "endings": list(uploads.WEIGHTS),
            "arrived": arrived.folder.name if arrived else "",
        },
        on_done_change=_nothing,
        on_renew_change=_nothing,
    )
    arrived = _arrived(workspace, state, weights)
    st.session_state[kept] = arrived.folder.name if arrived else None
    return arrived


def _nothing() -> None:
    """Draw the page again."""


def _arrived(workspace: Workspace, state: object, weights: bool) -> Upload | None:
    done = state.get("done") if isinstance(state, dict) else None
    stored = uploads.find(workspace, done) if isinstance(done, str) else None
    if stored is None or (stored.ending in uploads.WEIGHTS) != weights:
        return None
    return stored if stored.path.exists() else None
