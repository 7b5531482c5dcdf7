"""What fastai itself computes of what the Learn page's figures show: ``python -m tests.unit.training.learn_numbers``.

It writes ``tests/js/learn_fastai.json``, with which the figures' scripts are compared.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fastai.callback.core import Callback
from fastai.callback.schedule import LRFinder, SchedExp, minimum, slide, steep, valley
from fastai.data.core import DataLoaders
from fastai.learner import AvgSmoothLoss, Learner
from fastai.vision.all import (
    AffineCoordTfm,
    Brightness,
    Contrast,
    Flip,
    IntToFloatTensor,
    Normalize,
    PILImage,
    PointScaler,
    Resize,
    ResizeMethod,
    Rotate,
    TensorImage,
    TensorPoint,
    Zoom,
    imagenet_stats,
    setup_aug_tfms,
    sigmoid_range,
)
from torch import nn

from lib.web.ui.learn import recorded_search

FILE = Path(__file__).resolve().parents[2] / "js/learn_fastai.json"
GROUPS, BATCHES = 3, 5
CHOICES = {"epochs": 3, "freeze_epochs": 4, "base_lr": 4e-3, "lr_mult": 100}
#: What fastai's augmentation draws; the angle in degrees.
DRAWN = {"angle": 7.5, "zoom": 1.08, "middle": [0.3, 0.8], "brightness": 0.57, "contrast": 1.17}


class _Heard(Callback):
    """Hears what a batch is trained with."""

    order = 70  # after the scheduler

    def __init__(self) -> None:
        self.batches: list[dict[str, Any]] = []

    def before_batch(self) -> None:
        """Keep rates, momentum, and which weights learn."""
        if not self.training:
            return
        hypers = self.opt.hypers
        learns = [[p.requires_grad for p in group] for group in self.opt.param_lists]
        self.batches.append(
            {
                "rates": [float(one["lr"]) for one in hypers],
                "mom": float(hypers[-1]["mom"]),
                "linear_learns": [group[0] for group in learns],
                "norm_learns": [group[-1] for group in learns],
            }
        )


def fine_tuning() -> list[dict[str, Any]]:
    """Return what fastai's `fine_tune` does batch by batch in a model of three groups with batch norm."""
    batches = [(torch.ones(2, 2), torch.ones(2, 2))] * BATCHES
    layers = [nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)) for _ in range(GROUPS)]
    heard = _Heard()
    learn = Learner(
        DataLoaders(batches, batches[:1]),
        nn.Sequential(*layers),
        loss_func=nn.functional.mse_loss,
        splitter=lambda model: [list(part.parameters()) for part in model],
        cbs=heard,
    )
    with learn.no_bar(), learn.no_logging():
        learn.fine_tune(
            CHOICES["epochs"], CHOICES["base_lr"], freeze_epochs=CHOICES["freeze_epochs"], lr_mult=CHOICES["lr_mult"]
        )
    return heard.batches


def finder(losses: list[float]) -> dict[str, Any]:
    """Return what fastai makes of the losses of a search: rates, smoothed losses, suggestions."""
    rates = [SchedExp(1e-7, 10)(batch / 100) for batch in range(len(losses))]
    smooth, values = AvgSmoothLoss(), []
    smooth.val = smooth.val.double()
    for loss in losses:
        smooth.accumulate(type("Learned", (), {"loss": torch.tensor(loss, dtype=torch.float64)}))
        values.append(float(smooth.value))
    seen = torch.tensor(rates[10:-5], dtype=torch.float64), torch.tensor(values[10:-5], dtype=torch.float64)
    found = {method.__name__: float(method(*seen, 100)[0]) for method in (valley, minimum, steep, slide)}
    return {"losses": losses, "rates": rates, "smooth": values, "suggestions": found, "defaults": _defaults()}


def _defaults() -> dict[str, float]:
    schedule = LRFinder().scheds["lr"]
    return {"first": schedule.start, "last": schedule.end}


def points() -> dict[str, Any]:
    """Return points in pixels and as fastai scales them, and numbers that its `sigmoid_range` makes."""
    pixels, size = [[0.0, 0.0], [33.5, 71.25], [160.0, 120.0], [-4.0, 118.0]], [160, 120]
    scaler = PointScaler()
    scaler.encodes(TensorImage(torch.zeros(3, size[1], size[0])))
    unit = scaler.encodes(TensorPoint(torch.tensor(pixels, dtype=torch.float64)))
    acts = [-8.0, -2.0, -0.3, 0.0, 1.0, 6.5]
    values = [float(one) for one in sigmoid_range(torch.tensor(acts, dtype=torch.float64), -1.0, 1.0)]
    slopes = []
    for act in acts:
        one = torch.tensor(act, dtype=torch.float64, requires_grad=True)
        sigmoid_range(one, -0.5, 3.0).backward()
        slopes.append(float(one.grad))
    picture = PILImage.create(np.zeros((size[1], size[0], 3), dtype=np.uint8))
    crop = Resize(size[1], ResizeMethod.Crop)
    cropped = crop((picture, TensorPoint(unit)), split_idx=1)[1]
    mirror = Flip(p=1.0)
    mirror.before_call(TensorImage(torch.zeros(1, 3, 4, 4)), 0)
    flipped = mirror.encodes(TensorPoint(unit[None].float()))[0]
    return {
        "size": size,
        "pixels": pixels,
        "unit": unit.tolist(),
        "flipped": [[float(x), float(y)] for x, y in flipped],
        "cropped": cropped.tolist(),
        "acts": acts,
        "in_range": values,
        "slopes": slopes,
    }


def pixels() -> dict[str, Any]:
    """Return a picture of bytes, and what each step of fastai makes of it, and of a point in it."""
    width = height = 6
    generator = torch.Generator().manual_seed(3)
    levels = torch.randint(0, 256, (1, 3, height, width), generator=generator, dtype=torch.uint8)
    x, y = DRAWN["middle"]
    zoom = Zoom(p=1.0, draw=DRAWN["zoom"], draw_x=x, draw_y=y)
    affine = [Flip(p=1.0), Rotate(p=1.0, draw=DRAWN["angle"]), zoom]  # as `aug_transforms` has them
    light = [Brightness(p=1.0, draw=DRAWN["brightness"]), Contrast(p=1.0, draw=DRAWN["contrast"])]
    floats = IntToFloatTensor()(TensorImage(levels))
    (turn, *_), after = setup_aug_tfms(affine), setup_aug_tfms(light)
    assert isinstance(turn, AffineCoordTfm)
    turned = turn(floats, split_idx=0)
    point = TensorPoint(torch.tensor([[[0.25, -0.5]]]))
    moved = turn.encodes(point)
    lit = turned
    for one in after:
        lit = one(lit, split_idx=0)
    normalized = Normalize.from_stats(*imagenet_stats, cuda=False)(lit)
    rgba = torch.cat([levels[0], torch.full((1, height, width), 255, dtype=torch.uint8)]).permute(1, 2, 0)
    return {
        "width": width,
        "height": height,
        "drawn": {**DRAWN, "mirrored": True},
        "rgba": rgba.flatten().tolist(),
        "matrix": turn.mat[0].tolist(),
        "turned": turned.flatten().tolist(),
        "lit": lit.flatten().tolist(),
        "normalized": normalized.flatten().tolist(),
        "point": point[0, 0].tolist(),
        "point_in_copy": moved[0, 0].tolist(),
    }


def losses() -> list[float]:
    """Return losses as a search has them: flat, falling, exploding, with noise."""
    generator = torch.Generator().manual_seed(1)
    steps = torch.arange(96, dtype=torch.float64)
    shape = 0.7 - 0.35 / (1 + torch.exp(-(steps - 62) / 5)) + torch.exp((steps - 90) / 2)
    return [round(float(one), 6) for one in shape + 0.02 * torch.randn(96, generator=generator, dtype=torch.float64)]


def everything() -> dict[str, Any]:
    """Return all that the scripts are compared with."""
    return {
        "choices": {**CHOICES, "groups": GROUPS, "batches": BATCHES},
        "fine_tuning": fine_tuning(),
        "finder": finder(losses()),
        "recorded": finder(list(recorded_search.LOSSES)),
        "points": points(),
        "pixels": pixels(),
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(everything()) + "\n", encoding="utf-8")
