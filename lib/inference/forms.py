"""The forms of questions to a run's model on disk."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from lib.core.json_files import Count


class AboutDataset(TypedDict):
    """What a question about pictures of the run's dataset has on disk."""

    kind: str
    model: str
    rows: list[Count]
    revision: str


class GradCam(AboutDataset):
    """A `lib.inference.ask.GradCam` on disk."""

    label: Count


class Spread(AboutDataset):
    """A `lib.inference.ask.Spread` on disk."""

    split: str
    copies: Count
    seed: int
    version: NotRequired[Count]


class Candidates(TypedDict):
    """A `lib.inference.candidates.Candidates` on disk."""

    kind: str
    model: str
    dataset: str
    base: str
    rows: list[Count]
    copies: Count
    seed: Count
    version: Count


class Picture(TypedDict):
    """A `lib.inference.ask.Picture` on disk."""

    name: str
    digest: str
    is_deep: NotRequired[bool]


class Predict(TypedDict):
    """A `lib.inference.ask.Predict` on disk; earlier versions measured no spread."""

    kind: str
    model: str
    pictures: list[Picture]
    copies: NotRequired[Count]
    seed: NotRequired[Count]
    version: NotRequired[Count]
