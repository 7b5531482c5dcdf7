"""The commands ``train``, ``lr-find``, ``resume`` and ``stop``: start, stop and follow runs."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time

from lib import tasks
from lib.cli.common import number, print_json, progress_line, run_option, say
from lib.cli.runs import compare
from lib.core.config import CHOICES, LR_FIND, TRAIN, TrainConfig
from lib.core.errors import UserError
from lib.core.program import PROGRAM
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import samples
from lib.training import events, launch, options, run_metrics, runs
from lib.training.learning_rates import SUGGESTIONS
from lib.training.options import command
from lib.training.runs import Run

#: Seconds between looks at the run's events.
_POLL = 0.2


def train_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``train``."""
    choice_options(command)
    _detach_option(command)


def _detach_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("--detach", action="store_true", help="print the run's id and let it train in the background")


def resume_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``resume``."""
    run_option(command)
    _detach_option(command)


def stop_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``stop``."""
    run_option(command)
    command.add_argument("--after-epoch", action="store_true", help="stop after the epoch; default: after the batch")


def choice_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``lr-find``, and of ``train`` too: a dataset and every training choice."""
    command.add_argument("dataset", help="name of a dataset or of a built-in sample")
    for name, choice in CHOICES.items():
        if choice.varies:
            both = argparse.BooleanOptionalAction
            command.add_argument(choice.flag, dest=name, action=both, default=None, help=choice.help)
        elif choice.kind is bool:
            action, words = ("store_false", choice.off_help) if choice.usual else ("store_true", choice.help)
            command.add_argument(choice.flag, dest=name, action=action, default=None, help=words)
        elif choice.options:
            command.add_argument(choice.flag, dest=name, choices=tuple(choice.options), help=choice.help)
        else:
            command.add_argument(choice.flag, dest=name, type=choice.kind, metavar=choice.metavar, help=choice.help)


def run_train(chosen: argparse.Namespace) -> int:
    """Train in a worker process and print its progress until it ends; Ctrl-C stops it with a usable model."""
    workspace = Workspace.find(chosen.workspace)
    config = _config(workspace, chosen)
    run = runs.load(workspace, launch.start(workspace, config))
    if chosen.detach:
        return _print_run_id(run, chosen)
    say(f"Run {run.id}: {config.arch} on {config.dataset}; Ctrl-C stops it and keeps what it has learned.")
    return _follow_to_end(run, chosen)


def run_resume(chosen: argparse.Namespace) -> int:
    """Let a run go on from its last epoch and follow it."""
    run = runs.load(Workspace.find(chosen.workspace), chosen.run_id)
    launch.resume(run)
    if chosen.detach:
        return _print_run_id(run, chosen)
    say(f"Run {run.id} goes on; Ctrl-C stops it and keeps what it has learned.")
    return _follow_to_end(run, chosen)


def run_stop(chosen: argparse.Namespace) -> int:
    """Ask a run to stop."""
    run = runs.load(Workspace.find(chosen.workspace), chosen.run_id)
    if run.state not in events.ACTIVE:
        raise UserError(f"The run {run.id} is {run.state} already: there is nothing to stop.")
    launch.stop(run.folder, after_epoch=chosen.after_epoch)
    when = run.stopping
    if chosen.json:
        return print_json({"run": run.id, "state": run.state, "stopping": when})
    print(f"Run {run.id} stops {'after this epoch' if chosen.after_epoch else 'after this batch'} and keeps its model.")
    return 0


def run_lr_find(chosen: argparse.Namespace) -> int:
    """Run the learning-rate finder and print its suggestions."""
    workspace = Workspace.find(chosen.workspace)
    config = dataclasses.replace(_config(workspace, chosen), kind=LR_FIND)
    run = runs.load(workspace, launch.start(workspace, config))
    say(f"Run {run.id}: learning-rate finder for {config.arch} on {config.dataset}.")
    _follow(run)
    suggested = run.history.suggestions
    if not suggested:
        return _no_result(run, run.state)
    if chosen.json:
        batches = run.history.batches()
        curve = {"lr": batches["lr"].tolist(), "loss": batches["loss"].tolist()}
        return print_json(
            {"run": run.id, "state": run.state, "suggestions": suggested, "curve": curve, "config": config.to_json()}
        )
    for name, suggestion in SUGGESTIONS.items():
        print(f"{name:<8} {suggested[name]:<9.2g} {suggestion.help}")
    chosen_rate = dataclasses.replace(config, kind=TRAIN, base_lr=float(f"{suggested['valley']:.2g}"))
    print(f"Next: {command(chosen_rate)}")
    return 0


def _config(workspace: Workspace, chosen: argparse.Namespace) -> TrainConfig:
    if chosen.dataset in samples.SAMPLES and chosen.dataset not in workspace.dataset_names():
        samples.ensure(workspace, chosen.dataset, progress=progress_line())
    dataset = store.load(workspace, chosen.dataset)
    names = [name for name in CHOICES if getattr(chosen, name, None) is not None]
    return options.configure(dataset, {name: getattr(chosen, name) for name in names})


def _print_run_id(run: Run, chosen: argparse.Namespace) -> int:
    if chosen.json:
        return print_json({"run": run.id, "state": run.refresh().state, "config": run.config.to_json()})
    print(run.id)
    return 0


def _follow_to_end(run: Run, chosen: argparse.Namespace) -> int:
    """Follow ``run``, print its result, return the exit code."""
    _follow(run)
    state = run.state
    if state not in events.COMPLETE or run.manifest() is None:
        return _no_result(run, state)
    evaluated = run_metrics.evaluate(run, "valid")
    history = run.history
    if chosen.json:
        print_json({**evaluated, "state": state, "config": run.config.to_json(), "device": history.started["device"]})
    else:
        print(f"{state}: {compare(evaluated, run.names())}")
    if history.message:
        say(history.message)
    if not chosen.json:
        print(f"Next: {PROGRAM} evaluate {run.id}")
    return 2 if history.retry else 0


def _follow(run: Run) -> None:
    """Print the events of ``run`` until it ends."""
    seen, note = len(run.history.epochs), ""
    while True:
        try:
            active = run.refresh().state in events.ACTIVE
            seen, note = _report(run, seen, note)
            if not active:
                return
            time.sleep(_POLL)
        except KeyboardInterrupt:
            say(f"\nStopping after this batch; the model is kept. To go on: {PROGRAM} resume {run.id}")
            launch.stop(run.folder)


def _report(run: Run, seen: int, note: str) -> tuple[int, str]:
    history = run.history
    for epoch in history.epochs[min(seen, len(history.epochs)) :]:  # fewer after a resume
        task = tasks.get(run.config.task)
        progress = run.progress()
        values = f"train loss {number(epoch['train_loss'])}, valid loss {number(epoch['valid_loss'])}"
        speed = f", {progress.images_per_s:,.0f} images/s" if progress.images_per_s else ""
        left = f", {progress.seconds_left:.0f} s left" if progress.seconds_left else ""
        say(
            f"Epoch {epoch['epoch']} of {progress.epochs} ({epoch['phase']}): {values}, "
            f"{task.metric} {number(epoch['metrics'][task.metric])} {task.unit}".rstrip()
            + speed
            + left
        )
    if history.note and history.note != note:
        note = history.note
        say(note)
    return len(history.epochs), note


def _no_result(run: Run, state: str) -> int:
    message = run.failure() or f"The run {run.id} was {state} before it began to train."
    if state == events.DIED or (state == events.FAILED and not run.history.user_mistake):
        print(message, file=sys.stderr)
        return 1
    raise UserError(message)
