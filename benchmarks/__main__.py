"""Run a benchmark: ``python -m benchmarks NAME [--json]``."""

from __future__ import annotations

import argparse
import importlib
import json
import os

from lib import launch

#: Name on the command line and module.
BENCHMARKS = {
    "first-paint": "first_paint",
    "live-page": "live_page",
    "precision": "precision",
    "threads": "threads",
    "training": "training",
}


def main() -> None:
    """Run the benchmark that is named and print what it measured, a line each or as JSON."""
    # As lib.launch does for workers; torch reads it once, when it is imported.
    os.environ.update({**launch.ENVIRONMENT, **os.environ})
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=BENCHMARKS)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    chosen = parser.parse_args()
    found = importlib.import_module(f"benchmarks.{BENCHMARKS[chosen.name]}").measure()
    if chosen.json:
        print(json.dumps(found, indent=1))
    else:
        for name, value in found.items():
            print(f"{name:<44} {value:>12.6g}" if isinstance(value, float) else f"{name:<44} {value:>12}")


if __name__ == "__main__":
    main()
