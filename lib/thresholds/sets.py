"""Named threshold sets of a run, one threshold a label, and what each is worth."""

from __future__ import annotations

import dataclasses
import difflib
from datetime import datetime
from typing import Any

import numpy as np

from lib import tasks
from lib.core import workspace
from lib.core.decimals import plain
from lib.core.errors import UserError
from lib.thresholds import costs, objectives, sets_file
from lib.thresholds.sets_file import DEFAULT, ThresholdSet, by_label
from lib.training import run_metrics
from lib.training.runs import Run

__all__ = ["DEFAULT", "ThresholdSet", "by_label", "compared", "delete", "get", "labels", "read_all", "save", "words"]


def read_all(run: Run) -> dict[str, ThresholdSet]:
    """Return the sets of ``run`` by name: ``default`` first, which is made of its configuration, then by date.

    Raises
    ------
    UserError
        If the run has no result (yet), or its file of thresholds is damaged or of other labels.
    """
    saved = sorted(sets_file.read(run, run.names()).values(), key=lambda one: datetime.fromisoformat(one.created))
    return {DEFAULT: _default(run), **{one.name: one for one in saved}}


def get(run: Run, name: str) -> ThresholdSet:
    """Return the set called ``name``; ``default`` also where the file is damaged.

    Raises
    ------
    UserError
        If there is none, with the names of those there are; or as `read_all`.
    """
    if name == DEFAULT:
        return _default(run)
    sets = read_all(run)
    if name not in sets:
        close = difflib.get_close_matches(name, sets, n=1)
        hint = f": did you mean {close[0]!r}?" if close else "."
        raise UserError(f"The run {run.id} has no thresholds {name[:80]!r}{hint} There are {', '.join(sets)}.")
    return sets[name]


def save(run: Run, one: ThresholdSet, *, replace: bool = False) -> None:
    """Keep ``one`` with the run.

    Parameters
    ----------
    run : Run
    one : ThresholdSet
    replace : bool
        Let it take the place of a set of the same name.

    Raises
    ------
    UserError
        If the name cannot be used or is taken, a threshold is outside 0 to 1, the task has no labels, the run has too
        many sets, or the run's file is damaged (it stays as it is) or cannot be written.
    ValueError
        If there is not one threshold a label, or something else of it cannot be kept.
    """
    if not tasks.get(run.config.task).has_labels:
        raise UserError(f"The run {run.id} is of the task {run.config.task}, which has no thresholds to keep.")
    names = labels(run)
    checked = _checked(run, one, names)
    with sets_file.writing(run, names) as saved:
        if one.name in saved and not replace:
            raise UserError(
                f"The run {run.id} has thresholds {one.name!r} already: choose another name, or say that they are "
                "to be replaced.",
                flags="--replace",
            )
        saved[one.name] = checked
        if len(saved) > sets_file.MOST_SETS:
            raise UserError(f"The run {run.id} keeps {len(saved) - 1} sets of thresholds already: delete one first.")


def delete(run: Run, name: str) -> ThresholdSet:
    """Remove the set called ``name`` and return it, so that it can be saved again.

    Raises
    ------
    UserError
        If there is none, or it is the default; or as `save`.
    """
    if name == DEFAULT:
        raise UserError("The default thresholds are the run's own and cannot be deleted: name a set that was saved.")
    with sets_file.writing(run, labels(run)) as saved:
        deleted = get(run, name)
        del saved[name]
    return deleted


def labels(run: Run) -> tuple[str, ...]:
    """Return the labels that the thresholds of ``run`` stand for, in order.

    Raises
    ------
    UserError
        If the run has no result (yet), or two of its labels are called the same, so that a name says nothing.
    """
    names = run.names()
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UserError(
            f"The run {run.id} has two labels called {twice!r}, so that thresholds cannot be kept by name: rename one "
            "in the dataset and train again."
        )
    return names


def words(one: ThresholdSet) -> str:
    """Say how a set was chosen; an objective that this version does not know is said by its name.

    Examples
    --------
    >>> words(ThresholdSet("x", np.zeros(1), objective="precision", options={"least": 0.95}))
    'highest recall with a precision of at least 0.95'
    >>> words(ThresholdSet("x", np.zeros(1)))
    'set by hand'
    """
    if one.name == DEFAULT:
        return "as trained"
    if not one.objective:
        return "set by hand"
    if one.objective == costs.NAME:
        reviews = one.options.get(costs.REVIEWS)
        return costs.words(reviews if isinstance(reviews, int | float) else None)
    try:
        return objectives.words(one.objective, **objectives.with_defaults(one.objective, one.options))
    except UserError:
        return one.objective


def compared(run: Run) -> list[dict[str, Any]]:
    """Return every set of ``run`` with what it is worth on the images that it was not trained on, in order.

    Returns
    -------
    list of dict
        ``name, split, objective, options, created, note, user, costs`` as in `ThresholdSet`; ``words``; ``lowest`` and
        ``highest`` threshold; ``outdated``, whether they were chosen on other predictions because the run went on
        since; and ``metrics``, the numbers of `lib.metrics.decisions.numbers` by split, for ``valid`` and, where the
        run has it, ``test``. The images that a set was chosen on flatter it.

    Raises
    ------
    UserError
        As `read_all`, or if the task has no thresholds.
    """
    by_split = {split: run_metrics.decisions(run, split) for split in run.result()["splits"]}
    now = sets_file.digest(run)
    return [
        {
            "name": one.name,
            **{key: getattr(one, key) for key in ("split", "objective", "options", "created", "note", "user", "costs")},
            "words": words(one),
            "lowest": plain(one.thresh.min()),
            "highest": plain(one.thresh.max()),
            "outdated": one.preds not in ("", now),
            "metrics": {split: run_metrics.decided(decisions, one.thresh) for split, decisions in by_split.items()},
        }
        for one in read_all(run).values()
    ]


def _default(run: Run) -> ThresholdSet:
    start = tasks.get(run.config.task).start_thresh(run.config)
    thresh = np.full(len(run.names()), start, dtype=np.float32)
    return ThresholdSet(DEFAULT, thresh, split="", created="", user=run.user)


def _checked(run: Run, one: ThresholdSet, names: tuple[str, ...]) -> ThresholdSet:
    """Return ``one`` as it may be kept."""
    workspace.check_name(one.name, "threshold set")
    if one.name.casefold() == DEFAULT:
        raise UserError(f"The name {one.name!r} is that of the run's own thresholds: choose another name.")
    thresh = np.asarray(one.thresh, dtype=np.float32)
    if thresh.shape != (len(names),):
        raise ValueError(f"expected one threshold for each of {len(names)} labels, found shape {thresh.shape}")
    outside = np.flatnonzero(~((thresh >= 0) & (thresh <= 1)))  # also what is no number
    if len(outside):
        raise UserError(
            f"The threshold of {names[outside[0]]!r} is {thresh[outside[0]]:g}: expected a number from 0 to 1."
        )
    if len(one.note) > sets_file.MOST_NOTE:
        raise UserError(
            f"The note has {len(one.note):,} characters: expected at most {sets_file.MOST_NOTE:,}. Shorten it."
        )
    note = one.note.encode(errors="replace").decode()  # a command line may hold bytes that are no text
    return dataclasses.replace(one, thresh=thresh, note=note, preds=one.preds or sets_file.digest(run))
