"""The book's keypoints as a plain fastai script (fastai book, chapter 6, "Regression"), nothing of Manyhot in it.

``python -m benchmarks.keypoints_book FACTS.json``: files, points, which images validate, and how long it may train.
The book's recipe for head poses, ``fine_tune`` of a resnet18 with ``y_range=(-1, 1)`` at ``lr=1e-2``, with what other
data need: all points of a picture, squished to a square, no mirroring, which would exchange left and right ones.
"""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch
from fastai.vision.all import (
    DataBlock,
    ImageBlock,
    IndexSplitter,
    Learner,
    PointBlock,
    Resize,
    ResizeMethod,
    aug_transforms,
    resnet18,
    set_seed,
    vision_learner,
)

_SIZE, _BS, _LR = 128, 64, 1e-2


def _learner(facts: dict) -> Learner:
    files, points = facts["files"], np.array(facts["points"], dtype=np.float32)
    set_seed(42, reproducible=True)
    block = DataBlock(
        blocks=(ImageBlock, PointBlock),
        get_x=lambda row: files[row],
        get_y=lambda row: points[row],
        splitter=IndexSplitter(facts["valid"]),
        item_tfms=Resize(_SIZE, method=ResizeMethod.Squish),
        batch_tfms=aug_transforms(do_flip=False),
    )
    dls = block.dataloaders(list(range(len(files))), bs=_BS, num_workers=facts["workers"])
    # Nothing is downloaded: from scratch, as the other trainings.
    return vision_learner(dls, resnet18, pretrained=False, n_out=2 * points.shape[1], y_range=(-1, 1))


def _seconds(fit) -> float:
    began = time.process_time()
    fit()
    return time.process_time() - began


def main(facts: dict) -> dict:
    """Train and return ``preds`` (n_valid, K, 2) from -1 to 1, ``epochs`` and CPU ``seconds``."""
    tried = _learner(facts)
    with tried.no_bar(), tried.no_logging():
        tried.fit(1)  # the first one decodes and warms up
        epoch = _seconds(partial(tried.fit, 1))
    epochs = max(1, round(facts["seconds"] / epoch) - 1)
    learn = _learner(facts)
    with learn.no_bar(), learn.no_logging():
        seconds = _seconds(partial(learn.fine_tune, epochs, _LR, lr_mult=facts["lr_mult"]))
        preds, _ = learn.get_preds()
    shape = (len(facts["valid"]), -1, 2)
    return {"preds": preds.reshape(shape).tolist(), "epochs": 1 + epochs, "seconds": seconds}


if __name__ == "__main__":
    path = Path(sys.argv[1])
    facts = json.loads(path.read_text())
    torch.set_num_threads(facts["threads"])
    path.write_text(json.dumps(main(facts)))
