"""The Data page: bring pictures, then see what they are."""

from __future__ import annotations

from lib.core.workspace import Workspace
from lib.web.ui import frame, guard
from lib.web.ui.data import arrived, view

workspace = Workspace.find()
line = frame.show(workspace, frame.DATA)
if line.dataset is None:
    guard.end_page()
view.tabs(workspace, line.dataset)
if line.arrived is not None:
    arrived.review(line.dataset, line.arrived)
