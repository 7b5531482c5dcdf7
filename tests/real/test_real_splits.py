"""Real datasets are split without leaks, and more evenly than they came."""

from __future__ import annotations

from collections import Counter

import numpy as np

from lib.datasets.splits import report
from lib.datasets.splits.divide import divide
from lib.datasets.splits.plan import GIVEN, RANDOM, Plan


def test_no_person_is_on_two_sides_of_any_fold(real):
    """Five folds of 1,600 faces: 200 people, each whole, each validated with once."""
    faces = real("faces")
    people = faces.items["group"].to_numpy(dtype=str)
    validated = Counter()
    for fold in range(1, 6):
        held = divide(faces, Plan(by=RANDOM, group=GIVEN, folds=5, fold=fold)).splits == "valid"
        assert not set(people[held]) & set(people[~held])
        validated.update(set(people[held]))
    assert len(validated) == 200 and set(validated.values()) == {1}


def test_vehicles_are_evener_than_they_came_and_than_by_chance(real):
    """The test images that come with the vehicles have twice as many trucks; a stratified division has not."""
    vehicles = real("vehicles")
    assert report.report(vehicles).largest_off > 20
    off = {
        by: np.mean(
            [
                report.report(vehicles, divide(vehicles, Plan(by=by, test=0.1, seed=seed)).splits).largest_off
                for seed in range(5)
            ]
        )
        for by in (RANDOM, "stratified")
    }
    assert off["stratified"] < 2 and off["stratified"] < 0.5 * off[RANDOM]
