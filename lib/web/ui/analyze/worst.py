"""The worst pictures of a run, a few and large, beside its chart."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from lib.core.dataset import Dataset
from lib.tasks.base import Task
from lib.tasks.types import Predictions
from lib.training.runs import Run
from lib.web.components.gallery import gallery
from lib.web.ui import words
from lib.web.ui.analyze import images
from lib.web.ui.analyze.images import Measured
from lib.web.ui.data import alike

#: Two rows of three.
_SHOWN = 6


def show(run: Run, dataset: Dataset, task: Task, predictions: Predictions, split: str, measured: Measured) -> None:
    """Show the images of ``split`` with the largest of the errors ``measured``, truth and prediction over each."""
    if dataset.revision != run.config.revision:
        st.warning(images.CHANGED, icon=":material/sync_problem:")
        return
    view = measured.view("worst")
    known = view.rows[~np.isnan(measured.errors[view.rows])]
    if not len(known):
        st.info("No image has an error to sort by.", icon=":material/info:")
        return
    rows = known[:_SHOWN]
    st.caption(f"The worst {len(rows)} of {words.images(len(known), split)}, by {view.by}.")
    originals = dataset.items["original"].to_numpy()
    cards = [
        view.annotate(task.pred_card(predictions, row, str(originals[predictions.items[row]]), run.config.thresh), row)
        for row in rows.tolist()
    ]
    gallery(dataset, cards, key=f"worst-{run.id}", on_like=partial(alike.choose_elsewhere, dataset))
    alike.leave()
