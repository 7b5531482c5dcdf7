"""The tabs on where points fail show what the numbers say, and what to do where there is nothing to show."""

from __future__ import annotations

import numpy as np
import pytest
import streamlit as st
from safetensors.numpy import load_file, save, save_file

from lib.core import processes
from lib.core.errors import UserError
from lib.core.questions.requests import ANSWER
from lib.datasets.edits import edits
from lib.evaluation import results
from lib.inference import ask
from lib.inference.ask import Spread
from lib.training import events, runs
from lib.web.ui.keypoints.filter import Chosen, Only
from tests.pages.conftest import RUN, checked, code_run, opened


def tab(app, title: str):
    app.query_params["tab"] = title
    return checked(app.run())


def page_text(app) -> str:
    return " ".join(one.value for one in [*app.markdown, *app.caption, *app.info])


def test_slices_are_told_and_one_of_them_is_shown(make_dataset, write_run, workspace):
    """The table has a row a quarter that adds up to all images; what a row asks for is all that the gallery shows."""
    write_run(make_dataset("keypoints"))
    app = tab(opened("analyze", dataset="made"), "Where it fails")
    assert "rank correlation" in page_text(app).lower()
    table = next(one.value for one in app.dataframe if "slice" in one.value)
    assert table["images"].sum() == 10
    run = runs.load(workspace, RUN)
    bench = results.bench(run, "valid")
    weights = table["images"] / 10
    assert (table["mean error (px)"] * weights).sum() == pytest.approx(bench.distances.mean())
    of_parts = code_run(app, "parts = ")["table"]["mean error"]
    np.testing.assert_allclose(of_parts, table["mean error (px)"], rtol=1e-6)
    only = Only(f"{RUN}-valid-{results.version(run)}", "Where it fails")
    app.session_state["points-only"] = (only, Chosen(np.arange(10) < 3, "the first three"))
    assert "Images 1 to 3 of 3" in page_text(checked(app.run()))
    assert "3 images: the first three" in page_text(app)
    assert "Images 1 to" not in page_text(tab(app, "Left and right"))  # another section has not asked for that
    app = tab(app, "Where it fails")
    next(one for one in app.button if one.label == "Show all images").click()
    assert "Images 1 to" not in page_text(checked(app.run()))
    assert "Images 1 to 10 of 10" in page_text(tab(app, "Pictures"))
    app = tab(app, "Where it fails")
    ways = next(one for one in app.get("button_group") if one.key.startswith("fail-by"))
    assert "Group" not in ways.options  # the images have none: there is nothing to say of them
    for way in ("size", "turn", "brightness", "shape"):
        app.session_state[f"fail-by-{RUN}-valid-{results.version(run)}"] = way
        checked(app.run())
    assert "moved, turned and scaled" in page_text(app)


def test_exchanged_pairs_are_counted_or_it_is_said_what_to_do(make_dataset, write_run):
    """Without pairs the page says where to declare them; with them, planted exchanges are counted and listed."""
    dataset = make_dataset("keypoints")
    folder = write_run(dataset)
    app = tab(opened("analyze", dataset="made"), "Left and right")
    assert "declare the pairs" in page_text(app)
    declared = edits.declare(dataset, flip_pairs=[("nose", "tail")], note="x")
    config = folder / events.CONFIG
    config.write_text(config.read_text().replace(dataset.revision, declared.revision))
    stored = load_file(folder / events.PREDS)
    preds = stored["valid.targs"].copy()
    preds[[2, 6]] = preds[[2, 6], ::-1]
    save_file(stored | {"valid.preds": preds}, folder / events.PREDS)
    runs._loaded.clear()
    app = tab(opened("analyze", dataset="made"), "Left and right")
    assert "swaps pairs in **2** of 10 validation images" in page_text(app)
    pairs, images = (one.value for one in app.dataframe)
    assert pairs["by the model (images)"].tolist() == [2]
    rows = sorted(int(link.rpartition("item=")[2]) for link in images["look"])
    assert rows == [int(row) for row in stored["valid.items"][[2, 6]]]
    assert images["corrected (px)"].tolist() == [0, 0]
    left = code_run(app, "pairs = ")
    assert np.flatnonzero(left["swapped"]).tolist() == [2, 6] and left["error"][1] == 0
    assert f"{left['error'][0]:#.3g} px" in page_text(app)


def test_certainty_is_asked_for_by_a_button_and_told_from_the_answer(make_dataset, write_run, workspace, monkeypatch):
    """One click asks once; the answer gives correlation, curve and whether averaging is better, as runs are judged."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    monkeypatch.setattr(ask, "model_id", lambda run: "model")
    write_run(make_dataset("keypoints"))
    app = tab(opened("analyze", dataset="made"), "How certain")
    next(one for one in app.button if one.label == "Measure how certain it is").click()
    checked(app.run())
    run = runs.load(workspace, RUN)
    question = ask.existing(run, Spread("valid", 8))
    assert question is not None
    predictions = run.predictions("valid")
    spread = np.linalg.norm(predictions.preds - predictions.targs, axis=-1).astype(np.float32)  # one that knows all
    question.path(ANSWER).write_bytes(
        save({"first": predictions.preds, "mean": predictions.targs.copy(), "spread": spread})
    )
    app = tab(app, "How certain")
    assert "rank correlation +1.00" in page_text(app)
    assert "Averaging over the copies is better" in page_text(app)
    assert "mean error 0" in page_text(app)
    assert "No image of the quarter with the largest errors is in the half with the smallest spread" in page_text(app)
    same = {"first": predictions.preds, "mean": predictions.preds, "spread": spread}  # nothing differs, on 10 images
    question.path(ANSWER).write_bytes(save(same))
    st.cache_resource.clear()
    assert "too few images to tell it from chance" in page_text(tab(app, "How certain"))


def test_only_points_have_a_spread(make_dataset, write_run, workspace):
    """A question that does not fit the run is a sentence."""
    write_run(make_dataset("multi-label"))
    run = runs.load(workspace, RUN)
    with pytest.raises(UserError, match="no points"):
        ask.ask(run, Spread("valid"))
