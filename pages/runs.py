"""The Runs page: every run in one table, several of them on one chart, and two of them side by side."""

from __future__ import annotations

from lib.core.workspace import Workspace
from lib.web.ui import frame, guard
from lib.web.ui.runs import view

workspace = Workspace.find()
view.open_clicked()
line = frame.show(workspace, "runs")
if line.dataset is None:
    guard.end_page()
view.show(workspace, line.dataset.name)
