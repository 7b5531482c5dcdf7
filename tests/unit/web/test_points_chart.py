"""The error map says of each point what its mean error is, by size, color and words, and which points have none."""

from __future__ import annotations

import numpy as np
import pytest

from lib.web.charts import points


@pytest.mark.parametrize("count", [5, 68])
def test_marks_are_as_large_as_their_errors_and_carry_their_index(count):
    """A mark's size and color follow the error, a point without one is left out, the chosen one has ring and name."""
    rng = np.random.default_rng(0)
    shape, errors = rng.normal(size=(count, 2)), rng.uniform(2, 6, count)
    errors[1] = np.nan
    names = [f"<b>{'a very long name of a point ' * 3}{k}" for k in range(count)]
    figure = points.error_map(shape, names, errors, ["told"] * count, [(0, 1), (2, 3)], 3, "mean error (px)")
    bones, marks, ring = figure.data
    there = [k for k in range(count) if k != 1]
    assert [int(one) for one in marks.ids] == there
    np.testing.assert_array_equal(np.stack([marks.x, marks.y], axis=1), shape[there])
    np.testing.assert_array_equal(marks.marker.color, errors[there])
    np.testing.assert_allclose(marks.marker.size / errors[there], marks.marker.size[0] / errors[0])
    assert (marks.marker.cmin, marks.marker.cmax) == (errors[there].min(), errors[there].max())
    assert len(bones.x) == 3 and (ring.x[0], ring.y[0]) == tuple(shape[3])
    assert all("<b>" not in name and len(name) < 60 for name, _ in marks.customdata)
    assert len(figure.layout.annotations) == (4 if count == 5 else 1)
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # y grows downwards


def test_without_any_error_there_is_nothing_but_no_fault_either():
    """No point, one point and points that are all equally wrong are drawn."""
    for errors in ([], [np.nan, np.nan], [2.0, 2.0], [0.0, 0.0]):
        shape = np.zeros((len(errors), 2))
        figure = points.error_map(shape, ["a", "b"][: len(errors)], np.array(errors), ["", ""], [], None, "px")
        assert len(figure.data[0].x) == np.isfinite(errors).sum()
