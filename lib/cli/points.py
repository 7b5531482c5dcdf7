"""What the command that says which point is wrong does, and what it takes."""

from __future__ import annotations

import argparse

import numpy as np

from lib import tasks
from lib.cli import common
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.evaluation import comparison, results
from lib.evaluation.comparison import Errors
from lib.evaluation.keypoints import errors
from lib.evaluation.keypoints.errors import Bench
from lib.metrics import means
from lib.metrics.intervals import Interval
from lib.metrics.scores import defined
from lib.training import runs
from lib.training.runs import Run

_BENCH = "points"


def points_options(command: argparse.ArgumentParser) -> None:
    """Add what ``points`` takes."""
    command.add_argument("run_id", metavar="run", help="id of a run on keypoints")
    command.add_argument("--split", choices=("valid", "test"), default="valid", help="which images (default valid)")
    command.add_argument(
        "--norm",
        default="px",
        metavar="NORM",
        help="what errors are divided by: px (nothing), diagonal, box, or pair:A,B, the distance of two points",
    )
    command.add_argument("--limit", type=float, metavar="L", help="a point counts as right up to this error")
    command.add_argument("--against", metavar="RUN", help="compare with another run, image by image")


def run_points(chosen: argparse.Namespace) -> int:
    """Print how wrong each point is, the mean shape beside it."""
    workspace = Workspace.find(chosen.workspace)
    run = runs.load(workspace, chosen.run_id)
    bench = _bench(run, chosen.split)
    norm = bench.norm(chosen.norm)
    limit = errors.default_limit(bench, norm) if chosen.limit is None else chosen.limit
    if not limit > 0:
        raise UserError(f"--limit is {limit:g}: expected an error above 0, in {norm.unit}.")
    found = numbers(bench, norm.kind, limit)
    if chosen.against is not None:
        found["against"] = _against(run, runs.load(workspace, chosen.against), chosen)
    if chosen.json:
        return common.print_json({"run": run.id, "dataset": run.config.dataset, "split": chosen.split, **found})
    _print(found, chosen.split)
    return 0


def numbers(bench: Bench, kind: str, limit: float) -> dict:
    """Return the numbers of all points and of each as plain JSON; None where one is not defined.

    Parameters
    ----------
    bench : Bench
    kind : str
        See `Bench.norm`.
    limit : float
        In the norm's unit.
    """
    norm = bench.norm(kind)
    off, base = norm.of(bench.off), norm.of(bench.base_off)
    each, interval = errors.per_point(off, base, limit), means.mean(off, bench.groups)
    return {
        "images": len(bench),
        "norm": norm.kind,
        "of": norm.title,
        "unit": norm.unit,
        "limit": limit,
        "all": {"model": _whole(off, bench, limit), "mean_shape": _whole(base, bench, limit)},
        "points": [
            {
                "point": name,
                "mean": defined(each.mean[k]),
                "interval": _ends(interval.at(k)),
                "mean_shape": defined(each.baseline[k]),
                "median": defined(each.median[k]),
                "p90": defined(each.p90[k]),
                "largest": defined(each.largest[k]),
                "pck": defined(each.within[k]),
                "labelled": int(each.count[k]),
                "missing": int(each.missing[k]),
            }
            for k, name in enumerate(bench.names)
        ],
    }


def _whole(off: np.ndarray, bench: Bench, limit: float) -> dict:
    images = errors.per_image(off)
    found = means.pooled(off, bench.groups)
    return {
        "mean": defined(float(found.value)),
        "interval": _ends(found),
        "pck": defined(float(errors.share_within(off, [limit])[0])),
        "pck_area": defined(errors.area(off, limit)),
        "ced_area": defined(errors.area(images, limit)),
        "failure_rate": defined(errors.failure_rate(images, limit)),
    }


def _ends(found: Interval) -> list[float | None]:
    return [defined(float(end)) for end in found.ends]


def _bench(run: Run, split: str) -> Bench:
    """Return what a run predicted of points.

    Raises
    ------
    UserError
        If it has no such predictions, or is of another task.
    """
    run.predictions(split)
    if tasks.get(run.config.task).bench != _BENCH:
        raise UserError(f"The run {run.id} is of the task {run.config.task}, which has no points: choose another run.")
    return results.bench(run, split)


def _against(run: Run, other: Run, chosen: argparse.Namespace) -> dict:
    mine, theirs = (_bench(one, chosen.split) for one in (run, other))
    if mine.names != theirs.names:
        raise UserError(f"The run {other.id} learned other points than {run.id}: choose one of the same points.")
    both = [Errors(one.items, one.targs, one.norm(chosen.norm).of(one.off)) for one in (mine, theirs)]
    found = comparison.compare(*both, mine.groups)
    return {
        "run": other.id,
        "images": found.images,
        "left_out": found.left_out,
        "mean": defined(float(found.mine.value)),
        "other": defined(float(found.other.value)),
        "difference": defined(float(found.difference.value)),
        "interval": _ends(found.difference),
        "better": {"first": run.id, "second": other.id, "none": None}[found.verdict],
    }


def _print(found: dict, split: str) -> None:
    unit = f"% of the {found['of']}" if found["unit"] == "%" else found["unit"]
    print(f"{found['images']:,} {split} images, errors in {unit}; right within {found['limit']:g} {found['unit']}:")
    for title, key in (("model", "model"), ("mean shape", "mean_shape")):
        part = found["all"][key]
        words = [
            f"{name} {common.number(part[name])}" for name in ("mean", "pck", "pck_area", "ced_area", "failure_rate")
        ]
        low, high = (common.number(end) for end in part["interval"])
        print(f"{title:<10}  {', '.join(words)} (mean from {low} to {high})")
    order = sorted(found["points"], key=lambda one: -1 if one["mean"] is None else one["mean"], reverse=True)
    for one in order:
        gone = f", missing in {one['missing']:,}" if one["missing"] else ""
        titles = {"mean": "mean", "mean_shape": "mean shape", "median": "median", "largest": "largest", "pck": "pck"}
        said = ", ".join(f"{title} {common.number(one[key])}" for key, title in titles.items())
        print(f"{common.shown(one['point']):<24} {said}{gone}")
    if "against" in found:
        _print_against(found["against"], found["unit"])


def _print_against(found: dict, unit: str) -> None:
    low, high = (common.number(end) for end in found["interval"])
    change = f"{common.number(found['difference'])} (95 % interval {low} to {high})"
    won = f"{found['better']} is better, more than chance" if found["better"] else "neither is clearly better"
    print(
        f"Against {found['run']} on {found['images']:,} images: {common.number(found['mean'])} and "
        f"{common.number(found['other'])} {unit}, difference {change}: {won}."
    )
