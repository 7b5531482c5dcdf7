"""The command ``points``: prints the error of each keypoint of a run."""

from __future__ import annotations

import argparse

import numpy as np

from lib import tasks
from lib.cli import common, without_dataset
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.evaluation import comparison, results
from lib.evaluation.keypoints import errors
from lib.evaluation.keypoints.errors import Bench
from lib.evaluation.verdicts import images
from lib.metrics import means
from lib.metrics.intervals import Interval
from lib.metrics.scores import defined
from lib.training import runs
from lib.training.runs import Run

_BENCH = "points"


def points_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``points``."""
    command.add_argument("run_id", metavar="run", help="id of a run on keypoints")
    command.add_argument("--split", choices=("valid", "test"), default="valid", help="which images (default valid)")
    command.add_argument(
        "--norm",
        default="px",
        metavar="NORM",
        help="normalization of the errors: px (none), diagonal, box, or pair:A,B, the distance between two keypoints",
    )
    command.add_argument("--limit", type=float, metavar="L", help="a keypoint counts as correct up to this error")
    command.add_argument("--against", metavar="RUN", help="compare with another run, image by image")


def run_points(chosen: argparse.Namespace) -> int:
    """Print how wrong each point is, the mean shape beside it."""
    workspace = Workspace.find(chosen.workspace)
    run = runs.load(workspace, chosen.run_id)
    bench = _bench(run, chosen.split)
    without_dataset.say_why(run, "Intervals count every image for itself, whatever its group.")
    norm = bench.norm(chosen.norm)
    limit = errors.default_limit(bench, norm) if chosen.limit is None else chosen.limit
    if not limit > 0:
        raise UserError(f"--limit is {limit:g}: expected an error above 0, in {norm.unit}.")
    report = point_errors(bench, norm.kind, limit)
    if chosen.against is not None:
        report["against"] = _comparison(run, runs.load(workspace, chosen.against), chosen)
    if chosen.json:
        return common.print_json({"run": run.id, "dataset": run.config.dataset, "split": chosen.split, **report})
    _print(report, chosen.split)
    return 0


def point_errors(bench: Bench, kind: str, limit: float) -> dict:
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
    off, base = norm.of(bench.distances), norm.of(bench.baseline_distances)
    each, interval = errors.per_point(off, base, limit), means.mean(off, bench.groups)
    return {
        "images": len(bench),
        "norm": norm.kind,
        "of": norm.title,
        "unit": norm.unit,
        "limit": limit,
        "all": {"model": _overall_numbers(off, bench, limit), "mean_shape": _overall_numbers(base, bench, limit)},
        "points": [
            {
                "point": name,
                "mean": defined(each.mean[k]),
                "interval": _interval_ends(interval.at(k)),
                "mean_shape": defined(each.baseline[k]),
                "median": defined(each.median[k]),
                "p90": defined(each.p90[k]),
                "largest": defined(each.largest[k]),
                "pck": defined(each.within[k]),
                "labeled": int(each.count[k]),
                "missing": int(each.missing[k]),
            }
            for k, name in enumerate(bench.names)
        ],
    }


def _overall_numbers(off: np.ndarray, bench: Bench, limit: float) -> dict:
    images = errors.per_image(off)
    mean = means.pooled(off, bench.groups)
    return {
        "mean": defined(float(mean.value)),
        "interval": _interval_ends(mean),
        "pck": defined(float(errors.share_within(off, [limit])[0])),
        "pck_area": defined(errors.area(off, limit)),
        "ced_area": defined(errors.area(images, limit)),
        "failure_rate": defined(errors.failure_rate(images, limit)),
    }


def _interval_ends(interval: Interval) -> list[float | None]:
    return [defined(float(end)) for end in interval.ends]


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


def _comparison(run: Run, other: Run, chosen: argparse.Namespace) -> dict:
    if refused := images.refusal([run], [other], chosen.split):
        raise UserError(refused)

    def errors_of(one: Run) -> np.ndarray:
        bench = results.bench(one, chosen.split)
        return bench.norm(chosen.norm).of(bench.distances)

    compared = comparison.compare(run, other, chosen.split, errors_of)
    return {
        "run": other.id,
        "images": compared.images,
        "left_out": compared.left_out,
        "mean": defined(float(compared.mine.value)),
        "other": defined(float(compared.other.value)),
        "difference": defined(float(compared.difference.value)),
        "interval": _interval_ends(compared.difference),
        "better": {"first": run.id, "second": other.id, "none": None}[compared.verdict],
    }


def _print(report: dict, split: str) -> None:
    unit = f"% of the {report['of']}" if report["unit"] == "%" else report["unit"]
    print(f"{report['images']:,} {split} images, errors in {unit}; right within {report['limit']:g} {report['unit']}:")
    for title, key in (("model", "model"), ("mean shape", "mean_shape")):
        part = report["all"][key]
        words = [
            f"{name} {common.number(part[name])}" for name in ("mean", "pck", "pck_area", "ced_area", "failure_rate")
        ]
        low, high = (common.number(end) for end in part["interval"])
        print(f"{title:<10}  {', '.join(words)} (mean from {low} to {high})")
    order = sorted(report["points"], key=lambda one: -1 if one["mean"] is None else one["mean"], reverse=True)
    for one in order:
        gone = f", missing in {one['missing']:,}" if one["missing"] else ""
        titles = {"mean": "mean", "mean_shape": "mean shape", "median": "median", "largest": "largest", "pck": "pck"}
        values = ", ".join(f"{title} {common.number(one[key])}" for key, title in titles.items())
        print(f"{common.one_line(one['point']):<24} {values}{gone}")
    if "against" in report:
        _print_comparison(report["against"], report["unit"])


def _print_comparison(compared: dict, unit: str) -> None:
    low, high = (common.number(end) for end in compared["interval"])
    change = f"{common.number(compared['difference'])} (95 % interval {low} to {high})"
    won = f"{compared['better']} is better, more than chance" if compared["better"] else "neither is clearly better"
    print(
        f"Against {compared['run']} on {compared['images']:,} images: {common.number(compared['mean'])} and "
        f"{common.number(compared['other'])} {unit}, difference {change}: {won}."
    )
