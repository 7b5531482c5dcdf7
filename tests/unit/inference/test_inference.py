"""A question to a model is asked once, found again, and never waited for in vain."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest
from safetensors.numpy import save as pack

from lib.core import files, processes
from lib.core.errors import UserError
from lib.core.questions import asking, listed, pruning, requests
from lib.core.questions.requests import ANSWER, ERROR, PROGRESS, QUESTION, Question
from lib.inference import ask
from lib.inference.ask import GradCam, ModelQuestion, Predict
from lib.training import events
from lib.training.runs import Run
from tests.unit.inference import asked_runs
from tests.unit.inference.asked_runs import CAM, PICTURES, picture

#: Fixtures.
run, spawned = asked_runs.run, asked_runs.spawned


def alive(run: Run):
    """Return a context in which a worker seems to live."""
    return processes.alive_lock(run.folder / requests.FOLDER).acquire(timeout=1)


def aged(question: Question, seconds: float) -> Question:
    """Make a question look as if it was asked ``seconds`` ago."""
    then = time.time() - seconds
    os.utime(question.path(QUESTION), (then, then))
    return question


def test_the_same_request_is_one_question(run, spawned):
    """Asked twice it is put once, and found by its name; anything else about it makes it another."""
    first = ask.ask(run, CAM)
    changed = first.path(QUESTION).stat().st_mtime_ns
    with alive(run):
        assert ask.ask(run, GradCam(label=1, rows=(3, 0))) == first
    assert first.path(QUESTION).stat().st_mtime_ns == changed
    assert spawned == ["lib.inference.worker"]
    assert ask.find(run, first.id) == first
    others = [GradCam(0, (3, 0)), GradCam(1, (0, 3)), GradCam(1, (3,)), PICTURES]
    assert len({first.id, *(ask.ask(run, other).id for other in others)}) == 5
    renamed = Predict((picture("c.png", b"one"), PICTURES.pictures[1]))
    assert ask.ask(run, renamed).id != ask.ask(run, PICTURES).id


def test_another_model_is_another_question(run):
    """After a run was resumed, an answer of the model that it had before is not taken for the new one's."""
    before = ask.ask(run, CAM)
    manifest = run.manifest()
    files.write_json(run.folder / events.MANIFEST, {**manifest, "seconds": 2})
    assert ask.ask(run, CAM).id != before.id


def test_rows_of_numpy_ask_the_same(run):
    """What comes out of an array is the same question as what was typed."""
    rows = tuple(np.array([3, 0]))
    assert ask.ask(run, GradCam(np.int64(1), rows)) == ask.ask(run, CAM)


def test_pictures_are_kept_as_they_came(run):
    """The worker finds the very bytes, by number, and the question tells their names."""
    question = ask.ask(run, PICTURES)
    assert [(question.folder / name).read_bytes() for name in ("0", "1")] == [b"one", b"two"]
    assert [one["name"] for one in question.request()["pictures"]] == ["a.png", "b.png"]


def test_a_question_tells_how_it_stands(run):
    """From asked over loading and working to the answer, which is read back exactly."""
    question = ask.ask(run, CAM)
    assert question.state().name == requests.WAITING
    with alive(run):
        assert question.state().name == requests.WAITING
        question.tell(0, 2, loading=True)
        state = question.state()
        assert (state.name, state.active) == (requests.WAITING, True)
        assert "Loading" in state.message
        question.tell(1, 2)
        state = question.state()
        assert (state.name, state.done, state.total) == (requests.WORKING, 1, 2)
        with pytest.raises(UserError):
            question.result()
        maps = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
        files.write_atomic(question.path(ANSWER), pack({"maps": maps}))
        question.leave()
        assert question.state() == requests.State(requests.DONE)
    np.testing.assert_array_equal(question.result()["maps"], maps)


def test_a_dead_worker_is_said_and_asking_again_starts_another(run, spawned):
    """Nobody waits for a worker that was killed; the page does not start the same death over and over by itself."""
    question = ask.ask(run, CAM)
    question.tell(0, 2)  # a worker took it, and holds no lock now
    state = question.state()
    assert (state.name, state.active) == (requests.FAILED, False)
    assert "Ask again" in state.message
    assert ask.ask(run, CAM).state().name == requests.FAILED
    assert len(spawned) == 1
    asking.ask_again(question)
    assert len(spawned) == 2
    assert question.state().name == requests.WAITING


def test_a_worker_that_never_came_is_said(run):
    """A question that nobody has looked at after some seconds is not waited for."""
    question = aged(ask.ask(run, CAM), 60)
    assert question.state().name == requests.FAILED
    asking.ask_again(question)
    assert question.state().name == requests.WAITING


def test_what_killed_a_worker_does_not_kill_the_next(run):
    """Another question gets a new worker, which leaves the one alone that the last worker died of."""
    killer = ask.ask(run, CAM)
    killer.tell(0, 2)
    other = ask.ask(run, GradCam(0, (1,)))
    assert listed.first_waiting(run, ModelQuestion) == other
    assert "crashed" in killer.state().message


def test_a_refused_question_stays_refused_until_asked_again(run, spawned):
    """What cannot be answered is not tried at every drawing of a page, and can be tried once more."""
    question = ask.ask(run, CAM)
    question.refuse("It is too dark.")
    assert ask.ask(run, CAM).state() == requests.State(requests.FAILED, message="It is too dark.")
    assert listed.first_waiting(run, ModelQuestion) is None
    asking.ask_again(question)
    assert listed.first_waiting(run, ModelQuestion) == question


def test_a_withdrawn_question_ends_the_work(run):
    """The worker hears of it at its next word, and asking anew begins anew with the pictures still there."""
    question = ask.ask(run, PICTURES)
    question.tell(0, 2)
    question.cancel()
    assert not question.state().active
    with pytest.raises(requests.WithdrawnError):
        question.tell(1, 2)
    assert ask.find(run, question.id) is None
    assert ask.ask(run, PICTURES) == question
    assert question.state().name == requests.WAITING


def test_questions_are_answered_in_order(run):
    """Who asked first is answered first, whatever the names."""
    asked = [aged(ask.ask(run, GradCam(label, (0,))), 10 - label) for label in range(3)]
    for question in asked:
        assert listed.first_waiting(run, ModelQuestion) == question
        files.write_atomic(question.path(ANSWER), pack({"maps": np.zeros(1)}))
    assert listed.first_waiting(run, ModelQuestion) is None


def test_a_damaged_answer_is_said_and_can_be_replaced(run):
    """An answer that a full disk cut off has a sentence instead of an exception of the library's."""
    question = ask.ask(run, CAM)
    question.path(ANSWER).write_bytes(b"\x00" * 20)
    with pytest.raises(UserError, match="ask again"):
        question.result()
    asking.ask_again(question)
    assert not question.path(ANSWER).exists()


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff\xfe"])
def test_damaged_small_files_are_no_exceptions(run, damage):
    """Half-written or foreign JSON beside a question does not break the page that shows it."""
    question = ask.ask(run, CAM)
    for ending in (ERROR, PROGRESS):
        question.path(ending).write_bytes(damage)
    with alive(run):
        assert question.state().active
    question.path(QUESTION).write_bytes(damage)
    with pytest.raises(UserError):
        question.request()


@pytest.mark.parametrize(
    "change", [{"label": "0"}, {"rows": [0, "1"]}, {"rows": None}, {"model": 1}, {"revision": []}, {"label": -1}]
)
def test_a_question_of_other_types_is_refused(run, change):
    """It says to ask again, before a model is loaded for it."""
    question = ask.ask(run, CAM)
    files.write_json(question.path(QUESTION), {**question.request(), **change})
    with pytest.raises(UserError, match="ask again"):
        question.request()


def test_old_questions_go_and_new_ones_stay(run):
    """The newest stay, with their pictures, by number and by bytes; what has no answer yet stays for a day."""
    asked = [ask.ask(run, Predict((picture(f"{n}", bytes(1000)),))) for n in range(6)]
    for place, question in enumerate(asked):
        aged(question, 1000 - place)
        if place:
            files.write_atomic(question.path(ANSWER), pack({"preds": np.zeros(1)}))
    pruning.prune(run, most=3)
    assert [question.folder.exists() for question in asked] == [True, False, False, True, True, True]
    assert not asked[1].path(ANSWER).exists()
    pruning.prune(run, most_bytes=3000)
    assert [question.path(QUESTION).exists() for question in asked] == [True, False, False, False, True, True]
    pruning.prune(run, most_bytes=0)
    assert asked[5].path(QUESTION).exists()
    aged(asked[0], 2 * pruning.FORGOTTEN)
    pruning.prune(run, most=1)
    assert not asked[0].folder.exists()


def test_asking_again_for_an_answer_keeps_it(run):
    """What is looked at is not the oldest any more."""
    old, new = ask.ask(run, CAM), ask.ask(run, GradCam(0, (0,)))
    for question, seconds in ((old, 100), (new, 50)):
        aged(question, seconds)
        files.write_atomic(question.path(ANSWER), pack({"maps": np.zeros(1)}))
    ask.ask(run, CAM)
    pruning.prune(run, most=1)
    assert old.path(ANSWER).exists()
    assert not new.path(ANSWER).exists()


@pytest.mark.parametrize(
    "name", ["", "..", "../../config", "alive", "0" * 15, "0" * 17, "A" * 16, "0123456789abcde/", "０" * 16]
)
def test_a_name_from_an_address_finds_questions_only(run, name):
    """Nothing that is no question's name becomes a part of a path."""
    assert ask.find(run, name) is None
