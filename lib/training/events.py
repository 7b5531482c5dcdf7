"""Files between page and worker: configuration, events, stop and resume, file names; and the state of a run."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from lib import tasks
from lib.core import checksums, json_files, line_sums
from lib.core.config import CHOICES, LR_FIND, WITH_MODEL, TrainConfig
from lib.core.errors import DamagedError, unread
from lib.core.processes import is_fresh

# --- files of a run: every file has one writer -----------------------------------------------------------
CONFIG = "config.json"  # whoever starts the run, once
STOP = "stop"  # whoever stops the run: holds AFTER_EPOCH, or anything else for NOW
NAME = "name.txt"  # whoever gives the run a name
NOTES = "notes.json"  # whoever writes a note, tags or pins the run; under `NOTES_LOCK`, one at a time
NOTES_LOCK = "notes.lock"
USER = "user.txt"  # the page, at the start: who started the run, where people log in
REMOTE = "remote.json"  # whoever follows the run on a node by way of a shared store: which attempt that is
LAUNCH = "launch.json"  # whoever starts or resumes the run: where it is at work, see `lib.training.launchers.launched`
LAUNCH_LOCK = "launch.lock"  # whoever resumes the run, one at a time
EVENTS = "events.jsonl"  # the worker, appended
LOG = "worker.log"  # the worker's stdout and stderr
LOG_BEGINS = "Manyhot worker begins"  # a line of it, at the start of every worker
PREDS = "preds.safetensors"  # the worker, at the end, like the next two
MODEL = "model.safetensors"
MANIFEST = "manifest.json"
CHECKPOINT = "checkpoint.safetensors"  # the worker, after every epoch, until it has finished
PREVIOUS = "checkpoint.previous.safetensors"  # the one before
BEST = "best.safetensors"  # the worker: weights of the epoch that early stopping would keep
RESUME = "resume"  # whoever resumes the run; removed by the worker when it goes on
LEFT = "stopped.safetensors"  # the worker, stopped at once: the weights that `FINISH` predicts with
END = "end.json"  # one of several processes of a run: how it ended, for the one that watches them and removes it
FINISH = "finish"  # whoever wants the predictions of a stopped run; removed by the worker when it makes them
#: What the worker leaves beside its events.
BESIDE = (MANIFEST, PREDS, MODEL, CHECKPOINT, PREVIOUS, BEST, LEFT)


# --- states ----------------------------------------------------------------------------------------------
QUEUED, STARTING, RUNNING = "queued", "starting", "running"
FINISHED, STOPPED, FAILED, DIED = "finished", "stopped", "failed", "died"
#: Events with which a worker goes on with a run, and how their lines begin, which no version has written otherwise.
RESUMING, FINISHING = "resuming", "finishing"
BEGINS = tuple(f'{{"event": "{event}", '.encode() for event in (RESUMING, FINISHING))
#: States in which something still happens.
ACTIVE = (QUEUED, STARTING, RUNNING)
#: States that end with a model, and with predictions unless the run was stopped at once.
COMPLETE = (FINISHED, STOPPED)

#: When a run that is asked to stop does: after the batch at hand, or after the epoch.
NOW, AFTER_EPOCH = "now", "after-epoch"


# --- phases of fine_tune ---------------------------------------------------------------------------------
FROZEN, UNFROZEN = "frozen", "unfrozen"

_KINDS = (*WITH_MODEL, LR_FIND)
#: What a dataset, its revision or a network may be called; networks' names may have a publisher before a slash.
_NAMED = re.compile(r"[A-Za-z0-9][\w.:/+-]{0,199}")


def read_config(folder: Path) -> TrainConfig:
    """Return the configuration of the run in ``folder``; what an earlier version did not know is as it was then.

    Raises
    ------
    DamagedError
        If it is damaged.
    """
    with damage_is_said(folder / CONFIG):
        config = json_files.read(folder / CONFIG, TrainConfig, folder.name)
        check_config(config)
    return config


def check_config(config: TrainConfig) -> None:
    """Look whether a configuration, all of the right types, can be one that was started; raises ValueError if not."""
    for what, value, known in (("task", config.task, tuple(tasks.TASKS)), ("kind", config.kind, _KINDS)):
        if value not in known:
            raise ValueError(f"{what}: expected one of {', '.join(known)}, found {value[:40]!r}")
    for name, choice in CHOICES.items():
        choice.check(getattr(config, name))
    if config.fold is not None:
        config.fold.check()
    for what, value in (("dataset", config.dataset), ("revision", config.revision), ("arch", config.arch)):
        if not _NAMED.fullmatch(value):
            raise ValueError(f"{what}: expected a name of 1 to 200 letters, digits and marks, found {value[:40]!r}")


@contextlib.contextmanager
def damage_is_said(path: Path) -> Iterator[None]:
    """Turn what reading the file ``path`` of a run raises into one sentence."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise damaged(path, error) from error


def damaged(path: Path, error: Exception) -> DamagedError:
    """Return what is said where reading the file ``path`` of a run raised ``error``."""
    if isinstance(error, PermissionError):
        return DamagedError(
            f"The file {error.filename or path} of this run cannot be read ({unread(error)}): allow this account to "
            "read it."
        )
    if isinstance(error, checksums.OwnerError):
        if path.parent.with_name(error.owner).exists():
            instead = "if the folder is a copy of that run, which is there as well, move it out of the workspace"
        else:
            instead = f"if the folder was renamed or copied, rename it back to {error.owner}"
        return DamagedError(
            f"The file {path} is not what was written for this run, but that of the run {error.owner}: {instead}; else "
            "put the file of this run back from a copy."
        )
    left = "; its model can still be asked about new images" if path.name == PREDS else ""
    return DamagedError(
        f"The file {path} of this run is damaged ({unread(error)}): put it back from a copy, or start the "
        f"training again{left}."
    )


class EventWriter:
    """Appends events to a run's event file: one JSON object a line, each with ``event``, ``time`` and ``seconds``.

    ``time`` is the clock on the wall, which may jump; ``seconds`` is how long the run has worked, which does not, and
    goes on from the checkpoint where a run is resumed.

    Lines are written through to the operating system at once, so that a reader in another process sees them
    and a killed worker loses none; they are not synced to disk one by one, which would cost milliseconds. Only whole
    lines are left behind: the rest of one that a killed worker or a full disk cut off is removed.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self.reopen()
        self.began_at(0.0)

    def reopen(self) -> None:
        """Go on behind what is in the file, which another process may have written since it was closed."""
        path = self._folder / EVENTS
        written = path.read_bytes() if path.exists() else b""
        self._end = written.rfind(b"\n") + 1
        self._chain = line_sums.Chain(self._folder.name)
        self._chain.skip(written[: self._end])
        self._file = path.open("ab", buffering=0)
        self._file.truncate(self._end)

    def began_at(self, seconds: float) -> None:
        """Let ``seconds`` have been worked by now."""
        self._began = time.monotonic() - seconds

    @property
    def seconds(self) -> float:
        """Seconds that the run has worked."""
        return time.monotonic() - self._began

    def __call__(self, event: str, **values: Any) -> None:
        """Write one event with its ``values``.

        Raises
        ------
        OSError
            If it cannot be written; nothing of it is left then.
        """
        head = {"event": event, "time": round(time.time(), 3), "seconds": round(self.seconds, 4)}
        chain = self._chain.copy()  # of which nothing is left if the line is not
        line = chain.add(json.dumps({**head, **values}, allow_nan=False).encode())
        try:
            done = 0
            while done < len(line):  # a disk that is nearly full takes a part
                done += self._file.write(line[done:])
        except OSError:
            self._file.truncate(self._end)
            raise
        self._chain = chain
        self._end += len(line)

    def sync(self) -> None:
        """Force what was written to disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Sync and close the file."""
        self.sync()
        self._file.close()


def has_begun(folder: Path) -> bool:
    """Return whether a worker was at work on the run in ``folder``; before, its events only say what it waits for."""
    waits = tuple(f'{{"event": "{event}", '.encode() for event in ("note", "queued"))
    with (folder / EVENTS).open("rb") as file:
        return not all(line.startswith(waits) for line in file)


def asked_to_stop(folder: Path) -> str | None:
    """Return when the run in ``folder`` shall stop, `NOW` or `AFTER_EPOCH`; None if nobody asked."""
    try:
        return AFTER_EPOCH if (folder / STOP).read_bytes().strip() == AFTER_EPOCH.encode() else NOW
    except FileNotFoundError:
        return None
    except OSError:  # it is there, which is all that `NOW` says
        return NOW


def state(folder: Path, *, alive: bool, last: str | None, end: str | None, fitting: bool) -> str:
    """Derive a run's state from what its worker wrote and whether it lives.

    Parameters
    ----------
    folder : pathlib.Path
        The run's folder.
    alive : bool
        What `is_alive` said before the events were read: a worker writes its end before it lets go of the lock.
    last : str or None
        Name of the last event, if any.
    end : str or None
        ``finished``, ``stopped`` or ``failed`` if the worker wrote one.
    fitting : bool
        Whether this worker's fit has begun.
    """
    for asked in (RESUME, FINISH):
        if is_fresh(folder / asked) or (alive and (folder / asked).exists()):
            return STARTING
    if end:
        return end
    if alive:
        if last == "queued":
            return QUEUED
        return RUNNING if fitting else STARTING
    return STARTING if last is None and is_fresh(folder / CONFIG) else DIED
