"""What a training is made of: the choices of the Train page, with the book's defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.tasks.base import Task
from lib.training import architectures, options
from lib.training.options import OPTIONS
from lib.web.ui import guard

#: With fewer training images than this a large network from scratch learns little: a resnet18 on 250 faces
#: lost to the mean shape.
_FEW = 5000

#: The choices in sight, whose usual values depend on the head too.
_NUMBERS = ("size", "bs", "freeze_epochs", "epochs", "base_lr")


def config(dataset: Dataset, task: Task) -> TrainConfig:
    """Show the choices and return the configuration that they make."""
    own = options.defaults(dataset)
    arch = st.selectbox(
        OPTIONS["arch"].title,
        architectures.names(),
        index=architectures.names().index(own["arch"]),
        key=f"arch-{dataset.name}",
        help=OPTIONS["arch"].help,
        accept_new_options=True,
        persist_state="session",
    )
    has_weights = arch != architectures.SMALL
    pretrained = st.toggle(
        OPTIONS["pretrained"].title,
        value=has_weights and own["pretrained"],
        # The key changes with what the default depends on: a widget keeps its value as long as its key.
        key=f"pretrained-{dataset.name}-{has_weights}",
        help=OPTIONS["pretrained"].help if has_weights else "The small network has no pretrained weights.",
        disabled=not has_weights,
        persist_state="session",
    )
    if has_weights and not pretrained and len(dataset.index("train")) < _FEW:
        st.caption("From scratch on few images the architecture **small** usually learns more.")
    chosen = {"arch": arch, "pretrained": pretrained}
    numbers = st.container()
    with st.expander("More choices"):
        chosen["head"] = _head(dataset, task)  # first, because the usual numbers depend on it
        usual = options.defaults(dataset, **chosen)
        scope = _scope(dataset.name, has_weights, pretrained)
        with numbers:
            chosen |= _numbers(usual, f"{scope}-{chosen['head']}")
        if len(task.losses) > 1:
            chosen["loss"] = _named("loss", options.LOSSES, task.losses, f"loss-{scope}")
        chosen |= _learning(usual, scope, dataset, task)
        if task.has_labels:
            chosen |= _loss(usual, scope)
        chosen |= _speed(usual, scope)
        chosen |= _rest(usual, scope, pretrained=pretrained, uses_thresh=task.uses_thresh)
    return options.configure(dataset, chosen)


def take(config: TrainConfig) -> None:
    """Put all choices of ``config`` into the form from the next run of the page on."""
    has_weights = config.arch != architectures.SMALL
    scope = _scope(config.dataset, has_weights, config.pretrained)
    st.session_state[f"head-{config.dataset}"] = config.head
    choose_arch(config.dataset, config.arch)
    st.session_state[f"pretrained-{config.dataset}-{has_weights}"] = config.pretrained
    for name in OPTIONS:
        if name not in ("arch", "pretrained", "head"):
            value = getattr(config, name)
            own = f"{scope}-{config.head}" if name in _NUMBERS else scope
            st.session_state[f"{name}-{own}"] = "" if value is None else value


def _scope(dataset: str, has_weights: bool, pretrained: bool) -> str:
    return f"{dataset}-{'large' if has_weights else 'small'}-{pretrained}"


def choose_arch(dataset: str, arch: str) -> None:
    """Choose ``arch`` for the training of ``dataset`` from the next run of the page on."""
    st.session_state[f"arch-{dataset}"] = arch


def _numbers(usual: dict[str, Any], scope: str) -> dict[str, Any]:
    left, right = st.columns(2)
    with left:
        size = _integer("size", usual, scope, step=32)
        freeze_epochs = _integer("freeze_epochs", usual, scope)
        base_lr = _rate("base_lr", usual, scope)
    with right:
        bs = _integer("bs", usual, scope)
        epochs = _integer("epochs", usual, scope)
    return {"size": size, "freeze_epochs": freeze_epochs, "base_lr": base_lr, "bs": bs, "epochs": epochs}


def _head(dataset: Dataset, task: Task) -> str:
    """Show the choice of the head where the task has one."""
    if len(task.heads) < 2:
        return task.heads[0]
    return _named("head", options.HEADS, task.heads, f"head-{dataset.name}")


def _named(name: str, titles: dict[str, str], choices: Sequence[str], key: str) -> str:
    return st.selectbox(
        OPTIONS[name].title,
        choices,
        key=key,
        format_func=titles.__getitem__,
        help=OPTIONS[name].help,
        persist_state="session",
    )


def _learning(usual: dict[str, Any], scope: str, dataset: Dataset, task: Task) -> dict[str, Any]:
    st.markdown("**Against learning by heart**")
    augment, can_flip = _toggle("augment", usual, scope), task.can_flip(dataset)
    flip = _toggle("flip", usual, scope, words=task.flip_words(dataset), disabled=not can_flip)
    return {
        "augment": augment,
        "flip": flip and can_flip,
        "wd": _rate("wd", usual, scope, step=0.01),
        "patience": _integer("patience", usual, scope),
    }


def _loss(usual: dict[str, Any], scope: str) -> dict[str, Any]:
    st.markdown("**Rare and hard labels**")
    return {
        "class_weights": _toggle("class_weights", usual, scope),
        "focal_gamma": _rate("focal_gamma", usual, scope, step=0.5),
    }


def _speed(usual: dict[str, Any], scope: str) -> dict[str, Any]:
    st.markdown("**Speed**")
    return {name: _toggle(name, usual, scope) for name in ("mixed_precision", "progressive")}


def _rest(usual: dict[str, Any], scope: str, *, pretrained: bool, uses_thresh: bool) -> dict[str, Any]:
    st.markdown("**And also**")
    made: dict[str, Any] = {"lr_mult": _rate("lr_mult", usual, scope), "seed": _integer("seed", usual, scope)}
    if uses_thresh:
        made["thresh"] = st.slider(
            OPTIONS["thresh"].title,
            0.0,
            1.0,
            value=usual["thresh"],
            step=0.01,
            key=f"thresh-{scope}",
            help=OPTIONS["thresh"].help + " It can be changed after the training.",
            persist_state="session",
        )
    if pretrained:
        made["weights"] = (
            st.text_input(
                OPTIONS["weights"].title,
                key=f"weights-{scope}",
                help=OPTIONS["weights"].help,
                placeholder="/path/to/resnet18.safetensors",
                persist_state="session",
            )
            or None
        )
    return made


def _toggle(name: str, usual: dict[str, Any], scope: str, *, words: str = "", disabled: bool = False) -> bool:
    return st.toggle(
        OPTIONS[name].title,
        value=usual[name],
        key=f"{name}-{scope}",
        help=f"{OPTIONS[name].help} {guard.escape(words)}".strip(),
        disabled=disabled,
        persist_state="session",
    )


def _integer(name: str, usual: dict[str, Any], scope: str, step: int = 1) -> int:
    option = OPTIONS[name]
    return st.number_input(
        option.title,
        min_value=int(option.low),
        max_value=int(option.high),
        value=int(usual[name]),
        step=step,
        key=f"{name}-{scope}",
        help=option.help,
        persist_state="session",
    )


def _rate(name: str, usual: dict[str, Any], scope: str, step: float | None = None) -> float:
    option = OPTIONS[name]
    return st.number_input(
        option.title,
        min_value=float(option.low),
        max_value=float(option.high),
        value=float(usual[name]),
        format="%g",
        step=step or float(usual[name]) / 10,
        key=f"{name}-{scope}",
        help=option.help,
        persist_state="session",
    )
