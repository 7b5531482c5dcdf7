"""Finished and running trainings, made by hand as a worker leaves them, and pages opened on them."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from safetensors.numpy import save_file
from scipy import stats
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from benchmarks import synthetic
from lib import tasks
from lib.core import processes
from lib.core.config import TRAIN, TrainConfig
from lib.core.dataset import Dataset
from lib.core.questions import listed, serve
from lib.core.workspace import VARIABLE, Workspace
from lib.datasets import store
from lib.importing.questions import worker as importing
from lib.training import architectures, events, options, weights_at_hand
from lib.training.launchers import local
from tests import unsealed

_SPAWN = processes.spawn
ROOT = Path(__file__).resolve().parents[2]
RUN = "20260102-030405-abcd"
#: How many images a run follows through its epochs, where it does.
PREVIEWS = 5


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """What pages keep of a dataset goes with it: two tests may have one revision, and different targets."""
    yield
    st.cache_data.clear()


@pytest.fixture(scope="session", autouse=True)
def _scanned_once() -> Iterator[None]:
    """Streamlit reads the metadata of every installed package for each AppTest; they stay the same."""
    with pytest.MonkeyPatch.context() as patched:
        scan = cache(manifest_scanner.scan_component_manifests)
        patched.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(autouse=True)
def found_workspace(workspace, monkeypatch) -> Workspace:
    """Let pages find the test's workspace."""
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    return workspace


@pytest.fixture(autouse=True)
def hosts_answer(monkeypatch) -> None:
    """Every host that has pretrained weights answers, without being asked."""
    monkeypatch.setattr(architectures, "check_host", lambda _arch: None)
    monkeypatch.setattr(weights_at_hand, "_hosts", {})


@pytest.fixture
def answered_at_once(monkeypatch) -> list[str]:
    """Dry runs, imports and samples are answered by the test's own process as they are asked; returns what was."""
    kinds: list[str] = []

    def spawn(module: str, folder: Path, **folders: Path) -> bool:
        if module != importing.ImportQuestion.module:
            return _SPAWN(module, folder, **folders)
        worker = importing.Worker(importing.Worker.place_in(folder))
        while (question := listed.first_waiting(worker.place, worker.kind)) is not None:
            kinds.append(question.kind)
            serve.Worker.answer(worker, question)
        return True

    monkeypatch.setattr(processes, "spawn", spawn)
    return kinds


def predicted(dataset: Dataset, split: str) -> np.ndarray:
    """Return predictions of ``split`` that are partly wrong, as a trained model's."""
    rng = np.random.default_rng(3)
    targs = dataset.targs[dataset.index(split)]
    if dataset.task == "single-label":
        return rng.dirichlet(np.ones(len(dataset.names)), len(targs)).astype(np.float32)
    if dataset.task == "multi-label":
        return rng.random(targs.shape).astype(np.float32)
    if np.isnan(targs).any():  # of what nobody knows a model says something all the same
        targs = np.where(np.isnan(targs), np.float32(20), targs)
    return (targs + rng.normal(0, 2, targs.shape)).astype(np.float32)


def with_gaps(dataset: Dataset, gap: float, *, everything: bool = False) -> Dataset:
    """Return ``dataset`` with gaps: of the first image one name, of the fifth of each split, or of all, everything."""
    targs = dataset.targs.copy()
    targs[0, 0] = gap
    for split in ("valid", "test"):
        targs[dataset.index(split)[slice(None) if everything else [4]]] = gap
    np.save(dataset.path / "targs.npy", targs)
    unsealed.renew_dataset(dataset.path)
    return replace(dataset, targs=targs)


def previewed(dataset: Dataset, rows: np.ndarray, learned: float) -> list:
    """Return predictions of ``rows`` as an epoch keeps them: with ``learned`` from 0 to 1 they go to the truth."""
    rng = np.random.default_rng(5)
    targs = dataset.targs[rows]
    if dataset.task in ("single-label", "multi-label"):
        true = np.eye(len(dataset.names))[targs] if targs.ndim == 1 else targs
        guess = rng.uniform(0.05, 0.95, true.shape)
        mixed = learned * true + (1 - learned) * guess
        return (mixed / mixed.sum(axis=1, keepdims=True) if targs.ndim == 1 else mixed).tolist()
    return (targs + (1 - learned) * rng.normal(0, 4, targs.shape)).astype(float).tolist()


@pytest.fixture
def write_run(workspace) -> Callable[..., Path]:
    """A function that writes a run on a dataset: by default a finished one with predictions."""

    def write(
        dataset: Dataset,
        *,
        run: str = RUN,
        end: str | None = events.FINISHED,
        kind: str = TRAIN,
        previews: bool = False,
        **message,
    ) -> Path:
        folder = workspace.run(run)
        folder.mkdir(parents=True)
        config = options.configure(dataset, {"pretrained": False, "epochs": 2, "bs": 8, "kind": kind})
        (folder / events.CONFIG).write_text(json.dumps(config.to_json()))
        write = events.EventWriter(folder)
        rows = dataset.index("valid")[:PREVIEWS]
        kept = {"preview": rows.tolist()} if previews else {}
        write("started", device="CPU (2 threads)", n_batches=4, n_train=32, n_valid=10, n_params=1, loss="x", **kept)
        metric = tasks.get(dataset.task).metric
        for step in range(1, 13):
            if step in (1, 5):
                write("fit", phase=("frozen", "unfrozen")[step > 1], epochs=1 + (step > 1), step=step - 1)
            write("batch", step=step, loss=1 / step, lr=0.01, mom=0.9)
            if step % 4 == 0:
                losses = {"train_loss": 0.4, "valid_loss": 0.5, "metrics": {metric: 0.25}}
                kept = {"preview": previewed(dataset, rows, step / 12)} if previews else {}
                write("epoch", phase="unfrozen", epoch=step // 4, step=step, **losses, **kept)
        if end:
            write(end, **message)
        write.close()
        if end == events.FINISHED:
            _results(folder, dataset, config)
        return folder

    return write


def complete(folder: Path) -> None:
    """Write the least that a finished run on the dataset ``made`` leaves beside its events."""
    names = list(store.load(Workspace(folder.parents[1]), "made").names)
    metrics = {"valid": {"accuracy_multi": 0.5}}
    (folder / events.MANIFEST).write_text(json.dumps({"names": names, "splits": {"valid": 10}, "metrics": metrics}))


@pytest.fixture
def launched(monkeypatch) -> list:
    """The folders of runs that the page started; no worker is."""
    spawned: list = []
    monkeypatch.setattr(local, "spawn_worker", spawned.append)
    return spawned


def _results(folder: Path, dataset: Dataset, config: TrainConfig) -> None:
    predictions = {
        split: synthetic.predictions(dataset, split, predicted(dataset, split)) for split in ("valid", "test")
    }
    save_file(synthetic.prediction_arrays(predictions), folder / events.PREDS)
    splits = {split: len(one.items) for split, one in predictions.items()}
    metrics = {split: tasks.get(dataset.task).metrics(one, config.thresh) for split, one in predictions.items()}
    manifest = {"names": list(dataset.names), "splits": splits, "seconds": 1.0, "metrics": metrics, "versions": {}}
    (folder / events.MANIFEST).write_text(json.dumps({**manifest, "config": config.to_json()}))


def opened(page: str, **query: str) -> AppTest:
    """Return a page after its first run, with ``query`` in the address; an exception in it fails the test."""
    app = AppTest.from_file(str(ROOT / "lib/web/ui/router.py"), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    return checked(app.run().switch_page(str(ROOT / f"pages/{page}.py")).run())


def checked(app: AppTest) -> AppTest:
    """Return ``app`` if its last run raised nothing."""
    assert not app.exception, [exception.value for exception in app.exception]
    return app


def metric(app: AppTest, label: str) -> str:
    """Return the value of the st.metric called ``label``."""
    return next(element.value for element in app.metric if element.label == label)


def headline(app: AppTest) -> dict[str, str]:
    """Return the numbers of the line at the top of the Analyze page by what they are of, each with its badge."""
    line = next((one.value for one in app.markdown if one.value.startswith("**") and one.proto.help), None)
    if line is None:
        return _errors_compared(app)
    parts = [re.sub(r"\*\*|\\", "", part) for part in line.split(" · ")]
    matches = [
        re.match(r"(.+?) ([\d.]+(?: \w+\b| %)?|not defined)(?: :\w+-badge\[(.+)\]| \(.*\))?$", part) for part in parts
    ]
    return {one[1]: f"{one[2]}, {one[3]}" if one[3] else one[2] for one in matches if one}


def _errors_compared(app: AppTest) -> dict[str, str]:
    """Return the same of points and numbers, each with the words that stand before what it is compared with."""
    line = next(one.value for one in app.markdown if " · " in one.value and "**" in one.value).replace("\\", "")
    title, value = re.search(r"(mean error|MAE) \*\*(.+?)\*\*", line).groups()
    compared = re.findall(r"(\w+)(?:\*\* than| as| from) the ([\w ]+) \((.+?)\)", line)
    own = {"mean error": "Mean error", "MAE": "Mean absolute error"}[title]
    return {own: value} | {name: f"{other}, {verdict}" for verdict, name, other in compared}


def code_run(app: AppTest, words: str) -> dict:
    """Run the one code on the page that has ``words``, as it stands there; return the names that it leaves."""
    (code,) = (one.value for one in app.code if words in one.value)
    left: dict = {}
    exec(code, left)
    return left


def texts(app: AppTest) -> str:
    """Return what the page says, as people read it."""
    parts = [*app.markdown, *app.caption, *app.info]
    return "\n".join(part.value for part in parts).replace("\\", "")


def stands_to_baseline(own: np.ndarray, base: np.ndarray) -> str:
    """Return how a page says that errors of images stand to the baseline's, by scipy's interval of the difference."""
    low, high = stats.bootstrap((base - own,), np.mean, rng=np.random.default_rng(0)).confidence_interval
    by = f"**{100 * abs(own.mean() / base.mean() - 1):.0f} %"
    return f"{by} lower** than" if low > 0 else f"{by} higher** than" if high < 0 else "not clearly different"


def age(folder: Path, seconds: float) -> None:
    """Make a run look as if it was started ``seconds`` ago."""
    import os

    then = time.time() - seconds
    os.utime(folder / events.CONFIG, (then, then))
