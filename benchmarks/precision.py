"""Time of a training step in float32, and with the body in bfloat16."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import torch
from fastai.vision.learner import create_vision_model
from torch import nn
from torchvision.models import resnet18

from lib.training.learner import data, nets, precision

#: Seconds of each comparison.
_SECONDS = 40
_LABELS = 20
#: Name, network, side in pixels and images a batch: what the defaults train with.
_CASES = (
    ("small 64 px", lambda: nets.small(_LABELS, None), 64, 32),
    ("resnet18 128 px", lambda: create_vision_model(resnet18, _LABELS, pretrained=False), 128, 64),
)


def measure() -> dict[str, float | str]:
    """Return the fastest step of both kinds, taken in turns: other work on the machine only ever adds."""
    device = data.best_device()
    precision.check_mixed(device)
    measured: dict[str, float | str] = {}
    for name, make, size, bs in _CASES:
        steps = [_step(make(), size, bs, device, mixed=mixed) for mixed in (False, True)]
        plain, mixed = _fastest(steps, device)
        measured[f"{name}, float32: step, fastest (ms)"] = 1000 * plain
        measured[f"{name}, mixed: step, fastest (ms)"] = 1000 * mixed
        measured[f"{name}, mixed to float32"] = mixed / plain
    return {**measured, "device": data.describe(device)}


def _step(model: nn.Module, size: int, bs: int, device: torch.device, *, mixed: bool) -> Callable[[], None]:
    """Return a function that does one step of training; it has done two."""
    model.to(device).train()
    if mixed:
        precision.enter(model[0], device)
    optimizer = torch.optim.Adam(model.parameters())
    pictures, targs = torch.rand(bs, 3, size, size, device=device), torch.rand(bs, _LABELS, device=device)

    def step() -> None:
        nn.functional.binary_cross_entropy_with_logits(model(pictures), targs).backward()
        optimizer.step()
        optimizer.zero_grad()

    step()
    step()
    return step


def _fastest(steps: list[Callable[[], None]], device: torch.device) -> list[float]:
    """Return the seconds of the fastest call of each of ``steps``."""
    fastest = [math.inf] * len(steps)
    end = time.perf_counter() + _SECONDS
    while time.perf_counter() < end:
        for which, step in enumerate(steps):
            began = time.perf_counter()
            step()
            if device.type == "cuda":
                torch.cuda.synchronize()
            fastest[which] = min(fastest[which], time.perf_counter() - began)
    return fastest
