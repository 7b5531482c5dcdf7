"""Run the tests of Ray in a network of their own: ``python -m tests.ray [words for pytest]``, as ``make ray`` does."""

from __future__ import annotations

import sys

from tests.ray import private

if __name__ == "__main__":
    # One process: all tests share a cluster.
    sys.exit(private.run([sys.executable, "-m", "pytest", "-n", "0", "-m", "ray", *(sys.argv[1:] or ["tests/ray"])]))
