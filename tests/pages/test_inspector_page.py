"""The Data page opens an image from its URL, does what the browser sends, and survives invalid input."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.core.errors import UserError
from lib.core.splits import EXCLUDED
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.history import history
from lib.web.ui.data import inspect
from tests.pages.conftest import ROOT, checked

ROW = 3


def opened(**query: str) -> AppTest:
    """Return the Data page after its first run, with ``query`` in the address."""
    page = AppTest.from_file(str(ROOT / "lib/web/ui/router.py"), default_timeout=60)
    for key, value in query.items():
        page.query_params[key] = value
    return checked(page.run())


def _shown(page: AppTest) -> dict[str, Any] | None:
    """Return what the inspector in the browser is given, None if it is not on the page."""
    inspectors = [one for one in page.get("bidi_component") if one.proto.component_name == "manyhot_inspector"]
    return json.loads(inspectors[0].proto.json) if inspectors else None


def _did(page: AppTest, number: int, *acts: dict) -> dict[str, Any] | None:
    """Return what the inspector is given after the browser sent ``acts``."""
    page.session_state[inspect._KEY] = {"acts": {"number": number, "acts": list(acts)}}
    return _shown(checked(page.run()))


def _toggle(was: int, now: int, row: Any = ROW) -> dict:
    return {"kind": "edit", "row": row, "cells": [{"column": 1, "was": was, "now": now}]}


def test_edit_undo_step_and_close(make_dataset, workspace):
    """A link opens the picture; an edit is on disk with its words; undo takes it back; steps follow the filter."""
    dataset = make_dataset("multi-label")
    before = int(dataset.targs[ROW, 1])
    page = opened(dataset="made", item=str(ROW), split="train")
    shown = _shown(page)
    assert shown["targets"]["values"] == dataset.targs[ROW].tolist()
    assert (shown["item"]["before"], shown["item"]["after"], shown["item"]["place"]) == (2, 4, "4 of 32")
    assert shown["undo"] is None

    shown = _did(page, 1, _toggle(before, 1 - before))
    assert shown["heard"] == 1 and not shown["refused"]
    assert store.load(workspace, "made").targs[ROW, 1] == 1 - before == shown["targets"]["values"][1]
    assert "<b>box</b>" in shown["undo"] and "picture 3.png" in shown["undo"]
    assert len(history(dataset)) == 1
    assert _shown(checked(page.run()))["heard"] == 1  # the same once more
    assert len(history(dataset)) == 1

    shown = _did(page, 2, {"kind": "undo", "row": ROW}, {"kind": "step", "row": ROW, "by": 1})
    assert store.load(workspace, "made").revision == dataset.revision
    assert shown["item"]["row"] == 4 and shown["redo"]
    assert page.query_params["item"] == "4"

    assert _did(page, 3, {"kind": "exclude", "row": 4}, {"kind": "close", "row": 4}) is None
    assert "item" not in page.query_params
    assert store.load(workspace, "made").items["split"].iat[4] == EXCLUDED


def test_undo_and_redo_once_too_often_hold_nothing_up(make_dataset):
    """Nothing to undo or redo is said, and the step that was sent in the same go is taken."""
    make_dataset("multi-label")
    page = opened(dataset="made", item=str(ROW))
    for number, kind in enumerate(("undo", "redo"), start=1):
        shown = _did(page, number, {"kind": kind, "row": ROW})
        assert shown["message"] == f"There is no edit of made to {kind}." and not shown["refused"]
    shown = _did(page, 3, {"kind": "undo", "row": ROW}, {"kind": "step", "row": ROW, "by": 1})
    assert shown["item"]["row"] == ROW + 1 and not shown["refused"]


def test_conflicts_and_nonsense_are_sentences(make_dataset, workspace):
    """Somebody else's edit is not overwritten but told; whatever else a browser sends changes nothing."""
    dataset = make_dataset("multi-label")
    before = int(dataset.targs[ROW, 1])
    page = opened(dataset="made", item=str(ROW))
    other = edits.set_targs(dataset, [edits.Cell(ROW, 1, before, -1)], note="somebody else")
    shown = _did(page, 1, _toggle(before, 1 - before), {"kind": "step", "row": ROW, "by": 1})
    assert "Somebody else" in shown["refused"]
    assert shown["targets"]["values"][1] == -1
    assert shown["item"]["row"] == ROW  # nothing after it was done

    nonsense = [_toggle(-1, 7), _toggle(-1, 1, 10**6), _toggle(-1, 1, -1), _toggle(-1, 1, "3"), _toggle(-1, 1, True)]
    nonsense += [{"kind": "format", "row": ROW}, {"kind": ["edit"], "row": ROW}, {"kind": "edit", "row": ROW}, [], None]
    assert _did(page, 2, nonsense[0])["refused"]
    for act in nonsense[1:]:  # in one go: a refused act ends what was sent
        state = page.session_state[inspect._STATE]
        with pytest.raises(UserError):
            inspect._do_all(workspace, "made", dataset.included, state, [act, _toggle(-1, 1)])
    page.session_state[inspect._KEY] = {"acts": {"number": "9", "acts": "x"}}
    assert _shown(checked(page.run()))["targets"]["values"][1] == -1
    assert store.load(workspace, "made").revision == other.revision

    now = edits.include(edits.exclude(other, [5], note="out"), [5], note="in again")  # the same content
    shown = _did(page, 3, {"kind": "undo", "row": ROW})
    assert "“in again”, now, so number 1, “somebody else”, was not undone" in shown["refused"]
    assert store.load(workspace, "made").chain == now.chain and shown["undo"] == "in again"


@pytest.mark.parametrize("item", ["48", "-1", "²"])
def test_an_image_that_is_not_there_is_said(item, make_dataset):
    """A link to no image opens nothing, says so, and is not kept."""
    make_dataset("regression")
    page = opened(dataset="made", item=item)
    assert _shown(page) is None
    assert page.toast and "rows are 0 to 47" in page.toast[0].value
    assert "item" not in page.query_params


def test_a_column_is_looked_for_once(make_dataset):
    """Who comes from a cell finds its target; the next picture begins at its top."""
    dataset = make_dataset("keypoints")
    page = opened(dataset="made", item="0")
    page.session_state[inspect._STATE].column = 3
    assert _shown(checked(page.run()))["item"]["column"] == 3
    assert _did(page, 1, {"kind": "step", "row": 0, "by": 1})["item"]["column"] is None
    with pytest.raises(ValueError, match="rows 0 to 47"):
        inspect.open_(dataset, 48)
