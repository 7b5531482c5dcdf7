"""Time of a training step in float32, compiled by `torch.compile`, and with the body in bfloat16."""

from __future__ import annotations

import math
import resource
import time
from collections.abc import Callable

import torch
import torch._inductor.config
from fastai.vision.learner import create_timm_model, create_vision_model
from torch import nn
from torchvision.models import resnet18

from lib.core.errors import UserError
from lib.training import architectures
from lib.training.learner import data, nets, precision

#: Seconds of each comparison.
_SECONDS = 40
_LABELS = 20
#: Name, network, side in pixels and images a batch: what the defaults train with.
_CASES = (
    ("small 64 px", lambda: nets.small(_LABELS, None), 64, 32),
    ("lite0 128 px", lambda: create_timm_model(architectures.LITE0_TIMM, _LABELS, pretrained=False)[0], 128, 16),
    ("resnet18 128 px", lambda: create_vision_model(resnet18, _LABELS, pretrained=False), 128, 64),
)
_FLOAT32, _COMPILED, _MIXED = "float32", "compiled", "mixed"


def measure() -> dict[str, float | str]:
    """Return the fastest step of each kind, taken in turns: other work on the machine only ever adds.

    On a processor in CPU seconds of all threads. Weights lie channels last, as the recommended recipe has them. Of the
    compiled network it is told as well what making it and its first steps took, in this process and those that compile.
    """
    torch._inductor.config.compile_threads = 1  # its own processes never end, and would not be counted
    device = data.best_device()
    measured: dict[str, float | str] = {"device": data.describe(device)}
    kinds = [_FLOAT32, _COMPILED, _MIXED]
    try:
        precision.check_mixed(device)
    except UserError as error:
        measured["mixed"] = f"not measured: {error}"
        kinds.remove(_MIXED)
    for name, make, size, bs in _CASES:
        steps = {}
        for kind in kinds:
            began = time.perf_counter(), _of_all()
            steps[kind] = _step(make(), size, bs, device, kind)
            if kind == _COMPILED:
                measured[f"{name}, compiled: until the third step (s)"] = time.perf_counter() - began[0]
                measured[f"{name}, compiled: until the third step (CPU s)"] = _of_all() - began[1]
        fastest = _fastest(steps, device)
        for kind, seconds in fastest.items():
            measured[f"{name}, {kind}: step, fastest (ms)"] = 1000 * seconds
            if kind != _FLOAT32:
                measured[f"{name}, {kind} to float32"] = seconds / fastest[_FLOAT32]
    return measured


def _step(model: nn.Module, size: int, bs: int, device: torch.device, kind: str) -> Callable[[], None]:
    """Return a function that does one step of training; it has done two."""
    model.to(device, memory_format=torch.channels_last).train()
    if kind == _MIXED:
        precision.enter(model[0], device)
    forward = torch.compile(model) if kind == _COMPILED else model
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    pictures, targs = torch.rand(bs, 3, size, size, device=device), torch.rand(bs, _LABELS, device=device)
    pictures = pictures.contiguous(memory_format=torch.channels_last)

    def step() -> None:
        nn.functional.binary_cross_entropy_with_logits(forward(pictures), targs).backward()
        optimizer.step()
        optimizer.zero_grad()

    step()
    step()
    return step


def _of_all() -> float:
    """Return the CPU seconds of this process and of those that it started and that have ended."""
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def _fastest(steps: dict[str, Callable[[], None]], device: torch.device) -> dict[str, float]:
    """Return the seconds of the fastest call of each of ``steps``."""
    clock = time.process_time if device.type == "cpu" else time.perf_counter
    fastest = dict.fromkeys(steps, math.inf)
    end = time.perf_counter() + _SECONDS
    while time.perf_counter() < end:
        for kind, step in steps.items():
            began = clock()
            step()
            if device.type == "cuda":
                torch.cuda.synchronize()
            fastest[kind] = min(fastest[kind], clock() - began)
    return fastest
