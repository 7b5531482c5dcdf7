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

from lib import tasks
from lib.core import processes
from lib.core.config import LR_FIND
from lib.core.questions import requests
from lib.inference import ask, augment_preview, augment_worker
from lib.inference import worker as inference_worker
from lib.inference.augment_preview import PreviewRequest
from lib.training import events, launch, options, runs, worker
from lib.training.learner import checkpoint, data, inference, stopping, watcher
from tests import faked_device

pytestmark = pytest.mark.slow

CPU = torch.device("cpu")
_OF_FASTAI = (fastai.torch_core, fastai.data.core, fastai.callback.core, fastai.learner)


@pytest.fixture(autouse=True)
def device(monkeypatch):
    """The machine's best device, for the project and for fastai; gradients are computed in this thread."""
    faked = faked_device.register()
    monkeypatch.setattr(data, "best_device", lambda: faked)
    for module in _OF_FASTAI:
        monkeypatch.setattr(module, "default_device", lambda *_: faked)
    with torch.autograd.set_multithreading_enabled(False):
        yield faked


@pytest.fixture
def trained(worked, monkeypatch, device):
    """A function that trains here and returns the run, of which the model was on the device while it learned."""
    seen = set()
    plain = watcher.Watcher.after_loss

    def after_loss(self):
        seen.update(weights.device for weights in self.learn.model.state_dict().values())
        plain(self)

    monkeypatch.setattr(watcher.Watcher, "after_loss", after_loss)

    def train(dataset, **chosen):
        run = worked(dataset, **chosen)
        assert run.state == events.FINISHED, run.failure()
        assert seen == {data.best_device()}
        seen.clear()
        return run

    return train


def _agrees(run, dataset, *, atol=1e-4) -> None:
    """Fail unless the saved model says on the CPU, and on the device, what the run says."""
    for device in (CPU, data.best_device()):
        model = inference.load(run).to(device)
        expected = run.predictions("valid")
        preds, _, _ = inference.predict(model, [dataset.image_path(row) for row in expected.items])
        np.testing.assert_allclose(preds, expected.preds, rtol=1e-3, atol=atol)


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_a_quick_model(name, make_dataset, workspace, monkeypatch):
    """Fitted to features that were computed on the device."""
    monkeypatch.setattr(launch, "_spawn", lambda folder: worker.main(folder, has_lock=False))
    dataset = make_dataset(name)
    (run,) = launch.start_quick(workspace, dataset.name, {"size": 32})
    run = runs.load(workspace, run)
    assert run.state == events.FINISHED, run.failure()
    _agrees(run, dataset, atol=1e-2)


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_the_recommended_training(name, make_dataset, trained):
    """Pretrained, from the quick model on, or with heat maps."""
    dataset = make_dataset(name)
    recommended = {"recipe": "recommended", "pretrained": True, "freeze_epochs": None, "epochs": 1}
    run = trained(dataset, **recommended)
    assert run.config.quick_start == (name != "keypoints")
    _agrees(run, dataset, atol=1e-2)


@pytest.mark.parametrize("name", list(tasks.TASKS))
@pytest.mark.parametrize("recipe", ["recommended", "book"])
def test_a_network_from_scratch(name, recipe, make_dataset, trained):
    """Mirrored, turned, with the light changed."""
    dataset = make_dataset(name)
    _agrees(trained(dataset, recipe=recipe, augment=True, flip=True, epochs=1), dataset, atol=1e-2)


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_it_ends_as_on_the_cpu(name, make_dataset, trained, monkeypatch):
    """Without augmentation nothing differs but the order of the optimiser's operations."""
    dataset = make_dataset(name)
    run = trained(dataset, augment=False, recipe="book")
    with monkeypatch.context() as patched:
        patched.setattr(data, "best_device", lambda: CPU)
        for module in _OF_FASTAI:
            patched.setattr(module, "default_device", lambda *_: CPU)
        of_cpu = trained(dataset, augment=False, recipe="book")
    np.testing.assert_allclose(run.predictions("valid").preds, of_cpu.predictions("valid").preds, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("multi-label", {"class_weights": True, "focal_gamma": 2.0, "progressive": True}),
        ("single-label", {"class_weights": True, "focal_gamma": 2.0, "progressive": True}),
        ("keypoints", {"loss": "wing", "patience": 1}),
        ("regression", {"loss": "huber", "patience": 1}),
    ],
)
def test_other_choices(name, chosen, make_dataset, trained):
    """Losses."""
    dataset = make_dataset(name)
    _agrees(trained(dataset, **chosen), dataset, atol=1e-2)


def test_lr_find(make_dataset, worked):
    """Finder."""
    run = worked(make_dataset("multi-label"), kind=LR_FIND)
    assert run.state == events.FINISHED
    print(run.history.suggestions)
