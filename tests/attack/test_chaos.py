"""Nothing that was confirmed is lost, whatever is killed: ten minutes of it by ``make soak``, some seconds in CI."""

from __future__ import annotations

import faulthandler
import hashlib
import json
import os
import random
import signal
import sys
import time
from functools import partial

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from lib.core import cleanup
from lib.core.questions import requests
from lib.datasets import store
from lib.datasets.edits import history
from lib.thresholds import sets
from lib.training import events, run_names, runs
from tests.attack import chaos_people
from tests.attack.chaos import Server, World, kill, open_below, until
from tests.conftest import build_dataset

#: How long things are killed, in seconds, and the seed of every random decision; by default another one each time.
SECONDS, SEED = "MANYHOT_CHAOS_SECONDS", "MANYHOT_CHAOS_SEED"
_SECONDS = float(os.environ.get(SECONDS) or 25)
#: Bytes that a server may have.
_MOST_MEMORY = 350e6
#: What has to have happened, for which a slow machine gets so many seconds more.
_ALL, _MORE = ("edits", "datasets", "trainings", "answers", "server kills", "training kills"), 60
#: A training of twelve epochs that takes some seconds.
_CHOSEN = {"arch": "small", "pretrained": False, "size": 32, "bs": 8, "freeze_epochs": 2, "epochs": 10}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.first,
    pytest.mark.timeout(_SECONDS + 240),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found by what they have open, in /proc"),
]


@pytest.fixture
def world(workspace, warm_server):
    """Two servers on a workspace with two datasets; all that is left of it at the end is killed."""
    seed = int(os.environ.get(SEED) or random.SystemRandom().randrange(10**6))
    print(f"\n{SEED}={seed}", flush=True)
    for name in ("edited", "trained"):
        build_dataset(workspace, "multi-label", name)
    made = World(workspace, seed, [Server(workspace), Server(workspace)])
    yield made
    made.over.set()
    for server in made.servers:
        server.kill()
    for pid in open_below(workspace.root, made.servers):
        os.kill(pid, signal.SIGKILL)


def test_whatever_is_killed_nothing_confirmed_is_lost(world):
    """Edits, uploads, imports, trainings, answers and thresholds go on while servers and workers are killed."""
    first, second = world.servers
    for thread in world.go(first.start, second.start):
        thread.join(100)
    seeds = range(3 if _SECONDS > 120 else 1)
    references = {seed: _undisturbed(world, first, seed) for seed in seeds}
    run = references[0]
    targs = store.load(world.workspace, "edited").targs
    world.targs = {(row, column): int(targs[row, column]) for row in range(48) for column in range(3)}
    people = world.go(
        partial(chaos_people.edit, world, first, "edited", range(16), "Ada"),
        partial(chaos_people.edit, world, second, "edited", range(16, 48), "Ben"),
        partial(chaos_people.keep, world, second, run.id),
        partial(chaos_people.bring, world, first),
        partial(chaos_people.train, world, second, "trained", _CHOSEN, references),
        partial(chaos_people.predict, world, second, run),
        partial(chaos_people.look, world),
    )
    (killer,) = world.go(partial(kill, world, every=(0.2, 1.5)))
    began = time.monotonic()
    while (seconds := time.monotonic() - began) < _SECONDS + _MORE and world.pause(0.1):
        if seconds > _SECONDS and all(world.counts[what] for what in _ALL):
            break
    world.over.set()
    killer.join(100)
    for person in people:
        person.join(100)
    if any(person.is_alive() for person in people) and not world.failures:
        faulthandler.dump_traceback(all_threads=True)
        raise AssertionError("somebody waits for ever")
    if world.failures:
        raise world.failures[0]
    _check_edits(world)
    _check_datasets(world)
    _check_kept(world, run)
    _check_memory_and_processes(world)
    _check_files(world)
    print(json.dumps(dict(sorted(world.counts.items()))), flush=True)
    for what in _ALL:
        assert world.counts[what], f"{what}: none, in {seconds:.0f} s"


def _undisturbed(world: World, server: Server, seed: int) -> runs.Run:
    run = runs.load(world.workspace, server.act("train", dataset="trained", chosen={**_CHOSEN, "seed": seed}))
    until(lambda: run.refresh().state not in events.ACTIVE, 90, "a training that nobody disturbs has ended")
    assert run.state == events.FINISHED, run.failure()
    return run


def _check_edits(world: World) -> None:
    """Every confirmed edit is in the journal, in its order, and every cell is what it was set to last."""
    dataset = store.load(world.workspace, "edited")
    for (row, column), value in world.targs.items():
        assert dataset.targs[row, column] == value, (row, column)
    notes = [edit.note for edit in history.history(dataset)]
    for confirmed in world.notes.values():
        kept = set(confirmed)
        assert [note for note in notes if note in kept] == confirmed


def _check_datasets(world: World) -> None:
    """Every confirmed dataset is there with its pictures, byte for byte, and their classes; no other one is."""
    assert set(world.workspace.dataset_names()) == {"edited", "trained", *world.imported}
    for name, classes in world.imported.items():
        dataset = store.load(world.workspace, name)
        stored = {
            hashlib.sha256(dataset.image_path(row).read_bytes()).hexdigest(): dataset.names[int(dataset.targs[row])]
            for row in range(len(dataset))
        }
        assert stored == classes, name


def _check_kept(world: World, run: runs.Run) -> None:
    kept = sets.read_all(run)
    for name, thresh in world.thresholds.items():
        np.testing.assert_allclose(kept[name].thresh, thresh)
    assert run_names.read(run.folder).startswith("name set-")
    assert {run.id for run in runs.list_runs(world.workspace)} >= set(world.finished)


def _check_memory_and_processes(world: World) -> None:
    """No server took more than it may, and with the servers gone only workers that wait for questions are left."""
    world.counts["server MB"] = round(max(server.memory for server in world.servers) / 1e6)
    assert world.counts["server MB"] * 1e6 < _MOST_MEMORY
    for server in world.servers:
        server.kill()
    left = open_below(world.workspace.root, world.servers)
    places = [path.parent for paths in left.values() for path in paths if path.name == "alive.lock"]
    assert len(places) == len(set(places)), f"two workers of one place: {sorted(places)}"
    assert all(place.name == requests.FOLDER for place in places), places
    assert len(places) == len(left), f"processes that are nobody's: {left}"
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not open_below(world.workspace.root, world.servers), 20, "killed workers are gone")


def _check_files(world: World) -> None:
    """After a sweep no temporary file is left, and every file can be read to its end."""
    world.counts["swept"] = len(cleanup.sweep(world.workspace))
    read = {
        ".json": lambda path: json.loads(path.read_bytes()),
        ".safetensors": load_file,
        ".parquet": pd.read_parquet,
        ".npy": np.load,
    }
    for path in world.workspace.root.rglob("*"):
        assert not path.name.startswith(".") or path.suffix == ".lock", path
        if path.suffix in read:
            read[path.suffix](path)
