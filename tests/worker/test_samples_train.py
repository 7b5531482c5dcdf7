"""Each built-in sample trains from scratch, in fewer epochs than usual, to clearly better than its baseline."""

from __future__ import annotations

import json

import pytest

from lib import tasks
from lib.importing import samples
from lib.training import run_metrics, runs
from tests.worker.test_cli import read, run

pytestmark = pytest.mark.slow

EPOCHS = {"shapes": 4, "glyphs": 3, "clocks": 3, "gauges": 6}
#: How much of the way from the baseline to a perfect score must be left at most. Measured with three seeds:
#: shapes 0.48, glyphs 0.13, clocks 0.26, gauges 0.36 at most; with all epochs that are usual 0.35, 0.01, 0.10, 0.16.
LEFT = {"shapes": 0.55, "glyphs": 0.15, "clocks": 0.3, "gauges": 0.4}


def test_there_is_a_sample_for_each_task():
    """Somebody who has no data yet can try every task."""
    assert {sample.task for sample in samples.SAMPLES.values()} == set(tasks.TASKS)
    assert set(LEFT) == set(samples.SAMPLES)


@pytest.mark.first
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", list(LEFT))
def test_sample_beats_its_baseline(name, workspace):
    """``python -m lib train NAME --json`` works at once and ends far from the baseline, by more than chance."""
    trained = read(run("train", name, "--epochs", str(EPOCHS[name]), "--json", workspace=workspace))
    task = tasks.get(trained["task"])
    value, base = (trained[which][task.metric] for which in ("metrics", "baseline"))
    perfect = 1.0 if task.larger_is_better else 0.0
    left = (perfect - value) / (perfect - base)
    print(json.dumps({"sample": name, "value": value, "baseline": base, "left": round(left, 3)}))
    assert left < LEFT[name]
    for split in ("valid", "test"):
        assert run_metrics.gain(runs.load(workspace, trained["run"]), split).low > 0
