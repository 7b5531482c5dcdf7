"""A question that takes too much, hangs, or crashes gives one sentence, and the others are still answered."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from lib.core import processes
from lib.core.errors import UserError
from lib.core.questions import asking, forks, requests, serve
from lib.core.questions.requests import PROGRESS, Question

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits are Linux's")


@dataclass(frozen=True)
class Desk:
    """A place."""

    folder: Path
    id: str = "desk"


class Deed(Question):
    """A question for something to be done."""

    module = "tests.unit.core.test_forks"


class Doer(forks.Worker[Deed]):
    """Does what it is told."""

    kind = Deed
    failure = "Nothing was done"
    most_at_once = 2
    cleared: list[str]

    def limits(self, question: Deed, request: dict) -> forks.Limits:
        return forks.Limits(
            memory=request.get("memory", 0), quiet=request.get("quiet", 0.0), seconds=request.get("seconds", 0.0)
        )

    def respond(self, question: Deed, request: dict) -> dict[str, np.ndarray]:
        tell = serve.ProgressTeller(question)
        tell(0, 0, "Doing")
        deed = request["deed"]
        if deed == "talk":
            while True:
                question.tell(0, 0)
                time.sleep(0.05)
        elif deed == "hang":
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
            time.sleep(60)
        elif deed == "crash":
            faulthandler.disable()  # pytest's would say so at length
            os.kill(os.getpid(), signal.SIGSEGV)
        elif deed == "take":
            try:
                block = bytearray(2**30)
            except MemoryError:
                forks.lift_memory_limit()
                raise UserError("That is too much.") from None
            return {"taken": np.array([len(block)])}
        return {"process": np.array([os.getpid()])}

    def ended(self) -> None:
        (self.place.folder / "cleared").touch()


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Desk:
    """A place for questions; no worker is started."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    return Desk(tmp_path)


def asked(desk: Desk, deed: str, **more: object) -> Deed:
    content = {"deed": deed, **more}
    question = Deed(desk, asking.name_of(content))
    asking.ask(question, content)
    return question


def test_each_question_has_a_process_of_its_own(desk):
    """None works in the worker itself."""
    questions = [asked(desk, "do", number=number) for number in range(4)]
    assert serve.serve(Doer, desk, idle=0) == 0
    done_by = {int(question.result()["process"][0]) for question in questions}
    assert len(done_by) == 4 and os.getpid() not in done_by
    assert not list((desk.folder / requests.FOLDER).glob(f"*{PROGRESS}"))


def test_memory_has_a_limit(desk):
    """Who takes more is told so by Python, can say so, and the next one is answered; without a limit it is given."""
    refused = asked(desk, "take", memory=2**28)
    given = asked(desk, "take")
    assert serve.serve(Doer, desk, idle=0) == 0
    assert refused.state() == requests.State(requests.FAILED, message="That is too much.")
    assert given.result()["taken"].tolist() == [2**30]


def test_who_says_nothing_is_ended(desk):
    """After the seconds that it may be quiet a question is refused, and what is left is cleared away."""
    hung, good = asked(desk, "hang", quiet=0.5), asked(desk, "do")
    began = time.monotonic()
    assert serve.serve(Doer, desk, idle=0) == 0
    assert 0.5 < time.monotonic() - began < 10
    assert "Nothing was done: nothing was heard of it for" in hung.state().message
    assert good.state().name == requests.DONE
    assert (desk.folder / "cleared").exists()


def test_who_takes_too_long_is_ended(desk):
    """After the seconds that it may take in all, whatever it says meanwhile."""
    talked, good = asked(desk, "talk", quiet=30.0, seconds=0.5), asked(desk, "do", seconds=30.0)
    began = time.monotonic()
    assert serve.serve(Doer, desk, idle=0) == 0
    assert 0.5 < time.monotonic() - began < 10
    assert talked.state().message == "Nothing was done: it took more than 0 s, and was ended."
    assert good.state().name == requests.DONE


def test_a_crash_is_said(desk):
    """A library that brings its process down costs one answer."""
    crashed, good = asked(desk, "crash"), asked(desk, "do")
    assert serve.serve(Doer, desk, idle=0) == 0
    assert "crashed" in crashed.state().message and good.state().name == requests.DONE


def test_what_is_withdrawn_ends_at_once_and_can_be_asked_again(desk):
    """Work that hears nothing is ended from outside, and the same question is then answered anew."""
    hung = asked(desk, "hang")

    def withdraw() -> None:
        while not hung.path(PROGRESS).exists():
            time.sleep(0.01)
        hung.cancel()

    thread = threading.Thread(target=withdraw)
    thread.start()
    began = time.monotonic()
    assert serve.serve(Doer, desk, idle=0) == 0
    thread.join()
    assert time.monotonic() - began < 10 and not hung.settled


def test_one_that_hangs_holds_up_no_other(desk):
    """Several are worked on at once, and no more than the worker says."""
    hung = asked(desk, "hang", quiet=60.0)
    others = [asked(desk, "do", number=number) for number in range(5)]
    worker = Doer(desk)
    most, until = 0, time.monotonic() + 20
    while (question := worker.next()) is not None or worker.busy:
        assert time.monotonic() < until
        if question is not None:
            worker.answer(question)
        most = max(most, len(worker._forks))
        if all(one.settled for one in others) and not hung.settled:
            break
        time.sleep(0.01)
    assert most == Doer.most_at_once and not hung.settled
    hung.cancel()
    while worker.busy:
        worker.next()
        time.sleep(0.01)
