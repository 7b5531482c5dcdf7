"""The command ``thresholds``: chooses, keeps, lists and deletes a run's thresholds."""

from __future__ import annotations

import argparse
from typing import Any

from lib.cli import thresholds_by_costs
from lib.cli.common import columns, number, one_line, print_json, run_option
from lib.core.decimals import plain
from lib.core.errors import UserError
from lib.core.program import PROGRAM
from lib.core.workspace import Workspace
from lib.metrics.scores import defined
from lib.thresholds import objectives, sets, tuning
from lib.thresholds.objectives import Choice
from lib.thresholds.sets_file import ThresholdSet, by_label
from lib.thresholds.tuning import Report
from lib.training import run_metrics, runs
from lib.training.runs import Run

#: The numbers that a list of sets shows of each.
_LISTED = {"accuracy_multi": "accuracy_multi", "f1_micro": "micro F1"}
_DASH = "–"


def threshold_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``thresholds``."""
    run_option(command)
    what = command.add_mutually_exclusive_group()
    what.add_argument(
        "--objective",
        metavar="SPEC",
        help="choose thresholds on the validation images, for instance f_beta:beta=2 or precision:least=0.9; one of "
        + ", ".join(objectives.OBJECTIVES),
    )
    what.add_argument("--delete", metavar="NAME", help="delete a set that was saved")
    command.add_argument(
        "--cost-of",
        nargs=3,
        action="append",
        default=[],
        metavar=("LABEL", "MISS", "ALARM"),
        help="what a miss and a false alarm of a label cost; repeat it for more labels. The others cost what "
        "--objective cost:miss=...,alarm=... says, else 1 and 1",
    )
    command.add_argument("--costs", metavar="FILE", help="the same from a CSV file with the columns label, miss, alarm")
    command.add_argument(
        "--reviews",
        type=float,
        metavar="N",
        help="with costs: at most so many predicted labels per 1,000 images, all labels together",
    )
    command.add_argument("--one", action="store_true", help="one threshold for all labels; default: one per label")
    command.add_argument("--save", metavar="NAME", help="keep what --objective chooses under this name")
    command.add_argument("--replace", action="store_true", help="overwrite a set of the same name")
    command.add_argument("--note", default="", metavar="TEXT", help="a note that is kept with the set")


def run_thresholds(chosen: argparse.Namespace) -> int:
    """List a run's sets of thresholds, choose and keep one, or delete one."""
    _check(chosen)
    run = runs.load(Workspace.find(chosen.workspace), chosen.run_id)
    if chosen.delete is not None:
        return _delete(run, chosen)
    if _has_costs(chosen):
        return thresholds_by_costs.choose(run, chosen)
    return _list(run, chosen) if chosen.objective is None else _choose(run, chosen)


def _has_costs(chosen: argparse.Namespace) -> bool:
    return bool(chosen.cost_of) or chosen.costs is not None or chosen.reviews is not None


def _check(chosen: argparse.Namespace) -> None:
    is_chosen = chosen.objective is not None or _has_costs(chosen)
    if chosen.delete is not None and _has_costs(chosen):
        raise UserError("--delete takes no costs: leave --cost-of, --costs and --reviews out.")
    for flag, given, needed, there in (
        ("--save", chosen.save is not None, "--objective or --cost-of", is_chosen),
        ("--one", chosen.one, "--objective or --cost-of", is_chosen),
        ("--replace", chosen.replace, "--save", chosen.save is not None),
        ("--note", chosen.note, "--save", chosen.save is not None),
    ):
        if given and not there:
            raise UserError(f"{flag} says nothing without {needed}: add {needed}, or leave {flag} out.")


def _delete(run: Run, chosen: argparse.Namespace) -> int:
    gone = sets.delete(run, chosen.delete)
    if chosen.json:
        return print_json({"run": run.id, "deleted": gone.name, "thresholds": by_label(gone, run.names())})
    print(f"Deleted the thresholds {gone.name!r} of run {run.id}.")
    return 0


def _list(run: Run, chosen: argparse.Namespace) -> int:
    rows = sets.compared(run)
    if chosen.json:
        kept, names = sets.read_all(run), run.names()
        return print_json(
            {
                "run": run.id,
                "sets": [{**row, "thresholds": by_label(kept[row["name"]], names)} for row in rows],
            }
        )
    splits = list(rows[0]["metrics"])
    table = [["name", "how", "chosen on", "thresholds", *(f"{t} {s}" for t in _LISTED.values() for s in splits)]]
    for row in rows:
        values = [number(row["metrics"][split][name]) for name in _LISTED for split in splits]
        low, high = (f"{row[end]:.3f}" for end in ("lowest", "highest"))
        span = low if low == high else f"{low} to {high}"
        table.append([row["name"], row["words"], row["split"] or _DASH, span, *values])
    print(columns(table))
    for row in rows:
        if row["outdated"]:
            print(f"{row['name']} was chosen before the run went on, on other predictions: choose it again.")
    if any(row["split"] for row in rows):
        print("Numbers on the images that thresholds were chosen on are too good.")
    return 0


def _choose(run: Run, chosen: argparse.Namespace) -> int:
    objective, options = objectives.parse(chosen.objective)
    splits = run.result()["splits"]
    test = run_metrics.decisions(run, "test") if "test" in splits else None
    report = tuning.report(run_metrics.decisions(run, "valid"), test, objective, options, one=chosen.one)
    if chosen.save is not None:
        one = ThresholdSet(chosen.save, report.thresh, "valid", objective, options, note=chosen.note)
        sets.save(run, one, replace=chosen.replace)
    if chosen.json:
        return print_json(_report_json(run, chosen, objective, options, report))
    print(f"{objectives.words(objective, **options)}, chosen on {report.n_tune:,} validation images of run {run.id}:")
    print(columns([["label", "threshold", "labeled", ""], *_label_rows(run, report)]))
    print()
    print(columns(_number_rows(report)))
    print(report.sentence)
    if chosen.save is not None:
        print(f"Saved. Next: {PROGRAM} evaluate {run.id} --thresholds {chosen.save}")
    return 0


def _label_rows(run: Run, report: Report[Choice]) -> list[list[str]]:
    choice = report.choice
    rows = []
    for c, name in enumerate(run.names()):
        notes = ["borrowed from all labels together"] if choice.pooled[c] else []
        notes += [] if choice.reached[c] else ["cannot be reached, this comes nearest"]
        rows.append([one_line(name), f"{report.thresh[c]:.3f}", f"{choice.n_pos[c]:,}", ", ".join(notes)])
    return rows


#: What a report's numbers are called.
_KINDS = {"test": "test", "cross-fitted": "cross-fitted", "same": "the same images", "untuned": "valid"}


def _number_rows(report: Report) -> list[list[str]]:
    head = ["", f"{_KINDS[report.kind]} ({report.n_report:,})", f"chosen on these, too good ({report.n_tune:,})"]
    pairs = {name: (report.numbers[name], report.tuned_on[name]) for name in report.numbers}
    return [head, *([name, *(number(defined(value)) for value in pair)] for name, pair in pairs.items())]


def _report_json(
    run: Run, chosen: argparse.Namespace, objective: str, options: dict[str, float], report: Report[Choice]
) -> dict[str, Any]:
    choice = report.choice
    return {
        "run": run.id,
        "split": "valid",
        "objective": objective,
        "options": options,
        "words": objectives.words(objective, **options),
        "one": chosen.one,
        "labels": [
            {
                "label": name,
                "thresh": plain(report.thresh[c]),
                "labeled": int(choice.n_pos[c]),
                "reached": bool(choice.reached[c]),
                "borrowed": bool(choice.pooled[c]),
            }
            for c, name in enumerate(run.names())
        ],
        "report": {
            "kind": report.kind,
            "images": report.n_report,
            "numbers": {name: defined(value) for name, value in report.numbers.items()},
            "sentence": report.sentence,
        },
        "chosen_on": {
            "images": report.n_tune,
            "numbers": {name: defined(value) for name, value in report.tuned_on.items()},
        },
        "saved": chosen.save,
    }
