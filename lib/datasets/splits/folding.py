"""What a training of a label audit sees of a dataset: one fold held out, and the errors that are planted for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from lib import tasks
from lib.core import digests
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
    Groups and copies are never divided, see `with_copies`, and labels are spread evenly where they can be.

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
    whole = with_copies(dataset)
    plan = replace(default_plan(whole), folds=fold.count, test=0.0, seed=fold.seed)
    number = np.full(len(dataset), -1)
    for index in range(fold.count):
        splits = divide(whole, replace(plan, fold=index + 1)).visible_splits(dataset)
        number[splits == "valid"] = index
    planted = tasks.get(dataset.task).plant(dataset, fold.dose, fold.seed, number)
    planted.targs.setflags(write=False)
    return Divided(number, planted)


def with_copies(dataset: Dataset) -> Dataset:
    """Return ``dataset`` with groups that hold all copies of their images, equal byte for byte, and so on.

    Who learned the copy of an image has seen the image. Excluded images, which nobody learns, join nothing; nor do
    pictures whose file cannot be read, which nobody learns either.
    """
    return remember(dataset, "with_copies", lambda: _with_copies(dataset))


def _with_copies(dataset: Dataset) -> Dataset:
    groups = dataset.items["group"].to_numpy(dtype=object)
    contents = np.full(len(dataset), "", dtype=object)
    contents[dataset.included] = [_content(dataset, row) for row in dataset.included.tolist()]
    links = [_to_first(keys) for keys in (groups, contents)]
    copies, firsts = links[1]
    if ((copies == firsts) | ((groups[copies] == groups[firsts]) & (groups[copies] != ""))).all():
        return dataset  # as it is where no copy is outside its group
    rows, firsts = np.concatenate(links, axis=1)
    graph = sparse.coo_array((np.ones(len(rows)), (rows, firsts)), (len(dataset), len(dataset)))
    unit = sparse.csgraph.connected_components(graph, directed=False)[1]
    joined = np.bincount(unit)[unit] > 1
    # Names that no group can have, where images share more than a group.
    names = np.where(joined, [f"\0{one}" for one in unit.tolist()], groups)
    return replace(dataset, items=dataset.items.assign(group=names.astype(object)))


def _to_first(keys: np.ndarray) -> np.ndarray:
    """Return the rows that have a key, and for each the first row with the same, shape (2, n)."""
    rows = np.flatnonzero(keys != "")
    _, first, which = np.unique(keys[rows].astype(str), return_index=True, return_inverse=True)
    return np.stack([rows, rows[first][which]])


def _content(dataset: Dataset, row: int) -> str:
    """Return the digest of a picture, computed where none was kept at import; "" where its file cannot be read."""
    known = dataset.digests[row] if dataset.digests is not None else None
    if isinstance(known, str) and known:
        return known
    try:
        with dataset.opened(row) as file:
            return digests.of_open(file)
    except UserError:
        return ""
