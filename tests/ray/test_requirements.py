"""What runs on machines of a cluster is pinned as everything else is."""

from __future__ import annotations

from tests.unit import test_project


def test_what_ray_brings_along_is_pinned_as_well():
    """An installation of next year on all machines of a cluster gets the packages of today."""
    brought = test_project.brought_along(test_project.pins("requirements-ray.txt"))
    assert brought.items() <= test_project.held().items(), brought.items() - test_project.held().items()
    assert "ray" in brought
