"""Whether what the Train page says of a training is right: recorded and simulated trainings with a known fault.

``python -m benchmarks diagnosis`` reads the recorded curves and makes the others, in seconds; ``--record DATA`` trains.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import recording, simulated_trainings
from benchmarks.known_trainings import CAUSES, FINE, TOO_EARLY, TRAININGS
from lib import tasks
from lib.core.config import TrainConfig
from lib.core.workspace import Workspace
from lib.training import advice, events
from lib.training.advice.curves import Curves
from lib.training.advice.diagnosis import BASELINE, UNSTABLE, Diagnosis

#: How a diagnosis is judged: the cause, another true one, nothing where something was wrong, what is not true.
RIGHT, ALSO_TRUE, SILENT, WRONG = "right", "also true", "silent", "wrong"
#: Of each simulated kind; the rules were made with seeds below 5,000.
SEEDS = range(5000, 5040)


@dataclass(frozen=True)
class Case:
    """A training, what is known to be wrong with it, and which cause the diagnosis names, "" if none."""

    name: str
    cause: str
    also: frozenset[str]
    named: str

    @property
    def verdict(self) -> str:
        """How the diagnosis is judged; that the baseline is not beaten names no cause."""
        if self.cause in (FINE, TOO_EARLY):
            return RIGHT if not self.named else ALSO_TRUE if self.named in self.also else WRONG
        if self.named == self.cause:
            return RIGHT
        if self.named in self.also:
            return ALSO_TRUE
        return SILENT if self.named in ("", BASELINE) else WRONG


def recorded(part: int | None = None) -> list[Case]:
    """Return the recorded trainings: those the rules were made with (0), those they are judged by (1), or all."""
    cases = []
    for number, training in enumerate(TRAININGS):
        file = recording.FOLDER / f"{training.name}.json"
        if file.exists() and part in (None, number % 2):
            cases.append(Case(training.name, training.cause, training.also, _kind(json.loads(file.read_text()))))
    return cases


def said_of(known: dict) -> Diagnosis | None:
    """Return what the Train page says of a recorded training."""
    return advice.diagnose(curves_of(known))


def _kind(known: dict) -> str:
    """Return the kind of it, "" if nothing is said; a worker that ended for the rate has said so itself."""
    if known["state"] == events.FAILED and "learning rate" in known["message"]:
        return UNSTABLE
    diagnosis = said_of(known)
    return diagnosis.kind if diagnosis else ""


def curves_of(known: dict) -> Curves:
    """Return the curves in a recorded file."""
    task = tasks.get(known["config"]["task"])
    columns = (known[name] for name in ("step", "train_loss", "valid_loss", task.metric))
    epochs = [
        {"step": step, "train_loss": train, "valid_loss": valid, "metrics": {task.metric: value}}
        for step, train, valid, value in zip(*columns, strict=True)
    ]
    losses = np.array(known["losses"], dtype=np.float64) * known["losses_unit"]
    return Curves.of(
        TrainConfig(**known["config"]),
        epochs,
        losses[: epochs[-1]["step"] if epochs else 0],
        metric=task.metric,
        baseline=known["baseline"],
        larger_is_better=task.larger_is_better,
        unsure_loss=lambda value: task.unsure_loss(value, range(known["names"])),
        unit="",
        n_train=known["n_train"],
        n_valid=known["n_valid"],
        finished=known["state"] == events.FINISHED,
    )


def simulated(seeds: Iterable[int] = SEEDS) -> Iterator[Case]:
    """Yield trainings made by a formula, one of each kind for each seed."""
    for cause, kinds in simulated_trainings.KINDS.items():
        for kind in kinds:
            for seed in seeds:
                diagnosis = advice.diagnose(simulated_trainings.simulate(cause, kind, seed))
                yield Case(
                    f"{kind.__name__.lstrip('_')} {seed}", cause, frozenset(), diagnosis.kind if diagnosis else ""
                )


def measure(words: list[str]) -> dict[str, str]:
    """Return a confusion table: of each known cause, how often what was said."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks diagnosis")
    parser.add_argument("--record", type=Path, metavar="DATA", help="train and record; DATA has vehicles and faces")
    parser.add_argument("--workspace", type=Path, help="where to train; default: as for the app")
    parser.add_argument("--only", default="", help="names of trainings, with commas")
    parser.add_argument("--part", type=int, choices=[0, 1], help="of the recorded: made with (0), judged by (1)")
    parser.add_argument("--each", action="store_true", help="a line for each recorded training")
    chosen = parser.parse_args(words)
    if chosen.record:
        names = [name for name in chosen.only.split(",") if name]
        recording.record(chosen.record, Workspace.find(chosen.workspace), names)
        return {}
    table = {}
    sets = {"simulated": list(simulated())}
    if chosen.part != 1:
        sets = {"recorded, made with": recorded(0), **sets}
    if chosen.part != 0:
        sets = {"recorded, judged by": recorded(1), **sets}
    for name, cases in sets.items():
        if chosen.each and name != "simulated":
            table |= {f"{name}: {case.name}": f"{case.verdict}: {case.named or '-'}" for case in cases}
        table |= _table(name, cases)
        if chosen.each and name == "simulated":
            wrong = Counter((case.name.split()[0], case.named, case.verdict) for case in cases if case.verdict != RIGHT)
            table |= {f"{key[0]}: {key[2]}, {key[1]}": str(n) for key, n in wrong.items()}
    return table


def share_right(cases: list[Case]) -> float:
    """Return the share of trainings of which the cause was said, or rightly nothing."""
    return sum(case.verdict == RIGHT for case in cases) / max(1, len(cases))


def share_true(cases: list[Case]) -> float:
    """Return the share of trainings of which a cause was said that is there, or rightly nothing."""
    return sum(case.verdict in (RIGHT, ALSO_TRUE) for case in cases) / max(1, len(cases))


def _table(name: str, cases: list[Case]) -> dict[str, str]:
    lines = {}
    for cause in CAUSES:
        if counts := Counter(case.named or "nothing" for case in cases if case.cause == cause):
            lines[f"{name}: {cause}"] = ", ".join(f"{what} {count}" for what, count in counts.most_common())
    verdicts = Counter(case.verdict for case in cases)
    words = ", ".join(f"{verdict} {verdicts[verdict]}" for verdict in (RIGHT, ALSO_TRUE, SILENT, WRONG))
    lines[f"{name}: all {len(cases)}"] = (
        f"{words} ({100 * share_right(cases):.1f} % right, {100 * share_true(cases):.1f} % true)"
    )
    return lines
