"""The command ``split``: divides a dataset into train, valid and test anew."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from lib.cli import common
from lib.core import sentences
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.program import PROGRAM
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.splits import divide, report
from lib.datasets.splits.plan import RANDOM, STRATIFIED, Division, Plan
from lib.datasets.splits.report import Report

#: Labels that the table lists.
_ROWS = 20


def split_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``split``."""
    command.add_argument("dataset", help="name of a dataset")
    command.add_argument(
        "--by",
        choices=(RANDOM, STRATIFIED),
        help="stratified: every split gets its share of each label, class, value range or keypoint; default: "
        "where there is something of the kind",
    )
    command.add_argument(
        "--group",
        metavar="REGEX|folder|given|none",
        help="groups that no split divides: what the first parentheses match in the file name, the folder, those the "
        "dataset has, or none; default: those it has",
    )
    command.add_argument("--valid", type=float, metavar="F", help="fraction of validation images (default 0.2)")
    command.add_argument(
        "--test", type=float, metavar="F", help="fraction of test images, 0 for none; default: leave the test "
        "split as it is"
    )  # fmt: skip
    command.add_argument("--folds", type=int, metavar="K", help="split what is not test into K equal folds")
    command.add_argument("--fold", type=int, metavar="I", help="the fold to validate on, 1 to K (default 1)")
    command.add_argument(
        "--seed", type=int, default=42, help="random seed; the same seed gives the same split (default 42)"
    )
    command.add_argument("--dry-run", action="store_true", help="print the splits without changing anything")


def run_split(chosen: argparse.Namespace) -> int:
    """Divide a dataset anew and print what its splits were and are."""
    dataset = store.load(Workspace.find(chosen.workspace), chosen.dataset)
    plan = _plan(dataset, chosen)
    division = divide.divide(dataset, plan)
    before, after = report.before_and_after(dataset, division)
    if not chosen.dry_run:
        dataset = edits.assign(
            dataset, division.splits.tolist(), _groups(division), how=plan.to_json(), note=plan.words()
        )
    if chosen.json:
        return common.print_json(_json(dataset, plan, division, before, after, chosen.dry_run))
    _print(dataset, plan, division, before, after, chosen.dry_run)
    return 0


def _plan(dataset: Dataset, chosen: argparse.Namespace) -> Plan:
    if chosen.folds is not None and chosen.valid is not None:
        raise UserError("--folds and --valid exclude each other: the folds are equal parts. Leave one out.")
    if chosen.fold is not None and chosen.folds is None:
        raise UserError(f"--fold {chosen.fold} says nothing without the number of folds: add --folds K, such as 5.")
    given = {name: getattr(chosen, name) for name in ("by", "group", "valid", "test", "folds", "fold", "seed")}
    return replace(divide.default_plan(dataset), **{name: value for name, value in given.items() if value is not None})


def _groups(division: Division) -> list[str] | None:
    return None if division.groups is None else division.groups.tolist()


def _json(
    dataset: Dataset, plan: Plan, division: Division, before: Report, after: Report, dry_run: bool
) -> dict[str, Any]:
    return {
        "dataset": dataset.name,
        "revision": dataset.revision,
        "dry_run": dry_run,
        "plan": plan.to_json(),
        "units": division.units,
        "before": before.to_json(),
        "after": after.to_json(),
        "notes": division.notes,
        "warnings": report.warnings(after),
    }


def _print(dataset: Dataset, plan: Plan, division: Division, before: Report, after: Report, dry_run: bool) -> None:
    print(f"{dataset.name}. {plan.words()}")
    print(f"before: {report.sentence(before)}")
    print(f"after:  {report.sentence(after)}")
    if before.names:
        print(_table(report.table(before, after)))
        print(
            f"largest difference from all images, percentage points: {_points(before)} before, {_points(after)} after"
        )
    if after.groups:
        print(f"groups divided between splits: {before.divided:,} before, {after.divided:,} of {after.groups:,} after")
    for line in [*division.notes, *report.warnings(after)]:
        print(f"- {line}")
    if dry_run:
        print("Nothing was changed: leave --dry-run out to divide it so.")
    else:
        print(f"Next: {PROGRAM} train {dataset.name} (or back: {PROGRAM} undo {dataset.name})")


def _points(report: Report) -> str:
    return common.number(None if np.isnan(report.largest_off) else report.largest_off)


def _table(table: pd.DataFrame) -> str:
    """Return a line a label: its share in each split (%)."""
    rows = [[f"{table.index.name} (%)", *table.columns]]
    for name, *values in table.head(_ROWS).itertuples():
        rows.append([common.one_line(str(name)), *("-" if np.isnan(value) else f"{value:.1f}" for value in values)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]
    if len(table) > _ROWS:
        lines.append(f"and {sentences.more(len(table) - _ROWS)}: --json lists all")
    return "\n".join(lines)
