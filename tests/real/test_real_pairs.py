"""Real faces look like themselves when mirrored, with the pairs that are guessed for them."""

from __future__ import annotations

import numpy as np

from lib import tasks
from lib.metrics.points import to_unit
from lib.tasks import mirror
from lib.training import options
from lib.training.learner import copies


def test_mirrored_faces_are_faces(real):
    """The mean of 1,600 mirrored faces is the mean face; without swapping pairs it would be far from it."""
    faces = real("faces")
    pairs = mirror.pairs(faces)
    assert len(pairs) == 29
    mean = to_unit(faces.targs.astype(float), faces.sizes).mean(axis=0)  # (68, 2)
    turned = mean * [-1, 1]
    off = np.linalg.norm(turned[mirror.order(pairs, len(mean))] - mean, axis=1).mean()
    unswapped = np.linalg.norm(turned - mean, axis=1).mean()
    assert off < 0.05
    assert unswapped > 5 * off


def test_copies_of_a_face_keep_its_sides(real):
    """In every copy the eye on the picture's left has the same number, mirrored or not."""
    faces = real("faces")
    config = options.configure(faces, {"pretrained": False, "flip": True})
    augmented = copies.copies(faces, tasks.get(faces.task), config, int(faces.index("train")[0]), seed=0, count=16)
    assert 0 < augmented.mirrored.sum() < 16
    assert (augmented.targs[:, 36, 0] < augmented.targs[:, 45, 0]).all()  # outer corners of the eyes
