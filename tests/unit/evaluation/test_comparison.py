from __future__ import annotations

import numpy as np
import pytest

from lib.evaluation import comparison
from lib.evaluation.comparison import Errors


def errors_of(items: np.ndarray, cells: np.ndarray, targs: np.ndarray | None = None) -> Errors:
    return Errors(items, np.zeros((len(items), 2)) if targs is None else targs, cells)


def test_images_are_matched_by_their_row_and_the_difference_is_paired():
    """Two runs with images in other orders are compared image by image, of those that both have."""
    rng = np.random.default_rng(0)
    items = rng.permutation(40)
    cells = rng.gamma(2, 3, (40, 3))
    cells[0, 1] = np.nan
    order = rng.permutation(40)[:30]
    other = cells[order] + 0.5
    report = comparison.compare(errors_of(items, cells), errors_of(items[order], other), np.arange(40))
    assert (report.images, report.left_out, report.verdict) == (30, 10, "first")
    assert float(report.difference.value) == pytest.approx(-0.5)
    assert float(report.mine.value) == pytest.approx(np.nanmean(cells[order]))
    assert float(report.other.value) == pytest.approx(np.nanmean(other))
    np.testing.assert_allclose(report.each.value, [-0.5] * 3)


def test_images_that_were_labeled_otherwise_do_not_count():
    """An edit between two trainings changes the truth: what was measured against another truth is no comparison."""
    items, cells = np.arange(6), np.ones((6, 2))
    targs = np.zeros((6, 2, 2))
    targs[5] = np.nan
    edited = targs.copy()
    edited[2, 0] = 7
    report = comparison.compare(errors_of(items, cells, targs), errors_of(items, cells + 1, edited), items)
    assert (report.images, report.left_out) == (5, 1)


def test_a_cell_that_one_of_them_does_not_know_counts_for_neither():
    """Both means are over the same cells, else a run could win by knowing the easy ones only."""
    first, second = np.array([[1.0, np.nan], [1.0, 9.0]]), np.array([[2.0, 100.0], [2.0, 9.0]])
    report = comparison.compare(errors_of(np.arange(2), first), errors_of(np.arange(2), second), np.arange(2))
    assert float(report.mine.value) == pytest.approx(11 / 3) and float(report.other.value) == pytest.approx(13 / 3)


def test_no_common_image_is_not_defined():
    """Runs on different splits of the data have nothing to be compared on."""
    report = comparison.compare(
        errors_of(np.arange(3), np.ones((3, 1))), errors_of(np.arange(3, 6), np.ones((3, 1))), np.arange(3)
    )
    assert report.images == 0 and np.isnan(report.difference.value) and report.verdict == "none"


def test_the_same_model_twice_is_no_winner():
    """Equal errors differ by exactly 0, which is no advantage."""
    cells = np.random.default_rng(1).random((20, 2))
    assert (
        comparison.compare(errors_of(np.arange(20), cells), errors_of(np.arange(20), cells), np.arange(20)).verdict
        == "none"
    )
