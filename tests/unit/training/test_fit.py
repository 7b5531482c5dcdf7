"""Training is fastai's ``fine_tune``, and it resumes from every checkpoint as if nothing had happened."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from fastai.callback.core import Callback
from fastai.callback.schedule import fine_tune  # noqa: F401  (patches Learner)
from fastai.learner import Learner

from lib import tasks
from lib.core import files
from lib.core.config import TrainConfig
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.training import events, options
from lib.training.events import EventWriter
from lib.training.learner import averaging, checkpoint, fit, train
from lib.training.learner.checkpoint import Position
from lib.training.learner.reporter import Reporter
from lib.training.learner.watcher import Watcher
from tests.conftest import build_dataset

CPU = torch.device("cpu")
CHOSEN = {"recipe": "book", "pretrained": False, "size": 32, "bs": 8, "freeze_epochs": 2, "epochs": 3, "base_lr": 3e-3}


class PowerCutError(Exception):
    """The training ends without a chance to say so."""


class PowerCut(Callback):
    """Ends the training in the middle of an epoch, counted from 1 through both fits, or right after it."""

    order = 1000

    def __init__(self, epoch: int, *, middle: bool):
        self.cut, self.middle, self.seen = epoch, middle, 0

    def before_train(self) -> None:
        self.seen += 1

    def after_batch(self) -> None:
        if self.middle and self.training and self.seen == self.cut and self.learn.iter == 1:
            raise PowerCutError("cut")

    def after_epoch(self) -> None:
        if not self.middle and self.seen == self.cut:
            raise PowerCutError("cut")


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """A small dataset of points, augmented in training by chance."""
    return build_dataset(Workspace(tmp_path_factory.mktemp("fit") / "workspace"), "keypoints")


@pytest.fixture(scope="module")
def whole(dataset, tmp_path_factory):
    """The folder and the learner of a training without a cut."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, _trained(folder, dataset, _config(dataset))[0]


def _config(dataset, **chosen) -> TrainConfig:
    return options.configure(dataset, {**CHOSEN, **chosen})


def _trained(folder, dataset, config: TrainConfig, *cbs: Callback) -> tuple[Learner, Position]:
    """Train in this process, from the checkpoint in ``folder`` on if there is one."""
    folder.mkdir(exist_ok=True)
    write, task = EventWriter(folder), tasks.get(dataset.task)
    start = checkpoint.load_checkpoint(folder)
    position = start.position if start else Position()
    learn, scale = train.prepare(config, dataset, task, CPU, load_weights=True)
    watcher = Watcher(task, config, dataset, scale)
    reporter = Reporter(write, folder, position, base_lr=config.base_lr, validated=watcher.result)
    average = averaging.of_config(config)
    checkpointer = fit.Checkpointer(write, folder, position, config, average)
    try:
        with learn.no_bar(), learn.no_logging():
            fit.fine_tune(learn, config, reporter, checkpointer, [watcher, *cbs], start, average)
    finally:
        checkpointer.wait()
        write.close()
    return learn, position


def _events(folder, kind: str) -> list[dict]:
    written = [json.loads(line) for line in (folder / events.EVENTS).read_text().splitlines()]
    return [
        {k: v for k, v in one.items() if k not in ("time", "seconds", "sum")} for one in written if one["event"] == kind
    ]


def _same(first: Learner, second: Learner) -> None:
    others = fit.weights(second)
    for name, tensor in fit.weights(first).items():
        np.testing.assert_allclose(others[name].numpy(), tensor.numpy(), rtol=1e-6, atol=1e-8, err_msg=name)


@pytest.mark.parametrize("freeze_epochs", [0, 2])
def test_the_weights_are_those_of_fastais_fine_tune(dataset, tmp_path, freeze_epochs):
    """Two fits that can be left give what ``learn.fine_tune`` gives, with and without a frozen fit."""
    config = _config(dataset, freeze_epochs=freeze_epochs, epochs=2, lr_mult=10)
    ours, _ = _trained(tmp_path / "a", dataset, config)
    theirs, _ = train.prepare(config, dataset, tasks.get("keypoints"), CPU, load_weights=True)
    with theirs.no_bar(), theirs.no_logging():
        theirs.fine_tune(2, base_lr=config.base_lr, freeze_epochs=freeze_epochs, lr_mult=10)
    _same(ours, theirs)


@pytest.mark.parametrize("middle", [False, True], ids=["after the epoch", "in the epoch"])
@pytest.mark.parametrize("epoch", [1, 2, 3, 4, 5])
def test_a_resumed_training_ends_as_if_nothing_had_happened(dataset, whole, tmp_path, epoch, middle):
    """Cut in or after any epoch of either fit, weights and curves are those of the training without a cut."""
    config = _config(dataset)
    with pytest.raises(PowerCutError):
        _trained(tmp_path / "cut", dataset, config, PowerCut(epoch, middle=middle))
    done = epoch - middle
    assert (tmp_path / "cut" / events.CHECKPOINT).exists() == (done > 0)
    (tmp_path / "cut" / events.EVENTS).unlink()
    resumed, position = _trained(tmp_path / "cut", dataset, config)
    _same(whole[1], resumed)
    assert (position.epochs_done, position.step) == (5, 20)
    for kind, per_epoch in (("batch", 4), ("epoch", 1)):
        assert _events(tmp_path / "cut", kind) == _events(whole[0], kind)[done * per_epoch :]


def test_heat_maps_resume_exactly(dataset, tmp_path):
    """The other head with another loss, cut in the second fit, ends with the same weights too."""
    config = _config(dataset, head="heatmap", loss="wing", freeze_epochs=1, epochs=2)
    whole, _ = _trained(tmp_path / "whole", dataset, config)
    with pytest.raises(PowerCutError):
        _trained(tmp_path / "cut", dataset, config, PowerCut(2, middle=True))
    resumed, _ = _trained(tmp_path / "cut", dataset, config)
    _same(whole, resumed)


def test_averaged_weights_resume_exactly(dataset, tmp_path):
    """Cut in a fit and again after the last epoch, a training with an average on the way ends with the same one."""
    config = _config(dataset, freeze_epochs=1, epochs=2, ema_decay=0.9)
    whole, _ = _trained(tmp_path / "whole", dataset, config)
    for cut in (PowerCut(2, middle=True), PowerCut(2, middle=False)):  # the second of all, and of those that were left
        with pytest.raises(PowerCutError):
            _trained(tmp_path / "cut", dataset, config, cut)
    last = checkpoint.load_checkpoint(tmp_path / "cut")
    assert last.position.epochs_done == 3
    resumed, _ = _trained(tmp_path / "cut", dataset, config)
    _same(whole, resumed)
    assert _events(tmp_path / "cut", "epoch")[-1] == _events(tmp_path / "whole", "epoch")[-1]
    last.load_trained(resumed.model)
    with pytest.raises(AssertionError):
        _same(whole, resumed)
    last.load_model(resumed)  # what early stopping keeps, and what a stopped run predicts with
    _same(whole, resumed)


def test_a_resume_does_not_hang_on_pythons_own_chance(dataset, tmp_path):
    """Without the saved random states the weights would differ: the test above could not fail for nothing."""
    config = _config(dataset, freeze_epochs=0, epochs=2)
    whole, _ = _trained(tmp_path / "whole", dataset, config)
    with pytest.raises(PowerCutError):
        _trained(tmp_path / "cut", dataset, config, PowerCut(1, middle=False))

    class Dice(Callback):
        order = 2000

        def before_train(self) -> None:
            torch.manual_seed(99)

    resumed, _ = _trained(tmp_path / "cut", dataset, config, Dice())
    with pytest.raises(AssertionError):
        _same(whole, resumed)


def test_a_damaged_checkpoint_falls_back_to_the_one_before(dataset, whole, tmp_path):
    """A flipped bit is noticed; the run goes on from the epoch before and still ends the same."""
    config, folder = _config(dataset), tmp_path / "cut"
    with pytest.raises(PowerCutError):
        _trained(folder, dataset, config, PowerCut(4, middle=False))
    content = bytearray((folder / events.CHECKPOINT).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / events.CHECKPOINT).write_bytes(content)
    assert checkpoint.load_checkpoint(folder).position.epochs_done == 3
    resumed, _ = _trained(folder, dataset, config)
    _same(whole[1], resumed)


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"\xff" * 100])
def test_checkpoints_that_are_all_damaged_are_said(tmp_path, content):
    """Nothing to go on from is one sentence, not a training from anywhere."""
    for name in (events.CHECKPOINT, events.PREVIOUS):
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=r"damaged.*start the training again"):
        checkpoint.load_checkpoint(tmp_path)


def test_a_checkpoint_that_cannot_be_written_is_an_error(dataset, tmp_path, monkeypatch):
    """A full disk ends the training with a sentence, and the checkpoint before is still whole."""
    real, written = files.replacing, []

    def full(path, **options):
        written.append(path)
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        return real(path, **options)

    monkeypatch.setattr(files, "replacing", full)
    with pytest.raises(UserError, match="No space left on device"):
        _trained(tmp_path / "run", dataset, _config(dataset))
    assert checkpoint.load_checkpoint(tmp_path / "run").position.epochs_done == 1


class Worse(Callback):
    """Makes the validation loss rise from the given epoch on."""

    order = Reporter.order - 1

    def __init__(self, epoch: int):
        self.since, self.seen = epoch, 0

    def after_epoch(self) -> None:
        self.seen += 1
        self.recorder.log[2] = 1.0 / self.seen if self.seen <= self.since else 1.0 + self.seen


def test_early_stopping_keeps_the_best_epoch(dataset, tmp_path):
    """After ``patience`` epochs without a lower validation loss training ends, and the best epoch's weights stay."""
    config = _config(dataset, epochs=8, patience=2)
    learn, position = _trained(tmp_path / "run", dataset, config, Worse(4))
    assert (position.epochs_done, position.best_epoch) == (6, 4)
    assert fit.load_best(learn, tmp_path / "run", position) == 4
    four, _ = _stopped_after(tmp_path / "four", dataset, config, 4)
    _same(four, learn)


def _stopped_after(folder, dataset, config: TrainConfig, epochs: int) -> tuple[Learner, Position]:
    class Stop(Callback):
        order = Reporter.order + 5

        def after_epoch(self) -> None:
            if self.reporter.position.epochs_done == epochs:
                (folder / events.STOP).write_text(events.AFTER_EPOCH)

    return _trained(folder, dataset, config, Stop())


def test_stop_after_the_epoch_loses_nothing(dataset, whole, tmp_path):
    """Stopped after an epoch of the frozen fit and resumed, the training ends as if it had not been stopped."""
    config = _config(dataset)
    _, position = _stopped_after(tmp_path / "run", dataset, config, 1)
    assert (position.epochs_done, position.phase) == (1, events.FROZEN)
    (tmp_path / "run" / events.STOP).unlink()
    resumed, _ = _trained(tmp_path / "run", dataset, config)
    _same(whole[1], resumed)
