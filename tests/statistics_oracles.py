"""The statistics of a dataset once more, directly from its targets: pandas, scipy and loops instead of our own code."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.splits import EXCLUDED
from lib.tasks import summary


def printed(dataset: Dataset) -> dict[str, Any]:
    """Return what the program says, as ``python -m lib stats --json`` prints it."""
    return summary.to_json(dataset, summary.sections(tasks.get(dataset.task), dataset))


def seen(dataset: Dataset) -> tuple[pd.DataFrame, np.ndarray]:
    """Return items and targets of the images that are not excluded."""
    keep = (dataset.items["split"] != EXCLUDED).to_numpy()
    return dataset.items[keep].reset_index(drop=True), dataset.targs[keep]


def label_frame(dataset: Dataset) -> tuple[pd.DataFrame, pd.Series]:
    """Return the one-hot matrix with NaN where nobody knows, columns by place, and the split of each row."""
    items, targs = seen(dataset)
    if targs.ndim == 1:
        targs = pd.get_dummies(pd.Categorical(targs, range(len(dataset.names)))).to_numpy(dtype=float)
    frame = pd.DataFrame(targs).astype(float)
    return frame.mask(frame < 0), items["split"]


def check_frequencies(statistics: dict[str, Any], dataset: Dataset, nouns: str, noun: str) -> None:
    """Assert counts and shares of each label in each split, and without groups the probability of so much by chance."""
    frame, split = label_frame(dataset)
    place = {name: c for c, name in enumerate(dataset.names)}
    images = [label["images"] for label in statistics["frequencies"][nouns]]
    assert images == sorted(images, reverse=True)
    assert {label[noun] for label in statistics["frequencies"][nouns]} == set(dataset.names)
    grouped = (dataset.items["group"] != "").any()
    for label in statistics["frequencies"][nouns]:
        column = frame[place[label[noun]]]
        assert (label["images"], label["known"]) == (column.sum(), column.count())
        assert label["share"] == pytest.approx(column.mean(), nan_ok=True)
        assert list(label["splits"]) == [name for name in ("train", "valid", "test") if (split == name).any()]
        for name, part in label["splits"].items():
            mine, others = column[split == name].dropna(), column[split != name].dropna()
            assert (part["images"], part["known"]) == (mine.sum(), len(mine))
            assert part["share"] == (pytest.approx(mine.mean()) if len(mine) else None)
            if not len(mine) or not len(others):
                assert part["p"] is None
            elif not grouped:
                table = [[mine.sum(), (mine == 0).sum()], [others.sum(), (others == 0).sum()]]
                tails = [stats.fisher_exact(table, alternative=way).pvalue for way in ("less", "greater")]
                assert part["p"] == pytest.approx(min(1, 2 * min(tails)))


def check_labels(statistics: dict[str, Any], dataset: Dataset) -> None:
    """Assert everything that multi-label data say."""
    check_frequencies(statistics, dataset, "labels", "label")
    frame, _ = label_frame(dataset)
    assert statistics["frequencies"]["predict_nothing"] == pytest.approx((frame.stack().dropna() == 0).mean())
    per_image = statistics["labels_per_image"]
    assert per_image["cardinality"] == pytest.approx(frame.mean().sum())
    assert per_image["density"] == pytest.approx(frame.mean().mean())
    whole = frame.dropna()
    counts = whole.sum(axis=1)
    assert per_image["complete_images"] == len(whole)
    assert per_image["images_without_label"] == (counts == 0).sum()
    assert per_image["images"] == [(counts == k).sum() for k in range(int(counts.max()) + 1)]
    rows = [tuple(name for name, cell in zip(dataset.names, row, strict=True) if cell == 1) for row in whole.to_numpy()]
    sets = pd.Series(rows, dtype=object).value_counts()
    shown = [(tuple(one["labels"]), one["images"]) for one in statistics["label_sets"]["sets"]]
    assert dict(shown) == sets.to_dict()
    assert [images for _, images in shown] == sorted(sets, reverse=True)
    assert (statistics["label_sets"]["distinct"], statistics["label_sets"]["once"]) == (len(sets), (sets == 1).sum())
    if len(dataset.names) > 1:
        check_pairs(statistics["together"], frame, dataset.names)


def check_pairs(statistics: dict[str, Any], frame: pd.DataFrame, names: tuple[str, ...]) -> None:
    """Assert counts, P(b | a) and lift of each pair over the images in which both are known, and the lists of pairs."""
    never, always, strong, weak = set(), set(), {}, {}
    cells = frame.to_numpy()
    for a, b in itertools.product(frame.columns, repeat=2):
        both = cells[~np.isnan(cells[:, [a, b]]).any(axis=1)]
        has_a, has_b = both[:, a] == 1, both[:, b] == 1
        images = int((has_a & has_b).sum())
        assert statistics["images"][a][b] == images
        assert statistics["conditional"][a][b] == (pytest.approx(has_b[has_a].mean()) if has_a.any() else None)
        lift = (has_a & has_b).mean() / (has_a.mean() * has_b.mean()) if has_a.any() and has_b.any() else None
        assert statistics["lift"][a][b] == (pytest.approx(lift) if lift is not None else None)
        if a == b or lift is None:
            continue
        pair = (names[a], names[b])
        if images == has_a.sum() and not has_b.all():
            always.add(pair)
        if a < b:
            chance = has_a.sum() * has_b.sum() / len(both)
            if not images:
                never.add(pair)
            if images >= 5 and lift > 1 + 1e-12:
                strong[pair] = lift
            if chance >= 5 and lift < 1 - 1e-12:
                weak[pair] = lift
    pairs = {
        kind: [(one["a"], one["b"]) for one in statistics[kind]] for kind in ("never", "always", "strongest", "weakest")
    }
    assert (set(pairs["never"]), set(pairs["always"])) == (never, always)
    assert (statistics["pairs_never"], statistics["pairs_always"]) == (len(never), len(always))
    assert (len(pairs["never"]), len(pairs["always"])) == (len(never), len(always))
    for kind, all_of, sign in (("strongest", strong, -1), ("weakest", weak, 1)):
        assert len(pairs[kind]) == min(20, len(all_of))
        assert [all_of[pair] for pair in pairs[kind]] == pytest.approx(
            sorted(all_of.values(), key=lambda x: sign * x)[:20]
        )


def check_points(statistics: dict[str, Any], dataset: Dataset) -> None:
    """Assert everything that keypoint data say."""
    items, targs = seen(dataset)
    sizes = items[["width", "height"]].to_numpy(dtype=float)
    shares = targs.astype(float) / sizes[:, None]
    gone = np.isnan(targs).any(axis=2)
    for k, point in enumerate(statistics["shape"]["points"]):
        there = shares[~gone[:, k], k]
        assert point["point"] == dataset.names[k]
        assert point["mean"] == pytest.approx(there.mean(axis=0))
        assert point["spread"] == pytest.approx(there.std(axis=0), abs=1e-9)
        assert point["missing_share"] == pytest.approx(gone[:, k].mean())
        off = np.hypot(*(targs[~gone[:, k], k] - there.mean(axis=0) * sizes[~gone[:, k]]).T)
        assert point["mean_distance_px"] == pytest.approx(off.mean(), abs=1e-6)
    assert (statistics["missing"]["missing"], statistics["missing"]["share"]) == (
        gone.sum(),
        pytest.approx(gone.mean()),
    )
    assert statistics["missing"]["images_without_gap"] == (~gone.any(axis=1)).sum()
    assert statistics["missing"]["images_without_point"] == gone.all(axis=1).sum()
    assert statistics["missing"]["images"] == np.bincount(gone.sum(axis=1)).tolist()
    points = shares[~gone]
    inside = points[((points >= 0) & (points <= 1)).all(axis=1)]
    # 40 times a float32 is exact in a float64, so that a point on a line between cells is on it.
    cells = np.floor(targs.astype(float) * 40 / sizes[:, None])[~gone][((points >= 0) & (points <= 1)).all(axis=1)]
    grid = np.zeros((40, 40), int)
    np.add.at(grid, tuple(cells.clip(max=39).astype(int).T[::-1]), 1)
    assert statistics["places"]["density"] == grid.tolist()
    assert statistics["places"]["outside"] == len(points) - len(inside)
    if len(dataset.names) > 1:
        boxes = [image[~row] for image, row in zip(targs.astype(float), gone, strict=True)]
        extents = pd.DataFrame(
            [np.ptp(one, axis=0) if len(one) > 1 else (np.nan, np.nan) for one in boxes], columns=["w", "h"]
        )
        assert statistics["boxes"]["images"] == extents["w"].count()
        assert statistics["boxes"]["median_width_px"] == pytest.approx(extents["w"].median())
        assert statistics["boxes"]["median_share"] == pytest.approx(
            (extents["w"] * extents["h"] / sizes.prod(axis=1)).median()
        )
        aspect = (extents["w"] / extents["h"]).replace(np.inf, np.nan)
        assert statistics["boxes"]["median_aspect"] == pytest.approx(aspect.median())


def check_values(statistics: dict[str, Any], dataset: Dataset) -> None:
    """Assert everything that regression data say."""
    items, targs = seen(dataset)
    frame = pd.DataFrame(targs.astype(float))
    for d, value in enumerate(statistics["values"]["values"]):
        for part in ("all", *items["split"].unique()):
            column = frame[d] if part == "all" else frame[d][items["split"] == part]
            expected = (column.count(), column.min(), column.median(), column.mean(), column.max(), column.std(ddof=0))
            assert list(value[part].values()) == pytest.approx(expected)
    if len(dataset.names) > 1:
        np.testing.assert_allclose(statistics["correlation"]["correlations"], frame.corr().to_numpy(), atol=1e-9)


def check_pictures(statistics: dict[str, Any], dataset: Dataset) -> None:
    """Assert what is said of picture sizes and groups."""
    items, _ = seen(dataset)
    sizes = items.groupby(["width", "height"]).size()
    shown = {(width, height): images for width, height, images in statistics["pictures"]["sizes"]}
    assert shown == sizes.to_dict()
    assert statistics["pictures"]["median_width_px"] == items["width"].median()
    assert statistics["pictures"]["median_aspect"] == pytest.approx((items["width"] / items["height"]).median())
    groups = items[items["group"] != ""].groupby("group")
    if not len(groups):
        assert "groups" not in statistics
        return
    assert dict(map(tuple, statistics["groups"]["images"])) == groups.size().to_dict()
    assert statistics["groups"]["median_images"] == groups.size().median()
    assert statistics["groups"]["in_several_splits"] == (groups["split"].nunique() > 1).sum()
