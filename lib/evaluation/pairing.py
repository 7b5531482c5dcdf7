"""Which runs can be compared image by image, and which images of the one are those of the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from lib.core.dataset import Dataset
from lib.evaluation.comparison import Errors
from lib.training.runs import Run


def are_of_one_dataset(run: Run, other: Run) -> bool:
    """Return whether two runs have images in common that are known to be the same.

    They were trained on one dataset here, or one came in a bundle and was trained on the same revision elsewhere.
    """
    if run.config.dataset != other.config.dataset:
        is_one = _trained_on(run) == _trained_on(other)
    elif run.config.revision == other.config.revision:
        return True
    else:
        is_one = True  # unless it was imported anew in between: the rows of one are other images in the other then
    return is_one and None not in (run.dataset(), other.dataset())


def _trained_on(run: Run) -> str:
    """Return the revision that a run was trained on, which of one that came in a bundle may not be here."""
    recorded = run.recorded()
    return recorded["origin"]["revision"] if recorded and "origin" in recorded else run.config.revision


def aligned(run: Run, other: Run, errors: Errors) -> Errors:
    """Return the errors of ``other`` with the rows that its images have in the dataset of ``run``.

    Between two datasets images are paired by their names and hashes; what has no partner has a row below 0.

    Parameters
    ----------
    run, other : Run
        Of one dataset, see `are_of_one_dataset`.
    errors : Errors
        Of ``other``.
    """
    mine, theirs = run.dataset(), other.dataset()
    if run.config.dataset == other.config.dataset or mine is None or theirs is None:
        return errors
    names = theirs.items["original"].iloc[errors.items]
    partners = pd.Series(np.arange(len(mine)), mine.items["original"])
    rows = partners[~partners.index.duplicated(keep=False)].reindex(names, fill_value=-1).to_numpy()
    one, two = _digests(mine)[rows], _digests(theirs)[errors.items]
    alone = (rows < 0) | names.duplicated(keep=False).to_numpy() | ((one != two) & (one != "") & (two != ""))
    return replace(errors, items=np.where(alone, -1 - np.arange(len(rows)), rows))


def _digests(dataset: Dataset) -> np.ndarray:
    return np.array(dataset.digests or [""] * len(dataset), dtype=object)
