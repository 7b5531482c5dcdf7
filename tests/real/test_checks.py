"""The checks on real pictures: what is planted is found, and nothing else that is not there."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.workspace import Workspace
from lib.datasets import checks
from lib.datasets.checks import fingerprints
from tests.planted import Planting, cut_off

_LEFT, _RIGHT = (36, 37, 38, 39, 40, 41), (45, 44, 43, 42, 47, 46)
#: How many groups, images or labels of each kind the data itself has; each was looked at.
CLEAN = {
    # The same pictures under two names; one of them saved again. Rows of zeros only.
    "vehicles": {"same-in-splits": 3, "near-in-splits": 1, "no-label": 12},
    # Frames of one moment of a video; a mouth's point beside the ear, a jaw's on the eyebrow; a picture 128 x 52.
    "faces": {"same-in-split": 1, "near-in-split": 85, "point-outside": 2, "point-far": 2, "odd-shape": 1},
    # One field of a smear, focused twice, in training and validation; red and white cells are nearly everywhere.
    "bccd": {"near-in-splits": 1, "constant-label": 2},
}


def _findings(dataset):
    result = checks.run(dataset, fingerprints.measure(dataset))
    return {finding.kind: finding for finding in result.findings}


def _new(findings, kind, clean):
    """Return the groups, else the images, of a kind that are not in the data itself."""
    old = clean.get(kind)

    def part(finding):
        return finding.groups or finding.rows

    return set(part(findings[kind])) - (set(part(old)) if old else set())


@pytest.mark.parametrize("name", CLEAN)
def test_clean_data(real, name):
    """Real data is told what is in it, counted and looked at, and nothing else."""
    counts = {kind: finding.count for kind, finding in _findings(real(name)).items()}
    assert counts == CLEAN[name]


@pytest.mark.parametrize("name", ["vehicles", "bccd"])
def test_planted_copies_and_labels(real, tmp_path, name):
    """Copies in another split, saved again, resized or cut, other labels on a copy, and damaged files are found."""
    clean, dataset = _findings(real(name)), real(name)
    taken = {row for finding in clean.values() for row in finding.rows}
    free = [int(row) for row in dataset.index("train") if row not in taken]
    sources = iter(np.random.default_rng(0).permutation(free).tolist())
    planting = Planting(dataset)
    exact = [(row, planting.copy(row, "valid")) for row in (next(sources) for _ in range(3))]
    near = []
    for how in ("jpeg", "half", "large", "crop", "gray"):
        row = next(sources)
        near.append((row, planting.copy(row, "valid", how)))
    row = next(sources)
    flipped = [(row, planting.copy(row, "train", "bytes", 1 - dataset.targs[row]))]
    row = next(sources)
    again = [(row, planting.copy(row, "train", "half", 1 - dataset.targs[row]))]
    planted = planting.save(Workspace(tmp_path), "planted")
    cut, gone = next(sources), next(sources)
    cut_off(planted, cut)
    planted.image_path(gone).unlink()

    findings = _findings(planted)
    assert _new(findings, "same-in-splits", clean) == set(exact)
    assert _new(findings, "near-in-splits", clean) == set(near)
    assert _new(findings, "same-other-targets", clean) == set(flipped)
    assert _new(findings, "near-other-targets", clean) == set(again)
    assert findings["unreadable-file"].rows == (cut,) and findings["missing-file"].rows == (gone,)
    more = {"same-in-splits", "near-in-splits", "same-other-targets", "near-other-targets"}
    assert set(findings) - set(clean) <= more | {
        "unreadable-file",
        "missing-file",
        "gray-picture",
        "odd-size",
        "no-label",
    }


def test_planted_points(real, tmp_path):
    """Points out of the frame or in a wrong place, exchanged eyes, mirrored faces and a divided person are found."""
    clean, dataset = _findings(real("faces")), real("faces")
    taken = {row for finding in clean.values() for row in finding.rows}
    rng = np.random.default_rng(1)
    rows = iter(rng.permutation([int(row) for row in dataset.index("train") if row not in taken]).tolist())
    planting = Planting(dataset)
    outside, far, eyes, mirrored = ([next(rows) for _ in range(5)] for _ in range(4))
    for row in outside:
        planting.targs[row][8] = dataset.sizes[row] + 4
    for row in far:
        left, right = planting.targs[row][36], planting.targs[row][45]
        planting.targs[row][57] = (left + right) / 2  # the lower lip between the eyes
    for row in eyes:
        planting.targs[row][list(_LEFT + _RIGHT)] = planting.targs[row][list(_RIGHT + _LEFT)]
    for row in mirrored:
        planting.targs[row][:, 0] = dataset.sizes[row][0] - planting.targs[row][:, 0]
    person = planting.items[next(rows)]["group"]
    members = [row for row, item in enumerate(planting.items) if item["group"] == person]
    planting.items[members[0]]["split"] = "valid"

    findings = _findings(planting.save(Workspace(tmp_path), "planted"))
    assert _new(findings, "point-outside", clean) == set(outside)
    assert _new(findings, "point-far", clean) <= set(far) | set(outside) and set(far) <= set(findings["point-far"].rows)
    assert set(findings["points-swapped"].rows) == set(eyes) | set(mirrored)
    swaps = findings["points-swapped"].swaps
    assert all(
        {frozenset(pair) for pair in swaps[row]} == set(map(frozenset, zip(_LEFT, _RIGHT, strict=True))) for row in eyes
    )
    assert all(len(swaps[row]) == 29 for row in mirrored)
    assert [set(group) for group in findings["divided-group"].groups] == [set(members)]
