"""Check for too few images in the train or valid split."""

from __future__ import annotations

from lib.core import sentences
from lib.datasets.checks.finding import ERROR, WARNING, Finding, Subject, ints
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
        findings.append(Finding("few-to-train", "Too few train images", sentence, ERROR, ints(train)))
    if len(valid) < FEWEST and len(subject.rows) >= ENOUGH:
        images = sentences.count(len(valid), "valid image")
        sentence = f"{images}: every validation metric is mostly chance. Split again under Splits."
        findings.append(Finding("few-to-validate", "Few valid images", sentence, WARNING, ints(valid)))
    return findings
