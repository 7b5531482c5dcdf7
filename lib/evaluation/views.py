"""Views of predicted images: which are shown, in which order, and with what note. numpy only.

A view is of all labels together or of one; of one, images can be narrowed to its hits, misses or false alarms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lib.core import sentences
from lib.metrics import decisions
from lib.metrics.decisions import Decisions
from lib.tasks.types import Card, Chip


@dataclass(frozen=True)
class Order:
    """A way to sort: its title, and what it says in one line."""

    title: str
    help: str


#: Orders that every task has, and those that need a threshold.
PLAIN: dict[str, Order] = {
    "worst": Order("Worst first", "Largest error first."),
    "best": Order("Best first", "Smallest error first."),
    "dataset": Order("Dataset order", "As the images are in the dataset."),
}
BY_THRESH: dict[str, Order] = {
    "flips": Order("Flips", "Images whose predictions changed with the last move of a threshold, most changes first."),
    "nearest": Order("Nearest to the threshold", "The closest calls first: a probability next to its threshold."),
}
#: Which images of one label: all, or those where it is predicted and true, predicted only, true only.
OUTCOMES: dict[str, str] = {"all": "All", "fp": "False positives", "fn": "False negatives", "tp": "True positives"}


@dataclass(frozen=True)
class View:
    """What thresholds, and which label, a view is of.

    Attributes
    ----------
    decisions : Decisions
    thresh, before : ndarray of float32, shape (C,)
        Thresholds now, and before they were changed last.
    label : int or None
        The label that is looked at; None for all.
    """

    decisions: Decisions
    thresh: np.ndarray
    before: np.ndarray
    label: int | None = None

    def outcomes(self) -> dict[str, np.ndarray]:
        """Return, of the chosen label, which images are which of `OUTCOMES`, booleans of shape (N,)."""
        predicted = decisions.predicted(self.decisions, self.thresh)[:, self.label]
        truth = self.decisions.truth[:, self.label]
        return {
            "all": np.ones(len(truth), dtype=bool),
            "fp": predicted & (truth == 0),
            "fn": ~predicted & (truth == 1),
            "tp": predicted & (truth == 1),
        }

    def flips(self) -> np.ndarray:
        """Return `decisions.flips` of the label, or of all, int8 of shape (N, labels)."""
        return self._of(decisions.flips(self.decisions, self.before, self.thresh))

    def margins(self) -> np.ndarray:
        """Return `decisions.margins`, likewise; infinite where there is no score that a threshold could change."""
        apart = np.where(self.decisions.scores > 0, decisions.margins(self.decisions, self.thresh), np.inf)
        return self._of(apart)

    def _of(self, values: np.ndarray) -> np.ndarray:
        return values if self.label is None else values[:, [self.label]]


def plain_order(errors: np.ndarray, name: str) -> np.ndarray:
    """Return the rows in one of the orders of `PLAIN`; ties stay in the dataset's, what is NaN comes last."""
    if name == "dataset":
        return np.arange(len(errors))
    return np.argsort(-errors if name == "worst" else errors, kind="stable")


def order(view: View, errors: np.ndarray, name: str, outcome: str = "all") -> np.ndarray:
    """Return the rows that a view shows, in order.

    Parameters
    ----------
    view : Chosen
    errors : ndarray of shape (N,)
        How wrong each image is with all labels together; of one label its loss counts instead.
    name : str
        Of `PLAIN` or `BY_THRESH`.
    outcome : str
        Of `OUTCOMES`; "all" where no label is chosen.
    """
    if name == "flips":
        changed = view.flips() != 0
        apart = np.where(changed, view.margins(), np.inf).min(axis=1)
        rows = np.lexsort((apart, -changed.sum(axis=1)))
        rows = rows[changed.any(axis=1)[rows]]
    elif name == "nearest":
        rows = np.argsort(view.margins().min(axis=1), kind="stable")
    else:
        of_one = view.label is not None
        rows = plain_order(decisions.losses(view.decisions)[:, view.label] if of_one else errors, name)
    if view.label is None or outcome == "all":
        return rows
    return rows[view.outcomes()[outcome][rows]]


def flip_words(view: View, row: int) -> str:
    """Return which labels of image ``row`` are predicted now and were not, and which no longer, with probabilities."""
    changed = decisions.flips(view.decisions, view.before, view.thresh)[row]
    words = [_listed("now", view, row, changed > 0), _listed("no longer", view, row, changed < 0)]
    return "; ".join(filter(None, words))


def annotated(view: View, name: str, card: Card, row: int) -> Card:
    """Return ``card`` of image ``row`` with what the view is about: the label first, the flips or the closest call."""
    if view.label is not None:
        card = replace(card, chips=_chosen_first(view, view.label, card, row))
    words = {"flips": flip_words, "nearest": _near_words}.get(name)
    return card if words is None else replace(card, note=f"{words(view, row)} · {card.note}")


def _chosen_first(view: View, label: int, card: Card, row: int) -> list[Chip]:
    """Return the chips with the chosen label's at the head, a new one if the card has none."""
    name = view.decisions.names[label]
    chosen = [chip for chip in card.chips if chip.text == name]
    rest = [chip for chip in card.chips if chip.text != name]
    return (chosen or [Chip(name, "plain", float(view.decisions.probs[row, label]))]) + rest


def _listed(head: str, view: View, row: int, mask: np.ndarray, most: int = 3) -> str:
    labels = np.flatnonzero(mask).tolist()
    if not labels:
        return ""

    def show(label: int) -> str:
        return f"{_short(view.decisions.names[label])} {view.decisions.scores[row, label]:.3f}"

    return f"{head} {sentences.listed(labels, most, show=show)}"


def _near_words(view: View, row: int) -> str:
    margins = view.margins()[row]
    at = int(margins.argmin())
    if not np.isfinite(margins[at]):
        return "no probability above 0"
    label = at if view.label is None else view.label
    score, thresh = view.decisions.scores[row, label], view.thresh[label]
    side = "above" if score > thresh else "not above"
    return f"{_short(view.decisions.names[label])} {score:.3f}, {side} {thresh:.3f}"


def _short(name: str, limit: int = 24) -> str:
    plain = " ".join(name.split())
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"
