"""The form of the Train page: the choices of a training, with the book's defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib.core.choices import FITS, FOLDED, NETWORK, Choice
from lib.core.config import CHOICES, TrainConfig
from lib.core.dataset import Dataset
from lib.tasks.base import Task
from lib.training import architectures, options
from lib.web.ui import guard
from lib.web.ui.train import widgets

#: With fewer training images than this a large network from scratch learns little: a resnet18 on 250 faces
#: lost to the mean shape.
_FEW = 5000


def config(dataset: Dataset, task: Task) -> TrainConfig:
    """Show the choices and return the configuration that they make."""
    own = options.defaults(dataset)
    arch = st.selectbox(
        CHOICES["arch"].title,
        architectures.names(),
        index=architectures.names().index(own["arch"]),
        key=_key("arch", dataset.name),
        help=CHOICES["arch"].help,
        accept_new_options=True,
        persist_state="session",
    )
    has_weights = arch != architectures.SMALL
    pretrained = st.toggle(
        CHOICES["pretrained"].title,
        value=has_weights and own["pretrained"],
        key=_key("pretrained", dataset.name, arch),
        help=CHOICES["pretrained"].help if has_weights else "The small network has no pretrained weights.",
        disabled=not has_weights,
        persist_state="session",
    )
    if has_weights and not pretrained and len(dataset.index("train")) < _FEW:
        st.caption("With few images, **small** usually beats a large network trained from scratch.")
    chosen: dict[str, Any] = {"arch": arch, "pretrained": pretrained}
    in_sight = st.container()
    with st.expander("More choices"):
        # First, because the usual numbers depend on it.
        chosen["head"] = head = _head(dataset, task)
        usual = options.defaults(dataset, **chosen)
        network = (dataset.name, arch, pretrained, head)
        with in_sight:
            columns = st.columns(2)
            for at, choice in enumerate(_section(FITS)):
                with columns[at % 2]:
                    chosen[choice.name] = widgets.show(choice, usual[choice.name], _key(choice.name, *network))
        for section in FOLDED:
            chosen |= _folded(section, usual, network, chosen, dataset, task)
    return options.configure(dataset, chosen)


def take(config: TrainConfig) -> None:
    """Put all choices of ``config`` into the form from the next run of the page on."""
    for name in CHOICES:
        value = getattr(config, name)
        key = _key(name, config.dataset, config.arch, config.pretrained, config.head)
        st.session_state[key] = "" if value is None else value


def choose_arch(dataset: str, arch: str) -> None:
    """Choose ``arch`` for the training of ``dataset`` from the next run of the page on."""
    st.session_state[_key("arch", dataset)] = arch


def _key(name: str, dataset: str, arch: str = "", pretrained: bool = False, head: str = "") -> str:
    """Return the key of a choice's widget.

    It changes with what the usual value depends on: a widget keeps its value as long as its key.
    """
    has_weights = arch != architectures.SMALL
    if name == "pretrained":
        return f"{name}-{dataset}-{has_weights}"
    if CHOICES[name].section == NETWORK:
        return f"{name}-{dataset}"
    scope = f"{dataset}-{'large' if has_weights else 'small'}-{pretrained}"
    return f"{name}-{scope}-{head}" if CHOICES[name].section == FITS else f"{name}-{scope}"


def _section(section: str) -> list[Choice]:
    return [choice for choice in CHOICES.values() if choice.section == section]


def _head(dataset: Dataset, task: Task) -> str:
    """Show the choice of the head where the task has one."""
    choice, known = CHOICES["head"], CHOICES["head"].known(task)
    return widgets.show(choice, choice.usual, _key("head", dataset.name), known=known) if len(known) > 1 else known[0]


def _folded(
    section: str,
    usual: Mapping[str, Any],
    network: tuple[str, str, bool, str],
    chosen: Mapping[str, Any],
    dataset: Dataset,
    task: Task,
) -> dict[str, Any]:
    """Show the choices of a section under its title, and return what is chosen."""
    offered = [choice for choice in _section(section) if choice.is_for(task, chosen)]
    if offered and section:
        st.markdown(f"**{section}**")
    values = {}
    for choice in sorted(offered, key=widgets.rank):
        can = task.can_flip(dataset) if choice.name == "flip" else True
        extra_help = guard.escape(task.flip_words(dataset)) if choice.name == "flip" else ""
        value = widgets.show(
            choice,
            usual[choice.name],
            _key(choice.name, *network),
            known=choice.known(task) if choice.options else (),
            extra_help=extra_help,
            disabled=not can,
        )
        values[choice.name] = value if can else False
    return values
