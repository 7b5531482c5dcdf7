"""The way from a run to its comparison with another one, which is on the Runs page."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from lib.core.workspace import Workspace
from lib.evaluation.verdicts import images
from lib.training import runs
from lib.training.runs import Run
from lib.web.ui import address, choose_run, guard, links


def is_any(run: Run, split: str) -> bool:
    """Return whether `show` has a run to compare with, or to say that it is damaged."""
    return next(_others(run, split), None) is not None


def _others(run: Run, split: str) -> Iterator[tuple[Run, str]]:
    """Yield the other trainings that predicted ``split`` of the same dataset and names, newest first, and their damage.

    Of what is damaged nobody knows the names: of that it is those of the same dataset.
    """
    for one in runs.list_runs(Workspace(run.folder.parent.parent)):
        if one.id == run.id:
            continue
        is_of_one = one.config.dataset == run.config.dataset
        if damage := one.damage_of_results():
            if is_of_one:
                yield one, damage
            continue
        is_like = one.recorded() is not None and (is_of_one or images.same_split(run, one))
        if is_like and not images.refusal([run], [one], split):
            yield one, ""


def show(run: Run, split: str) -> None:
    """Let another run be chosen, and lead to the comparison with it; say which are damaged."""
    candidates: dict[str, Run] = {}
    for one, damage in _others(run, split):
        if damage:
            st.warning(guard.escape(f"Left out is {choose_run.label(one)}: {damage}"), icon=":material/warning:")
        else:
            candidates[one.id] = one
    if not candidates:
        st.info("There is no other run with the same names yet: train one.", icon=":material/balance:")
        links.link("train", "Train", ":material/model_training:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="other-run"):
        chosen = st.selectbox(
            "Compare with",
            list(candidates),
            format_func=lambda one: choose_run.label(candidates[one]),
            key=f"other-run-{run.id}",
            help="Trainings of the same dataset that learned the same names, newest first.",
        )
        older, newer = sorted((run.id, chosen))
        named = {
            address.DATASET: run.config.dataset,
            address.VERSUS: f"{older}{address.BETWEEN_RUNS}{newer}",
            address.SPLIT: split,
        }
        links.link("runs", "Which is better, and where they disagree", ":material/balance:", keep=False, chosen=named)
