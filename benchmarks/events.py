"""How much of a training step does writing its event cost?"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path

import torch
from fastai.callback import progress, schedule  # noqa: F401  (they patch Learner)
from fastai.callback.core import Callback
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from fastai.learner import Learner
from fastai.losses import BCEWithLogitsLossFlat
from torch.utils.data import TensorDataset

from lib import protocol
from lib.learner import nets
from lib.learner.checkpoint import Position
from lib.learner.reporter import Reporter

_IMAGES, _LABELS, _SIZE, _BS = 1024, 20, 64, 32


class _TimedReporter(Reporter):
    """The reporter, with the seconds that each of its calls for a batch takes."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.seconds: list[float] = []

    def after_batch(self) -> None:
        began = time.perf_counter()
        super().after_batch()
        if self.training:
            self.seconds.append(time.perf_counter() - began)


class _Steps(Callback):
    """The seconds from batch to batch."""

    def before_fit(self) -> None:
        self.times: list[float] = []

    def before_batch(self) -> None:
        if self.training:
            self.times.append(time.perf_counter())


def measure() -> dict[str, float | int | str]:
    """Return the median seconds of a step of the smallest sensible training, of its event, and their ratio."""
    torch.manual_seed(0)
    images = torch.rand(_IMAGES, 3, _SIZE, _SIZE)
    data = TensorDataset(images, (torch.rand(_IMAGES, _LABELS) < 0.1).float())
    dls = DataLoaders(DataLoader(data, bs=_BS, shuffle=True, drop_last=True), DataLoader(data, bs=_BS))
    learn = Learner(dls, nets.small(_LABELS, None), loss_func=BCEWithLogitsLossFlat(), metrics=_share)
    with tempfile.TemporaryDirectory() as folder:
        write = protocol.EventWriter(Path(folder))
        reporter = _TimedReporter(write, Path(folder), Position(phase=protocol.UNFROZEN), base_lr=1e-3)
        steps = _Steps()
        with learn.no_bar(), learn.no_logging():
            learn.fit_one_cycle(3, 1e-3, cbs=[reporter, steps])
        write.close()
        lines = (Path(folder) / protocol.EVENTS).read_text().splitlines()
        assert sum(json.loads(line)["event"] == "batch" for line in lines) == len(reporter.seconds)
    gaps = [b - a for a, b in zip(steps.times, steps.times[1:], strict=False)]
    step, event = statistics.median(gaps), statistics.median(reporter.seconds)
    return {
        "batches": len(reporter.seconds),
        "step, median (ms)": step * 1000,
        "event of a step, median (ms)": event * 1000,
        "event of a step, 95th percentile (ms)": statistics.quantiles(reporter.seconds, n=20)[-1] * 1000,
        "share of a step (%)": 100 * event / step,
        "device": "GPU" if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} threads",
    }


def _share(preds: torch.Tensor, targs: torch.Tensor) -> torch.Tensor:
    return ((preds > 0) == (targs > 0)).float().mean()
