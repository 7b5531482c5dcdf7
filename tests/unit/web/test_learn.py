"""The Learn page says what torch, fastai and Manyhot's own metrics say."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lib.web.ui.learn import view

ROOT = Path(__file__).resolve().parents[3]
FORMULAS = ROOT / "lib/web/components/learn/formulas.js"
BINARY = F.binary_cross_entropy_with_logits
#: Calls functions of a module with arguments, both as JSON from the standard input, and prints what they return.
CALL = """
const chunks = []
for await (const chunk of process.stdin) chunks.push(chunk)
const { module, calls } = JSON.parse(chunks.join(""))
const functions = await import(module)
console.log(JSON.stringify(calls.map(([name, ...rest]) => functions[name](...rest))))
"""


def in_browser(module: Path, calls: list[list]) -> list:
    """Return what functions of a script give; node must be there in CI."""
    node = shutil.which("node")
    if node is None:
        if os.environ.get("CI") == "true":
            pytest.fail("node is missing")
        pytest.skip("node is missing")
    asked = json.dumps({"module": module.as_uri(), "calls": calls})
    done = subprocess.run([node, "--input-type=module", "-e", CALL], input=asked, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def by_torch(loss, values: list[float], targs: list[float] | int) -> tuple[float, list[float]]:
    """Return a loss of 64 bits and its gradient."""
    acts = torch.tensor(values, dtype=torch.float64, requires_grad=True)
    cost = loss(acts, torch.tensor(targs))
    cost.backward()
    return cost.item(), acts.grad.tolist()


def printed_in_the_article(acts: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    inputs = acts.sigmoid()
    return -torch.where(targets == 1, 1 - inputs, inputs).log().mean()


def test_the_figures_formulas_are_torchs():
    """Every activation, loss and gradient that a figure shows equals torch's to 1e-6, far from 0 as well."""
    rng = np.random.default_rng(1)
    calls, expected = [], []
    for size in (1, 3, 5):
        for spread in (1, 4, 12):
            acts, targs = rng.normal(0, spread, size).tolist(), rng.integers(0, 2, size).tolist()
            one, values = int(rng.integers(size)), rng.normal(0, spread, size).tolist()
            numbers = torch.tensor(acts, dtype=torch.float64)
            logs = numbers.log_softmax(0)
            cross, cross_slope = by_torch(lambda a, t: F.cross_entropy(a[None], t[None]), acts, one)
            floats = [float(targ) for targ in targs]
            cells = BINARY(numbers, torch.tensor(floats, dtype=torch.float64), reduction="none")
            bce, bce_slope = by_torch(lambda a, t: BINARY(a, t.double()), acts, floats)
            squared, squared_slope = by_torch(lambda a, t: F.mse_loss(a, t.double()), acts, values)
            for call, value in (
                (["softmax", acts], logs.exp().tolist()),
                (["logSoftmax", acts], logs.tolist()),
                (["nll", logs.tolist(), one], F.nll_loss(logs[None], torch.tensor([one])).item()),
                (["crossEntropy", acts, one], cross),
                (["crossEntropyGradient", acts, one], cross_slope),
                (["bceCells", acts, targs], cells.tolist()),
                (["bce", acts, targs], bce),
                (["bceGradient", acts, targs], bce_slope),
                (["swapped", acts, targs], printed_in_the_article(numbers, torch.tensor(targs)).item()),
                (["mse", acts, values], squared),
                (["mseGradient", acts, values], squared_slope),
                *((["sigmoid", act], 1 / (1 + np.exp(-act))) for act in acts),
            ):
                calls.append(call)
                expected.append(value)
    for call, shown, value in zip(calls, in_browser(FORMULAS, calls), expected, strict=True):
        np.testing.assert_allclose(shown, value, rtol=1e-6, atol=1e-6, err_msg=call[0])


def _one_hot(left: dict) -> None:
    assert left["vocab"] == ["bike", "bus", "car"]
    assert left["targs"].tolist() == [[0, 1, 1], [0, 0, 1], [0, 0, 0], [1, 0, 0]]


def _losses(left: dict) -> None:
    assert left["cross_entropy"].item() == pytest.approx(F.cross_entropy(left["acts"], left["one_class"]).item())
    binary = BINARY(left["acts"], left["any_labels"])
    assert left["binary"].item() == pytest.approx(binary.item())
    assert left["squared"].item() == pytest.approx(F.mse_loss(left["acts"], left["any_labels"]).item())


#: What the lines of a panel leave, by the panel's name.
CHECKS = {"one-hot": _one_hot, "losses": _losses}


@pytest.mark.parametrize("name", view.PANELS)
def test_the_ten_lines_of_a_panel_run(name):
    """What a panel shows as code runs as it stands and gives what fastai and torch give; it is about ten lines."""
    code = view.PANELS[name].code
    left: dict = {}
    exec(code, left)
    CHECKS[name](left)
    assert 6 <= sum(bool(line.strip()) for line in code.splitlines()) <= 12


def test_every_question_has_its_answer():
    """A right answer is among the choices, and is not always the same one."""
    questions = [one for panel in view.PANELS.values() for one in panel.questions]
    assert all(0 <= one.answer < len(one.choices) for one in questions)
    assert len({one.answer for one in questions}) > 1
