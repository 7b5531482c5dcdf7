"""The project keeps its own promises: one test command, pinned packages, settings that send nothing."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import requires, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.__main__ import BENCHMARKS
from tests.unit.task_branches import branches

ROOT = Path(__file__).resolve().parents[2]
RUN = "pip install -r requirements.txt && streamlit run app.py"
TEST = "pip install -r requirements-dev.txt && pytest"


def pins(name: str) -> dict[str, str]:
    """Return the versions that a file of requirements pins, by package; it holds nothing but those, -r and -c."""
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and line[0] not in "#-"]
    return dict(re.fullmatch(r"([\w.-]+(?:\[[\w,]+\])?)==([\w.]+)(?: ; .+)?", line).groups() for line in lines)


def held() -> dict[str, str]:
    """Return the versions that constraints.txt holds, by package."""
    return {canonicalize_name(name): pinned for name, pinned in pins("constraints.txt").items()}


def brought_along(names: Iterable[str]) -> dict[str, str]:
    """Return the installed versions of packages, with extras as ``ray[data]``, and of all that they need."""
    asked = [Requirement(name) for name in names]
    waiting = [(canonicalize_name(one.name), extra) for one in asked for extra in ["", *one.extras]]
    seen = set()
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        for line in requires(name) or []:
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                waiting += [(canonicalize_name(needed.name), extra) for extra in ["", *needed.extras]]
    return {name: version(name).partition("+")[0] for name, _ in seen}


def test_ci_calls_the_readmes_test_command():
    """What people are told to run is what is run on every change."""
    readme = (ROOT / "README.md").read_text()
    assert f"\n{RUN}\n" in readme
    assert f"\n{TEST}\n" in readme
    assert f'"{TEST}"' in (ROOT / ".ci/run").read_text()


def test_the_readme_lists_every_benchmark():
    """Each figure's command is one that is there, and each one that is there can be found."""
    readme = (ROOT / "README.md").read_text()
    listed = re.search(r"`python -m benchmarks ([^`]+ \| [^`]+)`", readme)
    assert listed is not None
    assert re.split(r"\s*\|\s*", listed[1]) == sorted(BENCHMARKS)
    assert set(re.findall(r"`python -m benchmarks ([\w-]+)", readme)) <= set(BENCHMARKS)


def test_requirements_are_pinned_and_installed():
    """Versions are fixed so that they install together, and these tests ran with them."""
    needed = pins("requirements.txt")
    for name, pinned in {**needed, **pins("requirements-dev.txt")}.items():
        assert version(name).partition("+")[0] == pinned
    assert {"torch", "torchvision", "fastai", "streamlit", "plotly", "pandas", "pytest"} <= set(needed)
    assert (ROOT / "requirements-dev.txt").read_text().splitlines()[1] == "-r requirements.txt"


def test_what_requirements_bring_along_is_pinned_as_well():
    """An installation of next year gets the packages of today: constraints hold whatever the requirements need."""
    brought = brought_along({**pins("requirements.txt"), **pins("requirements-dev.txt")})
    assert brought.items() <= held().items(), brought.items() - held().items()
    assert len(brought) > 100
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


ROOMS = [
    *sorted(f"lib/{room.name}" for room in (ROOT / "lib").iterdir() if room.is_dir() and room.name != "__pycache__"),
    "pages",
]


@pytest.mark.parametrize("folder", [room for room in ROOMS if room != "lib/tasks"])
def test_no_branch_on_the_task_kind_outside_tasks(folder):
    """No code outside lib/tasks compares with a task's name: a fifth task changes nothing elsewhere."""
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    assert {str(path.relative_to(ROOT)): lines for path in files if (lines := branches(path.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    "code",
    [
        'x = task == "keypoints"',
        'x = "multi-label" != task',
        'x = task in (None, "keypoints")',
        'x = task not in {"single-label", "multi-label"}',
        'x = task in {"keypoints": 1}',
        'LABELS = ("single-label", "multi-label")\nx = task in LABELS',
        'x = {None: "choices", "keypoints": "key points"}.get(task, "")',
        'x = {"regression": 1, "keypoints": 2}[task]',
        'match task:\n    case "keypoints" | "regression":\n        x = 1',
        'x = [one for one in all if one.task == "regression"]',
        'x = 1 if task == "regression" else 2',
        'def f(task):\n    while task != "regression":\n        pass',
        'KEYPOINTS = "keypoints"\nx = task == KEYPOINTS',
        '_S, _M = "single-label", "multi-label"\nx = task in (_S, _M)',
        "x = task == Keypoints.name",
        "x = task.name != keypoints.Keypoints.name",
        "x = isinstance(task, Keypoints)",
        "x = isinstance(task, (tasks.SingleLabel, tasks.MultiLabel))",
        'FORMS = {"single-label": one, "multi-label": several}',
        '_S, _M = "single-label", "multi-label"\nFORMS = {_S: one, _M: several}',
        "FORMS = {SingleLabel.name: one, Keypoints.name: several}",
        'FORMS = {"keypoints": one}',
        'FORMS = {None: one, "single-label": several}',
        'FORMS = {"labels": one, "keypoints": several, "regression": several}',
        'FORMS = {("single-label", "multi-label"): to_multi, ("keypoints", "regression"): to_values}',
        'FORMS = dict([("single-label", one), ("multi-label", several)])',
        "FORMS = dict(keypoints=one, regression=several)",
        'LABELS = ("single-label", "multi-label")',
        'LABELS = frozenset({"single-label", "multi-label"})',
        'ONE = "single-label"\nx = Form((ONE, "multi-label"))',
        'def f():\n    TASKS = ("keypoints", "regression")\n    return TASKS',
        'TASKS = ("keypoints", "regression")\nx = task in TASKS',
    ],
)
def test_a_branch_on_the_task_kind_is_noticed(code):
    """The test before this one notices each way to choose by the name of a task."""
    assert branches(code)


@pytest.mark.parametrize(
    "code",
    [
        'x = Parsed("COCO", "keypoints", names)',
        'TASKS = ("keypoints", "regression")',
        '_S, _M = "single-label", "multi-label"\nx = Sample("clocks", _S)',
        'x = {"id": 1, "keypoints": flat, "num_keypoints": 3}',
        'x = entry.get("keypoints") or entry["keypoints"]',
        "x = isinstance(one, Names)",
        'POINTS = ("keypoints", "landmarks")\nx = column in POINTS',
        'match one:\n    case Path():\n        x = Parsed("COCO", "keypoints", names)',
        "x = task == other.task",
    ],
)
def test_naming_a_task_is_no_branch(code):
    """Saying what something is, or finding a column that is called so, chooses nothing."""
    assert not branches(code)


def _counts_by_hand(code: str) -> list[int]:
    """Return the lines that choose between two words by whether there is one, or count what is not shown."""
    lines = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.IfExp) and isinstance(node.test, ast.Compare):
            words = [part.value for part in (node.body, node.orelse) if isinstance(part, ast.Constant)]
            is_one = [part.value for part in node.test.comparators if isinstance(part, ast.Constant)] == [1]
            equal = isinstance(node.test.ops[0], ast.Eq | ast.NotEq) or bool({"", "s", "es"} & set(words))
            if is_one and equal and len(words) == 2 and all(isinstance(word, str) for word in words):
                lines.append(node.lineno)
        elif isinstance(node, ast.JoinedStr):
            for value, after in zip(node.values, node.values[1:], strict=False):
                counted = isinstance(value, ast.FormattedValue) and isinstance(after, ast.Constant)
                if counted and re.match(r" more( (?!than)|$|[^ \w])", after.value):
                    lines.append(node.lineno)
    return lines


@pytest.mark.parametrize("folder", ROOMS)
def test_counts_and_lists_in_sentences_come_from_one_place(folder):
    """Plurals, and how many more there are than are named, are made by lib/core/sentences alone."""
    files = [path for path in sorted((ROOT / folder).rglob("*.py")) if path != ROOT / "lib/core/sentences.py"]
    assert {
        path.relative_to(ROOT): lines for path in files if (lines := _counts_by_hand(path.read_text("utf-8")))
    } == {}


@pytest.mark.parametrize(
    "code",
    [
        "x = f\"{n:,} image{'' if n == 1 else 's'}\"",
        "x = f\"{n:,} image{'s' if n > 1 else ''}\"",
        "x = 'is' if len(rows) == 1 else 'are'",
        "x = f' and {n - 3:,} more' if n > 3 else ''",
        "x = f'and {n} more: the CSV has them all'",
        "x = f'and {n} more pairs'",
    ],
)
def test_a_count_by_hand_is_noticed(code):
    """The test before this one notices each way there was."""
    assert _counts_by_hand(code)


@pytest.mark.parametrize(
    "code", ["x = f'{n} more than {most}'", "x = 1 if n == 1 else 2", "x = 'low' if t > 1 else 'high'"]
)
def test_comparing_in_words_is_no_count_by_hand(code):
    """A limit in a sentence is not a plural."""
    assert not _counts_by_hand(code)


def _for_the_terminal(code: str) -> list[int]:
    """Return the lines where a sentence names a flag, or words of the system go out as they came, with numbers."""
    tree = ast.parse(code)
    apart = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    apart |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "flags"}
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue):
            value = node.value
            raw = isinstance(value, ast.Attribute) and value.attr in ("strerror", "errno")
            lines += [node.lineno] if raw else []
        elif isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in apart | inside:
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            text = "".join(part.value if isinstance(part, ast.Constant) else "x" for part in parts if _is_text(part))
            is_sentence = not re.match(r"--| --|<style>", text) and "pip install" not in text
            if is_sentence and re.search(r"[a-z,:;] \(?--[a-z]", text):
                lines.append(node.lineno)
    return lines


def _is_text(part: ast.AST) -> bool:
    return not isinstance(part, ast.Constant) or isinstance(part.value, str)


@pytest.mark.parametrize("folder", ["lib", "pages"])
def test_errors_on_pages_carry_no_flags_and_no_numbers_of_the_system(folder):
    """What a page may show names no option of the command line, which only `flags` adds, and no errno, see `reason`."""
    ours = (path for path in sorted((ROOT / folder).rglob("*.py")) if path.relative_to(ROOT).parts[1] != "cli")
    sentences = [f"{path.relative_to(ROOT)}:{line}" for path in ours for line in _for_the_terminal(path.read_text())]
    assert sentences == []


@pytest.mark.parametrize(
    "code",
    [
        'raise UserError("Give the task (--task NAME).")',
        'raise UserError(f"It cannot be written ({error.strerror}): choose another.")',
        'note = f"choose {task}, or leave it out with --no-task"',
    ],
)
def test_words_for_the_terminal_are_noticed(code):
    """A flag in a sentence, and what the operating system says, are found wherever they stand."""
    assert _for_the_terminal(code) == [1]


def test_a_percentage_is_written_with_a_space():
    """Python's and d3's own formats have none before the sign: numbers are written as "44 %" wherever people read."""
    own = re.compile(r":[,.\d]*%\}|format=\"[^\"]*\d%\"|\{y:[^}]*%\}")
    paths = [*(ROOT / "lib").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    assert [(path.name, line) for path in paths for line in path.read_text().splitlines() if own.search(line)] == []
