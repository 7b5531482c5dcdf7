"""The check that a model can be trained on these images, made at import and after every edit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib import tasks

#: Images that a training needs: a batch of one has no variance.
LEAST_TO_TRAIN = 2


def refusal(task: str, names: Sequence[str], targs: np.ndarray, splits: np.ndarray) -> str:
    """Return why nothing can be learned from these images, in a sentence, "" if something can.

    Parameters
    ----------
    task : str
        Name of the task.
    names : sequence of str
    targs : ndarray
        As in `lib.core.dataset.Dataset`, of all that is to be trained on, validated with or tested.
    splits : ndarray of str, shape (N,)
        The split of each.

    Examples
    --------
    >>> refusal("single-label", ["cat", "dog"], np.array([0, 1]), np.array(["train", "train"]))
    'No image is left to validate with'
    """
    if len(targs) < 2:
        how_many = "no image" if not len(targs) else "only one image"
        return f"There is {how_many} to use: expected at least 2, one to train on and one to validate with"
    for wanted, purpose in (("train", "train on"), ("valid", "validate with")):
        if not (splits == wanted).any():
            return f"No image is left to {purpose}"
    check = tasks.get(task).check
    sentence = check(names, targs)
    if sentence is not None:
        return f"Of the {len(targs):,} images: {sentence}"
    train = splits == "train"
    sentence = check(names, targs[train])
    return "" if sentence is None else f"Of the {int(train.sum()):,} training images: {sentence}"
