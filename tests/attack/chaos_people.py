"""The people of `test_chaos`: each does one thing again and again, through a server, and knows what was confirmed."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import random
import secrets
import time
import zipfile
from functools import partial
from typing import Any

import numpy as np
from PIL import Image
from safetensors import safe_open

from lib.core.questions import requests
from lib.datasets import store
from lib.importing.questions import ask as imports
from lib.inference import ask
from lib.training import events, runs
from lib.training.runs import Run
from tests.attack.chaos import LostError, RefusedError, Server, World, until
from tests.attack.chaos_server import TOKEN
from tests.worker.test_resume import _same_run


def edit(world: World, server: Server, dataset: str, rows: range, name: str) -> None:
    """Change labels one after the other; what was not confirmed is looked up."""
    chance, number = world.chance(name), 0
    world.notes[name] = []
    while world.pause(chance.uniform(0.02, 0.2)):
        row, column, number = chance.choice(rows), chance.randrange(3), number + 1
        was = world.targs[row, column]
        note = f"{name} {number}"
        try:
            server.act("edit", dataset=dataset, row=row, column=column, was=was, now=1 - was, note=note)
        except RefusedError as refused:  # nothing could be learned of the result
            assert "learn" in str(refused) or "every" in str(refused) or "no image" in str(refused), str(refused)
            world.counts["edits refused"] += 1
        except LostError:
            world.counts["edits unconfirmed"] += 1
            world.targs[row, column] = int(store.load(world.workspace, dataset).targs[row, column])
        else:
            world.counts["edits"] += 1
            world.targs[row, column] = 1 - was
            world.notes[name].append(note)


def keep(world: World, server: Server, run: str) -> None:
    """Keep thresholds and give names, again and again."""
    chance = world.chance("keep")
    while world.pause(chance.uniform(0.1, 0.6)):
        name, thresh = f"set-{chance.randrange(4)}", [round(chance.random(), 2) for _ in range(3)]
        try:
            server.act("thresholds", run=run, name=name, thresh=thresh)
            world.thresholds[name] = thresh
            server.act("name", run=run, name=f"name {name}")
            world.counts["thresholds"] += 1
        except LostError:
            world.thresholds.pop(name, None)  # the old ones or the new ones


def _zip(chance: random.Random) -> tuple[bytes, dict[str, str]]:
    """Return a zip of pictures in folders of classes, and the class of each by the hash of its file."""
    rng, classes, out = np.random.default_rng(chance.randrange(2**32)), {}, io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        for number in range(24):
            picture = io.BytesIO()
            Image.fromarray(rng.integers(0, 255, (40, 40, 3), dtype=np.uint8)).save(picture, "PNG")
            name = ("cat", "dog", "emu")[number % 3]
            zipped.writestr(f"{name}/{number}.png", picture.getvalue())
            classes[hashlib.sha256(picture.getvalue()).hexdigest()] = name
    return out.getvalue(), classes


def bring(world: World, server: Server) -> None:
    """Upload and import datasets, and delete some again; whatever is cut goes on where it was."""
    chance, number = world.chance("bring"), 0
    while world.pause(chance.uniform(0.1, 0.5)):
        number += 1
        name, (content, classes) = f"brought-{number}", _zip(chance)
        if not _uploaded(world, server, chance, upload := secrets.token_hex(16), name, content):
            return
        while name not in world.workspace.dataset_names():
            # An answer that was lost may have been a yes: then the name is taken, and what was uploaded is gone.
            question = world.sure(server, "import", refused="already|not there", upload=upload, name=name)
            if question is None:
                until(lambda name=name: name in world.workspace.dataset_names(), 20, f"{name} was imported")
                break
            asked = imports.find(world.workspace, question)
            state = until(partial(_settled, asked), 60, f"{name} is imported or not")
            if state.name != requests.DONE:
                assert "crashed" in state.message or "withdrawn" in state.message, state.message
                world.counts["imports again"] += 1
        world.imported[name] = classes
        world.counts["datasets"] += 1
        if chance.random() < 0.3:
            gone = chance.choice(sorted(world.imported))
            del world.imported[gone]
            world.sure(server, "delete", refused="any more", dataset=gone)
            assert gone not in world.workspace.dataset_names()
            world.counts["datasets deleted"] += 1


def _settled(asked: Any) -> Any:
    state = asked.state()
    return None if state.active else state


def _uploaded(world: World, server: Server, chance: random.Random, upload: str, name: str, content: bytes) -> bool:
    """Send a file in pieces until all of it is there; return False if it is over first."""
    path, token, offset = f"/api/uploads/{upload}", {"Upload_Token": TOKEN}, -1
    while offset < len(content):
        if world.over.is_set():
            return False
        try:
            if offset < 0:
                size = {"Upload_Name": f"{name}.zip", "Upload_Length": str(len(content))}
                _, told, _ = server.request("PUT", path, **token, **size)
            else:
                piece = content[offset : offset + chance.randrange(4_000, 40_000)]
                _, told, _ = server.request("PATCH", path, piece, **token, Upload_Offset=str(offset))
            offset = int(told["upload-offset"])
            world.pause(0.02)
        except LostError:
            world.counts["uploads cut"] += 1
            offset = -1
            time.sleep(0.2)
    return True


def train(world: World, server: Server, dataset: str, chosen: dict[str, Any], references: dict[int, Run]) -> None:
    """Train, resume whatever died, and compare what comes out with a run that nobody disturbed."""
    chance = world.chance("train")
    while world.pause(0.1):
        seed = chance.choice(sorted(references))
        run = _started(world, server, dataset, {**chosen, "seed": seed})
        while run.refresh().state != events.FINISHED:
            if run.state == events.DIED:
                done = _checkpointed(run)
                assert done >= len(run.history.epochs) - 2, f"{len(run.history.epochs)} epochs, {done} are kept"
                world.sure(
                    server, "resume", refused="being resumed|is (starting|queued|running)|has finished", run=run.id
                )
                world.counts["trainings resumed"] += 1
            assert run.state != events.FAILED and run.state != events.STOPPED, run.failure()
            time.sleep(0.1)
        _same_run(run, references[seed])
        world.finished.append(run.id)
        world.counts["trainings"] += 1
        world.counts["epochs"] += len(run.history.epochs)


def _started(world: World, server: Server, dataset: str, chosen: dict[str, Any]) -> Run:
    while True:
        before = {run.id for run in runs.list_runs(world.workspace)}
        try:
            return runs.load(world.workspace, server.act("train", dataset=dataset, chosen=chosen))
        except LostError:
            new = [run for run in runs.list_runs(world.workspace) if run.id not in before]
            if new:
                return new[0]
            time.sleep(0.2)


def _checkpointed(run: Run) -> int:
    """Return after how many epochs the newest checkpoint on disk was written; one that is not whole is a failure."""
    path = run.folder / events.CHECKPOINT
    if not path.exists():
        path = run.folder / events.PREVIOUS
    if not path.exists():
        return len(run.history.epochs) if (run.folder / events.MANIFEST).exists() else 0
    with safe_open(path, framework="np") as file:
        return json.loads(file.metadata()["facts"])["position"]["epochs_done"]


def predict(world: World, server: Server, run: Run) -> None:
    """Ask the model about pictures of the dataset; each answer is what the training's end had predicted."""
    chance, expected, dataset = world.chance("predict"), run.predictions("valid"), run.dataset()
    while world.pause(chance.uniform(0.1, 0.4)):
        rows = chance.sample(range(len(expected.items)), 4)
        paths = [str(dataset.image_path(int(expected.items[row]))) for row in rows]
        asked = ask.find(run, world.sure(server, "predict", run=run.id, paths=paths))
        while (state := until(partial(_settled, asked), 60, "an answer came")).name != requests.DONE:
            assert "crashed" in state.message, state.message
            world.counts["questions again"] += 1
            world.sure(server, "ask-again", run=run.id, question=asked.id)
        preds = asked.result()["preds"]
        np.testing.assert_allclose(preds, expected.preds[rows], atol=1e-4)
        world.counts["answers"] += 1


def look(world: World) -> None:
    """Look at everything all the time, as a page does: nothing is ever half there."""
    while world.pause(0.1):
        for name in world.workspace.dataset_names():
            with contextlib.suppress(Exception) if not _is_there(world, name) else contextlib.nullcontext():
                dataset = store.load(world.workspace, name)
                assert len(dataset.targs) == len(dataset.items)
        for run in runs.list_runs(world.workspace):
            assert "damaged" not in run.history.message, run.history.message
        for server in world.servers:
            server.look()
        world.counts["looks"] += 1


def _is_there(world: World, name: str) -> bool:
    """Return whether a dataset is one that nobody deletes."""
    return name in ("edited", "trained")
