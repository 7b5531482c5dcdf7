"""The splits of a dataset: what they are like, and on request a form that previews a new split before it is applied."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import streamlit as st

from lib.core import sentences
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.datasets.edits import edits
from lib.datasets.edits.history import history
from lib.datasets.journal import journal
from lib.datasets.splits import divide, report
from lib.datasets.splits.plan import TEST, Division, Plan
from lib.datasets.splits.report import Report
from lib.figures import base, statistics
from lib.metrics import intervals
from lib.tasks.types import three_digits
from lib.web.components.chart import chart
from lib.web.ui import address, guard
from lib.web.ui.data import notice, split_form

#: So many labels are in the chart.
_CHARTED = 24
_TITLES = {"train": "Train", "valid": "Validation", "test": "Test"}


def show(dataset: Dataset) -> None:
    """Show what the current splits are like; where it is asked for, a form for new ones and a preview of them."""
    now = report.report(dataset)
    _state(dataset, now)
    _warn(report.warnings(now))
    folded = st.expander(
        "Split again", icon=":material/call_split:", key=split_form.key(dataset, "again"), on_change="rerun"
    )
    if folded.open:
        with folded:
            _proposal(dataset)
    else:
        _chart(now)


def propose(dataset: Dataset) -> None:
    """Have the form for new splits shown, a callback."""
    st.session_state[split_form.key(dataset, "again")] = True
    address.write(address.VIEW, "Splits")


def _state(dataset: Dataset, now: Report) -> None:
    """Say how many images are in which split, by what they were divided, and how many groups there are."""
    total, excluded = sum(now.images.values()), len(dataset) - len(dataset.included)
    parts = [f"**{count:,}** {split} ({100 * count / total:.3g} %)" for split, count in now.images.items()]
    parts += [f"**{excluded:,}** excluded, in no split"] if excluded else []
    if now.groups:
        parts.append(f"{sentences.count(now.groups, 'group')}, {now.divided or 'none'} divided")
    divisions = [edit for edit in history(dataset) if edit.kind == journal.ASSIGN and not edit.undone]
    parts.append(guard.escape(divisions[-1].note) if divisions else "as imported")
    st.markdown(" · ".join(parts))


def _chart(now: Report) -> None:
    """Draw the share of each label in each split, those first that differ most between splits."""
    if not now.names:
        images = pd.DataFrame({"images": list(now.images.values())}, index=list(now.images))
        chart(base.bars(images, x="images"), key="splits-chart", alt="Images of each split.")
        return
    shown = np.argsort(-np.nan_to_num(now.off), kind="stable")[:_CHARTED]
    _, low, high = intervals.wilson(now.share[shown].T, now.known[shown].T)
    figure = statistics.split_shares(
        100 * now.share[shown].T,
        100 * low,
        100 * high,
        np.zeros(low.shape, dtype=bool),
        now.have[shown].T,
        [now.names[place] for place in shown],
        list(now.images),
    )
    of = f" {len(shown)} of {len(now.names):,}," if len(shown) < len(now.names) else ""
    words = f"Share of each split's images with each {now.noun}:{of} the most uneven first."
    chart(figure, key="splits-chart", alt=words)
    st.caption(f"{words} Bars: where a share may lie by chance (Wilson, 95 %).")


def _proposal(dataset: Dataset) -> None:
    plan = split_form.form(dataset)
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
