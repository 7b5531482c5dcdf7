"""The splits of a dataset: what is wrong with them, and a form that previews a new split before it is applied."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from lib.core import sentences
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.datasets.edits import edits
from lib.datasets.splits import divide, report
from lib.datasets.splits.plan import ALONE, FOLDER, GIVEN, RANDOM, STRATIFIED, TEST, Division, Plan
from lib.datasets.splits.report import Report
from lib.tasks.types import three_digits
from lib.web.ui import guard
from lib.web.ui.data import notice

_PATTERN = "pattern"
_GROUPS = {
    GIVEN: "Its own groups",
    _PATTERN: "A pattern in the file name",
    FOLDER: "The folder of each image",
    ALONE: "None: every image on its own",
}
_KEPT, _DRAWN, _NO_TEST = "keep", "draw", "none"
_TITLES = {"train": "Train", "valid": "Validation", "test": "Test"}
_HELP = (
    "Stratified: every split gets its share of each label, class, range of a number or point that may be missing, the "
    "rarest first. Random: by the seed alone."
)
_HOW = {STRATIFIED: "Stratified", RANDOM: "Random"}


def show(dataset: Dataset) -> None:
    """Show the current splits, a form for new ones, and a preview of them."""
    st.subheader("Splits")
    now = report.report(dataset)
    excluded = len(dataset) - len(dataset.included)
    kept_out = f" {excluded:,} excluded, in no split." if excluded else ""
    st.markdown(f"Split into {report.sentence(now)}{kept_out}")
    _warn(report.warnings(now))
    with st.container(border=True, key="splits-form"):
        plan = _form(dataset)
    if plan is None:
        return
    try:
        division, before, after = _planned(str(dataset.path), dataset.revision, plan, dataset)
    except UserError as error:
        st.error(guard.escape(str(error)), icon=":material/error:")
        return
    _preview(dataset, plan, division, before, after)


def _warn(lines: list[str]) -> None:
    if lines:
        st.warning("  \n".join(guard.escape(one) for one in lines), icon=":material/warning:")


@st.cache_resource(max_entries=8, show_spinner="Splitting …", hash_funcs={Plan: repr})
def _planned(path: str, revision: str, plan: Plan, _dataset: Dataset) -> tuple[Division, Report, Report]:
    division = divide.divide(_dataset, plan)
    return division, *report.before_and_after(_dataset, division)


# --- what is asked for -------------------------------------------------------------------------------------


def _form(dataset: Dataset) -> Plan | None:
    """Show the choices and return what they ask for, None while a pattern cannot be used."""
    usual = divide.default_plan(dataset)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        by = st.segmented_control(
            "How",
            [STRATIFIED, RANDOM] if usual.by == STRATIFIED else [RANDOM],
            format_func=_HOW.__getitem__,
            default=usual.by,
            required=True,
            key=_key(dataset, "by"),
            persist_state="session",
            help=_HELP if usual.by == STRATIFIED else f"{_HELP} This dataset has nothing to stratify by.",
        )
        source = st.selectbox(
            "Groups",
            _sources(dataset),
            format_func=_GROUPS.__getitem__,
            key=_key(dataset, "groups"),
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
                key=_key(dataset, "pattern"),
                persist_state="session",
                width=200,
                help="A regular expression; its first capture group in the file name, without the folder, is the "
                r"group. `(.*)_` is everything up to the last underscore, `^(\d+)` the number at the start.",
            )
    group = pattern if source == _PATTERN else source
    usable = _describe_groups(dataset, group)
    sizes = _sizes(dataset, usual)  # always drawn: a widget that is not forgets what was chosen
    return replace(usual, by=by, group=group, **sizes) if usable else None


def _key(dataset: Dataset, what: str) -> str:
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
            key=_key(dataset, "folds"),
            persist_state="session",
            help="k-fold cross-validation: train k times, each time with another fold as valid, and every image is "
            "in valid once. The folds stay the same as long as the seed and the choices do.",
        )
        if in_folds:
            chosen["folds"] = folds = _whole("Folds", 2, 50, 5, _key(dataset, "k"))
            chosen["fold"] = _whole("Fold for valid", 1, folds, 1, _key(dataset, f"fold-{folds}"))
        else:
            chosen["valid"] = _percent("Valid (%)", 100 * usual.valid, _key(dataset, "valid"))
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
            key=_key(dataset, f"test-{tested}"),
            persist_state="session",
            width=190,
            help="Images for one final evaluation. Metrics of two models compare only on the same test images: keep "
            "them if you can.",
        )
        if test == _DRAWN:
            chosen["test"] = _percent("Test (%)", 10, _key(dataset, "share"))
        chosen["seed"] = _whole("Seed", 0, 2**31, usual.seed, _key(dataset, "seed"))
    return {**chosen, "test": 0.0} if test == _NO_TEST else chosen


def _whole(title: str, low: int, high: int, usual: int, key: str) -> int:
    return int(st.number_input(title, low, high, usual, key=key, persist_state="session", width=140))


def _percent(title: str, usual: float, key: str) -> float:
    value = st.number_input(
        title, 0.1, 99.9, float(usual), step=1.0, format="%.4g", key=key, persist_state="session", width=150
    )
    return round(value / 100, 6)


# --- what would come of it ---------------------------------------------------------------------------------


def _preview(dataset: Dataset, plan: Plan, division: Division, before: Report, after: Report) -> None:
    moved = int((division.visible_splits(dataset) != dataset.items["split"].to_numpy(dtype=str)).sum())
    same = not moved and division.groups is None
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.button(
            "Apply these splits",
            key="splits-apply",
            type="primary",
            icon=":material/call_split:",
            on_click=_apply,
            args=(dataset, plan, division),
            disabled=same,
        )
        st.caption(
            "These are the current splits."
            if same
            else f"{moved:,} of {len(dataset.included):,} images change their split. It can be undone, and runs "
            "keep the splits that they saw.",
            width="content",
        )
    with st.grid(6, min_column_width=150):
        for split, title in _TITLES.items():
            if split in before.images or split in after.images:
                _metric(title, before.images.get(split, 0), after.images.get(split, 0), "Images of this split.")
        if after.groups:
            help = "Groups with images in more than one split: should be 0."
            _metric("Divided groups", before.divided, after.divided, help, f"of {after.groups:,}")
        if after.names:
            help = "Largest difference between the share in one split and in all images, in percentage points."
            st.metric(
                "Largest difference",
                _points(after.largest_off),
                _was(_points(before.largest_off), _points(after.largest_off)),
                delta_color="off",
                delta_arrow="off",
                help=help,
            )
    if plan.test is None and after.farthest == TEST:
        st.caption(
            ":material/info: The test split, which is kept, differs most from all images: only a new test split "
            "changes that."
        )
    _warn([*division.notes, *report.warnings(after, then=True)])
    if after.names:
        _table(before, after)


def _metric(title: str, now: int, then: int, help: str, of: str = "") -> None:
    st.metric(
        title, f"{then:,} {of}".strip(), _was(f"{now:,}", f"{then:,}"), delta_color="off", delta_arrow="off", help=help
    )


def _was(now: str, then: str) -> str:
    return "as now" if now == then else f"now {now}"


def _points(value: float) -> str:
    return "not defined" if math.isnan(value) else f"{three_digits(value)} points"


def _table(before: Report, after: Report) -> None:
    table = report.table(before, after)
    st.markdown(f"**Share of images with each {before.noun}** (% of those where it is known), before / after")
    config: dict = {name: st.column_config.NumberColumn(format="%.3g") for name in table.columns}
    config["off before"] = st.column_config.NumberColumn(
        "off before", format="%.3g", help="Largest difference of a split from all images before, in percentage points."
    )
    config["off after"] = st.column_config.NumberColumn("off after", format="%.3g", help="The same, after.")
    st.dataframe(
        _shaded(table),
        column_config=config,
        key="splits-table",
        height="content" if len(table) <= 14 else 520,
        placeholder="not defined",
    )


def _shaded(table: pd.DataFrame) -> pd.DataFrame | pd.io.formats.style.Styler:
    """Return the table with what would be in bold, where it is not too long for that."""
    if len(table) > 700 or not table.index.is_unique:
        return table
    then = [name for name in table.columns if name.endswith(" after")]
    return table.style.set_properties(subset=then, **{"font-weight": "700", "background-color": "rgba(43,131,198,.12)"})


def _apply(dataset: Dataset, plan: Plan, division: Division) -> None:
    groups = None if division.groups is None else division.groups.tolist()
    with guard.later():
        edits.assign(dataset, division.splits.tolist(), groups, how=plan.to_json(), note=plan.words())
        notice.say("The new splits are applied.")
