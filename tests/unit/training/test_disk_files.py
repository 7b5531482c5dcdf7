"""Every JSON file of a run or a dataset is validated when read, and damage is one sentence with its location."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.journal import journal
from lib.thresholds import sets_file
from lib.training import events, options, runs
from tests import unsealed

RUN = "20260102-030405-abcd"
MANIFEST = {"names": ["one"], "splits": {"valid": 4}, "metrics": {"valid": {"map": 1, "f1": None}}, "later": [1]}
EVENTS = [
    {"event": "started", "n_batches": 3, "later": {}},
    {"event": "a kind of a later version", "note": "so"},
    {"event": "batch", "seconds": 1, "step": 1, "loss": 2, "lr": 1e-3, "mom": 0.9},
    {"event": "finished", "seconds": 2.5},
]


def _run(dataset: Dataset, workspace: Any) -> Path:
    folder = workspace.run(RUN)
    folder.mkdir(parents=True)
    (folder / events.CONFIG).write_text(json.dumps(options.configure(dataset, {}).to_json() | {"later": 1}))
    (folder / events.EVENTS).write_text("".join(json.dumps(line) + "\n" for line in EVENTS))
    (folder / events.MANIFEST).write_text(json.dumps(MANIFEST | {"names": list(dataset.names)}))
    one = dict.fromkeys(("split", "objective", "note", "preds"), "")
    one |= {"options": {"beta": 1}, "created": "2026-01-02T03:04:05+00:00", "later": 2}
    one |= {"thresholds": dict.fromkeys(dataset.names, 1)}
    (folder / sets_file.FILE).write_text(json.dumps({"format": 1, "sets": {"mine": one}}))
    return folder


def _write_checkpoint(path: Path, facts: str) -> None:
    import torch
    from safetensors.torch import save_file

    save_file({"model.w": torch.zeros(1)}, path, metadata={"facts": facts})


FACTS = {
    "position": {"phase": "frozen", "epoch": 1, "seconds": 3, "best_loss": None},
    "opt": [{"step": 3}],
    "hypers": [{"lr": 1}],
    "random": {"python": [3, [1, 2], None], "numpy": ["MT19937", 3, 0, 0], "dls": [[3, [1, 2], None]]},
    "smooth_loss_count": 4,
}


def _load_checkpoint(folder: Path) -> Any:
    from lib.training.learner import checkpoint

    return checkpoint.load_checkpoint(folder)


def _events(folder: Path) -> Any:
    history = runs.Run(folder).refresh().history
    if "damaged" in history.message:
        raise UserError(history.message)
    return history


@dataclass(frozen=True)
class File:
    """A file, how it is read, and a field of it: one that must be there, by its keys, and what is no such value."""

    name: str
    read: Callable[[Path, Any], Any]
    field: tuple[str | int, ...]
    wrong: Any
    number: tuple[str | int, ...]
    what_to_do: str
    line: int | None = None


FILES = [
    File(
        store.HEAD,
        lambda folder, workspace: store.load(workspace, "made"),
        ("names",),
        [1],
        ("format",),
        "import its source again",
    ),
    File(
        journal.FILE,
        lambda folder, workspace: store.load(workspace, "made"),
        ("note",),
        3,
        ("table", "row", 0),
        "restore it from a copy",
        1,
    ),
    File(
        events.CONFIG,
        lambda folder, workspace: runs.load(workspace, RUN),
        ("arch",),
        False,
        ("bs",),
        "start the training again",
    ),
    File(
        events.EVENTS,
        lambda folder, workspace: _events(folder),
        ("loss",),
        "low",
        ("step",),
        "look at them and predict as before. Put the file back",
        2,
    ),
    File(
        events.MANIFEST,
        lambda folder, workspace: runs.load(workspace, RUN).result(),
        ("names",),
        "cat",
        ("splits", "valid"),
        "start the training again",
    ),
    File(
        sets_file.FILE,
        lambda folder, workspace: sets_file.read(runs.Run(folder), runs.Run(folder).names()),
        ("sets", "mine", "split"),
        None,
        ("sets", "mine", "thresholds", "ball"),
        "move it away or delete it",
    ),
    File(
        events.CHECKPOINT,
        lambda folder, workspace: _load_checkpoint(folder),
        ("smooth_loss_count",),
        "four",
        ("hypers", 0, "lr"),
        "start the training again",
    ),
]


def _changed(content: Any, keys: tuple[str | int, ...], value: Any) -> Any:
    """Return ``content`` with another value at ``keys``; without it where the value is ``...``."""
    first, *rest = keys
    if rest:
        content[first] = _changed(content[first], tuple(rest), value)
    elif value is ...:
        del content[first]
    else:
        content[first] = value
    return content


#: How a file is damaged: what becomes of its text, and what is said of it besides its name, given the file.
DAMAGES: dict[str, tuple[Callable[[str, File], str], Callable[[File], str]]] = {
    "a wrong type": (
        lambda text, file: json.dumps(_changed(json.loads(text), file.field, file.wrong)),
        lambda file: f"{file.field[-1]}.*expected .*found",
    ),
    "a missing field": (
        lambda text, file: json.dumps(_changed(json.loads(text), file.field, ...)),
        lambda file: f"{file.field[-1]}: expected a value, found none",
    ),
    "a huge number": (
        lambda text, file: json.dumps(_changed(json.loads(text), file.number, 10**400)),
        lambda file: f"{next(key for key in reversed(file.number) if isinstance(key, str))}.*",
    ),
    "a number that is infinite": (
        lambda text, file: json.dumps(_changed(json.loads(text), file.number, 12345)).replace("12345", "1e999"),
        lambda file: "no JSON: 1e999 is no number",
    ),
    "not a number": (
        lambda text, file: json.dumps(_changed(json.loads(text), file.number, 12345)).replace("12345", "NaN"),
        lambda file: "no JSON: NaN is no number",
    ),
    "cut off": (lambda text, file: text[: len(text) // 2], lambda file: "no JSON: .*line [0-9]+"),
    "no JSON": (lambda text, file: "\0\0\0", lambda file: "no JSON: .*line 1"),
    "another shape": (lambda text, file: "[]", lambda file: r"expected object, found \[\]"),
    "too deep": (lambda text, file: "[" * 100_000, lambda file: "no JSON: nested too deep"),
}


@pytest.fixture
def folders(make_dataset, workspace) -> dict[str, Path]:
    """The folder that each file lies in; all of them are whole, and without checksums, which would be said first."""
    dataset = make_dataset("multi-label")
    assert dataset.names[0] == "ball"
    folder = _run(dataset, workspace)
    edits.exclude(dataset, [4], note="one")
    unsealed.strip_dataset(dataset.path)
    _write_checkpoint(folder / events.CHECKPOINT, json.dumps(FACTS))
    store._load.cache_clear()
    return {file.name: dataset.path if file.name in (store.HEAD, journal.FILE) else folder for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_is_whole_reads(folders, workspace, file):
    """With whole numbers where fractions are usual, and with fields that this version does not know."""
    assert file.read(folders[file.name], workspace) is not None


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_damage_is_one_sentence(folders, workspace, file, damage):
    """It names the file, the field, what was expected and found, and what to do."""
    change, words = DAMAGES[damage]
    path = folders[file.name] / file.name
    if file.name == events.CHECKPOINT:
        _write_checkpoint(path, change(json.dumps(FACTS), file))
    elif file.line is None:
        path.write_text(change(path.read_text(), file))
    else:
        lines = path.read_text().splitlines()[: file.line + 1]
        lines[file.line] = change(lines[file.line], file)
        path.write_text("\n".join(lines) + "\n")
    store._load.cache_clear()
    with pytest.raises(UserError) as caught:
        file.read(folders[file.name], workspace)
    assert re.search(f"{re.escape(file.name)}.*({words(file)}).*{file.what_to_do}", str(caught.value)), caught.value
    assert "\n" not in str(caught.value)


def test_numbers_and_unknown_fields_come_out_right(folders, workspace):
    """A whole number is read as the fraction that it stands for; what a later version adds is left out."""
    run = runs.load(workspace, RUN)
    assert isinstance(run.manifest()["metrics"]["valid"]["map"], float)
    assert "later" not in run.manifest()
    assert run.history.batches()["loss"].tolist() == [2.0]
    assert (run.history.started["n_batches"], run.state) == (3, events.FINISHED)
    assert sets_file.read(run, run.names())["mine"].thresh.tolist() == [1.0] * len(run.names())
    position = _load_checkpoint(run.folder).position
    assert (position.seconds, position.best_epoch) == (3.0, 0)


def test_half_of_a_surrogate_pair_still_reads(folders, workspace):
    """Python wrote it into messages and notes, where a file's name cannot be decoded: such runs open as before."""
    path = folders[events.EVENTS] / events.EVENTS
    path.write_text(path.read_text() + json.dumps({"event": "failed", "message": "bad \udcff.png"}) + "\n")
    assert runs.load(workspace, RUN).failure() == "bad \udcff.png"


def test_the_defaults_of_a_dataset_are_choices_of_a_training(folders, workspace):
    """A default of another type than its choice is damage, said before a form is made of it."""
    path = folders[store.HEAD] / store.HEAD
    path.write_text(json.dumps(json.loads(path.read_text()) | {"defaults": {"size": "large"}}))
    store._load.cache_clear()
    with pytest.raises(UserError, match=r'dataset\.json: defaults\.size: expected int, found "large"'):
        store.load(workspace, "made")


#: Parts of files that only some datasets, edits and runs have: what may stand there, and what may not.
PARTS = [
    (store.HEAD, "source", {"format": "COCO", "choices": {"group": "none"}, "valid": None}, {"format": 3}),
    (store.HEAD, "source", {"kind": "sample", "name": "shapes"}, {"choices": {"group": 1}}),
    (journal.FILE, "how", {"by": "random", "seed": 10**30, "test": 0}, {"seed": "one"}),
    (journal.FILE, "declared", {"flip_pairs": None, "skeleton": [["a", "b"]]}, {"flip_pairs": [["ball", 3]]}),
    (events.MANIFEST, "config", {}, {"bs": "many"}),
]


@pytest.mark.parametrize(("name", "part", "fits", "wrong"), PARTS)
def test_parts_have_types_too(folders, workspace, name, part, fits, wrong):
    """What fits is read, with a field of another version beside it; what does not is said with its place."""
    (file,) = (file for file in FILES if file.name == name)
    path = folders[name] / name
    whole = path.read_text()
    usual = options.configure(store.load(workspace, "made"), {}).to_json() if part == "config" else {}

    def put(value: dict) -> None:
        lines = whole.splitlines() if file.line else [whole]
        place = file.line or 0
        lines[place] = json.dumps(json.loads(lines[place]) | {part: {**usual, **value}})
        path.write_text("\n".join(lines) + "\n")
        store._load.cache_clear()

    put({**fits, "later": [["a"]]})
    assert file.read(folders[name], workspace) is not None
    put(wrong)
    with pytest.raises(UserError) as caught:
        file.read(folders[name], workspace)
    (field,) = wrong
    place = rf'{part}(\.{field}|\["{field}"\])'
    assert re.search(f"{re.escape(name)}.*{place}.*expected .*found .*{file.what_to_do}", str(caught.value))


@pytest.mark.parametrize("metrics", [None, {}, {"valid": {}}, {"test": {"f1": 1}}])
def test_a_manifest_without_metrics_is_damaged(folders, workspace, metrics):
    """No version wrote one: nothing would be shown in place of numbers, as if nothing had been measured."""
    path = folders[events.MANIFEST] / events.MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), "metrics": metrics}))
    assert re.search(r"manifest\.json.*damaged \(metrics.*expected", runs.load(workspace, RUN).damage())
