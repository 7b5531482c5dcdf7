"""Upload of the pictures to predict: checked, then sent to the model."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from lib.core import depth, pictures, sentences
from lib.core.depth import Rule
from lib.core.program import PROGRAM
from lib.inference import ask
from lib.inference.ask import Picture, Predict
from lib.training.runs import Run
from lib.web.ui import clicks, guard
from lib.web.ui.data import progress

#: Name in the address of the question that is shown.
ASKED = "asked"
#: Pictures that are asked about at once, and what one may have at most.
MOST, MOST_MB = 200, 50
_GO = "predict-go"
_FILES = "predict-files"
#: Where a session keeps what was found in the files: for which rule of `lib.core.depth`, and by the upload's id
#: its look, or why one is no picture.
_CHECKED = "predict-checked"
_SHOWN = 5
#: Width and height of a picture as shown, and whether it has more than 8 bits a channel.
_Look = tuple[tuple[int, int], bool]


class _NotForModel(str):
    """Why the model cannot be asked about a file, although it is a picture."""


def show(run: Run) -> None:
    """Let pictures be brought and the model of ``run`` be asked about them."""
    brought = st.file_uploader(
        "Images to predict",
        accept_multiple_files=True,
        key=_FILES,
        max_upload_size=MOST_MB,
        on_change=lambda: _get_ready(run),
        help=f"Up to {MOST} at once: JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF. They are kept with the run, on this "
        "computer, until newer ones replace them.",
    )
    if not brought:
        return
    good, bad = _checked(brought[:MOST], run.value_range())
    _say_what_is_left_out(bad, len(brought) - MOST)
    if remark := depth.remark(run.value_range(), sum(is_deep for _, (_, is_deep) in good)):
        st.info(remark, icon=":material/contrast:")
    label = f"Predict {sentences.count(len(good), 'image')}"
    if clicks.button(label, key=_GO, type="primary", icon=":material/wand_shine:", disabled=not good):
        with guard.errors(), clicks.carry_out(_GO):
            asked = tuple(Picture(file.name, file.getvalue(), *size) for file, (size, _) in good)
            st.query_params[ASKED] = ask.ask(run, Predict(asked)).id


def _get_ready(run: Run) -> None:
    """Let the worker load the model while the user looks for the button."""
    if st.session_state[_FILES]:
        with guard.later():
            ask.start_worker(run)


def _checked(brought: list[UploadedFile], rule: Rule) -> tuple[list[tuple[UploadedFile, _Look]], dict[str, str]]:
    """Return the pictures with their looks, and why the other files are none, by name; each is decoded once."""
    known_for, before = st.session_state.get(_CHECKED, (rule, {}))
    if known_for != rule:  # of another model
        before = {}
    checked = {file.file_id: before[file.file_id] for file in brought if file.file_id in before}
    new = [file for file in brought if file.file_id not in checked]
    if new:
        with progress.bar("Checking images") as report:
            for count, file in enumerate(new, 1):
                checked[file.file_id] = _look(file, rule)
                report(count, len(new), "Checking images")
    st.session_state[_CHECKED] = (rule, checked)
    good = [(file, checked[file.file_id]) for file in brought if isinstance(checked[file.file_id], tuple)]
    return good, {file.name: checked[file.file_id] for file in brought if isinstance(checked[file.file_id], str)}


def _look(file: UploadedFile, rule: Rule) -> _Look | str:
    """Return a picture's look, or why it is none that the model can be asked about."""
    try:
        file.seek(0)
        size = pictures.open_image(file, rule).size
        file.seek(0)
        return size, pictures.is_deep(file)
    except pictures.OutsideValuesError as error:
        return _NotForModel(error)
    except pictures.UnreadableImageError as error:
        return str(error)


def _say_what_is_left_out(bad: dict[str, str], too_many: int) -> None:
    if bad:
        named = [f"{guard.escape(name)} ({guard.escape(reason)})" for name, reason in bad.items()]
        words = ("file is no image and is left out", "files are no images and are left out")
        if any(isinstance(reason, _NotForModel) for reason in bad.values()):
            words = ("file cannot be used and is left out", "files cannot be used and are left out")
        what = sentences.count(len(bad), *words)
        st.warning(f"{what}: {sentences.listed(named, _SHOWN)}.", icon=":material/hide_image:")
    if too_many > 0:
        st.warning(
            f"The first {MOST} images are taken, {sentences.count(too_many, 'is', 'are')} left out: "
            f"for whole folders use `{PROGRAM} predict RUN FOLDER`.",
            icon=":material/filter_none:",
        )
