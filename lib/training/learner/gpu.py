"""The GPU monitor: memory and utilization, about once a second."""

from __future__ import annotations

import time

import torch
from fastai.callback.core import Callback
from pynvml import NVMLError

from lib.training.events import EventWriter
from lib.training.learner.checkpoint import Position

_EVERY = 1.0


class GpuMonitor(Callback):
    """Writes ``device`` events where there is a CUDA device.

    Parameters
    ----------
    write : EventWriter
    position : Position
    """

    def __init__(self, write: EventWriter, position: Position):
        self.write, self.position = write, position
        self._next = 0.0

    def after_batch(self) -> None:
        """Look at most once a second."""
        if not (self.training and self.dls.device.type == "cuda") or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY
        free, total = torch.cuda.mem_get_info(self.dls.device)
        use = utilization(self.dls.device)
        self.write("device", step=self.position.step, memory=total - free, memory_total=total, use=use)


def utilization(device: torch.device) -> int | None:
    """Return how busy ``device`` is in percent; None where its driver does not tell, as of a part of a GPU."""
    try:
        return torch.cuda.utilization(device)
    except (NVMLError, ModuleNotFoundError):  # the latter for GPUs of another maker
        return None
