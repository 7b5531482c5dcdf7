"""Objectives as forms, words and text: what may be asked, and how it is said."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.errors import UserError
from lib.metrics.decisions import Decisions
from lib.thresholds import objectives, rules
from tests.unit.thresholds.scored import EVERY


def _decisions() -> Decisions:
    rng = np.random.default_rng(0)
    scores, rows = rng.random((50, 4), dtype=np.float32), np.arange(50)
    truth = rng.integers(0, 2, (50, 4)).astype(np.int8)
    return Decisions(scores, truth, scores, "sigmoid", ("a", "b", "c", "d"), rows, rows)


def test_wrong_options_are_named():
    """A mistyped objective or option, or one out of range, is one sentence that says what is expected."""
    decisions = _decisions()
    for name, options, expected in (
        ("f1", {}, "f_beta"),
        ("f_beta", {"least": 0.5}, "beta"),
        ("accuracy", {"least": 0.5}, "none"),
        ("precision", {"least": 1.5}, "0 to 1"),
        ("precision", {"least": float("nan")}, "0 to 1"),
        ("f_beta", {"beta": 0.0}, "0.01 to 100"),
        ("cost", {"miss": -1.0}, "0 to 1000000"),
        ("cost", {"miss": 0.0, "alarm": 0.0}, "both cost 0"),
        ("precision", {"least": "much"}, "0 to 1"),
    ):
        with pytest.raises(UserError, match=expected):
            objectives.choose(decisions, name, **options)
        with pytest.raises(UserError, match=expected):
            objectives.choose_one(decisions, name, **options)
        with pytest.raises(UserError, match=expected):
            objectives.words(name, **options)


def test_objectives_are_said_written_and_read_again():
    """What the command line writes it reads, defaults are filled in, and every objective has words of its own."""
    for name, options in EVERY:
        written = ":".join(filter(None, (name, ",".join(f"{key}={value}" for key, value in options.items()))))
        assert objectives.parse(written) == (name, options)
    assert objectives.parse(" precision : least = 0.95 ") == ("precision", {"least": 0.95})
    assert objectives.parse("f_beta") == ("f_beta", {"beta": 1.0})
    assert len({objectives.words(name) for name in objectives.OBJECTIVES}) == len(objectives.OBJECTIVES)
    assert objectives.words("precision", least=0.95) == "highest recall with a precision of at least 0.95"
    for text in ("precision:least", "precision:least=high", "recall:0.9", "nothing"):
        with pytest.raises(UserError):
            objectives.parse(text)


def test_every_objective_has_a_rule_and_defaults_in_range():
    """A form can be made of each objective, and each can be asked with its defaults."""
    assert set(rules.RULES) == set(objectives.OBJECTIVES)
    for objective in objectives.OBJECTIVES.values():
        assert all(option.least <= option.default <= option.most for option in objective.options)
        assert objectives.choose(_decisions(), objective.name).index.shape == (4,)
