"""A quick model is a run like any other, for every task, and every pretrained training run has one beside it."""

from __future__ import annotations

import dataclasses
import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from lib import tasks
from lib.cli import main
from lib.core.config import LINEAR, QUICK
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.training import events, launch, options, run_metrics, runs, worker
from lib.training.launchers import local
from lib.training.learner import data, feature_store, features, grad_cam, inference
from lib.training.learner import quick as of_learner

pytestmark = pytest.mark.slow


@pytest.fixture
def quick(workspace, monkeypatch):
    """A function that makes quick models of 32 px in this process and returns the run."""
    monkeypatch.setattr(local, "spawn_worker", lambda folder: worker.main(folder, has_lock=False))

    def fit(dataset, **chosen):
        (run,) = launch.start_quick(workspace, dataset.name, {"size": 32, **chosen})
        return runs.load(workspace, run)

    return fit


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_it_is_a_run_like_any_other(name, make_dataset, quick):
    """Every task: finished, evaluated beside its baseline, and the saved model predicts what the run predicted."""
    dataset = make_dataset(name)
    run = quick(dataset)
    assert (run.state, run.config.kind, run.config.head, run.config.arch) == (events.FINISHED, QUICK, LINEAR, "lite0")
    assert [fit["phase"] for fit in run.history.fits] == [QUICK]
    model = inference.load(run).to(data.best_device())
    for split in ("valid", "test"):
        expected = run.predictions(split)
        preds, _, _ = inference.predict(model, [dataset.image_path(row) for row in expected.items])
        np.testing.assert_allclose(preds, expected.preds, rtol=1e-3, atol=1e-3)
        evaluated = run_metrics.evaluate(run, split)
        assert evaluated["metrics"].keys() == evaluated["baseline"].keys()
    path = run.result()["path"]
    assert path["images"] == len(dataset.index("train"))
    assert path["parts"]
    assert not run.resumable
    with pytest.raises(UserError, match="finished"):
        launch.resume(run)


def test_features_are_those_of_the_network(make_dataset, monkeypatch):
    """Pooled by hand from timm's own features of pictures that Pillow resized: the mean and the largest a channel."""
    dataset = make_dataset("multi-label")
    config = options.configure_quick(dataset, {"size": 64})
    task = tasks.get("multi-label")
    head = of_learner.head_for(config, dataset, task, torch.device("cpu"))
    body = head.model[0]
    seen = features.of_rows(body, config, dataset, [3, 5], 1, torch.device("cpu"))
    assert seen.cached == 2
    for values, row in zip(seen.values, (3, 5), strict=True):
        image = Image.open(dataset.image_path(row)).convert("RGB").resize((64, 64), Image.Resampling.BILINEAR)
        pixels = torch.tensor(np.asarray(image)).permute(2, 0, 1)[None].float() / 255
        with torch.no_grad():
            maps = body.model.forward_features((pixels - 0.5) / 0.5)[0].flatten(1).numpy()
        np.testing.assert_allclose(values, np.concatenate([maps.mean(axis=1), maps.max(axis=1)]), atol=1e-4)


def test_validation_and_test_images_are_never_fitted(make_dataset, quick, workspace):
    """With other targets on valid and test the head is the same to the last bit: nothing of it comes from them."""
    dataset = make_dataset("multi-label")
    first = quick(dataset)
    changed = dataset.targs.copy()
    held_out = np.concatenate([dataset.index("valid"), dataset.index("test")])
    changed[held_out] = 1 - changed[held_out]
    planted = dataclasses.replace(dataset, targs=changed)
    config, task = first.config, tasks.get("multi-label")
    head = of_learner.head_for(config, planted, task, torch.device("cpu"))
    np.testing.assert_array_equal(head.weight.numpy(), inference.load(first).net[1][-1].weight.detach().numpy())


def test_a_changed_picture_is_seen_anew(make_dataset):
    """Another picture under the same name, or another size, does not get the features of the first."""
    dataset = make_dataset("multi-label")
    config, device = options.configure_quick(dataset, {"size": 32}), torch.device("cpu")
    head = of_learner.head_for(config, dataset, tasks.get("multi-label"), device)

    def seen(**chosen):
        return features.of_rows(head.model[0], dataclasses.replace(config, **chosen), dataset, [0], 1, device)

    before = seen()
    Image.new("RGB", (48, 40), "red").save(dataset.image_path(0))
    after = seen()
    assert (before.cached, after.cached, seen(size=64).cached, seen(normalize="imagenet").cached) == (1, 0, 0, 0)
    assert np.abs(after.values - before.values).max() > 0.1


def test_stopped_while_it_looks_it_leaves_no_model_and_goes_on(make_dataset, quick, monkeypatch):
    """Features that were computed are kept; resumed, the run finds them and ends as one that was never stopped."""
    dataset = make_dataset("multi-label")
    monkeypatch.setattr(features, "BATCH", 8)
    compute = feature_store.FeatureStore.write

    def stopping(self, kept):
        compute(self, kept)
        (path,) = Workspace(dataset.path.parent.parent).runs.glob(f"*/{events.CONFIG}")
        launch.stop(path.parent)

    with monkeypatch.context() as patched:
        patched.setattr(feature_store.FeatureStore, "write", stopping)
        run = quick(dataset)
    assert (run.state, run.manifest(), run.resumable) == (events.STOPPED, None, True)
    launch.resume(run)
    assert run.refresh().state == events.FINISHED
    assert run.result()["path"]["cached"] == 8
    weights = inference.load(run).net[1][-1].weight
    shutil.rmtree(dataset.path.parent.parent / "cache")
    again = of_learner.head_for(run.config, dataset, tasks.get("multi-label"), data.best_device())
    torch.testing.assert_close(again.weight, weights.detach(), rtol=1e-3, atol=1e-5)


def test_grad_cam_has_its_map(make_dataset, quick):
    """The body of a quick model ends in a map of places, as every convolutional one."""
    dataset = make_dataset("multi-label")
    model = inference.load(quick(dataset, size=64))
    maps = grad_cam.of_images(model, data.Pictures(dataset, 64).batch, [0, 1], 1)
    assert maps.maps.shape == (2, 2, 2)
    assert maps.maps.max() == 1


def test_a_pretrained_training_stands_beside_it(make_dataset, worked, quick):
    """The predictions of a quick model of the same network and size are kept, with their metrics, on both splits."""
    dataset = make_dataset("multi-label")
    own = quick(dataset)
    run = worked(dataset, arch="lite0", pretrained=True, normalize="network", epochs=1, freeze_epochs=0)
    for split in ("valid", "test"):
        beside = run.predictions(split)
        np.testing.assert_allclose(beside.quick, own.predictions(split).preds, atol=1e-4)
        task = tasks.get("multi-label")
        assert run.result()["quick"][split] == task.metrics(beside.by_quick, run.config.thresh)
    assert not own.result().get("quick")
    assert own.predictions("valid").quick is None


@pytest.mark.parametrize("n", [18, 20])
def test_very_few_images(n, make_dataset, quick):
    """Two training images, or four: a model all the same, and each label that could not be learned is said."""
    dataset = make_dataset("multi-label", n=n)
    run = quick(dataset)
    assert run.state == events.FINISHED
    assert np.isfinite(run.predictions("valid").preds).all()
    positives = dataset.targs[dataset.index("train")].sum(axis=0)
    rarer = np.minimum(positives, n - 16 - positives)
    path = run.result()["path"]
    assert [part["name"] for part in path["parts"]] == [dataset.names[c] for c in np.flatnonzero(rarer >= 2)]
    assert len(path["notes"]) == np.count_nonzero(rarer < 2)


def test_the_command_line_makes_both_and_says_what_they_are_worth(make_dataset, workspace, monkeypatch, capsys):
    """``train --quick`` waits for two sizes and prints each beside its baseline; the command of one makes it again."""
    make_dataset("multi-label")
    monkeypatch.setattr(local, "spawn_worker", lambda folder: worker.main(folder, has_lock=False))
    monkeypatch.setattr(options, "QUICK_SIZES", (32, 48))
    monkeypatch.setitem(launch.start_quick.__kwdefaults__, "sizes", (32, 48))
    monkeypatch.setenv("MANYHOT_WORKSPACE", str(workspace.root))
    assert main(["train", "made", "--quick"]) == 0
    printed = capsys.readouterr().out
    assert [line.split(":")[0] for line in printed.splitlines() if " px: " in line] == ["32 px", "48 px"]
    assert printed.count("predict nothing") == 4
    assert printed.count("95 % interval") == 2
    newest = max(runs.list_runs(workspace), key=lambda run: run.config.size)
    words = options.command(newest.config).split()
    assert main([*words[words.index("train") :], "--json", "--size", "32"]) == 0
    (report,) = json.loads(capsys.readouterr().out)["runs"]
    assert report["images"] == 10
    assert options.configure_quick(store.load(workspace, "made"), {"size": 48}) == newest.config
    with pytest.raises(UserError, match="no epochs"):
        options.configure_quick(store.load(workspace, "made"), {"epochs": 3})
    with pytest.raises(UserError, match="small"):
        launch.start_quick(workspace, "made", {"arch": "small"})
