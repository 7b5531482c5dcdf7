"""Check for labels that are constant or missing in a split, and for images without any."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.core import sentences
from lib.core.splits import SPLITS
from lib.datasets.checks.finding import CORRECT, EXCLUDE, INFO, SHOW, SPLIT, WARNING, Finding, Subject, counted, ints

#: Shares of the images that are known from which on a label is called nearly constant, as at import.
HARDLY, NEARLY = 0.005, 0.95
#: Fewer images than this say little about a share.
FEWEST = 100

_SPLIT_WORDS = {"train": "training", "valid": "validation", "test": "test"}
_LACKS = {
    "train": "it cannot be learned",
    "valid": "no validation metric says whether it was learned",
    "test": "its recall on the test images is not defined",
}
#: What to do about a label of no image at all, which no division helps, and about one that only a split lacks.
_UNUSED = "Add images that have them, or correct the labels of those that do."
_ELSEWHERE = "Split again under Splits, or add images."


def run(subject: Subject) -> list[Finding]:
    """Look at who has which label."""
    presence = subject.task.presence(subject.targs, subject.names)
    findings = [] if presence is None else [*_constant(subject, presence), *_lacking(subject, presence)]
    return [*findings, *_bare(subject)]


def _constant(subject: Subject, presence: np.ndarray) -> list[Finding]:
    if len(presence) < FEWEST or not subject.task.constant_is_odd:
        return []
    have, known = (presence == 1).sum(axis=0), (presence >= 0).sum(axis=0)
    share = have / known.clip(1)
    odd = np.flatnonzero((have > 0) & ((share <= HARDLY) | (share >= NEARLY)))  # those of no image are told apart
    if not len(odd):
        return []
    details = {int(c): f"on {have[c]:,} of {known[c]:,} images" for c in odd}
    about = {int(c): "hardly any" if share[c] <= HARDLY else "nearly all" for c in odd}

    def words(positions: Sequence[int]) -> str:
        columns = odd[list(positions)]
        nouns = sentences.count(len(columns), f"{subject.task.noun} is", f"{subject.task.nouns} are")
        where = " or on ".join(sorted({f"{about[int(c)]} images" for c in columns}, reverse=True))
        return (
            f"{nouns} on {where} ({_some(subject, columns, details)}): a constant prediction is then hard to beat, "
            "and accuracy says little."
        )

    fixes = (SHOW,) if subject.task.has_labels else ()
    return [
        Finding(
            "constant-label",
            "Nearly constant",
            words,
            WARNING,
            columns=ints(odd),
            details=details,
            fixes=fixes,
            about=about,
        )
    ]


def _lacking(subject: Subject, presence: np.ndarray) -> list[Finding]:
    findings, have = [], (presence == 1).any(axis=0)
    never = np.flatnonzero(~have)
    if len(never):
        findings.append(_lack(subject, never, "no image", "it cannot be learned", "unused-label", WARNING, _UNUSED))
    for split in SPLITS:
        rows = subject.splits == split
        if rows.any():
            lacks = np.flatnonzero(have & ~(presence[rows] == 1).any(axis=0))
            if len(lacks):
                severity = INFO if split == "test" else WARNING
                scope = f"none of the {_SPLIT_WORDS[split]} images"
                findings.append(
                    _lack(subject, lacks, scope, _LACKS[split], f"label-not-in-{split}", severity, _ELSEWHERE)
                )
    return findings


def _lack(
    subject: Subject, columns: np.ndarray, scope: str, effect: str, kind: str, severity: str, advice: str
) -> Finding:
    details = dict.fromkeys(ints(columns), f"on {scope}")
    of_several = effect.replace("it ", "they ").replace("its ", "their ").replace("was ", "were ")

    def words(positions: Sequence[int]) -> str:
        nouns = sentences.count(len(positions), f"{subject.task.noun} is", f"{subject.task.nouns} are")
        named = _some(subject, columns[list(positions)])
        return f"{nouns} on {scope} ({named}): {of_several if len(positions) > 1 else effect}. {advice}"

    fixes = (SPLIT,) if advice == _ELSEWHERE else ()
    return Finding(kind, f"On {scope}", words, severity, columns=ints(columns), details=details, fixes=fixes)


def _bare(subject: Subject) -> list[Finding]:
    findings = []
    for kind, title, mask, one, many, rest in (
        (
            "no-label", "Images without any label", subject.task.is_empty(subject.targs),
            "image has", "images have",
            "none of the labels, which makes negatives for every label. Check that none was forgotten.",
        ),
        (
            "nothing-known", "Images without known targets", subject.task.is_unknown(subject.targs),
            "image has", "images have",
            "no known target: neither training nor any metric uses it. Fill it in, or exclude it.",
        ),
    ):  # fmt: skip
        rows = subject.rows[mask]
        if len(rows):
            details = dict.fromkeys(ints(rows), "no label" if kind == "no-label" else "nothing known")
            fixes = (CORRECT, EXCLUDE)
            words = counted(one, many, rest)
            findings.append(Finding(kind, title, words, INFO, ints(rows), details=details, fixes=fixes))
    return findings


def _some(subject: Subject, columns: np.ndarray, details: dict[int, str] | None = None, most: int = 3) -> str:
    def show(column: int) -> str:
        return f"{subject.names[column][:60]!r}" + (f" {details[column]}" if details else "")

    return sentences.listed(columns.tolist(), most, show=show)
