"""Findings as a table, one row a finding and image, and as JSON."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from lib.core import sentences
from lib.core.dataset import Dataset
from lib.datasets.checks import CHECKS, Result
from lib.datasets.checks.finding import Finding
from lib.datasets.checks.reviewed import DISMISSED, Review
from lib.export import tables


def summary(result: Result) -> str:
    """Return in a sentence how many findings there are of each severity: images, groups of copies, labels.

    Examples
    --------
    >>> summary(Result([], ["files"], []))
    'Nothing found.'
    """
    counts = result.counts()
    words = {"error": "error", "warning": "warning", "info": "remark"}
    parts = [sentences.count(count, words[one]) for one, count in counts.items() if count]
    if not parts:
        return "Nothing found."
    return f"{sentences.count(result.cases, 'finding')}: {', '.join(parts)}."


def checked_words(result: Result) -> str:
    """Return in a sentence what was checked, and what was not because the images were not scanned."""
    checked = f"Checked: {'; '.join(CHECKS[name].title for name in result.checked)}." if result.checked else ""
    unchecked = "; ".join(CHECKS[name].title for name in result.waiting)
    return f"{checked} Not checked until the images are scanned: {unchecked}.".strip() if unchecked else checked


def table(dataset: Dataset, review: Review) -> pd.DataFrame:
    """Return one row a finding and image; of findings about labels one row a label.

    Columns: kind, severity, title, sentence, decision (``dismissed`` or nothing), group (from 1, of copies), row, file,
    split, name (of a label), detail.
    """
    originals, splits = dataset.items["original"].to_numpy(), dataset.items["split"].to_numpy()
    rows: list[dict[str, Any]] = []
    decided = [(finding, "") for finding in review.open.findings]
    for finding, decision in [*decided, *((finding, DISMISSED) for finding in review.dismissed.findings)]:
        about: dict[str, Any] = {"kind": finding.kind, "severity": finding.severity, "title": finding.title,
                "sentence": finding.sentence, "decision": decision}  # fmt: skip
        if not finding.rows:
            names = [{"name": dataset.names[c], "detail": finding.details.get(c, "")} for c in finding.columns]
            rows += [about | name for name in names or [{}]]
            continue
        for number, row in _numbered(finding):
            location = {"group": number, "row": row, "file": str(originals[row]), "split": str(splits[row])}
            rows.append(about | location | {"detail": finding.details.get(row, "")})
    columns = ["kind", "severity", "title", "sentence", "decision", "group", "row", "file", "split", "name", "detail"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"group": "Int64", "row": "Int64"})


def _numbered(finding: Finding) -> list[tuple[int | None, int]]:
    if not finding.groups:
        return [(None, row) for row in finding.rows]
    return [(number, row) for number, group in enumerate(finding.groups, start=1) for row in group]


def csv_bytes(dataset: Dataset, review: Review) -> bytes:
    """Return `table` as CSV."""
    return tables.as_csv(table(dataset, review))


def to_json(dataset: Dataset, review: Review) -> dict[str, Any]:
    """Return all that was found as plain JSON, what was dismissed apart from what is open."""
    originals, splits = dataset.items["original"].to_numpy(), dataset.items["split"].to_numpy()

    def image(finding: Finding, row: int) -> dict[str, Any]:
        described = {"row": row, "file": str(originals[row]), "split": str(splits[row])}
        described["detail"] = finding.details.get(row, "")
        if row in finding.swaps:
            described["exchange"] = [[dataset.names[one], dataset.names[other]] for one, other in finding.swaps[row]]
        return described

    def described(finding: Finding) -> dict[str, Any]:
        return {
            "kind": finding.kind,
            "severity": finding.severity,
            "title": finding.title,
            "sentence": finding.sentence,
            "images": [] if finding.groups else [image(finding, row) for row in finding.rows],
            "groups": [[image(finding, row) for row in group] for group in finding.groups],
            "names": [dataset.names[column] for column in finding.columns],
        }

    return {
        "dataset": dataset.name,
        "revision": dataset.revision,
        "images": len(dataset.included),
        "counts": review.open.counts(),
        "reviewed": {"accepted": review.accepted, "dismissed": review.dismissed.cases},
        "checked": review.open.checked,
        "not_checked": review.open.waiting,
        "findings": [described(finding) for finding in review.open.findings],
        "dismissed": [described(finding) for finding in review.dismissed.findings],
    }


def json_bytes(dataset: Dataset, review: Review) -> bytes:
    """Return `to_json` as a file."""
    return (json.dumps(to_json(dataset, review), indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
