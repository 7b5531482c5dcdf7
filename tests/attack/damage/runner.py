"""The whole damage corpus on all cores: how many cases, views, exceptions and unsaid damages there were."""

from __future__ import annotations

import logging
import multiprocessing
import os
import random
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from streamlit.components.v2 import manifest_scanner

from tests.attack.damage import corpus, seeds
from tests.attack.damage.corpus import Failure, Seed

_seeds: dict[str, Seed] = {}


def main(words: list[str]) -> int:
    """Run all cases whose names have all ``words``; return 1 if one fails."""
    logging.disable(logging.CRITICAL)
    os.fsync = lambda _: None
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
    began, failed, n_views = time.monotonic(), [], 0
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        for task in seeds.TASKS:
            _seeds[task] = Seed.of(Path(folder), task)
        jobs = [
            (task, place, folder)
            for task, seed in _seeds.items()
            for place, case in enumerate(seed.cases)
            if all(word in str(case) for word in words)
        ]
        random.Random(0).shuffle(jobs)  # so that a part of them says something of all
        with multiprocessing.get_context("fork").Pool(2) as pool:
            for done, (of_case, views) in enumerate(pool.imap_unordered(_one, jobs, chunksize=2), 1):
                n_views += views
                failed += of_case
                for failure in of_case:
                    print(f"{failure.case} · {failure.view}\n{failure.why[-2000:]}\n", flush=True)
                if done % 50 == 0:
                    print(f"{done:,} of {len(jobs):,} cases, {len(failed):,} failures", file=sys.stderr, flush=True)
    raised = sum(failure.is_traceback for failure in failed)
    print(
        f"{len(jobs):,} cases, {n_views:,} views: {raised:,} exceptions, {len(failed) - raised:,} damages unsaid, in "
        f"{time.monotonic() - began:,.0f} s"
    )
    return 1 if failed or not jobs else 0


def _one(job: tuple[str, int, str]) -> tuple[list[Failure], int]:
    task, place, folder = job
    seed = _seeds[task]
    with tempfile.TemporaryDirectory(dir=folder) as own:
        return corpus.failures(seed, seed.cases[place], Path(own))
