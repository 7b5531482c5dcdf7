from __future__ import annotations

import numpy as np
import pytest

from lib.evaluation import comparison


def test_the_difference_is_paired_and_of_what_both_know():
    """Both means are over the same cells, else a run could win by knowing the easy ones only."""
    rng = np.random.default_rng(0)
    cells = rng.gamma(2, 3, (30, 3))
    other = cells + 0.5
    cells[0, 1] = np.nan
    other[1, 2] = np.nan
    report = comparison.of_errors(cells, other, np.arange(30), left_out=10)
    both = ~np.isnan(cells) & ~np.isnan(other)
    assert (report.images, report.left_out, report.verdict) == (30, 10, "first")
    assert float(report.difference.value) == pytest.approx(-0.5)
    assert float(report.mine.value) == pytest.approx(cells[both].mean())
    assert float(report.other.value) == pytest.approx(other[both].mean())


def test_no_common_image_is_not_defined():
    """Runs on different splits of the data have nothing to be compared on."""
    report = comparison.of_errors(np.ones((0, 1)), np.ones((0, 1)), np.arange(0))
    assert report.images == 0 and np.isnan(report.difference.value) and report.verdict == "none"


def test_the_same_model_twice_is_no_winner():
    """Equal errors differ by exactly 0, which is no advantage."""
    cells = np.random.default_rng(1).random((20, 2))
    assert comparison.of_errors(cells, cells, np.arange(20)).verdict == "none"
