"""A web server that can be told to do what a click does: ``python -m tests.attack.chaos_server run app.py ...``.

It is ``streamlit run app.py ...`` with one route more. What a page's button calls is called here by ``POST
/chaos/ACT``, in the server's own process and threads, so that whatever kills it comes in the middle of that; the
answer, once it has arrived, is the confirmation that a person sees. Its workers are forked from the process that is
warm, as in other tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit.web import cli

from lib.core.errors import UserError
from lib.core.questions import asking
from lib.core.workspace import Workspace
from lib.datasets import deletion, store
from lib.datasets.edits import edits
from lib.importing import uploads
from lib.importing.questions import ask as imports
from lib.inference import ask
from lib.inference.ask import Picture, Predict
from lib.thresholds import sets
from lib.thresholds.sets_file import ThresholdSet
from lib.training import launch, options, run_names, runs
from lib.web.server import receiving, routes
from tests import warm

#: The token of a page that is always open.
TOKEN = "chaos"


def _edit(workspace: Workspace, dataset: str, row: int, column: int, was: int, now: int, note: str) -> str:
    cell = edits.Cell(row, column, was, now)
    return edits.set_targs(store.load(workspace, dataset), [cell], note=note).revision


def _undo(workspace: Workspace, dataset: str) -> str:
    return edits.undo(store.load(workspace, dataset)).revision


def _import(workspace: Workspace, upload: str, name: str) -> str:
    arrived = uploads.find(workspace, upload)
    if arrived is None or not arrived.path.exists():
        raise UserError("The upload is not there.")
    return imports.bring_in(workspace, str(arrived.path), {"name": name}, {}).id


def _train(workspace: Workspace, dataset: str, chosen: dict[str, Any]) -> str:
    return launch.start(workspace, options.configure(store.load(workspace, dataset), chosen))


def _predict(workspace: Workspace, run: str, paths: list[str]) -> str:
    pictures = tuple(Picture.of(Path(path), Path(path).name) for path in paths)
    return ask.ask(runs.load(workspace, run), Predict(pictures)).id


def _ask_again(workspace: Workspace, run: str, question: str) -> None:
    asked = ask.find(runs.load(workspace, run), question)
    if asked is not None and not asked.state().active:
        asking.ask_again(asked)


def _thresholds(workspace: Workspace, run: str, name: str, thresh: list[float]) -> None:
    kept = ThresholdSet(name, np.array(thresh, dtype=np.float32))
    sets.save(runs.load(workspace, run), kept, replace=True)


ACTS: dict[str, Callable[..., Any]] = {
    "edit": _edit,
    "undo": _undo,
    "import": _import,
    "train": _train,
    "predict": _predict,
    "ask-again": _ask_again,
    "thresholds": _thresholds,
    "resume": lambda workspace, run: launch.resume(runs.load(workspace, run)),
    "name": lambda workspace, run, name: run_names.write(workspace.run(run), name),
    "delete": lambda workspace, dataset: deletion.delete(workspace, dataset),
}


async def act(request: Request) -> JSONResponse:
    """Do what is asked, in a thread as a page's script is; a user's mistake is a sentence with status 422."""
    from anyio import to_thread

    given = await request.json()
    try:
        done = await to_thread.run_sync(lambda: ACTS[request.path_params["act"]](Workspace.find(), **given))
    except UserError as error:
        return JSONResponse(str(error), 422)
    return JSONResponse(done)


def main(arguments: list[str]) -> None:
    """Serve, as ``streamlit`` with these arguments."""
    of_app = routes.routes
    routes.routes = lambda base="": [*of_app(base), Route("/chaos/{act}", act, methods=["POST"])]
    receiving._tokens[TOKEN] = TOKEN
    receiving._is_open = lambda session: session == TOKEN
    if warm.VARIABLE in os.environ:
        subprocess.Popen = warm.Process
    cli.main(arguments, prog_name="streamlit")


if __name__ == "__main__":
    main(sys.argv[1:])
