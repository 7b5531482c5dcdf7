"""The confusion tab and the book's curve report what the numbers are, for any number of labels."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stdout

import matplotlib
import numpy as np
import pytest
from safetensors.numpy import save_file
from sklearn import metrics as sk
from streamlit.testing.v1 import AppTest

from lib.metrics import counts
from lib.training import events
from lib.web.ui.thresholds import book
from tests.pages.conftest import RUN, checked
from tests.pages.lab_contents import HTML, KEYS, arrays, figures, names, opened, page, texts


def cells(app) -> np.ndarray:
    """Return what the cells of the matrix are colored by; each is right or wrong, so of two layers one has it."""
    right, wrong = (np.array(trace["z"], dtype=float) for trace in figures(app)[0]["data"][:2])
    return np.where(np.isnan(right), wrong, right)


def clicked(app, row: int, column: int, *more: int) -> tuple[np.ndarray, str]:
    """Choose a cell as a click does; return which rows' pictures are shown, and what is said of them."""
    app.query_params["cell"] = "_".join(map(str, (row, column, *more)))
    return checked(app.run()).session_state["pictures"][-1]


@pytest.mark.parametrize("n_labels", [1, 5, 40, 80, 600])
def test_confusion_is_told_for_any_number_of_labels(n_labels):
    """Images with one label in which another one is predicted and not true; of many labels the most confused ones."""
    data = arrays(n_labels)
    app = opened("confusion", {"valid": data}, n_labels, thresh=0.4)
    predicted, truth = data["probs"] > np.float32(0.4), data["truth"]
    drawn = cells(app)
    if n_labels == 1:
        known = truth[:, 0] >= 0
        np.testing.assert_array_equal(drawn, sk.confusion_matrix(truth[known, 0], predicted[known, 0]))
    else:
        both = {
            (b, a): predicted[:, a] & (truth[:, a] == int(a == b)) & (truth[:, b] == 1)
            for b, a in np.ndindex(n_labels, n_labels)
        }
        whole = np.array([both[pair].sum() for pair in both]).reshape(n_labels, n_labels)
        wrong = np.where(np.eye(n_labels, dtype=bool), 0, whole)
        worst = sorted(((-wrong[b, a], b, a) for b, a in np.ndindex(wrong.shape)))
        most = sorted(list(dict.fromkeys(label for _, *pair in worst for label in pair))[:20])
        np.testing.assert_array_equal(drawn, whole[np.ix_(most, most)])
        ticks = figures(app)[0]["layout"]["yaxis"]["ticktext"]
        assert [int(tick.rsplit(" · ", 1)[1]) for tick in ticks] == [(truth[:, b] == 1).sum() for b in most]
        table = app.dataframe[0].value
        assert len(table) <= 30 and (np.diff(table["images"]) <= 0).all()
        a, b = (list(names(n_labels)).index(table[side][0]) for side in ("predicted", "true"))
        assert table["images"][0] == wrong.max() == wrong[b, a]
        rows, what = clicked(app, b, a)
        np.testing.assert_array_equal(rows, np.flatnonzero(both[b, a]))
        assert f"{len(rows)} validation images" in what
        assert rows is not None and clicked(app, n_labels, a)[0] is None  # no such cell
    assert f"{len(truth)} validation images" in texts(app)
    assert sum(len(element.proto.json) for element in app.get("bidi_component")) < 300_000


def test_confusion_of_one_label():
    """Yes and no of it alone, as scikit-learn counts them, and the pictures of each; its name letter for letter."""
    data = arrays(5)
    app = opened("confusion", {"valid": data}, 5, label=0)
    predicted, truth = data["probs"][:, 0] > 0.5, data["truth"][:, 0]
    known = truth >= 0
    np.testing.assert_array_equal(cells(app), sk.confusion_matrix(truth[known], predicted[known]))
    rows, what = clicked(app, 1, 0, 0)
    np.testing.assert_array_equal(rows, np.flatnonzero((truth == 1) & ~predicted))
    assert what.replace("\\", "").startswith(f"{HTML[0]} present, not predicted")
    assert HTML[0] not in what
    assert clicked(app, 1, 0, 1)[0] is None  # of another label
    drawn = json.dumps(figures(opened("confusion", {"valid": data}, 5)))
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; co" in drawn
    assert "<b>bold" not in drawn


@pytest.mark.parametrize("thresh", [0.0, 0.4])
def test_confusion_of_classes_is_scikit_learns(thresh):
    """Counts and percent of the row, zeros written; images without an answer have a column of their own."""
    rng = np.random.default_rng(2)
    probs = rng.dirichlet(np.full(6, 0.7), 200).astype(np.float32)
    targs = rng.integers(0, 5, 200)  # of the last class there is none
    data = {"probs": probs, "truth": np.eye(6, dtype=np.int8)[targs], "groups": np.arange(200)}
    app = opened("confusion", {"valid": data}, 6, thresh=thresh, activation="softmax")
    answers = np.where(probs.max(axis=1) > np.float32(thresh), probs.argmax(axis=1), 6)
    expected = sk.confusion_matrix(targs, answers, labels=range(7))[:6, : 7 if thresh else 6]
    counts = cells(app)
    np.testing.assert_array_equal(counts[:5], expected[:5])
    assert np.isnan(counts[5]).all()
    written = figures(app)[0]["data"][2]["text"]
    assert written == [f"{one}" if row < 5 else "–" for (row, _), one in np.ndenumerate(expected)]
    checked(app.button_group(key="confusion").set_value("percent").run())
    shares = sk.confusion_matrix(targs, answers, labels=range(7), normalize="true")[:5, : expected.shape[1]]
    np.testing.assert_allclose(cells(app)[:5], 100 * shares)
    if thresh:
        np.testing.assert_array_equal(clicked(app, 2, -1)[0], np.flatnonzero((targs == 2) & (answers == 6)))
    np.testing.assert_array_equal(clicked(app, 2, 3)[0], np.flatnonzero((targs == 2) & (answers == 3)))


def test_confusion_follows_the_thresholds():
    """Another threshold is another table, although the key is the same."""
    data = arrays(5)
    kwargs = {"part": "confusion", "splits": {"valid": data}, "names": names(5), "key": f"run-{next(KEYS)}"}
    for thresh in (0.2, 0.8, 0.2):
        app = checked(AppTest.from_function(page, kwargs={**kwargs, "thresh": thresh}, default_timeout=60).run())
        hits = ((data["probs"] > np.float32(thresh)) & (data["truth"] == 1)).sum(axis=0)
        np.testing.assert_array_equal(np.diag(cells(app)), hits)


def test_confusion_without_errors_or_truth():
    """Nothing predicted, nothing known: a sentence each."""
    data = arrays(3)
    assert "Nothing is confused" in texts(opened("confusion", {"valid": data}, 3, thresh=1.0))
    unknown = {**data, "truth": np.full_like(data["truth"], -1)}
    assert "not defined, because nothing is known" in texts(opened("confusion", {"valid": unknown}, 3))


def book_page(preds, targs, names, run_id, split):
    """Draw the tab; the source of this function is the script."""
    import numpy as np

    from lib.tasks.types import Predictions
    from lib.web.ui.thresholds import book

    shown = Predictions(np.arange(len(preds)), preds, targs, np.ones((len(preds), 2)), names, preds)
    book.show(shown, np.arange(len(preds)), run_id, split)


@pytest.mark.parametrize("unknown", [0.0, 0.2])
def test_the_books_code_makes_the_books_curve(unknown, workspace):
    """The code beside the curve, run with torch and fastai on the run's own file, gives the same 29 values."""
    data = arrays(6, unknown=unknown)
    folder = workspace.run(RUN)
    folder.mkdir(parents=True)
    save_file({"valid.preds": data["probs"], "valid.targs": data["truth"]}, folder / events.PREDS)
    kwargs = {"preds": data["probs"], "targs": data["truth"], "names": names(6), "run_id": RUN, "split": "valid"}
    app = checked(AppTest.from_function(book_page, kwargs=kwargs, default_timeout=60).run())
    matplotlib.use("Agg")
    scope: dict = {}
    with redirect_stdout(io.StringIO()) as printed:
        exec(app.code[0].value, scope)
    curve = figures(app)[0]["data"][0]
    np.testing.assert_array_equal(np.array(curve["x"], dtype=np.float32), scope["threshs"].numpy())
    np.testing.assert_allclose(curve["y"], scope["accs"].numpy(), atol=1e-6)
    best, thresh = printed.getvalue().split()[::2]
    assert f"**{best}** at **{thresh}**" in texts(app)
    nothing = (data["truth"] == 0).sum() / (data["truth"] >= 0).sum()
    added = re.search(r"what the model adds is ([+-][\d.]+) \(([+-][\d.]+) to ([+-][\d.]+)\)\.", texts(app))
    gain, low, high = (float(one) for one in added.groups())
    assert gain == pytest.approx(float(best) - nothing, abs=1e-3) and 0 < low < gain < high
    np.testing.assert_array_equal(counts.book_grid(), scope["threshs"].numpy())


def test_the_books_curve_of_nothing_is_not_defined():
    """No known cell, no accuracy."""
    kwargs = {
        "preds": np.zeros((3, 2), np.float32),
        "targs": np.full((3, 2), -1, np.int8),
        "names": names(2),
        "run_id": RUN,
        "split": "test",
    }
    app = checked(AppTest.from_function(book_page, kwargs=kwargs).run())
    assert "accuracy_multi is not defined, because nothing is known of 3 test images" in texts(app)
    assert not figures(app)


def test_a_path_in_the_code_is_a_path(tmp_path):
    """Quotes and backslashes in a folder's name do not end the code's text."""
    path = tmp_path / "it's \\ here" / "preds.safetensors"
    assert repr(str(path)) in book.code(path, "valid")
    compile(book.code(path, "valid", unknown=True), "code", "exec")
