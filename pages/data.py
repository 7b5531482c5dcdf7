"""The Data page: bring pictures, then see what they are."""

from __future__ import annotations

from lib.core.workspace import Workspace
from lib.web.ui import frame, guard
from lib.web.ui.data import add, arrived, view

workspace = Workspace.find()
line = frame.show(workspace, empty=lambda: add.welcome(workspace), with_edits=True)
if line.dataset is None:
    guard.end_page()
arrived_place = arrived.show(line.dataset)
view.tabs(workspace, line.dataset)
if arrived_place is not None:
    arrived.review(line.dataset, arrived_place)
