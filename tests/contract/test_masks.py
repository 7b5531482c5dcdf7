"""What nobody knows counts nowhere: one suite over all tasks whose targets may have gaps."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib import tasks
from lib.metrics.scores import METRICS
from lib.tasks.types import Predictions

#: How a gap is said, by task.
UNKNOWN = {"multi-label": -1, "keypoints": np.nan}
TASKS = pytest.mark.parametrize("name", list(tasks.TASKS))
GAPPY = pytest.mark.parametrize("name", list(UNKNOWN))
N = 60


def _targs(name: str, rng: np.random.Generator) -> np.ndarray:
    return {
        "multi-label": lambda: rng.integers(0, 2, (N, 4)).astype(np.int8),
        "single-label": lambda: rng.integers(0, 4, N),
        "keypoints": lambda: rng.uniform(0, 90, (N, 4, 2)).astype(np.float32),
        "regression": lambda: rng.normal(5, 2, (N, 4)).astype(np.float32),
    }[name]()


def _preds(name: str, rng: np.random.Generator) -> np.ndarray:
    if tasks.get(name).has_labels:
        return rng.random((N, 4)).round(2).astype(np.float32)
    return _targs(name, rng)


@pytest.fixture
def predictions(name) -> Predictions:
    """Predictions of 60 images of different sizes."""
    rng = np.random.default_rng(7)
    sizes = rng.integers(40, 200, (N, 2)).astype(np.float64)
    preds, targs = _preds(name, rng), _targs(name, rng)
    baseline = tasks.get(name).baseline(targs, sizes, sizes, NAMES)
    return Predictions(np.arange(N), preds, targs, sizes, NAMES, baseline)


NAMES = ("a", "b", "<b>", "a rather long name that goes on and on")


@pytest.fixture
def mask() -> np.ndarray:
    """Which of the 60 x 4 cells nobody knows: some, all of images 5 and 6, none of image 0."""
    unknown = np.random.default_rng(8).random((N, 4)) < 0.3
    unknown[[5, 6]] = True
    unknown[0] = False
    return unknown


def _with_gaps(name: str, predictions: Predictions, mask: np.ndarray) -> Predictions:
    targs = predictions.targs.copy()
    targs[mask] = UNKNOWN[name]
    sizes = predictions.sizes
    return replace(predictions, targs=targs, baseline=tasks.get(name).baseline(targs, sizes, sizes, NAMES))


def _metrics(name: str, predictions: Predictions, rows: np.ndarray | slice = slice(None)) -> dict[str, float | None]:
    chosen = {part: values[rows] for part, values in predictions.arrays().items()}
    return tasks.get(name).metrics(replace(predictions, **chosen), 0.5)


@TASKS
def test_metrics_are_described_and_the_headline_comes_first(name, predictions):
    """Every number has a title and a help, is plain JSON, and pages find the headline."""
    task, metrics = tasks.get(name), _metrics(name, predictions)
    assert next(iter(metrics)) == task.metric
    assert set(metrics) <= set(METRICS)
    assert all(type(value) is float for value in metrics.values())
    json.dumps(metrics, allow_nan=False)
    for key, value in metrics.items():
        assert task.format(value, NAMES, key).endswith(task.unit_of(NAMES, key))
    assert task.format(None, NAMES) == "not defined"


@TASKS
def test_perfect_predictions_have_the_best_of_every_metric(name, predictions):
    """The truth is 1 where more is better and 0 where less is, and no worse than wrong predictions."""
    perfect = (
        np.eye(4, dtype=np.float32)[predictions.targs]
        if name == "single-label"
        else predictions.targs.astype(np.float32)
    )
    best = tasks.get(name).metrics(replace(predictions, preds=perfect), 0.5)
    for key, value in _metrics(name, predictions).items():
        assert best[key] == (1 if METRICS[key].larger_is_better else 0)
        assert (value < best[key]) if METRICS[key].larger_is_better else (value > best[key])


@GAPPY
def test_what_is_predicted_of_unknown_cells_changes_no_number(name, predictions, mask):
    """Metrics, errors, findings, figures and tables are of the known cells alone, whatever the others say."""
    task, first = tasks.get(name), _with_gaps(name, predictions, mask)
    preds = first.preds.copy()
    preds[mask] = _preds(name, np.random.default_rng(9))[mask]
    assert (preds != first.preds).any()
    other = replace(first, preds=preds)
    assert _metrics(name, first) == _metrics(name, other)
    assert None not in _metrics(name, first).values()
    for before, after in zip(*(task.panels(one, 0.5) for one in (first, other)), strict=True):
        assert before.help == after.help
        if isinstance(before.content, pd.DataFrame):
            pd.testing.assert_frame_equal(before.content, after.content)
        else:
            assert before.content.to_json() == after.content.to_json()
    errors = [task.errors(one, 0.5) for one in (first, other)]
    np.testing.assert_array_equal(*errors)
    thresh = 0.999  # that is hardly ever exceeded
    findings = [task.findings(one, thresh) for one in (first, other)]
    assert findings[0] == findings[1]


@GAPPY
def test_metrics_of_known_images_alone(name, predictions, mask):
    """Images of which nothing is known change nothing, whether they are there or not."""
    rows = np.flatnonzero(np.arange(N) % 3 > 0)
    whole = np.repeat((np.arange(N) % 3 == 0)[:, None], 4, axis=1)
    metrics = _metrics(name, _with_gaps(name, predictions, whole))
    for key, value in _metrics(name, predictions, rows).items():
        assert metrics[key] == pytest.approx(value, rel=1e-12)


@GAPPY
def test_the_baseline_learns_from_known_cells(name, predictions, mask):
    """The baseline is the same whether unknown cells are left out image by image or marked."""
    baseline = _with_gaps(name, predictions, mask).baseline
    assert np.isfinite(baseline).all()
    for k in range(4):
        keep = ~mask[:, k]
        alone = tasks.get(name).baseline(predictions.targs[keep], predictions.sizes[keep], predictions.sizes, NAMES)
        np.testing.assert_allclose(baseline[:, k], alone[:, k], rtol=1e-5)


@GAPPY
def test_images_of_which_nothing_is_known_say_so(name, predictions, mask):
    """Their error is not defined, which sorts them last, and their cards are plain JSON that says it."""
    task, gappy = tasks.get(name), _with_gaps(name, predictions, mask)
    errors = task.errors(gappy, 0.5)
    assert np.flatnonzero(np.isnan(errors)).tolist() == np.flatnonzero(mask.all(axis=1)).tolist()
    for row in range(N):
        cards = (
            task.card(row, "x", gappy.targs[row], gappy.sizes[row], NAMES),
            task.pred_card(gappy, row, "x", 0.5),
        )
        for card in cards:
            json.dumps(card.to_json(), allow_nan=False)
            assert ("nothing known" in card.note) == mask[row].all()
            assert [place is None for place in card.true_points] == ([] if task.has_labels else mask[row].tolist())
            assert None not in card.pred_points


@GAPPY
def test_nothing_known_at_all_is_drawn_all_the_same(name, predictions):
    """A split of which nobody knows anything has no number, no finding and no error page."""
    task, nothing = tasks.get(name), _with_gaps(name, predictions, np.ones((N, 4), dtype=bool))
    assert set(_metrics(name, nothing).values()) == {None}
    assert task.findings(nothing, 0.5) == []
    assert task.panels(nothing, 0.5) or task.sweep_curves or task.bench


@GAPPY
def test_data_with_gaps_can_be_learned_if_something_is_known_of_each_name(name, predictions, mask):
    """Gaps pass; a name of which nobody knows anything is refused with a sentence that names it."""
    task, gappy = tasks.get(name), _with_gaps(name, predictions, mask)
    assert task.check(NAMES, gappy.targs) is None
    mask[:, 1] = True
    assert "'b'" in task.check(NAMES, _with_gaps(name, predictions, mask).targs)


def test_half_a_point_is_refused():
    """A point with x alone is neither known nor missing."""
    targs = np.array([[[1, 2]], [[3, np.nan]]])
    assert "found one of them" in tasks.get("keypoints").check(["nose"], targs)
    assert "found one of them" in tasks.get("keypoints").check(["nose"], np.array([[[1, 2]], [[np.inf, np.inf]]]))


@GAPPY
def test_facts_are_of_the_known(name, predictions, mask):
    """What pages count of a dataset ignores gaps, and says how many there are."""
    task, gappy = tasks.get(name), _with_gaps(name, predictions, mask)
    splits = np.resize(["train", "valid"], len(gappy.targs))
    facts = task.facts(gappy.targs, NAMES, gappy.sizes, splits)
    assert f"{100 * mask.mean():.3g} %" in [value for _, value, _ in facts]
    shown = task.matrix(gappy.targs, NAMES)
    assert int(shown.isna().to_numpy().sum()) == mask.sum() * (1 if task.has_labels else 2)


def test_unknown_labels_on_cards(made_multi):
    """A chip says that nobody knows a label that was predicted; on the Data page they are only counted."""
    task = tasks.get("multi-label")
    card = task.pred_card(made_multi, 0, "x", 0.5)
    assert [(chip.text, chip.kind) for chip in card.chips] == [
        ("a", "unknown"),
        ("b", "hit"),
        ("d", "unknown"),
        ("c", "plain"),
    ]
    assert card.note == "all right"
    targs = made_multi.targs
    assert task.card(0, "x", targs[0], made_multi.sizes[0], made_multi.names).note == "2 unknown"
    bare = np.array([0, -1, 0, 0], dtype=np.int8)
    assert task.card(0, "x", bare, made_multi.sizes[0], made_multi.names).note == "no known label, 1 unknown"


@pytest.fixture
def made_multi() -> Predictions:
    """One image: of four labels two are unknown, one of them predicted."""
    preds, targs = np.array([[0.9, 0.8, 0.1, 0.3]], dtype=np.float32), np.array([[-1, 1, 0, -1]], dtype=np.int8)
    return Predictions(np.array([0]), preds, targs, np.array([[9.0, 9.0]]), ("a", "b", "c", "d"), preds)
