"""The lines that a panel shows as its code give the numbers of the panel."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
from safetensors.numpy import save_file

from lib import tasks
from lib.evaluation import calibration, confusion, label_table
from lib.evaluation.keypoints import errors
from lib.evaluation.keypoints.norms import box_sizes
from lib.metrics import decisions, points, scores
from lib.tasks.code import panels
from lib.tasks.code.panels import Asked
from lib.tasks.types import Predictions

mpl.use("Agg")
N, C = 40, 3
NAMES = ('ball "b"', "box\nimport os", "\u202ecat")
RNG = np.random.default_rng(3)
_LABELS = (RNG.random((N, C)) < 0.4).astype(np.int8)
_KNOWN_LABELS = _LABELS.copy()
_LABELS[:4, 1] = -1
_POINTS = RNG.uniform(5, 90, (N, C, 2)).astype(np.float32)
_POINTS[2, 1] = np.nan
_CLASSES = RNG.integers(0, C, N)
_SHARES = RNG.dirichlet(np.ones(C), N).astype(np.float32)
_VALUES = RNG.normal(5, 2, (N, C)).astype(np.float32)
THRESHS = np.array([0.3, 0.5, 0.6], dtype=np.float32)
#: Targets and predictions of each task.
MADE = {
    "multi-label": (_LABELS, RNG.random((N, C)).astype(np.float32)),
    "multi-label, all known": (_KNOWN_LABELS, RNG.random((N, C)).astype(np.float32)),
    "single-label": (_CLASSES, _SHARES),
    "keypoints": (_POINTS, np.nan_to_num(_POINTS, nan=40) + RNG.normal(0, 4, _POINTS.shape).astype(np.float32)),
    "regression": (_VALUES, _VALUES + RNG.normal(0, 1, _VALUES.shape).astype(np.float32)),
}
WITH_LABELS = [kind for kind in MADE if "label" in kind]


class _Panels:
    """Predictions of one task in a file, and what the lines of its panels leave."""

    def __init__(self, folder, kind: str):
        self.task = tasks.get(kind.partition(",")[0])
        self.targs, self.preds = MADE[kind]
        self.sizes = np.tile(np.array([[120.0, 90.0]]), (N, 1)) + np.arange(N)[:, None]
        self.path = folder / "it's preds.safetensors"
        arrays = {"valid.preds": self.preds, "valid.targs": self.targs, "valid.sizes": self.sizes}
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, self.path)

    @property
    def predictions(self) -> Predictions:
        return Predictions(np.arange(N), self.preds, self.targs, self.sizes, NAMES, self.preds)

    @property
    def decided(self) -> decisions.Decisions:
        decided = self.task.decisions(self.predictions)
        assert decided is not None
        return decided

    def run(self, panel: str, **asked) -> dict:
        """Return the names that the lines of ``panel`` leave."""
        unknown = bool(self.task.has_unknown(self.targs))
        given = {"thresh": THRESHS, "has_unknown": unknown, **asked}
        left: dict = {}
        exec(self.task.panel_code(panel, Asked(str(self.path), "valid", NAMES, **given)), left)
        return left


@pytest.fixture
def made(tmp_path):
    """Return `_Panels` of a kind."""
    return lambda kind: _Panels(tmp_path, kind)


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("thresh", [np.full(C, 0.5, dtype=np.float32), THRESHS], ids=["one", "own"])
def test_all_metrics(made, kind, thresh, capsys):
    """Every number of "All metrics", at one threshold and at one a label, as the panel has it."""
    one = made(kind)
    left = one.run(panels.METRICS, thresh=thresh)
    left["map"] = left.get("mean_ap")
    left["hamming_loss"] = 1 - left.get("accuracy_multi", 0)
    for name, value in one.task.metrics(one.predictions, thresh).items():
        assert left[name] == pytest.approx(value, rel=1e-12), name


@pytest.mark.parametrize("kind", WITH_LABELS)
def test_confusion(made, kind, capsys):
    """The cells of the matrix of all labels, and of yes and no of one."""
    one = made(kind)
    predicted = decisions.predicted(one.decided, THRESHS)
    expected = confusion.matrix(predicted, one.decided.truth, one_class=kind == "single-label").counts
    found = one.run(panels.CONFUSION)["counts"]
    np.testing.assert_array_equal(found[:, : expected.shape[1]], expected)
    assert not found[:, expected.shape[1] :].any()
    if kind != "single-label":
        of_one = confusion.matrix_of_one(predicted, one.decided.truth, 1).counts
        np.testing.assert_array_equal(one.run(panels.CONFUSION, label=1)["counts"], of_one)


@pytest.mark.parametrize("kind", WITH_LABELS)
def test_per_label(made, kind, capsys):
    """Every column that the lines have, as in the panel's table."""
    one = made(kind)
    ranked = scores.average_precision(one.decided.scores, one.decided.truth)
    expected = label_table.table(one.decided, THRESHS, ranked, "label")
    table = one.run(panels.PER_NAME)["table"]
    assert list(table.index) == list(NAMES)
    for column in table.columns:
        np.testing.assert_allclose(table[column], expected[column], rtol=1e-12, err_msg=column)


@pytest.mark.parametrize("kind", WITH_LABELS)
@pytest.mark.parametrize("label", [None, 1])
def test_calibration(made, kind, label, capsys):
    """The expected calibration error of all labels and of one."""
    one = made(kind)
    if label is not None and kind == "single-label":
        assert one.task.panel_code(panels.CALIBRATION, Asked("", "valid", NAMES, THRESHS, label)) == ""
        return
    columns = slice(None) if label is None else [label]
    p, y = calibration.pairs(one.decided.probs[:, columns], one.decided.truth[:, columns], one.decided.activation)
    expected = calibration.ece(calibration.reliability(p, y))
    assert one.run(panels.CALIBRATION, label=label)["ece"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("norm", ["px", "diagonal", "box", "pair:0,2"])
def test_points(made, norm, capsys):
    """Mean, median, ninth decile and largest error of each point by each norm, and the share within a limit."""
    one = made("keypoints")
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


def test_values(made):
    """Bias and mean absolute error of the value that is looked at."""
    one = made("regression")
    left = one.run(panels.CURVE, label=2)
    assert left["mae"] == pytest.approx(np.abs(one.preds[:, 2].astype(float) - one.targs[:, 2]).mean(), rel=1e-12)
    assert left["bias"] == pytest.approx((one.preds[:, 2].astype(float) - one.targs[:, 2]).mean(), rel=1e-12)
