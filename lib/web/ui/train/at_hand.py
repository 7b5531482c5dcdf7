"""Whether the chosen network's weights can be had: the fitting network at first, and a line that says why."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lib.core.config import TrainConfig
from lib.training import architectures, weights_at_hand
from lib.training.weights_at_hand import ASKED, MISSING
from lib.web.ui import guard

#: Seconds that a page waits for a host's answer before it is drawn without, and between looks at it.
_PATIENCE, _EVERY = 0.15, 0.3
#: Where a session keeps, by the key of the network's widget, which recipe's network waits for an answer, and which one
#: another network stands for.
_WAITING, _REPLACED = "network-waiting", "network-replaced"


def usual(arch: str, key: str) -> str:
    """Return the network to begin with where a recipe takes ``arch``: lite0 where no weights of that can be had.

    Parameters
    ----------
    arch : str
        The recipe's, to be pretrained.
    key : str
        Of the widget in which it is chosen, and drawn after this: what was chosen there stays.
    """
    waiting: dict[str, str] = st.session_state.setdefault(_WAITING, {})
    replaced: dict[str, str] = st.session_state.setdefault(_REPLACED, {})
    is_open = key not in st.session_state or (key in waiting and st.session_state[key] == arch)
    if not is_open or arch == architectures.LITE0:
        waiting.pop(key, None)
        return arch
    state = weights_at_hand.state(arch, patience=_PATIENCE)
    waiting.pop(key, None)
    if state == ASKED:
        waiting[key] = arch
    elif state == MISSING:
        replaced[key] = arch
        st.session_state[key] = architectures.LITE0
    return arch


def show(config: TrainConfig, key: str) -> None:
    """Say whether the weights of ``config`` cannot be had, with the other choice; or that it is being found out.

    Parameters
    ----------
    config : TrainConfig
    key : str
        Of the widget in which the network is chosen.
    """
    if not config.pretrained or config.weights:
        return
    wanted = st.session_state.get(_REPLACED, {}).get(key)
    if wanted and config.arch == architectures.LITE0:
        _line(
            f"The weights of {wanted} are not on this machine and could not be downloaded: lite0 is chosen, whose "
            "weights are here.",
            f"Choose {wanted}",
            partial(_choose, key, wanted),
        )
        return
    state = weights_at_hand.state(config.arch)
    if state == ASKED:
        st.fragment(_follow, run_every=_EVERY)(config.arch)
    elif state == MISSING and config.arch == architectures.LITE0:
        words = "The weights of lite0, which come with the installation, are missing or damaged."
        _line(words, "Choose small, from scratch", partial(_choose, key, architectures.SMALL))
    elif state == MISSING:
        words = f"The weights of {config.arch} are not on this machine and could not be downloaded."
        _line(words, "Choose lite0, whose weights are here", partial(_choose, key, architectures.LITE0))


def _line(text: str, label: str, choose: partial[None]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="at-hand"):
        st.markdown(f":material/cloud_off: {guard.escape(text)}", width="content")
        st.button(label, key="at-hand-other", on_click=choose)


def _choose(key: str, arch: str) -> None:
    st.session_state[key] = arch


def _follow(arch: str) -> None:
    """Wait for the answer of the host, then draw the page with it."""
    if weights_at_hand.state(arch) != ASKED:
        st.rerun()
    st.caption(f":material/cloud_download: Looking whether the weights of {guard.escape(arch)} can be downloaded …")
