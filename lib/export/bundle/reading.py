"""Reading a bundle that somebody brings: nothing of it is believed, and nothing is unpickled."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from safetensors import SafetensorError

from lib import tasks
from lib.core import inside, json_files, pictures, temporary, tensor_files, tensor_headers
from lib.core.errors import UserError, is_full, reason
from lib.core.picture_files import UnreadableImageError
from lib.export.bundle import arriving, contents, headline, onnx_file
from lib.export.bundle.arriving import AGAIN
from lib.export.bundle.contents import BundleManifest, Example, Picture
from lib.tasks.base import Task
from lib.tasks.typed import check_names
from lib.tasks.types import Predictions
from lib.thresholds import sets_file
from lib.thresholds.sets_file import DEFAULT, ThresholdSet
from lib.training import architectures, events, result_files, run_files
from lib.training.run_files import Manifest


@dataclass(frozen=True)
class Bundle:
    """A bundle whose files are what they should be; its weights are not loaded yet.

    Attributes
    ----------
    folder : pathlib.Path
    name : str
        What it is called in sentences.
    manifest : BundleManifest
    record : Manifest
        Of the run, with what the manifest says of names and value range.
    task : Task
    predictions : dict of str to Predictions
        By split; their ``items`` are rows of the dataset that they were made of.
    pictures : dict of str to list of Picture
        Row for row with the predictions.
    history : list of dict
        The run's events.
    thresholds : list of ThresholdSet
        But for the default.
    examples : list of Example
    """

    folder: Path
    name: str
    manifest: BundleManifest
    record: Manifest
    task: Task
    predictions: dict[str, Predictions]
    pictures: dict[str, list[Picture]]
    history: list[dict[str, Any]]
    thresholds: list[ThresholdSet]
    examples: list[Example]

    def path(self, name: str) -> Path:
        """Return one of its files, which lies in its folder."""
        return inside.path(self.folder, name)


@contextlib.contextmanager
def opened(source: Path, name: str = "") -> Iterator[Bundle]:
    """Give the bundle in a folder or zip, checked but for its weights, as a copy that is there until the block ends.

    Parameters
    ----------
    source : pathlib.Path
    name : str
        What it is called in sentences, by default as its file.

    Raises
    ------
    UserError
        If it is none, in one sentence.
    """
    name = name or source.name
    if not (source.is_dir() or source.is_file()):
        raise UserError(f"There is no bundle {source}: check the path.")
    with temporary.temporary(temporary.system_folder(), temporary.UNPACKED) as scratch:
        try:
            yield read(_brought(source, scratch, name), name)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _brought(source: Path, scratch: Path, name: str) -> Path:
    """Copy or unpack a bundle into ``scratch`` and return its folder there; raises UserError."""
    try:
        return (arriving.copied if source.is_dir() else arriving.unpacked)(source, scratch, name)
    except OSError as error:
        if not is_full(error):
            raise
        raise UserError(
            f"The bundle {name} cannot be unpacked in {scratch.parent} ({reason(error)}): make room there, or name "
            "another folder in the variable TMPDIR."
        ) from error


def read(folder: Path, name: str) -> Bundle:
    """Return the bundle in ``folder``, into which nobody else writes, checked but for its weights; raises UserError."""
    at = contents.MANIFEST
    try:
        if not (folder / at).is_file():
            raise UserError(f"{name} is no bundle of a run: expected {at} in it, found none. {AGAIN}")
        kind = json_files.read(inside.path(folder, at), contents.Kind)
        if kind["kind"] != contents.KIND:
            raise ValueError(f"kind: expected {contents.KIND!r}, found {kind['kind'][:40]!r}")
        if kind["format"] > contents.FORMAT:
            raise UserError(
                f"The bundle {name} was made by a newer version (format {kind['format']}, this one reads "
                f"{contents.FORMAT}): update Manyhot, then import it again."
            )
        manifest = json_files.read(folder / at, BundleManifest)
        task = _checked(manifest)
        for at, expected in _files(manifest, task).items():
            _compare(folder, at, expected)
        at = contents.ONNX
        onnx_file.check(folder / at)
        at = contents.MODEL
        if long := tensor_headers.long_header(folder / at):
            raise ValueError(long)
        record: Manifest = {**manifest["record"], "names": manifest["names"]}
        at = contents.PREDICTIONS
        predictions = _predictions(folder / at, record, task)
        at = contents.MANIFEST
        headline.check(manifest, predictions)
        at = contents.PICTURES
        known = _pictures(folder / at, predictions)
        at = contents.EVENTS
        history = _history(folder / at)
        at = contents.THRESHOLDS
        thresholds = _thresholds(folder / at, tuple(manifest["names"])) if task.has_labels else []
        at = contents.EXPECTED
        examples = _examples(folder, manifest, predictions)
    except (OSError, ValueError, SafetensorError) as error:
        raise UserError(f"The bundle {name} cannot be used ({at}: {reason(error)}). {AGAIN}") from error
    return Bundle(folder, name, manifest, record, task, predictions, known, history, thresholds, examples)


def _checked(manifest: BundleManifest) -> Task:
    """Look whether a manifest, all of the right types, fits itself, and return its task; raises ValueError."""
    config, record, names = manifest["config"], manifest["record"], manifest["names"]
    events.check_config(config)
    architectures.check(config.arch)
    check_names("names", names)
    if len(set(names)) < len(names):
        raise ValueError("names: expected names that differ, found one twice")
    if record["names"] != names:
        raise ValueError("record.names: expected the names of the manifest, found others")
    for what, one, other in (
        ("task", manifest["task"], config.task),
        ("architecture", manifest["architecture"], config.arch),
        ("size", manifest["size"], config.size),
        ("scale", manifest["scale"], record.get("scale", {})),
        ("value_range", manifest.get("value_range"), record.get("value_range")),
    ):
        if one != other:
            raise ValueError(f"{what}: expected that of the run, {str(other)[:40]!r}, found {str(one)[:40]!r}")
    result_files.check(record)
    return tasks.get(config.task)


def _files(manifest: BundleManifest, task: Task) -> dict[str, str]:
    needed = (*contents.NEEDED, *((contents.THRESHOLDS,) if task.has_labels else ()))
    if lacking := [name for name in needed if name not in manifest["files"]]:
        raise ValueError(f"files: expected the hash of {lacking[0]}, found none")
    return manifest["files"]


def _compare(folder: Path, name: str, expected: str) -> None:
    path = arriving.own_file(folder, name)
    arriving.check_size(name, path.stat().st_size)  # also where it is missing
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != expected:
        raise ValueError(f"expected the file with the hash {expected[:12]}…, found another with {digest[:12]}…")


def _predictions(path: Path, record: Manifest, task: Task) -> dict[str, Predictions]:
    stored = tensor_files.read(path)
    return {split: result_files.predictions(stored, split, record, task, None) for split in record["splits"]}


def _pictures(path: Path, predictions: dict[str, Predictions]) -> dict[str, list[Picture]]:
    known = json_files.read(path, dict[str, list[Picture]])
    for split, one in predictions.items():
        n = len(known.get(split, ()))
        if n != len(one.items):
            raise ValueError(f"{split}: expected {len(one.items):,} images, found {n:,}")
    return known


def _history(path: Path) -> list[dict[str, Any]]:
    history = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            run_files.event(line)
            history.append(json_files.decode(line, dict[str, Any]))
        except ValueError as error:
            raise ValueError(f"line {number:,}: {error}") from error
    if not history or history[-1]["event"] not in events.COMPLETE:
        raise ValueError("expected the events of a run that has ended, found others")
    return history


def _thresholds(path: Path, names: tuple[str, ...]) -> list[ThresholdSet]:
    content = json_files.read(path, contents.Thresholds)
    kept = {name: one for name, one in content["sets"].items() if name != DEFAULT}
    text = json_files.encode({"format": content["format"], "sets": kept})
    return [replace(one, user="") for one in sets_file.parsed(text, names).values()]


def _examples(folder: Path, manifest: BundleManifest, predictions: dict[str, Predictions]) -> list[Example]:
    examples = json_files.read(folder / contents.EXPECTED, list[Example])
    if not 1 <= len(examples) <= contents.N_EXAMPLES:
        raise ValueError(f"expected 1 to {contents.N_EXAMPLES} examples, found {len(examples)}")
    rule = result_files.value_range(manifest["record"])
    for one in examples:
        file = one["file"]
        if file not in manifest["files"] or PurePosixPath(file).parent.as_posix() != contents.EXAMPLES:
            raise ValueError(f"expected a picture of the bundle, found {file[:80]!r}")
        of = predictions.get(one["split"])
        if of is None or one["row"] >= len(of.items):
            raise ValueError(f"{file}: expected one of the predicted images, found none")
        if np.shape(one["preds"]) != of.preds.shape[1:]:
            raise ValueError(f"{file}: expected as many numbers as there are names, found others")
        path = inside.path(folder, file)
        try:
            frames = pictures.count(path)
            if frames > 1:
                raise ValueError(f"{file}: expected a single picture, found {frames} frames or pages")
            size = pictures.open_image(path, rule).size
        except UnreadableImageError as error:
            raise ValueError(f"{file}: expected a picture, found none ({error})") from error
        if size != tuple(of.sizes[one["row"]].astype(int)):
            raise ValueError(f"{file}: expected {of.sizes[one['row']].tolist()} pixels, found {list(size)}")
    return examples
