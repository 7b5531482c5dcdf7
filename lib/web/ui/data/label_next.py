"""What to label next on the Data page: a batch of images that a model chooses, one click from the editor."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from lib import tasks
from lib.core import sentences, times
from lib.core.dataset import Dataset
from lib.core.questions.requests import DONE, FAILED
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.edits import pace
from lib.evaluation.label_next import ranking
from lib.evaluation.label_next.ranking import Asked
from lib.training.runs import Run
from lib.web.components.gallery import gallery
from lib.web.ui import address, choose_run, guard, links
from lib.web.ui.data import arrived, inspect
from lib.web.ui.data import progress as data_progress

#: Of the section.
TITLE = "Label next"
_GUESS = 15.0  # seconds a picture, where nothing was measured
_RUN, _SECONDS, _COUNT = "label-next-run", "label-next-seconds", "label-next-count"
#: Between the rows of a batch in the address.
_BETWEEN = "."
#: Of a batch.
_MOST = 200
#: So many new labels make it worth while to train again.
_RETRAIN = ranking.BATCH


def rows(dataset: Dataset) -> np.ndarray | None:
    """Return the rows that the inspector steps through: the batch, or all that wait; None in other sections."""
    if st.query_params.get(address.VIEW) != TITLE:
        return None
    batch = _batch(dataset)
    return batch if len(batch) else ranking.waiting(dataset)


def show(workspace: Workspace, dataset: Dataset) -> None:
    """Show the batch that is labeled, or how to get one."""
    waiting = ranking.waiting(dataset)
    batch = _batch(dataset)
    if not len(waiting) and not len(batch):
        st.info(guard.escape(ranking.nothing_waits(dataset)), icon=":material/info:")
        key, page = "label-next-add", "data"
        st.button("Add data", key=key, icon=":material/add:", on_click=arrived.open_form, args=(page,))
        return
    able = ranking.able(workspace, dataset)
    if not able:
        words = sentences.sentence(len(waiting), "1 image waits for labels", "{:,} images wait for labels")
        st.info(
            f"{words}. Which ones a model should see next, a model has to say: train a quick one on what is labeled.",
            icon=":material/info:",
        )
        if st.button("Train", key="label-next-train", icon=":material/model_training:", type="primary"):
            st.switch_page(links.page("train"), query_params={address.DATASET: dataset.name})
        return
    run, asked = _choose(dataset, able, len(waiting))
    state = asked.state() if asked else None
    batch = _batch(dataset)
    if asked and state and state.active:
        _wait(asked)
    elif state and state.name == FAILED:
        st.error(guard.escape(state.message), icon=":material/error:")
    if len(batch):
        _show_batch(dataset, run, batch)
    else:
        _show_waiting(dataset, waiting)
    _say_stale(dataset, run)


# --- the line ----------------------------------------------------------------------------------------------


def _choose(dataset: Dataset, able: list[Run], waiting: int) -> tuple[Run, Asked | None]:
    """Show by whose model, how many, at which pace, and the button that makes a batch.

    Return the run of the model, and what it was asked.
    """
    by_id = {run.id: run for run in able}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="label-next-line"):
        if st.session_state.get(_RUN) not in by_id:
            in_address = st.query_params.get(address.RUN)
            st.session_state[_RUN] = in_address if in_address in by_id else able[0].id
        chosen = st.selectbox(
            "By the model of",
            list(by_id),
            format_func=lambda one: choose_run.label(by_id[one]),
            key=_RUN,
            width=300,
            help="It says of which images it is uncertain. The newest knows most of what was labeled.",
        )
        if not len(_batch(dataset)):  # asked before; a batch in the address would be a step of the browser's history
            st.session_state[_kept(dataset)] = _next(dataset, by_id[chosen])
        count = st.number_input("Images per batch", 1, _MOST, ranking.BATCH, key=_COUNT, width=150)
        seconds = _seconds(dataset)
        left = min(int(count), waiting)
        asked = ranking.existing(dataset, by_id[chosen])
        is_active = asked is not None and asked.state().active
        title = f"Choose {sentences.count(left, 'image')}, about {times.duration(left * seconds)}"
        st.button(
            title,
            key="label-next-go",
            type="primary" if not len(_batch(dataset)) else "secondary",
            icon=":material/auto_awesome:",
            on_click=partial(_ask, dataset, by_id[chosen]),
            disabled=not waiting or is_active,
        )
    return by_id[chosen], asked


def _seconds(dataset: Dataset) -> float:
    """Let the seconds that an image takes be given; those that were measured stand there at first."""
    took = pace.measured(dataset)
    words = (
        f"Measured: {took.seconds:.0f} s, the median of {took.pictures:,} images that were labeled here one after "
        "another."
        if took
        else f"A guess; it is measured once {pace.FEWEST} images were labeled here one after another."
    )
    key = f"{_SECONDS}-{dataset.name}-{took is not None}"
    value = float(round(took.seconds)) if took else _GUESS
    return float(
        st.number_input("Seconds per image", 1.0, 3600.0, max(1.0, value), 1.0, "%.0f", key=key, help=words, width=170)
    )


def _ask(dataset: Dataset, run: Run) -> None:
    """Make a batch of what is known, or ask for it; a callback."""
    with guard.later():
        ranking.ask(dataset, run)
        st.session_state.pop(_kept(dataset), None)
        if not _take(dataset, run):
            address.write(address.BATCH, None)


def _take(dataset: Dataset, run: Run) -> bool:
    """Write the next batch into the address if the answers are there, and return whether they were."""
    chosen = _next(dataset, run)
    if len(chosen):
        address.write(address.BATCH, _BETWEEN.join(map(str, chosen.tolist())))
    return len(chosen) > 0


def _next(dataset: Dataset, run: Run) -> np.ndarray:
    """Return the rows of the next batch, none where the answers are not there."""
    ranked = ranking.read(dataset, run)
    if ranked is None:
        return np.empty(0, dtype=np.int64)
    return ranked.batch(dataset, int(st.session_state.get(_COUNT, ranking.BATCH)))


# --- working, and the batch --------------------------------------------------------------------------------


@st.fragment(run_every=data_progress.LOOK)
def _wait(asked: Asked) -> None:
    """Say how far it is until the answers are there, then draw the page with the batch."""
    state = asked.state()
    if not state.active:
        if state.name == DONE:
            _take_later(asked)
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        share, words = data_progress.share_and_words(state)
        st.progress(share, guard.escape(words), width=520)
        st.button("Stop", key="label-next-stop", on_click=asked.cancel, icon=":material/stop_circle:")


def _take_later(asked: Asked) -> None:
    dataset = store.load(Workspace.find(), asked.features.place.id)
    if not len(_batch(dataset)):
        _take(dataset, asked.predictions.run)


def _show_batch(dataset: Dataset, run: Run, batch: np.ndarray) -> None:
    """Show the pictures of the batch, and how many are labeled."""
    task = tasks.get(dataset.task)
    done = ranking.labeled(dataset, batch.tolist())
    waits = set(ranking.waiting(dataset).tolist())
    first = next((int(row) for row in batch if row in waits), None)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(f"**{done:,} of {len(batch):,}** labeled", width="content")
        if first is not None:
            st.button(
                "Label them" if not done else "Go on labeling",
                key="label-next-open",
                icon=":material/edit:",
                type="primary",
                on_click=inspect.open_,
                args=(dataset, first),
            )
        else:
            st.button(
                "Next batch",
                key="label-next-more",
                icon=":material/arrow_forward:",
                type="primary",
                on_click=partial(_ask, dataset, run),
                disabled=not waits,
            )
    _gallery(dataset, batch)
    ranked = ranking.read(dataset, run)
    unsure = {} if ranked is None else dict(zip(ranked.rows.tolist(), ranked.uncertainty.tolist(), strict=True))
    if unsure:
        values = [unsure[row] for row in batch.tolist() if row in unsure and not np.isnan(unsure[row])]
        if values:
            st.caption(
                f"Uncertainty {min(values):.3g} to {max(values):.3g}, median of all that wait "
                f"{np.nanmedian(list(unsure.values())):.3g}: {task.uncertainty_title}. {task.order_gain}"
            )


def _show_waiting(dataset: Dataset, waiting: np.ndarray) -> None:
    """Show the first images that wait, before any is chosen."""
    task = tasks.get(dataset.task)
    words = sentences.sentence(len(waiting), "**1** image waits for labels", "**{:,}** images wait for labels")
    st.markdown(
        f"{words}. A batch has those of which the model is uncertain and which differ from each other and from what is "
        "labeled."
    )
    _gallery(dataset, waiting[: ranking.BATCH])
    st.caption(task.order_gain)


def _gallery(dataset: Dataset, shown: np.ndarray) -> None:
    task, names = tasks.get(dataset.task), dataset.items["original"].astype(str).to_numpy(dtype=object)
    cards = [
        task.card(row, names[row], dataset.targs[row], dataset.sizes[row], dataset.names) for row in shown.tolist()
    ]
    opened = gallery(dataset, cards, key="label-next-pictures", size="m", editable=True)
    if opened is not None:
        inspect.open_(dataset, opened)


def _say_stale(dataset: Dataset, run: Run) -> None:
    """Say that a model does not know what was labeled since, where that is much."""
    before = run.dataset()
    if before is None or before.base != dataset.base:
        return
    new = len(np.setdiff1d(ranking.waiting(before), ranking.waiting(dataset)))
    if new >= _RETRAIN:
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.markdown(
                f":material/info: {sentences.count(new, 'image')} labeled since this model was trained: a new one "
                "chooses better.",
                width="content",
            )
            links.link("train", "Train again", ":material/model_training:")


def _batch(dataset: Dataset) -> np.ndarray:
    """Return the rows of the batch in the address, else of the one that was shown; what makes no sense is none."""
    if address.BATCH not in st.query_params:
        return st.session_state.get(_kept(dataset), np.empty(0, dtype=np.int64))
    parts = st.query_params[address.BATCH].split(_BETWEEN)
    asked = [int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) < 10]
    return np.array([row for row in dict.fromkeys(asked) if row < len(dataset)][:_MOST], dtype=np.int64)


def _kept(dataset: Dataset) -> str:
    """Return where a session keeps the batch that it shows without one in the address."""
    return f"label-next-{dataset.name}-{dataset.base}"
