"""What changed between two revisions, of every task, against arrays that are compared cell by cell."""

from __future__ import annotations

import json
import math
import random

import numpy as np
import pytest

from lib import tasks
from lib.cli import main
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.splits import EXCLUDED
from lib.datasets import store
from lib.datasets.edits import difference, edits, revisions
from lib.datasets.edits.edits import Cell
from tests.unit.datasets.edited_cells import flat

TASKS = pytest.mark.parametrize("name", list(tasks.TASKS))


class Plain:
    """A dataset's targets, splits and groups as plain arrays, which are edited as the dataset is."""

    def __init__(self, dataset: Dataset):
        self.targs = dataset.targs.copy()
        self.was, self.groups = (dataset.items[name].tolist() for name in ("split", "group"))
        self.out: set[int] = set()

    @property
    def splits(self) -> list[str]:
        return [EXCLUDED if row in self.out else split for row, split in enumerate(self.was)]


def _other(dataset: Dataset, plain: Plain, row: int, unit: int, draw: random.Random) -> list[Cell]:
    """Return cells that give one label, class, point or number another value, or none, in the arrays as well."""
    values = plain.targs.reshape(len(dataset), -1)
    columns = (2 * unit, 2 * unit + 1) if dataset.task == "keypoints" else (unit,)
    now = {
        "multi-label": [draw.choice([one for one in (1, 0, -1) if one != values[row, unit]])],
        "single-label": [(int(values[row, 0]) + 1) % len(dataset.names)],
        "keypoints": [None, None] if draw.random() < 0.4 else [draw.uniform(1, 39), draw.uniform(1, 39)],
        "regression": [draw.uniform(-3, 3)],
    }[dataset.task]
    cells = []
    for column, value in zip(columns, now, strict=True):
        was = values[row, column].item()
        values[row, column] = math.nan if value is None else value
        cells.append(Cell(row, column, None if was != was else was, value))
    return cells


def _edited(dataset: Dataset, plain: Plain, draw: random.Random) -> Dataset:
    """Return the dataset after random edits, which are made in ``plain`` too."""
    units = flat(dataset).shape[1] // (2 if dataset.task == "keypoints" else 1)
    for row in draw.sample(range(len(dataset)), 12):
        dataset = edits.set_targs(dataset, _other(dataset, plain, row, draw.randrange(units), draw), note="set")
    for row in draw.sample(range(len(dataset)), 3):
        turn = edits.include if row in plain.out else edits.exclude
        dataset = turn(dataset, [row], note="turned")
        plain.out ^= {row}
    for row in draw.sample(range(len(dataset)), 4):
        plain.was[row] = draw.choice(("train", "valid", "test"))
        plain.groups[row] = draw.choice(("", "a", "b"))
    return edits.assign(dataset, plain.was, plain.groups, how={"by": "hand"}, note="moved")


def _same(one, other) -> bool:
    return one == other or (one != one and other != other)


@TASKS
def test_a_difference_is_what_arrays_compared_one_by_one_say(name, make_dataset, workspace):
    """Images, splits, groups and cells, unknown and excluded ones too, differ as in a loop over plain arrays."""
    draw, dataset = random.Random(7), make_dataset(name)
    plain = Plain(dataset)
    first = _edited(dataset, plain, draw)
    targs, splits, groups = plain.targs.copy(), plain.splits, list(plain.groups)
    last = _edited(first, plain, draw)
    found = difference.compare(store.load(workspace, "made", first.revision), last)

    pairs = list(zip(splits, plain.splits, strict=True))
    assert found.removed.tolist() == [row for row, (a, b) in enumerate(pairs) if a != EXCLUDED == b]
    assert found.added.tolist() == [row for row, (a, b) in enumerate(pairs) if a == EXCLUDED != b]
    assert found.moved.tolist() == [row for row, (a, b) in enumerate(pairs) if a != b and EXCLUDED not in (a, b)]
    assert found.regrouped.tolist() == [r for r, (a, b) in enumerate(zip(groups, plain.groups, strict=True)) if a != b]
    counts = {split: (splits.count(split), plain.splits.count(split)) for split in found.splits["split"]}
    assert {split: (a, b) for split, a, b in found.splits.itertuples(index=False)} == counts

    width = 2 if name == "keypoints" else 1
    expected = {}
    for row in range(len(dataset)):
        was, now = (one[row].reshape(-1, width).tolist() for one in (targs, plain.targs))
        for unit, (a, b) in enumerate(zip(was, now, strict=True)):
            if all(_same(*both) for both in zip(a, b, strict=True)):
                continue
            gone = [one[0] != one[0] or (name == "multi-label" and one[0] < 0) for one in (a, b)]
            kind = "added" if gone[0] else "removed" if gone[1] else "changed"
            has_distance = kind == "changed" and name in ("keypoints", "regression")
            expected[row, unit] = kind, math.dist(a, b) if has_distance else math.nan
    cells, every = found.cells, [distance for _, distance in expected.values() if distance == distance]
    if name == "keypoints":
        assert found.mean_distance == pytest.approx(math.fsum(every) / len(every))
    assert list(zip(cells.rows.tolist(), cells.columns.tolist(), strict=True)) == list(expected)
    assert cells.kinds.tolist() == [kind for kind, _ in expected.values()]
    np.testing.assert_allclose(cells.distances, [distance for _, distance in expected.values()], rtol=1e-9)
    nowhere = [row for row, _ in expected if pairs[row] == (EXCLUDED, EXCLUDED)]
    assert (f"{len(nowhere):,} in images excluded from both" in found.sentence()) == bool(nowhere)
    assert len(found.table) == len(expected) + sum(map(len, (found.removed, found.added, found.moved, found.regrouped)))
    for c, label in enumerate(last.names):
        of_label = found.names[found.names.iloc[:, 0] == label].iloc[0]
        if name == "single-label":
            assert of_label["changed"] == sum(c in (targs[row], plain.targs[row]) for row, _ in expected)
        else:
            distances = [distance for (_, unit), (_, distance) in expected.items() if unit == c]
            assert of_label["changed"] == len(distances)
            known = [distance for distance in distances if distance == distance]
            if known:
                assert of_label.iloc[-1] == pytest.approx(math.fsum(known) / len(known))
        for which, (array, split) in {"before": (targs, splits), "after": (plain.targs, plain.splits)}.items():
            rows = [row for row, one in enumerate(split) if one != EXCLUDED]
            values = [array[row] if name == "single-label" else array[row][c] for row in rows]
            if tasks.get(name).has_labels:
                known = [value == (c if name == "single-label" else 1) for value in values if value >= 0]
                level = sum(known) / len(known)
            elif name == "keypoints":
                level = sum(value[0] == value[0] for value in values) / len(values)
            else:
                level = math.fsum(values) / len(values)
            assert of_label[f"{tasks.get(name).level_title} {which}"] == pytest.approx(level, rel=1e-6)
    assert all(found.card(row).chips or found.card(row).pred_points for row in found.rows)
    assert difference.compare(last, last).sentence() == "No image, split, group or target differs."


def test_the_command_says_what_changed(make_dataset, workspace, monkeypatch, capsys):
    """`diff` takes beginnings of ids and words, counts, lists each change, and says why a revision is not there."""
    monkeypatch.setenv("MANYHOT_WORKSPACE", str(workspace.root))
    dataset = make_dataset("multi-label")
    was = int(dataset.targs[0, 1])
    set_ = edits.set_targs(dataset, [Cell(0, 1, was, -1)], note="one")
    last = edits.exclude(set_, [2], note="two")
    assert [one.id for one in revisions.revisions(last)] == [last.revision, set_.revision, dataset.revision]
    assert main(["diff", "made", dataset.base[:6], "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["before"]["revision"], printed["after"]["revision"]) == (dataset.base, last.revision)
    assert printed["cells"] == {"added": 0, "removed": 1, "changed": 0}
    assert [(one["row"], one["what"], one["after"]) for one in printed["changes"]] == [
        (0, "label", "unknown"),
        (2, "image", "excluded"),
    ]
    assert main(["diff", "made", "import", set_.revision]) == 0
    assert "1 label of 1 image (1 unknown now)." in capsys.readouterr().out
    assert main(["diff", "made", "beef0000"]) == 2
    assert "cannot be shown at revision beef0000" in capsys.readouterr().err
    with pytest.raises(UserError, match="cannot be shown"):
        revisions.find(last, last.revision[:3])
