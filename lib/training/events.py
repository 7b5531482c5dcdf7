"""What page and worker say to each other on disk: the configuration, the events, the file names, the state."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout, lock_descriptor

# --- files of a run: every file has one writer -----------------------------------------------------------
CONFIG = "config.json"  # whoever starts the run, once
STOP = "stop"  # whoever stops the run: holds NOW or AFTER_EPOCH
ALIVE = "alive.lock"  # locked by the worker as long as it lives
EVENTS = "events.jsonl"  # the worker, appended
LOG = "worker.log"  # the worker's stdout and stderr
PREDS = "preds.safetensors"  # the worker, at the end, like the next two
MODEL = "model.safetensors"
MANIFEST = "manifest.json"
CHECKPOINT = "checkpoint.safetensors"  # the worker, after every epoch, until it has finished
PREVIOUS = "checkpoint.previous.safetensors"  # the one before
BEST = "best.safetensors"  # the worker: weights of the epoch that early stopping would keep
RESUME = "resume"  # whoever resumes the run; removed by the worker when it goes on

#: Seconds that may pass between the writing of a run's files and the start of its worker.
START_GRACE = 3.0
#: Seconds that a worker may live on after its last word.
LINGERING = 5.0

# --- states ----------------------------------------------------------------------------------------------
QUEUED, STARTING, RUNNING = "queued", "starting", "running"
FINISHED, STOPPED, FAILED, DIED = "finished", "stopped", "failed", "died"
#: States in which something still happens.
ACTIVE = (QUEUED, STARTING, RUNNING)
#: States that end with a model and predictions.
COMPLETE = (FINISHED, STOPPED)

#: When a run that is asked to stop does: after the batch at hand, or after the epoch.
NOW, AFTER_EPOCH = "now", "after-epoch"

# --- kinds of run ----------------------------------------------------------------------------------------
TRAIN, LR_FIND = "train", "lr_find"

# --- heads and losses: what a task brings itself, and the head that draws a map a point ------------------
DEFAULT, HEATMAP = "default", "heatmap"

# --- phases of fine_tune ---------------------------------------------------------------------------------
FROZEN, UNFROZEN = "frozen", "unfrozen"


@dataclass(frozen=True)
class TrainConfig:
    """Everything that a run depends on; the names are fastai's where fastai has one.

    Attributes
    ----------
    dataset, revision, task : str
        What is trained on, and the state it was in.
    arch : str
        ``small``, one of torchvision's, or a timm name.
    pretrained : bool
        Start from weights learned on ImageNet.
    weights : str or None
        Path of a file with pretrained weights instead of a download.
    size : int
        Side in pixels of the square that every picture is squished to.
    bs : int
        Images a batch.
    augment : bool
        Show slightly turned, enlarged, brighter or darker copies in training.
    freeze_epochs, epochs : int
        Epochs of the first fit (only the head learns) and of the second (everything learns).
    base_lr, lr_mult : float
        As in ``fine_tune``: the head's highest rate, and by how much lower the first layers' is.
    thresh : float
        Threshold of ``accuracy_multi``; other tasks ignore it.
    seed : int
    kind : str
        ``train``, or ``lr_find`` for the learning-rate finder, which leaves no model.
    wd : float
        Weight decay, as in fastai's optimisers.
    patience : int
        Epochs of the second fit without a lower validation loss after which it ends; 0 is never.
    class_weights : bool
        Let rare labels count as much as frequent ones in the loss.
    focal_gamma : float
        Exponent of the focal loss, which turns down what is right already; 0 is the block's own loss.
    mixed_precision : bool
        Compute in bfloat16 where that is safe.
    progressive : bool
        Begin with smaller pictures and let them grow to ``size``.
    flip : bool
        Mirror half of the pictures left to right where ``augment`` is on.
    head : str
        ``default`` is fastai's, or that of ``small``: numbers from the whole picture. ``heatmap`` draws a map a point.
    loss : str
        ``default`` is the task's own for the head, ``mse``, ``l1``, ``huber`` or ``wing`` another one of numbers.
    """

    dataset: str
    revision: str
    task: str
    arch: str
    pretrained: bool
    weights: str | None
    size: int
    bs: int
    augment: bool
    freeze_epochs: int
    epochs: int
    base_lr: float
    lr_mult: float
    thresh: float
    seed: int
    # What earlier versions did not know, with what they did.
    kind: str = TRAIN
    wd: float = 0.01
    patience: int = 0
    class_weights: bool = False
    focal_gamma: float = 0.0
    mixed_precision: bool = False
    progressive: bool = False
    flip: bool = False
    head: str = DEFAULT
    loss: str = DEFAULT

    def to_json(self) -> dict[str, Any]:
        """Return the configuration as plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> TrainConfig:
        """Return the configuration in ``found``; keys it does not know are left out.

        Raises
        ------
        TypeError
            If a key is missing that every version wrote.
        """
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in found.items() if name in known})


def read_config(folder: Path) -> TrainConfig:
    """Return the configuration of the run in ``folder``."""
    return TrainConfig.from_json(json.loads((folder / CONFIG).read_text(encoding="utf-8")))


class EventWriter:
    """Appends events to a run's event file: one JSON object a line, each with ``event``, ``time`` and ``seconds``.

    ``time`` is the clock on the wall, which may jump; ``seconds`` is how long the run has worked, which does not, and
    goes on from the checkpoint where a run is resumed.

    Lines are written through to the operating system at once, so that a reader in another process sees them
    and a killed worker loses none; they are not synced to disk one by one, which would cost milliseconds. Only whole
    lines are left behind: the rest of one that a killed worker or a full disk cut off is removed.
    """

    def __init__(self, folder: Path):
        path = folder / EVENTS
        found = path.read_bytes() if path.exists() else b""
        self._end = found.rfind(b"\n") + 1
        self._file = path.open("ab", buffering=0)
        self._file.truncate(self._end)
        self.began_at(0.0)

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
        line = json.dumps({**head, **values}, allow_nan=False).encode() + b"\n"
        try:
            done = 0
            while done < len(line):  # a disk that is nearly full takes a part
                done += self._file.write(line[done:])
        except OSError:
            self._file.truncate(self._end)
            raise
        self._end += len(line)

    def sync(self) -> None:
        """Force what was written to disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Sync and close the file."""
        self.sync()
        self._file.close()


def asked_to_stop(folder: Path) -> str | None:
    """Return when the run in ``folder`` shall stop, `NOW` or `AFTER_EPOCH`; None if nobody asked."""
    try:
        return AFTER_EPOCH if (folder / STOP).read_text(encoding="utf-8").strip() == AFTER_EPOCH else NOW
    except FileNotFoundError:
        return None


def alive_lock(folder: Path) -> FileLock:
    """Return the lock that a worker holds as long as it lives; the system frees it however the worker ends."""
    return FileLock(folder / ALIVE, thread_local=False)


@contextlib.contextmanager
def held(folder: Path) -> Iterator[int | None]:
    """Hold the lock of `alive_lock` as a file descriptor that a child process can inherit; None if it stays taken.

    The lock belongs to all processes that have the descriptor: it is free when the last of them has ended.
    """
    lock = os.open(folder / ALIVE, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        # A reader that asks at this moment holds it for microseconds, a worker that has just ended for the second or
        # two that Python takes to clear torch away.
        until = time.monotonic() + LINGERING
        while not (free := lock_descriptor(lock, blocking=False)) and time.monotonic() < until:
            time.sleep(0.02)
        yield lock if free else None
    finally:
        os.close(lock)


def is_alive(folder: Path) -> bool:
    """Return whether a worker lives in ``folder``; not by process id, which a zombie keeps."""
    if not (folder / ALIVE).exists():
        return False
    try:
        # Not at once: another reader may be asking at this moment, and holds the lock for some microseconds.
        with alive_lock(folder).acquire(timeout=0.02, poll_interval=0.01):
            return False
    except Timeout:
        return True


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
    if is_fresh(folder / RESUME) or (alive and (folder / RESUME).exists()):
        return STARTING
    if end:
        return end
    if alive:
        if last == "queued":
            return QUEUED
        return RUNNING if fitting else STARTING
    return STARTING if last is None and is_fresh(folder / CONFIG) else DIED


def is_fresh(path: Path) -> bool:
    """Return whether ``path`` was written so lately that a worker may still be on its way."""
    try:
        # Not long ago and, in case the clock was set back, not from the future.
        return abs(time.time() - path.stat().st_mtime) < START_GRACE
    except FileNotFoundError:
        return False
