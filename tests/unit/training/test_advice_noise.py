"""Wrong labels are named where a model that has learned is equally unsure of every image, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from lib.tasks import TASKS
from lib.training.advice import noise
from lib.training.advice.diagnosis import LABEL_NOISE
from tests.unit.training.curves import curves_of, diagnose

_NAMES = range(8)


def _curves(loss: float = 1.19, accuracy: float = 0.7, train: float = 1.2, **changed):
    """Curves of eight classes; with 70 % right, all pictures alike, and seven others to share the rest, 1.195."""
    at = np.array([0.3, 0.1, 0.02, 0.0, 0.0, 0.01])
    known = {"values": accuracy - at / 3, "baseline": 0.125, "losses": None, **changed}
    known["unsure_loss"] = lambda value: TASKS["single-label"].unsure_loss(value, _NAMES)
    return train + at, loss + at, known


def test_labels_that_leave_all_pictures_alike_are_said_to_be_wrong():
    """With both numbers, and no choice of the training offered: none helps."""
    train, valid, known = _curves()
    diagnosis = diagnose(train, valid, **known)
    assert diagnosis.kind == LABEL_NOISE
    assert "valid_loss is 1.19 with accuracy_multi 0.700" in diagnosis.evidence
    assert "100 % of" in diagnosis.evidence
    assert not diagnosis.changes


@pytest.mark.parametrize(
    "changed",
    [
        {"loss": 0.9},  # some pictures are easier than others
        {"train": 0.8},  # it is surer of others than it may be
        {"accuracy": 0.5, "loss": 1.66},  # too little learned
        {"focal_gamma": 2.0},  # another loss
        {"class_weights": True},
        {"label_smoothing": 0.1},
        {"n_valid": 40},
        {"total": 12},  # goes on
    ],
)
def test_label_noise_is_not_said_without_evidence(changed):
    """Each of the conditions that make it specific is one."""
    train, valid, known = _curves(**changed)
    assert noise.label_noise(curves_of(train, valid, **known)) is None
