"""The script that is run once on a borrowed GPU completes, here on the CPU with sizes that take seconds."""

from __future__ import annotations

import pytest
import torch

from benchmarks import gpu

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TINY = gpu.Sizes(cases=(("resnet18", 32, 8, 16),), epochs=1, resumed=("small", 32, 64, 4), budget=500.0)


def test_every_part_is_measured(monkeypatch):
    """Peers, kill and resume and what only a GPU has are told, each under its name, and nothing failed."""
    monkeypatch.setattr("benchmarks.speed.data_workers", lambda: 0)
    told = gpu.measure_on(torch.device("cpu"), TINY)
    assert not [value for value in told.values() if str(value).startswith("failed")], told
    assert told["kill and resume: equal to the bit"] == "True"
    for name in ("fastai", "bare", "ours"):
        assert told[f"resnet18 32 px: {name} (images/s)"] > 0
    rates = [told[f"resnet18 32 px: {name} (images/s)"] for name in ("ours", "bare")]
    assert told["resnet18 32 px: ours / bare"] == pytest.approx(rates[0] / rates[1])  # of one epoch
    assert told["batches of 32 px: later (images/s)"] > 0
    assert "no GPU" in told["out of memory: advice"]
    over = gpu.measure_on(torch.device("cpu"), gpu.Sizes(TINY.cases, 1, TINY.resumed, -1.0))
    assert "s were over" in over["resnet18 32 px"]


def test_without_a_gpu_nothing_is_claimed(monkeypatch):
    """A machine without CUDA gets a sentence and no number."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gpu.measure() == {"gpu": "not measured: no GPU"}
