"""What is known of an uploaded weights file is read from beside it, also as earlier versions wrote it."""

from __future__ import annotations

import json

from lib.core.workspace import Workspace
from lib.training import weights_files


def test_only_files_of_the_workspace_are_described(tmp_path):
    """A path elsewhere, one that is gone, or a file without its facts is no uploaded one."""
    workspace = Workspace(tmp_path)
    folder = tmp_path / weights_files.FOLDER
    folder.mkdir()
    (folder / "a.pth").write_bytes(b"x")
    (tmp_path / "b.pth").write_bytes(b"x")
    for path in (None, "", str(folder / "a.pth"), str(folder / "gone.pth"), str(tmp_path / "b.pth")):
        assert weights_files.find(workspace, path) is None
    facts = {"name": "x.pth", "size": 1, "n_tensors": 2, "misfits": {}}
    (folder / "a.json").write_text(json.dumps(facts))
    assert weights_files.find(workspace, str(folder / "a.pth")).words == "x.pth: 1 byte, 2 tensors"
    (folder / "a.json").write_text('{"name": 3}')
    assert weights_files.find(workspace, str(folder / "a.pth")) is None
