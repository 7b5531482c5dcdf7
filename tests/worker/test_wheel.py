"""What ``pip install .`` installs is complete, in nobody's way, and able to start its workers."""

from __future__ import annotations

import configparser
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: What becomes the package itself.
LAUNCHER = Path("lib/cli/package")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, unpacked; built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder)]
    done = subprocess.run([*build, str(ROOT)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


@pytest.fixture
def elsewhere(tmp_path) -> Path:
    """A folder to stand in that has a ``lib`` of its own, which is not ours."""
    (tmp_path / "project/lib").mkdir(parents=True)
    (tmp_path / "project/lib/__init__.py").write_text("raise ImportError('the wrong lib')")
    return tmp_path / "project"


#: Does what the command ``manyhot`` does for each list of arguments, and prints how it ended and what it printed.
_COMMANDS = """
import contextlib, io, json, sys
import manyhot.__main__ as it
commands = json.loads(sys.argv[1])
for words in commands:
    sys.argv[1:] = words
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            code = it.main()
        except SystemExit as end:
            code = end.code
    print(json.dumps([code or 0, printed.getvalue()]))
"""


def manyhot(wheel: Path, *commands: list[object], cwd: Path) -> list[str]:
    """Do what the command ``manyhot`` does, with the unpacked wheel on the path; return what each command printed."""
    done = subprocess.run(
        [sys.executable, "-c", _COMMANDS, json.dumps([[str(word) for word in words] for words in commands])],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(wheel), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    codes, printed = zip(*map(json.loads, done.stdout.splitlines()), strict=True)
    assert set(codes) == {0}, done.stderr
    return list(printed)


def test_everything_is_below_one_folder(wheel):
    """Nothing of ours lies beside other people's packages, and no file is forgotten, static ones included."""
    assert {path.name for path in wheel.iterdir()} == {"manyhot", "manyhot-0.1.0.dist-info"}
    kinds = {".py", ".js", ".css", ".svg"}
    for folder in ("lib", "pages"):
        wanted = {path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.suffix in kinds}
        packed = {
            path.relative_to(wheel / "manyhot")
            for path in (wheel / "manyhot" / folder).rglob("*.*")
            if path.suffix in kinds
        }
        assert len(wanted) > 3
        assert packed == {path for path in wanted if path.parent != LAUNCHER}
    launcher = [(f"{LAUNCHER}/{file}", file) for file in ("__init__.py", "__main__.py")]
    for source, file in (("app.py",) * 2, (".streamlit/config.toml",) * 2, *launcher):
        assert (wheel / "manyhot" / file).read_bytes() == (ROOT / source).read_bytes()


def test_the_command_is_declared(wheel):
    """An installation has a command ``manyhot``."""
    commands = configparser.ConfigParser()
    commands.read(wheel / "manyhot-0.1.0.dist-info/entry_points.txt")
    assert dict(commands["console_scripts"]) == {"manyhot": "manyhot.__main__:main"}


def test_the_command_calls_itself_by_its_name(wheel, elsewhere):
    """Help and next steps name the command that exists in an installation."""
    usage, of_train, listed, as_json = manyhot(
        wheel, ["--help"], ["train", "--help"], ["runs"], ["runs", "--json"], cwd=elsewhere
    )
    assert usage.startswith("usage: manyhot [-h] [--workspace DIR] [--port N]")
    assert of_train.startswith("usage: manyhot train ")
    assert "Next: manyhot train shapes" in listed
    assert json.loads(as_json) == {"runs": [], "entries": []}


def test_a_worker_finds_the_code_of_the_package(wheel, elsewhere, workspace, make_dataset):
    """A training that the command starts runs in a process of its own, on the package's code."""
    make_dataset("single-label")
    choices = [
        "--arch",
        "small",
        "--no-pretrained",
        "--size",
        "32",
        "--bs",
        "8",
        "--epochs",
        "1",
        "--freeze-epochs",
        "0",
    ]
    where = ["--workspace", workspace.root]
    (printed,) = manyhot(wheel, [*where, "train", "made", *choices, "--json"], cwd=elsewhere)
    told = json.loads(printed)
    assert told["state"] == "finished"
    (log,) = workspace.runs.glob("*/events.jsonl")
    events = [json.loads(line) for line in log.read_text().splitlines()]
    (git,) = [event["git"] for event in events if "git" in event]
    assert git is None  # a worker on the checkout's code would tell its commit
