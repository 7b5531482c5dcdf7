"""Does the project keep its own promises: one test command, pinned packages, settings that send nothing?"""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.metadata import requires, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
RUN = "pip install -r requirements.txt && streamlit run app.py"
TEST = "pip install -r requirements-dev.txt && pytest"


def pins(name: str) -> dict[str, str]:
    """Return the versions that a file of requirements pins, by package; it holds nothing but those, -r and -c."""
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and line[0] not in "#-"]
    return dict(re.fullmatch(r"([\w.-]+)==([\w.]+)(?: ; .+)?", line).groups() for line in lines)


def test_ci_calls_the_readmes_test_command():
    """What people are told to run is what is run on every change."""
    readme = (ROOT / "README.md").read_text()
    assert f"\n{RUN}\n" in readme
    assert f"\n{TEST}\n" in readme
    assert f'"{TEST}"' in (ROOT / ".ci/run").read_text()


def test_requirements_are_pinned_and_installed():
    """Versions are fixed so that they install together, and these tests ran with them."""
    needed = pins("requirements.txt")
    for name, pinned in {**needed, **pins("requirements-dev.txt")}.items():
        assert version(name).partition("+")[0] == pinned
    assert {"torch", "torchvision", "fastai", "streamlit", "plotly", "pandas", "pytest"} <= set(needed)
    assert (ROOT / "requirements-dev.txt").read_text().splitlines()[1] == "-r requirements.txt"


def test_what_requirements_bring_along_is_pinned_as_well():
    """An installation of next year gets the packages of today: constraints hold whatever the requirements need."""
    held = {canonicalize_name(name): pinned for name, pinned in pins("constraints.txt").items()}
    waiting = [(canonicalize_name(name), "") for name in {**pins("requirements.txt"), **pins("requirements-dev.txt")}]
    seen = set()
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        assert version(name).partition("+")[0] == held.get(name), name
        for line in requires(name) or []:
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                waiting += [(canonicalize_name(needed.name), extra) for extra in ["", *needed.extras]]
    assert len(seen) > 100
    assert "-c constraints.txt" in (ROOT / "requirements.txt").read_text().splitlines()


def test_the_package_needs_what_the_requirements_say():
    """`pip install .` brings the same versions as requirements.txt, and no pytest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = pins("requirements.txt")
    del needed["pytest"]
    assert project["dependencies"] == [f"{name}=={pinned}" for name, pinned in needed.items()]


def test_commits_are_checked_by_the_same_linter():
    """What passes before a commit passes afterwards."""
    (hooks,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert hooks["rev"] == f"v{pins('requirements-dev.txt')['ruff']}"


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
