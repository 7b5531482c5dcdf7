"""The page of a quick model: what it reached, the path of its penalty, and the same at the other size."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import streamlit as st

from lib.core import sentences
from lib.core.config import QUICK
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.evaluation import results
from lib.metrics import intervals
from lib.tasks.base import Task
from lib.training import events, previews, run_metrics, runs
from lib.training.run_files import Manifest, Path, PathPart
from lib.training.runs import Run
from lib.web.charts import path as charts
from lib.web.components import gallery
from lib.web.components.chart import chart
from lib.web.ui import choose_run, guard, links, words
from lib.web.ui.train import head

#: What is said of the same model at another size, by the interval of the difference.
_VERDICTS = {
    intervals.BETTER: ", better than here by more than chance",
    intervals.WORSE: ", worse than here by more than chance",
    intervals.CHANCE: ", the difference may be chance",
    intervals.SAME: ", the same as here",
    intervals.TOO_FEW: ", too few images differ to tell it from here",
}


def show(run: Run, task: Task, dataset: Dataset, baseline: float | None) -> None:
    """Show the quick model ``run``, done or on its way; ``baseline`` is its headline metric's on valid, if known."""
    manifest = run.recorded()
    if not manifest:
        head.show(run)
        _others(run, task, dataset)
        return
    head.show(run, lambda: _numbers(manifest, task, dataset, baseline))
    left, right = st.columns(2)
    if path := manifest.get("path"):
        with left:
            _path(path, key=run.id)
    with right, st.container(key="train-pictures"):
        _pictures(run, dataset)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="says"):
        st.markdown(_gain(run.id, results.version(run), run), width="content")
        links.link("analyze", "Thresholds and results" if task.uses_thresh else "Results", ":material/query_stats:")
    _others(run, task, dataset)


def _pictures(run: Run, dataset: Dataset) -> None:
    """Show some validation images with what is predicted of them."""
    predictions = results.predictions(run, "valid")
    if dataset.revision != run.config.revision or not len(predictions.items):
        return
    cards = previews.cards(predictions, run.config, dataset)
    st.markdown("**What it sees**", help=f"{len(cards)} of {len(predictions.items):,} validation images.")
    gallery.gallery(dataset, cards, key=f"sees-{run.id}", size="s")


def _path(path: Path, *, key: str) -> None:
    """Show what each penalty was worth, and which was chosen."""
    parts = [part for part in path["parts"] if any(step["score"] is not None for step in part["steps"])]
    mean = sum(part["penalty"] is None for part in parts)
    left = f" For {mean:,} of {len(parts):,} no penalty beats the mean, which is their answer." if mean else ""
    st.markdown("**How strong the penalty is**")
    if parts:
        names = [part["name"] for part in parts]
        figure = charts.penalties(*_arrays(parts), names, f"{path['score']} of held-out images")
        chart(figure, key=f"path-{key}", alt="Cross-validated score against penalty, the chosen one marked")
    st.caption(
        f"The head was fitted to what the network sees in {path['images']:,} training images; its penalty by "
        f"cross-validation in {path['folds']} parts of them, groups kept together. Lower is better.{left}"
        f"{_of_components(parts)}{_of_many(parts)}"
    )


def _of_many(parts: Sequence[PathPart]) -> str:
    """Return what is drawn where there are too many outputs for a line each, "" where each has its line."""
    if len(parts) <= charts.EACH:
        return ""
    return (
        f" Of the {len(parts):,} there are the median, the larger its dots the more have that penalty, and the "
        f"{charts.WORST} worst."
    )


def _of_components(parts: Sequence[PathPart]) -> str:
    """Return which penalty is marked where principal components of the shape have one each, "" where none do."""
    counts = [
        f"{part['fitted']:,} of {sentences.count(part['components'], 'component')} ({guard.escape(part['name'])})"
        for part in parts
        if "components" in part and "fitted" in part
    ]
    if not counts:
        return ""
    return (
        " Each principal component of the shape has its own penalty; marked is the median one, of two in the middle "
        f"the smaller. A penalty beats the mean for {' and '.join(counts)}."
    )


def _arrays(parts: Sequence[PathPart]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return penalties (P,), rising, the scores of each part at them (P, C), and penalty and score chosen (C, 2)."""
    tried = np.unique([step["penalty"] for part in parts for step in part["steps"] if step["score"] is not None])
    scores = np.full((len(tried), len(parts)), np.nan)
    chosen = np.full((len(parts), 2), np.nan)
    for column, part in enumerate(parts):
        for step in part["steps"]:
            if step["score"] is not None:
                scores[np.searchsorted(tried, step["penalty"]), column] = step["score"]
        if part["penalty"] is not None:
            distances = np.abs(np.log(tried) - np.log(part["penalty"]))  # earlier versions wrote means of two
            nearest = np.where(np.isnan(scores[:, column]), np.inf, distances).argmin()
            chosen[column] = tried[nearest], scores[nearest, column]
    return tried, scores, chosen


def _numbers(manifest: Manifest, task: Task, dataset: Dataset, baseline: float | None) -> None:
    """Show the metric of every split that it predicted, and the baseline's."""
    reached, splits = manifest.get("metrics", {}), manifest["splits"]
    images = [f"**{split}**: {count:,} images, which had no part in it." for split, count in splits.items()]
    trivial = f"the baseline, {task.metric_title} of a trivial predictor on the validation images."
    meanings = "\n\n".join([*images, f"**{task.baseline_title}**: {trivial}"])
    for place, split in enumerate(splits):  # one help for all of them: each is a stop of the Tab key
        st.metric(
            f"{task.metric_title} ({split})",
            task.format(reached.get(split, {}).get(task.metric), dataset.names),
            help=meanings if place == 0 else None,
            width="content",
        )
    st.metric(
        f"{task.baseline_title}: {task.metric_title}",
        "not known" if baseline is None else task.format(baseline, dataset.names),
        width="content",
    )


@st.cache_data(show_spinner=False, max_entries=64)
def _gain(run: str, version: int, _run: Run) -> str:
    """Return whether the run is better than the baseline on valid, with the interval, as Markdown."""
    gain = run_metrics.gain(_run, "valid")
    icon = ":material/check:" if gain.is_defined and gain.low > 0 else ":material/balance:"
    count = words.images(len(results.predictions(_run, "valid").items), "valid")
    return f"{icon} {guard.escape(run_metrics.gain_words(_run, gain))} On {count}."


def sizes(run: Run) -> dict[int, Run]:
    """Return the quick models of the same data and choices at every other size, by size: of each the newest."""
    others: dict[int, Run] = {}
    for one in runs.list_runs(Workspace(run.folder.parent.parent)):
        if one.id != run.id and dataclasses.replace(one.config, size=run.config.size) == run.config:
            others.setdefault(one.config.size, one)
    return dict(sorted(others.items()))


def goes_on(run: Run) -> bool:
    """Return whether there is something to wait for: ``run`` itself, or the same quick model at another size."""
    if run.state in events.ACTIVE:
        return True
    return run.config.kind == QUICK and any(one.state in events.ACTIVE for one in sizes(run).values())


def _others(run: Run, task: Task, dataset: Dataset) -> None:
    """Say how the same quick model stands at every other size, with a button that shows it."""
    for size, other in sizes(run).items():
        refined = size > run.config.size
        with st.container(horizontal=True, vertical_alignment="center", gap="small"), guard.errors():
            if refined and run.state in events.ACTIVE and other.state in events.ACTIVE:
                st.caption(f":material/hourglass_empty: Refined at {size} px as soon as this one is done.")
                continue
            judged = _judged(other, run) if other.manifest() and run.manifest() else intervals.UNKNOWN
            what = "Refined" if refined else "First answer"
            st.markdown(_stands(other, task, dataset, what, judged), width="content")
            st.button(
                f"Show {size} px",
                key=f"show-{other.id}-{run.id}",
                type="primary" if refined and other.manifest() and judged != intervals.WORSE else "secondary",
                on_click=_choose,
                args=(other.id,),
            )


def _judged(other: Run, run: Run) -> str:
    """Return whether ``other`` is better than ``run`` on valid, see `lib.metrics.intervals.judged`."""
    return _judged_once(other.id, results.version(other), run.id, results.version(run), other, run)


@st.cache_data(show_spinner=False, max_entries=64)
def _judged_once(other: str, other_version: int, run: str, version: int, _other: Run, _run: Run) -> str:
    return intervals.judged(run_metrics.gain_over(_other, _run, "valid"))


def _headline(run: Run, task: Task) -> float | None:
    manifest = run.manifest()
    return manifest["metrics"].get("valid", {}).get(task.metric) if manifest else None


def _stands(other: Run, task: Task, dataset: Dataset, what: str, judged: str) -> str:
    """Return in one line, as Markdown, how far the same quick model is at another size."""
    size = other.config.size
    if other.manifest():
        icon = ":material/check:" if judged == intervals.BETTER else ":material/balance:"
        value = guard.escape(task.format(_headline(other, task), dataset.names))
        return f"{icon} {what} at {size} px: {value} on valid{_VERDICTS.get(judged, '')}"
    if other.state in events.ACTIVE:
        note, doing = other.note or "starting", "Refining" if what == "Refined" else what
        far = " · ".join(filter(None, (note[:1].lower() + note[1:], head.time_left(other.progress()))))
        return f":material/hourglass_empty: {doing} at {size} px: {guard.escape(far)}"
    return f"At {size} px: {choose_run.state_words(other)}. {guard.escape(other.failure())}".strip()


def _choose(run_id: str) -> None:
    choose_run.select(run_id)
    guard.draw_whole_page()
