"""Points outside, in a wrong place and exchanged are found where they are planted."""

from __future__ import annotations

import numpy as np

from lib.datasets.checks import fixes
from lib.datasets.edits import edits
from tests.planted import Planting
from tests.unit.datasets import clean_data
from tests.unit.datasets.clean_data import N_IMAGES, findings_of

new_dataset = clean_data.new_dataset


def _exchange(targ, *pairs):
    for one, other in pairs:
        targ[[one, other]] = targ[[other, one]]


def test_points(new_dataset, workspace):
    """Points outside, in a wrong place and exchanged are found in their images, each for its own reason."""
    planting = Planting(new_dataset("keypoints"))
    targs = planting.targs
    targs[2][7] = (30, 50)  # the picture is 48 high
    targs[5][6] = targs[5][7]  # the nose on the chin
    _exchange(targs[8], (0, 1))
    _exchange(targs[9], (0, 1), (2, 3), (4, 5))
    targs[12][:, 0] = 64 - targs[12][:, 0]  # turned over, points not renamed
    targs[13][:, 0] = 64 - targs[13][:, 0]  # turned over and renamed: all right
    _exchange(targs[13], (0, 1), (2, 3), (4, 5))
    targs[14][3] = np.nan
    by_kind = findings_of(planting.save(workspace, "planted"))
    assert by_kind["point-outside"].rows == (2,) and "chin by 2" in by_kind["point-outside"].details[2]
    assert 5 in by_kind["point-far"].rows and set(by_kind["point-far"].rows) <= {2, 5}
    assert by_kind["point-far"].details[5].startswith("nose by ")
    swaps = by_kind["points-swapped"].swaps
    assert swaps == {8: ((0, 1),), 9: ((0, 1), (2, 3), (4, 5)), 12: ((0, 1), (2, 3), (4, 5))}
    assert set(by_kind) == {"point-outside", "point-far", "points-swapped"}


def test_exchanging_back(new_dataset, workspace):
    """What is offered puts the points back, missing ones too, and can be undone."""
    planting = Planting(new_dataset("keypoints"))
    planting.targs[9][4] = np.nan
    before = planting.targs[9].copy()
    _exchange(planting.targs[9], (0, 1), (2, 3), (4, 5))
    dataset = planting.save(workspace, "planted")
    finding = findings_of(dataset)["points-swapped"]
    after = edits.set_targs(dataset, fixes.swap_cells(dataset, finding, finding.rows), note="back")
    np.testing.assert_array_equal(after.targs[9], before)
    assert "points-swapped" not in findings_of(after)
    assert edits.undo(after).revision == dataset.revision


def test_many_exchanged_may_be_right(new_dataset, workspace):
    """Where a quarter of the images look exchanged, as people seen from behind do, it is a remark and no error."""
    planting = Planting(new_dataset("keypoints"))
    for row in range(0, N_IMAGES, 4):
        planting.targs[row][:, 0] = 64 - planting.targs[row][:, 0]
    finding = findings_of(planting.save(workspace, "planted"))["points-swapped"]
    assert len(finding.rows) == N_IMAGES / 4 and finding.severity == "info"


# --- odd input and what leaves -----------------------------------------------------------------------------
