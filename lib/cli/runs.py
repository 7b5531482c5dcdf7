"""The commands that list runs, evaluate them and compare their metrics."""

from __future__ import annotations

import argparse
import textwrap
import time
from typing import Any

from lib import tasks
from lib.cli import seeds
from lib.cli.common import number, one_line, print_json, run_option, say
from lib.core.config import LR_FIND, QUICK, TRAIN
from lib.core.errors import UserError
from lib.core.program import PROGRAM
from lib.core.workspace import Workspace
from lib.metrics.scores import METRICS
from lib.thresholds import sets
from lib.training import run_entries, run_metrics, run_names, run_table, runs
from lib.training.run_entries import Entry
from lib.training.run_files import Metrics
from lib.training.run_metrics import QUICK_MODEL
from lib.training.runs import Run

#: What a list calls kinds of runs, and how many letters of a name it shows.
_KINDS, _NARROW = {TRAIN: "training", QUICK: "quick model", LR_FIND: "lr finder"}, 20


def runs_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``runs``."""
    command.add_argument(
        "--best",
        choices=tuple(METRICS),
        metavar="METRIC",
        help="only runs that recorded this metric of their validation images, the best first, by the mean where some "
        "differ in their seed alone: " + ", ".join(METRICS),
    )


def name_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``name``."""
    run_option(command)
    command.add_argument("name", metavar="NAME", help='what to call it, "" for no name; two runs may have the same')


def run_name(chosen: argparse.Namespace) -> int:
    """Name a run, or take its name away."""
    run = runs.load(Workspace.find(chosen.workspace), chosen.run_id)
    name = run_names.write(run.folder, chosen.name)
    if chosen.json:
        return print_json({"run": run.id, "name": name})
    print(f"Run {run.id} is called {name!r}." if name else f"Run {run.id} has no name.")
    return 0


def evaluate_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``evaluate``."""
    run_option(command)
    either = command.add_mutually_exclusive_group()
    either.add_argument(
        "--thresh", type=float, help="threshold of a multi-label run; default: the one it was trained with"
    )
    either.add_argument("--thresholds", metavar="NAME", help="a saved set, one threshold per label, see `thresholds`")
    command.add_argument("--split", choices=("valid", "test"), default="valid", help="which images (default valid)")


def run_evaluate(chosen: argparse.Namespace) -> int:
    """Print a run's metrics beside its baseline's."""
    if chosen.thresh is not None and not 0 <= chosen.thresh <= 1:
        raise UserError(
            f"--thresh is {chosen.thresh:g}: expected a probability from 0 to 1, for instance --thresh 0.5."
        )
    run = runs.load(Workspace.find(chosen.workspace), chosen.run_id)
    one = sets.get(run, chosen.thresholds) if chosen.thresholds is not None else None
    evaluated = run_metrics.evaluate(run, chosen.split, one.thresh if one else chosen.thresh)
    if one:
        about = {"name": one.name, "split": one.split, "objective": one.objective, "options": one.options}
        evaluated["thresholds"] = {**about, "labels": evaluated["thresholds"]}
    if chosen.json:
        return print_json(evaluated)
    at = f" at threshold {evaluated['thresh']:g}" if "thresh" in evaluated else ""
    if one and tasks.get(evaluated["task"]).uses_thresh:
        at = f" at the thresholds {one.name!r}"
    print(f"{evaluated['images']:,} {evaluated['split']} images of {evaluated['dataset']}{at}:")
    print(_table(evaluated, run.names()))
    if one:
        numbers = ", ".join(f"{name} {number(value)}" for name, value in evaluated["decided"].items())
        labels = ", ".join(f"{one_line(name)} {value:g}" for name, value in evaluated["thresholds"]["labels"].items())
        print(f"Thresholds {one.name!r} ({sets.words(one)}): {labels}")
        print(f"Labels above them: {numbers}")
        if one.split == evaluated["split"]:
            print("The thresholds were chosen on these images, so the numbers are too good.")
    return 0


def run_runs(chosen: argparse.Namespace) -> int:
    """List the runs, newest first, or those that have a metric, the best first; seeds of one choice together."""
    rows = run_table.rows(Workspace.find(chosen.workspace))
    whole = [row.run for row in rows if row.run is not None]
    for reason in [*map(Run.damage, whole), *(row.why for row in rows if row.run is None)]:
        if reason:  # the others are listed all the same
            say(reason)
    entries = run_entries.entries(rows)
    if chosen.best:
        entries = [entry for entry, _ in run_entries.ranked(entries, chosen.best)]
    listed = [_listed(entry, chosen.best) for entry in entries]
    if chosen.json:
        several = [seeds.to_json(entry, chosen.best) for entry in entries if entry.is_several]
        return print_json({"runs": [summary for one in listed for summary in one], "entries": several})
    if chosen.best and not entries:
        print(f"No run has recorded {chosen.best} of its validation images.")
    elif not rows:
        print(f"No runs yet. Next: {PROGRAM} train shapes")
    for entry, summaries in zip(entries, listed, strict=True):
        reached = entry.of_metric(chosen.best) if chosen.best else entry.reached
        if entry.is_several:
            of = f"{len(summaries)} runs, seeds {run_entries.words_of_seeds(entry.seeds)}"
            metric, unit = (chosen.best, "") if chosen.best else (entry.metric, entry.unit)
            print(f"{of}: {seeds.words(reached, metric, unit) if reached else 'none has a result yet'}")
        for summary in summaries:
            print(textwrap.indent(_words(summary, not entry.is_several), "  " if entry.is_several else ""))
    return 0


def _listed(entry: Entry, best: str | None) -> list[dict[str, Any]]:
    """Return what the list says of the runs of an entry, with ``best`` of those that recorded it."""
    summaries = [_summary(row.run) for row in entry.rows if row.run is not None]
    if not best:
        return summaries
    return [{**one, "metric": best, "best": one["metrics"][best]} for one in summaries if _has(one, best)]


def _has(summary: dict[str, Any], metric: str) -> bool:
    return summary["metrics"].get(metric) is not None


def _words(row: dict[str, Any], is_alone: bool) -> str:
    """Return what the list says of a run, in some lines."""
    return (
        f"{row['run']}  {row['started'].replace('T', ' ')[:16]}  {_KINDS[row['kind']]:<11}  {row['state']:<8}  "
        f"{one_line(row['dataset'], _NARROW)}\n    "
        + (f"{row['name']}\n    " if row["name"] else "")
        + f"{one_line(row['arch'], _NARROW)}, {row['size']} px"
        + (f", started by {one_line(row['user'], _NARROW)}" if row["user"] else "")
        + (f": {row['words']}" if row["words"] else "")
        + _kept(row, is_alone)
    )


def _kept(row: dict[str, Any], is_alone: bool) -> str:
    """Return what people keep of a run, and the metric that was asked for, each in a line of its own."""
    parts = ["pinned"] if row["pinned"] else []
    parts += [f"tags {', '.join(one_line(tag, _NARROW) for tag in row['tags'])}"] if row["tags"] else []
    lines = [", ".join(parts), one_line(row["note"], 90)]
    if "best" in row:
        of = "n=1" if is_alone else f"seed {row['seed']}"
        lines.append(f"{row['metric']} {number(row['best'])} ({of})")
    return "".join(f"\n    {line}" for line in lines if line)


def _summary(run: Run) -> dict[str, Any]:
    """Return what the list says of ``run``; the headline is the validation images', ``words`` all that in one line."""
    config = run.config
    summary = {
        "run": run.id,
        "name": run.name,
        "user": run.user,
        "note": run.notes.note,
        "tags": list(run.notes.tags),
        "pinned": run.notes.pinned,
        "kind": config.kind,
        "started": time.strftime("%Y-%m-%dT%H:%M:%S", run.began),
        "state": run.state,
        "dataset": config.dataset,
        "task": config.task,
        "arch": config.arch,
        "size": config.size,
        "seed": config.seed,
        "metrics": {},
        "headline": None,
        "words": "",
    }
    manifest = run.recorded()
    if manifest is None:
        return summary
    task, names = tasks.get(config.task), manifest["names"]
    parts: dict[str, dict[str, Metrics]] = {
        "metrics": manifest["metrics"],
        "baseline": manifest.get("baseline", {}),
        "quick": manifest.get("quick", {}),
    }
    valid = {which: one["valid"] for which, one in parts.items() if one.get("valid")}
    if task.metric not in valid.get("metrics", {}):
        return {**summary, "metrics": valid.get("metrics", {})}
    values = {which: metrics.get(task.metric) for which, metrics in valid.items()}
    headline = {"metric": task.metric, "unit": task.unit_of(names), "value": values.pop("metrics"), **values}
    words = compare({"task": config.task, **valid}, names)
    return {**summary, "metrics": valid["metrics"], "headline": headline, "words": words}


def compare(evaluated: dict[str, Any], names: list[str] | tuple[str, ...]) -> str:
    """Return the headline metric with the baseline's and, where there are any, the quick model's behind it."""
    task = tasks.get(evaluated["task"])
    beside = ", ".join(
        f"{title}: {task.format(evaluated[which].get(task.metric), names)}"
        for which, title in (("baseline", task.baseline_title), ("quick", QUICK_MODEL))
        if which in evaluated
    )
    return f"{task.metric} {task.format(evaluated['metrics'][task.metric], names)}" + (f" ({beside})" if beside else "")


def _table(evaluated: dict[str, Any], names: list[str] | tuple[str, ...]) -> str:
    """Return a line a metric: its name, the model's value, the baseline's, the quick model's if any, what it is."""
    task = tasks.get(evaluated["task"])
    titles = {"metrics": "model", "baseline": task.baseline_title, "quick": QUICK_MODEL}
    shown = [which for which in titles if which in evaluated]
    rows = [("metric", *(titles[which] for which in shown), "")]
    for name in evaluated["metrics"]:
        rows.append((name, *(task.format(evaluated[which][name], names, name) for which in shown), METRICS[name].help))
    widths = [max(map(len, column)) for column in zip(*(row[:-1] for row in rows), strict=True)]
    return "\n".join("  ".join([*map(str.ljust, row, widths), row[-1]]).rstrip() for row in rows)
