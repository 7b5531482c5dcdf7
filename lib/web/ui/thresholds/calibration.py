"""Calibration of the probabilities: reliability diagram, its numbers and temperature scaling."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import streamlit as st

from lib.evaluation import calibration, calibration_report
from lib.evaluation.calibration_report import Calibrated, PerLabel, Quality
from lib.metrics import intervals
from lib.metrics.decisions import Decisions
from lib.tasks.types import three_digits
from lib.web.charts import calibration as figures_lab
from lib.web.components.chart import chart, to_json
from lib.web.ui import guard
from lib.web.ui import words as lab_words

_SCHEMES = {"width": "Equal width", "mass": "Equally full"}
#: A temperature that near to 1 changes nothing that matters.
_SAME = 0.05
_ROWS = {
    "ece": ("Expected calibration error", "Mean gap between probability and share, over the bins (Guo et al. 2017)."),
    "ece_by_chance": ("… by chance alone", "What it would be of perfect probabilities with so few of them."),
    "mce": ("Largest gap of a bin", "A bin with a few in it makes it large by chance."),
    "nll": ("Negative log-likelihood", "What the temperature makes small, in nats."),
    "brier": ("Brier score", "Mean squared distance of probability and truth."),
}


def show(
    tune: Decisions,
    report: Decisions | None,
    splits: tuple[str, str],
    thresh: np.ndarray,
    label: int | None,
    *,
    key: str,
) -> None:
    """Show how often what is said with a probability is true, before and after one temperature.

    Parameters
    ----------
    tune : Decisions
        Images that the temperature is fitted on.
    report : Decisions, optional
        Other images that it is measured on; without them halves of ``tune`` are crossed.
    splits : tuple of str
        Names of the two splits.
    thresh : ndarray of float32, shape (C,)
        Thresholds, which move with the temperature.
    label : int, optional
        Which label to look at; None for all together.
    key : str
        Names the run and the version of its predictions: what is worked out is kept under it.
    """
    place, choice = st.container(), st.container()
    with choice:
        scheme = st.segmented_control(
            "Bins of the probability",
            list(_SCHEMES),
            default="width",
            required=True,
            format_func=_SCHEMES.__getitem__,
            key=f"bins-{key}",
            help="Equal width: 15 steps from 0 to 1, some of them nearly empty. Equally full: 15 steps with as many in "
            "each, which shows more where most probabilities are.",
        )
    calibrated = _measured(key, splits, scheme, label, tune, report)
    shown, split = (tune, splits[0]) if report is None else (report, splits[1])
    if calibrated.before is None:
        place.info(f"Calibration is not defined, because nothing is known of {_what(shown, split, label)}.")
        return
    place.markdown(_sentence(calibrated, calibrated.before, tune, shown, splits, label))
    if calibrated.why_not:
        place.info(
            f"The temperature is not defined, because {guard.escape(calibrated.why_not)}.", icon=":material/info:"
        )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        alt = "Observed frequency against predicted probability, before and after temperature scaling"
        figure = _figure(key, splits, scheme, label, calibrated, shown)
        chart(figure, key=f"reliability-{scheme}-{label}-{key}", alt=alt)
    with right:
        _numbers(calibrated, lab_words.images(len(shown), split))
        _limits(calibrated, shown)
    if calibrated.labels is not None:
        _labels(calibrated.labels, calibrated.temperature, shown, split, thresh, key)
    if not calibrated.why_not:
        _code(calibrated.temperature, shown)


def _sentence(
    calibrated: Calibrated,
    before: Quality,
    tune: Decisions,
    shown: Decisions,
    splits: tuple[str, str],
    label: int | None,
) -> str:
    """Say what is seen and what it means."""
    split = splits[0 if calibrated.crossed else 1]
    chance = (
        f"chance alone would make {before.ece_by_chance:.3f} of perfect probabilities"
        if before.ece > before.ece_by_chance
        else f"no more than the {before.ece_by_chance:.3f} that chance alone makes of perfect probabilities"
    )
    sentence = (
        "Of what the model says with a probability of 0.8, eight of ten should be true. For "
        f"{_what(shown, split, label)}, probability and truth are **{before.ece:.3f}** apart on average; {chance}."
    )
    after = calibrated.after
    return sentence if after is None else f"{sentence} {_effect(calibrated, before, after, tune, splits)}"


def _effect(calibrated: Calibrated, before: Quality, after: Quality, tune: Decisions, splits: tuple[str, str]) -> str:
    """Say what the temperature does."""
    t = calibrated.temperature
    where = lab_words.images(len(tune), splits[0])
    how = " each half measured with the temperature of the other half," if calibrated.crossed else ""
    end = " (the end of what is tried)" if calibration.is_at_bound(t) else ""
    judged = intervals.judged(calibrated.gain)
    if judged != intervals.BETTER:
        chance = "beyond chance " if judged == intervals.CHANCE else ""
        few = ", as far as so few images tell" if judged == intervals.TOO_FEW else ""
        return (
            f"One temperature fitted on {where}, **T = {t:.3g}**{end},{how} does not make the truth likelier {chance}"
            f"on these images{few}: leave the probabilities as they are."
        )
    kind = "neither too sure nor too careful" if abs(t - 1) < _SAME else "too sure" if t > 1 else "too careful"
    if after.ece < before.ece:
        effect = f"brings the distance to **{after.ece:.3f}**"
    else:
        effect = f"makes the truth likelier, but the distance **{after.ece:.3f}**"
    return f"Judged by {where} the model is {kind}: one temperature, **T = {t:.3g}**{end},{how} {effect}."


def _what(shown: Decisions, split: str, label: int | None) -> str:
    images = lab_words.images(len(shown), split)
    softmax = shown.activation == calibration.SOFTMAX
    if label is None:
        return f"the most probable classes of {images}" if softmax else f"the labels of {images}"
    name = guard.escape(shown.names[label])
    return f"those of {images} of which **{name}** is the most probable class" if softmax else f"**{name}** on {images}"


def _numbers(calibrated: Calibrated, of: str) -> None:
    """Show the numbers before and after, side by side; ``of`` are the images."""
    columns = {"model": calibrated.before, f"with T = {calibrated.temperature:.3g}": calibrated.after}
    rows = [
        {
            "": title,
            **{name: _number(quality, field) for name, quality in columns.items() if quality},
            "what it says": help,
        }
        for field, (title, help) in _ROWS.items()
    ]
    st.caption(f"On {of}; smaller is better, of each.")
    st.table(pd.DataFrame(rows).map(guard.escape), border="horizontal", hide_index=True, alt="Calibration numbers")


def _number(quality: Quality, field: str) -> str:
    value = getattr(quality, field)
    return three_digits(value) if math.isfinite(value) else "not defined"


def _limits(calibrated: Calibrated, shown: Decisions) -> None:
    if calibrated.why_not:
        return
    stays = (
        "the most probable class stays the most probable one"
        if shown.activation == calibration.SOFTMAX
        else "no ranking changes, and the moved thresholds below predict exactly the same labels"
    )
    st.caption(
        f"A temperature divides every logit, so {stays}. It is one for all: it cannot fix one label that is predicted "
        "too often and another that is predicted too rarely."
    )


def _labels(own: PerLabel, temperature: float, shown: Decisions, split: str, thresh: np.ndarray, key: str) -> None:
    """Show each label's own calibration, and where its threshold moves."""
    table = pd.DataFrame(
        {
            "label": list(shown.names),
            "known": own.count,
            "mean probability": own.mean_p,
            "share present": own.share,
            "difference": own.mean_p - own.share,
            "error": own.before,
            "error with T": own.after,
            "threshold": thresh.astype(np.float64),
            "threshold with T": calibration.scaled_threshold(thresh, temperature),
        }
    )
    st.markdown(f"**Each label**, on {lab_words.images(len(shown), split)}")
    helps = {
        "difference": "Mean probability minus share: above 0 the label is overpredicted.",
        "error": "Expected calibration error of this label alone.",
        "threshold with T": "Predicts the same labels once probabilities are scaled.",
    }
    lab_words.table(table, key=f"calibration-{key}", digits=3, helps=helps)


def _code(temperature: float, shown: Decisions) -> None:
    with st.expander("Code that scales probabilities", icon=":material/code:"):
        if shown.activation == calibration.SOFTMAX:
            body = "scaled = scipy.special.softmax(np.log(preds.clip(1e-7)) / T, axis=1)"
        else:
            body = "preds = preds.clip(1e-7, 1 - 1e-7)\nscaled = scipy.special.expit(scipy.special.logit(preds) / T)"
        st.code(f"import numpy as np\nimport scipy.special\n\nT = {temperature:.6g}\n{body}", language="python")


@st.cache_resource(max_entries=64, show_spinner="Fitting the temperature …")
def _measured(
    key: str, splits: tuple, scheme: str, label: int | None, _tune: Decisions, _report: Decisions | None
) -> Calibrated:
    return calibration_report.measured(_tune, _report, label=label, scheme=scheme)


@st.cache_resource(max_entries=64, show_spinner=False)
def _figure(key: str, splits: tuple, scheme: str, label: int | None, _calibrated: Calibrated, _shown: Decisions) -> str:
    sides = [quality.bins for quality in (_calibrated.before, _calibrated.after) if quality]
    ends = [intervals.wilson(bins.share, bins.count) for bins in sides]
    counted = "images" if _shown.activation == calibration.SOFTMAX else "labels"
    figure = figures_lab.reliability(
        sides[0], sides[1] if len(sides) > 1 else None, ends, temperature=_calibrated.temperature, counted=counted
    )
    return to_json(figure)
