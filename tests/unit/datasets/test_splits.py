"""Images are held out as requested, the same ones every time, and groups are never split."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from PIL import Image

from lib.cli import main
from lib.core.errors import UserError
from lib.datasets import store
from lib.datasets.splits import draw

FILES = [f"d/{i:03d}.jpg" for i in range(100)]


def test_default_is_a_fifth_and_repeatable():
    """A fifth is drawn, the same for the same seed and another for another one."""
    first, groups, moved = draw.choose(FILES, None)
    assert Counter(first) == {"train": 80, "valid": 20} and set(groups) == {""} and moved == []
    assert first == draw.choose(FILES, None)[0]
    assert first != draw.choose(FILES, None, seed=7)[0]
    assert first != ["train"] * 80 + ["valid"] * 20  # drawn, not cut off


@pytest.mark.parametrize(("fraction", "held_back"), [(0.01, 1), (0.333, 33), (0.99, 99)])
def test_fraction(fraction, held_back):
    """As many images as the fraction says are held back."""
    assert draw.choose(FILES, None, valid=fraction)[0].count("valid") == held_back


@pytest.mark.parametrize("count", [2, 3, 4])
def test_few_images_still_give_both(count):
    """With the default fraction the smallest datasets keep one image on each side."""
    assert set(draw.choose(FILES[:count], None)[0]) == {"train", "valid"}


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 2, float("nan"), 0.001, 0.999])
def test_useless_fractions(fraction):
    """A fraction that leaves nothing on one side is refused."""
    with pytest.raises(UserError, match="validation fraction"):
        draw.choose(FILES, None, valid=fraction)


def test_given_splits_are_kept():
    """What the source says stays; only what it leaves out is drawn."""
    given = ["train"] * 70 + ["valid"] * 20 + ["test"] * 10
    assert draw.choose(FILES, given)[0] == given
    drawn = draw.choose(FILES, ["train"] * 90 + ["test"] * 10)[0]
    assert Counter(drawn) == {"train": 72, "valid": 18, "test": 10} and drawn[90:] == ["test"] * 10


def test_fraction_redraws_and_leaves_test():
    """An explicit fraction draws training and validation anew; test images stay test images."""
    given = ["train"] * 70 + ["valid"] * 20 + ["test"] * 10
    drawn = draw.choose(FILES, given, valid=0.5)[0]
    assert Counter(drawn) == {"train": 45, "valid": 45, "test": 10} and drawn[90:] == ["test"] * 10


def test_only_test_images():
    """Without anything to train on there is a sentence, no empty dataset."""
    with pytest.raises(UserError, match="train and validate"):
        draw.choose(FILES, ["test"] * 100)


@pytest.mark.parametrize("seed", range(5))
def test_groups_are_whole_and_near_the_fraction(seed):
    """No person is on both sides, and about a fifth of the images are held back."""
    rng = np.random.default_rng(seed)
    files = [f"f/p{person}_x_{i}.jpg" for person in range(60) for i in range(rng.integers(1, 15))]
    split, groups, _ = draw.choose(files, None, seed=seed, group="(.*)_")
    assert groups == [file.removeprefix("f/").rsplit("_", 1)[0] for file in files]
    sides = {}
    for name, side in zip(groups, split, strict=True):
        sides.setdefault(name, set()).add(side)
    assert all(len(splits) == 1 for splits in sides.values())
    assert abs(split.count("valid") - 0.2 * len(files)) <= 14


def test_given_splits_move_whole_groups():
    """A divided group goes where most of its images are, and every moved row is told."""
    files = ["a_1.jpg", "a_2.jpg", "a_3.jpg", "b_1.jpg", "b_2.jpg", "c_1.jpg"]
    given = ["train", "train", "valid", "valid", "valid", "test"]
    split, groups, moved = draw.choose(files, given, group="(.)_")
    assert split == ["train", "train", "train", "valid", "valid", "test"]
    assert groups == ["a", "a", "a", "b", "b", "c"] and moved == [2]


@pytest.mark.parametrize("pattern", ["(", ".*_", "(x)_", "(zz)?"])
def test_bad_patterns(pattern):
    """A pattern that is none, has no parentheses or does not match gets a sentence."""
    with pytest.raises(UserError, match="group pattern"):
        draw.choose(["a_1.jpg", "b_1.jpg"], None, group=pattern)


def test_one_group_cannot_be_split():
    """One person alone cannot be on both sides."""
    with pytest.raises(UserError, match="1 group"):
        draw.choose(["a_1.jpg", "a_2.jpg"], None, group="(.)_")


@pytest.mark.parametrize("group", [None, r"(\d\d)\d"])
def test_drawn_images_have_their_share_of_each_label(group):
    """With strata the held-back fifth has each label as often as all images have it, whole groups or not."""
    labels = np.zeros((100, 2), dtype=np.int8)
    labels[::10, 0] = 1
    labels[np.r_[0:100:4], 1] = 1
    split, groups, _ = draw.choose(FILES, None, group=group, strata=labels)
    held = np.array(split) == "valid"
    assert held.sum() == 20 and labels[held, 0].sum() == 2 and labels[held, 1].sum() == 5
    for name in set(groups) - {""}:
        assert len(set(np.array(split)[np.array(groups) == name])) == 1


def test_import_stratified(tmp_path, workspace, capsys):
    """Asked for at import, a rare class is both trained on and validated with, which chance would not give."""
    for row in range(30):
        folder = tmp_path / "source" / ("rare" if row % 6 == 0 else "usual")
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (row, 8 * row % 256, 90)).save(folder / f"p{row}.png")
    ask = ["import", str(tmp_path / "source"), "--workspace", str(workspace.root), "--copy", "--stratify", "--json"]
    for seed in (1, 2, 3):
        assert main([*ask, "--name", f"made-{seed}", "--seed", str(seed)]) == 0
        dataset = store.load(workspace, f"made-{seed}")
        held = np.array(dataset.names)[dataset.targs[dataset.index("valid")]]
        assert Counter(held) == {"rare": 1, "usual": 5} and dataset.source["stratify"] is True
