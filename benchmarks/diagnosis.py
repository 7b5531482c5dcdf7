"""Whether what the Train page says of a training is right: recorded and simulated trainings with a known fault."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import recording
from lib.core.workspace import Workspace


def measure(words: list[str]) -> dict[str, str]:
    """Record, or print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks diagnosis")
    parser.add_argument("--record", type=Path, metavar="DATA", help="train and record; DATA has vehicles and faces")
    parser.add_argument("--workspace", type=Path, help="where to train; default: as for the app")
    parser.add_argument("--only", default="", help="names of trainings, with commas")
    chosen = parser.parse_args(words)
    if chosen.record:
        names = [name for name in chosen.only.split(",") if name]
        recording.record(chosen.record, Workspace.find(chosen.workspace), names)
    return {}
