"""Follows a run on a node: ``python -m lib.training.remote.follower RUN_DIR LOCK`` sends it there and brings it back.

It stands where a worker of this machine stands: it holds the lock that says that the run is alive, and it alone writes
the events. However it ends, the run's folder says all that is known; a new one finds the job by `events.REMOTE`, and
follows it if that is at work still.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from lib.core.errors import DamagedError, UserError, reason
from lib.core.workspace import Workspace
from lib.training import events
from lib.training.events import EventWriter
from lib.training.launchers import launched
from lib.training.launchers.base import Standing
from lib.training.remote import attempts, datasets, jobs, objects
from lib.training.remote.attempts import Attempt, fail, note, take_back, tell
from lib.training.remote.exchange import (
    BEAT,
    BEGIN,
    FINISH,
    GIVEN,
    POLL,
    RESUME,
    SILENT,
    SILENT_UNKNOWN,
    Keys,
    Order,
    Placed,
    new_attempt,
)
from lib.training.remote.jobs import Starter
from lib.training.remote.objects import Share
from lib.training.remote.receiving import Receiver
from lib.training.runs import Run

T = TypeVar("T")
#: Seconds that the store may be out of reach when somebody wants the run stopped.
_STOP_PATIENCE = 60.0
#: How often in a row an object may have been replaced just before it was fetched.
_MISSING = 20
#: Seconds between two notes of how many pictures were sent.
_NOTES = 1.0


class Follower:
    """Follows one run.

    Parameters
    ----------
    folder : pathlib.Path
        The run's.
    share : Share
    starter : Starter
    silent, silent_unknown : float
        Seconds without a sign of life after which a node counts as dead: where its job is gone, and where nobody can
        tell.
    """

    def __init__(
        self,
        folder: Path,
        share: Share,
        starter: Starter,
        *,
        silent: float = SILENT,
        silent_unknown: float = SILENT_UNKNOWN,
    ):
        self._folder, self._share, self._starter = folder, share, starter
        self._silent, self._silent_unknown = silent, silent_unknown
        self._stop: bytes | None = None
        self._unknown_since: float | None = None

    def follow(self, job: str) -> int:
        """Let a node do what the run is for, and copy what comes; return 0 if its worker ended well.

        Parameters
        ----------
        job : str
            What to call the job, if there is none at work already.
        """
        try:
            attempt = self._at_work()
            if attempt is None and self._is_done():
                return 0
            attempt = attempt or self._start(job)
        except (UserError, OSError) as error:
            fail(self._folder, str(error) if isinstance(error, UserError) else reason(error))
            return 2
        return self._followed(attempt)

    def _is_done(self) -> bool:
        """Return whether a node has done meanwhile what is asked for: nothing is then asked any more."""
        last = Run(self._folder).refresh()
        is_done = last.history.end == events.FINISHED and (self._folder / events.MANIFEST).exists()
        if is_done:
            take_back(self._folder)
        return is_done

    # --- begin -----------------------------------------------------------------------------------------
    def _at_work(self) -> Attempt | None:
        """Return the attempt of a follower before this one if its node lives; of one that has ended all is taken."""
        attempt = attempts.read(self._folder)
        if attempt is None:
            return None
        if attempt.url != self._share.url:
            tell(f"The run was at work by way of {attempt.url} before; now it is {self._share.url}.")
            return None
        receiver = Receiver(self._share, Keys(self._folder.name, attempt.attempt), self._folder)
        until = time.monotonic() + 2 * BEAT + POLL
        first = None
        while True:
            state = self._persistently(receiver.peek)
            standing = self._starter.job(attempt.job).standing
            if state is not None and state.ended is not None:
                self._persistently(receiver.receive)
                self._ended(receiver)
                return None
            if first is not None and state is not None and state.beat != first.beat:
                tell("Its job is at work already: it is followed again.")
                return attempt
            if state is None and standing in (Standing.PENDING, Standing.RUNNING):
                return attempt
            if time.monotonic() > until:
                self._persistently(lambda: self._share.put(receiver.keys.stop, events.NOW.encode()))  # should it live
                return None
            first = first or state
            time.sleep(POLL / 2)

    def _start(self, job: str) -> Attempt:
        """Send dataset and run, and start the job."""
        folder, share, config = self._folder, self._share, events.read_config(self._folder)
        asked = next((name for name in (RESUME, FINISH) if (folder / name).exists()), BEGIN)
        if config.weights and asked == BEGIN:
            raise UserError(
                f"The pretrained weights {config.weights} are a file of this machine, which its nodes do not have: "
                "leave them out, or start the run on this machine."
            )
        note(folder, "note", f"Sending the dataset {config.dataset} to {share.url}")
        noted = [time.monotonic()]

        def sent(done: int, total: int) -> None:
            if time.monotonic() - noted[0] > _NOTES:
                noted[0] = time.monotonic()
                note(folder, "note", f"Sent {done:,} of {total:,} pictures to {share.url}")

        workspace = Workspace(folder.parent.parent)
        self._persistently(lambda: datasets.push(share, workspace, config.dataset, config.revision, sent))
        attempt = Attempt(share.url, new_attempt(), job)
        keys = Keys(folder.name, attempt.attempt)
        note(folder, "queued", f"Waiting for a node, which fetches it from {share.url}")
        given = self._persistently(lambda: self._given(keys))
        order = Order(folder.name, attempt.attempt, config.dataset, config.revision, asked, given)
        self._persistently(lambda: share.put_json(keys.order, asdict(order)))
        attempts.write(folder, attempt)
        self._starter.start(job, [share.url, folder.name, attempt.attempt])
        return attempt

    def _given(self, keys: Keys) -> dict[str, Placed]:
        """Send what the node's worker begins with, and return it."""
        given = {}
        for name in GIVEN:
            with contextlib.suppress(FileNotFoundError), (self._folder / name).open("rb") as file:
                given[name] = Placed(**objects.measured(file), place=keys.given(name))
                self._share.put_file(keys.file(given[name]), file)
        return given

    # --- follow ----------------------------------------------------------------------------------------
    def _followed(self, attempt: Attempt) -> int:
        """Copy what comes until the node's worker has ended, or nothing comes any more."""
        receiver = Receiver(self._share, Keys(self._folder.name, attempt.attempt), self._folder)
        heard, base, missing = time.monotonic(), receiver.end, 0
        while True:
            try:
                is_alive = self._persistently(receiver.receive)
                self._pass_stop(receiver.keys)
                missing = 0
            except objects.MissingError as error:  # replaced in this moment, which the next state says
                missing += 1
                if missing > _MISSING:
                    return self._untakeable(receiver, error)
                is_alive = False
            except (DamagedError, OSError) as error:
                return self._untakeable(receiver, error)
            except objects.ShareError as error:
                tell(f"{error} The run is left alone: resume it when the store answers.")
                return 1
            if receiver.end > base:  # the node's worker goes on with what was asked
                take_back(self._folder)
            if is_alive:
                heard = time.monotonic()
            if receiver.state is not None and receiver.state.ended is not None:
                return self._ended(receiver)
            if self._never_began(receiver, attempt):
                return 0
            if why := self._lost(receiver, attempt, time.monotonic() - heard):
                return self._let_go(receiver, why)
            time.sleep(POLL / 2)

    def _untakeable(self, receiver: Receiver, error: Exception) -> int:
        """End a run of which something in the store is not what was put there."""
        with contextlib.suppress(objects.ShareError):
            self._share.put(receiver.keys.stop, events.NOW.encode())
        why = str(error) if isinstance(error, UserError) else reason(error)
        fail(self._folder, f"What the node sent cannot be taken. {why}")
        return 1

    def _ended(self, receiver: Receiver) -> int:
        """Take the last words of the node; the store is left as it was before."""
        state = receiver.state
        assert state is not None and state.ended is not None
        if state.message:
            fail(self._folder, f"On the node {state.host}: {state.message}")
        else:
            tell(receiver.log())
        (self._folder / events.REMOTE).unlink(missing_ok=True)
        with contextlib.suppress(objects.ShareError):  # what is left costs room, and nothing else
            receiver.clean()
        return state.ended

    def _lost(self, receiver: Receiver, attempt: Attempt, quiet: float) -> str:
        """Return why the node counts as dead, "" if it does not."""
        if quiet < (min(self._silent, BEAT) if receiver.state is None else self._silent):
            return ""
        job = self._starter.job(attempt.job)
        is_over = job.standing is Standing.ENDED
        # A job may have waited for long: it is not gone as its launcher does not answer once.
        now = time.monotonic()
        is_known = job.standing not in (Standing.UNKNOWN, Standing.UNREACHABLE)
        self._unknown_since = None if is_known else self._unknown_since or now
        unknown = 0.0 if self._unknown_since is None else now - self._unknown_since
        if not (is_over or min(quiet, unknown) > self._silent_unknown):
            return ""
        return job.why or f"Nothing was heard of the node for {quiet:.0f} seconds, and its job is gone."

    def _let_go(self, receiver: Receiver, why: str) -> int:
        """End without the node: one that has never begun has failed, any other has died."""
        if receiver.state is None:
            fail(self._folder, why)
        else:
            tell(why)
        return 1

    def _never_began(self, receiver: Receiver, attempt: Attempt) -> bool:
        """Return whether the run was stopped before its job had a node; the run is then stopped."""
        if self._stop is None or receiver.state is not None:
            return False
        standing = self._starter.job(attempt.job).standing
        if standing is Standing.PENDING:
            self._starter.stop(attempt.job)
        elif standing not in (Standing.ENDED, Standing.UNKNOWN):  # whoever asked may have let it go by themselves
            return False
        take_back(self._folder)
        (self._folder / events.REMOTE).unlink(missing_ok=True)
        write = EventWriter(self._folder)
        write(events.STOPPED, message="Stopped before a node was free for it.")
        write.close()
        return True

    def _pass_stop(self, keys: Keys) -> None:
        """Tell the node when somebody wants the run stopped."""
        asked = events.asked_to_stop(self._folder)
        wanted = asked.encode() if asked else None
        if wanted is not None and wanted != self._stop:
            self._persistently(lambda: self._share.put(keys.stop, wanted))
            self._stop = wanted

    def _persistently(self, act: Callable[[], T]) -> T:
        """Do what the store may not let be done now; one that wants the run stopped does not wait for ever."""
        until: float | None = None

        def give_up() -> bool:
            nonlocal until
            if until is None and events.asked_to_stop(self._folder):
                until = time.monotonic() + _STOP_PATIENCE
            return until is not None and time.monotonic() > until

        return objects.persistently(act, tell, give_up=give_up)


def main(folder: Path) -> int:
    """Follow the run in ``folder`` as its launch and the environment say."""
    try:
        share, launch = objects.at(os.environ.get(objects.VARIABLE, "")), launched.read(folder)
        if launch.nodes > 1:
            raise UserError(
                f"A run by way of {share.url} has one node: expected 1, found {launch.nodes}; choose one, or a folder "
                "that all machines see."
            )
    except UserError as error:
        fail(folder, str(error))
        return 2
    return Follower(folder, share, jobs.of(folder, launch)).follow(launch.job or attempts.HERE)


if __name__ == "__main__":
    faulthandler.enable()  # what `lib.training.crashes` finds in the log
    print(events.LOG_BEGINS, file=sys.stderr, flush=True)
    # The second argument is the descriptor of the inherited lock: it stays open, and held, as long as this process.
    sys.exit(main(Path(sys.argv[1]).resolve()))
