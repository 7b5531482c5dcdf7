"""What the best trial of a search is worth: too good where it was chosen, so its test images stand beside it."""

from __future__ import annotations

from typing import NamedTuple

from lib import tasks
from lib.evaluation import run_intervals
from lib.evaluation.run_intervals import Known
from lib.tasks.types import three_digits
from lib.training.runs import Run
from lib.training.search.standing import Standing, Tried


class Winner(NamedTuple):
    """The best trial of a search.

    Attributes
    ----------
    tried : Tried
    n_measured : int
        Of how many models it is the best.
    valid : Known
        Its headline on the validation images, by which it was chosen.
    test : Known or None
        The same on the test images; None where there are none.
    """

    tried: Tried
    n_measured: int
    valid: Known
    test: Known | None

    @property
    def is_chosen(self) -> bool:
        """Whether there were others."""
        return self.n_measured > 1

    @property
    def words(self) -> str:
        """What it reached, where it was chosen and where it was not, in two sentences."""
        run = self.tried.row.run if self.tried.row else None
        assert run is not None
        reached = f"{tasks.get(run.config.task).metric} {_value(run, self.valid)} on valid"
        trial, biased = f"Trial {self.tried.number}", ""
        if self.tried.is_short:
            trial += f", after {self.tried.n_epochs} of {run.config.freeze_epochs + run.config.epochs} epochs,"
        chosen = f"{trial} left the only model: {reached}."
        if self.is_chosen:
            chosen = f"{trial} is the best of {self.n_measured:,} models: {reached}."
            biased = "On the images that chose it, the best of many looks too good. "
        if self.test is None:
            return f"{chosen} {biased}There are no test images, so that nobody knows what it is worth on others."
        return f"{chosen} {biased}On test, which chose nothing: {_value(run, self.test)}."


def seeds_words(standing: Standing) -> str:
    """Return what further seeds of the best choice reached, in one sentence; "" where there are none yet."""
    further = standing.further
    reached, run = (further.reached, further.rows[0].run) if further else (None, None)
    if reached is None or run is None:
        return ""
    format_, names = tasks.get(run.config.task).format, run.names()
    mean = format_(reached.mean, names)
    if reached.n == 1:
        return f"A further seed of the best choice, which chose nothing: {mean} on valid."
    spread = f"SD {format_(reached.sd, names)}, {format_(reached.low, names)} to {format_(reached.high, names)}"
    return f"{reached.n} further seeds of the best choice, which chose nothing: mean {mean} on valid ({spread})."


def _value(run: Run, known: Known) -> str:
    if known.damage:
        return f"not known ({known.damage})"
    value = tasks.get(run.config.task).format(float(known.interval.value), run.names())
    return f"{value} (95 % interval {known.interval.words(three_digits)})"


def of(standing: Standing) -> Winner | None:
    """Return the best trial, None where none has left a model; takes up to a second where it was not asked before."""
    best = standing.best
    run = best.row.run if best and best.row else None
    if best is None or run is None:
        return None
    known = {
        split: run_intervals.known([run], seconds=1.0, split=split)[run.id]
        for split in ("valid", "test")
        if split in run.result()["splits"]
    }
    return Winner(best, len(standing.measured), known["valid"], known.get("test"))
