"""Each component's script is what its modules build, and the lab computes with the same formulas as Python."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from hashlib import sha256
from pathlib import Path

import pytest

from lib.metrics.sweep import FORMULAS, MULTI_LABEL, SINGLE_LABEL, SweepCurve

ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = ROOT / "lib/web/components"
NAMES = sorted(path.parent.name for path in COMPONENTS.glob("*/__init__.py"))
AGAIN = "run `npm run build` and commit the result"


def modules(name: str) -> list[Path]:
    """Return what a component's script is made of, in its own folder."""
    return [path for path in (COMPONENTS / name).glob("*.js") if not path.name.endswith(".bundle.js")]


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("name", NAMES)
def test_a_joined_script_is_made_of_the_modules_as_they_are(name):
    """Nobody changes a module, or adds one, and ships the script of before; nor changes the script itself."""
    bundle = (COMPONENTS / name / f"{name}.bundle.js").read_text(encoding="utf-8")
    head, sign, body = bundle.partition("\n// Of what follows: ")
    recorded = {path: code for code, path in re.findall(r"^//   ([0-9a-f]{64})  (\S+)$", head, re.MULTILINE)}
    now = {path: digest((COMPONENTS / path).read_text(encoding="utf-8")) for path in recorded}
    assert recorded == now, AGAIN
    assert {f"{name}/{path.name}" for path in modules(name)} == {
        path for path in recorded if path.startswith(f"{name}/")
    }, AGAIN
    code, _, rest = body.partition("\n")
    assert sign and code == digest(rest), AGAIN


def test_every_component_has_a_script():
    """The test above looks at all of them, and at nothing that Python does not register."""
    assert NAMES == [
        "chart",
        "drop",
        "focus",
        "gallery",
        "history",
        "inspector",
        "keys",
        "lab",
        "learn",
        "map",
        "matrix",
        "plotly",
        "report",
        "upload",
    ]
    assert sorted(path.parent.name for path in COMPONENTS.glob("*/*.bundle.js")) == NAMES


def test_the_lab_has_the_formulas_that_python_has():
    """A number that is dragged in the browser has the name of the one that is saved; no curve lacks its formula."""
    script = (COMPONENTS / "lab/numbers.js").read_text(encoding="utf-8")
    block = re.search(r"^export const FORMULAS = \{\n(.*?)^\}", script, re.MULTILINE | re.DOTALL)
    assert block is not None
    named = re.findall(r"^  (\w+): \(", block[1], re.MULTILINE)
    assert set(named) == {*FORMULAS, "subset_accuracy"}  # which is not made of counts of single labels
    assert set(named) == {curve.name for curve in (*MULTI_LABEL, *SINGLE_LABEL)}


def test_the_lab_reads_only_what_a_curve_has():
    """What the browser asks of a curve, Python sends under the same name."""
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in modules("lab"))
    read = set(re.findall(r"(?<![.\w])curve\.(\w+)", scripts))
    assert {"name", "title", "of_one"} <= read <= {field.name for field in fields(SweepCurve)}


def test_the_tools_that_check_the_scripts_are_pinned_and_ship_with_nothing():
    """The app needs no package of npm, and those that check it are the same everywhere."""
    project = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert "dependencies" not in project
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", pinned) for pinned in project["devDependencies"].values())
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    assert locked["packages"][""]["devDependencies"] == project["devDependencies"]
