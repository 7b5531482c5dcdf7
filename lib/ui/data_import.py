"""How the user's own pictures get in: a zip to upload, or a folder or zip on this computer."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

import streamlit as st

from lib import tasks
from lib import workspace as ws
from lib.data import importing
from lib.errors import UserError
from lib.ui import data_notice, data_problems, data_progress, guard
from lib.workspace import Workspace

_FORMS = """
Give one folder, or a zip of it, in any of these forms. The form is recognised by the content.

| Task | Form |
| --- | --- |
| Single-label | one folder a label, also inside `train/`, `valid/`, `test/`; or a CSV with file and label |
| Multi-label | a CSV with file and a list of labels, or a one-hot CSV (one column of 0 and 1 a label); Pascal VOC XML |
| Keypoints | a CSV with file and x, y of every point in pixels; both empty where a point is missing |
| Regression | a CSV with file and one or more numbers |

An empty cell of a one-hot CSV says that nobody knows: it is neither taught nor counted.
"""


def show(workspace: Workspace) -> None:
    """Show where the pictures are, how they are split, and the buttons that check and import them."""
    where = st.segmented_control(
        "Where the pictures are",
        ["Zip to upload", "Folder or zip on this computer"],
        default="Zip to upload",
        required=True,
        key="import_from",
        label_visibility="collapsed",
    )
    if where == "Zip to upload":
        uploaded = st.file_uploader("Zip of pictures", type="zip", key="import_zip", label_visibility="collapsed")
        source = uploaded
    else:
        source = st.text_input(
            "Folder or zip",
            key="import_path",
            placeholder="/home/me/pictures or C:\\pictures.zip",
            help="Read where Manyhot runs. Best for large datasets: nothing is uploaded, the pictures are copied.",
        ).strip()
    with st.expander("Which forms are understood", icon=":material/help:"):
        st.markdown(_FORMS)
    options = _options()
    with st.container(horizontal=True):
        check = st.button(
            "Check first",
            key="import_check",
            icon=":material/fact_check:",
            disabled=not source,
            help="A dry run: reads everything, says what was understood and writes nothing.",
        )
        go = st.button("Import", key="import_go", type="primary", icon=":material/upload:", disabled=not source)
    if check or go:
        with guard.errors():
            _import(workspace, source, options, dry_run=check)


def _options() -> dict:
    """Return what the folded options say, as `importing.import_dataset` takes it."""
    with st.expander("Options: name, validation images, groups, task", icon=":material/tune:"):
        with st.grid(2, min_column_width=260):
            name = st.text_input(
                "Name", key="import_name", placeholder="from the file or folder", help="Letters, digits, '.', '_', '-'."
            )
            task = st.selectbox(
                "Task",
                [None, *tasks.TASKS],
                format_func=lambda one: "Recognise it" if one is None else tasks.get(one).title,
                key="import_task",
                help="Choose one where the same data can be read in two ways.",
            )
            valid = st.number_input(
                "Fraction of validation images",
                0.01,
                0.9,
                value=None,
                step=0.05,
                key="import_valid",
                placeholder="as the data says, else 0.20",
                help="Images held back to measure the model with. A number here draws them anew; test images stay.",
            )
            seed = st.number_input(
                "Seed", 0, 2**31, value=42, step=1, key="import_seed", help="Same seed, same validation images."
            )
        group = st.text_input(
            "Images that belong together (regular expression)",
            key="import_group",
            placeholder=r"for instance ^([^_]+)_",
            help="What its first parentheses match in the file name is the group, such as a person or a patient. "
            "A group is never divided between training and validation, or the result would be too good.",
        )
    return {"name": name.strip() or None, "task": task, "valid": valid, "seed": int(seed), "group": group or None}


def _import(workspace: Workspace, source: str | BinaryIO, options: dict, *, dry_run: bool) -> None:
    """Import or check an uploaded zip or a path, and show or announce what was found."""
    with tempfile.TemporaryDirectory(prefix="manyhot-") as folder, data_progress.bar("Reading") as progress:
        path = Path(source) if isinstance(source, str) else _kept(source, Path(folder))
        report = importing.import_dataset(workspace, path, **options, dry_run=dry_run, progress=progress)
    if not dry_run:
        skipped = sum(problem["count"] for problem in report.problems)
        remark = f" {skipped:,} remarks are on the Import tab." if skipped else ""
        data_notice.added(
            report.dataset, f"{report.dataset} was added with {report.images:,} images and is chosen.{remark}"
        )
    _show_report(report)


def _kept(uploaded: BinaryIO, folder: Path) -> Path:
    """Write an upload to a file named after it, because the dataset is."""
    path = folder / (ws.slug(Path(uploaded.name).stem, "pictures") + ".zip")
    try:
        with path.open("wb") as file:
            shutil.copyfileobj(uploaded, file, 1 << 20)
    except OSError as error:
        raise UserError(
            f"The upload cannot be kept in {folder} ({error.strerror}): make room there, or import it by its path."
        ) from error
    return path


def _show_report(report: importing.Report) -> None:
    task = tasks.get(report.task)
    with st.container(border=True, key="import_report"):
        st.markdown(f"**Understood as {guard.escape(report.format)}.** Nothing was written yet.")
        with st.grid(3, min_column_width=150):
            st.metric("Task", task.title)
            st.metric("Images", f"{report.images:,}")
            st.metric(f"{task.noun.capitalize()}s", f"{len(report.classes):,}")
        splits = ", ".join(f"{count:,} {split}" for split, count in report.splits.items())
        few = ", ".join(report.classes[:12]) + (" …" if len(report.classes) > 12 else "")
        st.markdown(f"{task.noun.capitalize()}s: {guard.escape(few)}  \nImages of each split: {splits}")
        data_problems.show(report.problems)
