"""The command ``search``: runs of many choices, of which the best is said with what it is worth on the test images."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from typing import Any

from lib import tasks
from lib.cli import common, launchers, seeds, train
from lib.core import sentences
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.evaluation import search_winner
from lib.evaluation.run_intervals import Known
from lib.evaluation.search_winner import Winner
from lib.training import events, options, run_table
from lib.training.launchers import launched
from lib.training.search import plans, space, standing, study
from lib.training.search.plans import FACTOR, Halving, Plan
from lib.training.search.standing import Standing, Tried
from lib.training.search.study import Search

_POLL = 0.5


def search_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``search``: those of ``train``, which are then the same in all trials, and what varies."""
    train.choice_options(command)
    command.add_argument(
        "--vary",
        action="append",
        default=[],
        metavar="NAME=VALUES",
        help="a choice that varies, with what it may be: base_lr=1e-4..1e-1 (drawn by its logarithm), size=128,224, "
        "augment=yes,no; can be given several times",
    )
    command.add_argument(
        "--trials", type=int, default=plans.TRIALS, metavar="N", help="runs at most; default: %(default)s"
    )
    command.add_argument(
        "--minutes",
        type=float,
        metavar="M",
        help="time for trials: those at work then keep their models; further seeds of the best choice come after",
    )
    command.add_argument(
        "--halving",
        action="store_true",
        help="stop a trial early, with its model, where it is not among the best of those that came as far",
    )
    command.add_argument(
        "--halving-epochs",
        type=int,
        metavar="N",
        help="epochs before the first of these stops; default: a K-th of all, as a training's first epochs say little",
    )
    command.add_argument(
        "--halving-factor",
        type=int,
        metavar="K",
        help=f"one of K trials goes on, and is looked at again after K times as many epochs; default: {FACTOR}",
    )
    command.add_argument("--search-seed", type=int, default=0, metavar="S", help="of what is drawn; default: 0")
    command.add_argument(
        "--seeds", type=int, default=1, metavar="N", help="at the end, train the best choice with N seeds; default: 1"
    )
    command.add_argument(
        "--at-once",
        type=int,
        metavar="N",
        help="runs that are started at once; default: 1 here, on Ray as many as it has GPUs, or CPUs, for",
    )
    launchers.launch_options(command)
    command.add_argument("--id", metavar="SEARCH", help="with the next four, another search than the newest one")
    mode = command.add_mutually_exclusive_group()
    mode.add_argument("--show", action="store_true", help="say how far a search is and what it has found")
    mode.add_argument("--go-on", action="store_true", help="let a search go on that was stopped or has died")
    mode.add_argument("--stop", action="store_true", help="stop a search; its runs keep their models")
    mode.add_argument("--delete", action="store_true", help="delete a search; its runs stay")
    command.add_argument("--detach", action="store_true", help="let it search in the background")


def run_search(chosen: argparse.Namespace) -> int:
    """Start a search or go on with one, follow it and print what it has found; Ctrl-C stops it."""
    workspace = Workspace.find(chosen.workspace)
    if not (chosen.show or chosen.go_on or chosen.stop or chosen.delete):
        search = _start(workspace, chosen)
    else:
        search = _of_dataset(workspace, chosen)
        if chosen.stop:
            study.stop(search)
        if chosen.delete:
            study.delete(workspace, search.id)
        if chosen.stop or chosen.delete:
            return _ended(search, chosen)
        if chosen.go_on:
            search = study.go_on(workspace, search)
    if not (chosen.detach or chosen.show):
        search = _follow(workspace, search)
    elif chosen.detach and not chosen.json:
        print(search.id)
        return 0
    return _report(workspace, search, chosen)


def _start(workspace: Workspace, chosen: argparse.Namespace) -> Search:
    if chosen.id:
        raise UserError("A new search has no id yet.", flags="--id goes with --show, --go-on, --stop or --delete")
    varied = space.parse(chosen.vary)
    where = launchers.where(chosen)
    dataset = train.ensured(workspace, chosen)
    plan = Plan(
        dataset=dataset.name,
        revision=dataset.revision,
        task=dataset.task,
        space=varied,
        given=_given(chosen),
        trials=chosen.trials,
        minutes=chosen.minutes,
        seed=chosen.search_seed,
        seeds=chosen.seeds,
        at_once=chosen.at_once,
        where=where,
    )
    if chosen.halving or chosen.halving_epochs is not None or chosen.halving_factor is not None:
        first = plan.first_config(dataset)
        factor = FACTOR if chosen.halving_factor is None else chosen.halving_factor
        usual = Halving.of_epochs(first.freeze_epochs + first.epochs, factor)
        epochs = usual.epochs if chosen.halving_epochs is None else chosen.halving_epochs
        plan = replace(plan, halving=replace(usual, epochs=epochs))
    search = study.start(workspace, dataset, plan)
    limit = f", {plan.minutes:g} min for trials" if plan.minutes is not None else ""
    common.say(f"Search {search.id}: {sentences.count(plan.most_trials, 'trial')}{limit}. Ctrl-C stops it.")
    return search


def _given(chosen: argparse.Namespace) -> dict[str, Any]:
    given = train.typed_choices(chosen)
    if given.get("weights"):
        given["weights"] = options.weights_path(given["weights"])
    return given


def _of_dataset(workspace: Workspace, chosen: argparse.Namespace) -> Search:
    """Return the search that was named, else the newest of the dataset."""
    if chosen.id:
        return study.load(workspace, chosen.id)
    whole, damaged = study.listed(workspace)
    search = next((one for one in whole if one.plan.dataset == chosen.dataset), None)
    if search is None:
        for why in damaged.values():
            common.say(str(why))
        raise UserError(
            f"There is no search of {chosen.dataset[:80]} yet.", flags="--vary base_lr=1e-4..1e-1 starts one"
        )
    return search


def _ended(search: Search, chosen: argparse.Namespace) -> int:
    if chosen.json:
        return common.print_json({"search": search.id, "stopped": chosen.stop, "deleted": chosen.delete})
    print(f"The search {search.id} {'is deleted; its runs stay' if chosen.delete else 'stops'}.")
    return 0


def _standing(workspace: Workspace, search: Search) -> Standing:
    return standing.of(search, run_table.rows(workspace, search.plan.dataset))


def _follow(workspace: Workspace, search: Search) -> Search:
    """Say what each trial chose and reached, until the search ends; Ctrl-C stops it."""
    begun: set[int] = set()
    ended: set[int] = set()
    while True:
        now = _standing(workspace, search)
        for one in now.trials:
            if one.row and one.number not in begun:
                begun.add(one.number)
                common.say(
                    f"Trial {one.number} of {search.plan.most_trials}: {_choices(one, search)}; run {one.row.id}"
                )
            if one.row and one.number not in ended and not one.is_active:
                ended.add(one.number)
                left = f"; about {now.seconds_left:,.0f} s left" if now.seconds_left else ""
                common.say(f"Trial {one.number}: {_reached(one, now)}{left}")
        if search.state not in study.ACTIVE:
            return search
        try:
            time.sleep(_POLL)
        except KeyboardInterrupt:
            common.say("\nStopping; --go-on lets it go on.")
            study.stop(search)
        search = study.load(workspace, search.id)


def _choices(one: Tried, search: Search) -> str:
    return ", ".join(f"{name} {common.one_line(str(one.choice(name)))}" for name in search.plan.space)


def _reached(one: Tried, now: Standing) -> str:
    assert one.row is not None
    if one.value is None:
        return f"{one.row.state}, no result. {one.row.why}".strip()
    best = ", the best so far" if now.best is one else ""
    cut = f", {standing.CUTS[one.cut]}" if one.cut in standing.CUTS else ""
    return f"{one.row.metric} {common.number(one.value)} {one.row.unit}".rstrip() + best + cut


def _report(workspace: Workspace, search: Search, chosen: argparse.Namespace) -> int:
    """Print how the search stands, the best trials first."""
    now = _standing(workspace, search)
    winner = search_winner.of(now)
    status = 1 if search.state in (events.FAILED, events.DIED) else 0
    if chosen.json:
        common.print_json(_to_json(now, winner))
        return status
    print(f"Search {search.id} of {search.plan.dataset}, {search.state}: {now.words}.")
    if search.state == events.DIED:
        print("Its process ended without a word; --go-on lets it go on.")
    if search.done.message:
        print(search.done.message)
    if now.measured:
        titles = ["trial", tasks.get(search.plan.task).metric, *search.plan.space, "ended early", "run"]
        print(common.columns([titles, *_rows(now)]))
    if winner:
        print(winner.words)
    if of_seeds := search_winner.seeds_words(now):
        print(of_seeds)
    if winner and winner.tried.row and winner.tried.row.run:
        print(f"Again: {options.command(winner.tried.row.run.config)}")
    return status


def _rows(now: Standing) -> list[list[str]]:
    return [
        [
            str(one.number),
            common.number(one.value),
            *(common.one_line(str(one.choice(name))) for name in now.search.plan.space),
            one.cut or (one.row.state if one.is_short and one.row else ""),
            one.trial.run,
        ]
        for one in now.measured
    ]


def _to_json(now: Standing, winner: Winner | None) -> dict[str, Any]:
    search, plan = now.search, now.search.plan
    return {
        "search": search.id,
        "dataset": plan.dataset,
        "revision": plan.revision,
        "state": search.state,
        "message": search.done.message,
        "metric": tasks.get(plan.task).metric,
        "space": {name: dimension.words() for name, dimension in plan.space.items()},
        "given": plan.given,
        "trials": [_trial_json(one, search) for one in now.trials],
        "most_trials": plan.most_trials,
        "minutes": plan.minutes,
        "halving": plan.halving and {"epochs": plan.halving.epochs, "factor": plan.halving.factor},
        "search_seed": plan.seed,
        "not_trained": [trial.refused for trial in search.done.trials if trial.refused],
        "on": (plan.where or launched.usual()).launcher,
        "at_once": plan.at_once,
        "seconds": search.done.seconds,
        "seconds_left": now.seconds_left if search.state in study.ACTIVE else None,
        "best": winner
        and {
            "trial": winner.tried.number,
            "run": winner.tried.trial.run,
            "of_models": winner.n_measured,
            "valid": _known_json(winner.valid),
            "test": winner.test and _known_json(winner.test),
        },
        "further_seeds": now.further and seeds.to_json(now.further),
    }


def _known_json(known: Known) -> dict[str, Any]:
    """Return a headline with its interval and why it is not known, "" where it is."""
    return {**common.interval_json(known.interval), "damage": known.damage}


def _trial_json(one: Tried, search: Search) -> dict[str, Any]:
    return {
        "trial": one.number,
        "run": one.trial.run,
        "state": one.row.state if one.row else "deleted",
        "choices": {name: one.choice(name) for name in search.plan.space},
        "value": one.value,
        "stopped_early": one.cut,
        "after_epoch": one.n_epochs if one.cut else None,
        "damage": one.row.why if one.row and one.row.is_damaged else "",
        "failed": one.row.why if one.row and one.row.state in (events.FAILED, events.DIED) else "",
    }
