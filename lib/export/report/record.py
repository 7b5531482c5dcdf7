"""The parts of a report that tell where it comes from: the data card, checks, what was skipped, how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any

import numpy as np

from lib import tasks
from lib.core import sentences
from lib.core.dataset import STAND_IN, Dataset
from lib.core.errors import DamagedError, UserError
from lib.core.splits import SPLITS
from lib.datasets import checks
from lib.datasets.checks import fingerprints, reviewed
from lib.export import findings
from lib.export.report.html import Html, Section, note, pairs, section, table, tag
from lib.metrics import counts
from lib.tasks.base import Task
from lib.thresholds import sets
from lib.training import options, record_words
from lib.training.runs import Run

#: Names in a table, at most, and examples of a finding.
_MOST, _EXAMPLES = 200, 3
#: What of a dataset's source is told, and as what: nothing of where on this machine it is.
_SOURCE = {
    "kind": "Came from",
    "name": "Name of the source",
    "format": "Read as",
    "group": "Groups by",
    "seed": "Seed of the split",
}
_KINDS = {"import": "an import", "sample": "a built-in sample", STAND_IN: "the bundle of a run"}


def data_card(run: Run, dataset: Dataset | None, missing: str) -> Section:
    """Return the section about the data: counts, splits, revision, source; or what became of it, `why_missing`."""
    title, config = "Data card", run.config
    head = [("Dataset", config.dataset), ("Revision", config.revision)]
    if dataset is None:
        sentence = (
            f"The dataset of this run {missing}: what is known of it is its name and revision. Intervals count "
            "every image for itself, because its groups are not known."
        )
        return section("data", title, tag("p", sentence), pairs(head, label="Dataset"))
    task, rows = tasks.get(dataset.task), dataset.included
    splits = dataset.items["split"].to_numpy()
    facts = [
        (name, value)
        for name, value, _ in task.facts(dataset.targs[rows], dataset.names, dataset.sizes[rows], splits[rows])
    ]
    excluded = len(dataset) - len(rows)
    sides = dataset.sizes[rows]
    groups = dataset.items["group"].to_numpy()[rows]
    counted = [
        ("Images", f"{len(rows):,}"),
        *((f"… {split}", f"{count:,}") for split, count in dataset.splits().items()),
        *([("Excluded from every split", f"{excluded:,}")] if excluded else []),
        *((name, _range(sides[:, at])) for at, name in enumerate(("Width", "Height")) if len(rows)),
        *([("Groups kept in one split", f"{len(set(groups[groups != ''])):,}")] if (groups != "").any() else []),
    ]
    source = [
        (words, _KINDS.get(value, value) if key == "kind" else value)
        for key, words in _SOURCE.items()
        if (value := dataset.source.get(key)) not in (None, "")
    ]
    source += [("Answered at import", f"{key}={value}") for key, value in dataset.source.get("choices", {}).items()]
    remark = (
        [tag("p", "This run came in a bundle: its dataset is what the bundle knows, not all that it was trained on.")]
        if dataset.is_stand_in
        else []
    )
    return section(
        "data",
        title,
        *remark,
        tag(
            "div", pairs([*head, *source], label="Dataset"), pairs([*counted, *facts], label="Counts"), class_="beside"
        ),
        _names(task, dataset),
    )


def why_missing(run: Run) -> str:
    """Return what became of the dataset of ``run`` that is not there, in words that name nothing of this machine."""
    try:
        run.load_dataset()
    except DamagedError:
        return "cannot be read"
    except UserError:
        pass
    return "was deleted or imported anew"


def _range(sides: np.ndarray) -> str:
    low, high = int(sides.min()), int(sides.max())
    return f"{low:,} px" if low == high else f"{low:,} to {high:,} px"


def _names(task: Task, dataset: Dataset) -> Html:
    """Return how many images of each split have each label."""
    if not task.has_labels:
        return Html("")
    there = task.cells(dataset.targs, dataset.names) == 1
    parts = [(split, dataset.index(split)) for split in SPLITS if len(dataset.index(split))]
    rows = [
        (name, *(f"{int(np.count_nonzero(there[of, c])):,}" for _, of in parts))
        for c, name in enumerate(dataset.names[:_MOST])
    ]
    rest = len(dataset.names) - _MOST
    more = [note(f"and {sentences.more(rest)}")] if rest > 0 else []
    return tag(
        "div",
        tag("h3", f"Images with each {task.noun}"),
        table((task.noun, *(split for split, _ in parts)), rows, label=f"Images with each {task.noun}"),
        *more,
    )


def checked(dataset: Dataset | None) -> Section:
    """Return the section about what was found in the data, and skipped when it was imported."""
    if dataset is None:
        return section("checks", "Checks", tag("p", "Without the dataset nothing can be checked."))
    review = reviewed.review(dataset, checks.run(dataset, fingerprints.read(dataset)))
    originals = dataset.items["original"].to_numpy()
    shown = []
    for finding in review.open.findings:
        about = [str(originals[row]) for row in finding.rows] or [dataset.names[column] for column in finding.columns]
        shown.append(tag("li", tag("b", finding.severity.capitalize()), " ", finding.sentence, _examples(about)))
    decided = f" Reviewed: {review.accepted:,} accepted, {review.dismissed.cases:,} dismissed." if review.done else ""
    skipped = [tag("li", one["sentence"], _examples(one["examples"], one["count"])) for one in dataset.problems]
    return section(
        "checks",
        "Checks",
        note(f"{findings.summary(review.open)}{decided} {findings.checked_words(review.open)}"),
        tag("ul", *shown, class_="findings") if shown else "",
        tag("h3", "Skipped or noticed at import"),
        tag("ul", *skipped, class_="findings")
        if skipped
        else tag("p", "Nothing was skipped: every image and every row is used."),
    )


def _examples(about: list[str], count: int | None = None) -> Html:
    if not about:
        return Html("")
    rest = (len(about) if count is None else count) - len(about[:_EXAMPLES])
    more = f", and {sentences.more(rest)}" if rest > 0 else ""
    return tag("span", f"{', '.join(about[:_EXAMPLES])}{more}", class_="examples")


def provenance(run: Run, thresholds: str) -> Section:
    """Return the section about how the run was made: command, choices, machine, versions, kept thresholds."""
    config = run.config
    weights = PurePath(config.weights).name if config.weights else None  # not where on this machine it is
    who = {"Started by": run.user} if run.user else {}
    choices: dict[str, Any] = who | record_words.choices(run)
    if weights:
        choices = {name: weights if value == config.weights else value for name, value in choices.items()}
    return section(
        "made",
        "How it was made",
        note("This command on the same processor, with the same revision of the dataset, gives the same numbers."),
        tag("pre", options.command(replace(config, weights=weights))),
        tag(
            "div",
            pairs(_written(choices), label="Choices"),
            pairs(_written(record_words.machine(run)), label="Machine and versions"),
            class_="beside",
        ),
        _sets(run, thresholds),
    )


def _written(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    words = {True: "on", False: "off", None: "none"}
    return [
        (name, words[value] if isinstance(value, (bool, type(None))) else str(value))
        for name, value in values.items()
        if value != ""
    ]


#: Said where a threshold was kept with more decimals than the drag has.
_NEAREST = (
    "This report, like the Analyze page, decides at the nearest thousandth; commands decide at what was kept, so a "
    "prediction between the two is counted otherwise there."
)


def _sets(run: Run, chosen: str) -> Html:
    if not tasks.get(run.config.task).has_labels:
        return Html("")
    try:
        every = sets.read_all(run)
    except UserError:  # whose sentence names a file of this machine
        return tag("p", "The kept thresholds of this run cannot be read.")
    names = run.names()
    rows = [
        (one.name + (" (this report)" if one.name == chosen else ""), sets.words(one), one.note)
        for one in every.values()
    ]
    kept = every[chosen].thresh
    used = counts.grid()[counts.nearest(kept)]
    listed = table(
        (tasks.get(run.config.task).noun, "threshold", "kept as"),
        [(name, f"{value:.3f}", str(own)) for name, value, own in zip(names, used, kept, strict=True)],
        label="Thresholds of this report",
    )
    return tag(
        "div",
        tag("h3", "Kept thresholds"),
        table(("name", "how they were chosen", "note"), rows, label="Kept thresholds", names=3),
        listed,
        tag("p", _NEAREST) if (used != kept).any() else Html(""),
    )
