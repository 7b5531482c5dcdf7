"""Comparison of two runs, image by image on what both have, with an interval and a verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from lib.core.arrays import Floats
from lib.core.config import CHOICES
from lib.core.workspace import Workspace
from lib.evaluation import comparison, results
from lib.evaluation.comparison import Comparison
from lib.evaluation.verdicts import images
from lib.metrics import intervals
from lib.tasks.base import Task
from lib.tasks.types import three_digits
from lib.training import runs
from lib.training.runs import Run
from lib.web.ui import address, choose_run, guard, run_state
from lib.web.ui import words as lab_words
from lib.web.ui.analyze import show_code

#: Name in the address.
KEY = "against"


def show(
    run: Run,
    task: Task,
    split: str,
    errors_of: Callable[[Run], Floats],
    unit: str,
    *,
    key: str,
    names: Sequence[str] | None = None,
    norm: str = "px",
) -> None:
    """Let another run be chosen and say which is better.

    Parameters
    ----------
    run : Run
        One that has `others`.
    task : Task
    split : str
    errors_of : callable
        Returns the errors of a run, in ``unit``, one row an image of its predictions.
    unit : str
        Of the errors, as Markdown.
    key : str
    names : sequence of str, optional
        What the errors are of; default is everything that the run learned.
    norm : str
        What errors of points are divided by.
    """
    candidates = {one.id: one for one in others(run, split)}
    asked, widget = st.query_params.get(KEY), f"against-{key}"
    st.session_state[widget] = asked if asked in candidates else next(iter(candidates))  # the address has the last word
    chosen = st.selectbox(
        "Compare with",
        list(candidates),
        format_func=lambda one: choose_run.label(candidates[one]),
        key=widget,
        on_change=lambda: address.write(KEY, st.session_state[widget]),
        help="Trainings of the same dataset that learned the same names, newest first.",
    )
    other = candidates[chosen]
    versions = tuple((one.id, results.version(one), results.revision(one)) for one in (run, other))
    compared = _compared(versions, split, f"{unit}-{names}", run, other, errors_of)
    if not compared.images:
        st.info(
            "The two runs have no image in common whose labels are the same: their splits differ. Choose another run.",
            icon=":material/info:",
        )
        return
    st.markdown(sentence(compared, split, unit))
    left, right = (_choices(one) for one in (run, other))
    differ = [name for name in left if left[name] != right[name]]
    if differ:
        rows = [{"choice": name, "this run": left[name], "the other": right[name]} for name in differ]
        st.caption("What was chosen differently:")
        st.table(pd.DataFrame(rows).map(guard.escape), border="horizontal", hide_index=True, alt="Choices that differ")
    run_state.between(run, other)
    names = run.names() if names is None else names
    if len(names) > 1:
        _each(names, compared, task.noun, unit, key)
    if run.config.dataset == other.config.dataset:  # else images are paired by their names, which no run has
        label = run.names().index(names[0]) if len(names) == 1 else None
        show_code.of_comparison(run, other, task, split, label=label, norm=norm)


@st.cache_resource(max_entries=16, show_spinner=False)
def _compared(
    versions: tuple[tuple[str, int, str], ...],
    split: str,
    what: str,
    _run: Run,
    _other: Run,
    _errors_of: Callable[[Run], Floats],
) -> Comparison:
    return comparison.compare(_run, _other, split, _errors_of)


def others(run: Run, split: str) -> list[Run]:
    """Return the other trainings that predicted ``split`` of the same dataset and names."""
    candidates = []
    for one in runs.list_runs(Workspace(run.folder.parent.parent)):
        if one.id == run.id or one.recorded() is None:
            continue
        is_of_one = one.config.dataset == run.config.dataset or images.same_split(run, one)
        if is_of_one and not images.refusal([run], [one], split):
            candidates.append(one)
    return candidates


def sentence(compared: Comparison, split: str, unit: str) -> str:
    """Return which won and by how much, as Markdown."""
    own, other = (_with_unit(part.value, unit) for part in (compared.mine, compared.other))
    images = lab_words.images(compared.images, split)
    change = float(compared.difference.value)
    left = (
        f" Left out: {compared.left_out:,} images that only one of them has, that one trained on, or that were labeled "
        "otherwise."
    )
    tail = left if compared.left_out else ""
    if not compared.difference.is_defined:
        return f"On {images}: this run {own}, the other {other}: too few images to tell it from chance.{tail}"
    if intervals.judged(compared.difference) == intervals.SAME:
        return f"**The same** on {images}: this run and the other {own}.{tail}"
    between = f"95 % interval of the difference {compared.difference.words(_signed)} {unit}"
    if compared.verdict == "none":
        return (
            f"**Neither is clearly better** on {images}: this run {own}, the other {other} ({between}): the difference "
            f"may be chance.{tail}"
        )
    winner, first, second = ("This run", own, other) if compared.verdict == "first" else ("The other run", other, own)
    against = compared.other.value if compared.verdict == "first" else compared.mine.value
    part = f", {100 * abs(change) / float(against):.0f} % less" if against > 0 else ""
    return (
        f"**{winner} is better by {_with_unit(abs(change), unit)}** on {images}: {first} against {second}{part} "
        f"({between}): more than chance.{tail}"
    )


def _each(names: Sequence[str], compared: Comparison, noun: str, unit: str, key: str) -> None:
    """Show the difference of each point or value."""
    verdicts = [comparison.verdict(compared.each.at(place)) for place in range(len(names))]
    counts = {one: verdicts.count(one) for one in ("first", "second", "none")}
    st.caption(
        f"Each {noun}, mean error of this run minus that of the other ({unit}): this run is clearly better at "
        f"{counts['first']:,}, the other at {counts['second']:,}, {counts['none']:,} may be chance. Each interval "
        "holds for itself: of a hundred equal ones some five look clear."
    )
    verdict_names = {"first": "this run", "second": "the other", "none": "may be chance"}
    table = pd.DataFrame(
        {
            noun: list(names),
            "difference": compared.each.value,
            "from": compared.each.low,
            "to": compared.each.high,
            "better": [verdict_names[one] for one in verdicts],
        }
    ).sort_values("difference", kind="stable", ignore_index=True)
    helps = {name: f"In {unit}." for name in ("difference", "from", "to") if unit}
    lab_words.table(table, key=f"each-{key}", digits=None, pinned=noun, helps=helps)


def _choices(run: Run) -> dict[str, str]:
    """Return what was chosen, under the titles that the Train page has."""
    left_out = ("dataset", "kind")
    return {
        CHOICES[name].title if name in CHOICES else name: str(value)
        for name, value in run.config.to_json().items()
        if name not in left_out
    }


def _with_unit(value: float, unit: str) -> str:
    return f"{three_digits(float(value))} {unit}".strip()


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{three_digits(abs(value))}"
