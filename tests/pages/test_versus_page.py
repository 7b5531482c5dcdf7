"""Two runs side by side on the Runs page: verdict, numbers and pictures are those of what the runs predicted."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from lib.datasets.edits import edits
from lib.evaluation.verdicts import verdicts, words
from lib.training import events, runs
from tests.pages import conftest
from tests.pages.conftest import checked, opened, texts

A, B = "20260101-030405-abcd", "20260102-030405-abcd"


@pytest.fixture
def two(make_dataset, write_run, workspace):
    """A function that writes two runs of a task: B predicts what is true, but for its first five images."""

    def write(task: str, *, edited: bool = False) -> tuple[dict, dict]:
        dataset = make_dataset(task)
        one = write_run(dataset, run=A) / events.PREDS
        other = write_run(edits.exclude(dataset, [0], note="n") if edited else dataset, run=B) / events.PREDS
        stored = load_file(other)
        for split in ("valid", "test"):
            stored[f"{split}.preds"][5:] = stored[f"{split}.targs"][5:] * np.float32(0.98) + np.float32(0.01)
            stored[f"{split}.preds"][:5] = stored[f"{split}.preds"][:5][::-1]
        save_file(stored, other)
        return load_file(one), stored

    return write


def cards(app) -> list[dict]:
    """Return the cards of the pairs on the page."""
    sent = [json.loads(part.proto.json) for part in app.get("bidi_component") if part.proto.json]
    return next((one["cards"] for one in sent if "pairs" in one), [])


def test_labels(two, workspace):
    """The sentence is the verdict's, values are numpy's at each threshold, and every picture has both answers."""
    one, other = two("multi-label")
    app = opened("runs", dataset="made", compare=f"{A}.{B}")
    app = checked(app.button(key="runs-compare").click().run())
    assert app.query_params["versus"] == f"{A}.{B}" and not app.dataframe
    verdict = verdicts.compare([runs.load(workspace, A)], [runs.load(workspace, B)])
    assert words.sentence(verdict) in texts(app).replace("**", "") and "not for other seeds" in texts(app)
    truth = one["valid.targs"] == 1
    right = [((part["valid.preds"] > np.float32(0.5)) == truth).sum(axis=1) for part in (one, other)]
    shown = cards(app)
    differ = np.flatnonzero(right[0] != right[1])
    assert sorted(card["item"] for card in shown) == sorted(2 * one["valid.items"][differ].tolist())
    for first, second in zip(shown[::2], shown[1::2], strict=True):
        row = np.flatnonzero(one["valid.items"] == first["item"])[0]
        n = truth.shape[1]
        expected = [f"{letter}: {part[row]} of {n} labels right" for letter, part in zip("AB", right, strict=True)]
        assert [first["note"], second["note"]] == expected
    label = verdict.names[1]
    narrowed = opened("runs", dataset="made", versus=f"{B}.{A}", label=label, who="a", at="0.9")
    narrowed.query_params["split"] = "test"  # which the first page, of the data, has for itself
    narrowed = checked(narrowed.run())
    at = [(part["test.preds"][:, 1] > np.float32(0.9)) == (part["test.targs"][:, 1] == 1) for part in (other, one)]
    only = one["test.items"][at[0] & ~at[1]].tolist()
    assert sorted(card["item"] for card in cards(narrowed)[::2]) == sorted(only)
    assert {card["note"] for card in cards(narrowed)} <= {"A: right", "B: wrong"}
    table = checked(opened("runs", dataset="made", versus=f"{A}.{B}", **{"versus-tab": "Metrics and labels"}))
    rows = table.dataframe[0].value.set_index("label")
    shares = [((part["valid.preds"] > np.float32(0.5)) == truth).mean(axis=0) for part in (one, other)]
    for side, letter in enumerate("AB"):
        np.testing.assert_allclose(rows[letter], shares[side])
    np.testing.assert_allclose(rows["B − A"], shares[1] - shares[0])
    app = checked(app.button(key="versus-back").click().run())
    assert len(app.dataframe[0].value) == 2 and app.query_params["compare"] == f"{A}.{B}"


def test_points_with_other_revisions(two):
    """What differs between the revisions is said, the nearer side is marked, and the shown lines give both means."""
    one, other = two("keypoints", edited=True)
    app = opened("runs", dataset="made", versus=f"{A}.{B}", **{"versus-tab": "Curves and choices"})
    off = [np.linalg.norm(part["valid.preds"].astype(float) - part["valid.targs"], axis=2) for part in (other, one)]
    assert "Between the revision" in texts(app) and "1 image" in texts(app)
    assert conftest.code_run(app, "other = ")["means"] == pytest.approx([np.nanmean(part) for part in off], rel=1e-6)
    shown = cards(opened("runs", dataset="made", versus=f"{A}.{B}"))
    nearer = [np.nanmean(off[1], axis=1), np.nanmean(off[0], axis=1)]
    for pair in zip(shown[::2], shown[1::2], strict=True):
        row = np.flatnonzero(one["valid.items"] == pair[0]["item"])[0]
        best = int(nearer[1][row] < nearer[0][row])
        assert [card["note"].endswith("nearer") for card in pair] == [best == 0, best == 1]


def test_what_cannot_be_compared_is_one_sentence(two, workspace):
    """A single run, and one that is gone, are said with what to do; Analyze leads to the comparison."""
    two("regression")
    app = opened("analyze", dataset="made", run=B)
    app.query_params["tab"] = "Compare runs"
    (link,) = [one.proto for one in checked(app.run()).get("page_link") if "Which is better" in one.proto.label]
    assert f"versus={A}.{B}" in link.query_string
    gone = opened("runs", dataset="made", versus=f"{A}.20250101-030405-abcd")
    assert "20250101" in gone.warning[0].value and "instead" in gone.warning[0].value
    (workspace.run(A) / events.MANIFEST).unlink()
    assert "only one run" in texts(opened("runs", dataset="made", versus=f"{A}.{B}"))
