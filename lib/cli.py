"""What each command does; `lib.__main__` says what it takes."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from lib import launch, options, protocol, runs, tasks
from lib.data import dataset as ds
from lib.data import importing, samples
from lib.errors import UserError
from lib.metrics import METRICS
from lib.runs import Run
from lib.workspace import Workspace

#: Seconds between looks at the run's events.
_POLL = 0.2


def run_import(chosen: argparse.Namespace) -> int:
    """Import a folder or a zip and print what was understood."""
    report = importing.import_dataset(
        Workspace.find(chosen.workspace),
        chosen.path,
        name=chosen.name,
        valid=chosen.valid,
        seed=chosen.seed,
        group=chosen.group,
        task=chosen.task,
        dry_run=chosen.dry_run,
        progress=_progress_line(),
    ).to_json()
    if chosen.json:
        return _print_json(report)
    print(f"{report['dataset']}: {report['images']:,} images, {report['task']}, read as {report['format']}")
    print(f"{tasks.get(report['task']).noun}: {', '.join(report['classes'])}")
    print("splits: " + ", ".join(f"{name} {count:,}" for name, count in report["splits"].items()))
    for problem in report["problems"]:
        print(f"- {problem['sentence']} For instance {', '.join(problem['examples'][:3])}.")
    print("Nothing was stored (dry run)." if chosen.dry_run else f"Next: python -m lib train {report['dataset']}")
    return 0


def run_train(chosen: argparse.Namespace) -> int:
    """Train in a worker process and print its progress until it ends; Ctrl-C stops it with a usable model."""
    workspace = Workspace.find(chosen.workspace)
    if chosen.dataset in samples.SAMPLES and chosen.dataset not in workspace.dataset_names():
        samples.ensure(workspace, chosen.dataset, progress=_progress_line())
    dataset = ds.load(workspace, chosen.dataset)
    names = [name for name in options.OPTIONS if getattr(chosen, name, None) is not None]
    config = options.configure(dataset, {name: getattr(chosen, name) for name in names})
    run = runs.load(workspace, launch.start(workspace, config))
    _say(f"Run {run.id}: {config.arch} on {dataset.name}; Ctrl-C stops it and keeps what it has learned.")
    _follow(run)
    state = run.state
    if state not in protocol.COMPLETE or run.manifest() is None:
        return _no_result(run, state)
    evaluated = runs.evaluate(run, "valid")
    if chosen.json:
        return _print_json(
            {**evaluated, "state": state, "config": config.to_json(), "device": run.history.started["device"]}
        )
    print(f"{state}: {_compare(evaluated, dataset.names)}")
    print(f"Next: python -m lib evaluate {run.id}")
    return 0


def run_evaluate(chosen: argparse.Namespace) -> int:
    """Print a run's metrics beside its baseline's."""
    if chosen.thresh is not None and not 0 <= chosen.thresh <= 1:
        raise UserError(
            f"--thresh is {chosen.thresh:g}: expected a probability from 0 to 1, for instance --thresh 0.5."
        )
    run = runs.load(Workspace.find(chosen.workspace), chosen.run_id)
    evaluated = runs.evaluate(run, chosen.split, chosen.thresh)
    if chosen.json:
        return _print_json(evaluated)
    at = f" at threshold {evaluated['thresh']:g}" if "thresh" in evaluated else ""
    print(f"{evaluated['images']:,} {evaluated['split']} images of {evaluated['dataset']}{at}:")
    print(_table(evaluated, run.manifest()["names"]))
    return 0


def run_runs(chosen: argparse.Namespace) -> int:
    """List the runs, newest first."""
    found = [_summary(run) for run in runs.list_runs(Workspace.find(chosen.workspace))]
    if chosen.json:
        return _print_json({"runs": found})
    if not found:
        print("No runs yet. Next: python -m lib train shapes")
    for row in found:
        headline = next((f"{name} {_number(value)}" for name, value in row["metrics"].items()), "")
        print(f"{row['run']}  {row['state']:<9} {row['dataset']:<20} {row['arch']:<12} {headline}")
    return 0


def _summary(run: Run) -> dict[str, Any]:
    try:
        manifest = run.manifest() or {"metrics": {}}
    except UserError as error:  # the others are listed all the same
        _say(str(error))
        manifest = {"metrics": {}}
    return {
        "run": run.id,
        "state": run.state,
        "dataset": run.config.dataset,
        "task": run.config.task,
        "arch": run.config.arch,
        "metrics": manifest["metrics"].get("valid", {}),
    }


def _follow(run: Run) -> None:
    """Print the events of ``run`` until it ends."""
    seen, note = 0, ""
    while True:
        try:
            active = run.refresh().state in protocol.ACTIVE
            seen, note = _report(run, seen, note)
            if not active:
                return
            time.sleep(_POLL)
        except KeyboardInterrupt:
            _say("\nStopping after this batch; the model is kept.")
            launch.stop(run.folder)


def _report(run: Run, seen: int, note: str) -> tuple[int, str]:
    history = run.history
    if history.note and history.note != note:
        note = history.note
        _say(note)
    for epoch in history.epochs[seen:]:
        task = tasks.get(run.config.task)
        progress = run.progress()
        values = f"train loss {_number(epoch['train_loss'])}, valid loss {_number(epoch['valid_loss'])}"
        speed = f", {progress.images_per_s:,.0f} images/s" if progress.images_per_s else ""
        left = f", {progress.seconds_left:.0f} s left" if progress.seconds_left else ""
        _say(
            f"Epoch {epoch['epoch']} of {progress.epochs} ({epoch['phase']}): {values}, "
            f"{task.metric} {_number(epoch['metrics'][task.metric])} {task.unit}".rstrip()
            + speed
            + left
        )
    return len(history.epochs), note


def _no_result(run: Run, state: str) -> int:
    message = run.failure() or f"The run {run.id} was {state} before it began to train."
    if state == protocol.DIED or (state == protocol.FAILED and not run.history.user_mistake):
        print(message, file=sys.stderr)
        return 1
    raise UserError(message)


def _compare(evaluated: dict[str, Any], names: list[str] | tuple[str, ...]) -> str:
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


def _number(value: float | None) -> str:
    return "not defined" if value is None else f"{value:#.4g}"


def _progress_line():
    """Return a progress function that rewrites one line on a terminal and is silent elsewhere."""

    def progress(done: int, total: int, text: str) -> None:
        if sys.stderr.isatty():
            print(f"\r{text}: {done:,} of {total:,} ", end="" if done < total else "\n", file=sys.stderr, flush=True)

    return progress


def _say(text: str) -> None:
    """Print for people: on stderr, so that stdout stays one JSON document."""
    print(text, file=sys.stderr, flush=True)


def _print_json(value: Any) -> int:
    print(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False))
    return 0
