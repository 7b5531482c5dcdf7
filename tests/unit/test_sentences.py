"""Counts and lists read as they should at their edges: none, one, the limit, thousands, NumPy numbers."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core import sentences


@pytest.mark.parametrize(
    ("n", "words"), [(0, "0 images"), (1, "1 image"), (2, "2 images"), (999, "999 images"), (1000, "1,000 images")]
)
def test_only_one_is_singular(n, words):
    """None is many, and thousands are set off; numpy's integers read like Python's."""
    assert sentences.count(n, "image") == words
    assert sentences.count(np.int64(n), "image") == words


def test_an_irregular_plural_is_taken_as_given():
    """A verb goes along with its noun."""
    assert sentences.count(1, "class", "classes") == "1 class"
    assert sentences.count(3, "class", "classes") == "3 classes"
    assert sentences.count(1, "cell is", "cells are") == "1 cell is"
    assert sentences.count(1200, "cell is", "cells are") == "1,200 cells are"
    assert [sentences.word(n, "is", "are") for n in (0, 1, 2)] == ["are", "is", "are"]
    assert [sentences.word(n, "point") for n in (0, 1, 2)] == ["points", "point", "points"]


def test_a_whole_sentence_takes_the_number_in_its_middle():
    """The singular says its 1 itself."""
    texts = [sentences.sentence(n, "Of 1 image it is.", "Of {:,} images they are.") for n in (0, 1, 4321)]
    assert texts == ["Of 0 images they are.", "Of 1 image it is.", "Of 4,321 images they are."]


def test_what_is_not_shown_is_counted():
    """With and without a noun."""
    assert [sentences.more(n) for n in (1, 2, 1500)] == ["1 more", "2 more", "1,500 more"]
    assert [sentences.more(n, "point") for n in (1, 2)] == ["1 more point", "2 more points"]
    assert [sentences.more(n, "class", "classes") for n in (1, 2)] == ["1 more class", "2 more classes"]


def test_a_list_ends_at_its_limit():
    """Exactly as many as fit are all named, and one more is counted."""
    names = ["ant", "bee", "cat", "dog"]
    assert sentences.listed([], 3) == ""
    assert sentences.listed(names[:1], 3) == "ant"
    assert sentences.listed(names[:3], 3) == "ant, bee, cat"
    assert sentences.listed(names, 3) == "ant, bee, cat and 1 more"
    assert sentences.listed(names, 3, show=repr) == "'ant', 'bee', 'cat' and 1 more"
    assert sentences.listed(names, 3, rest="more pairs") == "ant, bee, cat and 1 more pairs"
    assert sentences.listed(range(2000), 1) == "0 and 1,999 more"
    assert sentences.listed(np.arange(5), 2, show=lambda place: "abcde"[place]) == "a, b and 3 more"


def test_what_is_not_named_is_not_asked_for_its_name():
    """A list of a million names costs what its first three do."""
    asked = []
    sentences.listed(range(10**6), 3, show=lambda place: asked.append(place) or "x")
    assert asked == [0, 1, 2]


def test_a_whole_list_ends_with_and():
    """Only where nothing is left out."""
    names = ["ant", "bee", "cat", "dog", "emu"]
    assert [sentences.joined(names[:n], 3) for n in range(6)] == [
        "",
        "ant",
        "ant and bee",
        "ant, bee and cat",
        "ant, bee, cat and 1 more",
        "ant, bee, cat and 2 more",
    ]
    assert sentences.joined(names[:2], 3, show=repr) == "'ant' and 'bee'"
