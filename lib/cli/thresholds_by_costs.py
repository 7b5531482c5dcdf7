"""The command ``thresholds`` with costs of each label: the cheapest thresholds, and what they save."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from lib import tasks
from lib.cli.common import columns, number, one_line, print_json
from lib.core.decimals import plain
from lib.core.errors import UserError, reason
from lib.core.program import PROGRAM
from lib.metrics import costs as metric
from lib.metrics import intervals
from lib.metrics.intervals import Interval
from lib.metrics.scores import defined
from lib.thresholds import cost_table, costs, objectives, sets, tuning
from lib.thresholds.costs import Costs
from lib.thresholds.sets_file import ThresholdSet
from lib.thresholds.tuning import Report
from lib.training import run_metrics
from lib.training.runs import Run

_VERDICTS = {intervals.CHANCE: ", may be chance", intervals.TOO_FEW: ", too few images for an interval"}


def choose(run: Run, chosen: argparse.Namespace) -> int:
    """Choose thresholds by costs, keep them where that is asked for, and print what they cost and save."""
    names = sets.labels(run)
    asked = _asked(chosen, names)
    tune = run_metrics.decisions(run, "valid")
    test = run_metrics.decisions(run, "test") if "test" in run.result()["splits"] else None
    start = tasks.get(run.config.task).start_thresh(run.config)
    report = costs.report(tune, test, asked, one=chosen.one)
    others: dict[str, Report] = {
        f"default, {start:g}": tuning.report_fixed(tune, test, start, seen=False),
        "one for all": costs.report(tune, test, asked, one=True),
    }
    if chosen.one:
        del others["one for all"]
    if chosen.save is not None:
        one = ThresholdSet(
            chosen.save,
            report.thresh,
            "valid",
            costs.NAME,
            asked.options,
            note=chosen.note,
            costs=asked.by_label(names),
        )
        sets.save(run, one, replace=chosen.replace)
    if chosen.json:
        return print_json(_json(run, chosen, asked, report, others))
    _print(run, asked, report, others)
    if chosen.save is not None:
        print(f"Saved. Next: {PROGRAM} evaluate {run.id} --thresholds {chosen.save}")
    return 0


def _asked(chosen: argparse.Namespace, names: tuple[str, ...]) -> Costs:
    base = {"miss": 1.0, "alarm": 1.0}
    if chosen.objective is not None:
        objective, base = objectives.parse(chosen.objective)
        if objective != "cost":
            raise UserError(
                f"Costs and the objective {objective} exclude each other: leave --objective out, or say "
                "cost:miss=...,alarm=... for the labels that --cost-of does not name."
            )
    by_label = dict.fromkeys(names, (base["miss"], base["alarm"]))
    if chosen.costs is not None:
        by_label |= cost_table.parse(_text(Path(chosen.costs)), names)
    for cells in chosen.cost_of:
        label, by_label[label] = cost_table.row(cells, names, "--cost-of")
    return costs.checked(by_label, names, chosen.reviews)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"The costs in {path} cannot be read ({reason(error)}): expected a CSV file with a label, the cost of a "
            "miss and the cost of a false alarm in each line."
        ) from error


def _print(run: Run, asked: Costs, report: Report[costs.CostChoice], others: dict[str, Report]) -> None:
    print(f"{costs.words(asked.reviews)}, chosen on {report.n_tune:,} validation images of run {run.id}:")
    spent = metric.by_label(report.predicted, report.on.truth, asked.miss, asked.alarm)
    rows = [["label", "miss costs", "alarm costs", "threshold", "labeled", "cost per 1,000 images"]]
    for c, name in enumerate(run.names()):
        paid = (f"{asked.miss[c]:g}", f"{asked.alarm[c]:g}", f"{report.thresh[c]:.3f}", f"{report.choice.n_pos[c]:,}")
        rows.append([one_line(name), *paid, number(defined(spent[c]))])
    print(columns(rows))
    print()
    rows = [["thresholds", "cost per 1,000 images", "95 % interval", "predictions per 1,000", "saved by the first"]]
    for name, one in {"chosen": report, **others}.items():
        cost = asked.of(one)
        saved = "" if one is report else _saved(asked.of(report, one))
        predicted = costs.predictions_words(one.predicted, asked)
        rows.append([name, number(defined(cost.value)), cost.words("{:.4g}".format), predicted, saved])
    print(columns(rows))
    print(report.sentence)
    if asked.reviews is not None:
        print(f"On the validation images they predict {report.choice.predicted:,.0f} labels per 1,000 images.")
    if report.choice.gap:
        print(f"Other thresholds within the budget may cost up to {report.choice.gap:.4g} less per 1,000 images.")


def _saved(saved: Interval) -> str:
    words = intervals.difference_words(saved, "{:.4g}".format)
    return words + _VERDICTS.get(intervals.judged(saved), "")


def _json(
    run: Run, chosen: argparse.Namespace, asked: Costs, report: Report[costs.CostChoice], others: dict[str, Report]
) -> dict[str, Any]:
    spent = metric.by_label(report.predicted, report.on.truth, asked.miss, asked.alarm)
    choice = report.choice
    return {
        "run": run.id,
        "split": "valid",
        "objective": costs.NAME,
        "options": asked.options,
        "words": costs.words(asked.reviews),
        "one": chosen.one,
        "labels": [
            {
                "label": name,
                "miss": float(asked.miss[c]),
                "alarm": float(asked.alarm[c]),
                "thresh": plain(report.thresh[c]),
                "labeled": int(choice.n_pos[c]),
                "borrowed": bool(choice.pooled[c]),
                "cost": defined(spent[c]),
            }
            for c, name in enumerate(run.names())
        ],
        "chosen_on": {"images": report.n_tune, "predictions": choice.predicted, "gap": choice.gap},
        "report": {
            "kind": report.kind,
            "images": report.n_report,
            "cost": _interval(asked.of(report)),
            "predictions": costs.predictions_per_thousand(report.predicted),
            "sentence": report.sentence,
        },
        "against": {
            name: {
                "cost": _interval(asked.of(one)),
                "predictions": costs.predictions_per_thousand(one.predicted),
                "saved": _interval(asked.of(report, one)),
            }
            for name, one in others.items()
        },
        "saved": chosen.save,
    }


def _interval(interval: Interval) -> dict[str, float | None]:
    return {name: defined(getattr(interval, name)) for name in ("value", "low", "high")}
