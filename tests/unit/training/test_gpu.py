"""GPU memory and utilization are reported, and training is safe from a GPU that does not report them."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
import torch
from pynvml import NVMLError_NotSupported

from lib.training import events
from lib.training.history import History
from lib.training.learner.checkpoint import Position
from lib.training.learner.gpu import GpuMonitor


def _refuse(_device):
    raise NVMLError_NotSupported


@pytest.mark.parametrize(("tell", "use"), [(lambda _device: 73, 73), (_refuse, None)], ids=["tells", "does not"])
def test_memory_and_use_are_written_once_a_second(tmp_path, monkeypatch, tell, use):
    """Used and whole memory in bytes and how busy it is in percent; not at every batch, and not in validation."""
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _device: (3 * 2**30, 8 * 2**30))
    monkeypatch.setattr(torch.cuda, "utilization", tell)
    write = events.EventWriter(tmp_path)
    monitor = GpuMonitor(write, Position(step=4))
    monitor.learn = SimpleNamespace(training=False, dls=SimpleNamespace(device=torch.device("cuda", 0)))
    monitor.after_batch()
    monitor.learn.training = True
    for _ in range(5):
        monitor.after_batch()
    write.close()
    history = History()
    for line in (tmp_path / events.EVENTS).read_text().splitlines():
        history.add(json.loads(line))
    (usage,) = history.device
    assert (usage["step"], usage["memory"], usage["memory_total"], usage["use"]) == (4, 5 * 2**30, 8 * 2**30, use)
