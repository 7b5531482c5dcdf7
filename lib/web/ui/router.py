"""Navigation of the app: the script that every page runs through."""

from __future__ import annotations

import streamlit as st

from lib.web.components import history, plotly
from lib.web.ui import address, choose, clicks, guard, links, missing, theme

guard.need_gate()

# Files of our own: icons by name would be fetched from elsewhere.
st.set_page_config("Manyhot", page_icon=links.ROOT / "lib/web/ui/icon.svg", layout="wide")
st.logo(links.ROOT / "lib/web/ui/logo.svg", size="large")
address.catch_up()
choose.write()
pages = [
    st.Page(
        links.page("data"),
        title="Data",
        icon=":material/photo_library:",
        default=True,
        help="Bring images and look at them: labels, points or numbers, the one-hot matrix, what was skipped.",
    ),
    st.Page(
        links.page("train"),
        title="Train",
        icon=":material/model_training:",
        help="Start a training run with fastai and watch it.",
    ),
    st.Page(
        links.page("runs"),
        title="Runs",
        icon=":material/table_rows:",
        help="Every run in one table: what differs between them, their numbers, their curves on one chart.",
    ),
    st.Page(
        links.page("analyze"),
        title="Analyze",
        icon=":material/query_stats:",
        help="Drag the threshold, see what was predicted and where it is wrong.",
    ),
    st.Page(
        links.page("predict"),
        title="Predict",
        icon=":material/wand_shine:",
        help="Show a trained model new images.",
    ),
    st.Page(
        links.page("learn"),
        title="Learn",
        icon=":material/school:",
        help="Losses, thresholds and training by hand, with your own pictures.",
    ),
]
page = st.navigation([*pages, *missing.page([one.url_path for one in pages])], position="top")
theme.frame()
history.one_step_an_act()
plotly.read_ahead()
clicks.show_page(page.url_path)
address.show_page(page.url_path)
with guard.page(), missing.whole_run(page.url_path):  # whatever a page reads from disk may be damaged
    page.run()
