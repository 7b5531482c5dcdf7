"""A diagnosis: what is wrong with a training, in one sentence, and the choices that would mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

UNSTABLE, UNDERFITTING, OVERFITTING = "unstable", "underfitting", "overfitting"
FEW_IMAGES, LABEL_NOISE, BASELINE = "too few images", "label noise", "no better than the baseline"


@dataclass(frozen=True)
class Diagnosis:
    """What the curves of a training say.

    Attributes
    ----------
    kind : str
        `UNSTABLE`, `UNDERFITTING`, `OVERFITTING`, `FEW_IMAGES`, `LABEL_NOISE`, or `BASELINE`: a fact whose cause the
        curves do not show.
    evidence : str
        A sentence with the numbers that it comes from.
    advice : str
        A sentence: what to do.
    changes : mapping
        The choices of a new training that follow the advice, by their names in `lib.core.config.TrainConfig`; empty
        where no choice helps.
    """

    kind: str
    evidence: str
    advice: str
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Evidence and advice, as they are read one after the other."""
        return f"{self.evidence} {self.advice}".strip()
