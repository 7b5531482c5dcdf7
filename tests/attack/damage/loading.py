"""What the loading layer gives of a workspace, without any view of it."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.checks import reviewed
from lib.tasks.types import Predictions
from lib.thresholds import sets
from lib.training import runs
from lib.training.launchers import launched
from lib.training.runs import Run
from lib.training.search import study
from tests.attack.damage.seeds import MADE, OTHER, SEARCH, VICTIM, WAITING, WHOLE
from tests.attack.damage.views import Drawn


def everything(workspace: Workspace) -> Drawn:
    """Return what is read of each file, hashed where it is long; where it is refused, the sentence."""
    drawn = Drawn()

    def read(what: str, make: Callable[[], Any]) -> None:
        view = f"load · {what}"
        try:
            drawn.sentences[view] = [repr(make())]
        except UserError as error:
            drawn.sentences[view] = [f"error {error}"]
        except Exception:
            drawn.tracebacks[view] = traceback.format_exc()

    def victim() -> Run:
        return runs.load(workspace, VICTIM)

    read("list", lambda: _list(workspace))
    read("configuration", lambda: victim().config)
    read("manifest", lambda: victim().result() and "")  # used beside the predictions only
    read("events", lambda: _events(victim()))
    for split in ("valid", "test"):
        read(f"predictions of {split}", lambda split=split: _hashed(victim().predictions(split)))
    read("threshold sets", lambda: [(name, one.thresh.tolist()) for name, one in sets.read_all(victim()).items()][1:])
    read("the other's predictions", lambda: _hashed(runs.load(workspace, OTHER).predictions("valid")))
    read("data set", lambda: _dataset(workspace, MADE))
    read("the other data set", lambda: _dataset(workspace, WHOLE))
    read("search", lambda: _search(workspace))
    read("launch", lambda: _launch(runs.load(workspace, WAITING)))
    read("reviewed", lambda: reviewed.read(store.load(workspace, MADE)).decisions)
    return drawn


def _search(workspace: Workspace) -> Any:
    search = study.load(workspace, SEARCH)
    return search.plan, search.done, search.state


def _launch(run: Run) -> Any:
    return launched.read(run.folder), run.state, run.note, run.failure()


def _list(workspace: Workspace) -> list[str]:
    if damaged := runs.list_damaged(workspace):
        raise damaged[0].reason
    return [run.id for run in runs.list_runs(workspace)]


def _events(run: Run) -> Any:
    if run.damage():
        raise UserError(run.damage())
    history = run.history
    return run.state, history.epochs, history.fits, history.batches()["loss"].tolist(), run.progress()


def _hashed(predictions: Predictions) -> list[str]:
    arrays = predictions.arrays()
    return [
        name + hashlib.sha256(np.ascontiguousarray(array, dtype=np.float64)).hexdigest()
        for name, array in arrays.items()
    ]


def _dataset(workspace: Workspace, name: str) -> Any:
    dataset = store.load(workspace, name)
    facts = dataset.task, dataset.names, dataset.revision, dataset.problems, dataset.source, dataset.defaults
    columns = {name: dataset.items[name].tolist() for name in sorted(dataset.items) if name != "moon"}
    return facts, columns, dataset.targs.tolist(), str(dataset.value_range)
