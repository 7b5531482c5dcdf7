"""The Predict page: show a trained model new pictures and see what it says of them."""

from __future__ import annotations

import streamlit as st

from lib.core.config import WITH_MODEL
from lib.core.workspace import Workspace
from lib.web.ui import choose_run, frame, guard
from lib.web.ui.predict import many, pictures, results

workspace = Workspace.find()
line = frame.show(workspace, "predict", runs_of=WITH_MODEL)
if line.dataset is None:
    guard.end_page()
run = line.choose_run(with_results=True)
if not choose_run.has_result(run, line.dataset.name, "show the model new images here"):
    guard.end_page()

pictures.take(workspace, run)
asked = results.asked(run)
controls = st.container(horizontal=True, vertical_alignment="center", gap="small")
with controls:
    pictures.show(run, small=asked is not None)
with controls if asked is not None else st.container():
    many.button(workspace, run)
many.follow(run)
if asked is None:
    pictures.say_what_is_left_out(pictures.question_in_address(), ())
else:
    results.show(run, *asked, controls)
