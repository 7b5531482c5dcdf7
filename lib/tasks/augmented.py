"""Targets of augmented pictures: rotated, zoomed, or mirrored, where left and right points swap."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from lib.core import sentences
from lib.core.program import PROGRAM
from lib.metrics import points
from lib.tasks import mirror

if TYPE_CHECKING:
    from lib.core.dataset import Dataset

_SHOWN = 3


class Copied:
    """Targets that stay as they are, of which nobody knows what a mirror does to them."""

    #: Whether some of the names may change places in a mirror, so that pairs of them can be declared.
    has_pairs: ClassVar[bool] = False

    def can_flip(self, dataset: Dataset) -> bool:
        """Return whether the target of a mirrored picture of ``dataset`` is known."""
        return False

    def flip_words(self, dataset: Dataset) -> str:
        """Return in a sentence what a mirror does to the targets of ``dataset``, or why it is refused."""
        return "A mirror may change the value, and nobody says how."

    def flip_order(self, dataset: Dataset) -> np.ndarray | None:
        """Return whose target stands at each place of a mirrored picture's, None if nothing changes places."""
        return None

    def copied(self, batch: np.ndarray, targ: np.ndarray, sizes: np.ndarray) -> np.ndarray:
        """Return the targets of augmented copies of one picture in natural form.

        Parameters
        ----------
        batch : ndarray
            The copies' targets as the model is taught them, n rows.
        targ : ndarray
            The picture's own, as in the dataset.
        sizes : ndarray of shape (n, 2)
            (width, height) of each copy in pixels.
        """
        return np.repeat(np.asarray(targ)[None], len(batch), axis=0)


class CopiedLabels(Copied):
    """Labels: a mirrored cat is a cat."""

    def can_flip(self, dataset: Dataset) -> bool:
        return True

    def flip_words(self, dataset: Dataset) -> str:
        return "Labels stay as they are in a mirrored image."


class CopiedPoints(Copied):
    """Points: they go along, and a mirror makes a left eye a right one."""

    has_pairs = True

    def can_flip(self, dataset: Dataset) -> bool:
        return not self._refusal(dataset)

    def flip_words(self, dataset: Dataset) -> str:
        if refusal := self._refusal(dataset):
            return refusal
        pairs, names = mirror.pairs(dataset) or [], dataset.names
        if len(names) < 2:
            return "In a mirrored image the only point stays what it is."
        if not pairs:
            return "In a mirrored image every point stays the same point: it is declared that none changes places."
        named = [f"{names[one]!r} and {names[other]!r}" for one, other in pairs]
        shown = sentences.listed(named, _SHOWN, rest="more pairs")
        how = "guessed from" if mirror.declared(dataset) is None else "as declared for"
        return f"In a mirrored image {shown} change places, {how} the points."

    def flip_order(self, dataset: Dataset) -> np.ndarray | None:
        pairs = mirror.pairs(dataset)
        return mirror.order(pairs, len(dataset.names)) if pairs else None

    def copied(self, batch: np.ndarray, targ: np.ndarray, sizes: np.ndarray) -> np.ndarray:
        return points.to_pixels(batch.reshape(len(batch), -1, 2), sizes).astype(np.float32)

    def _refusal(self, dataset: Dataset) -> str:
        """Return why a mirror must not be used, "" if it may."""
        pairs = mirror.pairs(dataset)
        if len(dataset.names) < 2:  # a point alone has none to change places with
            return ""
        if pairs is None:
            return (
                "A mirror makes a left eye a right one, and nobody says which points change places: declare the pairs, "
                f"or that there are none, on the Data page under Augmentation or by {PROGRAM} pairs."
            )
        alone = [] if mirror.declared(dataset) is not None else mirror.one_sided(dataset.names, pairs)
        if alone:
            return (
                f"The point {alone[0]!r} is on one side and no other point was found for the other side: declare the "
                f"pairs on the Data page under Augmentation or by {PROGRAM} pairs."
            )
        return ""
