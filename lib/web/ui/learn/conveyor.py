"""Panel: transforms as a conveyor, first of each picture, then of a whole batch."""

from __future__ import annotations

from typing import Any

from lib.web.ui.learn import shown_pictures
from lib.web.ui.learn.panel import Context, Panel, Question

CODE = """\
from fastai.vision.all import *

pixels = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)
alone = Pipeline([PILImage.create, Resize(64, ResizeMethod.Squish), ToTensor()])  # item_tfms: each picture
batch = TensorImage(torch.stack([alone(pixels) for _ in range(4)]))

together = [IntToFloatTensor(), *aug_transforms(max_warp=0), Normalize.from_stats(*imagenet_stats, cuda=False)]
into_model = Pipeline(together, split_idx=0)(batch)  # batch_tfms: all at once; split_idx 1 augments nothing
plain = Pipeline(together, split_idx=1)(batch)
print(batch.shape, batch.dtype, into_model.dtype, plain.mean())
"""

_QUESTIONS = (
    Question(
        "What has to be done to each picture alone?",
        ("make all the same size", "normalize", "rotate and flip"),
        0,
        "Only pictures of one size fit into one tensor. What follows can be done to all of them at once, on the GPU.",
    ),
    Question(
        "Why are rotation, zoom and flip one station?",
        ("to save memory", "so that pixels are looked up between others once only", "their order does not matter"),
        1,
        "Each look-up between pixels blurs. fastai multiplies the matrices first.",
    ),
    Question(
        "Do validation pictures go through all of it?",
        ("yes", "all but the augmentation", "none of it"),
        1,
        "They are squished and normalized the same way, but nothing is drawn for them.",
    ),
)


def _content(context: Context) -> dict[str, Any]:
    return shown_pictures.of(context.dataset)


PANEL = Panel(
    "conveyor",
    "Transforms",
    "Choose a station, drag over its picture to follow a pixel, move the sliders or draw again.",
    _QUESTIONS,
    CODE,
    _content,
    about=(
        "item_tfms change each picture alone, batch_tfms a whole batch at once. fastai itself adds ToTensor to "
        "item_tfms and IntToFloatTensor to batch_tfms."
    ),
)
