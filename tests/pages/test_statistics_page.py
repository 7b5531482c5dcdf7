"""The Statistics tab: for each task, with choices, and the way from a row of a table to its images."""

from __future__ import annotations

import numpy as np
import pytest

from lib import tasks
from lib.datasets.edits import edits
from lib.tasks import summary
from tests.pages.conftest import checked, opened


def _words(page) -> str:
    """Return what stands in the tab's lines, that of the dataset's numbers first."""
    lines = [part.value.replace("\\", "") for part in page.markdown]
    return "\n".join(line for line in lines if " **" in line and not line.startswith(":"))


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_every_task_has_statistics(name, make_dataset):
    """The tab opens for each task with its facts, each said once, and says what is excluded."""
    dataset = edits.exclude(make_dataset(name), [0], note="")
    page = opened("data", dataset="made", view="Statistics")
    first = summary.sections(tasks.get(name), dataset)[0]
    shown = _words(page)
    for title, value, _ in first.facts:
        assert shown.count(f"{title} **") == 1 and f"{title} **{value.partition(' of ')[0]}" in shown
    assert f"Of {len(dataset) - 1} images; 1 excluded image is counted nowhere." in [
        part.value for part in page.caption
    ]


def test_a_row_leads_to_its_images(make_dataset):
    """A label set that is selected in the table opens the gallery on the images with exactly these labels."""
    dataset = make_dataset("multi-label")
    page = opened("data", dataset="made", view="Statistics")
    page.session_state["statistics-multi-label"] = "Label sets"
    checked(page.run())
    table = next(frame.value for frame in page.dataframe if "how many" in frame.value)
    key = "stats-made-label_sets-0"
    page.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    checked(page.run())
    checked(page.button(key=f"{key}-show").click().run())
    assert "view" not in page.query_params and page.session_state["view"] == "Browse"
    labels = set(page.session_state["has"])
    assert ", ".join(name for name in dataset.names if name in labels) == table["labels"][0]
    exact = (dataset.targs == [name in labels for name in dataset.names]).all(axis=1)
    assert f"**{np.count_nonzero(exact)}** of {len(dataset)}" in " ".join(part.value for part in page.markdown)
    assert np.count_nonzero(exact) == table["images"][0]


def test_what_predicting_nothing_scores_is_among_the_first_facts(make_dataset):
    """The number to beat stands on top of the statistics."""
    dataset = make_dataset("multi-label")
    page = opened("data", dataset="made", view="Statistics")
    assert f"accuracy_multi of nothing **{(dataset.targs == 0).mean():.3f}**" in _words(page)


@pytest.mark.parametrize("name", ["multi-label", "single-label"])
def test_the_facts_on_top_are_those_of_the_tab(name, make_dataset):
    """A number that the page shows twice is written the same way twice."""
    task, dataset = tasks.get(name), make_dataset(name)
    on_top = task.facts(dataset.targs, dataset.names, dataset.sizes, dataset.items["split"].to_numpy())
    above = {title.removesuffix(" class"): value for title, value, _ in on_top}
    below = {title: value for part in summary.sections(task, dataset) for title, value, _ in part.facts}
    both = [title for title in above if title in below and " of " not in below[title]]
    assert len(both) == 2 and [above[title] for title in both] == [below[title] for title in both]
