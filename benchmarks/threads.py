"""Effect of torch's waiting threads on training beside other work, by default and as workers set them."""

from __future__ import annotations

import os
import subprocess
import sys

from lib.core import processes

_SECONDS = 8
_STEPS = f"""
import time, torch
from lib.training.learner import nets
net = nets.small(20, None)
opt = torch.optim.Adam(net.parameters())
x, y = torch.rand(32, 3, 64, 64), torch.rand(32, 20)
def step():
    torch.nn.functional.binary_cross_entropy_with_logits(net(x), y).backward()
    opt.step()
    opt.zero_grad()
for _ in range(5):
    step()
print("ready", flush=True)
input()
began, done = time.perf_counter(), 0
while time.perf_counter() - began < {_SECONDS}:
    step()
    done += 1
print(done / (time.perf_counter() - began))
"""


def measure() -> dict[str, float]:
    """Return training steps a second of one and of two trainings at once, for both ways of waiting."""
    measured = {}
    for name, environment in (("default", {}), ("worker", processes.ENVIRONMENT)):
        for count in (1, 2):
            measured[f"{name}, {count} at once: steps/s each"] = _rate(environment, count)
    for count in (1, 2):
        pair = [measured[f"{name}, {count} at once: steps/s each"] for name in ("worker", "default")]
        measured[f"worker to default, {count} at once"] = pair[0] / pair[1]
    return measured


def _rate(settings: dict[str, str], count: int) -> float:
    own = {name: value for name, value in os.environ.items() if name not in processes.ENVIRONMENT}
    environment = own | settings
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    started = [subprocess.Popen([sys.executable, "-c", _STEPS], env=environment, **pipes) for _ in range(count)]
    for process in started:
        process.stdout.readline()
    for process in started:  # all at once, when all are ready
        process.stdin.write("\n")
        process.stdin.flush()
    rates = [float(process.stdout.readline()) for process in started]
    for process in started:
        process.wait()
    return sum(rates) / count
