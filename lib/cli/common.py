"""What the commands about datasets and results do; `lib.__main__` says what they take."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from lib import tasks
from lib.core import in_place
from lib.core.errors import UserError
from lib.core.program import PROGRAM
from lib.core.workspace import Workspace
from lib.importing import importer, unpack
from lib.metrics.scores import METRICS
from lib.thresholds import sets
from lib.training import runs
from lib.training.runs import Run


def asked(chosen: argparse.Namespace) -> dict[str, Any]:
    """Return how a source is to be read, the same for an import and for its dry run."""
    return {
        "workspace": Workspace.find(chosen.workspace),
        "source": chosen.path,
        "name": chosen.name,
        "valid": chosen.valid,
        "seed": chosen.seed,
        "group": chosen.group,
        "stratify": chosen.stratify,
        "task": chosen.task,
        "choices": chosen.choice,
        "progress": progress_line(),
    }


def run_import(chosen: argparse.Namespace) -> int:
    """Import a folder or a zip and print what was understood."""
    report = importer.import_dataset(**asked(chosen), in_place=_places(chosen)).to_json()
    if chosen.json:
        return print_json(report)
    print(f"{report['dataset']}: {report['images']:,} images, {report['task']}, read as {report['format']}")
    print(f"{tasks.get(report['task']).noun}: {', '.join(report['classes'])}")
    print("splits: " + ", ".join(f"{name} {count:,}" for name, count in report["splits"].items()))
    for problem in report["problems"]:
        print(f"- {problem['sentence']} For instance {', '.join(problem['examples'][:3])}.")
    for fix in report["fixes"]:
        print(f"? {fix['question']} {fix['title']}: --choice '{fix['choice']}={fix['value']}'")
    print(f"Next: {PROGRAM} train {report['dataset']}")
    return 0


def _places(chosen: argparse.Namespace) -> list[Path] | None:
    """Return below which folders pictures may stay where they are, None where they are to be copied."""
    roots = check_place(chosen)
    packed = roots is not None and not chosen.in_place and unpack.is_packed(chosen.path.expanduser(), chosen.choice)
    return None if packed else roots


def check_place(chosen: argparse.Namespace) -> list[Path] | None:
    """Return as `_places` does, not having looked whether pictures are packed, which takes a while.

    Raises
    ------
    UserError
        If they may not stay where they are and were not to be copied.
    """
    if chosen.copy:
        return None
    source = Path(chosen.path).expanduser()
    if not chosen.in_place:
        return in_place.fitting(source)
    roots = in_place.allowed(Path.home())
    in_place.check_root(source, roots)
    return roots


def run_evaluate(chosen: argparse.Namespace) -> int:
    """Print a run's metrics beside its baseline's."""
    if chosen.thresh is not None and not 0 <= chosen.thresh <= 1:
        raise UserError(
            f"--thresh is {chosen.thresh:g}: expected a probability from 0 to 1, for instance --thresh 0.5."
        )
    run = runs.load(Workspace.find(chosen.workspace), chosen.run_id)
    one = sets.get(run, chosen.thresholds) if chosen.thresholds is not None else None
    evaluated = runs.evaluate(run, chosen.split, one.thresh if one else chosen.thresh)
    if one:
        about = {"name": one.name, "split": one.split, "objective": one.objective, "options": one.options}
        evaluated["thresholds"] = {**about, "labels": evaluated["thresholds"]}
    if chosen.json:
        return print_json(evaluated)
    at = f" at threshold {evaluated['thresh']:g}" if "thresh" in evaluated else ""
    if one and tasks.get(evaluated["task"]).uses_thresh:
        at = f" at the thresholds {one.name!r}"
    print(f"{evaluated['images']:,} {evaluated['split']} images of {evaluated['dataset']}{at}:")
    print(_table(evaluated, run.manifest()["names"]))
    if one:
        numbers = ", ".join(f"{name} {number(value)}" for name, value in evaluated["decided"].items())
        labels = ", ".join(f"{shown(name)} {value:g}" for name, value in evaluated["thresholds"]["labels"].items())
        print(f"Thresholds {one.name!r} ({sets.words(one)}): {labels}")
        print(f"Labels above them: {numbers}")
        if one.split == evaluated["split"]:
            print("The thresholds were chosen on these images, so the numbers are too good.")
    return 0


def run_runs(chosen: argparse.Namespace) -> int:
    """List the runs, newest first."""
    found = [_summary(run) for run in runs.list_runs(Workspace.find(chosen.workspace))]
    if chosen.json:
        return print_json({"runs": found})
    if not found:
        print(f"No runs yet. Next: {PROGRAM} train shapes")
    for row in found:
        headline = next((f"{name} {number(value)}" for name, value in row["metrics"].items()), "")
        print(f"{row['run']}  {row['state']:<9} {row['dataset']:<20} {row['arch']:<12} {headline}")
    return 0


def _summary(run: Run) -> dict[str, Any]:
    try:
        manifest = run.manifest() or {"metrics": {}}
    except UserError as error:  # the others are listed all the same
        say(str(error))
        manifest = {"metrics": {}}
    return {
        "run": run.id,
        "kind": run.config.kind,
        "state": run.state,
        "dataset": run.config.dataset,
        "task": run.config.task,
        "arch": run.config.arch,
        "metrics": manifest["metrics"].get("valid", {}),
    }


def compare(evaluated: dict[str, Any], names: list[str] | tuple[str, ...]) -> str:
    """Return the headline metric with the baseline's behind it."""
    task = tasks.get(evaluated["task"])
    value, base = (task.format(evaluated[which][task.metric], names) for which in ("metrics", "baseline"))
    return f"{task.metric} {value} ({task.baseline_title}: {base})"


def _table(evaluated: dict[str, Any], names: list[str] | tuple[str, ...]) -> str:
    """Return a line a metric: its name, the model's value, the baseline's, and what it is."""
    task = tasks.get(evaluated["task"])
    rows = [("metric", "model", task.baseline_title, "")]
    for name, value in evaluated["metrics"].items():
        both = (task.format(one, names, name) for one in (value, evaluated["baseline"][name]))
        rows.append((name, *both, METRICS[name].help))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join("  ".join([*map(str.ljust, row, widths), row[3]]).rstrip() for row in rows)


def shown(text: str, most: int = 40) -> str:
    """Return a name as a terminal can show it: on one line, not endless, without control characters."""
    clean = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return clean if len(clean) <= most else clean[: most - 1] + "…"


def number(value: float | None) -> str:
    """Return a number with four significant digits."""
    return "not defined" if value is None else f"{value:#.4g}"


def progress_line():
    """Return a progress function that rewrites one line on a terminal and is silent elsewhere."""

    def progress(done: int, total: int, text: str) -> None:
        if sys.stderr.isatty():
            print(f"\r{text}: {done:,} of {total:,} ", end="" if done < total else "\n", file=sys.stderr, flush=True)

    return progress


def say(text: str) -> None:
    """Print for people: on stderr, so that stdout stays one JSON document."""
    print(text, file=sys.stderr, flush=True)


def print_json(value: Any) -> int:
    """Print the one JSON document of a command and return its exit code."""
    print(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False))
    return 0
