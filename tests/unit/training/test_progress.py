"""A quick model reports its progress and its remaining time, from the lines its worker writes."""

from __future__ import annotations

import json

import pytest

from lib.core.config import QUICK, TrainConfig
from lib.training import run_files
from lib.training.history import History, Progress

CONFIG = TrainConfig("made", "0", "multi-label", "lite0", True, None, 128, 8, True, 0, 1, 0.01, 1.0, 0.5, 42, QUICK)


def _history(*notes: tuple[float, str]) -> History:
    history = History()
    for seconds, note in notes:
        line = json.dumps({"event": "note", "time": 0.0, "seconds": seconds, "note": note}).encode()
        history.add(run_files.event(line))
    return history


def test_pictures_a_second_and_the_time_left():
    """From 100 of 1,100 at 10 s to 600 at 20 s it is 50 a second, and the other 500 take 10 s."""
    seen = _history(
        (1, "Loading the network"), (10, "Features 100 of 1,100 images"), (20, "Features 600 of 1,100 images")
    )
    progress = Progress.of(CONFIG, seen)
    assert progress.fraction == pytest.approx(6 / 11)
    assert progress.images_per_s == pytest.approx(50)
    assert progress.seconds_left == pytest.approx(10)


def test_what_is_counted_anew_starts_anew():
    """Where another count begins, or none goes on, nothing of the one before is left."""
    other = _history((10, "Features 100 of 1,100 images"), (20, "Features 5 of 70 images"))
    progress = Progress.of(CONFIG, other)
    assert (progress.images_per_s, progress.seconds_left) == (None, None)
    assert progress.fraction == pytest.approx(5 / 70)
    fitting = _history((10, "Features 70 of 70 images"), (20, "Fitting the head"))
    assert Progress.of(CONFIG, fitting) == Progress(0, 0, 0.0, None, None)


@pytest.mark.parametrize("note", ["", "Features", "Features of images", "Features 0 of 0 images"])
def test_what_counts_nothing_is_no_progress(note):
    """A note without numbers, or of nothing at all, divides by nothing."""
    assert Progress.of(CONFIG, _history((1, note))).fraction == 0


def test_what_to_try_next_is_of_the_kinds_that_it_is_shown_as():
    """A choice with a value of another kind costs the line, one that no failed run asks for is left out."""
    assert run_files.event(b'{"event": "failed", "retry": {"bs": 8, "nope": 1}}')["retry"] == {"bs": 8}
    for retry in ('{"bs": "x"}', '{"bs": -1}', '{"base_lr": null}', "[]"):
        with pytest.raises(ValueError, match="retry"):
            run_files.event(f'{{"event": "failed", "retry": {retry}}}'.encode())


def test_what_is_known_of_a_start_stays_as_long_as_the_training_comes_from_it():
    """A batch by three processes counts, those by two that were lost do not; begun anew, nothing before does."""
    history = History()

    def add(kind: str, **values: object) -> None:
        history.add(run_files.event(json.dumps({"event": kind, **values}).encode()))

    def batches(*steps: int) -> None:
        for step in steps:
            add("batch", step=step, loss=1.0, lr=0.1, mom=0.9, seconds=0.0)

    add("started", processes=3, notes=["three", "weights"])
    batches(1, 2)
    add("resumed", step=1, epochs=0)  # from within the epoch
    add("started", processes=1, notes=["from three"])
    assert (history.notes, history.processes) == (["three", "weights", "from three"], 3)
    batches(2)
    add("epoch", epoch=1, step=2, phase="frozen", train_loss=1, valid_loss=1, metrics={}, findings=[], preview=[])
    for processes, note in ((2, "two"), (1, "again")):
        add("resumed", step=2, epochs=1)
        add("started", processes=processes, notes=[note, "weights"])
        batches(3)
    assert (history.notes, history.processes) == (["three", "weights", "from three", "again"], 3)
    assert history.started["processes"] == 3  # in the record, whoever trained it last
    add("resumed", step=0, epochs=0)
    add("started", processes=1, notes=["weights"])
    assert (history.notes, history.processes, history.started["processes"]) == (["weights"], 1, 1)
