"""What a run from elsewhere says of the scale of its numbers is believed only where it can be that of its names."""

from __future__ import annotations

import pytest

from lib import tasks


@pytest.mark.parametrize(
    "scale",
    [
        {},
        {"mean": [1.0, 2.0]},
        {"mean": [1.0], "std": [1.0]},
        {"mean": [1.0, 2.0], "std": [1.0, 0.0]},
        {"mean": [1.0, float("inf")], "std": [1.0, 1.0]},
    ],
)
def test_a_scale_of_other_numbers_is_refused(scale):
    """A missing or shorter one ended in a traceback or was taken for all values; 0 made all predictions the mean."""
    with pytest.raises(ValueError, match=r"scale\.(mean|std) of the manifest"):
        tasks.get("regression").check_scale(scale, ("a", "b"))
    tasks.get("regression").check_scale({"mean": [1.0, 2.0], "std": [1.0, 3.0]}, ("a", "b"))
    tasks.get("multi-label").check_scale(scale, ("a", "b"))
