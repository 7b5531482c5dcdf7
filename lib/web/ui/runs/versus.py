"""Two entries of the Runs page side by side: which is better in one sentence, where, and on which pictures."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from lib import tasks
from lib.core import digests, sentences
from lib.core.workspace import Workspace
from lib.evaluation import results
from lib.evaluation.verdicts import images, verdicts, words
from lib.evaluation.verdicts import sides as verdict_sides
from lib.evaluation.verdicts.verdicts import Verdict
from lib.training.runs import Run
from lib.web.ui import address, guard, lazy_tabs, run_state
from lib.web.ui.analyze import show_code
from lib.web.ui.runs import compare, disagreements, gains, sides, table
from lib.web.ui.runs.sides import Sides


def is_asked() -> bool:
    """Return whether the address names what is to be compared."""
    return bool(st.query_params.get(address.VERSUS))


def show(workspace: Workspace, dataset: str) -> None:
    """Show the comparison that the address names."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="versus-line"):
        chosen = sides.choose(workspace, dataset)
        options = st.container(horizontal=True, vertical_alignment="center", gap="small", width="content")
    if chosen is None:
        return
    if chosen.gone:
        which = guard.escape(sentences.joined([key[:40] for key in chosen.gone], 2))
        st.warning(
            f"{which} of this link {sentences.word(len(chosen.gone), 'is', 'are')} not here any more, or without a "
            "result: another run is shown instead.",
            icon=":material/warning:",
        )
    table.say_damage(chosen.rows)
    with guard.errors():
        first, second = chosen.runs
        if refused := images.refusal(first, second, _split_asked()):
            st.info(guard.escape(refused), icon=":material/balance:")
            return
        task = tasks.get(first[0].config.task)
        with options:
            split = sides.choose_split(chosen)
            at = sides.choose_thresholds(task, chosen)
        key = digests.of(repr([(_version(run), _thresh(run, at)) for run in (*first, *second)]).encode())
        key = f"{len(first)}-{split}-{at}-{key}"
        with st.spinner("Comparing", show_time=False):
            verdict = _verdict(key, first, second, split, at)
        _sentence(verdict)
        tabs = {
            "Disagreements": partial(disagreements.show, verdict, key),
            f"Metrics and {task.nouns}": partial(gains.show, verdict),
            "Curves and choices": partial(_curves, chosen, verdict, split),
        }
        lazy_tabs.show(tabs, key="versus-tabs", in_address=address.VERSUS_TAB)


def _split_asked() -> str:
    asked = st.query_params.get(address.SPLIT, images.VALID)
    return asked if asked in images.CHOICES else images.VALID


def _version(run: Run) -> tuple[str, int, str]:
    """Return what a verdict depends on of a run, beside its thresholds."""
    dataset = run.dataset()
    return str(run.folder), results.version(run), "" if dataset is None else f"{dataset.base} {dataset.is_stand_in}"


def _thresh(run: Run, at: str) -> list[float]:
    return np.atleast_1d(verdict_sides.thresh(run, at)).astype(np.float64).tolist()


@st.cache_resource(max_entries=16, show_spinner=False)
def _verdict(key: str, _first: tuple[Run, ...], _second: tuple[Run, ...], _split: str, _at: str) -> Verdict:
    """Return the verdict; ``key`` stands for all that it depends on."""
    return verdicts.compare(_first, _second, _split, at=_at)


def _sentence(verdict: Verdict) -> None:
    """Show the verdict, then what it holds for."""
    icon = {"a": ":material/arrow_back:", "b": ":material/arrow_forward:"}.get(verdict.better, ":material/balance:")
    st.markdown(f"{icon} **{guard.escape(words.sentence(verdict))}**")
    about = [words.others_sentence(verdict), words.seeds_sentence(verdict)]
    if verdict.images.left_out or verdict.images.related or verdict.images.unhashed:
        about.append(verdict.images.words())
    st.caption(guard.escape(" ".join(filter(None, about))))
    run_state.between(verdict.a.runs[0], verdict.b.runs[0])
    if verdict.flattered:
        st.warning(
            "The thresholds were chosen on these images: the numbers are too good, and more so for the side whose "
            "thresholds were tuned. Compare on test images, or at own thresholds.",
            icon=":material/visibility:",
        )


def _curves(chosen: Sides, verdict: Verdict, split: str) -> None:
    """Show the curves of both and what was chosen differently, and the lines that give the same means."""
    compare.show([chosen.a, chosen.b], with_revisions=False)
    first, second = verdict.a.runs, verdict.b.runs
    is_whole = not set(verdict.images.left_out) - {"only_a", "only_b", "relabeled"}
    if len(first) == len(second) == 1 and is_whole and first[0].config.dataset == second[0].config.dataset:
        names = verdict.names
        asked = st.query_params.get(address.LABEL)
        label = names.index(asked) if asked in names else 0 if len(names) == 1 else None
        if split in first[0].result()["splits"]:
            show_code.of_comparison(second[0], first[0], verdict.task, split, label=label)
