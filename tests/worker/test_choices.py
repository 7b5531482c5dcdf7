"""The training options work together in a real worker, on partially unknown targets."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lib.core.errors import UserError
from lib.datasets import store
from lib.training import events
from lib.training.learner.precision import check_mixed

pytestmark = pytest.mark.slow


def _able() -> bool:
    """Return whether workers here can mix precisions; on other processors the rest is tried without it."""
    try:
        check_mixed(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    except UserError:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "hole", "chosen", "loss"),
    [
        ("multi-label", -1, {"class_weights": True, "focal_gamma": 2.0, "wd": 0.1}, "MaskedBCEWithLogitsLoss"),
        ("keypoints", np.nan, {}, "MaskedMSELoss"),
        ("keypoints", np.nan, {"head": "heatmap"}, "MaskedL1Loss"),
    ],
)
def test_all_choices_together_on_targets_with_holes(name, hole, chosen, loss, make_dataset, workspace, worked):
    """A run with everything chosen that can be finishes with the loss that was asked for and finite numbers."""
    whole = make_dataset(name)
    targs = whole.targs.copy()
    targs[np.random.default_rng(1).random(targs.shape[:2]) < 0.3] = hole
    head = {key: getattr(whole, key) for key in ("name", "task", "names", "problems", "source", "defaults")}
    store.save(whole.path, head, whole.items, targs)
    dataset = store.load(workspace, "made")
    chosen = {"size": 64, "mixed_precision": _able(), "progressive": True, "ema_decay": 0.9, "epochs": 3, **chosen}
    run = worked(dataset, **chosen)
    assert run.state == events.FINISHED, run.failure()
    assert run.history.started["loss"] == loss
    assert np.isfinite(run.history.batches()["loss"]).all()
    for epoch in run.history.epochs:
        assert np.isfinite([epoch["train_loss"], epoch["valid_loss"], *epoch["metrics"].values()]).all()
    assert np.isfinite(run.predictions("valid").preds).all()
