"""A training run starts as the quick model, ends no worse, and resumes to the same end."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from lib import tasks
from lib.core.config import QUICK
from lib.core.workspace import Workspace
from lib.tasks.types import Predictions
from lib.training import events, options, result_files
from lib.training.events import EventWriter
from lib.training.learner import fit, quick, quick_start, results, train
from tests.conftest import build_dataset

CPU = torch.device("cpu")
#: Shares of the targets that the trained and the quick model get wrong, and which is kept.
CASES = [(0.1, 0.4, "trained"), (0.4, 0.1, QUICK), (0, 0, QUICK)]
TINY = {"size": 32, "bs": 8, "epochs": 2}


def _head(preds: dict[str, np.ndarray], model: nn.Module) -> SimpleNamespace:
    return SimpleNamespace(preds=preds, model=model)


@pytest.mark.parametrize("name", ["multi-label", "regression"])
@pytest.mark.parametrize(
    ("trained_off", "quick_off", "kept"), [(0.1, 0.4, "trained"), (0.4, 0.1, QUICK), (0, 0, QUICK)]
)
def test_the_better_model_on_the_validation_images_is_kept(make_dataset, name, trained_off, quick_off, kept):
    """Planted predictions, some of them wrong: the better ones stay with their weights; equal is not better."""
    dataset, task = make_dataset(name), tasks.get(name)
    config = options.configure(dataset, {})
    scale = task.fit_scale(dataset.targs[dataset.index("train")])
    truth = np.array([np.asarray(one) for one in task.encode(dataset.targs, dataset.sizes, 32, dataset.names, scale)])

    def planted(off: float) -> dict[str, np.ndarray]:
        wrong = np.random.default_rng(0).random(truth.shape) < off
        preds = np.where(wrong, 1 - truth, truth).astype(np.float32)
        return {split: preds[dataset.index(split)] for split in ("valid", "test")}

    models = [nn.Linear(2, 1), nn.Linear(2, 1)]
    learn = SimpleNamespace(model=nn.Linear(2, 1))
    learn.model.load_state_dict(models[0].state_dict())
    splits = {
        split: results.decoded(task, dataset, split, preds, scale) for split, preds in planted(trained_off).items()
    }
    head = _head(planted(quick_off), models[1])
    better = quick_start.keep_better(learn, head, splits, task, config, dataset, scale)
    assert better.model == kept
    assert torch.equal(learn.model.weight, models[kept == QUICK].weight)
    numbers = {off: task.headline(results.decoded(task, dataset, "valid", planted(off)["valid"], scale), 0.5)
               for off in (trained_off, quick_off)}  # fmt: skip
    assert task.headline(better.splits["valid"], 0.5) == numbers[quick_off if kept == QUICK else trained_off]
    assert better.splits.keys() == {"valid", "test"}
    assert ("did not beat" in better.message) == (kept == QUICK)
    for value in numbers.values():
        assert task.format(value, dataset.names) in better.message


@pytest.mark.parametrize(
    ("after", "before", "better"), [(None, 0.5, False), (0.5, None, True), (None, None, True), (0.5, 0.5, False)]
)
def test_what_is_not_defined_beats_nothing(after, before, better):
    """A headline that is not defined after the training never replaces one that was."""
    assert quick_start.is_better(after, before, larger_is_better=True) == better


@pytest.mark.parametrize(("wrong", "metric"), [(2, "map"), (40, "accuracy_multi")])
def test_a_tie_of_the_headline_is_decided_by_what_thresholds_do_not_touch(wrong, metric):
    """By 2 of 60 images that one model gets wrong nobody can tell them apart; by 40 everybody can."""
    n, task = 60, tasks.get("multi-label")
    truth = np.tile([[1, 0], [0, 1]], (n // 2, 1))
    right = np.where(truth == 1, 0.9, 0.1).astype(np.float32)
    off = right.copy()
    off[:wrong] = 0.4  # no label is over the threshold
    rest = {"items": np.arange(n), "targs": truth, "sizes": np.full((n, 2), 8.0), "names": ("a", "b")}
    trained, begun = (Predictions(preds=preds, baseline=np.zeros_like(right), **rest) for preds in (off, right))
    data = type("Data", (), {"items": pd.DataFrame({"group": [""] * n}), "__len__": lambda self: n})()
    assert quick_start.deciding_metric(trained, begun, task, 0.5, data) == metric
    differences = (truth[:wrong] == 1).sum() / n  # one wrong label in each image that is off
    low, high = np.percentile(
        [np.random.default_rng(seed).binomial(n, differences) for seed in range(2000)], [2.5, 97.5]
    )
    assert (low == 0) == (metric == "map"), (low, high)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """A small dataset of labels."""
    return build_dataset(Workspace(tmp_path_factory.mktemp("start") / "workspace"), "multi-label")


def _train(folder, dataset, config, *, again: bool = False):
    """Train in this process; the trained model is kept, however it compares, so that it can be looked at."""
    folder.mkdir(exist_ok=True)
    (folder / events.CONFIG).write_text(json.dumps(config.to_json()))
    written = EventWriter(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick_start, "is_better", lambda *_: True)
        try:
            return train.train(folder, config, dataset, CPU, written, again=again)
        finally:
            written.close()


@pytest.fixture(scope="module")
def whole(dataset, tmp_path_factory):
    """The folder of a recommended training of small pictures, and its configuration."""
    folder, config = tmp_path_factory.mktemp("whole"), options.configure(dataset, TINY)
    outcome = _train(folder, dataset, config)
    assert outcome.state == events.FINISHED
    return folder, config, outcome


@pytest.mark.slow
def test_a_training_says_which_model_it_keeps(dataset, whole):
    """The manifest names it, both models' numbers are beside each other, and the message tells of the choice."""
    folder, config, outcome = whole
    manifest = result_files.manifest(folder / events.MANIFEST)
    assert manifest["kept"] == "trained"
    assert manifest["quick"]["valid"].keys() == manifest["metrics"]["valid"].keys()
    assert manifest["trained"] == manifest["metrics"]
    assert "validation images" in outcome.message
    assert config.quick_start and config.keep_stats


@pytest.mark.slow
def test_a_training_begins_as_the_quick_model(dataset, whole, monkeypatch):
    """Before the first step the network answers the validation images as the quick model does."""
    _, config, _ = whole
    head = quick.head_for(config, dataset, tasks.get("multi-label"), CPU)
    learn, _ = train.prepare(config, dataset, tasks.get("multi-label"), CPU, load_weights=True)
    quick_start.put_in(learn, head)
    with learn.no_bar(), learn.no_logging():
        preds, _ = learn.get_preds()
    np.testing.assert_allclose(preds.numpy(), head.preds["valid"], atol=1e-4)
    assert np.ptp(head.preds["valid"]) > 0.01, "a head that knows nothing would answer alike everywhere"


@pytest.mark.slow
def test_a_resumed_training_ends_as_if_nothing_had_happened(dataset, whole, tmp_path):
    """Stopped after its first epoch and resumed in another learner, weights are equal to the last bit."""
    folder, config, _ = whole
    (tmp_path / events.STOP).write_text(events.AFTER_EPOCH)
    real = events.asked_to_stop
    assert real(tmp_path) == events.AFTER_EPOCH
    with pytest.MonkeyPatch.context() as patch:  # the quick model would end at once, and there is nothing to stop then
        patch.setattr(
            quick.events, "asked_to_stop", lambda folder: "" if not (folder / "begun").exists() else real(folder)
        )
        patch.setattr(fit, "fine_tune", _marking(fit.fine_tune, tmp_path))
        assert _train(tmp_path, dataset, config).state == events.STOPPED
    (tmp_path / events.STOP).unlink()
    assert _train(tmp_path, dataset, config, again=True).state == events.FINISHED
    cut, uncut = (load_file(path / events.MODEL) for path in (tmp_path, folder))
    head = quick.head_for(config, dataset, tasks.get("multi-label"), CPU)
    assert not torch.equal(uncut["1.1.weight"], head.weight), "nothing was trained"
    assert all(torch.equal(cut[name], uncut[name]) for name in uncut)


def _marking(call, folder):
    def marked(*arguments):
        (folder / "begun").touch()
        return call(*arguments)

    return marked
