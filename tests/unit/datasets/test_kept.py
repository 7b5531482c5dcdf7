"""By what a dataset was divided, in words, and in the record of a run."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from lib.core.dataset import Dataset
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.splits.kept import split_words
from lib.datasets.store import HEAD
from lib.training import run_files
from tests import unsealed


@pytest.fixture
def dataset(make_dataset) -> Dataset:
    """A dataset without any record, as earlier versions wrote it."""
    return make_dataset("single-label")


def _recorded(dataset: Dataset, together: object) -> Dataset:
    head = unsealed.read(dataset.path / HEAD)
    head["source"]["together"] = together
    (dataset.path / HEAD).write_text(json.dumps(head))
    return store.read_state(dataset.path).dataset


def test_an_old_dataset_says_nothing_and_an_odd_record_is_none(dataset):
    """What earlier versions wrote opens as before; what is no record is not shown."""
    assert split_words(dataset) == ""
    for odd in (None, "person", {"by": 3}, [1]):
        assert split_words(_recorded(dataset, odd)) == ""


def test_a_record_counts_until_the_images_are_split_again(dataset):
    """Once groups differ from the import's, what was answered there is not claimed any more, until that is undone."""
    assert split_words(_recorded(dataset, {"by": "", "groups": 0})) == "series of images divided, as chosen at import"
    recorded = _recorded(dataset, {"by": "person", "groups": 3})
    assert split_words(recorded).startswith("split by person (")
    splits, groups = recorded.items["split"].tolist(), [f"g{row % 2}" for row in range(len(recorded))]
    edited = edits.assign(recorded, splits, groups, how={"by": "random"}, note="by hand")
    assert split_words(edited) == "split again since the import (2 groups)"
    assert split_words(edits.undo(edited)) == split_words(recorded)


def test_a_run_records_it_and_an_old_run_opens(dataset):
    """The first event of a run says it; one without it is read as before."""
    from torch import nn

    from lib.training.learner.train import describe

    learn = SimpleNamespace(dls=SimpleNamespace(train=[0]), model=nn.Sequential(nn.ReLU()), loss_func=object())
    facts = describe(learn, _recorded(dataset, {"by": "person", "groups": 3}))
    assert facts["split_by"].startswith("split by person (")
    started = run_files.event(json.dumps({"event": "started", **facts}).encode())
    assert started["split_by"] == facts["split_by"]
    assert "split_by" not in run_files.event(b'{"event": "started", "n_train": 3}')
