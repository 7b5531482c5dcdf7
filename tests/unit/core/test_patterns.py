"""Patterns that users type match as Python's do, and finish in time whatever they are."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest

from lib.core import patterns
from lib.core.errors import UserError
from lib.core.patterns import captures

NAMES = ["Ann_Lee_01.jpg", "bo-7.PNG", "scan.12.3.tif", "ä_1.jpg", "7.jpg"]
SAME = [
    "(.*)_",
    r"^([^_]+)_",
    r"(.*)[_\-. ]\d+\.\w+$",
    r"(?<=_)(\w)",
    r"(?i)(BO|ANN)",
    r"(?P<who>[a-zä]+)(?=\d|_)",
    "()x|",
]


@pytest.mark.parametrize("pattern", SAME)
def test_they_match_as_pythons_do(pattern):
    """What a user knows of regular expressions holds, lookaheads and named groups too."""
    expected = [match[1] if (match := re.search(pattern, name)) else None for name in NAMES]
    assert captures(pattern, [f"a_b/{name}" for name in NAMES], kind="group", noun="group") == expected


@pytest.mark.parametrize("pattern", ["((a+)+)X", "((a+)+)[XY]$", "((a|aa)+)$", "((a{1,100}){1,100})b", "(?R)(a)"])
def test_a_pattern_without_an_end_is_one_sentence(pattern, monkeypatch):
    """Whatever it is, a thousand names take no longer than the limit, and a second for what comes before and after."""
    monkeypatch.setattr(patterns, "SECONDS", 0.3)
    rng = np.random.default_rng(0)
    names = [f"{'a' * rng.integers(30, 200)}{number}.jpg" for number in range(1000)]
    began = time.process_time()
    try:
        captures(pattern, names, kind="label", noun="class")
    except UserError as error:
        assert "takes more than 0.4 s" in str(error) and "make it simpler" in str(error)
    assert time.process_time() - began < 2


def test_time_runs_out_for_all_names_together(monkeypatch):
    """A pattern that never ends is ended at the first name that it does not end on."""
    monkeypatch.setattr(patterns, "SECONDS", 0.2)
    with pytest.raises(UserError, match="takes more than"):
        captures("((a{1,100}){1,100})b", ["a" * 200] * 1000, kind="label", noun="class")


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", "not a regular expression"),
        ("abc", "no parentheses"),
        ("(a{99999999999})", "not a regular expression"),
        ("(" * 200 + ")" * 200 + "[", "not a regular expression"),
        ("(a)" * 200, "600 characters"),
    ],
)
def test_what_is_no_pattern_is_one_sentence(pattern, words):
    """A slip is said with what to type instead."""
    with pytest.raises(UserError, match=words):
        captures(pattern, NAMES, kind="group", noun="group")
