"""The dataset as a run saw it, whatever was edited since."""

from __future__ import annotations

import streamlit as st

from lib.core.dataset import Dataset
from lib.datasets.edits import difference
from lib.training.runs import Run
from lib.web.ui import address, guard, links

#: Of the sections of the Data page, the title of that which shows what changed between two revisions.
CHANGES = "Changes"


def seen(run: Run, dataset: Dataset, *, again: bool = False) -> Dataset:
    """Return the dataset as ``run`` saw it, said in a line where it was edited since.

    Parameters
    ----------
    run : Run
    dataset : Dataset
        As it is now.
    again : bool
        Whether to lead to the page on which to train again.

    Returns
    -------
    Dataset
        As it is now where it was imported anew since: its revision is not the run's then.
    """
    as_seen = run.dataset()
    if (as_seen or dataset).is_stand_in:
        st.caption(
            ":material/inventory_2: This run came in a bundle: of its images the targets and predictions are here, of "
            "the pictures only the examples."
        )
    if as_seen is None or as_seen.revision == dataset.revision:
        return dataset
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="edited-since"):
        st.caption(
            f":material/history: The dataset was edited since this training (revision `{as_seen.revision}` is "
            f"`{dataset.revision}` now): images and {'targets' if again else 'numbers'} are shown as the run saw "
            "them.",
            width="content",
        )
        _link(as_seen)
        if again:
            links.link("train", "Train again", ":material/model_training:")
    return as_seen


def between(run: Run, other: Run) -> bool:
    """Say what differs between the revisions that two runs saw, with a link to it; return whether that was said.

    Nothing is said where it is one revision, or one is not known any more, or they are of two imports: then images are
    paired by name.
    """
    before, after = (one.dataset() for one in sorted((run, other), key=lambda one: one.id))
    if before is None or after is None or before.path != after.path or before.revision == after.revision:
        return False
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="revisions-differ"):
        words = f"Between the revision that the earlier of them saw (`{before.revision}`) and that of the later one "
        differs = guard.escape(_sentence(str(before.path), before, after))
        st.caption(f":material/history: {words}(`{after.revision}`): {differs}", width="content")
        _link(before, after)
    return True


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs={Dataset: lambda one: (one.revision, one.chain)})
def _sentence(path: str, before: Dataset, after: Dataset) -> str:
    """Return what differs in one sentence; the ``path`` stands for the dataset."""
    return difference.compare(before, after).sentence()


def _link(before: Dataset, after: Dataset | None = None) -> None:
    """Link to what changed between two revisions, without the second until now."""
    changes = {address.VIEW: CHANGES, address.BEFORE: before.revision}
    if after is not None:
        changes[address.AFTER] = after.revision
    links.link("data", "What changed", ":material/difference:", chosen=changes)
