"""An uploaded weights file is inspected by another process, stored by its digest, and never trusted."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
import timm
import torch

from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.training import weights_files

SMALLEST = "mobilenetv3_small_050"


class _Evil:
    def __reduce__(self):
        return (Path.touch, (Path("was-run"),))


@pytest.mark.slow
def test_a_file_is_taken_over_with_what_it_fits(tmp_path, monkeypatch):
    """It is moved under its digest, byte for byte, with name, size and which architecture it fits."""
    monkeypatch.chdir(tmp_path)  # the new interpreter finds the project from anywhere
    workspace, upload = Workspace(tmp_path / "workspace"), tmp_path / "mine.pth"
    torch.save({"state_dict": timm.create_model(SMALLEST).state_dict()}, upload)
    content = upload.read_bytes()
    file = weights_files.take(workspace, upload, "mine <b>.pth", [SMALLEST, "resnet18"])
    assert file.path == workspace.root / "weights" / f"{hashlib.sha256(content).hexdigest()}.pth"
    assert file.path.read_bytes() == content and not upload.exists()
    assert (file.kept["name"], file.kept["size"]) == ("mine <b>.pth", len(content))
    assert weights_files.fits(file, SMALLEST) == ""
    assert "does not fit resnet18" in weights_files.fits(file, "resnet18")
    assert weights_files.find(workspace, str(file.path)) == file


@pytest.mark.slow
@pytest.mark.usefixtures("warm")
def test_what_is_no_weights_file_leaves_nothing(tmp_path, monkeypatch):
    """A pickle that would run something is a sentence, is not run, and is not kept."""
    workspace, upload = Workspace(tmp_path / "workspace"), tmp_path / "evil.pth"
    torch.save({"state_dict": {"a": _Evil()}}, upload)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"The weights file evil\.pth cannot be read"):
        weights_files.take(workspace, upload, "evil.pth", [SMALLEST])
    assert not (tmp_path / "was-run").exists() and not workspace.root.exists()


@pytest.mark.parametrize(
    ("code", "stdout"),
    [(0, b""), (0, b"no json"), (0, b'{"n_tensors": "many", "misfits": {}}'), (0, b"[]"), (-9, b"{}"), (1, b"")],
)
def test_a_process_that_says_nothing_sensible_is_a_sentence(code, stdout, tmp_path, monkeypatch):
    """A file that kills whoever reads it, or makes it talk, is refused."""
    upload = tmp_path / "a.pth"
    upload.write_bytes(b"x")
    answer = SimpleNamespace(returncode=code, stdout=stdout, stderr=b"Killed")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: answer)
    with pytest.raises(UserError, match=r"a\.pth cannot be read"):
        weights_files.take(Workspace(tmp_path / "w"), upload, "a.pth", [SMALLEST])


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
    assert weights_files.find(workspace, str(folder / "a.pth")).words == "x.pth: 0.0 MiB, 2 tensors"
    (folder / "a.json").write_text('{"name": 3}')
    assert weights_files.find(workspace, str(folder / "a.pth")) is None
