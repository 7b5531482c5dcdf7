"""What cannot be or could not be trained on is refused, and not written."""

from __future__ import annotations

import pytest

from lib.core.dataset import UnknownRevisionError
from lib.core.errors import UserError
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.edits import Cell
from tests.unit.datasets.edited_cells import flat


@pytest.mark.parametrize(
    ("task", "do", "words"),
    [
        ("single-label", lambda d: edits.exclude(d, d.index("valid"), note=""), "No image is left to validate with"),
        ("single-label", lambda d: edits.exclude(d, range(48), note=""), "There is no image to use"),
        (
            "single-label",
            lambda d: edits.exclude(d, [r for r in d.index("train") if d.targs[r]], note=""),
            "Of the 11 training images: expected at least two classes, found only 'cat'",
        ),
        (
            "multi-label",
            lambda d: edits.assign(d, ["train"] * 48, how={}, note=""),
            "No image is left to validate with",
        ),
    ],
)
def test_what_nothing_could_be_learned_of_is_refused(make_dataset, task, do, words):
    """An edit after which a training would fail is refused in the words of the import, and not written."""
    dataset = make_dataset(task)
    with pytest.raises(UserError, match=words):
        do(dataset)
    assert not (dataset.path / "edits.jsonl").exists()


@pytest.mark.parametrize(
    ("task", "cell", "words"),
    [
        ("single-label", Cell(0, 0, 0, 3), "from 0 to 2"),
        ("single-label", Cell(0, 0, 0, None), "no target"),
        ("multi-label", Cell(0, 0, 1, 2), "present"),
        ("multi-label", Cell(0, 0, 1, 0.5), "no target"),
        ("regression", Cell(0, 0, 1, float("inf")), "finite"),
        ("multi-label", Cell(0, 3, 1, 0), "columns 0 to 2"),
        ("multi-label", Cell(48, 0, 1, 0), "rows 0 to 47"),
        ("multi-label", Cell(-1, 0, 1, 0), "rows 0 to 47"),
    ],
)
def test_what_is_no_target_is_refused(make_dataset, task, cell, words):
    """Values, columns and rows that cannot be are refused with a sentence, and not written."""
    dataset = make_dataset(task)
    if 0 <= cell.row < 48 and cell.column == 0:
        cell = Cell(cell.row, 0, flat(dataset)[0, 0].item(), cell.now)
    with pytest.raises(UserError, match=words):
        edits.set_targs(dataset, [cell], note="wrong")
    assert not (dataset.path / "edits.jsonl").exists()


def test_another_import_of_the_name_is_not_edited(make_dataset, workspace):
    """What was seen before a dataset was deleted and imported anew is refused: rows may be other pictures."""
    import shutil

    seen = make_dataset("multi-label")
    shutil.rmtree(seen.path)
    make_dataset("multi-label", n=50)
    with pytest.raises(UserError, match="imported anew meanwhile"):
        edits.exclude(seen, [0], note="old")
    with pytest.raises(UnknownRevisionError, match="imported anew since"):
        store.load(workspace, "made", seen.revision)
