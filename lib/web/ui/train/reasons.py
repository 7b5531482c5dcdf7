"""What the recipe chose for the data and why, a line each; what was changed by hand is marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib.core.config import CHOICES, TrainConfig
from lib.core.dataset import Dataset
from lib.training import recipe
from lib.web.ui import guard

#: So many lines are in sight, more are folded.
_IN_SIGHT = 3


def show(config: TrainConfig, dataset: Dataset, usual: Mapping[str, Any]) -> None:
    """Show what was chosen and why.

    Parameters
    ----------
    config : TrainConfig
        What will be trained with.
    dataset : Dataset
    usual : Mapping of str to Any
        What the recipe chose, by the name of the choice.
    """
    values = config.to_json()
    changed = [name for name in CHOICES if name in usual and values[name] != usual[name]]
    lines = [_by_hand(name, values[name], usual[name]) for name in changed]
    for reason in recipe.reasons(config, dataset):
        if reason.name not in changed:
            head, sentence = f"{_title(reason.name)}: {reason.value}", guard.escape(reason.sentence)
            lines.append(f"**{guard.escape(head)}.** {sentence}")
    if len(lines) <= _IN_SIGHT:
        st.caption("  \n".join(lines))
    else:
        with st.expander(f"What it chose, and why ({len(lines)})"):
            st.caption("\n".join(f"- {line}" for line in lines))


def _title(name: str) -> str:
    return CHOICES[name].title if name in CHOICES else name


def _by_hand(name: str, value: Any, usual: Any) -> str:
    """Return the line of a choice that is not the recipe's."""
    head = guard.escape(f"{_title(name)}: {_words(name, value)}")
    return f":orange[:material/edit:] **{head}** changed by you, the recipe has {guard.escape(_words(name, usual))}."


def _words(name: str, value: Any) -> str:
    """Return a value as the form says it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    return CHOICES[name].options.get(value, str(value))
