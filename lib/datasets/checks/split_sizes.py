"""Is there enough to train on and to validate with?"""

from __future__ import annotations

from lib.core import sentences
from lib.datasets.checks.finding import ERROR, WARNING, Finding, Subject, ints
from lib.tasks.learnable import LEAST_TO_TRAIN

#: With fewer validation images a number says little: one image is a tenth of it. Told where there are enough for more.
FEWEST, ENOUGH = 10, 50


def run(subject: Subject) -> list[Finding]:
    """Look at how many images the splits have."""
    train, valid = (subject.rows[subject.splits == split] for split in ("train", "valid"))
    found = []
    if len(train) < LEAST_TO_TRAIN:
        sentence = (
            f"{sentences.count(len(train), 'image')} to train on, and a training needs {LEAST_TO_TRAIN:,}: "
            "add images, include excluded ones, or divide anew under Splits."
        )
        found.append(Finding("few-to-train", "Too few to train on", sentence, ERROR, ints(train)))
    if len(valid) < FEWEST and len(subject.rows) >= ENOUGH:
        sentence = (
            f"{sentences.count(len(valid), 'image')} to validate with: every number is mostly chance. "
            "Divide anew under Splits."
        )
        found.append(Finding("few-to-validate", "Few to validate with", sentence, WARNING, ints(valid)))
    return found
