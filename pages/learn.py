"""The Learn page: what a multi-label model does, by hand, with one's own pictures and numbers."""

from __future__ import annotations

from lib.core.config import WITH_MODEL
from lib.core.workspace import Workspace
from lib.web.ui import frame
from lib.web.ui.learn import view

workspace = Workspace.find()
line = frame.show(workspace, frame.LEARN, runs_of=WITH_MODEL)
view.show(workspace, line.dataset)
