"""Which images of two datasets are the same, and which images a run was trained on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lib.core.arrays import Bools, Ints
from lib.core.dataset import Dataset


def partners(mine: Dataset, theirs: Dataset) -> Ints:
    """Return which row of ``mine`` each image of ``theirs`` is, -1 of none, shape (n of theirs,).

    Images are the same whose names are, if each name is there once and their contents do not contradict; of those
    left over the ones with the same content, if that is there once.
    """
    if mine.base == theirs.base:
        return np.arange(len(theirs))
    names = [dataset.items["original"].to_numpy(dtype=object) for dataset in (mine, theirs)]
    contents = [hashes(dataset) for dataset in (mine, theirs)]
    rows = _unique_matches(*names)
    apart = (contents[0][rows] != contents[1]) & (contents[0][rows] != "") & (contents[1] != "")
    rows = np.where(apart, -1, rows)
    by_content = _unique_matches(*contents)
    taken = np.isin(by_content, rows)
    return np.where((rows < 0) & ~taken & (contents[1] != ""), by_content, rows)


def _unique_matches(mine: np.ndarray, theirs: np.ndarray) -> Ints:
    """Return where in ``mine`` each of ``theirs`` is, -1 where it is not there once or not once among ``theirs``."""
    places = pd.Series(np.arange(len(mine)), mine)
    places = places[~places.index.duplicated(keep=False)]
    rows = places.reindex(theirs, fill_value=-1).to_numpy()
    return np.where(pd.Index(theirs).duplicated(keep=False), -1, rows)


def hashes(dataset: Dataset) -> np.ndarray:
    """Return the digest of each picture, "" where none was kept, shape (N,) of str."""
    return np.array([one or "" for one in dataset.digests or [""] * len(dataset)], dtype=object)  # None is "" too


def trained_on(
    learned_from: Sequence[Dataset], datasets: Sequence[Dataset], owner: Ints, items: Ints
) -> tuple[Bools, Bools]:
    """Return which images each run trained on, and of which it trained on others of their group, each (R, n).

    Parameters
    ----------
    learned_from : sequence of Dataset
        What each run learned from, with its training images.
    datasets : sequence of Dataset
        What the rows of each run's predictions are of.
    owner : ndarray of int, shape (n,)
        A run that predicted the image.
    items : ndarray of int, shape (n,)
        The image's row in the dataset of that run.
    """
    trained, related = np.zeros((2, len(datasets), len(items)), dtype=bool)
    for one, dataset in enumerate(learned_from):
        learned = dataset.items["split"].to_numpy() == "train"
        contents, group = hashes(dataset), dataset.items["group"].to_numpy(dtype=object)
        known_contents = contents[learned & (contents != "")]
        known_groups = group[learned & (group != "")]
        for other in np.unique(owner):
            theirs, images = datasets[other], owner == other
            rows = partners(dataset, theirs)[items[images]]
            its = hashes(theirs)[items[images]]
            trained[one, images] = ((rows >= 0) & learned[rows]) | pd.Index(its).isin(known_contents)
            related[one, images] = (rows >= 0) & pd.Index(group[rows]).isin(known_groups)
    return trained, related & ~trained
