"""Words that say a split: whole names, and words in a name."""

from __future__ import annotations

import pytest

from lib.core.splits import split_in, split_of, without_split


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("Training", "train"),
        (" val ", "valid"),
        ("DEV", "valid"),
        ("evaluation", "test"),
        ("holdout", "test"),
        ("Hold-Out", "test"),
        ("held out", "test"),
        ("PublicTest", "valid"),
        ("PrivateTest", "test"),
        ("train-data", "train"),
        ("contest", None),
        ("train_images", None),
        ("unassigned", None),
    ],
)
def test_whole_names(name, split):
    """Cells and folders say their split by the whole name, whatever the case and the sign between words."""
    assert split_of(name) == split


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train_images", "train"),
        ("ISIC2018_Task3_Test_Input", "test"),
        ("ISIC2018_Task3_Validation_GroundTruth", "valid"),
        ("val2017", "valid"),
        ("test1", "test"),
        ("test-jpg-additional", "test"),
        ("myTrainSet", "train"),
        ("contest", None),
        ("latest", None),
        ("latrine", None),
        ("strain", None),
        ("invalid", None),
        ("trainval", None),
        ("train_val", None),
        ("list_eval_partition", None),
    ],
)
def test_words_in_names(name, split):
    """A split is a whole word of a name, never a part of one, and two of them say nothing."""
    assert split_in(name) == split


def test_what_is_beside_the_split():
    """Folders of one dataset differ in their split only; a folder of something else does not."""
    names = ("seg_train", "seg_test", "ISIC_Task3_Training_Input", "ISIC_Task3_Test_Input", "bullet_train")
    assert [without_split(name) for name in names] == ["seg", "seg", "isic task input", "isic task input", "bullet"]
