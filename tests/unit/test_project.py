"""Does the project keep its own promises: one test command, pinned packages, settings that send nothing?"""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEST = "pip install -r requirements.txt && pytest"


def test_ci_calls_the_readmes_test_command():
    """What people are told to run is what is run on every change."""
    assert f"\n{TEST}\n" in (ROOT / "README.md").read_text()
    assert TEST in (ROOT / ".ci/run").read_text()


def test_requirements_are_pinned_and_installed():
    """Versions are fixed so that they install together, and these tests ran with them."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pins = dict(re.fullmatch(r"([\w-]+)==([\w.]+)", line).groups() for line in lines if line and line[0] != "#")
    for name, pinned in pins.items():
        assert version(name).partition("+")[0] == pinned
    assert {"torch", "torchvision", "fastai", "streamlit", "plotly", "pandas", "pytest"} <= set(pins)


def test_the_app_listens_on_this_machine_and_sends_nothing():
    """No e-mail is asked for, no statistics are sent, and nobody else on the network reaches the app."""
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    assert settings["server"]["address"] == "127.0.0.1"
    assert settings["server"]["showEmailPrompt"] is False
    assert settings["browser"]["gatherUsageStats"] is False


@pytest.mark.parametrize(
    "folder", [*sorted(str(room.relative_to(ROOT)) for room in (ROOT / "lib").iterdir() if room.is_dir()), "pages"]
)
def test_no_branch_on_the_task_kind_outside_tasks(folder):
    """No code outside lib/tasks compares with a task's name: a fifth task changes nothing elsewhere."""
    kinds = {"single-label", "multi-label", "keypoints", "regression"}
    for path in (ROOT / folder).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare | ast.match_case):
                found = {leaf.value for leaf in ast.walk(node) if isinstance(leaf, ast.Constant)}
                assert not found & kinds, f"{path}: line {node.lineno}"
