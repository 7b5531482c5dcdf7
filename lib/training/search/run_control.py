"""Loads, stops and resumes the runs of a search, any of which a person may resume, stop or delete meanwhile."""

from __future__ import annotations

from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.training import events, launch, runs
from lib.training.launchers.ray_client import UnreachableError
from lib.training.runs import Run

#: So many looks in a row a run may refuse to be resumed, as its last worker may still be ending.
_MOST_REFUSALS = 20


def load(workspace: Workspace, run: str) -> Run | None:
    """Return a run, None where it was deleted or cannot be read."""
    try:
        return runs.load(workspace, run)
    except UserError:  # said where runs are listed
        return None


def stop(run: Run) -> None:
    """Stop a run after its epoch; one that has learned nothing that could be kept at once."""
    is_resumed = run.state == events.STARTING and run.history.epochs
    launch.stop(run.folder, after_epoch=bool(is_resumed) or run.state == events.RUNNING)


class Resuming:
    """Resumes runs; one that cannot be resumed is left alone, with a word why, and ends no search.

    Attributes
    ----------
    refusals : dict of str
        Why runs were left alone, by id.
    """

    def __init__(self) -> None:
        self.refusals: dict[str, str] = {}
        self._refused: dict[str, int] = {}

    def resume(self, run: Run) -> bool:
        """Let a run go on; return False where it is to be asked again.

        Raises
        ------
        UnreachableError
            If Ray does not answer.
        """
        try:
            launch.resume(run)
        except UnreachableError:
            raise
        except UserError as error:
            if run.refresh().state in events.ACTIVE:  # somebody else has resumed it
                return True
            self._refused[run.id] = self._refused.get(run.id, 0) + 1
            if self._refused[run.id] < _MOST_REFUSALS:
                return False
            self.refusals[run.id] = str(error)
        run.refresh()
        return True
