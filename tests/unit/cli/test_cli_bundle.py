"""The commands about bundles say what they did, and what cannot be asked for at once."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from lib import cli
from lib.export.bundle import making, push, reading, taking
from tests.unit.inference.asked_runs import RUN, write_run

PARITY = {"split": "valid", "images": 10, "unit": "px", "onnx": 2e-7, "allowed": 0.01, "recorded": 3e-6}


@pytest.fixture
def pushed(workspace, make_dataset, monkeypatch) -> list:
    """A finished run whose bundle is not really made; where folders were uploaded is listed."""
    write_run(workspace, make_dataset("keypoints"))
    uploads: list = []

    def upload(_copy: Path, repo: str, *, public: bool, kept: Path) -> str:
        uploads.append((kept, repo, public))
        return f"https://hub/{repo}"

    manifest = {"origin": {"run": RUN}, "parity": PARITY, "files": {"model.onnx": ""}}
    monkeypatch.setattr(making, "write", lambda _run, _path, _tell: manifest)
    bundle = SimpleNamespace(folder=Path("copy"), manifest=manifest)
    monkeypatch.setattr(reading, "opened", lambda _path: contextlib.nullcontext(bundle))
    monkeypatch.setattr(push, "check", lambda _repo: None)
    monkeypatch.setattr(push, "push", upload)
    return uploads


def ran(workspace, capsys, *words: object) -> tuple[int, str, str]:
    """Return the exit code of a command, and what it printed on stdout and stderr."""
    code = cli.main([*map(str, words), "--workspace", str(workspace.root)])
    return code, *capsys.readouterr()


def test_a_bundle_is_exported_and_pushed(workspace, capsys, pushed, tmp_path):
    """How far ONNX is from PyTorch is printed, and as JSON with where the bundle is."""
    code, out, _ = ran(workspace, capsys, "export", RUN, "--bundle", tmp_path / "b.zip")
    assert code == 0 and "2e-07 px at most on all 10 valid images" in out and "recorded by 3e-06." in out and not pushed
    words = ("export", RUN, "--bundle", tmp_path / "b", "--push", "me/x", "--public", "--json")
    code, out, _ = ran(workspace, capsys, *words)
    assert json.loads(out) == {
        "run": RUN,
        "bundle": str(tmp_path / "b"),
        "files": 2,
        "parity": PARITY,
        "pushed": "https://hub/me/x",
    }
    assert pushed == [(tmp_path / "b", "me/x", True)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--bundle", "b", "--split", "test"), "leave out --split"),
        (("--push", "me/x"), "say with --bundle DIR"),
        (("--bundle", "b", "--public"), "say with --push OWNER/NAME"),
    ],
)
def test_what_does_not_go_together(workspace, capsys, pushed, words, expected):
    """One sentence, exit code 2, and nothing is made or uploaded."""
    code, out, error = ran(workspace, capsys, "export", RUN, *words)
    assert (code, out) == (2, "") and expected in error and not pushed


def test_a_bundle_is_imported(workspace, capsys, monkeypatch, tmp_path):
    """The new run's id is printed, and that its dataset stands in for one that is not here."""
    monkeypatch.setattr(taking, "take", lambda *_: taking.Taken(RUN, "made", True))
    code, out, _ = ran(workspace, capsys, "import-run", tmp_path / "b.zip")
    assert code == 0 and f"Run {RUN} of the dataset made" in out and "is not here" in out
    code, out, _ = ran(workspace, capsys, "import-run", tmp_path / "b.zip", "--json")
    assert json.loads(out) == {"run": RUN, "dataset": "made", "is_stand_in": True}
