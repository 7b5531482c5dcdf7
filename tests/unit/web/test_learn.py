"""The Learn page says what torch, fastai and Manyhot's own metrics say."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from fastai.data.block import DataBlock, MultiCategoryBlock
from fastai.data.core import DataLoaders
from fastai.data.transforms import MultiCategorize
from fastai.learner import Learner
from fastai.metrics import accuracy_multi
from fastai.vision.data import ImageBlock
from fastai.vision.learner import default_split
from torch import nn
from torch.nn import functional as F

from lib import tasks
from lib.core import processes
from lib.metrics import scores
from lib.training import options
from lib.training.learner import bodies, build, data, two_losses
from lib.training.lessons import questions, worker
from lib.web.ui.learn import examples, fine_tuning, recorded_predictions, slip, view
from lib.web.ui.learn.panel import Context

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
            some = [-1, *floats[1:]]  # the first one is unknown; a single one is all there is
            rest = numbers[1:].clone().requires_grad_()
            known = BINARY(rest, torch.tensor(some[1:], dtype=torch.float64)) if size > 1 else rest.sum()
            known.backward()
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
                (["bce", acts, some], known.item()),
                (["bceGradient", acts, some], [0, *rest.grad.tolist()]),
                (["swapped", acts, targs], printed_in_the_article(numbers, torch.tensor(targs)).item()),
                (["mse", acts, values], squared),
                (["mseGradient", acts, values], squared_slope),
                *((["sigmoid", act], 1 / (1 + np.exp(-act))) for act in acts),
            ):
                calls.append(call)
                expected.append(value)
    for call, shown, value in zip(calls, in_browser(FORMULAS, calls), expected, strict=True):
        np.testing.assert_allclose(shown, value, rtol=1e-6, atol=1e-6, err_msg=call[0])


def test_what_the_page_says_of_fastai_alone():
    """A NaN in a target makes fastai's loss NaN and counts as a 1; it adds two transforms, and trains as it is said."""
    targs = torch.tensor([[1.0, torch.nan]])
    assert MultiCategorize.loss_func(torch.zeros(1, 2), targs).isnan()
    assert isinstance(MultiCategorize.loss_func.func, torch.nn.BCEWithLogitsLoss)
    assert [accuracy_multi(torch.tensor([[2.0, act]]), targs).item() for act in (1.0, -1.0)] == [1, 0.5]
    (said,) = in_browser(FORMULAS.with_name("vectors.js"), [["vectorWords", [1, -1], []]])
    assert "fastai alone does not: with NaN in a target its loss is NaN" in said and "counts the cell as a 1" in said
    block = DataBlock(blocks=(ImageBlock, MultiCategoryBlock))
    added = [[type(one).__name__ for one in of] for of in (block.item_tfms, block.batch_tfms)]
    assert added == [["ToTensor"], ["IntToFloatTensor"]]


def _one_hot(left: dict) -> None:
    assert left["vocab"] == ["bike", "bus", "car"]
    assert left["targs"].tolist() == [[0, 1, 1], [0, 0, 1], [0, 0, 0], [1, 0, 0]]


def _losses(left: dict) -> None:
    assert left["cross_entropy"].item() == pytest.approx(F.cross_entropy(left["acts"], left["one_class"]).item())
    binary = BINARY(left["acts"], left["any_labels"])
    assert left["binary"].item() == pytest.approx(binary.item())
    assert left["squared"].item() == pytest.approx(F.mse_loss(left["acts"], left["any_labels"]).item())


def _slip(left: dict) -> None:
    acts, targets = left["perfect"], left["targets"]
    assert left["as_printed"](acts, targets).item() == pytest.approx(8.0003, abs=5e-5)
    right = left["binary_cross_entropy"](acts, targets).item()
    assert right == pytest.approx(BINARY(acts, targets.double()).item(), abs=1e-9)


def _threshold(left: dict) -> None:
    preds, targs = left["preds"].numpy(), left["targs"].numpy()
    for name, thresh in (("at_half", 0.5), ("at_fifth", 0.2)):
        assert left[name].item() == pytest.approx(scores.accuracy_multi(preds, targs, thresh))
    assert left["nothing"].item() == pytest.approx(scores.predict_nothing(targs))
    assert left["trap"].item() == pytest.approx(0.3)


def _fine_tuning(left: dict) -> None:
    # The last batch of the second fit: one-cycle ends at a hundred thousandth of the highest rates, but for a step.
    assert left["last"] / left["first"] == pytest.approx(100)
    assert left["learn"].recorder.hps["mom"][0] == pytest.approx(0.95)
    assert len(left["learn"].recorder.hps["mom"]) == 3 * 4


def _learning_rate(left: dict) -> None:
    assert left["rates"][0] == pytest.approx(1e-7)
    assert 1e-7 < left["suggested"].valley < left["rates"][-1] <= 10
    assert left["learn"].model.weight.shape == (1, 4)


def _points(left: dict) -> None:
    assert left["unit"].tolist() == [[-0.5, -0.5], [0.5, -0.5]]
    assert left["flipped"].tolist() == [[0.5, -0.5], [-0.5, -0.5]]
    assert left["swapped"].tolist() == left["unit"].tolist()


def _y_range(left: dict) -> None:
    assert left["same"]
    assert left["preds"][1].item() == 0
    assert 2 * left["needed"].sigmoid().item() - 1 == pytest.approx(0.8)
    assert left["acts"].grad[1].item() == pytest.approx(0.5)


def _conveyor(left: dict) -> None:
    assert (left["batch"].shape, left["batch"].dtype) == ((4, 3, 64, 64), torch.uint8)
    assert torch.equal(left["plain"][0], left["plain"][1]) and not torch.equal(left["into_model"], left["plain"])


def _train_here(left: dict) -> None:
    nothing = (left["targs"][300:] == 0).float().mean().item()
    assert nothing < left["scores"][0.5].item() < 1


#: What the lines of a panel leave, by the panel's name.
CHECKS = {
    "one-hot": _one_hot,
    "losses": _losses,
    "slip": _slip,
    "threshold": _threshold,
    "fine-tuning": _fine_tuning,
    "learning-rate": _learning_rate,
    "points": _points,
    "y-range": _y_range,
    "conveyor": _conveyor,
    "train-here": _train_here,
}


@pytest.mark.parametrize("name", view.PANELS)
def test_the_ten_lines_of_a_panel_run(name, monkeypatch, tmp_path):
    """What a panel shows as code runs as it stands and gives what fastai and torch give; it is about ten lines."""
    monkeypatch.chdir(tmp_path)  # fastai's finder keeps the weights there meanwhile
    code = view.PANELS[name].code
    left: dict = {}
    exec(code, left)
    CHECKS[name](left)
    assert 6 <= sum(bool(line.strip()) for line in code.splitlines()) <= 12


@pytest.mark.parametrize("arch", ["small", "lite0", "resnet18"])
def test_a_network_is_drawn_in_the_groups_that_it_learns_in(arch, make_dataset):
    """As many groups, each with its rate, as the training of the architecture has; the head is the last."""
    dataset = make_dataset("multi-label")
    config = options.configure(dataset, {"arch": arch, "pretrained": False, "size": 32, "bs": 8, "epochs": 1})
    task = tasks.get(dataset.task)
    scale = task.fit_scale(dataset.targs[dataset.index("train")])
    pics = data.Pictures(dataset, config.size)
    dls = data.make_dls(dataset, task, config, scale, pics, torch.device("cpu"))
    learn = build.build(dls, dataset, task, config, scale)
    shown = fine_tuning.groups(arch)
    assert len(learn.splitter(learn.model)) == len(shown)
    assert shown[-1]["layers"] == ["head"]


@pytest.mark.parametrize(
    ("arch", "norms"),
    [
        ("test_resnet", ["batch norm"]),
        ("test_convnext", ["layer norm"]),
        ("test_maxvit", ["batch norm", "layer norm"]),
        ("test_efficientnet_gn", []),
        ("test_nfnet", []),
    ],
)
def test_what_is_said_to_learn_in_a_frozen_body_is_what_fastai_leaves_free(arch, norms):
    """The layers of a body whose weights fastai leaves free when it freezes, in networks of several families."""
    body = bodies.whole(arch)[0]
    model = nn.Sequential(body, nn.Linear(2, 2))
    Learner(DataLoaders([], []), model, loss_func=nn.MSELoss(), splitter=default_split).freeze()
    free = [one for one in body.modules() if any(own.requires_grad for own in one.parameters(recurse=False))]
    kinds = {"batch norm": nn.BatchNorm2d, "layer norm": nn.LayerNorm}
    assert all(isinstance(one, tuple(kinds.values())) for one in free)
    assert [name for name, kind in kinds.items() if any(isinstance(one, kind) for one in free)] == norms
    assert fine_tuning.norms(arch, {"free_norms": bodies.free_norms(body)}) == norms


def test_the_cells_are_counted_as_manyhot_counts_them():
    """A dragged threshold, on a probability or off it, gives what `lib.metrics` gives, in 32 bits as there."""
    rng = np.random.default_rng(2)
    probs, targs = np.round(rng.random(200), 2), rng.integers(0, 2, 200)
    threshs = [0.0, 0.2, 0.3, 0.5, *probs[:20].tolist(), 1.0]
    shown = in_browser(FORMULAS, [["accuracyMulti", probs.tolist(), targs.tolist(), thresh] for thresh in threshs])
    of_floats = [scores.accuracy_multi(probs.astype(np.float32), targs, thresh) for thresh in threshs]
    np.testing.assert_allclose(shown, of_floats, rtol=0, atol=1e-12)


def test_without_a_run_the_books_curve_is_that_of_recorded_predictions(workspace):
    """At each of the 29 thresholds it is the share of recorded cells that are decided right, counted one by one."""
    shown = view.PANELS["threshold"].content(Context(workspace, None))["run"]
    probs = np.array(recorded_predictions.PROBS, dtype=np.float32)
    truth = np.arange(len(probs)) < recorded_predictions.PRESENT
    threshs = torch.linspace(0.05, 0.95, 29).numpy()
    right = [((probs > thresh) == truth).mean() for thresh in threshs]
    np.testing.assert_allclose(shown["book"]["threshs"], threshs, atol=1e-7)
    np.testing.assert_allclose(shown["book"]["accuracy"], right)
    assert not shown["own"] and max(right) > shown["nothing"] == 1 - truth.mean()


def test_the_printed_loss_teaches_the_opposite(monkeypatch, workspace):
    """Trained by a worker on drawn pictures, both losses fall alike, and what one gets right the other gets wrong."""
    monkeypatch.setattr(two_losses, "N_TRAIN", 24)
    monkeypatch.setattr(two_losses, "N_VALID", 12)
    spawned = []
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: spawned.append(1) or True)
    question, content = questions.losses(workspace, None)
    slip._act(Context(workspace, None), {"do": "soon"})
    assert spawned == [1] and not question.is_wanted
    questions.ask(question, content)
    question.tell(0, 0)  # and the worker dies
    questions.ask(question, content)
    assert question.state().active
    lesson = worker.Worker(question.place)
    lesson.answer(question)
    curves = question.curves()
    assert question.state().name == "done" and (curves.n_train, curves.n_valid) == (24, 12)
    np.testing.assert_allclose(curves.loss[0], curves.loss[1], rtol=1e-4)
    assert curves.loss[1, -1] < 0.5 * curves.loss[1, 0]
    np.testing.assert_allclose(curves.accuracy[0, 1:], 1 - curves.accuracy[1, 1:], atol=0.02)
    question.cancel()
    assert not question.is_wanted


def test_every_question_has_its_answer():
    """A right answer is among the choices, and is not always the same one."""
    questions = [one for panel in view.PANELS.values() for one in panel.questions]
    assert all(0 <= one.answer < len(one.choices) for one in questions)
    assert len({one.answer for one in questions}) > 1


def test_examples_have_the_whole_vocabulary():
    """Of more labels than are drawn, every one keeps its name and its cells; the most frequent ones are drawn."""
    targs = np.zeros((14, 14), dtype=np.int8)
    targs[:, :12], targs[3, 13] = np.tri(14, 12) > 0, 1
    names = [f"label {at}" for at in range(14)]
    items = pd.DataFrame({"original": [f"{at}.png" for at in range(14)]})
    dataset = SimpleNamespace(included=np.arange(14), targs=targs, names=names, items=items)
    of = examples._of_dataset("many labels", "1", "{item}", dataset)
    assert (of.names, of.frequent) == (names, list(range(12)))
    assert of.targs == targs[[int(address) for address in of.pictures]].tolist()


def test_what_is_unknown_or_of_another_task_is_said_so(make_dataset):
    """The slip shows known cells only, none as a 0 that nobody looked at; what is not multi-label is told to be so."""
    of = SimpleNamespace(names=["bus", "car", "bike"], targs=[[-1, -1, -1], [-1, 0, 1]])
    assert slip._known(of) == [("bike", 1), ("car", 0)]
    assert slip._known(SimpleNamespace(names=["bus"], targs=[[-1]])) == []
    numbers = make_dataset("regression")
    said = f"{numbers.name} is not multi-label ({tasks.get('regression').title.lower()}): choose a multi-label dataset"
    assert said in examples._why(numbers)
