"""The dataset as a run saw it, whatever was edited since."""

from __future__ import annotations

import streamlit as st

from lib.core.dataset import Dataset
from lib.training.runs import Run
from lib.web.ui import address, links

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
        changes = {address.VIEW: CHANGES, address.BEFORE: as_seen.revision}
        links.link("data", "What changed", ":material/difference:", chosen=changes)
        if again:
            links.link("train", "Train again", ":material/model_training:")
    return as_seen
