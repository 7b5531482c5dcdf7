"""How long a training will take is told by runs like it, and by nothing where there is none."""

from __future__ import annotations

import dataclasses
import json

import pytest

from lib.core.config import QUICK
from lib.core.fold import Fold
from lib.training import estimates, events, options, runs


@pytest.fixture
def write(workspace, make_dataset):
    """A function that writes a finished run whose epochs take 10 s frozen, 20 s unfrozen, after 5 s of starting."""
    dataset = make_dataset("multi-label")

    def write_run(run: str, **changed):
        config = options.configure(dataset, {"arch": "small", "pretrained": False, "freeze_epochs": 1, "epochs": 2})
        config = dataclasses.replace(config, **changed)
        folder = workspace.run(run)
        folder.mkdir(parents=True)
        (folder / events.CONFIG).write_text(json.dumps(config.to_json()))
        lines, seconds = [{"event": "started", "n_train": 32, "device": "CPU", "seconds": 5.0}], 5.0
        for epoch in range(1, 4):
            phase = "frozen" if epoch == 1 else "unfrozen"
            if epoch < 3:
                lines.append({"event": "fit", "phase": phase, "epochs": 1, "step": epoch - 1, "seconds": seconds})
            seconds += 10.0 if epoch == 1 else 20.0
            losses = {"train_loss": 1.0, "valid_loss": 1.0, "metrics": {"accuracy_multi": 0.5}}
            lines.append({"event": "batch", "step": epoch, "seconds": seconds, "loss": 1.0, "lr": 0.1, "mom": 0.9})
            lines.append(
                {"event": "epoch", "phase": phase, "epoch": epoch, "step": epoch, "seconds": seconds, **losses}
            )
        lines.append({"event": events.FINISHED, "seconds": seconds + 2})
        (folder / events.EVENTS).write_text("".join(json.dumps({"time": 0.0, **line}) + "\n" for line in lines))
        manifest = {"names": list(dataset.names), "splits": {"valid": 10, "test": 6}, "seconds": seconds + 2}
        manifest["metrics"] = {split: {"accuracy_multi": 0.5} for split in manifest["splits"]}
        path = {"score": "log loss", "folds": 5, "images": 32, "cached": 0, "parts": [], "notes": [], "seconds": 9.0}
        more = {"path": path} if config.kind == QUICK else {}
        (folder / events.MANIFEST).write_text(json.dumps({**manifest, **more, "config": config.to_json()}))
        return config

    return write_run


def test_a_training_takes_as_long_as_one_like_it(write, workspace):
    """Epochs of both phases as often as they are chosen and in proportion to the images, and what is around them."""
    config = write("20260102-030405-0001")
    known = runs.list_runs(workspace)
    assert estimates.of_training(known, config, 32) == pytest.approx(5 + 10 + 2 * 20 + 2)
    more = dataclasses.replace(config, epochs=10, base_lr=0.5)
    assert estimates.of_training(known, more, 64) == pytest.approx(5 + 2 * (10 + 10 * 20) + 2)
    assert estimates.of_training(known, config, 32, processes=2) is None
    for other in ({"size": 32}, {"arch": "resnet18"}, {"augment": not config.augment}, {"dataset": "other"}):
        assert estimates.of_training(known, dataclasses.replace(config, **other), 32) is None


def test_a_quick_model_takes_as_long_for_each_image_as_one_before(write, workspace):
    """Of another dataset; of its own revision what is known already makes it shorter, so nothing is said."""
    write("20260102-030405-0001", kind=QUICK, size=128, dataset="other")
    known = runs.list_runs(workspace)
    assert estimates.of_quick_model(known, "made", "any", 96) == pytest.approx(5 + 52 * 96 / 48)
    assert estimates.of_quick_model(known, "other", known[0].config.revision, 96) is None
    assert estimates.of_quick_model([], "made", "any", 96) is None


def test_an_audit_takes_as_long_as_its_folds_without_waiting(write, workspace):
    """Whole trainings as often as there are folds of fewer images; quick ones by the pace of those before."""
    config = dataclasses.replace(write("20260102-030405-0001"), fold=Fold(4))
    one = 5 + 2 + (10 + 2 * 20) * 36 / 32  # 36 of 48 images train
    assert estimates.of_audit(runs.list_runs(workspace), config, 48) == pytest.approx(4 * one)
    quick = write("20260102-030405-0002", kind=QUICK, size=128)
    fold = dataclasses.replace(quick, fold=Fold(4))
    assert estimates.of_audit(runs.list_runs(workspace), fold, 96) == pytest.approx(4 * 52 * 96 / 48)
    assert estimates.of_audit([], fold, 96) is None
