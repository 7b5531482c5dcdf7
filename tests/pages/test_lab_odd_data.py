"""The threshold lab shows odd data, other interpretations, and heat maps as they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save
from sklearn import metrics as sk

from benchmarks.synthetic import RUN
from lib.core import processes
from lib.core.files import write_atomic
from lib.core.questions import requests
from lib.evaluation import results
from lib.inference import ask
from lib.training import events, runs
from tests.pages.conftest import checked, opened, texts
from tests.pages.lab_runs import NAMES, TABS, lab_run, shown, tab


def _nan(targs, preds):
    preds[::3, 1] = np.nan
    return targs, preds


def _constant(targs, preds):
    return targs, np.full_like(preds, 0.5)


def _no_positives(targs, preds):
    targs[:, 0], targs[:, 1] = 0, 1
    return targs, preds


def _nothing_known(targs, preds):
    targs[40:] = -1
    return targs, preds


BAD = {
    "nan": {"change": _nan},
    "constant, on the threshold": {"change": _constant},
    "no positives, only positives": {"change": _no_positives},
    "nothing known": {"change": _nothing_known},
    "one image": {"n": 3, "names": NAMES},
    "one label": {"names": ["only"]},
    "80 labels": {"names": [f"label {c}" for c in range(80)]},
    "600 labels": {"names": [f"<i>{c}</i>" for c in range(600)], "n": 60},
}


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[pytest.mark.slow] if case == "600 labels" else []) for case in BAD]
)
def test_bad_input_is_shown_in_every_tab(workspace, case):
    """Right numbers, or a clear word why there is none; never a crash, in all tabs and with a label chosen."""
    run = lab_run(workspace, **BAD[case])
    app = opened("analyze", label=run.names()[0])
    if case == "nan":
        assert "preds.safetensors of this run is damaged" in app.error[0].value.replace("\\", "")
        assert "expected a finite number, found nan" in app.error[0].value.replace("\\", "")
        assert not (app.tabs or app.metric or shown(app))
        return
    for title in TABS:
        tab(app, title)
    tab(app, "Pictures")
    for order in ("flips", "nearest", "best"):
        checked(app.button_group(key="ranking").set_value(order).run())


def test_one_class_an_image_may_stay_without_an_answer(workspace, make_dataset, write_run):
    """For single-label runs the threshold is of abstention: counts, top-k and cards are scikit-learn's and say so."""
    dataset = make_dataset("single-label")
    write_run(dataset)
    app = opened("analyze", thresh="0.55")
    decisions = results.decisions(runs.load(workspace, RUN), "valid")
    targs = dataset.targs[dataset.index("valid")]
    top, answered = decisions.probs.argmax(axis=1), decisions.probs.max(axis=1) > np.float32(0.55)
    assert 0 < answered.sum() < len(targs)
    table = tab(app, "Per class").dataframe[-1].value
    matrix = sk.confusion_matrix(targs[answered], top[answered], labels=range(3))
    assert table["TP"].tolist() == np.diag(matrix).tolist()
    assert table["FP"].tolist() == (matrix.sum(axis=0) - np.diag(matrix)).tolist()
    assert table["FN"].tolist() == (np.bincount(targs, minlength=3) - np.diag(matrix)).tolist()
    silent = [card for card in shown(tab(app, "Pictures")) if card["note"].startswith("no answer")]
    assert len(silent) == np.count_nonzero(~answered)
    ranked = pd.DataFrame(tab(app, "Top-k").dataframe[-1].value)
    for k, value in zip(ranked["k"], ranked["top-k accuracy"], strict=True):
        assert value == pytest.approx(sk.top_k_accuracy_score(targs, decisions.probs, k=k, labels=range(3)))


def test_heat_maps_of_the_model_lie_over_the_pictures(workspace, monkeypatch):
    """Grad-CAM of the chosen label is asked for all shown pictures at once, waited for in words, and laid over them.

    Without one the page says that one is to be chosen.
    """
    asked = []
    monkeypatch.setattr(processes, "spawn", lambda *args, **kwargs: asked.append(args) or True)
    run = lab_run(workspace, n=60)
    (run.folder / events.MODEL).write_bytes(b"asked for by nobody here")
    assert "Choose one label to see where the model looks for it (Grad-CAM)." in texts(
        opened("analyze", tab="Pictures")
    )
    assert not asked
    app = opened("analyze", label="label c", tab="Pictures", **{"grad-cam": "true"})
    assert asked
    assert app.get("progress")[0].proto.text
    items = tuple(card["item"] for card in shown(app))
    question = ask.ask(run, ask.GradCam(label=2, rows=items))
    maps = np.random.default_rng(0).random((len(items), 3, 4)).astype(np.float32)
    peaks = np.ones(len(items), dtype=np.float32)
    maps[1], peaks[1] = 0, 0
    write_atomic(question.path(requests.ANSWER), save({"maps": maps, "peaks": peaks, "acts": peaks}))
    cards = shown(checked(app.run()))
    assert tuple(card["item"] for card in cards) == items
    for card, heat in zip(cards, maps, strict=True):
        if heat.any():
            np.testing.assert_allclose(card["heat"], heat, atol=5.1e-4)
    assert cards[1]["heat"] == []
    assert "nothing in the image speaks for it" in cards[1]["note"]
