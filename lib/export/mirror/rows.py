"""What of a run goes over: rows of values and texts by step, facts that have none, and the choices of its start."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lib import tasks
from lib.export.mirror import names
from lib.training import events
from lib.training.history import History
from lib.training.runs import Run

#: Values that are told as they are now: of a step that is repeated they are others.
DEVICE = "device"
#: The text of an epoch: what is odd about its predictions.
FINDINGS = "findings"
#: What of a started event is no fact: what every event has, and the rows of the watched images.
_NO_FACTS = frozenset({"event", "time", "seconds", "note", "notes", "preview"})
#: The parts of a manifest that are numbers by split and metric.
_PARTS = ("metrics", "baseline", "quick", "trained")


@dataclass(frozen=True)
class Row:
    """What belongs to one step.

    Attributes
    ----------
    step : int
        Batches so far, as on the page.
    time : float
        Seconds since 1970, of the clock that the run counts by: it never jumps.
    values : mapping of str to float
        By group and name, such as ``epoch/valid_loss``.
    texts : mapping of str to str
    """

    step: int
    time: float
    values: Mapping[str, float] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class About:
    """What is known of a run from its start on.

    Attributes
    ----------
    run, name, dataset : str
    began : float
        Seconds since 1970.
    config : dict
        The choices by their names: texts, numbers, booleans and None.
    shown : tuple of str
        Names of the values that runs are compared by: the validation loss and the headline.
    """

    run: str
    name: str
    dataset: str
    began: float
    config: dict[str, Any]
    shown: tuple[str, ...]

    @classmethod
    def of(cls, run: Run) -> About:
        """Return what is known of ``run``."""
        plain = (str, int, float, bool, type(None))
        config = {
            name: value if isinstance(value, plain) else str(value) for name, value in run.config.to_json().items()
        }
        headline = names.safe(tasks.get(run.config.task).metric)
        shown = ("epoch/valid_loss", f"epoch/{headline}", f"metrics/valid/{headline}")
        title = names.text(run.name or run.id)
        return cls(run.id, title, run.config.dataset, time.mktime(run.began), config, shown)


class Reader:
    """Gives the rows of a run, each once; after a resume all of those that count from the start.

    What was repeated, lost or damaged is for `lib.training` to say: rows are made of a run's history, not of lines.
    """

    def __init__(self) -> None:
        self._epochs: list[Any] | None = None
        self._start()

    def _start(self) -> None:
        self._n_batches = self._n_epochs = self._n_device = 0

    def new(self, run: Run) -> list[Row]:
        """Return the rows that came since the last call, by step."""
        history = run.history
        if history.epochs is not self._epochs:  # another list after each resume
            self._start()
            self._epochs = history.epochs
        began = _zero(run)
        rows = [*self._batches(history, began), *self._device(history, began), *self._of_epochs(history, began)]
        return sorted(rows, key=lambda row: row.step)

    def _batches(self, history: History, began: float) -> Iterator[Row]:
        if history.step == self._n_batches:
            return
        columns = {name: values[self._n_batches :].tolist() for name, values in history.batches().items()}
        self._n_batches += len(columns["step"])
        for step, seconds, loss, lr, mom in zip(*columns.values(), strict=True):
            yield Row(int(step), began + seconds, {"batch/loss": loss, "batch/lr": lr, "batch/mom": mom})

    def _device(self, history: History, began: float) -> Iterator[Row]:
        new = history.device[self._n_device :]
        self._n_device += len(new)
        for usage in new:
            values = {"memory": usage["memory"], "use": usage["use"]}
            yield Row(usage["step"], began + usage.get("seconds", 0.0), _numbers(DEVICE, values))

    def _of_epochs(self, history: History, began: float) -> Iterator[Row]:
        new = history.epochs[self._n_epochs :]
        self._n_epochs += len(new)
        for epoch in new:
            values = {**epoch["metrics"], **{name: epoch[name] for name in ("epoch", "train_loss", "valid_loss")}}
            findings = "\n".join(epoch.get("findings", []))
            texts = {FINDINGS: names.text(findings)} if findings else {}
            yield Row(epoch["step"], began + epoch.get("seconds", 0.0), _numbers("epoch", values), texts)


def at_end(run: Run) -> list[Row]:
    """Return what a run that is over says at its last step: its metrics beside the baselines', the finder's rates."""
    values = _numbers("suggestions", run.history.suggestions)
    manifest: Mapping[str, Any] | None = run.recorded()
    for part in _PARTS:
        for split, metrics in (manifest or {}).get(part, {}).items():
            values |= _numbers(f"{part}/{split}", metrics)
    return [Row(run.history.step, ended_at(run), values)] if values else []


def facts(run: Run) -> dict[str, str]:
    """Return what is known of a run by now, in words: its name, data, state, machine and versions."""
    started = {name: value for name, value in run.history.started.items() if name not in _NO_FACTS}
    config = run.config
    known = {
        "run": run.id,
        "name": run.name,
        "dataset": config.dataset,
        "revision": config.revision,
        "task": config.task,
        "state": run.state,
        "message": run.failure() or run.history.message,
        "damage": run.damage(),
        "notes": "\n".join(run.history.notes),
        **_flat(started),
    }
    return {name: names.text(value) for name, value in known.items() if value}


def ended_at(run: Run) -> float:
    """Return when the last batch or epoch was, in seconds since 1970."""
    epochs, history = run.history.epochs, run.history
    last = [float(history.batches()["seconds"][-1])] if history.step else []
    return _zero(run) + max([*last, *(epoch.get("seconds", 0.0) for epoch in epochs[-1:])], default=0.0)


def is_over(run: Run) -> bool:
    """Return whether nothing more comes, unless somebody resumes the run."""
    return run.state not in events.ACTIVE


def _zero(run: Run) -> float:
    """Return when the run would have begun had it worked without a break, in seconds since 1970."""
    started = run.history.started
    if "time" in started and "seconds" in started:
        return started["time"] - started["seconds"]
    return time.mktime(run.began)


def _numbers(group: str, values: Mapping[str, float | None]) -> dict[str, float]:
    """Return the values that are defined, by group and name."""
    return {f"{group}/{names.safe(name)}": float(value) for name, value in values.items() if value is not None}


def _flat(values: Mapping[str, Any], group: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in values.items():
        here = f"{group}{names.safe(name)}"
        flat |= _flat(value, f"{here}/") if isinstance(value, Mapping) else {here: "" if value is None else str(value)}
    return flat
