"""Decisions: scores and truth of every label, and what thresholds make of them. numpy only.

One threshold for all labels is a float, one threshold a label an array of shape (C,). A label is predicted where its
score is above its threshold, strictly, as in fastai's ``accuracy_multi``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lib.core.arrays import Bools, Floats, Ints, Thresh
from lib.metrics import scores

#: Probabilities are kept this far from 0 and 1 before a logarithm is taken.
SURE = 1e-7


@dataclass(frozen=True)
class Decisions:
    """Everything that a threshold is chosen from.

    Attributes
    ----------
    scores : ndarray of float32, shape (N, C)
        What is compared with the threshold. Without NaN: what was no number is 0, and so never predicted.
    truth : ndarray of int8, shape (N, C)
        1 where the label is present, 0 where it is absent, -1 where nobody knows: such a cell counts nowhere.
    probs : ndarray of float32, shape (N, C)
        The model's probabilities. The same as ``scores`` where every label is decided for itself; where an image has
        exactly one class only the most probable one has a score, the others have 0.
    activation : str
        What made ``probs`` of the model's acts: "sigmoid" or "softmax".
    names : tuple of str
        The C labels.
    items : ndarray of int, shape (N,)
        Rows of the dataset.
    groups : ndarray of int, shape (N,)
        Images of one person or video share a number: they are drawn and divided together. Without groups all differ.
    n_nan : int
        How many probabilities were no numbers.
    """

    scores: Floats
    truth: Ints
    probs: Floats
    activation: str
    names: tuple[str, ...]
    items: Ints
    groups: Ints
    n_nan: int = 0

    def __len__(self) -> int:
        return len(self.scores)

    @cached_property
    def known(self) -> Bools:
        """Where the truth is known, booleans of shape (N, C)."""
        return scores.known(self.truth)

    def rows(self, chosen: Bools | Ints) -> Decisions:
        """Return the decisions of some images; ``chosen`` are booleans of shape (N,) or row numbers."""
        parts = {name: getattr(self, name)[chosen] for name in ("scores", "truth", "probs", "items", "groups")}
        return replace(self, **parts)


def predicted(decisions: Decisions, thresh: Thresh) -> Bools:
    """Return where a label is predicted, booleans of shape (N, C).

    Parameters
    ----------
    decisions : Decisions
    thresh : float or ndarray of shape (C,)
        Cast to the scores' float32 first.

    Examples
    --------
    >>> scores = np.array([[0.2, 0.5], [0.7, 0.6]], dtype=np.float32)
    >>> (scores > np.array([0.5, 0.5], dtype=np.float32)).tolist()
    [[False, False], [True, True]]
    """
    above: Bools = decisions.scores > np.asarray(thresh, dtype=decisions.scores.dtype)
    return above


def flips(decisions: Decisions, before: Thresh, after: Thresh) -> Ints:
    """Return what changes from thresholds ``before`` to ``after``, int8 of shape (N, C).

    1 where a label is predicted now and was not, -1 where it was and is not now, 0 elsewhere.
    """
    return predicted(decisions, after).astype(np.int8) - predicted(decisions, before).astype(np.int8)


def margins(decisions: Decisions, thresh: Thresh) -> Floats:
    """Return how far each score is from its threshold, ``|score - thresh|``, shape (N, C)."""
    return np.abs(decisions.scores - np.asarray(thresh, dtype=decisions.scores.dtype))


def losses(decisions: Decisions) -> Floats:
    """Return the loss of each label of each image, shape (N, C), in nats; NaN where the truth is unknown.

    ``-log p`` where the label is present and ``-log(1 - p)`` where it is absent, with p at least `SURE` away from 0 and
    1: the binary cross-entropy of every label for itself.
    """
    p = np.clip(decisions.probs.astype(np.float64), SURE, 1 - SURE)
    return np.where(decisions.known, -np.log(np.where(decisions.truth == 1, p, 1 - p)), np.nan)


def numbers(predicted: Bools, truth: Ints) -> dict[str, float]:
    """Return what decisions are worth, by name; NaN where a number is not defined.

    Parameters
    ----------
    predicted : ndarray of bool, shape (N, C)
    truth : ndarray of shape (N, C)
        1, 0, or -1 where nobody knows.

    Returns
    -------
    dict
        ``accuracy_multi, precision_micro, recall_micro, f1_micro, f1_macro, subset_accuracy, hamming_loss`` as in
        `lib.metrics`, and ``predicted_per_image``, the mean number of predicted labels of which the truth is known.
    """
    preds = predicted.astype(np.float32)
    known = scores.known(truth)
    tp = np.count_nonzero(predicted & (truth == 1))
    fp = np.count_nonzero(predicted & (truth == 0))
    micro, macro = scores.f1_multi(preds, truth, 0.5)
    accuracy = scores.accuracy_multi(preds, truth, 0.5)
    return {
        "accuracy_multi": accuracy,
        "precision_micro": float(scores.ratio(np.array(tp), np.array(tp + fp))),
        "recall_micro": float(scores.ratio(np.array(tp), np.array(np.count_nonzero(truth == 1)))),
        "f1_micro": micro,
        "f1_macro": macro,
        "subset_accuracy": scores.subset_accuracy(preds, truth, 0.5),
        "hamming_loss": 1 - accuracy,
        "predicted_per_image": float(scores.ratio(np.array((predicted & known).sum()), np.array(len(truth)))),
    }
