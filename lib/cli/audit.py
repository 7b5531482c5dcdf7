"""The command ``audit``: foreign answers of folds, and the labels that they speak against."""

from __future__ import annotations

import argparse
import time
from typing import Any

from lib.cli import common, launchers
from lib.core import sentences
from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.program import PROGRAM
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.evaluation.audit import queue, ranking
from lib.evaluation.audit.queue import AuditQueue
from lib.evaluation.audit.ranking import Dose, Ranking
from lib.training import audits, estimates, events, runs
from lib.training.audits import Audit

_POLL = 0.5
_SHOWN = 20


def audit_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``audit``."""
    command.add_argument("dataset", help="name of a dataset")
    mode = command.add_mutually_exclusive_group()
    mode.add_argument(
        "--cheap", action="store_true", help="one layer a fold on features of a pretrained network (the default)"
    )
    mode.add_argument("--full", action="store_true", help="a whole training a fold, with the recommended choices")
    command.add_argument("--like", metavar="RUN", help="with --full, the choices of this training instead")
    command.add_argument("--folds", type=int, default=audits.FOLDS, metavar="K", help=f"default: {audits.FOLDS}")
    command.add_argument("--seed", type=int, default=0, metavar="S", help="of folds and planted errors; default: 0")
    command.add_argument(
        "--dose",
        type=float,
        default=0.0,
        metavar="SHARE",
        help=f"secretly change this share of the cells in the audit's copy, such as {audits.DOSE}, and say how many "
        "of them are found; the dataset stays as it is",
    )
    command.add_argument("--most", type=int, default=ranking.MOST, metavar="N", help="proposals; default: %(default)s")
    command.add_argument("--detach", action="store_true", help="start, or let it go on, in the background")
    launchers.launch_options(command)
    command.add_argument("--stop", action="store_true", help="stop the audit of these choices; it can go on later")
    command.add_argument("--delete", action="store_true", help="delete the trainings of the audit of these choices")


def run_audit(chosen: argparse.Namespace) -> int:
    """Start or go on with an audit, wait for it and print what it proposes; the exit status is 0 also if it does."""
    if chosen.most < 1:
        raise UserError(f"--most is {chosen.most}: expected at least 1.")
    workspace = Workspace.find(chosen.workspace)
    dataset = store.load(workspace, chosen.dataset)
    audit = audits.of_config(workspace, _config(workspace, dataset, chosen))
    if chosen.stop or chosen.delete:
        return _end(workspace, audit, chosen)
    if audit.state != audits.FINISHED:
        _say_cost(workspace, dataset, audit)
        audit = audits.go_on(workspace, audit.config, launchers.where(chosen))
    if not chosen.detach:
        audit = _wait(workspace, audit)
    if audit.state != audits.FINISHED:
        return _not_done(audit, chosen)
    ranked = ranking.of_audit(workspace, audit)
    proposed = queue.of_ranking(ranked, store.load(workspace, chosen.dataset), chosen.most)
    if chosen.json:
        return common.print_json(_to_json(ranked, proposed, chosen.most))
    _print(ranked, proposed, chosen.most)
    return 0


def _config(workspace: Workspace, dataset: Dataset, chosen: argparse.Namespace) -> TrainConfig:
    if chosen.like and not chosen.full:
        raise UserError("The choices of a training are for whole trainings: add --full, or leave out --like.")
    like = runs.load(workspace, chosen.like).config if chosen.like else None
    return audits.plan(
        dataset, quick=not chosen.full, folds=chosen.folds, dose=chosen.dose, seed=chosen.seed, like=like
    )


def _say_cost(workspace: Workspace, dataset: Dataset, audit: Audit) -> None:
    """Say before the start about how long it takes."""
    known = sorted([*runs.list_runs(workspace), *runs.list_folds(workspace)], key=lambda run: run.id, reverse=True)
    seconds = estimates.of_audit(known, audit.config, len(dataset.included))
    cost = "nothing like it was trained here yet" if seconds is None else f"about {max(1, seconds):,.0f} s for all"
    common.say(f"{audit.fold.count} folds of {audit.config.arch} at {audit.config.size} px: {cost}. Ctrl-C stops.")


def _end(workspace: Workspace, audit: Audit, chosen: argparse.Namespace) -> int:
    """Stop an audit, or delete it."""
    if not audit.runs:
        raise UserError(f"There is no audit of {chosen.dataset} with these choices: nothing to stop or delete.")
    if chosen.stop:
        audits.stop(audit)
    if chosen.delete:
        audits.delete(workspace, audit)
    if chosen.json:
        return common.print_json({"audit": audit.id, "stopped": chosen.stop, "deleted": chosen.delete})
    print(f"The audit {audit.id} of {chosen.dataset} {'is deleted' if chosen.delete else 'stops'}.")
    return 0


def _wait(workspace: Workspace, audit: Audit) -> Audit:
    """Say how far an audit is until it ends; Ctrl-C stops it."""
    told = (-1, "")
    while audit.state == audits.RUNNING:
        now = _doing(audit)
        if (now[0], now[1].partition(" ")[0]) != told:  # each thing that it does once, however far it counts
            common.say(f"Fold {min(now[0] + 1, audit.fold.count)} of {audit.fold.count}: {now[1]}")
            told = (now[0], now[1].partition(" ")[0])
        try:
            time.sleep(_POLL)
        except KeyboardInterrupt:
            common.say("\nStopping; the same command lets it go on.")
            audits.stop(audit)
        audit = audits.of_config(workspace, audit.config)
    return audit


def _doing(audit: Audit) -> tuple[int, str]:
    """Return how many folds are done, and what the one is doing that is at work."""
    at_work = (run for _, run in sorted(audit.runs.items()) if run.state in (events.RUNNING, events.STARTING))
    run = next(at_work, None)
    if run is None:
        return len(audit.done), audit.note
    progress = run.progress()
    epochs = f"epoch {len(run.history.epochs) + 1} of {progress.epochs}" if run.history.epochs else ""
    return len(audit.done), run.note or epochs or "starting"


def _not_done(audit: Audit, chosen: argparse.Namespace) -> int:
    """Say how far an audit is that is not finished."""
    state = audit.state
    if state == audits.FAILED or audit.failures:
        raise UserError(audit.failures[0] if audit.failures else f"The audit of {chosen.dataset} failed.")
    if chosen.json:
        return common.print_json({"audit": audit.id, "state": state, "done": audit.done, "folds": audit.fold.count})
    print(f"The audit {audit.id} is {state}: {len(audit.done)} of {audit.fold.count} folds are done.")
    return 0


def _to_json(ranked: Ranking, proposed: AuditQueue, most: int) -> dict[str, Any]:
    dataset = ranked.answers.dataset
    return {
        "audit": ranked.audit.id,
        "dataset": dataset.name,
        "revision": dataset.revision,
        "state": ranked.audit.state,
        "runs": [ranked.audit.runs[index].id for index in sorted(ranked.audit.runs)],
        "metrics": ranked.metrics(),
        "proposals": [
            {
                "row": item.place.row,
                "image": str(dataset.items["original"].iat[item.place.row]),
                "title": item.proposal.title,
                "reason": item.proposal.reason,
                "was": item.proposal.was,
                "now": item.proposal.now,
                "score": ranked.score(item.place),
                "status": item.status,
            }
            for item in proposed.items
        ],
        "reviewed": proposed.done,
        "judged_before": proposed.before,
        "others": proposed.others,
        "edited_since": proposed.edited,
        "too_few_examples": ranked.too_few,
        "planted": [
            {**_dose_json(dose), "as_many_as_planted": dose.as_many and _dose_json(dose.as_many)}
            for dose in ranked.doses(most)
        ],
    }


def _dose_json(dose: Dose) -> dict[str, Any]:
    return {
        "what": dose.what,
        "planted": dose.planted,
        "shown": dose.shown,
        "possible": dose.possible,
        "found": dose.found,
        "recall": common.interval_json(dose.recall),
        "precision_at_least": common.interval_json(dose.precision),
    }


def _print(ranked: Ranking, proposed: AuditQueue, most: int) -> None:
    dataset = ranked.answers.dataset
    count = sentences.count(len(proposed.items), "proposal")
    print(f"{dataset.name}, revision {dataset.revision}: {count}, {proposed.done:,} of them reviewed.")
    print(ranked.words())
    for item in proposed.open[:_SHOWN]:
        image = sentences.printable(str(dataset.items["original"].iat[item.place.row]))
        words = f"{item.proposal.title} {item.proposal.reason}"
        print(f" - row {item.place.row}: {image}: {sentences.printable(words)}")
    if len(proposed.open) > _SHOWN:
        print(f"   and {sentences.more(len(proposed.open) - _SHOWN)}: --json has them all")
    for line in [*ranked.dose_words(ranked.doses(most)), *ranked.notes(proposed.before)]:
        print(line)
    print(f"Next: review them under Data, Quality, Label audit; {PROGRAM} audit {dataset.name} says how far that is.")
