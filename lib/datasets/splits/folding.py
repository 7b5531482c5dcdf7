"""What a training of a label audit sees of a dataset: one fold held out, and the errors that are planted for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.fold import Fold
from lib.core.splits import EXCLUDED
from lib.datasets.cache import remember
from lib.datasets.splits.divide import default_plan, divide
from lib.tasks import learnable
from lib.tasks.planting import Planted


@dataclass(frozen=True, eq=False)
class Divided:
    """A dataset divided into folds.

    Attributes
    ----------
    fold : ndarray of int, shape (N,)
        In which fold each image is, from 0; -1 of excluded ones.
    planted : Planted
        The targets as the trainings see them.
    """

    fold: np.ndarray
    planted: Planted


def folded(dataset: Dataset, fold: Fold | None) -> Dataset:
    """Return ``dataset`` as a training of ``fold`` sees it, as it is where there is none.

    The images of the fold are the valid split, all others of train, valid and test the train split: every labeled
    image is to get an answer, and none of these models is ever reported or kept. Excluded images stay excluded.
    Groups are never divided, and labels are spread evenly where they can be.

    Raises
    ------
    UserError
        If there are fewer images or groups than folds, or nothing could be learned of the others.
    """
    if fold is None:
        return dataset
    return remember(dataset, ("folded", fold), lambda: _folded(dataset, fold))


def _folded(dataset: Dataset, fold: Fold) -> Dataset:
    divided = divide_into(dataset, fold)
    splits = np.where(divided.fold < 0, EXCLUDED, np.where(divided.fold == fold.index, "valid", "train"))
    rows, targs = dataset.included, divided.planted.targs
    if refused := learnable.refusal(dataset.task, dataset.names, targs[rows], splits[rows]):
        raise UserError(f"{refused}. Choose fewer folds or another seed for the label audit.")
    return replace(dataset, items=dataset.items.assign(split=splits.astype(object)), targs=targs)


def divide_into(dataset: Dataset, fold: Fold) -> Divided:
    """Return the division that all folds of one audit share, whichever of them ``fold`` is."""
    whole = replace(fold, index=0)
    return remember(dataset, ("divided", whole), lambda: _divided(dataset, whole))


def _divided(dataset: Dataset, fold: Fold) -> Divided:
    plan = replace(default_plan(dataset), folds=fold.count, test=0.0, seed=fold.seed)
    number = np.full(len(dataset), -1)
    for index in range(fold.count):
        splits = divide(dataset, replace(plan, fold=index + 1)).visible_splits(dataset)
        number[splits == "valid"] = index
    planted = tasks.get(dataset.task).plant(dataset, fold.dose, fold.seed)
    planted.targs.setflags(write=False)
    return Divided(number, planted)
