"""What an experiment concludes follows from the errors of the same pictures, and from nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from lib.evaluation.experiments import worker
from lib.metrics import intervals


def _concluded(dataset, first: np.ndarray, second: np.ndarray) -> dict:
    return worker.concluded("threshold", dataset, [first, second], np.arange(len(first)))


def test_numbers_and_verdict_are_those_of_the_errors(make_dataset):
    """The headline is 1 minus the share of wrong cells, the gain their difference; no more is claimed than that."""
    dataset, rng = make_dataset("multi-label"), np.random.default_rng(1)
    first = (rng.random((200, 3)) < 0.3).astype(float)
    better = np.where(rng.random((200, 3)) < 0.5, 0.0, first)
    answer = _concluded(dataset, first, better)
    assert [one["value"] for one in answer["options"]] == pytest.approx([1 - first.mean(), 1 - better.mean()])
    assert (answer["best"], answer["next"], answer["verdict"]) == (1, 0, intervals.BETTER)
    assert answer["gain"]["value"] == pytest.approx(first.mean() - better.mean())
    assert 0 < answer["gain"]["low"] < answer["gain"]["value"] < answer["gain"]["high"]
    assert all(one["low"] < one["value"] < one["high"] for one in answer["options"])
    assert "with 0.5" in answer["sentence"] and "better by" in answer["sentence"]
    assert "not for other trainings" in answer["sentence"] and "more than chance" not in answer["sentence"]


def test_what_chance_may_decide_is_said_so(make_dataset):
    """Two options that err alike, equally or on too few pictures, are never called better."""
    dataset, rng = make_dataset("multi-label"), np.random.default_rng(1)
    first, second = ((rng.random((60, 3)) < 0.3).astype(float) for _ in range(2))
    one_cell = np.where(np.arange(180).reshape(60, 3) == 7, 1 - first, first)
    for one, other, verdict, words in (
        (first, second, intervals.CHANCE, "may be chance"),
        (first, first, intervals.SAME, "the same."),
        (first[:20], first[:20], intervals.TOO_FEW, "the same on all 20 pictures, too few"),
        (first, one_cell, intervals.TOO_FEW, "differ on 1 of 60 pictures: too few"),
    ):
        answer = _concluded(dataset, one, other)
        assert answer["verdict"] == verdict and words in answer["sentence"]
