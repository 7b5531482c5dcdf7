"""The commands that edit a dataset: list, undo and redo edits, exclude and include images."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict

import numpy as np

from lib.cli import common
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.edits import checks, edits
from lib.datasets.edits.history import history, next_redo, next_undo
from lib.training import runs

#: Characters of an edit's words that are printed.
_LONG = 120


def dataset_option(command: argparse.ArgumentParser) -> None:
    """Add the option that every command of edits takes."""
    command.add_argument("dataset", help="name of a dataset")


def image_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``exclude`` and ``include``."""
    dataset_option(command)
    command.add_argument("images", nargs="+", metavar="ROW|FILE", help="row number from 0, or the original file name")
    command.add_argument("--note", default="", metavar="TEXT", help="a note that is kept with the edit")


def _dataset(chosen: argparse.Namespace) -> Dataset:
    return store.load(Workspace.find(chosen.workspace), chosen.dataset)


def run_edits(chosen: argparse.Namespace) -> int:
    """List every edit since the import, and which runs saw which state."""
    dataset = _dataset(chosen)
    logged = history(dataset)
    trained: dict[str, list[str]] = {}
    for run in runs.list_runs(Workspace.find(chosen.workspace)):
        if run.config.dataset == dataset.name:
            trained.setdefault(run.config.revision, []).append(run.id)
    if chosen.json:
        listed = [{**asdict(edit), "runs": trained.get(edit.revision, [])} for edit in logged]
        return common.print_json({**_state(dataset), "runs": trained.get(dataset.base, []), "edits": listed})
    print(f"{dataset.name}: imported as revision {dataset.base}{_run_words(trained.get(dataset.base))}")
    for edit in logged:
        state = " (undone)" if edit.undone else ""
        line = f"{edit.number:>5}  {edit.time}  {edit.revision}  {common.one_line(edit.note, _LONG)}{state}"
        who = f" by {common.one_line(edit.user, _LONG)}" if edit.user else ""
        print(line + who + _run_words(trained.get(edit.revision)))
    print(f"Now revision {dataset.revision}, {len(dataset) - len(dataset.included):,} images excluded.")
    return 0


def _run_words(ids: Sequence[str] | None) -> str:
    return f"; trained on it: {', '.join(ids)}" if ids else ""


def _state(dataset: Dataset) -> dict[str, object]:
    return {
        "dataset": dataset.name,
        "base": dataset.base,
        "revision": dataset.revision,
        "images": len(dataset.included),
        "excluded": len(dataset) - len(dataset.included),
        "splits": dataset.splits(),
        "undo": next_undo(dataset),
        "redo": next_redo(dataset),
    }


def run_undo(chosen: argparse.Namespace) -> int:
    """Undo the last edit."""
    return _undo_or_redo(chosen, next_undo, edits.undo, "Undone")


def run_redo(chosen: argparse.Namespace) -> int:
    """Make the edit again that was undone last."""
    return _undo_or_redo(chosen, next_redo, edits.redo, "Done again")


def _undo_or_redo(
    chosen: argparse.Namespace, what: Callable[[Dataset], str | None], step: Callable[[Dataset], Dataset], done: str
) -> int:
    dataset = _dataset(chosen)
    words = what(dataset)
    return _print_edit(chosen, step(dataset), f"{done}: {words}")


def run_exclude(chosen: argparse.Namespace) -> int:
    """Exclude images."""
    return _mark_images(chosen, edits.exclude, "Excluded")


def run_include(chosen: argparse.Namespace) -> int:
    """Include images again."""
    return _mark_images(chosen, edits.include, "Included again")


def _mark_images(chosen: argparse.Namespace, turn: Callable[..., Dataset], done: str) -> int:
    dataset = _dataset(chosen)
    rows = _rows(dataset, chosen.images)
    which = str(dataset.items["original"].iat[rows[0]]) if len(rows) == 1 else f"{len(rows):,} images"
    words = f"{done}: {which}" + (f" ({chosen.note})" if chosen.note else "")
    return _print_edit(chosen, turn(dataset, rows, note=words), words)


def _print_edit(chosen: argparse.Namespace, after: Dataset, words: str) -> int:
    if chosen.json:
        return common.print_json({"done": words, **_state(after)})
    note = common.one_line(words, _LONG)
    print(f"{note}. {after.name} is revision {after.revision} now: {len(after.included):,} images.")
    return 0


def _rows(dataset: Dataset, images: Sequence[str]) -> list[int]:
    """Return the rows that are named by number or by file.

    Raises
    ------
    UserError
        If a row or file is none of the dataset's, or several files are called so.
    """
    originals = dataset.items["original"].to_numpy(dtype=object)
    rows = []
    for name in images:
        if name.isdecimal():
            rows.append(min(int(name), len(dataset)))  # one past the end is refused below
            continue
        same = np.flatnonzero(originals == name)
        if not len(same):
            same = np.flatnonzero([str(one).rsplit("/", 1)[-1] == name for one in originals])
        if len(same) != 1:
            what = f"{len(same):,} images are" if len(same) else "no image is"
            raise UserError(
                f"In {dataset.name} {what} called {name!r:.100}: give the name with its folders, or the row, 0 to "
                f"{len(dataset) - 1}."
            )
        rows.append(int(same[0]))
    return checks.checked_rows(dataset, rows).tolist()
