"""Gathered batches are exactly those that fastai builds item by item, with the same randomness used up."""

from __future__ import annotations

import random
import threading

import numpy as np
import pytest
import torch
from fastai.data.all import TfmdDL
from fastai.torch_core import set_seed

from lib import tasks
from lib.core.errors import UserError
from lib.training import options
from lib.training.learner import data, layout
from lib.training.learner.batches import BatchedDL, Share
from lib.training.learner.fused import Fused

CPU = torch.device("cpu")


def _seen(dataset, *, gathered: bool) -> list:
    """Return all batches of two epochs, of test images without and with targets, and what chance says next."""
    task = tasks.get(dataset.task)
    config = options.configure(dataset, {"pretrained": False, "size": 32, "bs": 8, "recipe": "book"})
    scale = task.fit_scale(dataset.targs[dataset.index("train")])
    pics = data.Pictures(dataset, 32)
    set_seed(3, reproducible=True)
    if gathered:
        dls = data.make_dls(dataset, task, config, scale, pics, CPU)
    else:
        train, valid = dataset.index("train"), dataset.index("valid")
        block = data.block(dataset, task, config, scale, pics, valid=range(len(train), len(train) + len(valid)))
        dls = block.dataloaders(np.concatenate([train, valid]).tolist(), bs=8, device=CPU, num_workers=0)
        assert type(dls.train) is TfmdDL
    batches = [dls.one_batch(), *(batch for _ in range(2) for dl in dls for batch in dl)]
    batches += [*data.split_dl(dls, dataset, "test"), *dls.test_dl([1, 2, 3], with_labels=True)]
    return [*batches, (torch.rand(3), random.random(), np.random.rand(), dls.train.rng.random())]


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_batches_are_fastais_to_the_last_bit(name, make_dataset):
    """Values, types, order in memory, what tensors know besides, and every random state afterwards."""
    dataset = make_dataset(name)
    ours, theirs = (_seen(dataset, gathered=gathered) for gathered in (True, False))
    assert len(ours) == len(theirs) == 1 + 2 * (4 + 2) + 1 + 1 + 1
    for one, other in zip(ours, theirs, strict=True):
        for part, expected in zip(one, other, strict=True):
            assert type(part) is type(expected)
            if isinstance(part, torch.Tensor):
                assert part.__dict__ == expected.__dict__
                assert (part.dtype, part.stride()) == (expected.dtype, expected.stride())
                assert torch.equal(part.as_subclass(torch.Tensor), expected.as_subclass(torch.Tensor))
            else:
                assert part == expected


@pytest.mark.parametrize("recipe", ["book", "recommended"])
def test_shares_of_batches_put_together_are_the_batches(recipe, make_dataset):
    """Three processes draw what one draws, and each gets its own rows of it; a validation has all targets."""
    dataset, task = make_dataset("keypoints"), tasks.get("keypoints")
    config = options.configure(dataset, {"pretrained": False, "size": 32, "bs": 7, "recipe": recipe})

    def batches(rank: int | None) -> list:
        set_seed(3, reproducible=True)
        dls = data.make_dls(dataset, task, config, {}, data.Pictures(dataset, 32), CPU)
        for place, dl in enumerate(dls):
            dl.share = None if rank is None else Share(rank, 3, all_targets=bool(place))
        return [[*map(torch.Tensor, batch)] for dl in dls for batch in dl] + [[torch.rand(2)]]

    whole, shares = batches(None), [batches(rank) for rank in range(3)]
    assert [len(of) for of in shares] == [len(whole)] * 3 == [4 + 2 + 1] * 3
    for place, (pictures, targets) in enumerate(whole[:-1]):
        own = [share[place] for share in shares]
        off = (torch.cat([one[0] for one in own]) - pictures).abs()
        assert off.max() < 1e-5  # a quarter of a level, to which light is looked up, is 0.004
        if place < 4:
            torch.testing.assert_close(torch.cat([one[1] for one in own]), targets)
        else:
            assert all(torch.equal(one[1], targets) for one in own)
    assert all(torch.equal(share[-1][0], whole[-1][0]) for share in shares)


def test_a_picture_that_goes_missing_ends_the_epoch_with_a_sentence(make_dataset):
    """What goes wrong in the threads that decode is raised where the batch is asked for, and nothing hangs."""
    dataset, task = make_dataset("multi-label"), tasks.get("multi-label")
    config = options.configure(dataset, {"pretrained": False, "size": 32, "bs": 8})
    dls = data.make_dls(dataset, task, config, {}, data.Pictures(dataset, 32), CPU)
    dataset.image_path(int(dataset.index("train")[-1])).unlink()
    with pytest.raises(UserError, match="cannot be read any more"):
        list(dls.train)


def test_batches_drawn_ahead_are_the_same(make_dataset, monkeypatch):
    """As for a GPU, where the next batch is readied while this one is worked on: order, draws, chance afterwards."""
    dataset, task = make_dataset("keypoints"), tasks.get("keypoints")
    config = options.configure(dataset, {"pretrained": False, "size": 32, "bs": 8, "flip": True})

    def seen() -> tuple[list, list[float]]:
        set_seed(3, reproducible=True)
        dls = data.make_dls(dataset, task, config, {}, data.Pictures(dataset, 32), CPU)
        assert dls.train.draws_ahead
        threads.clear()  # fastai has looked at an item or two
        batches = [batch for _ in range(2) for dl in dls for batch in dl]
        return batches, torch.rand(2).tolist()

    threads: set[bool] = set()
    expected = seen()
    transformed, planes = Fused.__call__, data.Pictures.planes

    def noted(self, *arguments, **options):
        threads.add(threading.current_thread() is threading.main_thread())
        return transformed(self, *arguments, **options)

    monkeypatch.setattr(Fused, "__call__", noted)
    monkeypatch.setattr(BatchedDL, "_is_cuda", lambda _: True)
    monkeypatch.setattr(layout, "moved", lambda values, _: values)
    monkeypatch.setattr(data.Pictures, "planes", lambda self, rows, pinned=False: planes(self, rows))
    ahead = seen()
    assert threads == {False}
    assert ahead[1] == expected[1]
    assert len(ahead[0]) == len(expected[0]) == 2 * (4 + 2)
    for one, other in zip(ahead[0], expected[0], strict=True):
        for part, wanted in zip(one, other, strict=True):
            assert torch.equal(part.as_subclass(torch.Tensor), wanted.as_subclass(torch.Tensor))
