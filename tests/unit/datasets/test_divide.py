"""A new split keeps groups whole, leaves alone what it should, and reports what it cannot do."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib import cli, tasks
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.splits import EXCLUDED
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.history import history
from lib.datasets.splits import divide as dividing
from lib.datasets.splits import report
from lib.datasets.splits.divide import divide
from lib.datasets.splits.plan import FOLDER, GIVEN, RANDOM, STRATIFIED, Plan


def new_dataset(
    targs: np.ndarray,
    *,
    task: str = "multi-label",
    splits: list[str] | str = "train",
    groups: list[str] | str = "",
    files: list[str] | None = None,
    names: tuple[str, ...] | None = None,
) -> Dataset:
    """Return a dataset without pictures; only its last image validates unless ``splits`` say more."""
    n = len(targs)
    items = pd.DataFrame({"original": files or [f"{row}.jpg" for row in range(n)], "group": groups, "split": splits})
    if isinstance(splits, str):
        items.loc[n - 1, "split"] = "valid"
    names = names or tuple(f"l{c}" for c in range(targs.shape[1] if targs.ndim > 1 else int(targs.max()) + 1))
    return Dataset(Path("nowhere"), "made", task, names, items, targs, "0")


def labels(n: int = 120, c: int = 5, seed: int = 0) -> np.ndarray:
    """Return a one-hot matrix, each label on some images."""
    targs = (np.random.default_rng(seed).random((n, c)) < 0.3).astype(np.int8)
    targs[:8] = 1
    return targs


def sides(groups, splits) -> dict[str, set[str]]:
    """Return the splits that each named group is in."""
    splits_of: dict[str, set[str]] = {}
    for group, split in zip(groups, splits, strict=True):
        if group and split != EXCLUDED:
            splits_of.setdefault(group, set()).add(split)
    return splits_of


@pytest.mark.parametrize("by", [RANDOM, STRATIFIED])
@pytest.mark.parametrize("test", [None, 0.0, 0.1])
@pytest.mark.parametrize("group", ["none", GIVEN, "(.)_", FOLDER])
def test_every_division_is_one(by, test, group):
    """Every image is in one split, no group is divided, no split empty, and equal seeds give equal divisions."""
    rng = np.random.default_rng(3)
    person = rng.integers(0, 20, 120)
    files = [f"train/film {p}/{chr(97 + p)}_{row}.jpg" for row, p in enumerate(person)]
    data = new_dataset(labels(), files=files, groups=[f"g{p}" if p % 3 else "" for p in person])
    plan = Plan(by=by, test=test, group=group, valid=0.25)
    division = divide(data, plan)
    assert set(division.splits) == {"train", "valid"} | ({"test"} if test else set())
    assert all(len(splits) == 1 for splits in sides(dividing.groups_by(data, group), division.splits).values())
    assert (division.groups is None) == (group in ("none", GIVEN))
    assert division.splits.tolist() == divide(data, plan).splits.tolist()
    other = divide(data, Plan(by=by, test=test, group=group, valid=0.25, seed=1))
    if by == RANDOM:  # of few groups there may be one best division
        assert division.splits.tolist() != other.splits.tolist()


@pytest.mark.parametrize("group", ["none", "(.)_"])
@pytest.mark.parametrize("test", [None, 0.2])
def test_folds_are_disjoint_and_complete(group, test):
    """Every image that is not tested with validates in exactly one fold, whichever fold was applied before."""
    rng = np.random.default_rng(0)
    files = [f"{chr(97 + p)}_{row}.jpg" for row, p in enumerate(np.repeat(rng.permutation(24), 5))]
    data = new_dataset(labels(), files=files, splits=["train"] * 60 + ["valid"] * 30 + ["test"] * 30)
    held, tested = Counter(), set()
    for fold in range(1, 5):
        division = divide(data, Plan(folds=4, fold=fold, group=group, test=test))
        held.update(np.flatnonzero(division.splits == "valid").tolist())
        tested.add(tuple(np.flatnonzero(division.splits == "test")))
        data.items["split"] = division.splits  # as if it was applied
    assert len(tested) == 1
    assert set(held) | set(*tested) == set(range(120)) and not set(held) & set(*tested)
    assert set(held.values()) == {1}


def test_test_images_stay_and_take_their_group_along():
    """Test images stay test images, and what belongs to them goes there too, which is told."""
    data = new_dataset(
        labels(30),
        groups=["a"] * 4 + [f"g{row // 2}" for row in range(26)],
        splits=["test"] + ["train"] * 25 + ["test"] * 4,
    )
    division = divide(data, Plan(group=GIVEN))
    assert set(division.splits[[0, 1, 2, 3, 26, 27, 28, 29]]) == {"test"} and Counter(division.splits)["test"] == 8
    assert "3 images go to the test split" in division.notes[0]


def test_unknown_cells_count_nowhere():
    """Shares are of what is known, and what is known is spread evenly too."""
    targs = labels(400, 2)
    targs[:300, 1] = -1
    strata = tasks.get("multi-label").strata(targs, ("a", "b"))
    assert strata.matrix.shape == (400, 3) and strata.matrix.sum(axis=0).tolist() == [
        int((targs[:, 0] == 1).sum()),
        int((targs[:, 1] == 1).sum()),
        300,
    ]
    data = new_dataset(targs)
    after = report.report(data, divide(data, Plan()).splits)
    assert after.overall[1] == pytest.approx((targs[300:, 1] == 1).mean())
    assert np.abs(after.have - np.outer([(targs == 1).sum(axis=0)], [0.8, 0.2]).reshape(2, 2)).max() < 1
    assert (after.have / after.share)[1] == pytest.approx([80, 20])  # known images of each split


def test_excluded_images_are_dealt_nowhere_but_stay_with_their_group():
    """They count in no split; if they are included again they are where their group is."""
    splits = np.array(["train"] * 45 + ["valid"] * 15, dtype=object)
    splits[::5] = EXCLUDED
    data = new_dataset(
        labels(60), splits=splits.tolist(), groups=[f"g{row // 3}" for row in range(57)] + ["", "", "alone"]
    )
    data.items.loc[59, "split"] = EXCLUDED
    division = divide(data, Plan(group=GIVEN, valid=0.3))
    seen = division.visible_splits(data)
    assert (seen[::5] == EXCLUDED).all() and division.splits[59] == EXCLUDED
    for split in sides(data.items["group"], division.splits).values():
        assert len(split) == 1
    assert (division.splits[:57] != EXCLUDED).all()
    assert sum(report.report(data, seen).images.values()) == len(data.included)


def test_numbers_are_stratified_by_their_quantiles():
    """The mean of the validation images' numbers is nearer to that of all than by chance, in the mean over seeds."""
    values = np.random.default_rng(0).gamma(1, 10, (300, 1))
    data = new_dataset(values, task="regression", names=("age (years)",))
    off = {}
    for by in (RANDOM, "stratified"):
        drawn = [values[divide(data, Plan(by=by, seed=seed)).splits == "valid"].mean() for seed in range(8)]
        off[by] = np.abs(np.array(drawn) - values.mean()).mean()
    assert off["stratified"] < 0.6 * off[RANDOM]


def test_ranges_of_numbers_are_pandas_quantiles():
    """Ranges hold about as many images each: those that pandas.qcut makes, where values do not repeat."""
    values = np.random.default_rng(0).permutation(np.arange(200.0))
    strata = tasks.get("regression").strata(values[:, None], ("x",))
    assert (strata.present.argmax(axis=1) == pd.qcut(values, 10, labels=False)).all()
    repeated = tasks.get("regression").strata(np.repeat([0.0, 1.0], [180, 20])[:, None], ("x",))
    assert repeated.present.sum(axis=0).tolist() == [180, 20] and repeated.names == ("x up to 0", "x from 1")
    assert tasks.get("regression").strata(values[:19, None], ("x",)) is None


def test_points_that_may_be_missing_are_in_every_split():
    """A point that few images have is learned and validated; where no point is missing there is nothing to stratify."""
    targs = np.random.default_rng(0).uniform(1, 9, (80, 3, 2)).astype(np.float32)
    full = new_dataset(targs, task="keypoints", names=("a", "b", "c"))
    assert dividing.default_plan(full).by == RANDOM
    with pytest.raises(UserError, match="nothing to stratify by"):
        divide(full, Plan())
    targs[5:, 1] = np.nan
    division = divide(new_dataset(targs, task="keypoints", names=("a", "b", "c")), Plan())
    assert Counter(division.splits[:5]) == {"train": 4, "valid": 1}


def test_single_positives_are_told():
    """A label on one image cannot be in two splits: it is trained on, and both facts are said."""
    targs = labels(50, 3)
    targs[:, 2] = 0
    targs[7, 2] = 1
    data = new_dataset(targs)
    division = divide(data, Plan())
    assert division.splits[7] == "train"
    assert division.notes == ["The label 'l2' is on a single image, so only one split can have it."]
    after = report.report(data, division.splits)
    assert after.missing() == {"valid": ["l2"]}
    assert report.warnings(after) == ["The label 'l2' is on none of the validation images."]


def test_large_groups_are_told():
    """Where a group is larger than the part that was asked for, the share that came out is said."""
    data = new_dataset(labels(100, 2), groups=["big"] * 70 + [f"s{row // 15}" for row in range(30)])
    division = divide(data, Plan(group=GIVEN, valid=0.05))
    assert any("15.0 % of the images are valid images, not 5.0 %" in note for note in division.notes)


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (Plan(valid=0), "validation fraction is 0"),
        (Plan(valid=float("nan")), "validation fraction is nan"),
        (Plan(valid=0.6, test=0.4), "leave no train images"),
        (Plan(test=1.0), "test fraction is 1"),
        (Plan(valid=0.001), "leaves no valid image"),
        (Plan(test=0.001), "leaves no test image"),
        (Plan(folds=1), "cannot be 1 folds"),
        (Plan(folds=5, fold=6), "no fold 6 of 5"),
        (Plan(folds=121), "120 images to divide into 121 parts"),
        (Plan(seed=-1), "seed is -1"),
        (Plan(by="luck"), "no division 'luck'"),
        (Plan(group=GIVEN), "have no groups"),
        (Plan(group=FOLDER), "have no folders"),
        (Plan(group=r"\d+"), "no parentheses"),
        (Plan(group=r"\.(jpg)"), "1 group to divide into 2 parts"),
        (Plan(group="(nobody)"), "does not match"),
    ],
)
def test_what_cannot_be_is_a_sentence(plan, sentence):
    """Every plan that cannot be is refused in words."""
    with pytest.raises(UserError, match=sentence):
        divide(new_dataset(labels()), plan)


def test_one_image_and_groups_that_are_all_tested():
    """One image cannot be divided; where every group is in the test split, that is what is said."""
    with pytest.raises(UserError, match="1 image to divide into 2 parts"):
        divide(new_dataset(labels(1)), Plan(test=0))
    tested = new_dataset(labels(10), groups=["a"] * 5 + ["b"] * 5, splits=["test", "train"] * 3 + ["valid", "test"] * 2)
    with pytest.raises(UserError, match="in the test split"):
        divide(tested, Plan(group=GIVEN))


def test_what_could_not_be_learned_is_refused():
    """Both classes have to be among the training images: with two images they cannot."""
    with pytest.raises(UserError, match="expected at least two classes"):
        divide(new_dataset(np.array([0, 1]), task="single-label"), Plan(valid=0.5))


def test_report_equals_pandas():
    """Shares, divided groups and deviations are those that pandas gives."""
    rng = np.random.default_rng(5)
    targs, splits = rng.integers(-1, 2, (90, 4)).astype(np.int8), rng.choice(["train", "valid", "test", EXCLUDED], 90)
    groups = rng.choice(["a", "b", "c", "", ""] + [f"g{i}" for i in range(30)], 90)
    shares = report.report(new_dataset(targs, splits=splits.tolist(), groups=groups.tolist()))
    table = pd.DataFrame(targs).where(targs >= 0).assign(split=splits, group=groups)
    table = table[table["split"] != EXCLUDED]
    for place, split in enumerate(("train", "valid", "test")):
        expected = table[table["split"] == split][[0, 1, 2, 3]].mean()
        assert np.allclose(shares.share[:, place], expected)
    expected = 100 * (table.groupby("split")[[0, 1, 2, 3]].mean() - table[[0, 1, 2, 3]].mean()).abs().max()
    assert np.allclose(shares.off, expected) and shares.largest_off == pytest.approx(expected.max())
    named = table[table["group"] != ""].groupby("group")["split"].nunique()
    assert (shares.groups, shares.divided) == (len(named), int((named > 1).sum()))


def test_command(make_dataset, workspace, capsys):
    """The command shows without changing, divides with one undoable edit, and takes folds."""
    first = make_dataset("multi-label")
    ask = ["split", "made", "--workspace", str(workspace.root), "--json"]
    assert cli.main([*ask, "--test", "0.25", "--dry-run"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["before"]["images"] == {"train": 32, "valid": 10, "test": 6}
    assert shown["after"]["images"] == {"train": 26, "valid": 10, "test": 12}
    assert store.load(workspace, "made").revision == first.revision
    assert cli.main([*ask, "--folds", "3", "--fold", "2", "--group", r"(\d+)\.png"]) == 0
    done = json.loads(capsys.readouterr().out)
    now = store.load(workspace, "made")
    assert now.splits() == done["after"]["images"] == {"train": 28, "valid": 14, "test": 6}
    assert now.revision == done["revision"] != first.revision and now.items["group"].tolist()[:2] == ["0", "1"]
    assert "fold 2 of 3 validates" in history(now)[0].note
    assert edits.undo(now).revision == first.revision
    for wrong in (["--folds", "3", "--valid", "0.2"], ["--fold", "2"]):
        assert cli.main([*ask, *wrong]) == 2
