"""Predictions as image cards: right and wrong told apart, worst first, or by what a threshold changes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import streamlit as st

from lib.core.dataset import Dataset
from lib.evaluation import views
from lib.evaluation.views import View
from lib.tasks.base import Task
from lib.tasks.types import Card, Predictions
from lib.training.runs import Run
from lib.web.components.gallery import gallery
from lib.web.ui import address, guard, words
from lib.web.ui.analyze import grad_cam
from lib.web.ui.data import alike

PER_PAGE = 24
#: Pictures beside a chart.
BESIDE = 8
#: Why no picture is shown, in plain text.
CHANGED = (
    "The dataset changed after this training, so its images may differ: the numbers are the run's own, and intervals "
    "count every image for itself, whatever its group. Train again to see images."
)
#: Name in the address.
_OUTCOME = "outcome"


@dataclass(frozen=True)
class Measured:
    """Errors by which a bench sorts the images.

    Attributes
    ----------
    errors : ndarray of shape (n,)
        Of each predicted image; NaN where there is none: such an image is left out where one name is looked at.
    by : str
        What they are, with their unit, as Markdown.
    key : str
        Another one where the errors are others.
    of : str
        Name of what is looked at, as it is in the data; "" for everything.
    notes : list of str
        What is said of each image.
    index : int, optional
        Which of the run's names ``of`` is.
    only : ndarray of bool, shape (n,), optional
        Which images are shown; all by default.
    """

    errors: np.ndarray
    by: str
    key: str
    of: str
    notes: list[str]
    index: int | None = None
    only: np.ndarray | None = None

    def view(self, order: str) -> _View:
        """Return the images in ``order``."""
        rows = views.plain_order(self.errors, order)
        if self.index is not None:
            rows = rows[~np.isnan(self.errors[rows])]
        if self.only is not None:
            rows = rows[self.only[rows]]
        return _View(rows, self._annotated, f"{order}-{self.key}", self.by)

    def _annotated(self, card: Card, row: int) -> Card:
        note = self.notes[row] if self.index is not None else self.notes[row] or card.note
        return replace(card, note=note, chosen=self.index)


@dataclass(frozen=True)
class _View:
    """What is shown: rows in order, how a card is annotated, and what sorted them, as Markdown."""

    rows: np.ndarray
    annotate: Callable[[Card, int], Card]
    key: str
    by: str


def show(
    run: Run,
    dataset: Dataset,
    task: Task,
    predictions: Predictions,
    thresh: float | np.ndarray,
    *,
    split: str,
    chosen: View | None = None,
    measured: Measured | None = None,
) -> None:
    """Show the pictures of ``predictions``, 24 a page, in the chosen order.

    Parameters
    ----------
    run : Run
    dataset : Dataset
    task : Task
    predictions : Predictions
        Of ``split``.
    thresh : float or ndarray of shape (C,)
    split : str
    chosen : Chosen, optional
        What thresholds decide, where the task has them: then images can also be sorted by that.
    measured : Measured, optional
        Errors to sort by instead of the task's own.
    """
    label = None if chosen is None else chosen.label
    name = "" if measured is None else measured.of
    if chosen is not None and label is not None:
        name = chosen.decisions.names[label]
    name = guard.escape(name)
    st.subheader(f"Predictions of {name}" if name else "Predictions")
    if dataset.revision != run.config.revision:
        st.warning(CHANGED, icon=":material/sync_problem:")
        return
    view = _choose(task, predictions, thresh, chosen, measured)
    if not len(view.rows):
        _nothing(view.key, chosen)
        return
    shown = _page(view, key=f"page-{run.id}-{split}-{view.key}")
    cards = [view.annotate(card, row) for card, row in _cards(dataset, task, predictions, thresh, shown)]
    if label is not None:
        cards = grad_cam.with_maps(run, label, cards)
    elif chosen is not None:
        st.caption(f"Choose one {task.noun} to see where the model looks for it (Grad-CAM).")
    gallery(dataset, cards, key=f"predictions-{run.id}", on_like=partial(alike.choose_elsewhere, dataset))
    alike.leave()


def cards(
    dataset: Dataset,
    task: Task,
    predictions: Predictions,
    thresh: float | np.ndarray,
    rows: np.ndarray,
    chosen: View,
    order: str,
) -> list[Card]:
    """Return the cards of some ``rows`` of ``predictions`` with what the view is about, see `views.annotated`."""
    return [views.annotated(chosen, order, card, row) for card, row in _cards(dataset, task, predictions, thresh, rows)]


def _cards(
    dataset: Dataset, task: Task, predictions: Predictions, thresh: float | np.ndarray, rows: np.ndarray
) -> Iterator[tuple[Card, int]]:
    originals = dataset.items["original"].to_numpy()
    for row in rows.tolist():
        yield task.pred_card(predictions, row, str(originals[predictions.items[row]]), thresh), row


def error_words(task: Task, chosen: View | None) -> str:
    """Return what the images are sorted by, with its unit: of one label its loss; names as they are in the data."""
    if chosen is None or chosen.label is None:
        return task.error_title
    return f"loss of {chosen.decisions.names[chosen.label]} (nats)"


def beside(
    run: Run,
    dataset: Dataset,
    task: Task,
    predictions: Predictions,
    thresh: float | np.ndarray,
    rows: np.ndarray | None,
    *,
    split: str,
    chosen: View,
) -> None:
    """Show some ``rows`` of ``predictions`` beside a chart, or the worst of all; not more than there is room for."""
    if dataset.revision != run.config.revision:
        st.info(CHANGED, icon=":material/sync_problem:")
        return
    if rows is None:
        rows = views.order(chosen, task.errors(predictions, thresh), "worst")[:BESIDE]
        st.markdown(f"**{guard.escape(worst_words(task, chosen, split))}**")
    elif len(rows) > PER_PAGE:
        st.caption(f"The first {PER_PAGE} of them.")
    shown = cards(dataset, task, predictions, thresh, rows[:PER_PAGE], chosen, "dataset")
    if shown:
        gallery(dataset, shown, key=f"beside-{run.id}", size="s", compact=True)


def worst_words(task: Task, chosen: View, split: str) -> str:
    """Return what the worst images beside a chart are, with names as they are in the data."""
    n = len(chosen.decisions)
    return f"The worst {min(BESIDE, n)} of {words.images(n, split)}, by {error_words(task, chosen)}"


def _choose(
    task: Task,
    predictions: Predictions,
    thresh: float | np.ndarray,
    chosen: View | None,
    measured: Measured | None,
) -> _View:
    """Let order and, of one label, outcome be chosen."""
    orders = views.PLAIN if chosen is None else views.PLAIN | views.BY_THRESH
    of_one = None if chosen is None or chosen.label is None else chosen
    by = task.error_title if of_one is None else guard.escape(error_words(task, chosen))
    by = measured.by if measured else by
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        order = st.segmented_control(
            "Order",
            list(orders),
            default="worst",
            required=True,
            format_func=guard.letters(lambda one: orders[one].title),
            key="ranking",
            bind="query-params",
            help=" ".join(f"{one.title}: {one.help}" for one in orders.values()) + f" The error is the {by}.",
        )
        outcome = "all" if of_one is None else _outcome(of_one)
    if measured is not None:
        return measured.view(order)
    errors = task.errors(predictions, thresh)
    if chosen is None:
        return _View(views.plain_order(errors, order), lambda card, _row: card, order, by)
    rows = views.order(chosen, errors, order, outcome)
    what = {"flips": "number of changes", "nearest": "distance to the threshold"}.get(order, by)
    return _View(rows, lambda card, row: views.annotated(chosen, order, card, row), f"{order}-{outcome}", what)


def _outcome(chosen: View) -> str:
    """Let one of the outcomes of the label be chosen; Streamlit's own binding would put counts in the address."""
    counts = {name: int(mask.sum()) for name, mask in chosen.outcomes().items()}
    asked = st.query_params.get(_OUTCOME)
    outcome = st.segmented_control(
        "Which images",
        list(counts),
        default=asked if asked in counts else "all",
        required=True,
        format_func=guard.letters(lambda one: f"{views.OUTCOMES[one]} · {counts[one]:,}"),
        key=f"{_OUTCOME}-{chosen.label}",
        help="False positives: predicted, not labeled. False negatives: labeled, not predicted.",
    )
    address.write(_OUTCOME, outcome)
    return outcome


def _nothing(key: str, chosen: View | None) -> None:
    """Say why there is no picture and what to do."""
    if key.startswith("flips"):
        st.info(
            "No prediction changed. Drag a threshold above: the images whose predictions change are shown here.",
            icon=":material/swap_vert:",
        )
    else:
        st.info(
            "No image of this kind at this threshold: choose another kind, or drag the threshold.",
            icon=":material/check:",
        )


def _page(view: _View, *, key: str) -> np.ndarray:
    """Return the rows of the chosen page."""
    pages = math.ceil(len(view.rows) / PER_PAGE)
    page = st.pagination(pages, key=key, width=340) if pages > 1 else 1
    shown = view.rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    first = (page - 1) * PER_PAGE + 1
    st.caption(f"Images {first:,} to {first + len(shown) - 1:,} of {len(view.rows):,}, by {view.by}.")
    return shown
