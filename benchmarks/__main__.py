"""Run a benchmark: ``python -m benchmarks NAME [--json]``."""

from __future__ import annotations

import argparse
import importlib
import json
import os
from pathlib import Path

from lib.core import processes

#: Name on the command line and module.
BENCHMARKS = {
    "audit": "audit",
    "audit-gain": "audit_gain",
    "checks": "checks",
    "checksums": "checksums",
    "decoding": "decoding",
    "diagnosis": "diagnosis",
    "drag": "drag",
    "dry-run": "dry_run",
    "export": "export",
    "first-paint": "first_paint",
    "gate": "gate",
    "gpu": "gpu",
    "importing": "importing",
    "keypoints": "keypoints",
    "label-next": "label_next",
    "limits": "limits",
    "live-page": "live_page",
    "loading": "loading",
    "matrix": "matrix",
    "overlay": "overlay",
    "pages": "pages",
    "precision": "precision",
    "predict-many": "predict_many",
    "predict-ray": "predict_ray",
    "ray": "ray_figures",
    "recipes": "recipes",
    "report": "report",
    "similar": "similar",
    "speed": "speed",
    "sweep": "sweep",
    "threads": "threads",
    "training": "training",
    "uploads": "uploads",
    "verdicts": "verdicts",
}
#: These let torch's threads wait for each other as they come: alone on a machine it is quicker.
ALONE = {"sweep"}
#: These measure on data that are not made here.
ON_DATA = {"audit", "audit-gain", "keypoints", "label-next", "recipes"}
#: These have options of their own.
WITH_OPTIONS = {"audit", "diagnosis", "recipes"}


def main() -> None:
    """Run the benchmark that is named and print what it measured, a line each or as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=BENCHMARKS)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help=f"data to measure on: {', '.join(sorted(ON_DATA))}")
    chosen, words = parser.parse_known_args()
    if words and chosen.name not in WITH_OPTIONS:
        parser.error(f"unrecognized arguments: {' '.join(words)}")
    if (chosen.data is not None) != (chosen.name in ON_DATA):
        parser.error(f"{chosen.name} {'needs' if chosen.name in ON_DATA else 'takes no'} --data")
    if chosen.name not in ALONE:  # as lib.training.launch does for workers; torch reads it once, when it is imported
        os.environ.update({**processes.ENVIRONMENT, **os.environ})
    measure = importlib.import_module(f"benchmarks.{BENCHMARKS[chosen.name]}").measure
    arguments = [chosen.data] if chosen.name in ON_DATA else []
    measured = measure(*arguments, *([words] if chosen.name in WITH_OPTIONS else []))
    if chosen.json:
        print(json.dumps(measured, indent=1))
    else:
        for name, value in measured.items():
            print(f"{name:<44} {value:>12.6g}" if isinstance(value, float) else f"{name:<44} {value:>12}")


if __name__ == "__main__":
    main()
