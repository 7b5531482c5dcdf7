"""What to do next with a dataset that has just come in: train, review what the checks find, see what was skipped."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.core import sentences
from lib.core.dataset import Dataset
from lib.web.ui import address, choose, lazy_tabs, links
from lib.web.ui.data import checks, notice, problems

#: Where a session keeps over which page the form that adds datasets is open, "" for none; nothing before anybody said.
FORM = "add-open"
_KEY = "data_arrived"  # name of the dataset


def open_form(page: str) -> None:
    """Open the form that adds datasets over ``page``, from its next run on."""
    st.session_state[FORM] = page


def close_form() -> None:
    """Close the form that adds datasets, from the next run of the page on."""
    st.session_state[FORM] = ""


def added(name: str, sentence: str) -> NoReturn:
    """Choose dataset ``name``, have ``sentence`` said, and start the page anew.

    With the form closed, the next steps on top, and the images rather than any other view.
    """
    choose.select(name)
    st.session_state[_KEY] = name
    lazy_tabs.open_first("view", address.VIEW)
    st.session_state.pop("page", None)
    close_form()
    notice.say(sentence)
    st.rerun()


def show(dataset: Dataset, page: str) -> DeltaGenerator | None:
    """Show the next steps if ``dataset`` has just come in; return where `review` is to go, None if it has not.

    ``page`` is the one that is shown, for instance "train", to which no step leads.
    """
    if st.session_state.get(_KEY) != dataset.name:
        st.session_state.pop(_KEY, None)  # another one was chosen
        return None
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="arrived"):
        st.markdown(":green[:material/check_circle:] **Added.** Next:", width="content")
        if page != "train" and st.button(
            "Train", key="arrived-train", type="primary", icon=":material/model_training:"
        ):
            _forget()
            st.switch_page(links.page("train"), query_params=st.query_params.to_dict())
        if page != "data":
            links.link("data", "See the images", ":material/photo_library:")
        place = st.empty()
        problems.line(dataset.problems)
        st.button("Dismiss", key="arrived-dismiss", type="tertiary", icon=":material/close:", on_click=_forget)
    return place


def review(dataset: Dataset, place: DeltaGenerator) -> None:
    """Check the dataset and offer its findings in ``place``; called last, so that the images are there meanwhile."""
    with place:
        findings = checks.count(dataset)
    if findings:
        label = f"Review {sentences.count(findings, 'finding')}"
        place.button(label, key="arrived-review", icon=":material/rule:", on_click=_review)
    else:
        place.empty()


def _review() -> None:
    _forget()
    address.write(address.VIEW, "Checks")


def _forget() -> None:
    st.session_state.pop(_KEY, None)
