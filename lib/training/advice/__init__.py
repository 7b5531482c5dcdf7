"""What the curves of a training say: one diagnosis or none, see `diagnose`.

Silence is better than a false alarm: a rule speaks only where the numbers leave little doubt, and only the first that
speaks is heard, so that no advice contradicts another. ``python -m benchmarks diagnosis`` prints how often it is right.
"""

from __future__ import annotations

from lib.core.config import TRAIN
from lib.training.advice import gaps, noise, progress, rates
from lib.training.advice.curves import Curves
from lib.training.advice.diagnosis import Diagnosis

#: What explains the rest comes first.
RULES = (
    rates.too_high,
    gaps.few_images,
    noise.label_noise,
    gaps.overfitting,
    rates.too_low,
    progress.still_falling,
    progress.no_better_than_baseline,
)


def diagnose(curves: Curves) -> Diagnosis | None:
    """Return what is wrong with a training; None if its curves are as they should be or too short to tell."""
    if curves.config.kind != TRAIN or not len(curves):
        return None
    return next((diagnosis for rule in RULES if (diagnosis := rule(curves))), None)
