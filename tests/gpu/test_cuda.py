"""What only a CUDA GPU can show: the same pictures, checkpoints of one moment, and models that a CPU agrees with.

The other suites use a GPU where there is one; ``NVIDIA_TF32_OVERRIDE=0`` lets it compute with a CPU's precision.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from fastai.torch_core import set_seed

from lib import tasks
from lib.training import events, launch, options, runs, worker
from lib.training.launchers import local
from lib.training.learner import adam, checkpoint, data, inference, train
from lib.training.learner.checkpoint import Position, Snapshot

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU")]

CPU, GPU = torch.device("cpu"), torch.device("cuda", 0)


def _epochs(dataset, device: torch.device) -> tuple[list, tuple]:
    """Return the batches of two epochs with augmentation, on the CPU, and what chance says next there."""
    config = options.configure(dataset, {"pretrained": False, "size": 64, "bs": 8, "flip": True})
    task = tasks.get(dataset.task)
    set_seed(5, reproducible=True)
    scale = task.fit_scale(dataset.targs[dataset.index("train")])
    dls = data.make_dls(dataset, task, config, scale, data.Pictures(dataset, 64), device)
    batches = [tuple(part.cpu() for part in batch) for _ in range(2) for dl in dls for batch in dl]
    return batches, (torch.rand(2).tolist(), random.random(), dls.train.rng.random())


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_a_gpu_sees_the_pictures_of_a_cpu(name, make_dataset):
    """The next batch is drawn while this one is worked on: order, pictures, targets and chance are the CPU's."""
    dataset = make_dataset(name)
    (seen, chance), (expected, chance_of_cpu) = (_epochs(dataset, device) for device in (GPU, CPU))
    assert len(seen) == len(expected) == 2 * (4 + 2)
    assert chance == chance_of_cpu
    for batch, of_cpu in zip(seen, expected, strict=True):
        difference = (batch[0] - of_cpu[0]).as_subclass(torch.Tensor).abs()
        assert difference.mean() < 2e-3  # normalized: a level of 255 is 0.008 to 0.018, a CPU looks up quarters of one
        assert difference.max() < 0.1
        np.testing.assert_allclose(*(part[1].as_subclass(torch.Tensor).numpy() for part in (batch, of_cpu)), atol=1e-5)


@pytest.mark.parametrize("room", [True, False])
def test_a_checkpoint_is_of_the_moment_it_was_taken_at(room, make_dataset, tmp_path, monkeypatch):
    """It is fetched from the GPU while training changes every weight; without room for a copy there, before that."""
    dataset = make_dataset("multi-label")
    config = options.configure(dataset, {"pretrained": False, "size": 32, "bs": 8})
    learn, _ = train.prepare(config, dataset, tasks.get("multi-label"), GPU, load_weights=False)
    learn.model.to(GPU)
    learn.create_opt()
    assert isinstance(learn.opt, adam.Together)
    learn.recorder.smooth_loss = type("Smooth", (), {"val": torch.zeros(()), "count": 0})()
    expected = {name: tensor.cpu().clone() for name, tensor in learn.model.state_dict().items()}
    if not room:
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (0, 2**30))
    torch.cuda._sleep(200_000_000)  # the GPU is a tenth of a second behind
    snapshot = Snapshot.of(learn, Position())
    assert any(tensor.is_cuda for tensor in snapshot.tensors.values()) == room
    with torch.no_grad():
        for weight in learn.model.parameters():
            weight.fill_(7)
    snapshot.write(tmp_path)
    kept = checkpoint.load_checkpoint(tmp_path)
    kept.load_model(learn)
    for name, tensor in learn.model.state_dict().items():
        assert torch.equal(tensor.cpu(), expected[name]), name


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("multi-label", {"arch": "lite0", "pretrained": True}),
        ("single-label", {"arch": "resnet18", "progressive": True, "recipe": "book"}),
        ("keypoints", {"arch": "lite0", "pretrained": True, "head": "heatmap"}),
        ("keypoints", {"mixed_precision": True, "flip": True}),
        ("regression", {"arch": "lite0", "pretrained": True, "mixed_precision": True}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_a_cpu_agrees_with_what_a_gpu_trained(name, chosen, make_dataset, workspace, monkeypatch):
    """A run on the GPU finishes with its own steps, and its model says on a CPU what the run says it predicts."""
    dataset = make_dataset(name)
    monkeypatch.setattr(local, "spawn_worker", lambda folder: worker.main(folder, has_lock=False))
    usual = {"pretrained": False, "size": 64, "bs": 8, "epochs": 2}
    run = runs.load(workspace, launch.start(workspace, options.configure(dataset, {**usual, **chosen})))
    assert run.state == events.FINISHED, run.failure()
    assert "GPU" in run.history.started["device"]
    losses = run.history.batches()["loss"]
    assert len(losses) and np.isfinite(losses).all()
    model, expected = inference.load(run), run.predictions("valid")
    assert next(model.net.parameters()).device == CPU
    preds, _, _ = inference.predict(model, [dataset.image_path(row) for row in expected.items])
    scale = np.abs(expected.preds).max()
    np.testing.assert_allclose(preds, expected.preds, atol=5e-3 * scale)  # convolutions in TensorFloat-32: three digits
