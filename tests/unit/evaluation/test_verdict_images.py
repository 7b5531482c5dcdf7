"""On which images two models are compared: none that one of them trained on, however it got there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.evaluation.verdicts import images
from lib.tasks.types import Predictions

CHOSEN = ("small", False, None, 64, 8, True, 0, 1, 0.01, 1.0, 0.5)  # from architecture to threshold
SPLITS = ["train"] * 4 + ["valid"] * 4 + ["test"] * 2


def dataset_of(splits, *, rows=range(10), base="one", group="", digests=None, targs=None) -> Dataset:
    rows = list(rows)
    items = pd.DataFrame(
        {"file": [f"{row}.png" for row in rows], "original": [f"p/{row}.png" for row in rows], "split": splits}
    ).assign(group=group, width=8, height=8, digest=[f"d{row}" for row in rows] if digests is None else digests)
    targs = np.array([[row % 2] for row in rows], dtype=np.int8) if targs is None else targs
    return Dataset(Path(), "made", "multi-label", ("cat",), items, targs, "r-" + base, base=base)


class FakeRun:
    """A run that predicted the valid and the test images of a dataset as it saw it."""

    number = 0

    def __init__(self, dataset: Dataset | None, revision: str = ""):
        FakeRun.number += 1
        self.id, self.seen = f"run {FakeRun.number}", dataset
        revision = revision or (dataset.revision if dataset else "")
        self.config = TrainConfig("made", revision, "multi-label", *CHOSEN, seed=FakeRun.number)
        self.splits = {"valid": 4, "test": 2}

    def load_dataset(self):
        if self.seen is None:
            raise UserError("There is no such dataset.")
        return self.seen

    def recorded(self):
        return {}

    def names(self):
        return ("cat",)

    def result(self):
        return {"splits": self.splits}


@pytest.fixture(autouse=True)
def _answers(monkeypatch):
    def predictions(run, split):
        seen = run.seen or dataset_of(SPLITS)
        items = seen.index(split)
        return Predictions.of(seen, items, np.zeros((len(items), 1), dtype=np.float32))

    monkeypatch.setattr(images.results, "predictions", predictions)


def compared(a: Dataset, b: Dataset, split="valid"):
    """Return the names of the common images in each run, and what was left out."""
    runs = FakeRun(a), FakeRun(b)
    common = images.common([runs[0]], [runs[1]], split)
    names = []
    for run, rows in zip(runs, common.rows, strict=True):
        names.append(run.seen.items["original"].to_numpy()[images.predictions(run, split).items[rows]].tolist())
    assert names[0] == names[1] or a.base != b.base
    return names[0], common


def test_a_picture_that_one_of_them_trained_on_counts_for_neither():
    """After a new split the valid images of the one are in the train split of the other."""
    again = ["valid", "train", "train", "train", "train", "valid", "test", "valid", "valid", "test"]
    a, b = dataset_of(SPLITS), replace(dataset_of(again), revision="r-again")
    names, common = compared(a, b)
    assert names == ["p/5.png", "p/7.png"]
    assert common.left_out == {"trained_a": 1, "trained_b": 1, "only_a": 1, "only_b": 1}
    names, common = compared(a, b, "either")
    assert names == ["p/5.png", "p/6.png", "p/7.png", "p/8.png", "p/9.png"]
    assert "5 images that both predicted and neither trained on" in common.words() and "that A trained on" in (
        common.words()
    )


def test_copies_and_other_imports_are_known_by_their_content():
    """A picture under another name, or in another import with other rows, is still the picture that was learned."""
    twin = [f"d{row}" for row in range(10)]
    twin[5] = "d1"  # a valid image is a copy of a training image
    assert compared(dataset_of(SPLITS, digests=twin), dataset_of(SPLITS, digests=twin))[1].left_out == {
        "trained_both": 1
    }
    # Copies among the images that are compared are drawn together; without hashes they are said to be unknown.
    twin[5], twin[7] = "d4", "d4"
    common = compared(dataset_of(SPLITS, digests=twin), dataset_of(SPLITS, digests=twin))[1]
    assert (len(common), common.n_groups, common.unhashed) == (4, 2, "")
    plain = dataset_of(SPLITS)
    plain = replace(plain, items=plain.items.drop(columns="digest"))
    assert "Copies to the byte were not looked for" in compared(plain, plain)[1].words()
    # Imported anew in another order and with names that moved: rows and names mean other pictures there.
    order = [6, 7, 8, 9, 4, 5, 0, 1, 2, 3]
    other = dataset_of(SPLITS, rows=order, base="two")  # trained on 6 to 9, validated with 4, 5, 0 and 1
    names, common = compared(dataset_of(SPLITS), other)
    assert names == ["p/4.png", "p/5.png"]
    assert common.left_out == {"trained_a": 2, "trained_b": 2}
    renamed = replace(other, items=other.items.assign(original=[f"q/{row}.png" for row in order]))
    assert compared(dataset_of(SPLITS), renamed)[1].left_out == common.left_out
    # The same names of other pictures are no images in common.
    changed = dataset_of(SPLITS, base="three", digests=[f"x{row}" for row in range(10)])
    assert compared(dataset_of(SPLITS), changed)[1].left_out == {"only_a": 4, "only_b": 4}


def test_other_labels_and_other_groups_are_told_apart():
    """What was labeled otherwise is no comparison, and who trained on a person has an advantage on its other images."""
    targs = dataset_of(SPLITS).targs.copy()
    targs[4] = 1 - targs[4]
    edited = replace(dataset_of(SPLITS, targs=targs), revision="r-edited")
    assert compared(dataset_of(SPLITS), edited)[1].left_out == {"relabeled": 1}
    group = ["ann", "bob", "", "", "ann", "bob", "eve", "eve", "", ""]
    again = ["train", "excluded", *SPLITS[2:]]  # B never saw bob
    names, common = compared(
        dataset_of(SPLITS, group=group), replace(dataset_of(again, group=group), revision="r-again")
    )
    assert names == ["p/4.png", "p/6.png", "p/7.png"] and common.left_out == {"related_a": 1}
    assert (common.related, common.n_groups) == (1, 2)


def test_runs_of_which_nobody_knows_what_they_learned_are_refused():
    """Nobody knows the copies and groups of a dataset that is gone; a bundle needs runs of the same revision."""
    known, gone = FakeRun(dataset_of(SPLITS)), FakeRun(None, "r-old")
    assert "not known any more" in images.refusal([known], [gone])
    assert "not known any more" in images.refusal([gone], [FakeRun(None, "r-old")])
    stand_in = replace(dataset_of(SPLITS, base="two"), source={"kind": "bundle"})
    bundled = FakeRun(stand_in)
    assert "came in a bundle" in images.refusal([bundled], [known])
    assert images.refusal([bundled], [FakeRun(stand_in)]) == ""
    assert "training images of a bundle" in images.common([bundled], [FakeRun(stand_in)]).words()
    assert "stands twice" in images.refusal([known], [known])


def test_a_side_is_seeds_of_one_choice():
    """Runs of other choices, or one seed twice, scatter for other reasons than luck."""
    runs = [FakeRun(dataset_of(SPLITS)) for _ in range(4)]
    assert images.refusal(runs[:2], runs[2:]) == ""
    runs[1].config = replace(runs[1].config, size=96)
    assert "more than its seed" in images.refusal(runs[:2], runs[2:])
    runs[1].config = replace(runs[0].config)
    assert "the same seed" in images.refusal(runs[:2], runs[2:])
