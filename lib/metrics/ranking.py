"""How well images with a label are ranked above the others, to be counted in every draw. numpy; scipy sparse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.core.arrays import Floats, Ints
from lib.metrics import scores
from lib.metrics.measures import Measure, Numbers
from lib.metrics.resampling import Groups
from lib.metrics.scores import mean_known, ratio

#: Weights of images that are held at a time, and the fewest draws all the same.
_AT_A_TIME, _FEWEST_DRAWS = 20_000_000, 200


@dataclass(frozen=True, eq=False)
class Ranking(Measure):
    """How well the images that have a label are ranked above the others: ``map``, and ``average_precision`` of each.

    Attributes
    ----------
    preds : ndarray of shape (N, C)
        Probabilities.
    targs : ndarray of shape (N, C)
        1, 0, or -1 where nobody knows.
    """

    preds: Floats
    targs: Ints

    @property
    def cells(self) -> Floats:  # type: ignore[override]
        """The scores where the truth is known: what ranks are made of."""
        return np.where(scores.known(self.targs), self.preds, np.nan)

    @property
    def marks(self) -> Floats:  # type: ignore[override]
        """The same."""
        return self.cells

    def whole(self) -> Numbers:
        return _ranked(scores.average_precision(self.preds, self.targs))

    def drawn(self, groups: Groups, weights: np.ndarray) -> Numbers:
        # Of many images fewer draws: each takes as long as all the others.
        kept = max(_FEWEST_DRAWS, _AT_A_TIME // max(1, len(self.preds)))
        images = np.ascontiguousarray(weights[:kept].T[groups.member]).astype(np.float32)  # (N, n)
        each = [
            _average_precisions(np.ascontiguousarray(self.preds[:, c]), self.targs[:, c], images)
            for c in range(self.preds.shape[1])
        ]
        return _ranked(np.stack(each, axis=1) if each else np.zeros((images.shape[1], 0)))


def _ranked(precisions: Floats) -> Numbers:
    return Numbers({"map": mean_known(precisions, axis=-1)}, {"average_precision": precisions})


def _average_precisions(column: Floats, truth: Ints, images: Floats) -> Floats:
    """Return `lib.metrics.scores.average_precision` of one label where image i counts ``images[i]`` times, shape (n,).

    Between two scores of images that have the label only the number of others matters: the weights are summed there.
    """
    from scipy import sparse

    present, absent = np.flatnonzero(truth == 1), np.flatnonzero(truth == 0)
    if not len(present):
        return np.full(images.shape[1], np.nan)
    levels, of_present = np.unique(-column[present], return_inverse=True)  # the highest score first
    of_absent = np.searchsorted(levels, -column[absent])
    above = of_absent < len(levels)  # what is scored below every present one counts nowhere
    parts = (present, of_present), (absent[above], of_absent[above])
    hits, alarms = (
        sparse.csr_matrix((np.ones(len(rows), np.float32), (level, rows)), (len(levels), len(column))) @ images
        for rows, level in parts
    )
    reached, chosen, total = np.zeros((3, images.shape[1]), dtype=np.float32)
    precision, one = np.zeros(images.shape[1]), np.float32(1)
    for hit, alarm in zip(hits, alarms, strict=True):  # numpy's cumsum down the columns takes ten times as long
        reached += hit
        chosen += hit
        chosen += alarm
        np.divide(reached, np.maximum(chosen, one), out=total)
        total *= hit
        precision += total
    return ratio(precision, reached)
