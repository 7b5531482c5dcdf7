"""Following a run on the command line: its events as they come, and why it left nothing."""

from __future__ import annotations

import sys
import time

from lib import tasks
from lib.cli.common import number, say
from lib.core.errors import UserError
from lib.training import events, launch
from lib.training.runs import Run

#: Seconds between looks at the run's events.
_POLL = 0.2


def follow(run: Run) -> None:
    """Print the events of ``run`` until it ends."""
    seen, note, told = len(run.history.epochs), "", set(run.history.notes)
    while True:
        try:
            active = run.refresh().state in events.ACTIVE
            for lasting in run.history.notes:  # of which a resume may drop some
                if lasting not in told:
                    say(lasting)
            told.update(run.history.notes)
            seen, note = _report(run, seen, note)
            if not active:
                return
            time.sleep(_POLL)
        except KeyboardInterrupt:
            say("\nStopping at once.")
            launch.stop(run.folder)


def _report(run: Run, seen: int, note: str) -> tuple[int, str]:
    history = run.history
    for epoch in history.epochs[min(seen, len(history.epochs)) :]:  # fewer after a resume
        task = tasks.get(run.config.task)
        progress = run.progress()
        values = f"train loss {number(epoch['train_loss'])}, valid loss {number(epoch['valid_loss'])}"
        speed = f", {progress.images_per_s:,.0f} images/s" if progress.images_per_s else ""
        left = f", {progress.seconds_left:.0f} s left" if progress.seconds_left else ""
        say(
            f"Epoch {epoch['epoch']} of {progress.epochs} ({epoch['phase']}): {values}, "
            f"{task.metric} {number(epoch['metrics'][task.metric])} {task.unit}".rstrip()
            + speed
            + left
        )
    if run.note and run.note != note:
        note = run.note
        say(note)
    return len(history.epochs), note


def no_result(run: Run, state: str) -> int:
    """Say why a run that ended in ``state`` left nothing; return the exit code, or raise UserError for a mistake."""
    message = run.failure() or f"The run {run.id} was {state} before it began to train."
    if state == events.DIED or (state == events.FAILED and not run.history.user_mistake):
        print(message, file=sys.stderr)
        return 1
    raise UserError(message)
