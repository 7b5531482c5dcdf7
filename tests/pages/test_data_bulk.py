"""What is selected among the images is changed at once from one line, which says what happened and takes it back."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.history import history
from lib.web.ui.data import select
from tests import unsealed
from tests.pages.conftest import checked, opened


def _words(app: AppTest) -> str:
    return "\n".join(part.value for part in app.markdown).replace("\\", "")


def _gallery(app: AppTest) -> dict:
    sent = [json.loads(part.proto.json) for part in app.get("bidi_component") if part.proto.json]
    return next(data for data in sent if "cards" in data)


def test_all_that_pass_get_a_label_at_once_and_lose_it_again(make_dataset, workspace, monkeypatch):
    """Exactly the filtered images get it, in one edit, also where it takes long; Undo beside it takes it back."""
    monkeypatch.setattr(select, "_AT_ONCE", 5)
    dataset = make_dataset("multi-label")
    app = opened("data", dataset="made", split="train", lacks="ball")
    passed = np.flatnonzero((dataset.items["split"] == "train") & (dataset.targs[:, 0] == 0))
    assert "bulk-close" not in [button.key for button in app.button]
    checked(app.button(key="select-all").click().run())
    assert f"**{len(passed)}** selected" in _words(app)
    assert _gallery(app)["selected"]["items"] == passed[:24].tolist()
    checked(app.selectbox(key="bulk-Set label").set_value(1).run())
    now = store.load(workspace, "made")
    expected = dataset.targs.copy()
    expected[passed, 1] = 1
    np.testing.assert_array_equal(now.targs, expected)
    changed = int((dataset.targs[passed, 1] == 0).sum())
    assert f"<b>box</b> set on {changed} images" in _words(app) and len(history(now)) == 1
    checked(app.button(key="bulk-undo").click().run())
    assert store.load(workspace, "made").revision == dataset.revision
    assert "Undone: <b>box</b> set" in _words(app) and "bulk-undo" not in [button.key for button in app.button]


def test_undo_of_what_is_no_longer_the_last_edit_is_refused(make_dataset, workspace):
    """Where another tab's edits cancel each other, the Undo of a page drawn before takes none of them back."""
    make_dataset("multi-label")
    app = opened("data", dataset="made")
    checked(app.button(key="select-all").click().run())
    checked(app.selectbox(key="bulk-Set label").set_value(1).run())
    labeled = store.load(workspace, "made")
    edits.undo(edits.exclude(labeled, [5], note="out"))
    other = edits.include(edits.exclude(labeled, [5], note="out"), [5], note="in again")
    checked(app.button(key="bulk-undo").click().run())
    assert "the last edit is number 4, “in again”, now" in app.error[0].value.replace("\\", "")
    assert "Undone" not in _words(app) and "bulk-undo" not in [button.key for button in app.button]
    assert store.load(workspace, "made").chain == other.chain


def test_what_a_filter_hides_is_not_selected_any_more(make_dataset, workspace):
    """An edit is made on images in sight only, whatever was selected before."""
    dataset = make_dataset("regression")
    app = opened("data", dataset="made")
    checked(app.button(key="select-all").click().run())
    checked(app.segmented_control(key="split").set_value("test").run())
    checked(app.segmented_control(key="split").set_value("all").run())
    assert "**6** selected" in _words(app)
    assert [box.key for box in app.selectbox if str(box.key).startswith("bulk")] == ["bulk-Set split"]
    checked(app.button(key="bulk-exclude").click().run())
    assert store.load(workspace, "made").included.tolist() == np.flatnonzero(dataset.items["split"] != "test").tolist()
    assert "6 images excluded." in _words(app) and "selected" not in _words(app)


def test_groups_are_not_divided_unasked(make_dataset, workspace):
    """It is said which persons would be in two splits, and the whole of them can be moved instead."""
    dataset = make_dataset("single-label")
    items = pd.read_parquet(dataset.path / "items.parquet")
    items["group"] = [f"person {row // 2}" for row in range(48)]
    kept = ("name", "task", "names", "problems", "source", "defaults")
    head = unsealed.read(dataset.path / "dataset.json")
    store.save(dataset.path, {name: head[name] for name in kept}, items, dataset.targs)
    app = opened("data", dataset="made", find="picture 4.png")
    checked(app.button(key="select-all").click().run())
    checked(app.selectbox(key="bulk-Set split").set_value("valid").run())
    assert "1 group would be divided** (person 2): validation images have images of the same group" in _words(app)
    assert store.load(workspace, "made").revision == store.load(workspace, "made").base
    checked(app.button(key="bulk-whole").click().run())
    now = store.load(workspace, "made").items["split"]
    assert np.flatnonzero(now != items["split"]).tolist() == [4, 5] and now[4] == now[5] == "valid"
    assert "2 images moved to valid." in _words(app)


def test_rows_that_a_browser_sends_are_not_trusted():
    """What is no list of rows of the dataset selects nothing."""
    taken = select._rows([2, 0], 3)
    assert taken is not None and taken.tolist() == [2, 0]
    assert [select._rows(sent, 3) for sent in ([3], [-1], [True], [1.0], ["1"], "12", None, {})] == [None] * 8
