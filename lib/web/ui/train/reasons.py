"""What the recipe chose for the data and why, a line each; and what was changed by hand, with the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from lib.core import sentences
from lib.core.config import CHOICES, TrainConfig
from lib.core.dataset import Dataset
from lib.training import recipe
from lib.web.ui import guard

#: So many lines are in sight, more are folded.
_IN_SIGHT = 3
#: So many changed choices are named.
_NAMED = 6


def show(config: TrainConfig, dataset: Dataset) -> None:
    """Show what of ``config`` the recipe chose, and why; what was changed by hand is left out."""
    lines = []
    for reason in recipe.reasons(config, dataset):
        head, sentence = f"{_title(reason.name)}: {reason.value}", guard.escape(reason.sentence)
        lines.append(f"**{guard.escape(head)}.** {sentence}")
    if len(lines) <= _IN_SIGHT:
        st.caption("  \n".join(lines))
    else:
        with st.expander(f"What it chose, and why ({len(lines)})"):
            st.caption("\n".join(f"- {line}" for line in lines))


def summary(config: TrainConfig, changed: Mapping[str, Any], place: str = "") -> str:
    """Return in one line, as Markdown, what will be trained, and in a second one what differs from the recipe.

    Parameters
    ----------
    config : TrainConfig
        What will be trained with.
    changed : Mapping of str to Any
        What the recipe has where ``config`` has something else, by the name of the choice.
    place : str
        Where it will be at work, in words; "" for one process of this machine.
    """
    arch = f"{config.arch}{'' if config.pretrained else ' from scratch'}{' from a file' if config.weights else ''}"
    epochs = sentences.count(config.epochs, "epoch")
    epochs = f"{config.freeze_epochs} + {epochs}" if config.freeze_epochs else epochs
    recipe = CHOICES["recipe"].options[config.recipe].lower()
    line = f"**{guard.escape(recipe)}** · {guard.escape(arch)} · {config.size} px · {epochs}{place and f' · {place}'}"
    if not changed:
        return line
    values = config.to_json()
    named = sentences.listed([_line(name, values[name], usual) for name, usual in changed.items()], _NAMED)
    count = sentences.count(len(changed), "choice differs", "choices differ")
    return f"{line}  \n:small[:material/edit: **{count} from the recipe's:** {named}.]"


def ways_back(dataset: str, changed: bool, *, back: Callable[[], None], again: Callable[[], None] | None) -> None:
    """Show a button back to the recipe's choices where some were ``changed``, and after it one that undoes this.

    Parameters
    ----------
    dataset : str
    changed : bool
    back : callable
        Takes all choices back to the recipe's.
    again : callable, optional
        Takes the choices that were there before; None where `back` was not called last.
    """
    if changed:
        st.button("Back to the recipe's", icon=":material/undo:", key=f"recipe-back-{dataset}", on_click=back)
    elif again:
        st.button("Undo: my choices again", icon=":material/redo:", key=f"recipe-undo-{dataset}", on_click=again)


def _title(name: str) -> str:
    return CHOICES[name].title if name in CHOICES else name


def _line(name: str, value: Any, usual: Any) -> str:
    """Return a choice that is not the recipe's."""
    title = _title(name)
    title = title if title[1:2].isupper() else f"{title[:1].lower()}{title[1:]}"
    return guard.escape(f"{title} {_words(name, value)} (recipe {_words(name, usual)})")


def _words(name: str, value: Any) -> str:
    """Return a value as the form says it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    return CHOICES[name].options.get(value, str(value))
