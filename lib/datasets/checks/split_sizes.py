"""Check for too few images in the train or valid split."""

from __future__ import annotations

from lib.core import sentences
from lib.datasets.checks.finding import ERROR, SPLIT, WARNING, Finding, Subject
from lib.tasks.learnable import LEAST_TO_TRAIN

#: With fewer validation images a number says little: one image is a tenth of it. Told where there are enough for more.
FEWEST, ENOUGH = 10, 50


def run(subject: Subject) -> list[Finding]:
    """Look at how many images the splits have."""
    train, valid = (subject.rows[subject.splits == split] for split in ("train", "valid"))
    findings = []
    if len(train) < LEAST_TO_TRAIN:
        sentence = (
            f"{sentences.count(len(train), 'train image')}, and training needs {LEAST_TO_TRAIN:,}: "
            "add images, include excluded ones, or split again under Splits."
        )
        findings.append(_finding("few-to-train", "Too few train images", sentence, ERROR))
    if len(valid) < FEWEST and len(subject.rows) >= ENOUGH:
        images = sentences.count(len(valid), "valid image")
        sentence = f"{images}: every validation metric is mostly chance. Split again under Splits."
        findings.append(_finding("few-to-validate", "Few valid images", sentence, WARNING))
    return findings


def _finding(kind: str, title: str, sentence: str, severity: str) -> Finding:
    return Finding(kind, title, lambda _places: sentence, severity, fixes=(SPLIT,))
