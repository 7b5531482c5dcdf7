"""History: a run's events so far, sorted into batches, epochs, fits and how it ended; and its progress."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lib.core.config import QUICK, TrainConfig
from lib.training import events
from lib.training.run_files import Device, Epoch, Fit, Started

#: One value a batch; names of `History.batches` and of the fields of a batch event.
COLUMNS = ("step", "seconds", "loss", "lr", "mom")


#: A note that counts: "Features 1,320 of 4,790 images".
_COUNTS = re.compile(r"\w+ (\d[\d,]{0,14}) of (\d[\d,]{0,14}) ")


def _columns() -> dict[str, array]:
    return {name: array("d") for name in COLUMNS}


@dataclass
class History:
    """The events of a run so far, sorted into what pages draw.

    Attributes
    ----------
    metric : str
        The task's headline, which every epoch has; "" where it may have any.
    started : dict
        ``device``, ``n_train``, ``n_valid``, ``n_batches`` an epoch, ``n_params``, ``preview`` (row numbers of the
        images whose predictions every epoch keeps) and what the run needs to be reproduced.
    fits : list of dict
        ``phase``, ``epochs`` and ``step``, the number of batches before it.
    epochs : list of dict
        ``phase``, ``epoch`` from 1 through both fits, ``step``, ``seconds``, ``train_loss``, ``valid_loss``,
        ``metrics`` by name, ``findings`` in words and ``preview``: the predictions of the preview images.
    device : list of dict
        What the GPU does, about once a second: ``step``, ``seconds``, ``memory`` and ``memory_total`` in bytes, ``use``
        in percent.
    suggestions : dict
        Learning rates that the finder suggests, by name.
    note : str
        What it is doing, where it says so.
    counted : list of tuple
        Of notes that count, such as "Features 320 of 479 images", the first and the newest of what is counted now:
        seconds, how many are done, of how many.
    last, end : str or None
        Name of the last event, and of the one that ended the run.
    message : str
        Why it ended so, if there is more to say.
    user_mistake : bool
        Whether it failed for the user's data or choice and not for an error of ours.
    lasting : bool
        Whether it would fail again as it did, so that it cannot be resumed.
    retry : dict
        Options with which it would have gone well, for instance ``{"bs": 16}``.
    resumed : int
        How often it was resumed.
    host : str
        The machine that it was at work on last, where a launcher chose it; "" for that where it was started.
    fitting : bool
        Whether the worker that was last heard of has begun to fit.
    """

    metric: str = ""
    started: Started = field(default_factory=lambda: Started(event="started"))
    fits: list[Fit] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)
    device: list[Device] = field(default_factory=list)
    suggestions: dict[str, float] = field(default_factory=dict)
    note: str = ""
    counted: list[tuple[float, int, int]] = field(default_factory=list)
    last: str | None = None
    end: str | None = None
    message: str = ""
    user_mistake: bool = False
    lasting: bool = False
    retry: dict[str, Any] = field(default_factory=dict)
    resumed: int = 0
    host: str = ""
    fitting: bool = False
    _batches: dict[str, array] = field(default_factory=_columns)
    _starts: list[tuple[int, Started]] = field(default_factory=list)  # each with how many batches were done by then

    @property
    def notes(self) -> list[str]:
        """What people should know to the end of how it was started, each time that the training comes from."""
        return list(dict.fromkeys(note for _, start in self._starts for note in start.get("notes", [])))

    @property
    def processes(self) -> int:
        """How many processes trained it together, where it was resumed in another number the most."""
        return max((start.get("processes", 1) for _, start in self._starts), default=1)

    @property
    def numerics(self) -> int:
        """By which `run_files.NUMERICS` it was trained, the earliest of where it was resumed; 1 where nothing says."""
        return min((start.get("numerics", 1) for _, start in self._starts), default=1)

    @property
    def machines(self) -> list[Started]:
        """What each start said of the machine that it was on, of those that the weights come from."""
        return [start for _, start in self._starts]

    @property
    def step(self) -> int:
        """Number of batches so far."""
        return len(self._batches["mom"])  # the column that is filled last: another thread may be adding

    def batches(self) -> dict[str, np.ndarray]:
        """Return the columns of all batches so far as float64 of one length: step from 1, seconds, loss, lr, mom."""
        count = self.step
        return {name: np.array(values[:count]) for name, values in self._batches.items()}

    def add(self, event: Any) -> None:
        """Sort in one event, one of `lib.training.run_files`.

        Raises
        ------
        ValueError
            If it cannot follow what came before.
        """
        self._check(event)
        kind = self.last = event["event"]
        self.fitting = kind in ("fit", "batch") or (self.fitting and kind not in (events.RESUMING, events.FINISHING))
        if kind == "batch":
            for name in COLUMNS:
                self._batches[name].append(event[name])
        elif kind in (events.RESUMING, events.FINISHING):
            self.end, self.message, self.user_mistake, self.lasting, self.retry = None, "", False, False, {}
            self.resumed += kind == events.RESUMING
            self.host = ""
        elif kind == "note":
            self.host = event.get("host", self.host)
        elif kind == "resumed":
            self._back_to(event["step"], event["epochs"])
        elif kind in ("epoch", "fit", "device"):
            getattr(self, {"epoch": "epochs", "fit": "fits"}.get(kind, kind)).append(event)
        elif kind == "started":
            self.started = {**self.started, **event}
            self._starts.append((self.step, event))
            if "processes" in event:  # as records, reports and other programs show it
                self.started["processes"] = self.processes
        elif kind == "suggestions":
            self.suggestions = event["suggestions"]
        elif kind in (events.FINISHED, events.STOPPED, events.FAILED):
            self.end = kind
            self.message = event.get("message", "")
            self.user_mistake = event.get("user_mistake", False)
            self.lasting = event.get("lasting", False)
            self.retry = event.get("retry", {})
        self.note = event.get("note", "")
        self._count(event.get("seconds", 0.0))

    def _check(self, event: Any) -> None:
        """Look whether an event can follow those before; raises ValueError if not."""
        kind = event["event"]
        bounds: dict[str, tuple[str, int, int]] = {
            "batch": ("step", self.step + 1, self.step + 1),
            "fit": ("step", 0, self.step),
            "resumed": ("step", 0, self.step),
            "epoch": ("epoch", len(self.epochs) + 1, len(self.epochs) + 1),
        }
        if kind in bounds:
            name, least, most = bounds[kind]
            if not least <= event[name] <= most:
                expected = f"{least}" if least == most else f"{least} to {most}"
                raise ValueError(f"{name}: expected {expected}, found {event[name]}")
        if kind == "epoch" and self.metric and self.metric not in event["metrics"]:
            raise ValueError(f"metrics.{self.metric}: expected a value, found none")

    def _count(self, seconds: float) -> None:
        """Keep what the note counts, if it counts something."""
        counts = _COUNTS.match(self.note)
        if not counts:
            if self.note:
                self.counted = []
            return
        done, total = (int(number.replace(",", "")) for number in counts.groups())
        first = self.counted[:1] if self.counted and self.counted[0][2] == total else []
        self.counted = [*first, (seconds, done, total)]

    def _back_to(self, step: int, epochs: int) -> None:
        """Forget what came after the checkpoint from which the run goes on: it is computed again."""
        self._batches = {name: values[:step] for name, values in self._batches.items()}
        self.epochs = self.epochs[:epochs]
        self._starts = [start for start in self._starts if start[0] < step]
        # The fit that begins at the checkpoint is announced again.
        self.fits = [fit for fit in self.fits if fit["step"] < step]
        self.device = [usage for usage in self.device if usage["step"] <= step]


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    epoch, epochs : int
        The epoch at hand, from 1, and how many there are in both fits.
    fraction : float
        Batches done of all batches.
    images_per_s : float or None
        Training images a second over the last batches, validation left out.
    seconds_left : float or None
        Estimate from the time that the batches so far took, validation included.
    """

    epoch: int
    epochs: int
    fraction: float
    images_per_s: float | None
    seconds_left: float | None

    @classmethod
    def of(cls, config: TrainConfig, history: History) -> Progress:
        """Return the progress that ``history`` shows; of a quick model in pictures that went through the network."""
        if config.kind == QUICK:
            return cls._of_pictures(history)
        epochs = config.freeze_epochs + config.epochs
        per_epoch = history.started.get("n_batches", 0)
        done, total = history.step, history.started.get("n_steps", per_epoch * epochs)
        if not done or not total:
            return cls(0, epochs, 0.0, None, None)
        seconds = history.batches()["seconds"]
        recent = np.median(np.diff(seconds[-50:])) if done > 1 else 0
        rate = config.bs / float(recent) if recent > 0 else None
        left = float(seconds[-1] - seconds[0]) / (done - 1) * (total - done) if done > 1 else None
        return cls(min(epochs, (done - 1) // max(1, per_epoch) + 1), epochs, min(1.0, done / total), rate, left)

    @classmethod
    def _of_pictures(cls, history: History) -> Progress:
        if not history.counted:
            return cls(0, 0, 0.0, None, None)
        (began, before, _), (now, done, total) = history.counted[0], history.counted[-1]
        rate = (done - before) / (now - began) if done > before and now > began else None
        return cls(0, 0, min(1.0, done / total) if total else 0.0, rate, (total - done) / rate if rate else None)
