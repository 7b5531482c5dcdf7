"""What trains and what answers does so on a device that is not the CPU, and says there what it says on the CPU.

The device is the one of `tests.faked_device`; what only CUDA has, such as streams, is in ``tests/gpu``.
"""

from __future__ import annotations

import fastai.callback.core
import fastai.data.core
import fastai.learner
import fastai.torch_core
import numpy as np
import pytest
import torch
from fastai.torch_core import set_seed

from lib import tasks
from lib.core import processes
from lib.core.config import LR_FIND
from lib.datasets.edits.edits import declare
from lib.inference import ask, augment_preview, augment_worker
from lib.inference import worker as inference_worker
from lib.inference.ask import GradCam, Picture, Predict, Spread
from lib.inference.augment_preview import PreviewRequest
from lib.training import events, launch, options, runs, worker
from lib.training.launchers import local
from lib.training.learner import data, inference, lr_find, stopping, watcher
from tests import faked_device

pytestmark = [pytest.mark.slow, faked_device.WITHOUT_CUDA]

CPU = torch.device("cpu")
_OF_FASTAI = (fastai.torch_core, fastai.data.core, fastai.callback.core, fastai.learner)


@pytest.fixture(autouse=True)
def device(monkeypatch):
    """The machine's best device, for the project and for fastai; gradients are computed in this thread."""
    faked = faked_device.register()
    _use(faked, monkeypatch)
    with torch.autograd.set_multithreading_enabled(False):
        yield faked


def _use(device, patched) -> None:
    """Let ``device`` be the machine's best one."""
    patched.setattr(data, "best_device", lambda: device)
    for module in _OF_FASTAI:
        patched.setattr(module, "default_device", lambda *_: device)


@pytest.fixture
def trained(worked, monkeypatch):
    """A function that trains here and returns the run, after a look at where the model was while it learned."""
    seen, plain = set(), watcher.Watcher.after_loss

    def after_loss(self):
        seen.update(weights.device for weights in self.learn.model.state_dict().values())
        plain(self)

    monkeypatch.setattr(watcher.Watcher, "after_loss", after_loss)

    def train(dataset, **chosen):
        seen.clear()
        run = worked(dataset, **{"epochs": 1, **chosen})
        assert seen == {data.best_device()}
        return run

    return train


def _predicted(run, dataset, device) -> np.ndarray:
    """Return what the run's saved model says of the validation images on ``device``."""
    paths = [dataset.image_path(row) for row in dataset.index("valid")]
    return inference.predict(inference.load(run).to(device), paths)[0]


def _agrees(run, dataset, device) -> None:
    """Fail unless the run has finished, and its saved model says on the CPU and on ``device`` what the run says."""
    assert run.state == events.FINISHED, run.failure()
    expected = run.predictions("valid").preds
    assert np.ptp(expected) > 0
    for place in (CPU, device):
        np.testing.assert_allclose(_predicted(run, dataset, place), expected, rtol=1e-3, atol=1e-3)


def _same(one, other) -> None:
    """Fail unless two runs predict the same to the last bit."""
    for split in ("valid", "test"):
        np.testing.assert_array_equal(one.predictions(split).preds, other.predictions(split).preds)


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_a_quick_model_is_fitted_to_what_the_device_sees(name, make_dataset, workspace, monkeypatch, device):
    """Every task: the predictions, made with features of the device, are those of body and head on the CPU."""
    monkeypatch.setattr(local, "spawn_worker", lambda folder: worker.main(folder, has_lock=False))
    dataset = make_dataset(name)
    (started,) = launch.start_quick(workspace, dataset.name, {"size": 32})
    run = runs.load(workspace, started)
    _agrees(run, dataset, device)


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_the_recommended_training(name, make_dataset, trained, device):
    """Every task: pretrained, from the quick model on or with heat maps, its model is one that the CPU agrees with."""
    dataset = make_dataset(name)
    run = trained(dataset, recipe="recommended", pretrained=True, freeze_epochs=0, bs=16)
    assert run.config.head == tasks.get(name).recommended_head
    _agrees(run, dataset, device)


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_the_book_s_training_ends_as_on_the_cpu(name, make_dataset, trained, monkeypatch, device):
    """Every task, both fits: without augmentation, which each device draws itself, the predictions are the CPU's."""
    dataset = make_dataset(name)
    run = trained(dataset, recipe="book", augment=False, bs=16)
    _agrees(run, dataset, device)
    with monkeypatch.context() as patched:
        _use(CPU, patched)
        of_cpu = trained(dataset, recipe="book", augment=False, bs=16)
    np.testing.assert_allclose(run.predictions("valid").preds, of_cpu.predictions("valid").preds, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("recipe", ["recommended", "book"])
def test_pictures_are_changed_there(recipe, make_dataset, trained, device):
    """Turned, mirrored and lit otherwise, points and their pairs with them, by either recipe's transforms."""
    dataset = declare(make_dataset("keypoints"), flip_pairs=[("nose", "tail")], note="pairs")
    _agrees(trained(dataset, recipe=recipe, augment=True, flip=True), dataset, device)


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_it_sees_what_the_cpu_sees(name, make_dataset, device):
    """Every task: with the same chance the pictures of a training are the CPU's to a level, the targets to rounding."""
    dataset, task = make_dataset(name), tasks.get(name)
    config = options.configure(dataset, {"pretrained": False, "size": 32, "bs": 8, "augment": True})
    scale = task.fit_scale(dataset.targs[dataset.index("train")])
    seen = []
    for place in (device, CPU):
        set_seed(5, reproducible=True)
        dls = data.make_dls(dataset, task, config, scale, data.Pictures(dataset, 32), place)
        batches = list(dls.train)
        assert {part.device for batch in batches for part in batch} == {place}
        seen.append([torch.cat(parts).as_subclass(torch.Tensor).cpu() for parts in zip(*batches, strict=True)])
    (pictures, targs), (pictures_of_cpu, targs_of_cpu) = seen
    assert (pictures - pictures_of_cpu).abs().max() < 0.02  # normalized: a level is 0.017 to 0.018
    torch.testing.assert_close(targs, targs_of_cpu)


@pytest.mark.parametrize(
    ("name", "chosen", "epoch"),
    [
        ("multi-label", {"class_weights": True, "focal_gamma": 2.0, "progressive": True, "epochs": 2}, 3),
        ("multi-label", {"label_smoothing": 0.1, "ema_decay": 0.9}, 2),
        ("single-label", {"class_weights": True, "focal_gamma": 2.0, "progressive": True, "epochs": 2}, 3),
        ("keypoints", {"loss": "wing"}, 2),
        (
            "regression",
            {"loss": "huber", "patience": 1, "base_lr": 3.0, "epochs": 20, "freeze_epochs": 0, "bs": 16},
            None,
        ),
    ],
)
def test_weights_losses_sizes_and_an_early_end(name, chosen, epoch, make_dataset, trained, device):
    """What is chosen besides works there; early stopping keeps the model of the best epoch."""
    dataset = make_dataset(name)
    run = trained(dataset, **chosen)
    _agrees(run, dataset, device)
    losses = [epoch["valid_loss"] for epoch in run.history.epochs]
    if epoch is None:
        assert len(losses) < 20
        epoch = 1 + int(np.argmin(losses))
    assert run.result()["epoch"] == epoch


def test_a_checkpoint_is_taken_up_there(make_dataset, trained, worked, workspace, monkeypatch):
    """A training that died after two epochs goes on from its checkpoint and ends as one that never died."""
    dataset = make_dataset("keypoints")
    whole = trained(dataset, epochs=2, bs=16)
    plain, calls = watcher.Watcher.before_validate, []

    def crash(self):
        calls.append(self)
        if len(calls) == 3:
            raise RuntimeError("lightning")
        plain(self)

    with monkeypatch.context() as patched:
        patched.setattr(watcher.Watcher, "before_validate", crash)
        with pytest.raises(RuntimeError, match="lightning"):
            trained(dataset, epochs=2, bs=16)
    run = next(run for run in runs.list_runs(workspace) if run.state == events.FAILED)
    launch.resume(run)
    assert (run.refresh().state, run.history.resumed) == (events.FINISHED, 1)
    _same(run, whole)


def test_a_stopped_run_is_finished_there(make_dataset, trained, monkeypatch):
    """What it had learned when it was stopped, in the midst of its predictions, predicts as if it had not been."""
    dataset = make_dataset("multi-label")
    whole = trained(dataset, freeze_epochs=0)
    plain = stopping.Halt.before_batch

    def stop(self):
        launch.stop(self.folder)
        plain(self)

    with monkeypatch.context() as patched:
        patched.setattr(stopping.Halt, "before_batch", stop)
        run = trained(dataset, freeze_epochs=0)
    assert run.can_finish
    launch.finish(run)
    _same(run.refresh(), whole)


def test_a_rate_is_found_there(make_dataset, worked, monkeypatch):
    """The finder, which saves and loads the weights, suggests rates."""
    monkeypatch.setattr(lr_find, "ITERATIONS", 40)
    run = worked(make_dataset("multi-label"), kind=LR_FIND)
    assert run.state == events.FINISHED, run.failure()
    assert all(rate > 0 for rate in run.history.suggestions.values()) and len(run.history.suggestions) == 4


@pytest.mark.parametrize("recipe", ["recommended", "book"])
def test_questions_are_answered_there_as_on_the_cpu(recipe, make_dataset, trained, monkeypatch, device):
    """Predictions of pictures, heat maps of labels, how far points scatter; the CPU's while another run is there."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    labels, points = make_dataset("multi-label"), make_dataset("keypoints", name="points")
    rows = tuple(labels.index("valid"))
    brought = tuple(Picture.of(labels.image_path(row), f"{row}.png") for row in rows)
    asked = [
        (run := trained(labels, recipe=recipe, size=64, freeze_epochs=0), Predict(brought)),
        (run, GradCam(2, rows)),
        (trained(points, recipe=recipe, augment=True, freeze_epochs=0), Spread("valid", copies=3)),
    ]
    answers = []
    for place in (device, CPU):
        monkeypatch.setattr(inference_worker, "device", lambda _, place=place: place)
        for run, request in asked:
            question = ask.ask(run, request)
            answering = inference_worker.Worker(run)
            answering.answer(question)
            assert answering._loaded[1].device == place
            answers.append(question.result())
            question.cancel()
    for there, of_cpu in zip(answers[:3], answers[3:], strict=True):
        for name, values in of_cpu.items():
            assert np.nanmax(values) > np.nanmin(values)
            np.testing.assert_allclose(there[name], values, rtol=1e-3, atol=0.05 if name == "spread" else 1e-3)


def test_copies_are_shown(make_dataset, monkeypatch):
    """They are made on the CPU, whatever else the machine has."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    dataset = make_dataset("keypoints")
    question = augment_preview.ask(dataset, PreviewRequest(row=2, size=64, seed=5))
    augment_worker.Worker(augment_preview.Studio.of(dataset)).answer(question)
    assert len(augment_preview.copies(dataset, question)) == augment_preview.COPIES
