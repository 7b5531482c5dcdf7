"""Questions of any kind are answered by one loop, report progress, can be withdrawn, and never wait in vain."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
import pytest

from lib.core import processes
from lib.core.errors import DamagedError, UserError
from lib.core.questions import asking, listed, requests, serve
from lib.core.questions.requests import ANSWER, ERROR, PROGRESS, QUESTION, Question

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Desk:
    """A place."""

    folder: Path
    id: str = "desk"


class Sum(Question):
    """A question for a sum."""

    module = "tests.unit.core.test_questions"
    most = 3


class Adder(serve.Worker[Sum]):
    """Adds; numbers below zero it refuses, words it does not understand, and it takes as long as it is told."""

    kind = Sum
    failure = "Nothing was added"
    idle = 0.0

    @classmethod
    def place_in(cls, folder: Path) -> Desk:
        return Desk(folder)

    def respond(self, question: Sum, request: dict) -> dict[str, np.ndarray]:
        tell = serve.ProgressTeller(question)
        for number in range(request.get("steps", 1)):
            tell(number, request.get("steps", 1), "Adding")
            time.sleep(0.05)
        if min(request["numbers"]) < 0:
            raise UserError("Numbers below zero are not added.")
        return {"sum": np.array([sum(request["numbers"])])}


@pytest.fixture
def desk(tmp_path) -> Desk:
    """A place for questions."""
    return Desk(tmp_path)


@pytest.fixture
def waiting(monkeypatch) -> list[str]:
    """Workers are not started; which would have been is listed."""
    started: list[str] = []
    monkeypatch.setattr(processes, "spawn", lambda module, *_, **__: started.append(module) or True)
    return started


def asked(desk: Desk, *numbers: object, **more: object) -> Sum:
    content = {"numbers": list(numbers), **more}
    question = Sum(desk, asking.name_of(content))
    asking.ask(question, content)
    return question


def test_one_loop_answers_all_in_order_and_ends(desk, waiting):
    """An answer, a refusal and an error of our own each are said; the loop outlives them and ends when all is done."""
    good, refused, broken = asked(desk, 1, 2), asked(desk, -1), asked(desk, "one")
    assert waiting == [Sum.module] * 3
    assert listed.questions_about(desk, Sum) == [good, refused, broken]
    assert serve.serve(Adder, desk) == 0
    assert good.result()["sum"].tolist() == [3]
    assert refused.state() == requests.State(requests.FAILED, message="Numbers below zero are not added.")
    assert "Nothing was added because of an error of Manyhot's own, TypeError" in broken.state().message
    assert not processes.is_alive(desk.folder / requests.FOLDER)
    assert not list((desk.folder / requests.FOLDER).glob(f"*{PROGRESS}"))


def test_nobody_works_where_nothing_can_be_written(desk, waiting, monkeypatch):
    """On a read-only disk a page shows what is there; any other trouble with the lock is not hidden."""
    asked(desk, 1)
    folder = desk.folder / requests.FOLDER
    (folder / processes.ALIVE).touch()
    for number in (errno.EROFS, errno.EIO):

        def fail(*_, number=number, **__):
            raise OSError(number, "no")

        monkeypatch.setattr(processes.os, "open", fail)
        if number == errno.EROFS:
            assert not processes.is_alive(folder)
        else:
            with pytest.raises(DamagedError, match=r"alive\.lock cannot be opened \(no\)"):
                processes.is_alive(folder)


def test_what_is_answered_or_failed_is_not_put_again(desk, waiting):
    """Only who asks again starts another worker."""
    question = asked(desk, -1)
    serve.serve(Adder, desk)
    assert asking.ask(question, {"numbers": [-1]}) is False
    assert len(waiting) == 1 and not question.state().active
    asking.ask_again(question)
    assert len(waiting) == 2 and question.state().active


def test_few_are_kept(desk, waiting):
    """Each kind of question says how many."""
    for number in range(6):
        question = asked(desk, number)
        serve.serve(Adder, desk)
        assert question.state().name == requests.DONE
    assert len(list((desk.folder / requests.FOLDER).glob(f"*{ANSWER}"))) == Sum.most


def test_steps_are_told_with_their_own_time(desk, waiting):
    """Of a step is said how far and how long; another step begins anew, and words between come seldom."""
    question = asked(desk, 1)
    tell = serve.ProgressTeller(question)
    with processes.alive_lock(desk.folder / requests.FOLDER):
        tell(1, 4, "Reading")
        tell(2, 4, "Reading")
        first = question.state()
        assert (first.name, first.done, first.total, first.message) == (requests.WORKING, 1, 4, "Reading")
        time.sleep(serve.EVERY)
        tell(3, 4, "Reading")
        assert question.state().done == 3 and question.state().step_seconds >= serve.EVERY
        tell(0, 9, "Writing")
        assert (question.state().message, question.state().total) == ("Writing", 9)
        assert question.state().step_seconds < serve.EVERY
    question.cancel()
    time.sleep(serve.EVERY)
    with pytest.raises(requests.WithdrawnError):
        tell(1, 9, "Writing")


@pytest.mark.parametrize(
    "content",
    [
        '{"done": "x", "total": null}',
        '{"done": 1, "total": [3], "began": "y", "text": 5}',
        '{"done": -1, "total": 2}',
        '{"done": 1, "total": 2, "text": 5}',
        '{"done": 1, "total": 2, "seconds": "y"}',
        '{"done": 1, "total": 2, "loading": "no"}',
        '{"done": NaN}',
        '{"done": 1, "tot',
        "",
        "{}",
        "[]",
    ],
)
def test_foreign_progress_is_no_exception(desk, waiting, content):
    """Whatever else stands in the file of the progress, the page that shows it is drawn as if there were none."""
    question = asked(desk, 1)
    question.path(PROGRESS).write_text(content)
    with processes.alive_lock(desk.folder / requests.FOLDER):
        state = question.state()
        assert (state.name, state.done, state.message) == (requests.WAITING, 0, Sum.waits)


def test_a_step_without_its_beginning_is_told(desk, waiting):
    """Whoever tells need not say when it began."""
    question = asked(desk, 1)
    with processes.alive_lock(desk.folder / requests.FOLDER):
        question.tell(1, 4, text="Reading")
        state = question.state()
        assert (state.name, state.done, state.message, state.step_seconds) == (requests.WORKING, 1, "Reading", 0.0)


def test_progress_of_a_later_version_is_told(desk, waiting):
    """What it says besides is left out."""
    question = asked(desk, 1)
    question.path(PROGRESS).write_text('{"done": 1, "total": 2, "loading": false, "speed": [3]}')
    with processes.alive_lock(desk.folder / requests.FOLDER):
        assert (question.state().name, question.state().done) == (requests.WORKING, 1)


@pytest.mark.parametrize("content", ['{"message": 5}', '{"message": null}', '{"message": "It is', "", "{}", "[]", "5"])
def test_an_error_that_cannot_be_read_is_none(desk, waiting, content):
    """A question beside whose name something else stands than a sentence does not wait for ever: it is answered."""
    question = asked(desk, 1, 2)
    question.path(ERROR).write_text(content)
    assert question.state().active
    assert serve.serve(Adder, desk) == 0
    assert question.state() == requests.State(requests.DONE) and question.result()["sum"].tolist() == [3]


@pytest.mark.parametrize(
    "content", ['{"numbers": [1', '{"kind": 5, "numbers": [1]}', '{"numbers": NaN}', "", "[1]", "5"]
)
def test_a_damaged_question_is_refused_in_words(desk, waiting, content):
    """The worker says so of it, outlives it, and answers the next one, and this one once it is asked again."""
    question = asked(desk, 1)
    question.path(QUESTION).write_text(content)
    good = asked(desk, 2)
    assert serve.serve(Adder, desk) == 0
    expected = f"The question {question.id} to desk is not there any more: ask again."
    assert question.state() == requests.State(requests.FAILED, message=expected)
    assert good.result()["sum"].tolist() == [2]
    assert asked(desk, 1) == question and serve.serve(Adder, desk) == 0
    assert question.result()["sum"].tolist() == [1]


class Typed(Sum):
    """A question that says what it is read as."""

    class Form(TypedDict):
        """Numbers."""

        kind: str
        numbers: list[int]

    forms = {"sum": Form}  # noqa: RUF012 (ClassVar in the base class)


def test_a_question_is_read_as_its_kind_says(desk, waiting):
    """Other types are refused; what another version put besides stays when it is asked again."""
    content = {"kind": "sum", "numbers": [1, 2], "mood": "fine"}
    question = Typed(desk, asking.name_of(content))
    asking.ask(question, content)
    assert question.request() == content
    asking.ask_again(question)
    assert question.request() == content
    for damaged in ('{"kind": "sum", "numbers": ["1"]}', '{"kind": "sum", "numbers": 1}', '{"kind": "sum"}'):
        question.path(QUESTION).write_text(damaged)
        with pytest.raises(UserError, match="is not there any more: ask again"):
            question.request()
    question.path(QUESTION).write_text('{"kind": "product", "numbers": ["1"]}')
    assert question.request()["numbers"] == ["1"]


def test_questions_of_an_earlier_version_are_understood(desk, waiting):
    """A folder written before steps were told: what waits is answered, what is on its way is told."""
    folder = desk.folder / requests.FOLDER
    folder.mkdir()
    (folder / f"{'0' * 16}{QUESTION}").write_text('{"numbers": [2, 3]}')
    question = asking.find(desk, "0" * 16, Sum)
    question.path(PROGRESS).write_text('{"done": 1, "total": 2, "loading": false}')
    with processes.alive_lock(folder):
        state = question.state()
        assert (state.name, state.done, state.total, state.message) == (requests.WORKING, 1, 2, "")
    assert serve.serve(Adder, desk) == 0
    assert question.result()["sum"].tolist() == [5]


_MAIN = (
    "import sys; from lib.core.questions import serve; from tests.unit.core import test_questions as mine; "
    "sys.exit(serve.main(mine.Adder))"
)


def _started(desk: Desk) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", _MAIN, str(desk.folder)], cwd=ROOT)


@pytest.mark.slow
def test_the_one_main_and_its_end(desk, waiting):
    """As a process of its own it answers; killed it is said, and another one answers the next question."""
    question = asked(desk, 1, 2)
    assert _started(desk).wait(60) == 0 and question.result()["sum"].tolist() == [3]
    slow = asked(desk, 5, steps=1000)
    process = _started(desk)
    until = time.monotonic() + 60
    while slow.state().name != requests.WORKING and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    state = slow.state()
    assert state.name == requests.FAILED and "crashed" in state.message and "worker.log" in state.message
    slow.cancel()
    other = asked(desk, 7)
    assert _started(desk).wait(60) == 0 and other.result()["sum"].tolist() == [7]
