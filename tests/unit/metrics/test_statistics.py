"""Statistics of made data against pandas, numpy, scipy and loops, with gaps and excluded images."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib import tasks
from lib.cli import main
from lib.core.dataset import Dataset
from lib.core.splits import EXCLUDED
from lib.metrics.statistics import chance, pictures
from lib.metrics.statistics import labels as label_stats
from lib.metrics.statistics import points as point_stats
from lib.metrics.statistics import values as value_stats
from lib.tasks import summary
from tests import statistics_oracles as oracles


def new_dataset(
    task: str, targs: np.ndarray, *, grouped: bool = False, names: int | None = None, seed: int = 0
) -> Dataset:
    """Return a dataset without pictures: of several sizes, every seventh image excluded."""
    rng, n = np.random.default_rng(seed), len(targs)
    split = rng.choice(["train", "valid", "test"], n, p=[0.6, 0.25, 0.15]).astype(object)
    split[::7] = EXCLUDED
    items = pd.DataFrame(
        {
            "split": split,
            "group": [f"person {k}" for k in rng.integers(0, n // 4, n)] if grouped else "",
            "width": rng.choice([80, 120, 200], n),
            "height": rng.choice([90, 120], n),
        }
    )
    count = names or (int(targs.max()) + 1 if targs.ndim == 1 else targs.shape[1])
    return Dataset(None, "made", task, tuple(f"<b>{k}</b>" for k in range(count)), items, targs, "0")


def labels(n: int, c: int, *, gaps: float, seed: int = 0) -> np.ndarray:
    """Return labels of very different frequency that partly go together, with gaps, one on nothing, two alike."""
    rng = np.random.default_rng(seed)
    targs = (rng.random((n, c)) < np.linspace(0.02, 0.7, c) * rng.uniform(0.2, 1.4, (n, 1))).astype(np.int8)
    if c > 4:
        targs[:, 1] = targs[:, 3] & targs[:, 4]
        targs[:, 2] = 0
    targs[rng.random((n, c)) < gaps] = -1
    return targs


@pytest.mark.parametrize(("c", "gaps", "grouped"), [(1, 0.0, False), (6, 0.0, True), (6, 0.1, False), (40, 0.02, True)])
def test_multi_label_statistics_equal_pandas(c, gaps, grouped):
    """Every number equals a direct computation on known cells of included images."""
    dataset = new_dataset("multi-label", labels(300, c, gaps=gaps), grouped=grouped)
    printed = oracles.printed(dataset)
    oracles.check_labels(printed, dataset)
    oracles.check_pictures(printed, dataset)
    assert printed["excluded"] == 43


def test_single_label_statistics_equal_pandas():
    """Counts, shares and the majority class are pandas' own."""
    targs = np.random.default_rng(1).choice(4, 200, p=[0.1, 0.5, 0.3, 0.1])
    dataset = new_dataset("single-label", targs)
    printed = oracles.printed(dataset)
    oracles.check_frequencies(printed, dataset, "classes", "class")
    share = pd.Series(oracles.seen(dataset)[1]).value_counts(normalize=True)
    assert printed["frequencies"]["majority_class"] == {
        "name": dataset.names[share.index[0]],
        "accuracy": pytest.approx(share.iloc[0]),
    }


@pytest.mark.parametrize("k", [1, 5])
def test_keypoint_statistics_equal_numpy(k):
    """Every number equals a direct computation on known points, with points on edges and outside."""
    rng = np.random.default_rng(2)
    targs = rng.uniform(-5, 130, (120, k, 2)).astype(np.float32)
    targs[3] = 0
    targs[rng.random((120, k)) < 0.3] = np.nan
    dataset = new_dataset("keypoints", targs)
    printed = oracles.printed(dataset)
    oracles.check_points(printed, dataset)
    oracles.check_pictures(printed, dataset)


def test_regression_statistics_equal_pandas():
    """Ranges and correlations are pandas' own, gaps left out."""
    rng = np.random.default_rng(3)
    targs = (rng.normal(size=(150, 3)) @ rng.normal(size=(3, 3))).astype(np.float32)
    targs[rng.random((150, 3)) < 0.1] = np.nan
    dataset = new_dataset("regression", targs)
    oracles.check_values(oracles.printed(dataset), dataset)


def test_parts_add_up_to_the_whole(monkeypatch):
    """Counting in parts of a few rows gives what counting at once gives."""
    matrix, splits = labels(500, 7, gaps=0.1), np.resize(["train", "valid"], 500)
    groups = np.arange(500) // 3

    def all_of_it() -> list[np.ndarray]:
        effects = chance.design_effects(matrix, groups)
        return [*label_stats.cooccurrence(matrix), *label_stats.per_split(matrix, splits, ["train", "valid"]), effects]

    whole = all_of_it()
    monkeypatch.setattr(label_stats, "AT_ONCE", 50)
    monkeypatch.setattr(chance, "AT_ONCE", 50)
    for one, other in zip(whole, all_of_it(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_label_sets_of_many_labels_do_not_collide():
    """Sets that differ in one of 600 labels only are different sets, wherever that label stands."""
    matrix = np.concatenate([np.eye(600, dtype=np.int8), np.zeros((2, 600), np.int8)])
    sets = label_stats.label_sets(matrix)
    assert sets.images.tolist() == [2] + [1] * 600
    assert sets.first.tolist() == [600, *range(600)]


def test_design_effects_equal_a_loop_over_groups():
    """A label that is the same within each group of four counts four times too much; images for themselves count 1."""
    rng = np.random.default_rng(4)
    matrix = labels(200, 5, gaps=0.1)
    matrix[:, 4] = np.repeat(rng.integers(0, 2, 50), 4)
    groups = np.repeat(np.arange(50), 4)
    effects = chance.design_effects(matrix, groups)
    for c in range(5):
        known = matrix[:, c] >= 0
        share = (matrix[known, c]).mean()
        off = [(matrix[known & (groups == g), c] - share).sum() for g in range(50)]
        expected = 50 / 49 * np.square(off).sum() / (known.sum() * share * (1 - share)) if 0 < share < 1 else 1
        assert effects[c] == pytest.approx(max(expected, 1))
    assert effects[4] == pytest.approx(4 * 50 / 49)
    assert (chance.design_effects(matrix, np.arange(200)) == 1).all()


def test_chance_is_not_called_a_difference():
    """Where chance divides images, or whole groups, hardly any dataset has a mark; images counted singly have."""
    rng, marked = np.random.default_rng(5), {"images": 0, "groups": 0, "groups taken for images": 0}
    for _ in range(60):
        matrix = (rng.random((300, 8)) < 0.3).astype(np.int8)
        present, known = label_stats.per_split(matrix, rng.choice(["a", "b", "c"], 300), ["a", "b", "c"])
        marked["images"] += chance.unlikely(chance.by_chance(present, known)).any()
        matrix, groups = np.repeat(matrix[:60], 5, axis=0), np.repeat(np.arange(60), 5)
        splits = np.repeat(rng.choice(["a", "b", "c"], 60), 5)
        present, known = label_stats.per_split(matrix, splits, ["a", "b", "c"])
        effects = chance.design_effects(matrix, groups)
        marked["groups"] += chance.unlikely(chance.by_chance(present, known, effects)).any()
        marked["groups taken for images"] += chance.unlikely(chance.by_chance(present, known)).any()
    assert marked["images"] <= 6 and marked["groups"] <= 6
    assert marked["groups taken for images"] > 30


def test_a_split_that_differs_is_marked():
    """One label of 50 that half the validation images have in place of a tenth is found, and no other."""
    rng = np.random.default_rng(6)
    matrix = (rng.random((400, 50)) < 0.1).astype(np.int8)
    matrix[300:, 7] = rng.random(100) < 0.5
    present, known = label_stats.per_split(matrix, np.repeat(["train", "valid"], [300, 100]), ["train", "valid"])
    marked = chance.unlikely(chance.by_chance(present, known))
    assert np.argwhere(marked).tolist() == [[0, 7], [1, 7]]


def test_nothing_known_is_not_defined():
    """Where nobody knows anything numbers are not defined: None in JSON, and no warning."""
    dataset = new_dataset("multi-label", np.full((20, 3), -1, np.int8))
    printed = oracles.printed(dataset)
    assert printed["labels_per_image"]["cardinality"] is None
    assert printed["labels_per_image"]["images"] == []
    assert printed["frequencies"]["predict_nothing"] is None
    assert printed["together"]["lift"] == [[None] * 3] * 3
    points = oracles.printed(new_dataset("keypoints", np.full((20, 3, 2), np.nan, np.float32)))
    assert points["shape"]["points"][0]["mean"] == [None, None]
    assert points["boxes"]["median_aspect"] is None


def test_nothing_is_counted_where_every_image_is_excluded():
    """A dataset of which nothing is left has no statistics, in place of zeros."""
    dataset = new_dataset("multi-label", labels(20, 3, gaps=0))
    gone = replace(dataset, items=dataset.items.assign(split=EXCLUDED))
    assert summary.sections(tasks.get(gone.task), gone) == []


def test_the_command_prints_the_same_numbers(make_dataset, workspace, capsys):
    """``python -m lib stats NAME`` prints the numbers of the page, as JSON and as words."""
    dataset = make_dataset("multi-label")
    assert main(["stats", "made", "--workspace", str(workspace.root), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == oracles.printed(dataset)
    assert main(["stats", "made", "--workspace", str(workspace.root)]) == 0
    assert f"Predicting nothing already scores {100 * (dataset.targs == 0).mean():.3g} %" in capsys.readouterr().out


def test_whole_numbers_stand_in_the_middle_of_their_bin():
    """A histogram of a few whole numbers has a bin for each; other values are numpy's bins."""
    assert value_stats.edges(np.array([1.0, 3.0, np.nan])).tolist() == [0.5, 1.5, 2.5, 3.5]
    values = np.random.default_rng(7).normal(size=200)
    np.testing.assert_allclose(value_stats.edges(values), np.histogram_bin_edges(values, 40))
    assert value_stats.shares_in(values, value_stats.edges(values)).sum() == pytest.approx(100)


def test_many_sizes_are_drawn_in_cells():
    """Of more sizes than a picture can show none is lost: cells count the same images."""
    sizes = np.random.default_rng(8).integers(20, 400, (3000, 2))
    counted = pictures.sizes(sizes)
    drawn = pictures.coarse(counted)
    assert len(counted.images) > 2000 and len(drawn.images) <= 900
    assert drawn.images.sum() == counted.images.sum() == 3000
    assert pictures.coarse(pictures.sizes(sizes[:50])).images.sum() == 50


def test_lines_between_points_that_are_not_there_are_left_out():
    """A skeleton may name points that the dataset does not have: only lines between its own are drawn."""
    assert point_stats.lines({"skeleton": [["a", "b"], ["b", "gone"]]}, ["b", "a"]) == [(1, 0)]
    assert point_stats.lines({}, ["a"]) == []
