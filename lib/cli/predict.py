"""The command ``predict``: predicts any image files with a run's model."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np

from lib import tasks
from lib.cli import predict_many
from lib.cli.common import print_json, progress_line, run_option, say
from lib.core import depth, pictures
from lib.core.errors import UserError
from lib.core.picture_files import EXTENSIONS
from lib.core.workspace import Workspace
from lib.thresholds import sets
from lib.thresholds.sets_file import DEFAULT
from lib.training import runs
from lib.training.runs import Run


def predict_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `run_predict`."""
    run_option(command)
    command.add_argument(
        "paths",
        type=Path,
        nargs="+",
        metavar="PATH",
        help="an image or a folder of images; with --out also a zip or CSV",
    )
    command.add_argument("--thresholds", metavar="NAME", help="a saved set, one threshold per label, see `thresholds`")
    predict_many.many_options(command)


def run_predict(chosen: argparse.Namespace) -> int:
    """Print what the model of a run says of each picture; files that are none are named on stderr and left out."""
    predict_many.check(chosen)
    if chosen.out is not None:
        return predict_many.run_many(chosen)
    workspace = Workspace.find(chosen.workspace)
    run = runs.load(workspace, chosen.run_id)
    thresh, paths = _thresh(run, chosen.thresholds), _pictures(chosen.paths)
    with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of torch, about itself
        from lib.inference import worker
        from lib.training.learner import inference

    left_out: dict[Path, str] = {}

    def unreadable(path: Path, reason: str) -> None:
        left_out[path] = reason
        say(f"{path} is left out: {reason}.")

    progress = progress_line()
    model = inference.load(run).to(worker.device(workspace))
    preds, sizes, kept = inference.predict(
        model, paths, tell=lambda done, total: progress(done, total, "Predicting"), unreadable=unreadable
    )
    if not isinstance(model.value_range, depth.ValueRange):
        _remark(model.value_range, kept)
    task = model.task
    if chosen.json:
        answers = [
            {"file": str(path), "width": int(width), "height": int(height), **task.new_json(pred, model.names, thresh)}
            for path, pred, (width, height) in zip(kept, preds, sizes, strict=True)
        ]
        named = {"thresholds": chosen.thresholds or DEFAULT} if task.has_labels else {}
        gone = [{"file": str(path), "reason": reason} for path, reason in left_out.items()]
        about = {"run": run.id, "dataset": run.config.dataset, "task": task.name, **named}
        return print_json({**about, "pictures": answers, "left_out": gone})
    for path, pred in zip(kept, preds, strict=True):
        print(f"{path}: {task.new_words(pred, model.names, thresh)}")
    return 0


def _remark(rule: depth.Rule, paths: list[Path]) -> None:
    """Say what is not sure of pictures with more bits than the model was taught."""
    if remark := depth.remark(rule, sum(map(pictures.is_deep, paths))):
        say(remark)


def _thresh(run: Run, name: str | None) -> float | np.ndarray:
    """Return the thresholds that decide, where the task has some."""
    if tasks.get(run.config.task).has_labels:
        return sets.get(run, name or DEFAULT).thresh
    if name is not None:
        raise UserError(f"The run {run.id} is of the task {run.config.task}, which has no thresholds: leave them out.")
    return run.config.thresh


def _pictures(paths: list[Path]) -> list[Path]:
    """Return the files at ``paths``, and those in folders that are called like pictures, in order.

    Raises
    ------
    UserError
        If there is no such file or folder, or no picture in a folder.
    """
    named: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.suffix.lower() in EXTENSIONS and one.is_file())
            if not inside:
                raise UserError(
                    f"The folder {path} has no pictures: expected files such as .jpg or .png. Name another."
                )
            named += inside
        elif path.is_file():
            named.append(path)
        else:
            raise UserError(f"There is no picture or folder {path}: check the path.")
    return list(dict.fromkeys(named))
