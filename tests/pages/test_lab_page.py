"""The threshold lab's page follows thresholds, label, and view, and stays where it was."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn import metrics as sk

from benchmarks.synthetic import RUN, finished_run, labels_and_preds, multi_label_dataset
from lib import tasks
from lib.datasets import store
from lib.evaluation import results
from lib.metrics import counts
from lib.web.ui import address
from lib.web.ui.analyze import kept
from lib.web.ui.thresholds import state as lab_state
from tests.pages.conftest import checked, code_run, headline, opened, texts
from tests.pages.lab_runs import NAMES, beside, lab_run, shown, tab


def test_every_number_is_of_the_chosen_split_or_says_its_own(workspace):
    """With the test images chosen, header, lab, table and every tab have their numbers first; others name the split.

    The code that stands below lab, slices and chosen thresholds gives their numbers.
    """
    run = lab_run(workspace)
    app = checked(opened("analyze").button_group(key="analyze-split").set_value("test").run())
    decided = results.decisions(run, "test")
    predicted = decided.probs > np.float32(0.5)
    assert headline(app)["accuracy_multi"] == f"{1 - sk.hamming_loss(decided.truth, predicted):#.3g}"
    lab = next(json.loads(one.proto.json) for one in app.get("bidi_component") if '"parts"' in one.proto.json)
    assert lab["fixed"]["parts"][lab["shown"]]["split"] == "test"
    assert lab["beside"]["words"] == f"The worst 8 of {len(decided)} test images, by wrong labels"
    count = f"{len(decided)} test images"
    for title in ("Per label", "Confusion", "Calibration", "Intervals", "Slices", "All metrics", "The book's plot"):
        tab(app, title)
        text = "\n".join(element.value for kind in (app.markdown, app.caption) for element in kind)
        assert count in text, title
        if title == "Slices":
            rows = code_run(app, "groupby")["table"]["accuracy"]
            np.testing.assert_allclose(app.dataframe[-1].value["accuracy_multi"][1:], rows, rtol=1e-9)
    swept = code_run(app, "grid")["accuracy_multi"]
    assert headline(app)["accuracy_multi"] == f"{swept[500]:#.3g}"
    checked(app.button_group(key="analyze-split").set_value("valid").run())
    for title, words in {"Calibration": "On {}; smaller is better", "Intervals": "a bootstrap of {}"}.items():
        tab(app, title)
        assert words.format(f"{len(results.decisions(run, 'valid'))} validation images") in texts(app)
    checked(app.button_group(key="analyze-split").set_value("test").run())
    tab(app, "Choose and keep")
    chosen = code_run(app, "thresh = grid")["thresh"]
    each = next(one.value for one in app.dataframe if "chosen from" in one.value)
    np.testing.assert_allclose(each["threshold"], chosen, atol=5e-4)
    heads = " ".join(str(name) for table in app.table for name in table.value.columns)
    assert "on test images" in heads
    assert "on validation images, where they were chosen" in heads


def test_every_label_has_its_own_threshold(workspace):
    """With thresholds per label in the address, table and headline are scikit-learn's at just those."""
    run = lab_run(workspace)
    indices = [100, 250, 333, 500, 905]
    app = opened("analyze", threshs="-".join(map(str, indices)))
    decisions = results.decisions(run, "valid")
    predicted = decisions.probs > counts.grid()[indices]
    assert headline(app)["accuracy_multi"] == f"{1 - sk.hamming_loss(decisions.truth, predicted):#.3g}"
    table = app.dataframe[0].value
    assert table["threshold"].tolist() == [index / 1000 for index in indices]
    assert "accuracy_multi[" not in next(one.value for one in app.code if "grid" in one.value)  # no point of the curve
    matrices = sk.multilabel_confusion_matrix(decisions.truth, predicted)
    for column, (row, side) in {"TP": (1, 1), "FP": (0, 1), "FN": (1, 0)}.items():
        assert table[column].tolist() == matrices[:, row, side].tolist()
    for column, score in {"precision": sk.precision_score, "recall": sk.recall_score, "F1": sk.f1_score}.items():
        expected = score(decisions.truth, predicted, average=None, zero_division=np.nan)
        np.testing.assert_allclose(table[column], expected)
    ranked = sk.average_precision_score(decisions.truth, decisions.probs, average=None)
    np.testing.assert_allclose(table["average precision"], ranked)
    np.testing.assert_allclose(table["chance"], decisions.truth.mean(axis=0))


@pytest.mark.parametrize("address", [{"thresh": "2"}, {"thresh": "x"}, {"threshs": "1-2"}, {"threshs": "a-b-c-d-e"}])
def test_nonsense_in_the_address_is_the_default(workspace, address):
    """A link that was cut off or made up shows the run as it began, without an error."""
    lab_run(workspace)
    app = opened("analyze", label="nobody", curve="none", **address)
    assert app.dataframe[0].value["threshold"].tolist() == [0.5] * 5


def test_what_the_browser_sends_is_checked(workspace, monkeypatch):
    """Only whole places in the grid, one a label, and labels and curves that exist are taken over."""
    run = lab_run(workspace)
    task = tasks.get("multi-label")
    fake = SimpleNamespace(session_state={}, query_params={})
    for module in (lab_state, address, kept):
        monkeypatch.setattr(module, "st", fake)
    monkeypatch.setattr(address, "_discard", lambda names: [fake.query_params.pop(name, None) for name in names])

    def adopted(**chosen):
        fake.session_state["lab"] = {"chosen": chosen}
        lab_state.adopt(run, task, run.names(), "lab")
        return lab_state.read(run, task, run.names())

    state = adopted(indices=[1, 2, 3, 4, 1000], label=2, curve="f1")
    assert (state.indices.tolist(), state.label, state.curve) == ([1, 2, 3, 4, 1000], 2, "f1")
    assert state.before.tolist() == [500] * 5
    for bad in ([1, 2, 3], [1, 2, 3, 4, 1001], [1, 2, 3, 4, -1], [1, 2, 3, 4, 0.5], [True] * 5, "12345", None):
        state = adopted(indices=bad, label="2", curve="<script>")
        assert (state.indices.tolist(), state.label, state.curve) == ([1, 2, 3, 4, 1000], None, "f1")
    state = adopted(indices=[7] * 5, label=99, curve="recall")
    assert (state.indices.tolist(), state.before.tolist(), state.label) == ([7] * 5, [1, 2, 3, 4, 1000], None)
    assert fake.query_params["thresh"] == "0.007"


def test_a_label_shows_its_own_images(workspace):
    """Chosen in the address, a label's numbers at its threshold, false and true positives are scikit-learn's."""
    run = lab_run(workspace, n=60)
    decisions = results.decisions(run, "valid")
    predicted, truth = decisions.probs[:, 2] > np.float32(0.3), decisions.truth[:, 2]
    numbers = headline(opened("analyze", label="label c", threshs="500-500-300-500-500"))
    assert numbers["accuracy_multi of label c"] == f"{sk.accuracy_score(truth, predicted):#.3g}"
    assert numbers["predict nothing"].startswith(f"{(truth == 0).mean():#.3g}, ")
    test = results.decisions(run, "test")
    own = sk.accuracy_score(test.truth[:, 2], test.probs[:, 2] > np.float32(0.3))
    assert (numbers["test"], numbers["threshold"]) == (f"{own:#.3g}", "0.300")
    expected = {"fp": predicted & (truth == 0), "fn": ~predicted & (truth == 1), "tp": predicted & (truth == 1)}
    for outcome, rows in expected.items():
        app = opened("analyze", label="label c", thresh="0.3", outcome=outcome, tab="Pictures")
        assert any(element.value == "Predictions of label c" for element in app.subheader)
        assert {card["item"] for card in shown(app)} == set(decisions.items[rows].tolist()), outcome
        assert all(card["chips"][0]["text"] == "label c" for card in shown(app))


def test_flips_are_shown_after_a_move(workspace):
    """The images whose predictions changed with the last move, and none before there was one."""
    run = lab_run(workspace)
    app = opened("analyze", thresh="0.3", tab="Pictures")
    checked(app.button_group(key="ranking").set_value("flips").run())
    assert "No prediction changed" in app.info[0].value
    app.session_state[f"threshs-before-{RUN}"] = np.full(5, 500)
    checked(app.run())
    decisions = results.decisions(run, "valid")
    changed = ((decisions.probs > np.float32(0.3)) != (decisions.probs > np.float32(0.5))).any(axis=1)
    assert 0 < changed.sum() <= 24
    assert {card["item"] for card in shown(app)} == set(decisions.items[changed].tolist())


def test_beside_the_chart_is_what_the_chosen_label_made_others(workspace):
    """Of a label only its own flips count, as in the order of the gallery; before there were any, its worst images."""
    run = lab_run(workspace)
    app = opened("analyze", thresh="0.3", label=run.names()[3], tab="Pictures")
    decisions = results.decisions(run, "valid")
    loss = np.abs(decisions.probs[:, 3] - decisions.truth[:, 3])  # larger where the log loss is
    worst = decisions.items[np.argsort(-loss, kind="stable")[:8]]
    assert [card["item"] for card in beside(app)["gallery"]["cards"]] == worst.tolist()
    app.session_state[f"threshs-before-{RUN}"] = np.full(5, 500)
    checked(app.run())
    changed = (decisions.probs[:, 3] > np.float32(0.3)) != (decisions.probs[:, 3] > np.float32(0.5))
    assert 0 < changed.sum() < (decisions.probs > np.float32(0.3)).any(axis=1).sum()
    assert f"{changed.sum()} validation images changed" in beside(app)["words"]
    checked(app.button_group(key="ranking").set_value("flips").run())
    assert {card["item"] for card in shown(app)} == set(decisions.items[changed].tolist())
    assert beside(app)["gallery"]["cards"] == shown(app)[:8]


def test_what_was_shown_last_stays_when_another_page_was_shown(workspace, monkeypatch):
    """Predict has, and a return shows, what was shown last: chosen, in a link, or by a step back; the label too."""
    run = lab_run(workspace)
    task, names = tasks.get("multi-label"), run.names()
    fake = SimpleNamespace(session_state={}, query_params={})
    for module in (lab_state, address, kept):
        monkeypatch.setattr(module, "st", fake)
    monkeypatch.setattr(address, "_discard", lambda names: [fake.query_params.pop(name, None) for name in names])

    def elsewhere() -> np.ndarray | None:
        fake.query_params = {}
        address.show_page("")
        return lab_state.last(run, task, names)

    def shown() -> list[int]:
        kept.follow(run)
        return lab_state.read(run, task, names).indices.tolist()

    assert elsewhere() is None
    indices = np.array([1, 2, 3, 4, 1000])
    lab_state.choose(run, lab_state.read(run, task, names), indices)
    lab_state.choose_label(names, 2)
    assert shown() == indices.tolist()
    np.testing.assert_array_equal(elsewhere(), counts.grid()[indices])
    assert shown() == indices.tolist()
    assert fake.query_params == {"threshs": "1-2-3-4-1000", "label": names[2]}
    fake.query_params = {}  # a step back in the browser
    assert shown() == [500] * 5
    assert elsewhere() is None  # the run's own
    assert shown() == [500] * 5
    assert fake.query_params == {}
    fake.query_params = {"thresh": "0.300"}  # a link
    assert shown() == [300] * 5
    np.testing.assert_array_equal(elsewhere(), counts.grid()[[300] * 5])
    assert shown() == [300] * 5


def test_another_dataset_begins_without_thresholds_and_label(workspace):
    """Thresholds of one dataset's labels mean nothing for another's, even where there are as many."""
    lab_run(workspace)
    targs, preds = labels_and_preds(120, 5, share=0.3)
    splits = ["train"] * 60 + ["valid"] * 60
    other = multi_label_dataset(workspace, [*"abcd", NAMES[4]], targs, splits, name="other")
    finished_run(workspace, other, preds, run="20260102-030405-bbbb")
    app = opened("analyze", dataset="made", threshs="100-250-333-500-905", label=NAMES[4])
    assert app.dataframe[0].value["threshold"].tolist()[0] == 0.1
    checked(app.selectbox(key="dataset").set_value("other").run())
    assert app.dataframe[0].value["threshold"].tolist() == [0.5] * 5
    assert not {"thresh", "threshs", "label"} & set(app.query_params)


def test_the_run_looked_at_stays_when_another_page_was_shown(workspace):
    """Of two runs the older one, once chosen, is not replaced by the newer one on an address without a run."""
    lab_run(workspace)
    _, preds = labels_and_preds(120, 5, share=0.3)
    finished_run(workspace, store.load(workspace, "made"), preds, run="20270102-030405-bbbb")
    app = opened("analyze", run=RUN)
    assert app.query_params["run"] == RUN
    del app.query_params["run"]
    checked(app.run())
    assert app.query_params["run"] == RUN
