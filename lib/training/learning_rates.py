"""The meaning of the learning-rate finder's four suggestions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Suggestion:
    """One of fastai's methods to read a rate off the curve: its title and one line that explains it."""

    title: str
    help: str


#: By the name that fastai gives the method, most trusted first.
SUGGESTIONS = {
    "valley": Suggestion(
        "Valley", "A third into the longest stretch on which the loss falls: fastai's own default, a safe choice."
    ),
    "slide": Suggestion(
        "Slide", "Just before the loss stops falling and begins to climb: bolder than valley, for short trainings."
    ),
    "minimum": Suggestion(
        "Minimum / 10", "A tenth of the rate with the lowest loss: far enough from where it explodes."
    ),
    "steep": Suggestion("Steep", "Where the loss falls fastest: often too low, and easily misled by noise."),
}
