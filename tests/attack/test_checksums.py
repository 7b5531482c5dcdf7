"""Damage that nobody sees: one flipped bit, a cut end or a file from elsewhere, in every kind of file that is kept."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from safetensors import SafetensorError

from lib import tasks
from lib.core import checksums, files, in_place, tensor_files
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.questions import requests
from lib.core.questions.requests import Question
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.checks import reviewed
from lib.datasets.edits import edits
from lib.datasets.journal import journal, tables
from lib.tasks.types import Predictions
from lib.thresholds import sets
from lib.thresholds.sets import ThresholdSet
from lib.training import events, options, run_names, runs
from tests import unsealed

RUN, OTHER = "20260102-030405-abcd", "20260102-030405-abce"
FLIPS = 30
QUESTION = "0123456789abcdef"


def write_run(dataset: Dataset, folder: Path, *, bias: float = 0.0) -> None:
    """Write a run with everything that workers and people leave in its folder, as they do."""
    import torch
    from safetensors.torch import save as pack

    from lib.training.learner import checkpoint, results

    folder.mkdir(parents=True)
    config = options.configure(dataset, {"pretrained": False, "epochs": 1})
    files.write_json(folder / events.CONFIG, config.to_json(), folder.name)
    write = events.EventWriter(folder)
    write("started", n_batches=4, n_train=32, n_valid=10)
    write("fit", phase="frozen", epochs=1, step=0)
    for step in range(1, 5):
        write("batch", step=step, loss=1 / step + bias, lr=0.01, mom=0.9)
    task, train = tasks.get(dataset.task), dataset.index("train")
    splits = {}
    for split in ("valid", "test"):
        rows = dataset.index(split)
        sizes = dataset.sizes[rows]
        baseline = task.baseline(dataset.targs[train], dataset.sizes[train], sizes, dataset.names)
        preds = np.random.default_rng(1).uniform(0.1, 0.9, dataset.targs[rows].shape).astype(np.float32) + bias
        splits[split] = Predictions.of(dataset, rows, preds, baseline)
    net = torch.nn.Linear(8, 3)
    with torch.no_grad():
        net.weight.fill_(bias)
    learn: Any = SimpleNamespace(model=net)
    results.save(folder, learn, task, config, splits, {"names": list(dataset.names), "seconds": 1.0})
    write("finished")
    write.close()
    facts = {
        "position": {"phase": "frozen", "epoch": 1},
        "opt": [],
        "hypers": [],
        "random": {"python": [3, [1, 2], None], "numpy": ["MT19937", 3, 0, 0.0], "dls": []},
        "smooth_loss_count": 4,
    }
    snapshot = checkpoint.Snapshot({f"model.{name}": part for name, part in net.state_dict().items()}, facts)
    snapshot.write(folder, is_best=True)
    snapshot.write(folder)
    left = folder / events.LEFT
    metadata = {"left": '{"epochs_done": 1, "epoch": 1, "seconds": 1.0}'}
    name = checksums.name_of(left, folder.name)
    files.write_atomic(left, tensor_files.fill(pack(net.state_dict(), metadata | tensor_files.slot(name))))
    run_names.write(folder, "the <first> one")
    run = runs.Run(folder).refresh()
    sets.save(run, ThresholdSet("safe", np.full(len(dataset.names), 0.25 + bias / 10, dtype=np.float32)))
    (folder / requests.FOLDER).mkdir()
    question = Question(SimpleNamespace(folder=folder, id=folder.name), QUESTION)
    files.write_json(question.path(requests.QUESTION), {"kind": "predict", "items": [1, 2, 3]})
    answer = question.path(requests.ANSWER)
    files.write_atomic(answer, tensor_files.pack({"preds": np.arange(12.0)}, checksums.name_of(answer)))


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Workspace:
    """A workspace with a dataset that was edited and reviewed, and two runs on it."""
    from tests.conftest import build_dataset

    workspace = Workspace(tmp_path_factory.mktemp("whole"))
    dataset = build_dataset(workspace, "multi-label")
    folder = dataset.path
    head = dict(store.head.read(folder))
    stamps = np.array([in_place.stamp(folder / "images" / file) for file in dataset.files])
    store.write_array(folder / in_place.STAMPS, stamps)
    kept = {key: value for key, value in head.items() if key not in ("checksums", "revision")}
    digests = [in_place.digest((folder / "images" / file).read_bytes()) for file in dataset.files]
    items = dataset.items.assign(digest=digests)
    store.save(folder, kept | {"root": str(folder / "images")}, items, dataset.targs)
    dataset = edits.exclude(store.load(workspace, "made"), [4], note="a note")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tables, "INLINE", 1)
        dataset = edits.exclude(dataset, [5, 6, 7], note="many")
    reviewed.dismiss(dataset, [("duplicates", frozenset(["ab" * 8, "cd" * 8])), ("dark", frozenset(["ef" * 8]))])
    write_run(dataset, workspace.run(RUN))
    write_run(dataset, workspace.run(OTHER), bias=0.05)
    return workspace


@pytest.fixture
def workspace(whole, tmp_path) -> Workspace:
    """A copy to be damaged."""
    shutil.copytree(whole.root, tmp_path / "workspace", ignore=shutil.ignore_patterns("images"))
    return Workspace(tmp_path / "workspace")


def _run(workspace: Workspace) -> runs.Run:
    return runs.Run(workspace.run(RUN)).refresh()


def _history(workspace: Workspace) -> list[float]:
    history = _run(workspace).history
    if "damaged" in history.message:
        raise UserError(history.message)
    return history.batches()["loss"].tolist()


def _name(workspace: Workspace) -> str:
    if (name := _run(workspace).name) == run_names.DAMAGED:
        raise UserError(name)
    return name


def _question(workspace: Workspace) -> Question:
    return Question(SimpleNamespace(folder=workspace.run(RUN), id=RUN), QUESTION)


def _dataset(workspace: Workspace) -> Any:
    dataset = store.load(workspace, "made")
    return dataset.targs.tolist(), dataset.items.to_csv(), dataset.names, dataset.revision, dataset.stamps.tolist()


def _reviewed(workspace: Workspace) -> Any:
    return reviewed.read(store.load(workspace, "made")).decisions


def _checkpoint(workspace: Workspace, name: str = events.CHECKPOINT) -> Any:
    from lib.training.learner import checkpoint

    loaded = checkpoint._read(workspace.run(RUN) / name)
    return {key: tensor.tolist() for key, tensor in loaded._tensors.items()}, loaded._facts


def _weights(workspace: Workspace, read: Callable[[Path, Any], Any]) -> Any:
    """Return the weights that ``read`` puts into a network."""
    import torch

    learn = SimpleNamespace(model=torch.nn.Linear(8, 3))
    read(workspace.run(RUN), learn)
    return {name: tensor.tolist() for name, tensor in learn.model.state_dict().items()}


def _best(folder: Path, learn: Any) -> None:
    from lib.training.learner import checkpoint, fit

    fit.load_best(learn, folder, checkpoint.Position(best_epoch=1))


def _left(folder: Path, learn: Any) -> None:
    from lib.training.learner import stopping

    stopping.take_up(folder, learn)


def _model(folder: Path, learn: Any) -> None:
    from lib.training.learner import inference, layout

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(inference, "_network", lambda *_: learn.model)
        patched.setattr(layout, "arrange", lambda *_: None)
        inference.load(runs.Run(folder).refresh())


DATASET = Path("datasets/made")
IN_RUN = Path("runs") / RUN
#: Every kind of file, and how what is in it is read.
KINDS: dict[str, tuple[Path, Callable[[Workspace], Any]]] = {
    "table": (DATASET / store.ITEMS, _dataset),
    "targets": (DATASET / store.TARGS, _dataset),
    "stamps": (DATASET / in_place.STAMPS, _dataset),
    "head": (DATASET / store.HEAD, _dataset),
    "journal": (DATASET / journal.FILE, _dataset),
    "end of the journal": (DATASET / journal.END, _dataset),
    "table of an edit": (DATASET / tables.TABLES, _dataset),
    "reviewed": (DATASET / reviewed.FILE, _reviewed),
    "config": (IN_RUN / events.CONFIG, lambda workspace: _run(workspace).config),
    "events": (IN_RUN / events.EVENTS, _history),
    "manifest": (IN_RUN / events.MANIFEST, lambda workspace: _run(workspace).result()),
    "predictions": (IN_RUN / events.PREDS, lambda workspace: _run(workspace).predictions("valid").preds.tolist()),
    "model": (IN_RUN / events.MODEL, lambda workspace: _weights(workspace, _model)),
    "checkpoint": (IN_RUN / events.CHECKPOINT, _checkpoint),
    "previous": (IN_RUN / events.PREVIOUS, lambda workspace: _checkpoint(workspace, events.PREVIOUS)),
    "best": (IN_RUN / events.BEST, lambda workspace: _weights(workspace, _best)),
    "left": (IN_RUN / events.LEFT, lambda workspace: _weights(workspace, _left)),
    "name": (IN_RUN / events.NAME, _name),
    "thresholds": (
        IN_RUN / "thresholds.json",
        lambda workspace: sets.read_all(_run(workspace))["safe"].thresh.tolist(),
    ),
    "question": (IN_RUN / f"requests/{QUESTION}.json", lambda workspace: _question(workspace).request()),
    "answer": (IN_RUN / f"requests/{QUESTION}.safetensors", lambda workspace: _question(workspace).result()["preds"]),
}


def _path(workspace: Workspace, kind: str) -> Path:
    path = workspace.root / KINDS[kind][0]
    return next(path.iterdir()) if path.is_dir() else path


def _replace(path: Path, content: bytes) -> None:
    """Put other content in a file's place, as a copy from elsewhere does: every process looks at it anew."""
    files.write_atomic(path, content)
    for cache in (tables._from_file, reviewed._read):
        cache.cache_clear()
    store._states.clear()


def _is_said(workspace: Workspace, kind: str) -> bool:
    try:
        KINDS[kind][1](workspace)
    except (UserError, ValueError, SafetensorError) as error:
        return "\n" not in str(error)
    return False


@pytest.mark.parametrize("kind", KINDS)
def test_one_flipped_bit_is_never_loaded(workspace, kind):
    """Wherever it is, in thirty of thirty draws; the file as it was reads again."""
    path = _path(workspace, kind)
    content, draw = path.read_bytes(), random.Random(kind)
    before = KINDS[kind][1](workspace)
    unseen = []
    for _ in range(FLIPS):
        at, bit = draw.randrange(len(content)), draw.randrange(8)
        _replace(path, content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :])
        if not _is_said(workspace, kind):
            unseen.append((at, bit, content[max(0, at - 12) : at + 12]))
    assert not unseen
    _replace(path, content)
    np.testing.assert_equal(KINDS[kind][1](workspace), before)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_end_is_never_loaded(workspace, kind):
    """A file that lost its end, be it one byte, is said; lines that nobody has counted yet are what they are."""
    path = _path(workspace, kind)
    content = path.read_bytes()
    draw = random.Random(kind)
    for kept in (len(content) - 1, *(draw.randrange(1, len(content)) for _ in range(5))):
        if kind == "events" and content[kept:].count(b"\n") <= 1:
            continue  # how it ended is all that is missing: the run says that it ended without a word
        _replace(path, content[:kept])
        assert _is_said(workspace, kind), kept


@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind][0].is_relative_to(IN_RUN)])
def test_a_file_of_another_run_is_never_loaded(workspace, kind):
    """Two runs whose files were swapped are both said, though every file is whole; questions are known by content."""
    if kind in ("question", "answer"):
        return
    path = _path(workspace, kind)
    _replace(path, (workspace.run(OTHER) / path.name).read_bytes())
    assert _is_said(workspace, kind)


@pytest.mark.parametrize("kind", ["table", "targets", "stamps", "head"])
def test_a_file_of_another_revision_is_never_loaded(workspace, make_dataset_like, kind):
    """Files of a dataset that was imported another time do not go with those that are there."""
    path = _path(workspace, kind)
    _replace(path, (make_dataset_like / path.name).read_bytes())
    assert _is_said(workspace, kind)


@pytest.fixture
def make_dataset_like(workspace, tmp_path) -> Path:
    """The folder of the same dataset, imported with one target and one file less equal."""
    dataset = store.read_state(workspace.dataset("made"), store.imported(workspace.dataset("made")).revision).dataset
    targs, items = dataset.targs.copy(), dataset.items.copy()
    targs[0, 0] ^= 1
    items.loc[0, "original"] = "another"
    folder = tmp_path / "like"
    folder.mkdir()
    store.write_array(folder / in_place.STAMPS, dataset.stamps + 1)
    head = {key: value for key, value in store.head.read(dataset.path).items() if key not in ("checksums", "revision")}
    store.save(folder, head, items, targs)
    return folder


@pytest.mark.parametrize("kind", ["table", "targets"])
def test_a_flipped_value_of_a_dataset_without_checksums_is_said(workspace, kind):
    """What earlier versions wrote has no checksums, but the revision of its content, which is compared instead."""
    unsealed.strip_dataset(workspace.dataset("made"))
    dataset, path = store.load(workspace, "made"), _path(workspace, kind)
    content = path.read_bytes()
    if kind == "targets":
        _replace(path, content[:-1] + bytes([content[-1] ^ 1]))
    else:
        items = store.imported(dataset.path).items.copy()
        items.loc[3, "group"] = "another"
        _replace(path, items.to_parquet(index=False))
    with pytest.raises(UserError, match=r"at import and is [0-9a-f]{12}\): put the file back from a copy"):
        store.load(workspace, "made")
    _replace(path, content)
    assert store.load(workspace, "made").revision == dataset.revision


def _without_last_sum(path: Path) -> bytes:
    """Return a journal whose last line has no checksum, as an earlier version adds it."""
    first, last = path.read_bytes()[:-1].rsplit(b"\n", 1)
    return first + b"\n" + last[: last.rindex(b', "sum": "')] + b"}\n"


def test_an_edit_by_an_earlier_version_counts(workspace):
    """It has no checksum and no end is written of it; edits by this version go on behind it, and vouch for it."""
    folder = workspace.dataset("made")
    end = (folder / journal.END).read_bytes()
    dataset = edits.exclude(store.load(workspace, "made"), [9], note="by an earlier version")
    _replace(folder / journal.FILE, _without_last_sum(folder / journal.FILE))
    _replace(folder / journal.END, end)
    again = store.load(workspace, "made")
    assert again.revision == dataset.revision
    dataset = edits.exclude(again, [10], note="by this one")
    store._states.clear()
    assert store.load(workspace, "made").revision == dataset.revision
    content = (folder / journal.FILE).read_bytes()
    _replace(folder / journal.FILE, content.replace(b"by an earlier", b"by no earlier"))
    with pytest.raises(UserError, match="no checksum, unlike those before it: an earlier version has written it, or"):
        store.load(workspace, "made")


def test_a_renamed_run_is_told_to_be_renamed_back(workspace):
    """Its files are whole: nothing is called damaged or is to be deleted, and back it is a run as before."""
    other = workspace.run("20260102-030405-ffff")
    workspace.run(RUN).rename(other)
    with pytest.raises(UserError, match=f"but that of the run {RUN}.*rename it back to {RUN}") as told:
        runs.Run(other).refresh().result()
    assert "delete" not in str(told.value)
    other.rename(workspace.run(RUN))
    assert _run(workspace).result()


@pytest.mark.parametrize("name", [store.HEAD, store.TARGS, journal.FILE])
def test_what_is_gone_is_said_with_since_when(workspace, name):
    """A file of a dataset that is missing is told with the time at which it was there."""
    (workspace.dataset("made") / name).unlink()
    store._load.cache_clear()
    with pytest.raises(UserError, match=rf"{name}.*20\d\d-\d\d-\d\d") as told:
        store.load(workspace, "made")
    assert "delete" not in str(told.value)
