"""Taking a bundle in: a run of this workspace, as its worker would have left it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from lib.core import checksums, files, line_sums, people, tensor_files
from lib.core.dataset import Dataset
from lib.core.errors import UserError, reason
from lib.core.workspace import VARIABLE, Workspace
from lib.export.bundle import arriving, contents, parity, reading, stand_in
from lib.export.bundle.making import Tell
from lib.export.bundle.reading import Bundle
from lib.tasks.types import Predictions
from lib.thresholds import sets_file
from lib.training import events, result_files, run_ids, run_names
from lib.training.run_files import Manifest

#: What is said of a run that was stopped, which cannot go on here.
_NO_CHECKPOINT = "This run was stopped before its end, and came in a bundle, which has no checkpoint."


@dataclass(frozen=True)
class Taken:
    """A run that was taken in.

    Attributes
    ----------
    run : str
        Its id here.
    dataset : str
    is_stand_in : bool
        Whether that dataset came with the bundle and has no pictures but the examples.
    """

    run: str
    dataset: str
    is_stand_in: bool


def take(workspace: Workspace, source: Path, tell: Tell = lambda *_: None, *, name: str = "") -> Taken:
    """Import the bundle in a folder or zip as a run.

    Its dataset is looked for by revision. Where it is not here, one is made of what the bundle knows: names, sizes and
    targets of the images that the run predicted, and the pictures of the examples.

    Parameters
    ----------
    workspace : Workspace
    source : pathlib.Path
    tell : callable
    name : str
        What the bundle is called in sentences.

    Raises
    ------
    UserError
        If it is no bundle, is not what it was, is of a newer version, does not do what it says, or cannot be kept.
        Nothing is left behind then.
    """
    tell(0, 0, "Reading the bundle")
    with reading.opened(source, name) as bundle:
        tell(0, 0, "Asking the model about the examples")
        _check_model(bundle)
        tell(0, 0, "Keeping the run")
        try:
            return _keep(workspace, bundle)
        except OSError as error:
            raise UserError(
                f"The run of the bundle {bundle.name} cannot be kept in {workspace.root} ({reason(error)}): make room "
                f"on its disk, or choose another workspace (variable {VARIABLE}).",
                flags="--workspace DIR",
            ) from error


def _check_model(bundle: Bundle) -> None:
    """Look whether the weights are those of the network, and answer as the examples say; raises UserError."""
    from lib.training.learner import inference

    config, path = bundle.manifest["config"], bundle.path(contents.MODEL)
    paths = [bundle.path(one["file"]) for one in bundle.examples]
    try:
        model = inference.assembled(config, bundle.record, path)
        preds, _, _ = inference.predict(model, paths)
    except MemoryError:
        raise
    except Exception as error:  # whatever a network makes of weights and a record that somebody brings
        cause = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise UserError(
            f"The bundle {bundle.name} cannot be used ({contents.MODEL}: expected the weights of {config.arch} for "
            f"{len(bundle.manifest['names'])} {bundle.task.nouns}, found others: {cause}). {arriving.AGAIN}"
        ) from error
    expected = np.array([one["preds"] for one in bundle.examples])
    apart = bundle.task.apart(preds, expected, model.scale)
    wrong = ~(apart <= parity.OTHER_MACHINE * bundle.task.rounding)  # also NaN
    if wrong.any():
        which = int(np.flatnonzero(wrong.reshape(len(wrong), -1).any(axis=1))[0])
        raise UserError(
            f"The bundle {bundle.name} cannot be used ({bundle.examples[which]['file']}: its model's answer differs by "
            f"{apart.max():.2g} {bundle.task.rounding_unit} from the expected one). {arriving.AGAIN}"
        )


def _keep(workspace: Workspace, bundle: Bundle) -> Taken:
    new_parents = files.make_parents(workspace.runs)
    new_dataset: Path | None = None
    try:
        with FileLock(workspace.runs / ".start.lock"):  # as a run that is started
            stand_in.remove_unfinished(workspace)
            run, dataset = _id(workspace, bundle), stand_in.find_dataset(workspace, bundle)
            if dataset is None:
                name = stand_in.free_name(workspace, bundle.manifest["origin"]["dataset"])
                dataset = stand_in.build(workspace, bundle, name, run)
                new_dataset = dataset.path
            taken = Taken(run, dataset.name, dataset.is_stand_in)
            with files.new_folder(workspace.run(taken.run)) as folder:
                _write(folder, taken.run, bundle, dataset)
                stand_in.add_examples(dataset, bundle)
            new_dataset = None
            stand_in.finish(dataset)
        return taken
    except BaseException:
        if new_dataset is not None:
            shutil.rmtree(new_dataset, ignore_errors=True)
        raise
    finally:
        files.remove_empty(new_parents)


def _id(workspace: Workspace, bundle: Bundle) -> str:
    """Return the id that the run had, which says when it was started, or a new one where that is taken."""
    own = bundle.manifest["origin"]["run"]
    return own if run_ids.is_id(own) and run_ids.is_free(workspace, own) else run_ids.new(workspace)


def _write(folder: Path, run: str, bundle: Bundle, dataset: Dataset) -> None:
    """Fill the folder of ``run``, as `lib.training.events` describes it."""
    from safetensors.torch import load_file
    from safetensors.torch import save as pack_tensors

    predictions = bundle.predictions
    if dataset.is_stand_in:
        predictions = {split: replace(one, items=dataset.index(split)) for split, one in predictions.items()}
    rows = _moved(bundle.predictions, predictions)
    config = replace(bundle.manifest["config"], dataset=dataset.name, revision=dataset.revision, weights=None)
    files.write_json(folder / events.CONFIG, config.to_json(), run)
    run_names.sign(folder, people.at_work(), run)
    if (title := bundle.manifest["origin"].get("name", "")) and title.isprintable() and len(title) <= run_names.MOST:
        path = folder / events.NAME
        files.write_atomic(path, checksums.headed(title.encode(), checksums.name_of(path, run)))
    arrays = result_files.arrays_of(predictions)
    try:
        for split in predictions:
            result_files.predictions(arrays, split, bundle.record, bundle.task, dataset)
    except ValueError as error:
        raise UserError(
            f"The bundle {bundle.name} cannot be used ({contents.PREDICTIONS}: {reason(error)}, in {dataset.name} of "
            f"the same revision). {arriving.AGAIN}"
        ) from error
    preds, model = folder / events.PREDS, folder / events.MODEL
    preds.write_bytes(tensor_files.pack(arrays, checksums.name_of(preds, run)))
    slot = tensor_files.slot(checksums.name_of(model, run))
    model.write_bytes(tensor_files.fill(pack_tensors(load_file(bundle.path(contents.MODEL)), slot)))
    n_bytes = _write_events(folder / events.EVENTS, run, bundle, rows)
    if bundle.thresholds:
        _write_thresholds(folder, run, bundle, preds)
    record: Manifest = {**bundle.record, "config": config, "origin": bundle.manifest["origin"], "events": n_bytes}
    files.write_json(folder / events.MANIFEST, {**record, "config": config.to_json()}, run)


def _moved(before: Mapping[str, Predictions], after: Mapping[str, Predictions]) -> dict[int, int]:
    return {
        int(old): int(new)
        for split, one in before.items()
        for old, new in zip(one.items, after[split].items, strict=True)
    }


def _write_events(path: Path, run: str, bundle: Bundle, rows: Mapping[int, int]) -> int:
    """Write the run's events with checksums of this run; return their bytes.

    The images that epochs predict have other rows here; where one is not known, none is followed.
    """
    followed = [row for one in bundle.history if one["event"] == "started" for row in one.get("preview", ())]
    is_known = all(row in rows for row in followed)
    chain, written = line_sums.Chain(run), 0
    with path.open("wb") as file:
        for one in bundle.history:
            values = dict(one)
            if "preview" in values and not is_known:
                del values["preview"]
            elif values["event"] == "started" and "preview" in values:
                values["preview"] = [rows[row] for row in values["preview"]]
            written += file.write(chain.add(json.dumps(_ended(values), allow_nan=False).encode()))
    return written


def _ended(values: dict[str, Any]) -> dict[str, Any]:
    """Return an event; the end of a stopped run says that it cannot be resumed here."""
    if values["event"] != events.STOPPED:
        return values
    return {**values, "lasting": True, "message": values.get("message") or _NO_CHECKPOINT}


def _write_thresholds(folder: Path, run: str, bundle: Bundle, preds: Path) -> None:
    names, digest = tuple(bundle.manifest["names"]), sets_file.digest_of(preds)
    sets = {
        one.name: sets_file.to_json(
            replace(one, preds=digest if one.preds == bundle.manifest["preds"] else one.preds), names
        )
        for one in bundle.thresholds
    }
    files.write_json(folder / sets_file.FILE, {"format": sets_file.FORMAT, "sets": sets}, run)
