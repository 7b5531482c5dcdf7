"""The lines that a panel shows as its code give the numbers of the panel."""

from __future__ import annotations

import json

import matplotlib as mpl
import numpy as np
import pytest

from lib.evaluation import calibration, comparison, confusion, label_table, slices
from lib.evaluation.keypoints import errors, failures, swaps
from lib.evaluation.keypoints.norms import box_sizes
from lib.metrics import counts, decisions, points, scores, sweep
from lib.tasks.code import epochs, panels
from lib.tasks.code.panels import Asked
from lib.thresholds import costs, tuning
from lib.training.history import History
from tests.unit.evaluation.panel_lines import DRAWN, NAMES, THRESHS, WITH_LABELS, C, N, Panels

mpl.use("Agg")


@pytest.fixture
def panels_of(tmp_path):
    """Return `Panels` of a kind."""
    return lambda kind: Panels(tmp_path, kind)


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("thresh", [np.full(C, 0.5, dtype=np.float32), THRESHS], ids=["one", "own"])
def test_all_metrics(panels_of, kind, thresh, capsys):
    """Every number of "All metrics", at one threshold and at one a label, as the panel has it."""
    one = panels_of(kind)
    left = one.run(panels.METRICS, thresh=thresh)
    left["map"] = left.get("mean_ap")
    left["hamming_loss"] = 1 - left.get("accuracy_multi", 0)
    for name, value in one.task.metrics(one.predictions, thresh).items():
        assert left[name] == pytest.approx(value, rel=1e-12), name


@pytest.mark.parametrize("kind", WITH_LABELS)
def test_confusion(panels_of, kind, capsys):
    """The cells of the matrix of all labels, and of yes and no of one."""
    one = panels_of(kind)
    predicted = decisions.predicted(one.decided, THRESHS)
    expected = confusion.matrix(predicted, one.decided.truth, one_class=kind == "single-label").counts
    found = one.run(panels.CONFUSION)["counts"]
    np.testing.assert_array_equal(found[:, : expected.shape[1]], expected)
    assert not found[:, expected.shape[1] :].any()
    if kind != "single-label":
        of_one = confusion.matrix_of_one(predicted, one.decided.truth, 1).counts
        np.testing.assert_array_equal(one.run(panels.CONFUSION, label=1)["counts"], of_one)


@pytest.mark.parametrize("kind", WITH_LABELS)
def test_per_label(panels_of, kind, capsys):
    """Every column that the lines have, as in the panel's table."""
    one = panels_of(kind)
    ranked = scores.average_precision(one.decided.scores, one.decided.truth)
    expected = label_table.table(one.decided, THRESHS, ranked, "label")
    table = one.run(panels.PER_NAME)["table"]
    assert list(table.index) == list(NAMES)
    for column in table.columns:
        np.testing.assert_allclose(table[column], expected[column], rtol=1e-12, err_msg=column)


@pytest.mark.parametrize("kind", WITH_LABELS)
@pytest.mark.parametrize("label", [None, 1])
def test_calibration(panels_of, kind, label, capsys):
    """The expected calibration error of all labels and of one."""
    one = panels_of(kind)
    if label is not None and kind == "single-label":
        assert one.task.panel_code(panels.CALIBRATION, Asked("", "valid", NAMES, THRESHS, label)) == ""
        return
    columns = slice(None) if label is None else [label]
    p, y = calibration.pairs(one.decided.probs[:, columns], one.decided.truth[:, columns], one.decided.activation)
    expected = calibration.ece(calibration.reliability(p, y))
    assert one.run(panels.CALIBRATION, label=label)["ece"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("norm", ["px", "diagonal", "box", "pair:0,2"])
def test_points(panels_of, norm, capsys):
    """Mean, median, ninth decile and largest error of each point by each norm, and the share within a limit."""
    one = panels_of("keypoints")
    off = points.distances(one.preds, one.targs)
    length = {
        "px": np.full(N, 100.0),
        "diagonal": np.linalg.norm(one.sizes, axis=1),
        "box": box_sizes(one.targs),
        "pair:0,2": points.distances(one.targs[:, [0]], one.targs[:, [2]])[:, 0],
    }[norm]
    off = 100 * off / length[:, None]
    each = errors.per_point(off, off, 1.0)
    table = one.run(panels.PER_NAME, norm=norm)["table"]
    for column, values in {"mean": each.mean, "median": each.median, "90th percentile": each.p90}.items():
        np.testing.assert_allclose(table[column], values, rtol=1e-5, err_msg=column)
    left = one.run(panels.CURVE, norm=norm, label=1)
    np.testing.assert_allclose(left["pck"], errors.share_within(off[:, [1]], left["limits"]), atol=1 / N)


def test_values(panels_of):
    """Bias and mean absolute error of the value that is looked at."""
    one = panels_of("regression")
    left = one.run(panels.CURVE, label=2)
    assert left["mae"] == pytest.approx(np.abs(one.preds[:, 2].astype(float) - one.targs[:, 2]).mean(), rel=1e-12)
    assert left["bias"] == pytest.approx((one.preds[:, 2].astype(float) - one.targs[:, 2]).mean(), rel=1e-12)


@pytest.mark.parametrize("kind", ["multi-label", "single-label"])
@pytest.mark.parametrize("label", [None, 1])
def test_sweep(panels_of, kind, label, capsys):
    """Every curve of the lab at every threshold, of all labels and of one."""
    one = panels_of(kind)
    columns = slice(None) if label is None else [label]
    of_label, truth = one.decided.scores[:, columns], one.decided.truth[:, columns]
    counted = counts.counts(of_label, truth, counts.grid())
    tp, fp, fn = (part.sum(axis=1) for part in counted)
    tn = np.count_nonzero(truth >= 0) - tp - fp - fn
    for curve in one.task.sweep_curves:
        if label is not None and not curve.of_one:
            continue
        if curve.name == "subset_accuracy":
            expected = [decisions.numbers(of_label > thresh, truth)[curve.name] for thresh in counts.grid()]
        else:
            expected = sweep.FORMULAS[curve.name](tp, fp, fn, tn, N)
        left = one.run(panels.SWEEP, label=label, thresh=np.full(C, 0.3, np.float32), more={"curve": curve.name})
        np.testing.assert_allclose(left[curve.name], expected, rtol=1e-12, err_msg=curve.name)
        assert float(capsys.readouterr().out) == left[curve.name][300]


#: What is chosen by, with options that can and that cannot be met.
OBJECTIVES = [
    ("f_beta", {"beta": 0.5}),
    ("precision", {"least": 0.5}),
    ("precision", {"least": 1.0}),
    ("recall", {"least": 0.8}),
    ("positives", {"most": 200.0}),
    ("cost", {"miss": 3.0, "alarm": 1.0}),
    ("accuracy", {}),
]


@pytest.mark.parametrize("kind", ["multi-label", "single-label"])
@pytest.mark.parametrize(("objective", "options"), OBJECTIVES)
def test_tuned(panels_of, kind, objective, options, capsys):
    """The thresholds by every objective, one for all and one a label, also where labels of few images borrow."""
    one = panels_of(kind)
    one.targs = one.targs.copy()
    if kind != "single-label":
        one.targs[:, 2] = 0  # a label without any positive
    one.save(one.path, one.preds, one.targs, np.arange(N))
    for is_one in (False, True):
        expected = tuning.report(one.decided, None, objective, options, one=is_one).thresh
        more = {"objective": objective, "options": options, "one": is_one}
        found = one.run(panels.TUNED, more=more)["thresh"]
        np.testing.assert_array_equal(np.broadcast_to(found, C), expected)
        if objective == "cost":  # and with costs of each label
            miss, alarm = np.linspace(0.5, 9, C), np.linspace(4, 1, C)
            expected = costs.report(one.decided, None, costs.Costs(miss, alarm), one=is_one).thresh
            found = one.run(panels.TUNED, more={**more, "miss": miss.tolist(), "alarm": alarm.tolist()})["thresh"]
            np.testing.assert_array_equal(np.broadcast_to(found, C), expected)


@pytest.mark.parametrize(
    ("kind", "way"),
    [("multi-label", "labels"), ("multi-label", "many labels"), ("multi-label", "size"), ("single-label", "size")],
)
@pytest.mark.parametrize("label", [None, 1])
def test_slices(panels_of, kind, way, label, capsys):
    """Images and accuracy of each slice, and of all images."""
    one = panels_of(kind)
    decided = one.decided
    if way == "size":
        parts = slices.by_quarters(one.sizes.max(axis=1), "px")
    else:
        n = np.count_nonzero(one.targs == 1, axis=1)
        parts = slices.by_labels(one.targs)
        if way == "many labels":
            parts = [slices.Slice("", n == 0), *slices.by_quarters(np.where(n, n, np.nan))[:-1]]
    subset, thresh = (decided, THRESHS) if label is None else (slices.of_label(decided, label), THRESHS[[label]])
    expected = slices.table(subset, thresh, parts)
    left = one.run(panels.SLICES, label=label, more={"way": way})
    assert left["table"]["images"].tolist() == [row.images for row in expected.rows]
    values = [row.number.value for row in expected.rows]
    np.testing.assert_allclose(left["table"]["accuracy"], values, rtol=1e-12)
    assert left["good"].sum() / left["total"].sum() == pytest.approx(expected.whole.number.value, rel=1e-12)


@pytest.mark.parametrize("way", ["place", "size"])
@pytest.mark.parametrize("label", [None, 1])
def test_slices_of_points(panels_of, way, label, capsys):
    """Images and mean error of each quarter, also where a box has no area; a point that is missing counts nowhere."""
    one = panels_of("keypoints")
    one.targs = one.targs.copy()
    one.targs[7, 1:] = np.nan
    one.save(one.path, one.preds, one.targs, np.arange(N))
    bench = _bench(one, one.preds, one.targs)
    off = bench.norm("diagonal").of(bench.distances)[:, slice(None) if label is None else [label]]
    measured = {"place": failures.off_center, "size": failures.box_extent}[way](bench)
    parts = slices.by_quarters(measured)
    rows = failures.table(off, off, bench.groups, parts).rows
    rows = rows if np.isfinite(measured).all() else [rows[-1], *rows[:-1]]
    table = one.run(panels.SLICES, label=label, norm="diagonal", more={"way": way})["table"]
    assert table["images"].tolist() == [row.images for row in rows]
    np.testing.assert_allclose(table["mean error"], [row.number.value for row in rows], rtol=1e-6)


def _bench(one, preds, targs):
    return errors.Bench(np.arange(N), preds, targs, one.sizes, NAMES, preds, np.arange(N))


@pytest.mark.parametrize("norm", ["px", "diagonal", "box", "pair:0,2"])
@pytest.mark.parametrize("labels", [{}, {5: [0], 9: [0]}])
def test_swaps(panels_of, norm, labels, capsys):
    """Which pairs the model swaps, against labels put right, and the mean error before and after."""
    one = panels_of("keypoints")
    one.preds = one.preds.copy()
    one.preds[3:15, [0, 2]] = one.preds[3:15, [2, 0]]
    one.save(one.path, one.preds, one.targs, np.arange(N))
    bench = _bench(one, one.preds, one.targs)
    found = swaps.find(bench, [(0, 2)], labels)
    cost = swaps.cost(bench, found, bench.norm(norm))
    more = {"pairs": [(0, 2)], "labels": [(row, pair) for row, ones in labels.items() for pair in ones]}
    left = one.run(panels.SWAPS, norm=norm, more=more)
    np.testing.assert_array_equal(left["swapped"], found.model)
    assert found.model.any()
    np.testing.assert_allclose(left["error"], [cost.now, cost.all_right], rtol=1e-6)


@pytest.mark.parametrize(("kind", "norm"), [("keypoints", "px"), ("keypoints", "diagonal"), ("regression", "px")])
def test_comparison(panels_of, tmp_path, kind, norm, capsys):
    """Mean errors of two runs on what both have with the same truth, and the difference, also of each point."""
    one, other = panels_of(kind), tmp_path / "other.safetensors"
    items = np.arange(N)[::-1] + 3
    moved = one.preds[items % N] + np.float32(1.5), one.targs[items % N]
    moved[1][9] += 1  # another truth
    one.save(other, *moved, items)
    at = 2 if kind == "regression" else None

    def of(preds, targs):
        if kind == "regression":
            return np.abs(preds[:, [at]].astype(float) - targs[:, [at]])
        bench = _bench(one, preds, targs)
        return bench.norm(norm).of(bench.distances)

    _, mine, others = np.intersect1d(np.arange(N), items, return_indices=True)
    same = others != 9
    first, second = of(one.preds, one.targs)[mine[same]], of(*moved)[others[same]]
    expected = comparison.of_errors(first, second, np.arange(len(first)))
    left = one.run(panels.COMPARISON, norm=norm, label=at, more={"other": str(other)})
    assert len(left["mine"]) == expected.images == N - 4
    np.testing.assert_allclose(left["means"], [expected.mine.value, expected.other.value], rtol=1e-6)
    np.testing.assert_allclose(left["of_each"], (first - second).mean(axis=0), rtol=1e-6)


def test_curves_of_a_training(tmp_path, capsys):
    """Losses and metrics of every batch and epoch, also where a run went on from a checkpoint."""

    def epoch(number, step):
        return {"event": "epoch", "phase": "frozen", "epoch": number, "step": step, "train_loss": 1 / step} | {
            "valid_loss": 2 / step,
            "metrics": {"mae": step / 3},
        }

    def batches(*steps):
        return [{"event": "batch", "step": step, "loss": step / 7, "lr": 0.1, "mom": 0.9} for step in steps]

    told = [
        {"event": "fit", "phase": "frozen", "epochs": 2, "step": 0},
        *batches(1, 2),
        epoch(1, 2),
        *batches(3, 4),
        epoch(2, 4),
        {"event": "resuming"},
        {"event": "resumed", "step": 2, "epochs": 1},
        *batches(3, 4, 5),
        epoch(2, 5),
    ]
    history, path = History(), tmp_path / "it's events.jsonl"
    for number, event in enumerate(told):
        history.add({"seconds": float(number), "time": 1e9} | event)
    path.write_text("".join(json.dumps(event) + "\n" for event in told))
    left: dict = {}
    exec(epochs.lines(str(path), "mae"), left)
    np.testing.assert_array_equal(left["batches"]["loss"], history.batches()["loss"])
    for name in ("step", "train_loss", "valid_loss"):
        assert left["epochs"][name].tolist() == [epoch[name] for epoch in history.epochs]
    assert left["epochs"]["mae"].tolist() == [epoch["metrics"]["mae"] for epoch in history.epochs]
