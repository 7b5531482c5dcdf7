"""The Predict page takes images, asks the model, and shows its predictions, for every task."""

from __future__ import annotations

import io
import json
import time
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save as pack

from lib import tasks
from lib.core import processes
from lib.core.files import write_atomic
from lib.core.questions import requests
from lib.inference import ask
from lib.inference.ask import ModelQuestion
from lib.thresholds.sets import save
from lib.thresholds.sets_file import ThresholdSet
from lib.training import events, runs
from tests.pages.conftest import RUN, age, checked, opened, predicted
from tests.unit.deep_files import png16


@pytest.fixture(autouse=True)
def spawned(monkeypatch) -> list[str]:
    """Workers are not started: what they would answer is written by the test."""
    modules: list[str] = []
    monkeypatch.setattr(processes, "spawn", lambda module, folder, **_: modules.append(module) or True)
    return modules


def png(width: int = 48, height: int = 40) -> bytes:
    """Return a picture file."""
    out = io.BytesIO()
    Image.effect_noise((width, height), 50).save(out, "PNG")
    return out.getvalue()


def uploaded(app, *files: tuple[str, bytes]):
    """Return the page after files were brought."""
    for name, content in files:
        app.file_uploader[0].upload(name, content)
    return checked(app.run())


def asked(app, workspace) -> ModelQuestion:
    """Return the question that the address names."""
    name = app.query_params["asked"]
    return ModelQuestion(runs.load(workspace, RUN), name if isinstance(name, str) else name[0])


def answer(question: ModelQuestion, preds: np.ndarray) -> None:
    """Answer as the worker does."""
    sizes = np.array([[one["width"], one["height"]] for one in question.request()["pictures"]], dtype=np.float64)
    write_atomic(question.path(requests.ANSWER), pack({"preds": preds, "sizes": sizes}))


def gallery(app) -> dict:
    """Return what the gallery was sent."""
    sent = [json.loads(part.proto.json) for part in app.get("bidi_component") if part.proto.json]
    return next(one for one in sent if "cards" in one)


def test_empty_pages_lead_on(make_dataset, write_run):
    """Without a dataset, a run or a picture the page says the next step."""
    assert "no dataset yet" in opened("predict").info[0].value
    dataset = make_dataset("multi-label")
    assert "train first" in opened("predict").info[0].value
    write_run(dataset)
    assert "Upload images" in opened("predict").info[0].value


@pytest.mark.parametrize(("end", "words"), [(events.FAILED, "too hot"), (None, "Resume it")])
def test_a_run_without_result_says_why(make_dataset, write_run, end, words):
    """A run that failed or died cannot be asked, and says why."""
    folder = write_run(make_dataset("multi-label"), end=end, **({"message": "It was too hot."} if end else {}))
    age(folder, 3600)
    assert words in opened("predict").error[0].value.replace("\\", "")


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_every_task_is_predicted_and_shown(name, make_dataset, write_run, workspace, spawned):
    """From the upload over the wait to the cards, without a branch on the task; the address keeps the answer."""
    dataset, task = make_dataset(name), tasks.get(name)
    write_run(dataset)
    app = uploaded(opened("predict"), ("a b.png", png()), ("<i>.png", png(20, 80)))
    assert spawned == ["lib.inference.worker"]  # loads the model while the user looks for the button
    go = app.button(key="predict-go")
    assert go.label == "Predict 2 images"
    checked(go.click().run())
    question = asked(app, workspace)
    assert [one["name"] for one in question.request()["pictures"]] == ["a b.png", "<i>.png"]
    assert app.button(key="predict-cancel").label == "Cancel"
    preds = predicted(dataset, "valid")[:2]
    answer(question, preds)
    for page in (checked(app.run()), opened("predict", asked=question.id)):
        sent = gallery(page)
        names, thresh = dataset.names, task.start_thresh(runs.load(workspace, RUN).config)
        for item, (card, size) in enumerate(zip(sent["cards"], ((48, 40), (20, 80)), strict=True)):
            assert card["src"].format(item=item, size=0) == f"/api/runs/{RUN}/requests/{question.id}/{item}?size=0"
            assert (card["width"], card["height"]) == size
            expected = task.new_card(preds[item], np.array(size), names, thresh, card["title"], item)
            assert card["chips"] == expected.to_json()["chips"]
            np.testing.assert_allclose(card["pred_points"], expected.pred_points, atol=1e-5)
        assert [card["title"] for card in sent["cards"]] == ["a b.png", "<i>.png"]


def test_a_file_that_is_no_picture_is_named_and_the_others_go_on(make_dataset, write_run, workspace):
    """Text, an empty file and half a picture are left out with the reason; what is left is asked about."""
    write_run(make_dataset("multi-label"))
    files = [("notes.txt", b"hello"), ("half.png", png()[:-200]), ("empty.jpg", b""), ("good.png", png())]
    app = uploaded(opened("predict"), *files)
    warning = app.warning[0].value.replace("\\", "")
    assert "3 files are no images" in warning
    for name, reason in (("notes.txt", "not a picture"), ("half.png", "cut off"), ("empty.jpg", "empty")):
        assert name in warning
        assert reason in warning
    checked(app.button(key="predict-go").click().run())
    assert [one["name"] for one in asked(app, workspace).request()["pictures"]] == ["good.png"]


def test_nothing_but_files_that_are_no_pictures(make_dataset, write_run, spawned):
    """Then there is nothing to click."""
    write_run(make_dataset("multi-label"))
    app = uploaded(opened("predict"), ("notes.txt", b"hello"))
    assert app.button(key="predict-go").disabled
    assert "1 file is no image" in app.warning[0].value


def test_pictures_of_more_bits_than_the_model_was_taught(make_dataset, write_run, workspace):
    """Values outside of the model's range are left out with both ranges; where no range is known, that is said."""
    write_run(make_dataset("multi-label"))
    path = workspace.run(RUN) / events.MANIFEST
    manifest = json.loads(path.read_text())
    deep = ("deep.png", png16(np.full((40, 48), 60_000))), ("good.png", png())
    path.write_text(json.dumps({**manifest, "value_range": [0, 4095]}))
    app = uploaded(opened("predict"), *deep)
    warning = app.warning[0].value.replace("\\", "")
    assert "1 file cannot be used" in warning and "60,000, expected 0 to 4,095 (12 bits)" in warning
    assert app.button(key="predict-go").label == "Predict 1 image"
    for rule, words in (({"value_range": "own"}, "by its own values"), ({}, "the upper 8 are used")):
        path.write_text(json.dumps({**manifest, **rule}))
        app = uploaded(opened("predict"), *deep)
        assert not app.warning and any(words in info.value for info in app.info)
        assert app.button(key="predict-go").label == "Predict 2 images"


def test_more_pictures_than_are_taken_are_said(make_dataset, write_run, monkeypatch, workspace):
    """The first ones are taken, and the way for more is named."""
    from lib.web.ui.predict import pictures as predict_pictures

    monkeypatch.setattr(predict_pictures, "MOST", 2)
    write_run(make_dataset("multi-label"))
    app = uploaded(opened("predict"), *((f"{number}.png", png()) for number in range(3)))
    assert "first 2 images are taken, 1 is left out" in app.warning[0].value
    checked(app.button(key="predict-go").click().run())
    assert len(asked(app, workspace).request()["pictures"]) == 2


def test_the_chosen_thresholds_decide(make_dataset, write_run, workspace):
    """A saved set changes what is predicted at once, without asking the model again; the address keeps it."""
    dataset = make_dataset("multi-label")
    write_run(dataset)
    run = runs.load(workspace, RUN)
    save(run, ThresholdSet("strict", np.array([0.9, 0.05, 0.5], dtype=np.float32)))
    question = ask.ask(run, ask.Predict((ask.Picture("a.png", png(), 48, 40),)))
    probs = np.array([[0.8, 0.1, 0.5]], dtype=np.float32)
    answer(question, probs)
    app = opened("predict", asked=question.id)

    def labels(page) -> list[str]:
        return [chip["text"] for chip in gallery(page)["cards"][0]["chips"] if chip["kind"] == "pred"]

    assert labels(app) == [dataset.names[0]]
    assert "none" not in app.caption[-1].value
    checked(app.selectbox(key="thresholds").set_value("strict").run())
    assert labels(app) == [dataset.names[1]]
    analyzed = opened("predict", asked=question.id, thresh="0.850")  # chosen on the Analyze page
    assert labels(analyzed) == []
    assert "none 1" in analyzed.caption[-1].value
    assert gallery(analyzed)["cards"][0]["note"] == "no label above its threshold"


def test_many_pictures_come_page_by_page(make_dataset, write_run, workspace):
    """Twenty-four a page, each shown once, the last page with the rest."""
    write_run(make_dataset("regression"))
    run = runs.load(workspace, RUN)
    pictures = tuple(ask.Picture(f"{number}.png", png(), 48, 40) for number in range(30))
    question = ask.ask(run, ask.Predict(pictures))
    answer(question, np.arange(60, dtype=np.float32).reshape(30, 2))
    app = opened("predict", asked=question.id)
    first = [card["item"] for card in gallery(app)["cards"]]
    app.session_state[f"page-{question.id}"] = 2
    second = [card["item"] for card in gallery(checked(app.run()))["cards"]]
    assert first + second == list(range(30))
    assert len(first) == 24


def test_cancelling_takes_the_question_back(make_dataset, write_run, workspace):
    """The worker hears of it, and the page is as before."""
    write_run(make_dataset("multi-label"))
    app = uploaded(opened("predict"), ("a.png", png()))
    checked(app.button(key="predict-go").click().run())
    question = asked(app, workspace)
    checked(app.button(key="predict-cancel").click().run())
    assert not question.path(requests.QUESTION).exists()
    assert "asked" not in app.query_params
    assert "Upload images" in app.info[0].value
    checked(app.button(key="predict-go").click().run())
    assert asked(app, workspace) == question


def test_a_worker_that_died_is_said_and_can_be_tried_again(make_dataset, write_run, workspace, spawned):
    """One sentence with the log's place, and a button that starts another."""
    write_run(make_dataset("multi-label"))
    run = runs.load(workspace, RUN)
    question = ask.ask(run, ask.Predict((ask.Picture("a.png", png(), 48, 40),)))
    question.tell(0, 1)  # as a worker that holds no lock any more
    app = opened("predict", asked=question.id)
    assert "crashed" in app.error[0].value
    checked(app.button(key="predict-again").click().run())
    assert len(spawned) == 2
    assert not app.error
    assert question.state().active


def test_how_far_it_is_is_shown(make_dataset, write_run, workspace, monkeypatch):
    """While the model loads the page says how long that takes, then how many pictures are done."""
    write_run(make_dataset("multi-label"))
    run = runs.load(workspace, RUN)
    question = ask.ask(run, ask.Predict((ask.Picture("a.png", png(), 48, 40),)))
    with processes.alive_lock(run.folder / requests.FOLDER):
        question.tell(0, 3, loading=True)
        asked = question.path(requests.QUESTION).stat().st_mtime
        monkeypatch.setattr(requests, "time", SimpleNamespace(time=lambda: asked + 7))
        assert "Loading torch and the model: 7 s so far" in _bar(opened("predict", asked=question.id))
        question.tell(1, 3)
        assert _bar(opened("predict", asked=question.id)) == "Predicting: 1 of 3 images"


def _bar(app) -> str:
    return app.get("progress")[0].proto.text


@pytest.mark.parametrize("name", ["../../config", "0123456789abcdef", "x", ""])
def test_an_address_without_its_question_is_an_empty_page(name, make_dataset, write_run):
    """An old link, or one that somebody made up, shows the page as it begins."""
    write_run(make_dataset("multi-label"))
    assert "Upload images" in opened("predict", asked=name).info[0].value


def test_a_heat_maps_question_is_not_shown_here(make_dataset, write_run, workspace):
    """The address of another kind of question does not break the page."""
    write_run(make_dataset("multi-label"))
    question = ask.ask(runs.load(workspace, RUN), ask.GradCam(0, (0,)))
    assert "Upload images" in opened("predict", asked=question.id).info[0].value


def test_pictures_are_decoded_once(make_dataset, write_run, monkeypatch):
    """Choosing something else on the page does not decode two hundred pictures again."""
    from lib.core import pictures

    seen = []
    opening = pictures.open_image
    monkeypatch.setattr(
        pictures, "open_image", lambda source, rule: seen.append(time.monotonic()) or opening(source, rule)
    )
    write_run(make_dataset("multi-label"))
    app = uploaded(opened("predict"), ("a.png", png()), ("notes.txt", b"hello"))
    checked(app.run())
    assert len(seen) == 2
