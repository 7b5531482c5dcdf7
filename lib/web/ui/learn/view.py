"""The Learn page from top to bottom: the chosen panel's figure, what stands below it, its code."""

from __future__ import annotations

import streamlit as st

from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.web.components.learn import learn
from lib.web.ui import address, guard
from lib.web.ui.learn import (
    conveyor,
    fine_tuning,
    learning_rate,
    losses,
    one_hot,
    points,
    slip,
    threshold,
    train_here,
    y_range,
)
from lib.web.ui.learn.panel import Context, Panel

#: In the order in which they are read.
PANELS: dict[str, Panel] = {
    module.PANEL.name: module.PANEL
    for module in (
        one_hot,
        losses,
        slip,
        threshold,
        fine_tuning,
        learning_rate,
        points,
        y_range,
        conveyor,
        train_here,
    )
}
_KEY = "learn"
#: Where a session keeps the panel that was open last.
_LAST = "learn-last"
#: Seconds between two looks at what goes on.
_EVERY = 0.5


def show(workspace: Workspace, dataset: Dataset | None) -> None:
    """Show the panel that the address names."""
    context = Context(workspace, dataset)
    st.fragment(_guarded, run_every=_EVERY if (busy := _is_busy(context)) else None)(context, busy)


def _is_busy(context: Context) -> bool:
    return _chosen().is_busy(context)


def _guarded(context: Context, was_busy: bool) -> None:
    guard.drawn_whole()
    with guard.errors():  # a fragment runs again without the page around it
        if _is_busy(context) != was_busy:
            st.rerun()
        _panel(context, _chosen())


def _panel(context: Context, panel: Panel) -> None:
    def act() -> None:
        sent = st.session_state[_KEY]["act"]
        if panel.act is not None and sent is not None:
            with guard.later():
                panel.act(context, sent)

    content = None
    with guard.errors():  # the other panels can be chosen all the same
        content = panel.content(context)
    learn(
        [one.to_json() for one in PANELS.values()],
        panel.name,
        content,
        key=_KEY,
        on_panel=_choose,
        on_act=act,
    )
    with guard.errors():
        panel.below(context)
    title, key = f"{panel.title} in ten lines of code", f"learn-code-{panel.name}"
    with st.expander(title, icon=":material/code:", key=key, on_change="rerun") as folded:
        if folded.open:  # what colors code is 1.6 MB of script, which the figure would wait for
            st.code(panel.code, language="python")


def _chosen() -> Panel:
    """Return the panel that the address names; after another page was shown the one that was open before."""
    asked = st.query_params.get(address.PANEL)
    if address.came_back(address.PANEL) and asked is None:
        asked = st.session_state.get(_LAST)
        address.write(address.PANEL, asked)
    panel = PANELS.get(asked or "", next(iter(PANELS.values())))
    st.session_state[_LAST] = asked
    return panel


def _choose() -> None:
    name = st.session_state[_KEY]["panel"]
    if name in PANELS:
        address.write_one_of({address.PANEL: name}, (address.CHOICES,))
