"""A training run ends with a model and metrics, and its state is reported truthfully however it ends."""

from __future__ import annotations

import json
import os
import pickle

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file
from sklearn import metrics as sk
from torchvision import models

from lib import tasks
from lib.core import files
from lib.core.config import TrainConfig
from lib.core.errors import UserError
from lib.training import events, launch, options, run_metrics, runs, worker
from lib.training.launchers import local
from tests.worker.conftest import QUICK, ended, wait

pytestmark = pytest.mark.slow


def _headline(name: str, preds: np.ndarray, targs: np.ndarray, thresh: float) -> float:
    """Return the headline metric, computed by scikit-learn or by hand."""
    return {
        "single-label": lambda: sk.accuracy_score(targs, preds.argmax(axis=1)),
        "multi-label": lambda: 1 - sk.hamming_loss(targs, preds > np.float32(thresh)),
        "keypoints": lambda: np.hypot(*(preds - targs).astype(np.float64).reshape(-1, 2).T).mean(),
        "regression": lambda: sk.mean_absolute_error(targs, preds),
    }[name]()


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_a_training_leaves_curves_predictions_and_a_model(name, make_dataset, worked):
    """Both fits are recorded without a hole, and every number stored equals scikit-learn's on the stored preds."""
    dataset = make_dataset(name)
    run = worked(dataset)
    assert run.state == events.FINISHED, run.failure()
    history, manifest = run.history, run.manifest()
    assert [(fit["phase"], fit["epochs"], fit["step"]) for fit in history.fits] == [
        ("frozen", 1, 0),
        ("unfrozen", 2, 4),
    ]
    assert history.batches()["step"].tolist() == list(range(1, 13))  # 32 images, 8 a batch, 3 epochs
    assert [epoch["epoch"] for epoch in history.epochs] == [1, 2, 3]
    assert history.started["loss"] == tasks.get(name).loss
    assert history.started["device"].startswith(("CPU", "GPU"))
    stored = load_file(run.folder / events.PREDS)
    metric = tasks.get(name).metric
    for split, count in (("valid", 10), ("test", 6)):
        preds, targs = stored[f"{split}.preds"], stored[f"{split}.targs"]
        assert len(preds) == count
        np.testing.assert_array_equal(targs, dataset.targs[dataset.index(split)])
        expected = _headline(name, preds, targs, run.config.thresh)
        assert manifest["metrics"][split][metric] == pytest.approx(expected, rel=1e-5)
        assert run_metrics.evaluate(run, split)["metrics"][metric] == pytest.approx(expected, rel=1e-5)
        base = _headline(name, stored[f"{split}.baseline"], targs, run.config.thresh)
        assert run_metrics.evaluate(run, split)["baseline"][metric] == pytest.approx(base, rel=1e-5)
    assert history.epochs[-1]["metrics"][metric] == pytest.approx(manifest["metrics"]["valid"][metric], rel=1e-4)
    assert sum(t.size for t in load_file(run.folder / events.MODEL).values()) >= history.started["n_params"]
    assert run.progress().fraction == 1


def test_stop_ends_both_fits_and_keeps_a_model(make_dataset, started):
    """Stop in the frozen phase does not go on with the unfrozen one; predictions come when they are asked for."""
    run = started(make_dataset("multi-label"), freeze_epochs=500)
    wait(run, lambda run: run.history.step)
    assert run.state == events.RUNNING
    launch.stop(run.folder)
    wait(run, ended)
    assert run.state == events.STOPPED
    assert [fit["phase"] for fit in run.history.fits] == ["frozen"]
    launch.finish(run)
    wait(run, ended)
    assert len(run.predictions("valid").preds) == 10


def test_no_frozen_epochs_is_one_fit(make_dataset, worked):
    """With freeze_epochs=0 only the unfrozen fit is recorded, and its epochs are counted right."""
    run = worked(make_dataset("single-label"), freeze_epochs=0)
    assert run.state == events.FINISHED, run.failure()
    assert [fit["phase"] for fit in run.history.fits] == ["unfrozen"]
    assert [epoch["epoch"] for epoch in run.history.epochs] == [1, 2]


def test_pictures_that_vanished_are_said(make_dataset, worked):
    """A picture deleted after the import ends the run with its path and what to do."""
    dataset = make_dataset("single-label")
    dataset.image_path(3).unlink()
    run = worked(dataset)
    assert run.state == events.FAILED
    assert "3.png" in run.failure()
    assert "put them back, or exclude the images" in run.failure()


def test_a_changed_dataset_is_not_trained_on(make_dataset, workspace, monkeypatch):
    """A run of one revision never trains on another: it is not started, and its worker looks again."""
    config = options.configure(make_dataset("single-label"), QUICK)
    changed = TrainConfig(**{**config.to_json(), "revision": "000000000000"})
    with pytest.raises(UserError, match="imported anew since"):
        launch.start(workspace, changed)
    assert not runs.list_runs(workspace)

    def work(folder):
        files.write_json(folder / events.CONFIG, changed.to_json(), folder.name)
        return worker.main(folder, has_lock=False)

    monkeypatch.setattr(local, "spawn_worker", work)
    assert "changed after the run was started" in runs.load(workspace, launch.start(workspace, config)).failure()


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_training_starts_from_a_weights_file(suffix, make_dataset, worked, tmp_path):
    """Weights from a file are the ones that training starts from, without any network."""
    torch.manual_seed(0)
    state = models.resnet18(weights=None).state_dict()
    path = tmp_path / f"weights{suffix}"
    save_file(state, path) if suffix == ".safetensors" else torch.save(state, path)
    # A rate this low changes nothing that could be measured.
    run = worked(
        make_dataset("single-label"),
        arch="resnet18",
        pretrained=True,
        weights=str(path),
        base_lr=1e-7,
        freeze_epochs=0,
        epochs=1,
    )
    assert run.state == events.FINISHED, run.failure()
    trained = load_file(run.folder / events.MODEL)
    np.testing.assert_allclose(trained["0.0.weight"], state["conv1.weight"].numpy(), atol=1e-4)


def test_weights_that_do_not_fit_are_said_once_and_nothing_can_be_resumed(make_dataset, worked, tmp_path):
    """The file will not fit another time either: no button, no command goes on with it."""
    path = tmp_path / "foreign.pth"
    torch.save({"a": torch.ones(3)}, path)
    run = worked(make_dataset("single-label"), arch="resnet18", pretrained=True, weights=str(path))
    assert run.state == events.FAILED
    assert "does not fit resnet18" in run.failure()
    assert (run.folder / events.EVENTS).read_text().count("does not fit resnet18") == 1
    assert not run.resumable and not run.can_finish
    with pytest.raises(UserError, match=r"would fail again, start a new training.*does not fit resnet18"):
        launch.resume(run)


def test_the_entry_of_a_weights_file_that_has_others_is_said(make_dataset, worked, tmp_path):
    """Which of two networks a training began with stands in its notes, which page and command line show."""
    torch.manual_seed(0)
    state = models.resnet18(weights=None).state_dict()
    path = tmp_path / "both.pth"
    torch.save({"state_dict": state, "model_ema": {name: part * 1.5 for name, part in state.items()}}, path)
    run = worked(make_dataset("single-label"), arch="resnet18", pretrained=True, weights=str(path), epochs=1)
    note = "The weights are those in the entry model_ema of both.pth; the file also has state_dict."
    assert note in run.history.notes
    assert run.manifest()["weights"]["others"] == ["state_dict"]


def test_pretrained_weights_come_from_torchs_cache(make_dataset, worked, tmp_path, monkeypatch):
    """Pretrained means the weights that torchvision would download: here they lie in its cache already."""
    torch.manual_seed(1)
    state = models.resnet18(weights=None).state_dict()
    cache = tmp_path / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    torch.save(state, cache / "resnet18-f37072fd.pth")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    chosen = {"arch": "resnet18", "pretrained": True, "head": "default", "base_lr": 1e-7}
    run = worked(make_dataset("keypoints"), **chosen, freeze_epochs=0, epochs=1)
    assert run.state == events.FINISHED, run.failure()
    trained = load_file(run.folder / events.MODEL)
    np.testing.assert_allclose(trained["0.0.weight"], state["conv1.weight"].numpy(), atol=1e-4)


def test_a_weights_file_of_another_network_is_said(make_dataset, worked, tmp_path):
    """Weights that do not fit are the user's mistake: one sentence, with both names."""
    save_file(models.resnet34(weights=None).state_dict(), tmp_path / "w.safetensors")
    run = worked(
        make_dataset("single-label"), arch="resnet18", pretrained=True, weights=str(tmp_path / "w.safetensors")
    )
    assert "does not fit resnet18" in run.failure()
    assert run.history.user_mistake


def test_a_weights_file_is_never_executed(make_dataset, worked, tmp_path):
    """A .pth file that would run code when unpickled is refused, and its code does not run."""
    witness = tmp_path / "executed"

    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(witness),)

    (tmp_path / "w.pth").write_bytes(pickle.dumps(Evil()))
    run = worked(make_dataset("single-label"), arch="resnet18", pretrained=True, weights=str(tmp_path / "w.pth"))
    assert "cannot be read" in run.failure()
    assert not witness.exists()


@pytest.mark.parametrize("arch", ["resnet18", "test_resnet"])
def test_a_weights_file_of_something_else_is_said(arch, make_dataset, worked, tmp_path):
    """A .pth file that holds no named tensors is the user's mistake, whichever library would load it."""
    torch.save([1, 2], tmp_path / "list.pth")
    run = worked(make_dataset("single-label"), arch=arch, pretrained=True, weights=str(tmp_path / "list.pth"))
    assert "cannot be read" in run.failure()
    assert run.history.user_mistake


def test_a_timm_network_trains(make_dataset, worked):
    """Any timm name works, here one of the smallest."""
    run = worked(make_dataset("keypoints"), arch="test_resnet", freeze_epochs=0, epochs=1)
    assert run.state == events.FINISHED, run.failure()


def test_an_error_of_ours_is_recorded_and_logged(make_dataset, started, workspace):
    """A bug is not hidden: the state is failed, the log has the traceback, and it is not called a user's mistake."""
    run = started(make_dataset("single-label"))
    (run.folder / events.PREDS).mkdir()  # impossible by any choice of a user
    run = wait(run, ended)
    assert run.state == events.FAILED
    assert not run.history.user_mistake
    wait(run, lambda run: "Traceback" in (run.folder / events.LOG).read_text(), seconds=10)  # written as it ends


def test_a_reader_never_sees_half_an_event(tmp_path, make_dataset, workspace):
    """A line that is being written is left for the next look."""
    dataset = make_dataset("single-label")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / events.CONFIG).write_text(json.dumps(options.configure(dataset, QUICK).to_json()))
    line = json.dumps({"event": "batch", "step": 1, "loss": 0.5, "lr": 0.1, "mom": 0.9, "seconds": 1.0}) + "\n"
    second = line.replace('"step": 1', '"step": 2')
    (folder / events.EVENTS).write_text(line + second[:20])
    run = runs.Run(folder).refresh()
    assert run.history.batches()["step"].tolist() == [1]
    with (folder / events.EVENTS).open("a") as file:
        file.write(second[20:])
    assert run.refresh().history.batches()["step"].tolist() == [1, 2]
