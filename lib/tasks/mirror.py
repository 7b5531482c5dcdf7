"""Left and right pairs of points that a mirror swaps, such as left eye and right eye: declared or guessed by name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from lib.core import sentences

if TYPE_CHECKING:
    from lib.core.dataset import Dataset

#: Key of the declared pairs in ``Dataset.extra``: a list of pairs of names, empty where a mirror swaps no points.
DECLARED = "flip_pairs"
_OTHER = {"left": "right", "right": "left", "l": "r", "r": "l"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_JOINED = re.compile(r"(left|right)(.+)|(.+?)(left|right)")
#: Single letters that may stand beside l and r: center, middle, top, bottom, up, down. Any other is a list of letters.
_BESIDE = set("lrcmtbud")
#: A name with more sides than this is not worked on: it has too many mirror images.
_MOST_SIDES = 4


def guess(names: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs of ``names`` that differ in left and right only, each once, first place first.

    Understood are ``left`` and ``right`` and the single letters ``l`` and ``r``, as words of their own however they are
    written (``left_eye``, ``Left Eye``, ``eyeLeft``, ``L_eye``, ``eye.r``, ``LEye``), and ``left`` and ``right`` grown
    together with another word (``lefteye``). A name with several possible partners has none, and ``k l m n o p q r``
    are an alphabet.

    Parameters
    ----------
    names : sequence of str
        Of the K points.

    Returns
    -------
    list of (int, int)
        Places in ``names``; none is in two pairs.

    Examples
    --------
    >>> guess(["nose", "left_eye", "right_eye", "ear.L", "ear.R", "lefthand"])
    [(1, 2), (3, 4)]
    >>> guess(["left eye left corner", "left eye right corner", "right eye left corner", "right eye right corner"])
    []
    """
    split = [_words(name) for name in names]
    indices_of: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, words in enumerate(split):
        indices_of[words].append(place)
    letters = _letters(split)
    partners = [_partner(words, indices_of, letters) for words in split]
    mutual = ((one, other) for one, other in enumerate(partners) if other is not None and partners[other] == one)
    return [(one, other) for one, other in mutual if one < other]


def _partner(
    words: tuple[str, ...], indices_of: dict[tuple[str, ...], list[int]], letters: dict[tuple[str, ...], set[str]]
) -> int | None:
    """Return the only place whose name is a mirror image of ``words``, None if there is none or several."""
    sides = [place for place, word in enumerate(words) if word in _OTHER]
    if not 0 < len(sides) <= _MOST_SIDES or len(indices_of[words]) > 1:
        return None
    partners = []
    for swapped in product((False, True), repeat=len(sides)):
        changed = {place for place, swap in zip(sides, swapped, strict=True) if swap}
        image = tuple(_OTHER[word] if place in changed else word for place, word in enumerate(words))
        if changed and image in indices_of:
            partners += indices_of[image]
            if any(len(words[at]) == 1 and letters[_without(words, at)] - _BESIDE for at in changed):
                return None  # an alphabet
    return partners[0] if len(partners) == 1 else None


def _words(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case, left and right apart from what they have grown together with."""
    parts: list[str] = []
    for word in _WORD.findall(name):
        joined = _JOINED.fullmatch(word.lower())
        parts += [part for part in joined.groups() if part] if joined else [word.lower()]
    return tuple(parts)


def _letters(split: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], set[str]]:
    """Return which single letters stand at the same place of otherwise equal names."""
    letters: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for words in split:
        for place, word in enumerate(words):
            if len(word) == 1 and word.isalpha():
                letters[_without(words, place)].add(word)
    return letters


def _without(words: tuple[str, ...], place: int) -> tuple[str, ...]:
    return (*words[:place], "", *words[place + 1 :])


def one_sided(names: Sequence[str], pairs: Sequence[tuple[int, int]]) -> list[str]:
    """Return the names that begin with, or have as a word, left or right, and are in none of ``pairs``.

    Examples
    --------
    >>> one_sided(["nose", "left eye", "right eye", "left ear"], [(1, 2)])
    ['left ear']
    """
    paired = {place for pair in pairs for place in pair}
    told = re.compile(r"left|right")
    return [
        name
        for place, name in enumerate(names)
        if place not in paired and any(told.match(word.lower()) for word in _WORD.findall(name))
    ]


def declared(dataset: Dataset) -> list[tuple[int, int]] | None:
    """Return the pairs that the source or somebody on the page declared; None if nobody did, [] if there are none."""
    named = dataset.extra.get(DECLARED)
    if named is None:
        return None
    place = {name: k for k, name in enumerate(dataset.names)}
    return [(place[one], place[other]) for one, other in named]


def suggested(dataset: Dataset) -> list[tuple[int, int]]:
    """Return what would be guessed if nothing were declared: by name, and of 68 face points by their order.

    For points without telling names the 68 of 300-W are tried, which `lib.metrics.faces_68` knows by their mean
    shape's being its own mirror image.
    """
    return list(_suggested(_Known(dataset)))


def pairs(dataset: Dataset) -> list[tuple[int, int]] | None:
    """Return the pairs that a mirror swaps: declared, else guessed; None if neither says anything."""
    known = declared(dataset)
    if known is not None:
        return known
    return suggested(dataset) or None


class _Known:
    """A dataset by name and revision, the key under which its suggested pairs are cached."""

    def __init__(self, dataset: Dataset):
        self.dataset, self._key = dataset, (dataset.path, dataset.names, dataset.revision)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(maxsize=8)
def _suggested(known: _Known) -> tuple[tuple[int, int], ...]:
    from lib.metrics import faces_68  # not before: the readers know the tasks, which know the pairs

    dataset = known.dataset
    guessed = guess(dataset.names)
    if not guessed and dataset.targs.ndim == 3:
        place = {name: k for k, name in enumerate(dataset.names)}
        named = faces_68.extra(dataset.targs, list(dataset.names)).get(DECLARED, [])
        guessed = [(place[one], place[other]) for one, other in named]
    return tuple(guessed)


def order(pairs: Sequence[tuple[int, int]], count: int) -> np.ndarray:
    """Return which of ``count`` points stands at each place after a mirror.

    Examples
    --------
    >>> order([(0, 2)], 4).tolist()
    [2, 1, 0, 3]
    """
    order_after = np.arange(count)
    for one, other in pairs:
        order_after[[one, other]] = other, one
    return order_after


def note(chosen: Sequence[tuple[str, str]]) -> str:
    """Return what a declaration is called in the history."""
    if not chosen:
        return "Declared that a mirror swaps no points"
    return f"Declared {sentences.count(len(chosen), 'pair')} of points that a mirror swaps"
