"""What answers are downloaded as: a format, how near to a threshold the model abstains, and the file."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import streamlit as st

from lib import tasks
from lib.export.many import formats
from lib.export.many.formats import Format
from lib.export.many.table import Part, Reading
from lib.thresholds.sets_file import ThresholdSet
from lib.training.runs import Run

#: What a format is called, by its ending.
_TITLES = {
    ".csv": "CSV, all that is predicted",
    ".parquet": "Parquet, the same",
    ".onehot.csv": "one-hot CSV, 1 or 0 a label",
    ".coco.json": "COCO, a document with annotations",
    ".results.json": "COCO, a list of results",
    ".dlc.csv": "DeepLabCut CSV",
}
#: What has a place for distances, remarks and errors where the format has none.
_REMARKS = Format(".remarks.csv", formats.remarks)


def show(
    run: Run,
    stem: str,
    write: Callable[[Format, Reading], bytes],
    *,
    threshold_set: ThresholdSet,
    key: str,
) -> None:
    """Let a format be chosen and the file be downloaded.

    Parameters
    ----------
    run : Run
    stem : str
        What files are called, without their endings.
    write : callable
        Returns the file of a format, called when it is wanted.
    threshold_set : ThresholdSet
    key : str
        Ends the keys of what is shown.
    """
    task = tasks.get(run.config.task)
    fitting = {one.suffix: one for one in formats.FORMATS if one.fits(task)}
    suffixes = [suffix for suffix in _TITLES if suffix in fitting]
    chosen = st.selectbox("Format", suffixes, format_func=_TITLES.__getitem__, key=f"format-{key}", width=280)
    band = None
    if task.has_labels:
        band = st.number_input(
            "Abstain within",
            0.0,
            1.0,
            None,
            0.01,
            format="%.2f",
            placeholder="never",
            key=f"abstain-{key}",
            width=160,
            help="A label whose probability is at most so far from its threshold is unsure, neither predicted nor not.",
        )
    reading = Reading(run.id, task, run.names(), threshold_set.thresh, threshold_set.name, band)
    for form in (fitting[chosen],) if fitting[chosen].is_table else (fitting[chosen], _REMARKS):
        st.download_button(
            "Download" if form is not _REMARKS else "Remarks",
            data=partial(write, form, reading),
            file_name=stem + form.suffix,
            icon=":material/download:",
            key=f"download-{form is _REMARKS}-{key}",
            on_click="ignore",
            help=None if form is not _REMARKS else "Sizes, distances to the training pictures, remarks and errors.",
        )


def in_memory(form: Format, part: Part, reading: Reading) -> bytes:
    """Return pictures that are all one part as a file of a format."""
    file = io.BytesIO()
    form.write(file, [part], reading)
    return file.getvalue()
