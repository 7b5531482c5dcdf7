"""Follows a run and writes what is new of it to a tool, until the run is over."""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from lib.core import locks
from lib.core.errors import UserError, reason
from lib.core.workspace import Workspace
from lib.export.mirror import rows
from lib.export.mirror.rows import DEVICE, About, Row
from lib.export.mirror.target import Target, Written, opened
from lib.training import runs
from lib.training.runs import Run

#: Seconds between two looks at the events of a run that goes on.
_POLL = 0.5
#: Of a value and what the tool keeps of it: TensorBoard has seven digits.
_SAME = 1e-6


@dataclass
class Mirrored:
    """What a mirror did.

    Attributes
    ----------
    state, damage : str
        The run's state when the mirror ended, and what of the run could not be read.
    step : int
        Batches that the run had by then.
    values, texts : int
        How many were written.
    others : set of tuple
        Name and step of values that the tool has from before a resume, while the run has others there, or none.
    """

    state: str = ""
    damage: str = ""
    step: int = 0
    values: int = 0
    texts: int = 0
    others: set[tuple[str, int]] = field(default_factory=set)


def mirror(
    workspace: Workspace,
    run_id: str,
    to: str,
    folder: Path,
    *,
    once: bool = False,
    stop: threading.Event,
    tell: Callable[[int], None] = lambda step: None,
) -> Mirrored:
    """Write a run to ``folder`` as the tool ``to`` reads it: what is there is not written again.

    Parameters
    ----------
    workspace : Workspace
    run_id : str
    to : str
        One of `lib.export.mirror.target.TARGETS`.
    folder : pathlib.Path
        Made where it is missing; several runs may be mirrored to one.
    once : bool
        Whether to end with what is there, also while the run goes on.
    stop : threading.Event
        Set by whoever wants the mirror to end; what was begun is written before.
    tell : callable
        Is told to which step the run is written, whenever more is looked for.

    Raises
    ------
    UserError
        If there is no such run, it is damaged from the start, the tool is not installed, the folder cannot be written
        to, or another mirror writes the run there.
    """
    run = runs.load(workspace, run_id)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locks.held(folder / f".mirror-{run.id}-{to}.lock", timeout=0):
            about = About.of(run)
            with contextlib.closing(opened(to, folder, about)) as target, _refusals(target, folder):
                return _follow(workspace, run, target, stop, tell, once=once)
    except TimeoutError as error:
        raise UserError(
            f"Another mirror writes the run {run.id} to {folder}: wait for it, or choose another folder."
        ) from error
    except OSError as error:
        raise UserError(f"Nothing can be written to {folder} ({reason(error)}): choose another folder.") from error


@contextlib.contextmanager
def _refusals(target: Target, folder: Path) -> Iterator[None]:
    try:
        yield
    except target.errors as error:
        raise UserError(
            f"The tool's own package cannot write to {folder} ({reason(error)}): put right what it says, or choose an "
            "empty folder."
        ) from error


def _follow(
    workspace: Workspace, run: Run, target: Target, stop: threading.Event, tell: Callable[[int], None], *, once: bool
) -> Mirrored:
    mirrored, written, reader = Mirrored(), target.read(), rows.Reader()
    while True:
        run = runs.load(workspace, run.id)  # the object changes where events were put back from a copy
        is_over = rows.is_over(run)
        mirrored.state, mirrored.damage, mirrored.step = run.state, run.damage(), run.history.step
        for row in [*reader.new(run), *(rows.at_end(run) if is_over else [])]:
            if stop.is_set():  # the rest comes at the next start
                return mirrored
            _write(row, target, written, mirrored)
        target.tell(rows.facts(run), Row(run.history.step, rows.ended_at(run)))
        if is_over:
            target.end(run.state, rows.ended_at(run), is_final=not (run.resumable or mirrored.damage))
            mirrored.others |= _beyond(run, written)
        target.flush()
        tell(mirrored.step)
        if is_over or once or stop.wait(_POLL):
            return mirrored


def _write(row: Row, target: Target, written: Written, mirrored: Mirrored) -> None:
    """Write what of a row the tool has not, and note what it has otherwise."""
    new = {}
    for name, value in row.values.items():
        known = written.values[name]
        if row.step not in known:
            new[name] = known[row.step] = value
        elif not math.isclose(known[row.step], value, rel_tol=_SAME) and not name.startswith(f"{DEVICE}/"):
            mirrored.others.add((name, row.step))
    texts = {name: text for name, text in row.texts.items() if row.step not in written.texts[name]}
    for name in texts:
        written.texts[name].add(row.step)
    if new or texts:
        target.row(replace(row, values=new, texts=texts))
        mirrored.values += len(new)
        mirrored.texts += len(texts)


def _beyond(run: Run, written: Written) -> set[tuple[str, int]]:
    """Return what the tool has of steps that the run has no more: it was resumed and ended earlier."""
    return {(name, step) for name, steps in written.values.items() for step in steps if step > run.history.step}
