"""Labels that are wrong at random, where nothing else leaves a model so unsure."""

from __future__ import annotations

import numpy as np

from lib.tasks.types import three_digits
from lib.training.advice.curves import Curves
from lib.training.advice.diagnosis import LABEL_NOISE, Diagnosis

#: A model that has gained so much of what the baseline leaves has learned what the labels have in common.
_LEARNED = 0.5
#: Its lowest validation loss by that of a model that is as unsure of every image as of any other. Pictures that are
#: hard for other reasons give 0.4 to 0.9, and a model that is surer than it may be more than 1.
_LEAST, _MOST = 0.97, 1.1
#: Training makes a model as sure as it may be of the training images: where their loss is not lower than so much of the
#: validation loss, it is as sure as it may be of the others.
_NO_GAP = 0.8
#: Fewer validation images tell neither number well enough.
_MANY = 100


def label_noise(curves: Curves) -> Diagnosis | None:
    """Return a diagnosis if a model that has learned is as unsure of every image as of any other.

    Where pictures are hard, some are harder than others, and a model is sure of the easy ones. Where labels are wrong
    at random, all pictures are alike: the model learns how often labels are right, and no more.
    """
    if not curves.finished or not curves.is_complete or len(curves) < 3 or curves.n_valid < _MANY:
        return None
    low = curves.low
    gain, unsure = float(curves.gains()[low]), float(curves.unsure[low])
    if not unsure > 0:  # not known, or all is right
        return None
    share = float(curves.valid[low]) / unsure
    if curves.train[low] < _NO_GAP * curves.valid[low]:
        return None
    if not (gain >= _LEARNED and _LEAST <= share <= _MOST) or _still_falls(curves):
        return None
    evidence = (
        f"Wrong labels: at its lowest valid_loss is {three_digits(curves.valid[low])} with {curves.metric} "
        f"{three_digits(curves.values[low])}, {100 * share:.0f} % of that of a model that is as unsure of every image "
        "as of any other; hard pictures are not all equally hard."
    )
    return Diagnosis(LABEL_NOISE, evidence, "Look through the labels of the images that it gets most wrong.")


def _still_falls(curves: Curves) -> bool:
    """Whether the validation loss came down by a twentieth in the last third: a model that learns is unsure as well."""
    last = curves.valid[-max(2, len(curves) // 3) :]
    return bool(np.argmin(last) > 0 and last.min() < 0.95 * last[0])
