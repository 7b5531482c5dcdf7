"""Printing, progress and options that several commands share."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

from lib.cli import terminal
from lib.core import sentences
from lib.metrics.intervals import Interval


def run_option(command: argparse.ArgumentParser) -> None:
    """Say that a command takes a run."""
    command.add_argument("run_id", metavar="RUN", help="id of a run, see `runs`")


def one_line(text: str, most: int = 40) -> str:
    """Return a name as a terminal can show it: on one line, not endless, without control characters."""
    clean = sentences.printable(text)
    return clean if len(clean) <= most else clean[: most - 1] + "…"


def number(value: float | None) -> str:
    """Return a number with four significant digits."""
    return "not defined" if value is None else f"{value:#.4g}"


def columns(rows: list[list[str]]) -> str:
    """Return rows of cells as lines, each column as wide as its widest cell."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def progress_line():
    """Return a progress function that rewrites one line on a terminal and is silent elsewhere."""

    def progress(done: int, total: int, text: str) -> None:
        terminal.rewrite(f"{text}: {done:,} of {total:,}", is_last=done >= total)

    return progress


def interval_json(interval: Interval) -> dict[str, float | None]:
    """Return a number and its ends by name, None where not defined."""
    return {name: None if value != value else float(value) for name, value in interval._asdict().items()}


def say(text: str) -> None:
    """Print for people: on stderr, so that stdout stays one JSON document."""
    print(text, file=sys.stderr, flush=True)


def print_json(value: Any) -> int:
    """Print the one JSON document of a command and return its exit code."""
    print(terminal.spelled(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)))
    return 0


@contextlib.contextmanager
def stopped_softly() -> Iterator[threading.Event]:
    """Let Ctrl+C and a request to end set the event, so that nothing is left half written."""
    stop, before = threading.Event(), {}
    for one in (signal.SIGINT, signal.SIGTERM):
        before[one] = signal.signal(one, lambda *_: stop.set())
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
