"""The import form: a zip to upload, or a folder or zip on this computer."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import tasks
from lib.core import given_paths, in_place
from lib.core.workspace import Workspace
from lib.importing import forms
from lib.importing.questions import ask
from lib.web.components.upload import upload
from lib.web.ui import clicks, guard
from lib.web.ui.data import ask_first, bundles, dry_run, imports

_FORMATS = f"""
One folder, or a zip of it, in any of these forms. The form is recognized by its content.

{forms.table()}

Where an image shows several people or objects with keypoints, each can be cropped out of it. An empty cell of a one-hot
CSV, or a `?`, is an unknown label: ignored in training and in metrics. Whatever is ambiguous is asked by **Check
first**, with a button for each answer.
"""


def show(workspace: Workspace, report: DeltaGenerator, *, in_dialog: bool) -> None:
    """Show where the pictures are, the buttons that check and import them, and how they are read.

    Parameters
    ----------
    workspace : Workspace
    report : streamlit.delta_generator.DeltaGenerator
        Where what came out is shown.
    in_dialog : bool
        Whether the form is in a dialog, over which no other opens.
    """
    imports.restore(workspace)
    place = st.container()  # what people drop pictures on comes first
    where = st.segmented_control(
        "Source",
        [imports.BY_UPLOAD, imports.BY_PATH],
        default=imports.BY_UPLOAD,  # for a browser to which what `restore` sets does not come before its first click
        format_func=guard.letters(),
        required=True,
        key="import_from",
        label_visibility="collapsed",
    )
    with place:
        by_upload = where == imports.BY_UPLOAD
        source, name, places = _uploaded(workspace) if by_upload else _on_this_computer()
        if source and bundles.offer(workspace, given_paths.expanded(source), name, is_upload=by_upload):
            return
    imports.get_ready(workspace, source)
    buttons = st.container(horizontal=True)
    with st.expander("Supported formats", icon=":material/help:", type="compact"):
        st.markdown(_FORMATS)
    options = _options()
    with buttons:
        check = clicks.button(
            "Check first",
            key=dry_run.CHECK,
            about=source,
            icon=":material/fact_check:",
            disabled=not source,
            help="A dry run, in seconds: the format, with examples, and every mismatch. It writes nothing.",
        )
        go = clicks.button(
            "Import", key=dry_run.IMPORT, about=source, type="primary", icon=":material/upload:", disabled=not source
        )
    if go:
        ask_first.open_again()
    if source and (check or go):
        with report, guard.errors():
            asked_for = workspace, source, options, dry_run.choices(source), dry_run.titles(source)
            with clicks.carry_out(dry_run.CHECK), clicks.carry_out(dry_run.IMPORT):
                question = ask.bring_in(*asked_for, in_place=places) if go else ask.check(*asked_for)
            imports.ask_for(question)
    asked = imports.asked(workspace)
    if source and asked is not None:
        with report:
            dry_run.show(asked, source, options, in_dialog=in_dialog)


def _uploaded(workspace: Workspace) -> tuple[str, str, None]:
    """Let a zip be uploaded; return its path, "" before it has arrived, and what it was called."""
    with guard.errors():
        arrived = upload(workspace, key="import_zip")
        return (str(arrived.path), arrived.name, None) if arrived else ("", "", None)
    return "", "", None


def _on_this_computer() -> tuple[str, str, list[Path] | None]:
    """Let a path be typed; return it, its name, and below which folders pictures may stay, see `_places`."""
    source = st.text_input(
        "Folder or zip",
        key="import_path",
        placeholder="/home/me/pictures or C:\\pictures.zip",
        help="Read where Manyhot runs. Best for large datasets: nothing is uploaded.",
    ).strip()
    if source:
        with guard.errors():
            return source, Path(source).name, _places(source)
    return "", "", None  # what may not be read is neither checked nor imported


def _places(source: str) -> list[Path] | None:
    """Let a folder be copied; return below which folders pictures may stay where they are, None if they are copied."""
    path = given_paths.expanded(source)
    in_place.check_readable(path)
    roots = in_place.fitting(path)
    if roots is None:
        return None
    copy = st.checkbox(
        "Copy the images",
        key="import_copy",
        help="Without a copy the images stay where they are and must not change: each is checked when it is opened. A "
        "copy is safe from whatever happens to the folder. What is packed in Parquet files or cropped out of other "
        "images is always copied.",
    )
    return None if copy else roots


def _options() -> dict:
    """Return what the folded options say, as `importing.import_dataset` takes it."""
    with st.expander("Options: name, valid split, groups, task", icon=":material/tune:", type="compact"):
        with st.grid(2, min_column_width=260):
            name = st.text_input(
                "Name", key="import_name", placeholder="from the file or folder", help="Letters, digits, '.', '_', '-'."
            )
            task = st.selectbox(
                "Task",
                [None, *tasks.TASKS],
                format_func=lambda one: "Recognize" if one is None else tasks.get(one).title,
                key="import_task",
                help="Choose one if the same data can be read in two ways.",
            )
            valid = st.number_input(
                "Fraction of images in valid",
                0.01,
                0.9,
                value=None,
                step=0.05,
                key="import_valid",
                placeholder="as in the data, else 0.20",
                help="Images held out to evaluate the model. A number here draws a new valid split; test images stay.",
            )
            seed = st.number_input("Seed", 0, 2**31, step=1, key="import_seed", help="Same seed, same valid split.")
        group = st.text_input(
            "Groups (regular expression)",
            key="import_group",
            placeholder=r"for example ^([^_]+)_",
            help="The first capture group in the file name is the group, such as a person or a patient. A group is "
            "never divided between splits, or the metrics would be too optimistic.",
        )
        even = st.checkbox(
            "Stratify by label",
            key="import_stratify",
            help="If a valid split is drawn, each label gets its share of it. Splits that the data brings are kept; "
            "the Splits tab can split a dataset again at any time.",
        )
    asked = {"name": name.strip() or None, "task": task, "valid": valid, "seed": int(seed), "group": group or None}
    return {**asked, "stratify": even}
