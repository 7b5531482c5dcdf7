"""Every prediction as a picture: right and wrong told apart, worst first."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from lib.components.gallery import gallery
from lib.data.dataset import Dataset
from lib.runs import Run
from lib.tasks.base import Task
from lib.tasks.parts import Predictions

PER_PAGE = 24
_ORDERS = {"worst": "Worst first", "best": "Best first", "dataset": "Dataset order"}


def show(run: Run, dataset: Dataset, task: Task, predictions: Predictions, thresh: float) -> None:
    """Show the pictures of ``predictions`` in the chosen order, 24 a page."""
    st.subheader("Predictions")
    if dataset.revision != run.config.revision:
        st.warning(
            "The dataset changed after this training, so its pictures may be others: the numbers above are the run's "
            "own. Train again to see pictures.",
            icon=":material/sync_problem:",
        )
        return
    errors = task.errors(predictions.preds, predictions.targs, thresh)
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        order = st.segmented_control(
            "Order",
            list(_ORDERS),
            default="worst",
            required=True,
            format_func=_ORDERS.__getitem__,
            key="order",
            bind="query-params",
            help=f"By {task.error_title}.",
        )
    rows = _order(errors, order)
    pages = math.ceil(len(rows) / PER_PAGE)
    with right:
        page = st.pagination(pages, key=f"page-{run.id}-{order}", width=340) if pages > 1 else 1
    shown = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    first = (page - 1) * PER_PAGE + 1
    st.caption(f"Images {first:,} to {first + len(shown) - 1:,} of {len(rows):,}, by {task.error_title}.")
    originals = dataset.items["original"].to_numpy()
    cards = [task.pred_card(predictions, int(row), str(originals[predictions.items[row]]), thresh) for row in shown]
    gallery(dataset, cards, key=f"predictions-{run.id}")


def _order(errors: np.ndarray, order: str) -> np.ndarray:
    """Return the rows in the chosen order; ties stay in the dataset's."""
    if order == "dataset":
        return np.arange(len(errors))
    return np.argsort(-errors if order == "worst" else errors, kind="stable")
