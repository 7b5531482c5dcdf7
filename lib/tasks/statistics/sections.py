"""Section: numbers, facts, sentences and charts that answer one question about a dataset; and the images counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.core.splits import SPLITS
from lib.tasks.types import Panel, three_digits

if TYPE_CHECKING:
    from lib.core.dataset import Dataset

#: Label sets, or pairs of labels, that are listed one by one in JSON; beyond it the most frequent ones.
LISTED = 1000


@dataclass(frozen=True)
class Seen:
    """What is counted: the images of a dataset that are not excluded, row for row.

    ``splits`` are the names of the splits that have an image, in order; the rest is as in `lib.core.dataset.Dataset`.
    """

    targs: np.ndarray
    names: tuple[str, ...]
    split: np.ndarray
    sizes: np.ndarray
    groups: np.ndarray
    splits: tuple[str, ...]
    extra: Mapping[str, Any]

    @classmethod
    def of(cls, dataset: Dataset) -> Seen:
        """Return the included images of ``dataset``."""
        rows = slice(None) if len(dataset.included) == len(dataset) else dataset.included  # a slice copies nothing
        items = dataset.items.iloc[rows]
        split = items["split"].to_numpy(dtype=str)
        return cls(
            targs=dataset.targs[rows],
            names=dataset.names,
            split=split,
            sizes=dataset.sizes[rows],
            groups=items["group"].to_numpy(dtype=str),
            splits=tuple(name for name in SPLITS if (split == name).any()),
            extra=dataset.extra,
        )

    def __len__(self) -> int:
        return len(self.split)


@dataclass(frozen=True)
class Ask:
    """A choice above a section's pictures: one of ``options``, or with ``many`` any of them; they are told by place."""

    key: str
    title: str
    options: tuple[str, ...]
    many: bool = False
    #: What is shown where nothing is chosen, in words.
    otherwise: str = ""


@dataclass(frozen=True)
class Section:
    """One question about a dataset.

    Attributes
    ----------
    key : str
        Name in JSON.
    title, help : str
        As a page says them; ``help`` is one line of plain words.
    numbers : dict
        All there is to know as JSON holds it, "not defined" as None.
    facts : list of tuple of str
        The few to see first: title, value with unit, one line of plain words.
    words : list of str
        Sentences; names in them are as they are.
    asks : tuple of Ask
    draw : callable
        Takes what was chosen, by the asks' keys: a place, or with ``many`` a list of places; returns panels. Without a
        choice it takes the usual one.
    """

    key: str
    title: str
    help: str
    numbers: dict[str, Any]
    facts: list[tuple[str, str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    asks: tuple[Ask, ...] = ()
    draw: Callable[[Mapping[str, Any]], list[Panel]] = lambda _: []


def listed(values: np.ndarray) -> list[Any]:
    """Return an array of any shape as nested lists that JSON can hold: None for what is not defined."""
    plain = values.astype(object)
    if values.dtype.kind == "f":
        plain[~np.isfinite(values)] = None
    nested: list[Any] = plain.tolist()
    return nested


def formatted(value: float, unit: str = "") -> str:
    """Return a number as a page says it, "not defined" where it is not."""
    return f"{three_digits(value)} {unit}".strip() if np.isfinite(value) else "not defined"


def percent(share: float) -> str:
    """Return a share as percent, "not defined" where it is not.

    Examples
    --------
    >>> percent(0.92519), percent(float("nan"))
    ('92.5 %', 'not defined')
    """
    return f"{100 * share:.3g} %" if np.isfinite(share) else "not defined"
