"""The Predict page takes images, asks the model, and shows its predictions, for every task."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save as pack

from lib import tasks
from lib.core import ages, processes
from lib.core.files import write_atomic
from lib.core.questions import requests
from lib.inference import ask, drops
from lib.thresholds.sets import save
from lib.thresholds.sets_file import ThresholdSet
from lib.training import events, runs
from tests import unsealed
from tests.pages.conftest import RUN, age, checked, opened, predicted
from tests.pages.new_pictures import answer, answered, asked, brought, drop_zone, gallery, png
from tests.unit.deep_files import png16
from tests.unit.inference.asked_runs import picture


@pytest.fixture(autouse=True)
def spawned(monkeypatch) -> list[str]:
    """Workers are not started: what they would answer is written by the test."""
    modules: list[str] = []
    monkeypatch.setattr(processes, "spawn", lambda module, folder, **_: modules.append(module) or True)
    return modules


def test_empty_pages_lead_on(make_dataset, write_run):
    """Without a dataset, a run or a picture the page says the next step."""
    assert "no dataset yet" in opened("predict").info[0].value
    dataset = make_dataset("multi-label")
    assert "train first" in opened("predict").info[0].value
    write_run(dataset)
    app = opened("predict")
    assert not app.info
    assert not drop_zone(app)["small"]


@pytest.mark.parametrize(("end", "words"), [(events.FAILED, "too hot"), (None, "Resume it")])
def test_a_run_without_result_says_why(make_dataset, write_run, end, words):
    """A run that failed or died cannot be asked, and says why."""
    folder = write_run(make_dataset("multi-label"), end=end, **({"message": "It was too hot."} if end else {}))
    age(folder, 3600)
    assert words in opened("predict").error[0].value.replace("\\", "")


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_every_task_is_predicted_and_shown(name, make_dataset, write_run, workspace, spawned):
    """From the drop over the wait to the cards without a click, and no branch on the task; the address keeps it."""
    dataset, task = make_dataset(name), tasks.get(name)
    write_run(dataset)
    app = brought(opened("predict"), workspace, ("a b.png", png()), ("<i>.png", png(20, 80)))
    assert spawned == ["lib.inference.worker"]
    question = asked(app, workspace)
    assert [one["name"] for one in question.request()["pictures"]] == ["a b.png", "<i>.png"]
    assert not list((workspace.root / drops.FOLDER).iterdir())
    assert app.button(key="predict-cancel").label == "Cancel"
    assert drop_zone(app)["taken"]
    preds = predicted(dataset, "valid")[:2]
    answer(question, preds, [(48, 40), (20, 80)])
    for page in (checked(app.run()), opened("predict", asked=question.id, sort="in the order brought")):
        sent = gallery(page)
        names, thresh = dataset.names, task.start_thresh(runs.load(workspace, RUN).config)
        for card in sent["cards"]:
            item = card["item"]
            size = ((48, 40), (20, 80))[item]
            assert card["src"].format(item=item, size=0) == f"/api/runs/{RUN}/requests/{question.id}/{item}?size=0"
            assert (card["width"], card["height"]) == size
            expected = task.new_card(preds[item], np.array(size), names, thresh, card["title"], item)
            assert card["chips"] == expected.to_json()["chips"]
            np.testing.assert_allclose(card["pred_points"], expected.pred_points, atol=1e-5)
        assert drop_zone(page)["small"]
    assert [card["title"] for card in sent["cards"]] == ["a b.png", "<i>.png"]


def test_cards_appear_as_they_are_answered_and_the_least_certain_come_first(make_dataset, write_run, workspace):
    """What is there is shown in the order brought; once all is, sorted as chosen, unknown as least certain."""
    write_run(make_dataset("keypoints"))
    app = brought(opened("predict"), workspace, *((f"{number}.png", png()) for number in range(4)))
    question, run = asked(app, workspace), runs.load(workspace, RUN)
    preds = predicted(run.dataset(), "valid")[:4]
    with processes.alive_lock(run.folder / requests.FOLDER):
        question.show(answered(preds[:2]))
        question.tell(2, 4, text="Predicting")
        app = opened("predict", asked=question.id)
        assert [card["title"] for card in gallery(app)["cards"]] == ["0.png", "1.png"]
        assert _bar(app) == "Predicting: 2 of 4 images"
        assert app.get("download_button")[0].proto.disabled
    spread = np.full(preds.shape[:2], 2.0, dtype=np.float32)
    spread[:3] *= np.array([[1.0], [3.0], [np.nan]], dtype=np.float32)
    write_atomic(question.path(requests.ANSWER), pack({**answered(preds), "spread": spread}))
    orders = {"least certain first": "2103", "most certain first": "0312", "in the order brought": "0123"}
    for sort, titles in orders.items():
        app = opened("predict", asked=question.id, sort=sort)
        assert [card["title"][0] for card in gallery(app)["cards"]] == list(titles)
    assert "over 8 copies of its image" in app.caption[-1].value
    assert gallery(app)["cards"][1]["note"] == "spread 9.60 % of the diagonal, 6.00 px"
    assert gallery(app)["cards"][2]["spread"] == []


def test_a_file_that_is_no_picture_is_named_and_the_others_go_on(make_dataset, write_run, workspace):
    """A text and an empty file when they come, half a picture when it is read: left out with the reason."""
    write_run(make_dataset("multi-label"))
    files = [("notes.txt", b"hello"), ("half.png", png()[:-200]), ("empty.jpg", b""), ("good.png", png())]
    app = brought(opened("predict"), workspace, *files)
    question = asked(app, workspace)
    assert [one["name"] for one in question.request()["pictures"]] == ["half.png", "good.png"]
    arrays = answered(np.ones((1, 3), dtype=np.float32), refused=[[0, "the file is cut off"]])
    write_atomic(question.path(requests.ANSWER), pack({**arrays, "kept": np.array([1])}))
    app = checked(app.run())
    warning = app.warning[0].value.replace("\\", "")
    assert "3 files are left out" in warning
    for name, reason in (("notes.txt", "not a picture"), ("half.png", "cut off"), ("empty.jpg", "empty")):
        assert f"{name} (" in warning and reason in warning
    (card,) = gallery(app)["cards"]
    assert (card["title"], card["item"]) == ("good.png", 1)


def test_nothing_but_files_that_are_no_pictures(make_dataset, write_run, workspace, spawned):
    """Then the model is not asked, and the page says why, of the last drop only; the next drop is taken."""
    write_run(make_dataset("multi-label"))
    app = brought(opened("predict"), workspace, ("notes.txt", b"hello"))
    assert not spawned and "asked" not in app.query_params
    assert "1 file is left out" in app.warning[0].value
    app = brought(app, workspace, ("a.png", png()))
    question = asked(app, workspace)
    assert question.request()["pictures"][0]["name"] == "a.png"
    assert not app.warning
    answer(question, np.ones((1, 3), dtype=np.float32))
    app = brought(checked(app.run()), workspace, ("text.png", b"hello"), ("empty.jpg", b""))
    (warning,) = app.warning  # beside an answer as well, which stays
    for words in ("Nothing of what was brought last is predicted", "2 files", "text\\.png (", "empty\\.jpg ("):
        assert words in warning.value
    assert asked(app, workspace) == question and len(gallery(app)["cards"]) == 1
    assert app.caption[-1].value.startswith("Brought before: 1 image")


def test_a_drop_is_told_about_beside_the_model_that_it_was_brought_to(make_dataset, write_run, workspace):
    """Another run, without pictures of its own yet, says nothing of files that were not brought to it."""
    dataset = make_dataset("multi-label")
    write_run(dataset)
    write_run(dataset, run="20260102-030406-abcd")
    app = brought(opened("predict", dataset="made", run=RUN), workspace, ("notes.txt", b"hello"))
    assert app.warning
    app.query_params["run"] = "20260102-030406-abcd"
    assert not checked(app.run()).warning


def test_a_drop_that_replaces_an_unreadable_one_is_the_one_told_about(make_dataset, write_run, workspace, monkeypatch):
    """Neither the file that an earlier answer left out is named again, nor is too much at once silent."""
    write_run(make_dataset("multi-label"))
    app = brought(opened("predict"), workspace, ("corrupt.png", png()[:-200]))
    arrays = answered(np.ones((0, 3), dtype=np.float32), refused=[[0, "the file is cut off"]])
    write_atomic(asked(app, workspace).path(requests.ANSWER), pack({**arrays, "sizes": np.ones((0, 2))}))
    assert "corrupt" in checked(app.run()).warning[0].value
    app = brought(app, workspace, ("text.png", b"hello"))
    (warning,) = app.warning
    assert "text" in warning.value and "corrupt" not in warning.value
    monkeypatch.setattr(ask, "MOST_BYTES", 1)
    app = brought(app, workspace, ("large.png", png()), ("text.png", b"hello"))
    assert "Nothing of what was brought last" in app.error[0].value and "text" in app.warning[0].value
    assert checked(app.run()).error  # as long as nothing else is brought


def test_pictures_of_more_bits_than_the_model_was_taught(make_dataset, write_run, workspace):
    """Whether the model knows a range for them is said, of those that it was asked about."""
    write_run(make_dataset("multi-label"))
    path = workspace.run(RUN) / events.MANIFEST
    manifest = unsealed.read(path)
    for rule, words in (({"value_range": "own"}, "by its own values"), ({}, "the upper 8 are used")):
        path.write_text(json.dumps({**manifest, **rule}))
        deep = ("deep.png", png16(np.full((40, 48), 60_000))), ("good.png", png())
        app = brought(opened("predict"), workspace, *deep)
        answer(asked(app, workspace), np.ones((2, 3), dtype=np.float32))
        app = checked(app.run())
        assert not app.warning and any(words in info.value for info in app.info)


def test_what_the_browser_tells_of_other_files_is_said(make_dataset, write_run, workspace):
    """Files over the number that is taken are counted, and of an animation which frame is predicted."""
    write_run(make_dataset("multi-label"))
    out, frames = io.BytesIO(), [Image.effect_noise((48, 40), 50) for _ in range(3)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    app = brought(opened("predict"), workspace, ("party.gif", out.getvalue()), too_many=3)
    answer(asked(app, workspace), np.ones((1, 3), dtype=np.float32))
    app = checked(app.run())
    assert f"first {drops.MOST} images are taken, 3 are left out" in app.warning[0].value
    assert "first of its 3 frames" in app.info[0].value


def test_the_chosen_thresholds_decide(make_dataset, write_run, workspace):
    """A saved set changes what is predicted at once, without asking the model again; the address keeps it."""
    dataset = make_dataset("multi-label")
    write_run(dataset)
    run = runs.load(workspace, RUN)
    save(run, ThresholdSet("strict", np.array([0.9, 0.05, 0.5], dtype=np.float32)))
    question = ask.ask(run, ask.Predict((picture("a.png", png()),)))
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
    assert analyzed.caption[-1].value == "1 image, none with a label above its threshold."
    assert gallery(analyzed)["cards"][0]["note"] == "no label above its threshold"


def test_many_pictures_come_page_by_page(make_dataset, write_run, workspace):
    """Twenty-four a page, each shown once, the last page with the rest."""
    write_run(make_dataset("regression"))
    run = runs.load(workspace, RUN)
    pictures = tuple(picture(f"{number}.png", png()) for number in range(30))
    question = ask.ask(run, ask.Predict(pictures))
    answer(question, np.arange(60, dtype=np.float32).reshape(30, 2))
    app = opened("predict", asked=question.id, sort="in the order brought")
    first = [card["item"] for card in gallery(app)["cards"]]
    app.session_state[f"page-{question.id}"] = 2
    second = [card["item"] for card in gallery(checked(app.run()))["cards"]]
    assert first + second == list(range(30))
    assert len(first) == 24


def test_cancelling_takes_the_question_back(make_dataset, write_run, workspace):
    """The worker hears of it, and the page is as before."""
    write_run(make_dataset("multi-label"))
    app = brought(opened("predict"), workspace, ("a.png", file := png()))
    question = asked(app, workspace)
    checked(app.button(key="predict-cancel").click().run())
    assert not question.path(requests.QUESTION).exists()
    assert "asked" not in app.query_params
    assert not drop_zone(app)["small"]
    assert asked(brought(app, workspace, ("a.png", file)), workspace) == question


def test_a_worker_that_died_is_said_and_can_be_tried_again(make_dataset, write_run, workspace, spawned):
    """One sentence with the log's place, and a button that starts another."""
    write_run(make_dataset("multi-label"))
    run = runs.load(workspace, RUN)
    question = ask.ask(run, ask.Predict((picture("a.png", png()),)))
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
    question = ask.ask(run, ask.Predict((picture("a.png", png()),)))
    with processes.alive_lock(run.folder / requests.FOLDER):
        question.tell(0, 3, loading=True)
        asked = question.path(requests.QUESTION).stat().st_mtime
        monkeypatch.setattr(ages, "since", lambda moment: asked + 7 - moment)
        assert "Loading torch and the model: 7 s so far" in _bar(opened("predict", asked=question.id))
        question.tell(1, 3)
        assert _bar(opened("predict", asked=question.id)) == "Predicting: 1 of 3 images"


def _bar(app) -> str:
    return app.get("progress")[0].proto.text


@pytest.mark.parametrize("name", ["../../config", "0123456789abcdef", "x", ""])
def test_an_address_without_its_question_is_an_empty_page(name, make_dataset, write_run):
    """An old link, or one that somebody made up, shows the page as it begins."""
    write_run(make_dataset("multi-label"))
    app = opened("predict", asked=name)
    assert not app.error and not app.get("progress")


def test_a_heat_maps_question_is_not_shown_here(make_dataset, write_run, workspace):
    """The address of another kind of question does not break the page."""
    write_run(make_dataset("multi-label"))
    question = ask.ask(runs.load(workspace, RUN), ask.GradCam(0, (0,)))
    app = opened("predict", asked=question.id)
    assert not app.error and not app.get("progress")
