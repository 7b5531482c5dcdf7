"""Pictures without labels beside labeled ones: left out, or kept as images that wait for their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lib import tasks
from lib.core import sentences
from lib.importing.parsed import Fix, Parsed

#: Name of the choice, and the answer that keeps them.
CHOICE, KEEP = "unlabeled", "keep"


def take(parsed: Parsed, without_row: Sequence[str], in_bad_rows: Sequence[str], choices: Mapping[str, str]) -> None:
    """Keep pictures of which nothing is known where that was chosen; else note them, and offer it.

    Parameters
    ----------
    parsed : Parsed
        Rows are added to it.
    without_row : sequence of str
        Pictures that no row names.
    in_bad_rows : sequence of str
        Pictures of rows that were left out, which is noted already.
    choices : mapping
        The user's answers.
    """
    waiting = [*without_row, *in_bad_rows]
    can_wait = tasks.get(parsed.task).can_wait and parsed.boxes is None and parsed.pictures is None
    if not (can_wait and choices.get(CHOICE) == KEEP):
        for file in without_row:
            parsed.problems.add("image-without-row", file)
        if waiting and can_wait and parsed.files:
            kind = "image-without-row" if without_row else "missing-value"
            have = sentences.sentence(len(waiting), "1 image has no labels", "{:,} images have no labels")
            question = f"{have} that can be read: left out."
            parsed.fixes.append(Fix(kind, question, CHOICE, KEEP, "Keep them, to be labeled here"))
        return
    for file in waiting:
        parsed.problems.add("kept-unlabeled", file)
    if in_bad_rows:
        parsed.problems.forget("missing-value")
    _append(parsed, waiting)


def in_train(parsed: Parsed, split: list[str], groups: list[str]) -> list[str]:
    """Return the splits with every picture in train that was kept without labels and is in no group.

    In valid or test nothing of it would count.
    """
    if parsed.choices.get(CHOICE) != KEEP:
        return split
    is_unknown = tasks.get(parsed.task).is_unknown(parsed.targs)
    return [
        "train" if unknown and not group else one for one, group, unknown in zip(split, groups, is_unknown, strict=True)
    ]


def _append(parsed: Parsed, files: Sequence[str]) -> None:
    task, count = tasks.get(parsed.task), len(files)
    unknown = task.unlabeled(parsed.names, count, parsed.targs)
    parsed.targs = np.concatenate([parsed.targs, unknown])
    parsed.files = [*parsed.files, *files]
    if parsed.splits is not None:
        parsed.splits = [*parsed.splits, *["train"] * count]
    if parsed.groups is not None:
        parsed.groups = [*parsed.groups, *[""] * count]
    parsed.ids = {name: [*cells, *[""] * count] for name, cells in parsed.ids.items()}
