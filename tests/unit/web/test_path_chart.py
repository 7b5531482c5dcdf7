"""The path of a quick model's penalty is readable with few and with many outputs."""

from __future__ import annotations

import numpy as np
import pytest

from lib.web.charts import path

TRIED = np.array([0.1, 1.0, 10.0])


def _figure(count: int):
    """Return the chart of ``count`` outputs, the last one worst; odd ones have their least score at 1, even at 10."""
    odd = np.arange(count) % 2 == 1
    scores = np.arange(count) + np.where(odd, [[0.9], [0.1], [0.5]], [[0.9], [0.5], [0.1]])
    chosen = np.stack([np.where(odd, 1.0, 10.0), np.arange(count) + 0.1], axis=1)
    names = [f"label {place}" for place in range(count)]
    return path.penalties(TRIED, scores, chosen, names, "log loss"), scores


@pytest.mark.parametrize("count", [1, 12])
def test_few_outputs_have_a_line_each(count):
    """Up to a dozen each has its own scores, and each chosen penalty is marked."""
    figure, scores = _figure(count)
    *lines, chosen = figure.data
    for column, line in enumerate(lines):
        np.testing.assert_array_equal(line.y, scores[:, column])
    assert len({(line.line.color, line.line.dash) for line in lines}) == count
    assert len(lines) == len(chosen.x) == count


def test_many_outputs_are_a_median_a_band_and_the_worst():
    """Of eighty: numpy's quantiles, how many chose each penalty, and three lines with their marks; no cloud."""
    figure, scores = _figure(80)
    low, high, median, *worst, chosen = figure.data
    np.testing.assert_allclose([low.y, high.y, median.y], np.quantile(scores, [0.1, 0.9, 0.5], axis=1))
    assert median.customdata.tolist() == [0, 40, 40]
    assert median.marker.size[0] < median.marker.size[1] == median.marker.size[2]
    assert [line.name for line in worst] == ["label 79", "label 78", "label 77"]
    assert chosen.x.tolist() == [1, 10, 1]


def test_an_output_without_a_penalty_may_be_the_worst():
    """Where the mean is the answer there is no mark, and the line is the one with the largest score all the same."""
    scores = np.tile(np.arange(13.0), (3, 1))
    chosen = np.stack([np.ones(13), np.arange(13.0)], axis=1)
    chosen[12] = np.nan
    figure = path.penalties(TRIED, scores, chosen, [f"{place}" for place in range(13)], "log loss")
    assert figure.data[3].name == "12"
    assert figure.data[-1].x.tolist() == [1, 1]
