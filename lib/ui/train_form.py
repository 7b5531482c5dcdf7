"""What a training is made of: the choices of the Train page, with the book's defaults."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib import architectures, options
from lib.data.dataset import Dataset
from lib.options import OPTIONS
from lib.protocol import TrainConfig

#: With fewer training images than this a large network from scratch learns little: a resnet18 on 250 faces
#: lost to the mean shape.
_FEW = 5000


def config(dataset: Dataset, *, uses_thresh: bool) -> TrainConfig:
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
    usual = options.defaults(dataset, **chosen)
    scope = _scope(dataset.name, has_weights, pretrained)
    chosen |= _numbers(usual, scope)
    with st.expander("More choices"):
        chosen |= _more(usual, scope, pretrained=pretrained, uses_thresh=uses_thresh)
    return options.configure(dataset, chosen)


def choose_rate(config: TrainConfig, rate: float) -> None:
    """Choose ``rate`` as the base learning rate of a training like ``config`` from the next run of the page on."""
    has_weights = config.arch != architectures.SMALL
    st.session_state[f"base_lr-{_scope(config.dataset, has_weights, config.pretrained)}"] = rate


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


def _more(usual: dict[str, Any], scope: str, *, pretrained: bool, uses_thresh: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "augment": st.toggle(
            OPTIONS["augment"].title,
            value=usual["augment"],
            key=f"augment-{scope}",
            help=OPTIONS["augment"].help,
            persist_state="session",
        ),
        "lr_mult": _rate("lr_mult", usual, scope),
        "seed": _integer("seed", usual, scope),
    }
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


def _rate(name: str, usual: dict[str, Any], scope: str) -> float:
    option = OPTIONS[name]
    return st.number_input(
        option.title,
        min_value=float(option.low),
        max_value=float(option.high),
        value=float(usual[name]),
        format="%g",
        step=float(usual[name]) / 10,
        key=f"{name}-{scope}",
        help=option.help,
        persist_state="session",
    )
