"""Check for picture files that are missing, unreadable or changed since the import."""

from __future__ import annotations

import numpy as np

from lib.core import sentences
from lib.datasets.checks import fingerprints
from lib.datasets.checks.finding import ERROR, EXCLUDE, WARNING, Finding, Subject, Words, ints
from lib.datasets.checks.fingerprints import CHANGED, GOOD, MISSING, UNREADABLE

#: As many files whose size or time is another are read at once; the others at the next scan.
_MOST_READ = 300

_WORDS = {
    MISSING: (
        "missing-file",
        "Missing files",
        ERROR,
        ("The file of 1 image is missing: training on it fails.",
         "The files of {:,} images are missing: training on them fails."),
        "Put it back, or exclude the image.",
        "the file is missing",
    ),
    UNREADABLE: (
        "unreadable-file",
        "Unreadable files",
        ERROR,
        ("The file of 1 image can no longer be fully decoded: training on it fails.",
         "The files of {:,} images can no longer be fully decoded: training on them fails."),
        "Put the old one back, or exclude the image.",
        "truncated or damaged since the import",
    ),
    CHANGED: (
        "changed-file",
        "Changed files",
        WARNING,
        ("The file of 1 image changed since the import: its targets may no longer fit.",
         "The files of {:,} images changed since the import: their targets may no longer fit."),
        "Put the old one back, or import again.",
        "changed since the import",
    ),
}  # fmt: skip


def run(subject: Subject) -> list[Finding]:
    """Look for files that are gone; for others than were imported where that is known or quickly seen."""
    state = _states(subject)
    findings = []
    for kind, (name, title, severity, words, todo, detail) in _WORDS.items():
        rows = subject.rows[state == kind]
        if len(rows):
            if kind == CHANGED and subject.dataset.root is not None:  # such a picture is not opened any more
                severity, todo = ERROR, f"Training on it fails. {todo}"
            findings.append(
                Finding(
                    name,
                    title,
                    _words_of(words, todo),
                    severity,
                    ints(rows),
                    details=_details(subject, ints(rows), kind, detail),
                    fixes=(EXCLUDE,),
                )
            )
    return findings


def _words_of(words: tuple[str, str], todo: str) -> Words:
    return lambda positions: f"{sentences.sentence(len(positions), *words)} {todo}"


def _details(subject: Subject, rows: tuple[int, ...], kind: int, detail: str) -> dict[int, str]:
    """Return what is wrong with each file; of one that changed also how large it is now."""
    if kind != CHANGED:
        return dict.fromkeys(rows, detail)
    size = fingerprints.stamps(subject.dataset)[:, 0]
    return {row: f"{detail}: now {size[row]:,} bytes" for row in rows}


def _states(subject: Subject) -> np.ndarray:
    """Return the state of each file now: what was seen of it, unless its size or time changed since."""
    dataset = subject.dataset
    now = fingerprints.stamps(dataset)[subject.rows]
    state = np.full(len(subject.rows), GOOD, dtype=np.int8)
    recorded = now.copy()
    if subject.prints is not None:
        state, recorded = subject.prints.state[subject.rows].copy(), subject.prints.stamps[subject.rows]
    elif dataset.stamps is not None:
        recorded = dataset.stamps[subject.rows]
    state[now[:, 0] < 0] = MISSING
    state[now[:, 0] == 0] = UNREADABLE  # empty
    other = np.flatnonzero((now != recorded).any(axis=1) & (now[:, 0] > 0))
    for place in other[:_MOST_READ]:
        state[place] = fingerprints.scan(dataset, int(subject.rows[place]))["state"]
    rest = other[_MOST_READ:]  # a folder that was copied has other times: of these another size tells
    state[rest[now[rest, 0] != recorded[rest, 0]]] = CHANGED
    return state
