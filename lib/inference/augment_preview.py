"""Augmented copies of a picture, asked for on disk: a worker has torch, the page does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import ClassVar, TypedDict

import numpy as np

from lib import tasks
from lib.core import sentences
from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.core.json_files import Count
from lib.core.questions import asking
from lib.core.questions.requests import Question
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.tasks import mirror
from lib.tasks.types import Card

#: How many copies are made.
COPIES = 8
_FEW = 3  # names that are said
_KIND = "copies"


@dataclass(frozen=True)
class Studio:
    """Where copies of the pictures of one dataset are made.

    Attributes
    ----------
    folder : pathlib.Path
        The dataset's; questions and answers are below it.
    id : str
        The dataset's name.
    """

    folder: Path
    id: str

    @classmethod
    def of(cls, dataset: Dataset) -> Studio:
        """Return that of ``dataset``."""
        return cls(dataset.path, dataset.name)

    def load(self, revision: str) -> Dataset:
        """Return the dataset as it was in ``revision``.

        Raises
        ------
        UserError
            If it is gone or never was so.
        """
        return store.load(Workspace(self.folder.parent.parent), self.id, revision)


class _Copies(TypedDict):
    """A `PreviewRequest` on disk."""

    kind: str
    revision: str
    row: Count
    size: Count
    augment: bool
    flip: bool
    seed: int


@dataclass(frozen=True)
class Preview(Question):
    """One question for copies."""

    module: ClassVar[str] = "lib.inference.augment_worker"
    loads: ClassVar[str] = "Loading torch"
    waits: ClassVar[str] = "Getting ready"
    worker: ClassVar[str] = "The worker that makes copies"
    forms: ClassVar[Mapping[str, type]] = {_KIND: _Copies}
    most: ClassVar[int] = 60
    most_bytes: ClassVar[int] = 128 * 2**20


@dataclass(frozen=True)
class PreviewRequest:
    """A request: which copies training makes of a picture.

    Attributes
    ----------
    row : int
        Of the dataset.
    size : int
        Side in pixels of the square that pictures are squished to.
    augment, flip : bool
        As in `TrainConfig`.
    seed : int
        The same seed gives the same copies.
    """

    row: int
    size: int
    augment: bool = True
    flip: bool = False
    seed: int = 0

    @classmethod
    def of(cls, config: TrainConfig, row: int, seed: int) -> PreviewRequest:
        """Return the request for what a training of ``config`` does."""
        return cls(row, config.size, config.augment, config.flip, seed)


def ask(dataset: Dataset, request: PreviewRequest) -> Preview:
    """Ask for copies and see to it that a worker is there; returns at once.

    The same request about the same state of the dataset is the same question, answered once.

    Raises
    ------
    UserError
        If the dataset's folder cannot be written to.
    """
    content = {"kind": _KIND, "revision": dataset.revision, **asdict(request)}
    question = Preview(Studio.of(dataset), asking.name_of(content))
    asking.ask(question, content)
    return question


@dataclass(frozen=True)
class Copy:
    """One copy: its card, its picture as JPEG, and what was done to it.

    Attributes
    ----------
    card : Card
        ``item`` is the copy's number; its points are those inside the frame.
    picture : bytes
    outside : tuple of str
        Points that left the frame.
    mirrored : bool
    """

    card: Card
    picture: bytes
    outside: tuple[str, ...]
    mirrored: bool


def copies(dataset: Dataset, question: Preview) -> list[Copy]:
    """Return the copies of an answered question.

    Parameters
    ----------
    dataset : Dataset
        In the state that was asked about.
    question : Preview

    Raises
    ------
    UserError
        If there is no answer (yet), or it is damaged.
    """
    arrays, task = question.result(), tasks.get(dataset.task)
    size = np.array([int(arrays["size"][0])] * 2)
    shown = []
    for number, targ in enumerate(arrays["targs"]):
        card = task.card(number, f"Copy {number + 1}", targ, size, dataset.names)
        changes = _changes(
            bool(arrays["mirrored"][number]), float(arrays["turn"][number]), float(arrays["zoom"][number])
        )
        shown.append(_copy(card, arrays[f"picture{number}"].tobytes(), changes, bool(arrays["mirrored"][number])))
    return shown


def _copy(card: Card, picture: bytes, changes: str, mirrored: bool) -> Copy:
    inside = [place and 0 <= place[0] <= 1 and 0 <= place[1] <= 1 for place in card.true_points]
    named = zip(card.point_names, card.true_points, inside, strict=False)
    outside = tuple(name for name, place, is_inside in named if place and not is_inside)
    lost = f"outside the frame: {sentences.listed(outside, _FEW)}" if outside else ""
    card = replace(
        card,
        note=" · ".join(part for part in (lost, changes, card.note) if part),
        true_points=[place if is_inside else None for place, is_inside in zip(card.true_points, inside, strict=True)],
    )
    return Copy(card, picture, outside, mirrored)


def _changes(mirrored: bool, turn: float, zoom: float) -> str:
    """Say what was done to the places in a picture.

    Examples
    --------
    >>> _changes(True, -4.21, 1.0), _changes(False, 0.0, 1.0)
    ('mirrored, turned 4.2° anticlockwise', 'neither turned nor enlarged')
    """
    words = ["mirrored"] if mirrored else []
    if abs(turn) >= 0.05:
        words.append(f"turned {abs(turn):.1f}° {'clockwise' if turn > 0 else 'anticlockwise'}")
    if abs(zoom - 1) >= 0.005:
        words.append(f"enlarged {zoom:.2f}×")
    return ", ".join(words) or "neither turned nor enlarged"


def lost_words(shown: Sequence[Copy]) -> str:
    """Say how many copies lose points, "" if none does; names are not in it.

    Examples
    --------
    >>> lost_words([])
    ''
    """
    losing = [one for one in shown if one.outside]
    if not losing:
        return ""
    many = sum(len(one.outside) for one in losing)
    sentence = f"{len(losing)} of {len(shown)} copies {sentences.word(len(losing), 'loses', 'lose')} points"
    return f"{sentence}: {many:,} in all, outside the frame. Training teaches their places all the same."


def mirror_words(dataset: Dataset, shown: Sequence[Copy]) -> str:
    """Say which copies are mirrored and which points change places in them, "" if none is; names are not escaped."""
    count = sum(one.mirrored for one in shown)
    if not count:
        return ""
    sentence = f"{count} of {len(shown)} copies {sentences.word(count, 'is', 'are')} mirrored"
    if tasks.get(dataset.task).flip_order(dataset) is None:
        return f"{sentence}."
    pairs = mirror.pairs(dataset) or []
    names = [f"{dataset.names[one]} ↔ {dataset.names[other]}" for one, other in pairs]
    return f"{sentence}, and in {sentences.word(count, 'it', 'them')} {sentences.listed(names, _FEW)} change places."
