"""The images a query returns, and their order, match pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.synthetic import multi_label_dataset
from lib import tasks
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.datasets import derived, query
from lib.datasets.edits import edits
from lib.datasets.query import ALL, WITH_EXCLUDED, Query

NAMES = ["car", "<b>bus</b>", "has:car", "a (b) [c] 50%"]


@pytest.fixture
def dataset(workspace) -> Dataset:
    """150 images of four labels with unknown cells, some excluded."""
    rng = np.random.default_rng(4)
    targs = rng.choice([1, 0, -1], (150, 4), p=[0.4, 0.5, 0.1]).astype(np.int8)
    targs[[3, 60]] = 0
    targs[7] = [1, 0, 1, 0]
    splits = np.resize(["train", "train", "train", "valid", "test"], 150)
    imported = multi_label_dataset(workspace, NAMES, targs, splits)
    return edits.exclude(imported, [2, 60, 101], note="three")


@pytest.fixture
def table(dataset) -> pd.DataFrame:
    """The same as pandas has it: NaN where nobody knows."""
    cells = pd.DataFrame(dataset.targs, columns=NAMES).replace(-1, np.nan)
    return pd.concat([dataset.items[["original", "split"]], cells], axis=1)


def test_filters_leave_what_pandas_leaves(dataset, table):
    """Every filter alone and all together; what nobody knows passes no filter by label."""
    kept = table.split != "excluded"
    car, bus = table["car"], table["<b>bus</b>"]
    others = table[NAMES[1:]]
    expected = {
        Query(): kept,
        Query(split="valid"): table.split == "valid",
        Query(split="excluded"): table.split == "excluded",
        Query(split=WITH_EXCLUDED): table.split.notna(),
        Query(has=("car", "<b>bus</b>")): kept & (car == 1) & (bus == 1),
        Query(has_not=("car",)): kept & (car == 0),
        Query(has=("<b>bus</b>",), has_not=("car",)): kept & (car == 0) & (bus == 1),
        Query(exactly=()): kept & (table[NAMES] == 0).all(axis=1),
        Query(exactly=("car",)): kept & (car == 1) & (others == 0).all(axis=1),
        Query(exactly=("car", "has:car")): kept & (table[NAMES] == [1, 0, 1, 0]).all(axis=1),
        Query(find="RE 1"): kept & table.original.str.upper().str.contains("RE 1"),
        Query(find=".*"): table.split == "nothing",
        Query(split="train", has=("car",), find="7"): (table.split == "train")
        & (car == 1)
        & table.original.str.contains("7"),
    }
    for asked, mask in expected.items():
        assert query.rows(dataset, asked).tolist() == np.flatnonzero(mask).tolist(), asked
    assert len(query.rows(dataset, Query(exactly=("car", "has:car")))) > 0
    assert len(query.rows(dataset, Query(exactly=()))) > 0


def test_orders_are_those_of_pandas(dataset, table):
    """Sorted as pandas sorts, equal ones as they were, with and without a filter."""
    count = (table[NAMES] == 1).sum(axis=1)
    car = table["car"]
    keys = {
        "name": table.original,
        "most": -count,
        "fewest": count,
        query.first("car"): (1 - car).fillna(2),
        query.last("car"): car.fillna(2),
        query.first("has:car"): (1 - table["has:car"]).fillna(2),
    }
    for order, key in keys.items():
        for split in (ALL, "train"):
            expected = key.sort_values(kind="stable").index
            keep = table.split != "excluded" if split == ALL else table.split == split
            assert query.rows(dataset, Query(split=split, order=order)).tolist() == expected[keep[expected]].tolist()


def test_similar_rows_put_equal_sets_side_by_side(dataset):
    """Each set of labels is one run of rows."""
    rows = query.rows(dataset, Query(order="similar"))
    sets = [tuple(np.flatnonzero(dataset.targs[row] == 1)) for row in rows]
    starts = [one for one, before in zip(sets, [None, *sets[:-1]], strict=True) if one != before]
    assert len(starts) == len(set(sets))


def test_totals_count_the_rows_that_are_left(dataset, table):
    """Present and unknown of the images that pass; without a filter of all that are not excluded."""
    for asked in (Query(), Query(split="valid", order="most"), Query(has=("car",)), Query(find="no such file")):
        shown = table.iloc[query.rows(dataset, asked)][NAMES]
        present, unknown = query.totals(dataset, asked)
        assert present.tolist() == (shown == 1).sum().tolist()
        assert unknown.tolist() == shown.isna().sum().tolist()


def test_columns_have_every_label_once(dataset, table):
    """By name without regard to capitals, by count, by likeness, as given."""
    assert query.columns(dataset, "given").tolist() == [0, 1, 2, 3]
    assert [NAMES[c] for c in query.columns(dataset, "name")] == ["<b>bus</b>", "a (b) [c] 50%", "car", "has:car"]
    counts = (table[table.split != "excluded"][NAMES] == 1).sum().to_numpy()
    assert query.columns(dataset, "count").tolist() == np.argsort(-counts, kind="stable").tolist()
    assert sorted(query.columns(dataset, "similar")) == [0, 1, 2, 3]


def test_an_answer_is_kept_until_the_dataset_changes(dataset):
    """A second question costs nothing and cannot be spoiled; an edit is seen at once."""
    asked = Query(has=("car",))
    before = query.rows(dataset, asked)
    assert query.rows(dataset, asked) is before and not before.flags.writeable
    row = int(before[0])
    after = edits.set_targs(dataset, [edits.Cell(row, 0, 1, 0)], note="no car")
    assert query.rows(after, asked).tolist() == before[1:].tolist()
    assert query.totals(after, Query())[0][0] == query.totals(dataset, Query())[0][0] - 1


@pytest.mark.parametrize(
    "asked",
    [
        Query(has=("tram",)),
        Query(exactly=("tram",)),
        Query(split="night"),
        Query(order="size"),
        Query(order="has:tram"),
    ],
)
def test_what_the_dataset_has_not_is_said(dataset, asked):
    """An old link names the label, split or order that is not there."""
    with pytest.raises(UserError, match=r"tram|night|size"):
        query.rows(dataset, asked)


def test_single_labels_are_a_one_hot_matrix(make_dataset):
    """Classes are filtered and sorted as labels are, without a stored matrix."""
    dataset = make_dataset("single-label")
    classes = np.arange(48) % 3
    assert query.rows(dataset, Query(has=("dog",))).tolist() == np.flatnonzero(classes == 1).tolist()
    assert query.rows(dataset, Query(has_not=("cat", "dog"))).tolist() == np.flatnonzero(classes == 2).tolist()
    assert query.rows(dataset, Query(exactly=("emu",))).tolist() == np.flatnonzero(classes == 2).tolist()
    assert len(query.rows(dataset, Query(exactly=("cat", "emu")))) == 0
    assert (
        query.rows(dataset, Query(order=query.first("emu"))).tolist()
        == np.argsort(classes != 2, kind="stable").tolist()
    )
    np.testing.assert_array_equal(derived.of(dataset).matrix.window(slice(None)), np.eye(3)[classes])
    assert query.totals(dataset, Query())[0].tolist() == [16, 16, 16]


@pytest.mark.parametrize("task", ["keypoints", "regression"])
def test_targets_that_are_no_labels_have_plain_orders_only(make_dataset, task):
    """Points and numbers are filtered by split and name; a label of theirs is refused in a sentence."""
    dataset = make_dataset(task)
    assert len(query.rows(dataset, Query(split="valid", find="picture", order="name"))) == 10
    assert list(query.orders(dataset)) == ["given", "name"]
    for asked in (Query(has=(dataset.names[0],)), Query(exactly=()), Query(order="most")):
        with pytest.raises(UserError, match="no labels"):
            query.rows(dataset, asked)
    with pytest.raises(TypeError):
        tasks.get(task).cells(dataset.targs, dataset.names)
