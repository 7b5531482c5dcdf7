"""The samples that come along: pictures of each, and the button that adds it."""

from __future__ import annotations

import base64
import io

import streamlit as st
from PIL import Image

from lib import tasks
from lib.core.workspace import Workspace
from lib.importing import samples
from lib.importing.questions import ask
from lib.importing.samples.canvas import SIDE
from lib.web.ui import guard
from lib.web.ui.data import arrived, imports

_GAP = 6  # pixels between two pictures


def show(workspace: Workspace) -> None:
    """Show a card for each sample; one click on it adds the sample."""
    there = set(workspace.dataset_names())
    with st.grid(2, min_column_width=200, border=True):
        for name, sample in samples.SAMPLES.items():
            with st.container(gap="small", key=f"sample-card-{name}"):
                st.html(f'<img src="{_strip(name)}" alt="Pictures of {sample.title}" style="width: 100%">')
                st.markdown(f"**{sample.title}** :blue-badge[{tasks.get(sample.task).title}]")
                st.caption(sample.text)
                st.button(
                    "Added" if name in there else "Add sample",
                    key=f"sample-{name}",
                    icon=":material/check:" if name in there else ":material/add:",
                    disabled=name in there,
                    width="stretch",
                    on_click=_draw,
                    args=(workspace, name),
                )


@st.cache_resource
def _strip(name: str) -> str:
    """Return some pictures of a sample side by side, as an address that holds them."""
    pictures = [samples.picture(name, index)[0] for index in samples.SAMPLES[name].shown]
    strip = Image.new("RGBA", (len(pictures) * (SIDE + _GAP) - _GAP, SIDE))
    for at, picture in enumerate(pictures):
        strip.paste(picture, (at * (SIDE + _GAP), 0))
    file = io.BytesIO()
    strip.save(file, "WEBP", quality=90)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"


def _draw(workspace: Workspace, name: str) -> None:
    with guard.later():
        imports.mine(ask.draw_sample(workspace, name))
        arrived.close_form()
    guard.draw_whole_page()
