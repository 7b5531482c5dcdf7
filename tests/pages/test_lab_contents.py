"""The confusion tab and the book's curve report what the numbers are, for any number of labels."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout

import matplotlib
import numpy as np
import pytest
from safetensors.numpy import save_file
from streamlit.testing.v1 import AppTest

from lib.metrics import counts
from lib.training import events
from lib.web.ui.thresholds import book
from tests.pages.conftest import RUN, checked
from tests.pages.lab_contents import HTML, KEYS, arrays, figures, names, opened, page, texts


@pytest.mark.parametrize("n_labels", [1, 5, 40, 80, 600])
def test_confusion_is_told_for_any_number_of_labels(n_labels):
    """Hits, misses and false alarms over known cells; few labels as cells, many as the largest pairs."""
    data = arrays(n_labels)
    app = opened("confusion", {"valid": data}, n_labels, thresh=0.4)
    predicted, truth = data["probs"] > np.float32(0.4), data["truth"]
    hits, present = int((predicted & (truth == 1)).sum()), int((truth == 1).sum())
    page_text = texts(app)
    assert f"**{hits:,}** of the {present:,} present labels are found" in page_text
    assert f"of {hits + int((predicted & (truth == 0)).sum()):,} predictions are right" in page_text
    drawn = figures(app)
    assert len(drawn) == (1 if n_labels == 1 else 2)
    if n_labels > 1:
        kind = {trace["type"] for trace in drawn[1]["data"]}
        assert ("heatmap" in kind) == (n_labels <= 40)
        table = app.dataframe[0].value
        assert len(table) <= 30
        a, b = (list(names(n_labels)).index(table[side][0]) for side in ("predicted, not true", "where this is true"))
        assert table["images"][0] == (predicted[:, a] & (truth[:, a] == 0) & (truth[:, b] == 1)).sum()
        assert (np.diff(table["images"]) <= 0).all()
    assert app.dataframe[-1].value["label"].tolist() == list(names(n_labels))
    assert sum(len(element.proto.json) for element in app.get("bidi_component")) < 300_000


def test_confusion_of_one_label():
    """Its own numbers, and only pairs that it is part of; its name letter for letter."""
    data = arrays(5)
    app = opened("confusion", {"valid": data}, 5, label=1)
    predicted, truth = data["probs"][:, 1] > 0.5, data["truth"][:, 1]
    name = HTML[1]
    assert f"**{(predicted & (truth == 1)).sum()}** of the {(truth == 1).sum()} images with **{name}**" in texts(app)
    table = app.dataframe[0].value
    assert ((table["predicted, not true"] == name) | (table["where this is true"] == name)).all()
    assert not any(name in element.value for element in app.markdown)
    drawn = json.dumps(figures(app))
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; co" in drawn
    assert "<b>bold" not in drawn


def test_confusion_follows_the_thresholds():
    """Another threshold is another table, although the key is the same."""
    data = arrays(5)
    kwargs = {"part": "confusion", "splits": {"valid": data}, "names": names(5), "key": f"run-{next(KEYS)}"}
    for thresh in (0.2, 0.8, 0.2):
        app = checked(AppTest.from_function(page, kwargs={**kwargs, "thresh": thresh}, default_timeout=60).run())
        hits = int(((data["probs"] > np.float32(thresh)) & (data["truth"] == 1)).sum())
        assert f"**{hits:,}** of the" in texts(app)


def test_confusion_without_errors_or_truth():
    """Nothing predicted, everything right, nothing known: a sentence each."""
    data = arrays(3)
    assert "No false alarm stands" in texts(opened("confusion", {"valid": data}, 3, thresh=1.0))
    perfect = {**data, "probs": (data["truth"] == 1).astype(np.float32)}
    assert "No false alarm of" in texts(opened("confusion", {"valid": perfect}, 3, label=0))
    unknown = {**data, "truth": np.full_like(data["truth"], -1)}
    assert "not defined, because nothing is known" in texts(opened("confusion", {"valid": unknown}, 3))


def book_page(preds, targs, names, run_id, split):
    """Draw the tab; the source of this function is the script."""
    import numpy as np

    from lib.tasks.types import Predictions
    from lib.web.ui.thresholds import book

    book.show(Predictions(np.arange(len(preds)), preds, targs, np.ones((len(preds), 2)), names, preds), run_id, split)


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
