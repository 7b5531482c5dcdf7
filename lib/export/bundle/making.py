"""Making the bundle of a run: a new folder or zip, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lib import tasks
from lib.core import depth, files, json_files, temporary, tensor_files, times
from lib.core.dataset import Dataset
from lib.core.errors import DamagedError, UserError, reason
from lib.export.bundle import card, contents, examples, figure, headline, parity, reading, stand_in
from lib.export.bundle.contents import BundleManifest, Interval, Picture, Points
from lib.tasks.base import Task
from lib.tasks.types import Predictions
from lib.thresholds import sets, sets_file
from lib.thresholds.sets_file import DEFAULT
from lib.training import events, result_files, run_files, run_metrics, run_names
from lib.training.runs import Run

#: Is told how much of a step is done, of how much (0 while unknown), and the step in words.
Tell = Callable[[int, int, str], None]
_ZIP = ".zip"


def write(run: Run, target: Path, tell: Tell = lambda *_: None) -> BundleManifest:
    """Write the bundle of ``run`` to ``target``, a zip where it ends in .zip, else a new folder; return its manifest.

    Parameters
    ----------
    run : Run
    target : pathlib.Path
        Nothing is there yet; its folder is.
    tell : callable

    Raises
    ------
    UserError
        If something is there, the run has no model, its dataset is gone, a package is missing, or it cannot be written.
    """
    check(run, target)
    try:
        if target.suffix.lower() != _ZIP:
            with files.new_folder(target) as folder:
                return _checked(run, folder, tell)
        with (
            files.replacing(target, is_shared=True) as zipped,
            temporary.temporary(target.parent, temporary.NEW) as folder,
        ):
            try:
                manifest = _checked(run, folder, tell)
                tell(0, 0, "Packing")
                _pack(folder, zipped, contents.name_of(run.id))
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        return manifest
    except OSError as error:
        raise UserError(
            f"The bundle {target} cannot be written ({reason(error)}): make room, or choose another place."
        ) from error


def check(run: Run, target: Path) -> None:
    """Look, within no time, whether a bundle of ``run`` can be made at ``target``; raises as `write`."""
    contents.check_packages()
    run.result()
    if damage := run.damage():
        raise DamagedError(damage)
    stand_in.dataset_of(run)
    if target.exists():
        raise UserError(f"{target} is there already: choose another name, or delete it.")
    if not target.parent.is_dir():
        raise UserError(f"{target.parent} is no folder: make it, or choose another place.")


def _checked(run: Run, folder: Path, tell: Tell) -> BundleManifest:
    """Fill ``folder`` and read it as whoever imports it does."""
    manifest = _fill(run, folder, tell)
    tell(0, 0, "Reading it as an import does")
    try:
        reading.read(folder, contents.name_of(run.id))
    except UserError as error:
        raise UserError(
            f"No bundle that could be imported can be made of the run {run.id} "
            f"({reason(error.__cause__ or error)}): change that in its dataset, then train again."
        ) from error
    return manifest


def _fill(run: Run, folder: Path, tell: Tell) -> BundleManifest:
    versions, dataset, task = contents.check_packages(), stand_in.dataset_of(run), tasks.get(run.config.task)
    tell(0, 0, "Loading torch and the model")
    from safetensors.torch import load_file, save_file

    from lib.training.learner import inference, onnx_export

    model = inference.load(run)
    tell(0, 0, "Writing the model as ONNX")
    onnx_export.export(model, folder / contents.ONNX)
    save_file(load_file(run.folder / events.MODEL), folder / contents.MODEL, {"format": "pt"})
    predictions = {split: run.predictions(split) for split in run.result()["splits"]}
    split, thresh = next(iter(predictions)), headline.thresh(task, run.config, run.names())
    times = parity.times_rounding(run.result().get("device", ""), run.config)
    measured = parity.measure(
        model, folder / contents.ONNX, dataset, split, predictions[split], thresh, tell, times=times
    )
    own = replace(predictions[split], preds=measured.preds)
    tell(0, 0, "Writing what belongs to it")
    chosen = examples.write(folder, task, dataset, split, own, thresh)
    kept = _thresholds(run, folder) if task.has_labels else {}
    packed = tensor_files.pack(result_files.arrays_of(predictions), contents.PREDICTIONS)
    (folder / contents.PREDICTIONS).write_bytes(packed)
    _json(folder / contents.PICTURES, {part: _pictures(dataset, one) for part, one in predictions.items()})
    _events(run, folder)
    own_errors, base_errors = (task.errors(one, thresh) for one in (predictions[split], predictions[split].by_baseline))
    drawn = figure.svg(own_errors, base_errors, f"{task.error_title}, {split} images", task.baseline_title)
    (folder / contents.FIGURE).write_text(drawn, encoding="utf-8")
    shutil.copyfile(Path(__file__).with_name(contents.SCRIPT), folder / contents.SCRIPT)
    manifest = _manifest(run, task, dataset, predictions, thresh, versions, measured.report)
    (folder / contents.CARD).write_text(card.text(manifest, chosen, kept), encoding="utf-8")
    tell(0, 0, "Computing hashes")
    manifest["files"] = _hashes(folder)
    written = {**manifest, "config": replace(run.config, weights=None).to_json()}
    files.write_json(folder / contents.MANIFEST, written)
    for path in folder.rglob("*"):
        files.share(path)
    return manifest


def _manifest(
    run: Run,
    task: Task,
    dataset: Dataset,
    predictions: Mapping[str, Predictions],
    thresh: float | np.ndarray,
    versions: dict[str, str],
    report: contents.Parity,
) -> BundleManifest:
    """Return the manifest without ``files``."""
    from lib.training.learner import normalization

    record, names = dict(run.result()), list(run.names())
    record.pop("config", None)
    record.pop("origin", None)
    size = run.config.size
    manifest: BundleManifest = {
        "kind": contents.KIND,
        "format": contents.FORMAT,
        "made": times.utc(),
        "origin": _origin(run),
        "task": task.name,
        "architecture": run.config.arch,
        "size": size,
        "names": names,
        "has_labels": task.has_labels,
        "has_several_labels": task.has_several_labels,
        "has_points": task.has_points,
        "resize": {
            "rule": "squish",
            "filter": "bilinear",
            "words": f"all of the upright picture squished to {size} by {size} pixels, by Pillow's BILINEAR.",
        },
        "normalize": record.get("normalize") or _normalize(normalization.IMAGENET_STATS),
        **depth.to_json(run.value_range()),  # type: ignore[typeddict-item]
        "scale": record.get("scale", {}),
        "units": _units(task, names, record),
        **({"thresholds": DEFAULT} if task.has_labels else {}),  # type: ignore[typeddict-item]
        "metrics": {split: task.metrics(one, thresh) for split, one in predictions.items()},
        "baseline": {split: task.metrics(one.by_baseline, thresh) for split, one in predictions.items()},
        "intervals": {split: _interval(run, task, one, thresh) for split, one in predictions.items()},
        "parity": report,
        "onnx": _onnx(size, task.n_out(names)),
        "versions": {**record.get("versions", {}), **versions},
        "config": run.config,
        "preds": sets_file.digest(run),
        "record": record,  # type: ignore[typeddict-item]
        "files": {},
    }
    if task.has_points:
        declared = {key: dataset.extra[key] for key in Points.__annotations__ if key in dataset.extra}
        manifest["points"] = {key: [list(pair) for pair in pairs] for key, pairs in declared.items()}  # type: ignore[typeddict-item]
    return manifest


def _onnx(size: int, n_out: int) -> dict[str, Any]:
    """Return what goes into the ONNX file and what comes out."""
    from lib.training.learner import onnx_export

    return {
        "opset": onnx_export.OPSET,
        "input": onnx_export.INPUT,
        "input_shape": ["batch", size, size, 3],
        "input_type": "uint8",
        "output": onnx_export.OUTPUT,
        "output_shape": ["batch", n_out],
        "output_type": "float32",
    }


def _origin(run: Run) -> run_files.Origin:
    origin: run_files.Origin = {"run": run.id, "dataset": run.config.dataset, "revision": run.config.revision}
    return {**origin, "name": run.name} if run.name and run.name != run_names.DAMAGED else origin


def _normalize(stats: tuple[tuple[float, ...], tuple[float, ...]]) -> Any:
    return {"mean": list(stats[0]), "std": list(stats[1])}


def _units(task: Task, names: list[str], record: Mapping[str, Any]) -> dict[str, str]:
    of_split: Mapping[str, Any] = next(iter(record.get("metrics", {}).values()), {})
    units = {name: task.unit_of(names, name) for name in of_split}
    return {name: unit for name, unit in units.items() if unit}


def _interval(run: Run, task: Task, predictions: Predictions, thresh: float | np.ndarray) -> Interval:
    of = run_metrics.groups(run.dataset(), predictions.items)
    interval = run_metrics.headline(task, predictions, task.decisions(predictions, of), of, thresh)
    value, low, high = (
        float(end) if math.isfinite(end) else None for end in (interval.value, interval.low, interval.high)
    )
    return {"metric": task.metric, "value": value, "low": low, "high": high}


def _thresholds(run: Run, folder: Path) -> dict[str, str]:
    """Write every set of the run, without who chose it; return how each was chosen."""
    every, names = sets.read_all(run), sets.labels(run)
    kept = {name: sets_file.to_json(replace(one, user=""), names) for name, one in every.items()}
    default = kept[DEFAULT]["thresholds"]
    _json(folder / contents.THRESHOLDS, {"format": sets_file.FORMAT, "thresholds": default, "sets": kept})
    return {name: sets.words(one) for name, one in every.items()}


def _pictures(dataset: Dataset, predictions: Predictions) -> list[Picture]:
    digests = dataset.digests or [""] * len(dataset)
    originals, groups = (dataset.items[name].astype(str).tolist() for name in ("original", "group"))
    return [
        {"original": originals[item], "group": groups[item], "digest": digests[item] or None}
        for item in predictions.items.tolist()
    ]


def _events(run: Run, folder: Path) -> None:
    """Write the run's events without their checksums, which are of its folder, and names of machines."""
    with (run.folder / events.EVENTS).open("rb") as source, (folder / contents.EVENTS).open("wb") as copy:
        for line in source:
            values = json_files.decode(line, dict[str, Any])
            for name in ("sum", "host"):
                values.pop(name, None)
            run_files.event(json_files.encode(values))
            copy.write(json.dumps(values, allow_nan=False).encode() + b"\n")


def _json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _hashes(folder: Path) -> dict[str, str]:
    hashes = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            hashes[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return hashes


def _pack(folder: Path, path: Path, name: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file in sorted(one for one in folder.rglob("*") if one.is_file()):
            entry = zipfile.ZipInfo(f"{name}/{file.relative_to(folder).as_posix()}", time.localtime()[:6])
            entry.external_attr = 0o100644 << 16
            is_text = file.suffix in (".json", ".jsonl", ".md", ".svg", ".py")
            entry.compress_type = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED  # what is left is dense
            with file.open("rb") as source, zipped.open(entry, "w") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
