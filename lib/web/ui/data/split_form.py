"""The form that asks how images are to be divided into splits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from lib.core import sentences
from lib.core.dataset import Dataset
from lib.datasets.splits import divide
from lib.datasets.splits.plan import ALONE, FOLDER, GIVEN, RANDOM, STRATIFIED, TEST, Plan
from lib.web.ui import guard

_PATTERN = "pattern"
_GROUPS = {
    GIVEN: "Its own groups",
    _PATTERN: "A pattern in the file name",
    FOLDER: "The folder of each image",
    ALONE: "None: every image on its own",
}
_KEPT, _DRAWN, _NO_TEST = "keep", "draw", "none"
_HELP = (
    "Stratified: every split gets its share of each label, class, range of a number or point that may be missing, the "
    "rarest first. Random: by the seed alone."
)
_HOW = {STRATIFIED: "Stratified", RANDOM: "Random"}


def form(dataset: Dataset) -> Plan | None:
    """Show the choices and return what they ask for, None while a pattern cannot be used."""
    usual = divide.default_plan(dataset)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        by = st.segmented_control(
            "How",
            [STRATIFIED, RANDOM] if usual.by == STRATIFIED else [RANDOM],
            format_func=guard.letters(_HOW.__getitem__),
            default=usual.by,
            required=True,
            key=key(dataset, "by"),
            persist_state="session",
            help=_HELP if usual.by == STRATIFIED else f"{_HELP} This dataset has nothing to stratify by.",
        )
        source = st.selectbox(
            "Groups",
            _sources(dataset),
            format_func=_GROUPS.__getitem__,
            key=key(dataset, "groups"),
            persist_state="session",
            width=260,
            help="Images of one person, video or place are alike: spread over several splits they make metrics too "
            "optimistic. A group is never split.",
        )
        pattern = ""
        if source == _PATTERN:
            pattern = st.text_input(
                "Pattern",
                "(.*)_",
                key=key(dataset, "pattern"),
                persist_state="session",
                width=200,
                help="A regular expression; its first capture group in the file name, without the folder, is the "
                r"group. `(.*)_` is everything up to the last underscore, `^(\d+)` the number at the start.",
            )
    group = pattern if source == _PATTERN else source
    usable = _describe_groups(dataset, group)
    sizes = _sizes(dataset, usual)  # always drawn: a widget that is not forgets what was chosen
    return replace(usual, by=by, group=group, **sizes) if usable else None


def key(dataset: Dataset, what: str) -> str:
    """Return the key of a widget about the splits of ``dataset``."""
    return f"splits-{dataset.name}-{what}"


def _sources(dataset: Dataset) -> list[str]:
    """Return where groups can come from, the usual first."""
    has = (dataset.items["group"] != "").any()
    folders = dataset.items["original"].str.contains("/", regex=False).any()
    return [*([GIVEN] if has else [ALONE]), _PATTERN, *([FOLDER] if folders else []), *([ALONE] if has else [])]


def _describe_groups(dataset: Dataset, group: str) -> bool:
    """Say how many groups there are, with examples; return whether they can be used."""
    if group == ALONE:
        return True
    with guard.errors():
        groups = divide.groups_by(dataset, group)[dataset.included]
        names, counts = np.unique(groups[groups != ""].astype(str), return_counts=True)
        order = np.argsort(-counts, kind="stable")[:4]
        examples = ", ".join(f"{names[row][:60]!r} ({counts[row]:,})" for row in order.tolist())
        alone = int((groups == "").sum())
        rest = f"; {alone:,} images have no group" if alone else ""
        sizes = f"{counts.min():,} to {counts.max():,}" if counts.min() < counts.max() else f"{counts.max():,}"
        st.caption(
            f":material/groups: **{sentences.count(len(names), 'group')}** of {sizes} images, such as "
            f"{guard.escape(examples)}{rest}."
        )
        return True
    return False


def _sizes(dataset: Dataset, usual: Plan) -> dict:
    """Show how large the parts are to be and return that."""
    tested = bool(len(dataset.index(TEST)))
    chosen: dict = {}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        in_folds = st.segmented_control(
            "Valid split",
            [False, True],
            format_func=lambda folds: "One of k folds" if folds else "A fraction",
            default=False,
            required=True,
            key=key(dataset, "folds"),
            persist_state="session",
            help="k-fold cross-validation: train k times, each time with another fold as valid, and every image is "
            "in valid once. The folds stay the same as long as the seed and the choices do.",
        )
        if in_folds:
            chosen["folds"] = folds = _whole("Folds", 2, 50, 5, key(dataset, "k"))
            chosen["fold"] = _whole("Fold for valid", 1, folds, 1, key(dataset, f"fold-{folds}"))
        else:
            chosen["valid"] = _percent("Valid (%)", 100 * usual.valid, key(dataset, "valid"))
        kinds = [_KEPT, _DRAWN, _NO_TEST] if tested else [_KEPT, _DRAWN]
        titles = {
            _KEPT: "Keep the current one" if tested else "None",
            _DRAWN: "Draw a new one" if tested else "Draw one",
            _NO_TEST: "None",
        }
        test = st.selectbox(
            "Test split",
            kinds,
            format_func=titles.__getitem__,
            key=key(dataset, f"test-{tested}"),
            persist_state="session",
            width=190,
            help="Images for one final evaluation. Metrics of two models compare only on the same test images: keep "
            "them if you can.",
        )
        if test == _DRAWN:
            chosen["test"] = _percent("Test (%)", 10, key(dataset, "share"))
        chosen["seed"] = _whole("Seed", 0, 2**31, usual.seed, key(dataset, "seed"))
    return {**chosen, "test": 0.0} if test == _NO_TEST else chosen


def _whole(title: str, low: int, high: int, usual: int, key: str) -> int:
    return int(st.number_input(title, low, high, usual, key=key, persist_state="session", width=140))


def _percent(title: str, usual: float, key: str) -> float:
    value = st.number_input(
        title, 0.1, 99.9, float(usual), step=1.0, format="%.4g", key=key, persist_state="session", width=150
    )
    return round(value / 100, 6)
