"""Copies and groups in several splits are said of the splits that they touch, with what that makes too good."""

from __future__ import annotations

import pytest

from lib.datasets.splits import report
from tests.planted import Planting
from tests.unit.datasets import clean_data
from tests.unit.datasets.clean_data import N_IMAGES, findings_of

new_dataset = clean_data.new_dataset

TRAIN, VALID, TEST = "train", "valid", "test"
CHOOSES = "in validation, which chooses epochs and thresholds"
VALID_METRICS = "so the validation metrics are too good"
TEST_METRICS = "so the test metrics are too good"
LEAKS = [
    ([(TRAIN, VALID)], ["in train and valid"], [f"validation images X in training, {VALID_METRICS}"]),
    ([(TRAIN, TEST)], ["in train and test"], [f"test images X in training, {TEST_METRICS}"]),
    ([(VALID, TEST)], ["in valid and test"], [f"test images X {CHOOSES}, so the test metrics may be too good"]),
    (
        [(TRAIN, VALID, TEST)],
        ["in train, valid and test"],
        ["validation and test images X in training, so the validation and test metrics are too good"],
    ),
    (
        [(TRAIN, VALID), (TRAIN, VALID), (VALID, TEST)],
        ["in several splits (2 in train and valid, 1 in valid and test)"],
        [f"validation images X in training, {VALID_METRICS}", f"test images X {CHOOSES}"],
    ),
    (
        [(TRAIN, TEST), (VALID, TEST)],
        ["(1 in train and test, 1 in valid and test)"],
        [f"test images X in training, {TEST_METRICS}", f"test images X {CHOOSES}"],
    ),
]
#: What is said of a split only if it is touched.
TOUCHED = {"training": TRAIN, "validation": VALID, "test images": TEST}


def _is_said(sentence: str, parts: list, where: list[str], effects: list[str], how: str) -> None:
    for one in where + [effect.replace("X", how) for effect in effects]:
        assert one in sentence
    for words, split in TOUCHED.items():
        assert (words in sentence) == any(split in part for part in parts), words


@pytest.mark.parametrize(("parts", "where", "effects"), LEAKS)
def test_copies_are_said_of_the_splits_that_have_them(new_dataset, workspace, parts, where, effects):
    """A picture in valid and test was not seen in training: only what is touched is named, with its consequence."""
    planting = Planting(new_dataset("regression"))
    for row, splits in enumerate(parts):
        planting.items[row]["split"] = splits[0]
        for split in splits[1:]:
            planting.copy(row, split, "bytes")
            planting.copy(row + 10, split, "jpeg")
        planting.items[row + 10]["split"] = splits[0]
    by_kind = findings_of(planting.save(workspace, "planted"))
    _is_said(by_kind["same-in-splits"].sentence, parts, where, effects, "are also")
    _is_said(by_kind["near-in-splits"].sentence, parts, where, effects, "have near copies")
    assert "several splits" in by_kind["same-in-splits"].title


@pytest.mark.parametrize(("parts", "where", "effects"), LEAKS)
def test_groups_are_said_of_the_splits_that_they_are_in(new_dataset, parts, where, effects):
    """A person in valid and test is no leak from training; the check and the report of the splits say the same."""
    group, split = [""] * N_IMAGES, ["train", "train", "train", "valid"] * (N_IMAGES // 4)
    for number, splits in enumerate(parts):
        for place, one in enumerate(splits):
            group[4 * number + place], split[4 * number + place] = f"person {number}", one
    dataset = new_dataset("regression", group=group, split=split)
    how = "have images of the same group"
    _is_said(findings_of(dataset, ["groups"])["divided-group"].sentence, parts, where, effects, how)
    warning = next(one for one in report.warnings(report.report(dataset)) if "divided" in one)
    _is_said(warning, parts, where, effects, how)
