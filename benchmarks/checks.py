"""Time to check images against the time to merely decode them, and the time to compare 100,000 of them."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.synthetic import multi_label_dataset
from lib.core import pictures
from lib.core.workspace import Workspace
from lib.datasets.checks import fingerprints, near_duplicates

_N = 100_000
_PLANTED = 1_000
#: Width and height of a photograph, and how many different ones are decoded.
_SIZE, _PICTURES = (500, 375), 100
_ROUNDS = 5
#: Promised: seconds that comparing may take, and the share of decoding's speed that looking must reach.
_MOST_SECONDS, _LEAST_SHARE = 60.0, 0.8


def measure() -> dict[str, float | int | str]:
    """Return the speeds of both, in this run, and whether they are as promised."""
    return {**_looking(), **_comparing()}


def _looking() -> dict[str, float | int | str]:
    with tempfile.TemporaryDirectory() as place:
        targs = np.ones((_PICTURES, 1), dtype=np.int8)
        splits = ["train"] * (_PICTURES - 10) + ["valid"] * 10
        dataset = multi_label_dataset(Workspace(Path(place)), ["a"], targs, splits, size=_SIZE)
        paths = [dataset.image_path(row) for row in range(_PICTURES)]
        fingerprints.scan(dataset, 0)  # imports what it needs
        plain, scanned = [], []
        for _ in range(_ROUNDS):  # in turn: what else the machine does hits both
            plain.append(_seconds(lambda: [pictures.open_image(path) for path in paths]))
            scanned.append(_seconds(lambda: [fingerprints.scan(dataset, row) for row in range(_PICTURES)]))
    share = min(plain) / min(scanned)
    return {
        f"pictures of {_SIZE[0]} x {_SIZE[1]}: plain decoding (ms)": 1000 * min(plain) / _PICTURES,
        "the same, looked through: read, hash, check (ms)": 1000 * min(scanned) / _PICTURES,
        "looking / decoding, speed": share,
        f"at least {_LEAST_SHARE:g} of decoding's speed": "yes" if share >= _LEAST_SHARE else "NO",
    }


def _comparing() -> dict[str, float | int | str]:
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, _N, dtype=np.uint64)
    thumbs = rng.integers(0, 256, (_N, near_duplicates.SIDE, near_duplicates.SIDE), dtype=np.uint8)
    bits = np.uint64(1) << rng.integers(0, 64, (_PLANTED, near_duplicates.RADIUS)).astype(np.uint64)
    noise = rng.integers(-4, 5, (_PLANTED, near_duplicates.SIDE, near_duplicates.SIDE))
    hashes[-_PLANTED:] = hashes[:_PLANTED] ^ np.bitwise_xor.reduce(bits, axis=1)
    thumbs[-_PLANTED:] = np.clip(thumbs[:_PLANTED] + noise, 0, 255)
    results: dict[str, np.ndarray] = {}

    def compare() -> None:
        results["groups"] = near_duplicates.groups(hashes, thumbs)

    seconds = _seconds(compare)
    groups = results["groups"]
    right = (groups[-_PLANTED:] == groups[:_PLANTED]).all() and (groups >= 0).sum() == 2 * _PLANTED
    equal = np.repeat(thumbs[:1], _N, axis=0)
    equal[:, 0, 0] = np.arange(_N) % 256
    equal[:, 0, 1] = np.arange(_N) // 256 % 256
    same = _seconds(lambda: near_duplicates.groups(np.zeros(_N, dtype=np.uint64), equal))
    return {
        f"comparing {_N:,} hashes, all pairs (s)": seconds,
        f"within {_MOST_SECONDS:g} s": "yes" if seconds <= _MOST_SECONDS else "NO",
        f"of {_PLANTED:,} planted pairs all found, nothing else": "yes" if right else "NO",
        f"{_N:,} equal hashes of nearly one picture (s)": same,
        "largest memory of this process (MB)": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began
