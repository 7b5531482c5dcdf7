"""The numbers of a comparison: every metric, and every label, point or value, with intervals and who is better."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from lib.core import sentences
from lib.evaluation.verdicts import words
from lib.evaluation.verdicts.verdicts import Gain, LabelGain, Verdict
from lib.metrics import intervals
from lib.tasks.types import three_digits
from lib.web.charts.forest import forest
from lib.web.components.chart import chart
from lib.web.ui import address, guard
from lib.web.ui import words as lab_words

#: Labels of which the chart has a row; the table has all.
_MOST = 30
_JUDGED = {
    intervals.CHANCE: "may be chance",
    intervals.SAME: "the same",
    intervals.TOO_FEW: "too few images differ",
    intervals.UNKNOWN: "not defined",
}


def show(verdict: Verdict) -> None:
    """Show the metrics, then the labels as a chart and a table."""
    left, right = st.columns(2, gap="medium")
    with left:
        _metrics(verdict)
    with right:
        metric = _labels(verdict)
    _table(verdict, metric)


def _metrics(verdict: Verdict) -> None:
    rows = [
        {
            "metric": gain.about.title,
            "A": _value(verdict, gain, gain.a),
            "B": _value(verdict, gain, gain.b),
            "B − A": words.signed(verdict, gain) if not np.isnan(gain.interval.value) else "not defined",
            "95 % interval": _interval(gain),
            "": _better(gain.better, gain.judged),
        }
        for gain in verdict.metrics.values()
    ]
    st.markdown("**Metrics**")
    st.table(pd.DataFrame(rows).map(guard.escape), border="horizontal", hide_index=True, alt="Metrics of A and B")
    for line in (words.others_sentence(verdict), words.detectable_sentence(verdict)):
        if line:
            st.caption(guard.escape(line))


def _value(verdict: Verdict, gain: Gain, value: float) -> str:
    return "not defined" if np.isnan(value) else words.with_unit(verdict, gain, value)


def _interval(gain: Gain) -> str:
    return gain.interval.words(lambda end: three_digits(end) if end else "0") if gain.interval.is_defined else ""


def _better(better: str, judged: str) -> str:
    return f"{better.upper()} is better" if better else _JUDGED.get(judged, "may be chance")


def _labels(verdict: Verdict) -> str:
    """Show the labels as a chart, of one of their metrics, and return that."""
    task, first = verdict.task, verdict.labels[0]
    st.markdown(f"**{task.nouns.capitalize()}**")
    metrics = {name: gain.about.title for name, gain in first.gains.items()}
    metric = next(iter(metrics))
    if len(metrics) > 1:
        metric = st.segmented_control(
            "Metric of each",
            list(metrics),
            format_func=guard.letters(metrics.__getitem__),
            default=metric,
            required=True,
            key="versus-each",
            label_visibility="collapsed",
        )
    gains, better = _gains(verdict, metric)
    order = np.argsort(
        [-abs(value) if not np.isnan(value := gain.interval.value) else 1 for gain in gains], kind="stable"
    )
    shown = sorted(order[:_MOST], key=lambda place: _last(gains[place].gain.value))
    values, low, high = (np.array([gains[place].interval[end] for place in shown]) for end in range(3))
    about = gains[0].about
    unit = f" ({about.unit})" if about.unit else ""
    direction = "B is better on the right" if about.larger_is_better else "B is better on the left"
    figure = forest(
        [verdict.names[place] for place in shown],
        values,
        low,
        high,
        [better[place] for place in shown],
        f"B − A, {about.title}{unit}: {direction}",
    )
    chart(figure, key=f"versus-forest-{metric}", alt=f"Difference of each {task.noun} with its 95 % interval")
    if len(shown) < len(gains):
        st.caption(f"The {len(shown)} {task.nouns} of the largest differences; the table has all {len(gains):,}.")
    if metric == next(iter(metrics)):
        st.caption(guard.escape(words.labels_sentence(verdict)))
    else:
        st.caption("Each interval holds for itself: of a hundred equal ones some five look clear. No p value is of it.")
    return metric


def _gains(verdict: Verdict, metric: str) -> tuple[list[Gain], list[str]]:
    """Return the gain of each label by ``metric``, and who is better, of the first metric by the corrected p values."""
    gains = [row.gains[metric] for row in verdict.labels]
    if metric == next(iter(verdict.labels[0].gains)):
        return gains, [row.better for row in verdict.labels]
    return gains, [gain.better for gain in gains]


def _last(value: float) -> float:
    return float("inf") if np.isnan(value) else -value


def _table(verdict: Verdict, metric: str) -> None:
    """Show a row a label; a click on one leads to the pictures on which they disagree about it."""
    noun, with_tests = verdict.task.noun, metric == next(iter(verdict.labels[0].gains))
    gains, better = _gains(verdict, metric)
    rows = [
        _row(noun, row, gain, side, with_tests) for row, gain, side in zip(verdict.labels, gains, better, strict=True)
    ]
    frame = pd.DataFrame(rows)
    for optional in ("there", "only A right", "only B right"):
        if optional in frame and frame[optional].isna().all():
            del frame[optional]
    helps = {
        "known": "Images in which it is known.",
        "there": "Images that it is in.",
        "only A right": "Images of which A is right about it and B wrong.",
        "only B right": "Images of which B is right about it and A wrong.",
        "p": f"Of no difference: {verdict.test}.",
        "p (Holm)": f"Corrected for all {sentences.count(len(rows), noun, verdict.task.nouns)} together.",
    }
    st.caption(f"A row that is chosen at its left leads to the pictures on which they disagree about the {noun}.")
    lab_words.rows(
        frame,
        key="versus-labels",
        row=None,
        on_choose=partial(_open, verdict.names),
        digits=4,
        helps=helps,
        pinned=noun,
    )


def _open(names: tuple[str, ...], row: int | None) -> None:
    if row is not None:
        address.write_one_of({address.LABEL: names[row]}, (address.VERSUS_TAB,))


def _row(noun: str, row: LabelGain, gain: Gain, better: str, with_tests: bool) -> dict[str, object]:
    difference = {
        "A": gain.a,
        "B": gain.b,
        "B − A": gain.interval.value,
        "from": gain.interval.low,
        "to": gain.interval.high,
    }
    tests = (
        {"only A right": row.only_a, "only B right": row.only_b, "p": row.p, "p (Holm)": row.p_holm}
        if with_tests
        else {}
    )
    return {
        noun: row.name,
        **difference,
        "better": better.upper() if better else _JUDGED.get(gain.judged, "may be chance"),
        **tests,
        "known": row.known,
        "there": row.present,
    }
