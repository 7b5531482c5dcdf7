"""A worker that answers each question in a fork of its own: limited, ended once withdrawn, several at a time.

Whatever happens to a fork, a question too large for the memory, a library that crashes, work that hangs in code which
hears no signal, the worker is there to say so in one sentence.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, NoReturn

from lib.core.errors import UserError
from lib.core.questions import listed, serve
from lib.core.questions.requests import PROGRESS, Place, Question, T

try:
    import resource
except ImportError:  # Windows: no limits
    _HAS_LIMITS = False
else:
    _HAS_LIMITS = True

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Limits:
    """What a fork may take.

    Attributes
    ----------
    memory : int
        Bytes of memory besides what the worker has, 0 for any number. Files that are mapped and only read do not count.
    quiet : float
        Seconds without a word on how far it is after which it is ended, 0 for any number.
    seconds : float
        Seconds after which it is ended however far it is, 0 for any number.
    nice : int
        By how much others go before it at the processor.
    """

    memory: int = 0
    quiet: float = 0.0
    seconds: float = 0.0
    nice: int = 5


@dataclass
class _Fork(Generic[T]):
    """A process at work on a question."""

    question: T
    limits: Limits
    began: float = field(default_factory=time.monotonic)
    heard: float = field(default_factory=time.monotonic)  # when `word` was first seen: not by its date, clocks jump
    word: int | None = None
    withdrawn: bool = False
    why_ended: str = ""


class Worker(serve.Worker[T]):
    """Answers the questions about one place, each in a fork.

    Attributes
    ----------
    most_at_once : int
        Questions that are worked on at the same time.
    """

    most_at_once: ClassVar[int] = 3

    def __init__(self, place: Place):
        super().__init__(place)
        self._forks: dict[int, _Fork[T]] = {}

    def limits(self, question: T, request: dict[str, Any]) -> Limits:
        """Return what the work on a question may take."""
        return Limits()

    def too_quiet(self, question: T, seconds: float) -> str:
        """Return what to say of a question on which nothing was heard for ``seconds``."""
        return f"{self.failure}: nothing was heard of it for {seconds:,.0f} s, and it was ended."

    def too_long(self, question: T, seconds: float) -> str:
        """Return what to say of a question that was worked on for more than ``seconds``."""
        return f"{self.failure}: it took more than {seconds:,.0f} s, and was ended."

    def killed(self, question: T, number: int) -> str:
        """Return what to say of a fork that signal ``number`` ended."""
        return question.died()

    def ended(self) -> None:
        """Clear away what a fork may have left; called after one was ended."""

    def next(self) -> T | None:
        self._look()
        if len(self._forks) >= self.most_at_once:
            return None
        at_work = {fork.question.id for fork in self._forks.values()}
        waiting = (one for one in listed.questions_about(self.place, self.kind) if not one.settled)
        return next((one for one in waiting if one.id not in at_work), None)

    @property
    def busy(self) -> bool:
        return bool(self._forks)

    def answer(self, question: T) -> None:
        try:
            limits = self.limits(question, question.request())
        except UserError as error:
            question.refuse(str(error))
            return
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        pid = os.fork()
        if pid:
            self._forks[pid] = _Fork(question, limits)
        else:
            self._work(question, limits, parent)

    def _work(self, question: T, limits: Limits, parent: int) -> NoReturn:
        """Answer, as the fork, and end without what a Python process does at its end: that is the parent's."""
        code = 1
        try:
            _end_with(parent)
            os.nice(limits.nice)
            if limits.memory and _HAS_LIMITS:
                most = _data_bytes() + limits.memory
                resource.setrlimit(resource.RLIMIT_DATA, (most, resource.getrlimit(resource.RLIMIT_DATA)[1]))
            super().answer(question)
            code = 0
        except BaseException:
            serve.log_traceback()
        finally:
            try:
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(code)

    def _look(self) -> None:
        """See to the forks: which have ended, which are to end."""
        for pid, fork in list(self._forks.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._forks[pid]
                self._collect(fork, os.waitstatus_to_exitcode(status))
            elif not fork.question.is_wanted:
                fork.withdrawn = True
                os.kill(pid, signal.SIGKILL)
            elif why := self._why_over(fork):
                fork.why_ended = why
                os.kill(pid, signal.SIGKILL)

    def _why_over(self, fork: _Fork[T]) -> str:
        """Return what to say of a fork that is to be ended for the time it takes, "" of one that may go on."""
        quiet, seconds, now = fork.limits.quiet, fork.limits.seconds, time.monotonic()
        if (word := _last_word(fork.question)) != fork.word:
            fork.word, fork.heard = word, now
        if seconds and now - fork.began > seconds:
            return self.too_long(fork.question, seconds)
        if quiet and now - fork.heard > quiet:
            return self.too_quiet(fork.question, quiet)
        return ""

    def _collect(self, fork: _Fork[T], code: int) -> None:
        question = self.kind(self.place, fork.question.id)
        if not (fork.withdrawn or question.settled) and question.is_wanted:
            died = self.killed(question, -code) if code < 0 else question.died()
            question.refuse(fork.why_ended or died)
        question.leave()
        if code:
            self.ended()


def lift_memory_limit() -> None:
    """Let a fork that reached its limit say so: a sentence needs some memory too."""
    if _HAS_LIMITS:
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def _data_bytes() -> int:
    """Return how much this process has that `resource.RLIMIT_DATA` counts; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def _last_word(question: Question) -> int | None:
    """Return what tells the last word on how far a question is from the one before, None before the first."""
    try:
        return question.path(PROGRESS).stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _end_with(parent: int) -> None:
    """Have the system end this process with the one that forked it, where it can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended in between
        os._exit(1)
