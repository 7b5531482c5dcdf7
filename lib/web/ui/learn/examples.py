"""Pictures with labels for the panels: the user's own where there are any, else those of a sample."""

from __future__ import annotations

import base64
import io
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import streamlit as st

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.importing import samples
from lib.importing.questions import ask
from lib.metrics import scores
from lib.web.server.routes import pictures_address
from lib.web.ui import choose, guard
from lib.web.ui.data import imports
from lib.web.ui.learn.panel import Context

#: Pictures that are shown, and labels of their rows at most: of more, the most frequent.
PICTURES, LABELS = 8, 12
_SIZE = 256  # pixels of a picture's longer side
_SAMPLE = "shapes"
#: Pictures of the sample from which its share of labels is counted.
_COUNTED = 200


@dataclass(frozen=True)
class Examples:
    """Some pictures with their labels.

    Attributes
    ----------
    source : str
        What they are of, in words.
    own : bool
        Whether they are the user's.
    names : list of str
        The whole vocabulary.
    frequent : list of int
        Columns of the labels that are drawn where there is no room for all.
    pictures : list of str
        Address of each.
    titles : list of str
        What each picture is called.
    targs : list of list of int
        A row a picture: 1 present, 0 absent, -1 where nobody knows.
    per_image : float
        Labels of a picture, on average, over all pictures and labels.
    nothing : float or None
        accuracy_multi of predicting no label at all, over the same; None where no label of any picture is known.
    """

    source: str
    own: bool
    names: list[str]
    frequent: list[int]
    pictures: list[str]
    titles: list[str]
    targs: list[list[int]]
    per_image: float
    nothing: float | None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)


def of(dataset: Dataset | None) -> Examples:
    """Return examples of ``dataset`` if its pictures have any number of labels each, else those of a sample."""
    dataset = with_labels(dataset)
    if dataset is None:
        return _of_sample()
    address = pictures_address(dataset.name, dataset.base, st.get_option("server.baseUrlPath"))
    return _of_dataset(dataset.name, dataset.revision, address, dataset)


def with_labels(dataset: Dataset | None) -> Dataset | None:
    """Return ``dataset`` if its pictures have any number of labels each and there are some, else None."""
    if dataset is None or not tasks.get(dataset.task).has_several_labels or not len(dataset.included):
        return None
    return dataset


@st.cache_resource(max_entries=20)
def _of_dataset(name: str, revision: str, address: str, _dataset: Dataset) -> Examples:
    dataset, rows = _dataset, _dataset.included
    targs = dataset.targs[rows]
    frequent = np.sort(np.argsort(-(targs == 1).sum(axis=0), kind="stable")[:LABELS])
    chosen = rows[_varied(targs[:, frequent])]
    return Examples(
        source=name,
        own=True,
        names=list(dataset.names),
        frequent=frequent.tolist(),
        pictures=[address.format(item=row, size=_SIZE) for row in chosen],
        titles=[str(dataset.items["original"].iat[row]) for row in chosen],
        targs=dataset.targs[chosen].astype(int).tolist(),
        **_shares(targs),
    )


def offer(context: Context) -> None:
    """Where a sample's pictures stand in for the user's, say so, and show the button that makes a dataset of them."""
    workspace, dataset = context.workspace, context.dataset
    if with_labels(dataset) is not None:
        return
    title, is_there = samples.SAMPLES[_SAMPLE].title, _SAMPLE in workspace.dataset_names()
    why = "" if dataset is None else _why(dataset)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="learn-sample"):
        st.caption(f"{why}These pictures are of the sample {title}, drawn by the app.", width="content")
        if is_there:
            st.button("Show it", key="learn-sample-show", icon=":material/photo_library:", on_click=_show)
        else:
            st.button("Add it", key="learn-sample-add", icon=":material/add:", on_click=_add, args=(workspace,))


def _why(dataset: Dataset) -> str:
    """Return why a dataset's own pictures are not shown, and what to choose."""
    name, task = guard.escape(dataset.name), tasks.get(dataset.task)
    if task.has_several_labels:
        return f"{name} has no pictures yet: add some on the Data page, or choose another dataset. "
    return f"{name} is not multi-label ({task.title.lower()}): choose a multi-label dataset above, or this sample. "


def _show() -> None:
    choose.select(_SAMPLE)
    guard.draw_whole_page()


def _add(workspace: Workspace) -> None:
    with guard.later():
        imports.mine(ask.draw_sample(workspace, _SAMPLE))
    guard.draw_whole_page()


def _varied(targs: np.ndarray) -> np.ndarray:
    """Return rows with different labels, in order: one of each set of labels as long as there are any.

    The sets that most pictures have come first, but for a row without a label and one with an unknown cell, where
    there are any.
    """
    _, first, counts = np.unique(targs, axis=0, return_index=True, return_counts=True)
    special = [np.flatnonzero(~(targs == 1).any(axis=1))[:1], np.flatnonzero((targs < 0).any(axis=1))[:1]]
    by_count = first[np.argsort(-counts, kind="stable")]
    seen = dict.fromkeys([*np.concatenate(special).tolist(), *by_count.tolist(), *range(len(targs))])
    chosen = list(seen)[:PICTURES]
    with_most = max(chosen, key=lambda row: int((targs[row] == 1).sum()))
    return np.array([with_most, *(row for row in chosen if row != with_most)], dtype=int)


def _shares(targs: np.ndarray) -> dict[str, Any]:
    return {
        "per_image": float((targs == 1).sum() / len(targs)),
        "nothing": scores.defined(scores.predict_nothing(targs)),
    }


@st.cache_resource
def _of_sample() -> Examples:
    sample = samples.SAMPLES[_SAMPLE]
    drawn = [samples.picture(_SAMPLE, index) for index in range(_COUNTED)]
    targs = np.stack([targ for _, targ in drawn])
    chosen = _varied(targs)
    pictures = []
    for row in chosen:
        file = io.BytesIO()
        drawn[row][0].save(file, "WEBP", quality=90)
        pictures.append(f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}")
    return Examples(
        source=f"the sample {sample.title}",
        own=False,
        names=list(sample.names),
        frequent=list(range(len(sample.names))),
        pictures=pictures,
        titles=[f"picture {row + 1}" for row in chosen],
        targs=targs[chosen].astype(int).tolist(),
        **_shares(targs),
    )
