"""What is said of trainings with a known fault is true of nine of ten, and wrong of none."""

from __future__ import annotations

import json

import numpy as np

from benchmarks import diagnosis, recording, simulated_trainings
from benchmarks.diagnosis import WRONG, Case
from benchmarks.known_trainings import CAUSES, FINE, LABEL_NOISE, OVERFITTING, TRAININGS, UNDERFITTING
from benchmarks.simulated_course import Course


def _wrong(cases: list[Case]) -> list[tuple[str, str]]:
    return [(case.name, case.named) for case in cases if case.verdict == WRONG]


def test_recorded_trainings_are_diagnosed():
    """All that are listed; and every fault was put into some that the rules were not made with.

    Wrong labels that are memorized look like overfitting, and are that too.
    """
    cases = diagnosis.recorded()
    assert len(cases) == len(TRAININGS)
    assert _wrong(cases) == []
    assert diagnosis.share_true(cases) >= 0.9
    assert diagnosis.share_right([case for case in cases if case.cause != LABEL_NOISE]) >= 0.9
    assert {case.cause for case in diagnosis.recorded(1)} == set(CAUSES)


def test_simulated_trainings_are_diagnosed():
    """Of seeds that the rules were not made with; the table has more of them."""
    cases = list(diagnosis.simulated(range(5000, 5005)))
    assert _wrong(cases) == []
    assert diagnosis.share_right(cases) >= 0.9


def test_more_epochs_are_advised_only_where_the_validation_loss_still_falls():
    """Whatever the fault: of two causes one is said, and no advice to train on stands beside a rising loss."""
    for training in TRAININGS:
        file = recording.FOLDER / f"{training.name}.json"
        if file.exists() and (advice := diagnosis.said_of(json.loads(file.read_text()))) and "epochs" in advice.changes:
            epochs = json.loads(file.read_text())["config"]["epochs"]
            assert (advice.changes["epochs"] > epochs) == (advice.kind == UNDERFITTING), training.name


def test_recorded_files_hold_numbers_only():
    """Neither pictures nor paths, all together below 200 KB, and each with the command that made it."""
    files = sorted(recording.FOLDER.glob("*.json"))
    assert sum(file.stat().st_size for file in files) < 200_000
    assert {file.stem for file in files} <= {training.name for training in TRAININGS}
    for file in files:
        text = file.read_text()
        assert "/" not in text, file.name
        assert json.loads(text)["recorded_by"].endswith(f"--only {file.stem}")


def test_verdicts():
    """Silence about a fault is not right and not wrong; a word about a good training is wrong."""
    verdicts = {
        Case("", cause, frozenset({OVERFITTING}), named).verdict: (cause, named)
        for cause, named in ((FINE, ""), (FINE, UNDERFITTING), (UNDERFITTING, ""), (UNDERFITTING, OVERFITTING))
    }
    assert list(verdicts) == ["right", "wrong", "silent", "also true"]


def test_simulated_trainings_are_what_their_names_say():
    """More epochs bring a fine one less than a tenth of its loss, and an underfitted one a third and more."""
    rng = np.random.default_rng(0)
    for _ in range(50):
        assert Course.of(rng).converge().left() <= 0.1
    fine = simulated_trainings.KINDS[FINE][0]
    one, same = (simulated_trainings.simulate(FINE, fine, 3) for _ in range(2))
    np.testing.assert_array_equal(one.valid, same.valid)
