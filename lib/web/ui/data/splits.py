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
    GIVEN: "The groups it has",
    _PATTERN: "A pattern of the file name",
    FOLDER: "The folder of each image",
    ALONE: "None: every image alone",
}
_KEPT, _DRAWN, _NO_TEST = "keep", "draw", "none"
_TITLES = {"train": "Train", "valid": "Validation", "test": "Test"}
_HELP = (
    "Stratified: every split gets its fair share of each label, class, range of a number or point that may be missing, "
    "the rarest first. Random: by the seed alone."
)
_HOW = {STRATIFIED: "Stratified", RANDOM: "Random"}


def show(dataset: Dataset) -> None:
    """Show the division that the dataset has, a form for another one, and what that would be like."""
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


@st.cache_resource(max_entries=8, show_spinner="Dividing …", hash_funcs={Plan: repr})
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
            help=_HELP if usual.by == STRATIFIED else f"{_HELP} Here is nothing of the kind to spread evenly.",
        )
        source = st.selectbox(
            "Keep together",
            _sources(dataset),
            format_func=_GROUPS.__getitem__,
            key=_key(dataset, "groups"),
            persist_state="session",
            width=260,
            help="Images of one person, film or place are alike: divided between splits they make the results too "
            "good. A group is never divided.",
        )
        pattern = ""
        if source == _PATTERN:
            pattern = st.text_input(
                "Pattern",
                "(.*)_",
                key=_key(dataset, "pattern"),
                persist_state="session",
                width=200,
                help="A regular expression; what its first parentheses match in the file name, without the folder, is "
                r"the group. `(.*)_` is all up to the last underscore, `^(\d+)` the number at the beginning.",
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
        rest = f"; {alone:,} images have none and are alone" if alone else ""
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
            "Validate with",
            [False, True],
            format_func=lambda folds: "One of k folds" if folds else "A part",
            default=False,
            required=True,
            key=_key(dataset, "folds"),
            persist_state="session",
            help="Folds are equal parts: train k times, each time validating with another one, and every image is "
            "validated with once. The parts stay the same as long as the seed and the choices do.",
        )
        if in_folds:
            chosen["folds"] = int(
                st.number_input("Folds", 2, 50, 5, key=_key(dataset, "k"), persist_state="session", width=130)
            )
            chosen["fold"] = int(
                st.number_input(
                    "This one validates",
                    1,
                    chosen["folds"],
                    1,
                    key=_key(dataset, f"fold-{chosen['folds']}"),
                    persist_state="session",
                    width=150,
                )
            )
        else:
            share = 100 * usual.valid
            chosen["valid"] = _percent("To validate (%)", share, _key(dataset, "valid"))
        kinds = [_KEPT, _DRAWN, _NO_TEST] if tested else [_KEPT, _DRAWN]
        titles = {
            _KEPT: "Keep the one it has" if tested else "None",
            _DRAWN: "Draw anew" if tested else "Draw one",
            _NO_TEST: "None",
        }
        test = st.selectbox(
            "Test split",
            kinds,
            format_func=titles.__getitem__,
            key=_key(dataset, f"test-{tested}"),
            persist_state="session",
            width=190,
            help="Images that are looked at once, at the very end. Numbers of two models compare only on the same "
            "test images: keep them if you can.",
        )
        if test == _DRAWN:
            chosen["test"] = _percent("To test (%)", 10, _key(dataset, "share"))
        chosen["seed"] = int(
            st.number_input("Seed", 0, 2**31, usual.seed, key=_key(dataset, "seed"), persist_state="session", width=130)
        )
    return {**chosen, "test": 0.0} if test == _NO_TEST else chosen


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
            "These are the splits that it has."
            if same
            else f"{moved:,} of {len(dataset.included):,} images change their split. Undo takes it back, and trainings "
            "keep the splits that they saw.",
            width="content",
        )
    with st.grid(6, min_column_width=150):
        for split, title in _TITLES.items():
            if split in before.images or split in after.images:
                _metric(title, before.images.get(split, 0), after.images.get(split, 0), "Images of this split.")
        if after.groups:
            help = "Groups with images in more than one split: 0 is right."
            _metric("Divided groups", before.divided, after.divided, help, f"of {after.groups:,}")
        if after.names:
            help = "How far a share in one split is from that in all images, at most, in percentage points."
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
            ":material/info: What differs most from all images is the test split, which is kept: only drawing it anew "
            "makes it even."
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
        "off before", format="%.3g", help="The farthest split from all images before, in percentage points."
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
        notice.say("The dataset is divided anew.")
