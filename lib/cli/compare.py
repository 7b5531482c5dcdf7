"""The command ``compare``: prints whether one run, or several seeds of it, is better than another, and where."""

from __future__ import annotations

import argparse
from typing import Any

from lib.cli import common
from lib.cli.common import one_line
from lib.core import sentences
from lib.core.workspace import Workspace
from lib.evaluation.verdicts import disagreements, images, verdicts, words
from lib.evaluation.verdicts.sides import OWN
from lib.evaluation.verdicts.verdicts import Gain, Verdict
from lib.metrics.scores import defined
from lib.tasks.types import three_digits
from lib.training import run_entries, run_table, runs
from lib.training.runs import Run

#: Rows of a table, and disagreements, that are printed without --json, and of disagreements with it.
_ROWS, _SHOWN, _LISTED = 20, 5, 100
_DASH = "–"


def compare_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``compare``."""
    of_side = "id of a run, see `runs`; several seeds of one choice with commas: ID,ID,ID"
    command.add_argument("a", metavar="A", help=of_side)
    command.add_argument("b", metavar="B", help="the same of the side that is compared with it")
    command.add_argument(
        "--seeds",
        action="store_true",
        help="compare every seed of each choice: all runs that differ from A, or from B, in their seed alone",
    )
    command.add_argument(
        "--split",
        choices=images.CHOICES,
        default=images.VALID,
        help="which images; either: those that each run kept from its training one way or the other (default valid)",
    )
    command.add_argument("--metric", help="what the verdict is about; default: the task's headline metric")
    command.add_argument(
        "--at",
        default=OWN,
        metavar="THRESH",
        help="threshold of multi-label runs: own (each run's), one for all such as 0.5, or the name of a set that "
        "every run has, see `thresholds` (default own)",
    )


def run_compare(chosen: argparse.Namespace) -> int:
    """Print the verdict, the metrics, the labels and the images on which the two disagree most."""
    workspace = Workspace.find(chosen.workspace)
    a, b = (_side(workspace, text, chosen.seeds) for text in (chosen.a, chosen.b))
    verdict = verdicts.compare(a, b, chosen.split, at=chosen.at, metric=chosen.metric)
    if chosen.json:
        return common.print_json(to_json(verdict))
    _print(verdict)
    return 0


def _side(workspace: Workspace, text: str, all_seeds: bool) -> list[Run]:
    """Return the runs that are named, or the newest run of each seed of the first one's choice."""
    named = [runs.load(workspace, name.strip()) for name in text.split(",")]
    if not all_seeds:
        return named
    entries = run_entries.entries(run_table.rows(workspace))
    of_first = (entry.counted for entry in entries if any(row.id == named[0].id for row in entry.rows))
    counted = next(of_first, ())  # the folds of a label audit are in no list of runs
    return [row.run for row in counted if row.run is not None] or named


def to_json(verdict: Verdict) -> dict[str, Any]:
    """Return all that is known as plain JSON; what is not defined is None."""
    differ = disagreements.disagreements(verdict)
    return {
        "a": [run.id for run in verdict.a.runs],
        "b": [run.id for run in verdict.b.runs],
        "split": verdict.split,
        "at": verdict.at,
        "sentence": words.sentence(verdict),
        "better": verdict.better or None,
        "seeds": verdict.has_seeds,
        "detectable": verdict.detectable,
        "images_needed": verdict.images_needed,
        "images": len(verdict.images),
        "groups": verdict.images.n_groups,
        "left_out": verdict.images.left_out,
        "unhashed": verdict.images.unhashed or None,
        "metrics": [gain.to_json() for gain in verdict.metrics.values()],
        "test": verdict.test,
        "labels": [row.to_json() for row in verdict.labels],
        "disagreements": {
            "a_better": len(differ.of("a")),
            "b_better": len(differ.of("b")),
            "first": [
                {
                    "image": disagreements.original(verdict, row),
                    "better": str(better),
                    "gap": defined(gap),
                    "a": words.answer(verdict, differ, place, verdict.a),
                    "b": words.answer(verdict, differ, place, verdict.b),
                }
                for place, (row, better, gap) in enumerate(_firsts(differ, _LISTED))
            ],
        },
    }


def _firsts(differ: disagreements.Disagreements, n: int) -> list[tuple[int, str, float]]:
    few = differ.first(n)
    return list(zip(few.rows.tolist(), few.better.tolist(), few.gap.tolist(), strict=True))


def _print(verdict: Verdict) -> None:
    for letter, side in (("A", verdict.a), ("B", verdict.b)):
        print(f"{letter}: {', '.join(f'{run.id} {one_line(run.name)}'.strip() for run in side.runs)}")
    print()
    for sentence in words.summary(verdict):
        print(sentence)
    print()
    head = ["metric", "A", "B", "B − A", "95 % interval", "better"]
    print(common.columns([head, *map(_row, verdict.metrics.values())]))
    if len(verdict.labels) > 1:
        _print_labels(verdict)
    _print_disagreements(verdict)


def _row(gain: Gain) -> list[str]:
    numbers = (_number(value) for value in (gain.a, gain.b, gain.interval.value))
    return [gain.name, *numbers, gain.interval.words(_number), gain.better.upper() or _DASH]


def _number(value: float) -> str:
    return common.number(defined(value)) if value else "0"


def _print_labels(verdict: Verdict) -> None:
    task, rows = verdict.task, sorted(verdict.labels, key=lambda row: (row.p_holm != row.p_holm, row.p_holm, row.p))
    has_pairs = rows[0].only_a is not None
    pairs = ["only A right", "only B right"] if has_pairs else []
    head = [task.noun, *(f"{name} B − A" for name in task.compared_each), *pairs, "p", "p (Holm)", "better"]
    table = [
        [
            one_line(row.name),
            *(f"{_number(gain.interval.value)} ({gain.interval.words(_number)})" for gain in row.gains.values()),
            *((f"{row.only_a:,}", f"{row.only_b:,}") if has_pairs else ()),
            *(three_digits(p) if p == p else _DASH for p in (row.p, row.p_holm)),
            row.better.upper() or _DASH,
        ]
        for row in rows[:_ROWS]
    ]
    print(f"\n{words.labels_sentence(verdict)}\n")
    print(common.columns([head, *table]))
    _print_rest(len(rows) - _ROWS)


def _print_disagreements(verdict: Verdict) -> None:
    differ = disagreements.disagreements(verdict)
    print(f"\n{words.disagreements_sentence(verdict, differ)}")
    for place, (row, better, gap) in enumerate(_firsts(differ, _SHOWN)):
        image = one_line(disagreements.original(verdict, row), 60)
        print(f"  {image}: {better.upper()} by {words.gap(verdict, gap)}")
        for side in (verdict.a, verdict.b):
            print(f"    {side.letter}: {one_line(words.answer(verdict, differ, place, side), 160)}")
    _print_rest(len(differ) - _SHOWN)


def _print_rest(n: int) -> None:
    if n > 0:
        print(f"  … {sentences.more(n)}, see --json")
