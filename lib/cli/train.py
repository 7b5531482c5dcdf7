"""The commands ``train``, ``lr-find``, ``resume``, ``finish`` and ``stop``: start, stop and follow runs."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from lib.cli import follow, launchers, seeds
from lib.cli.common import print_json, progress_line, run_option, say
from lib.cli.runs import compare
from lib.core import sentences
from lib.core.config import CHOICES, LR_FIND, QUICK, TRAIN, TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.program import PROGRAM
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import samples
from lib.training import events, launch, options, run_metrics, runs, twins
from lib.training.learning_rates import SUGGESTIONS
from lib.training.options import command
from lib.training.runs import Run


def train_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``train``."""
    choice_options(command)
    command.add_argument(
        "--quick",
        action="store_true",
        help="a quick model instead: one layer on what a pretrained network sees, fitted in seconds; at 128 and then "
        "at 224 px, or at --size alone; of the other choices it has --arch, --weights, --thresh and --seed",
    )
    command.add_argument(
        "--seeds",
        type=int,
        default=1,
        metavar="N",
        help="run the same choice N times, with the seed and those behind it, one after the other, and print mean and "
        f"spread: what differs between them is luck; 1 to {launch.MOST_SEEDS}, default 1; also with --quick",
    )
    _detach_option(command)
    launchers.launch_options(command, several=True)


def _detach_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("--detach", action="store_true", help="print the run's id and let it train in the background")


def resume_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``resume``."""
    run_option(command)
    _detach_option(command)
    launchers.launch_options(command, several=True)


def finish_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``finish``."""
    run_option(command)
    _detach_option(command)
    launchers.launch_options(command)


def stop_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``stop``."""
    run_option(command)
    command.add_argument(
        "--after-epoch", action="store_true", help="stop after the epoch, then predict; default: at once"
    )


def lr_find_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``lr-find``."""
    choice_options(command)
    launchers.launch_options(command)


def choice_options(command: argparse.ArgumentParser) -> None:
    """Add what ``lr-find`` and ``train`` share: a dataset and every training choice."""
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
    if chosen.quick:
        return _train_quick(workspace, chosen)
    config = _config(workspace, chosen)
    if chosen.seeds != 1:
        return _follow_several(
            workspace, launch.start_seeds(workspace, config, chosen.seeds, launchers.where(chosen)), chosen
        )
    run = runs.load(workspace, launch.start(workspace, config, launchers.where(chosen)))
    if chosen.detach:
        return _print_run_id(run, chosen)
    say(f"Run {run.id}: {config.arch} on {config.dataset}; Ctrl-C stops it and keeps what it has learned.")
    if config.weights and (hint := twins.hint(config.arch)):
        say(hint)
    return _follow_to_end(run, chosen)


def _train_quick(workspace: Workspace, chosen: argparse.Namespace) -> int:
    """Start quick models, follow one after the other, and print what each is worth."""
    dataset = ensured(workspace, chosen).name
    where = launchers.where(chosen)
    started = launch.start_quick(workspace, dataset, typed_choices(chosen), seeds=chosen.seeds, where=where)
    return _follow_several(workspace, started, chosen)


def _follow_several(workspace: Workspace, started: list[str], chosen: argparse.Namespace) -> int:
    """Follow runs one after the other; print what each is worth, and of several seeds mean and spread."""
    several = [runs.load(workspace, run) for run in started]
    if chosen.detach:
        if chosen.json:
            return print_json({"runs": [{"run": run.id, "config": run.config.to_json()} for run in several]})
        print("\n".join(started))
        return 0
    reports = []
    for place, run in enumerate(several):
        config = run.config
        what, of = ("quick model of ", [f"{config.size} px"]) if config.kind == QUICK else ("", [])
        of += [f"seed {config.seed}"] if chosen.seeds > 1 else []
        say(f"Run {run.id}: {what}{config.arch} on {config.dataset}, {', '.join(of)}.")
        follow.follow(run)
        if run.state not in events.COMPLETE or run.manifest() is None:
            return _ended(run, several[place + 1 :], chosen)
        evaluated = run_metrics.evaluate(run, "valid")
        report = {**evaluated, "seed": run.config.seed, "state": run.state}
        gain = run_metrics.gain(run, "valid")
        ends = None if not gain.is_defined else [float(end) for end in gain.ends]
        reports.append({**report, "gain": {"error": float(gain.value), "interval": ends}})
        if not chosen.json:
            print(f"{', '.join(of)}: {compare(evaluated, run.names())}")
            print(f"  {run_metrics.gain_words(run, gain)}")
            if run.history.message:
                say(run.history.message)
    spreads = seeds.of_runs(workspace, started)
    if chosen.json:
        return print_json({"runs": reports, "entries": [seeds.to_json(entry) for entry in spreads]})
    for entry in spreads:
        if entry.reached:
            size = f"{entry.rows[0].run.config.size} px: " if chosen.quick and entry.rows[0].run else ""
            print(f"{size}{seeds.words(entry.reached, entry.metric, entry.unit)}")
    print(f"Next: {PROGRAM} " + ("runs" if chosen.seeds > 1 else f"evaluate {several[-1].id}"))
    return 0


def _ended(run: Run, others: list[Run], chosen: argparse.Namespace) -> int:
    """Say why a run of several left nothing; those behind it are stopped with one that somebody stopped."""
    stopped = run.state == events.STOPPED
    for other in others if stopped else []:
        if other.refresh().state in events.ACTIVE:
            launch.stop(other.folder)
    if others:
        what = "stopped as well" if stopped else "go on"
        say(f"The {sentences.count(len(others), 'run')} behind it: {what}.")
    return _stopped(run, chosen) if stopped and run.can_finish else follow.no_result(run, run.state)


def run_resume(chosen: argparse.Namespace) -> int:
    """Let a run go on from its last epoch and follow it."""
    run = runs.load(Workspace.find(chosen.workspace), chosen.run_id)
    launch.resume(run, launchers.where(chosen))
    if chosen.detach:
        return _print_run_id(run, chosen)
    say(f"Run {run.id} goes on; Ctrl-C stops it and keeps what it has learned.")
    return _follow_to_end(run, chosen)


def run_finish(chosen: argparse.Namespace) -> int:
    """Let a stopped run predict with what it has learned and follow it."""
    run = runs.load(Workspace.find(chosen.workspace), chosen.run_id)
    launch.finish(run, launchers.where(chosen))
    if chosen.detach:
        return _print_run_id(run, chosen)
    say(f"Run {run.id} predicts; Ctrl-C ends that.")
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
    print(f"Run {run.id} stops {'after this epoch, then predicts' if chosen.after_epoch else 'at once'}.")
    return 0


def run_lr_find(chosen: argparse.Namespace) -> int:
    """Run the learning-rate finder and print its suggestions."""
    workspace = Workspace.find(chosen.workspace)
    config = dataclasses.replace(_config(workspace, chosen), kind=LR_FIND)
    run = runs.load(workspace, launch.start(workspace, config, launchers.where(chosen)))
    say(f"Run {run.id}: learning-rate finder for {config.arch} on {config.dataset}.")
    follow.follow(run)
    suggested = run.history.suggestions
    if not suggested:
        return follow.no_result(run, run.state)
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
    return options.configure(ensured(workspace, chosen), typed_choices(chosen))


def typed_choices(chosen: argparse.Namespace) -> dict[str, Any]:
    """Return the training choices that were typed."""
    names = [name for name in CHOICES if getattr(chosen, name, None) is not None]
    return {name: getattr(chosen, name) for name in names}


def ensured(workspace: Workspace, chosen: argparse.Namespace) -> Dataset:
    """Return the dataset that was named; a built-in sample is drawn first."""
    if chosen.dataset in samples.SAMPLES and chosen.dataset not in workspace.dataset_names():
        samples.ensure(workspace, chosen.dataset, progress=progress_line())
    return store.load(workspace, chosen.dataset)


def _print_run_id(run: Run, chosen: argparse.Namespace) -> int:
    if chosen.json:
        return print_json({"run": run.id, "state": run.refresh().state, "config": run.config.to_json()})
    print(run.id)
    return 0


def _follow_to_end(run: Run, chosen: argparse.Namespace) -> int:
    """Follow ``run``, print its result, return the exit code."""
    follow.follow(run)
    state = run.state
    if state == events.STOPPED and run.can_finish:
        return _stopped(run, chosen)
    if state not in events.COMPLETE or run.manifest() is None:
        return follow.no_result(run, state)
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


def _stopped(run: Run, chosen: argparse.Namespace) -> int:
    """Print how far a run came that was stopped at once, and the two ways to go on; return the exit code."""
    history = run.history
    if chosen.json:
        done = {"batches": history.step, "epochs": len(history.epochs), "metrics": {}}
        return print_json({"run": run.id, "state": run.state, **done, "config": run.config.to_json()})
    print(f"stopped after {sentences.count(history.step, 'batch', 'batches')}, without predictions.")
    print(f"Next: {PROGRAM} finish {run.id}  (predict with what it has learned)")
    print(f"  or: {PROGRAM} resume {run.id}  (train on)")
    return 0
