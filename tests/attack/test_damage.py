"""One bad file breaks only itself: it is said wherever it is used, and everything else is as it was.

``make damage`` takes every case of the corpus through every view.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.checks import reviewed
from lib.datasets.journal import journal
from lib.thresholds import sets_file
from lib.training import events, runs
from tests import unsealed
from tests.attack.damage import corpus, loading, seeds, views
from tests.attack.damage.corpus import Seed


@pytest.mark.slow
@pytest.mark.parametrize("task", seeds.TASKS)
def test_no_damage_is_loaded_as_if_it_were_whole(task, tmp_path):
    """Each of a hundred and more damages of a task is refused in a sentence, or what was changed is not used."""
    seed = Seed.of(tmp_path, task, loading.everything)
    assert len(seed.cases) > 100
    failed = [one for case in seed.cases for one in corpus.failures(seed, case, tmp_path, loading.everything)[0]]
    assert not failed


@pytest.mark.slow
@pytest.mark.parametrize("task", seeds.TASKS)
def test_damage_is_said_on_every_page_and_by_every_command(task, tmp_path):
    """Of cases drawn from the corpus, one of each file in one task or another, no view raises or shows wrong numbers.

    Nor does a view of another run or data set say anything else than before, and a training starts.
    """
    draw = partial(views.everything, with_model=False)
    seed, rng = Seed.of(tmp_path, task, draw), np.random.default_rng(7)
    cases = np.array(seed.cases, dtype=object)
    files = sorted({case.file for case in seed.cases})
    mine = files[seeds.TASKS.index(task) :: len(seeds.TASKS)]
    drawn = [rng.choice(cases[[case.file == file for case in cases]]) for file in mine]
    failed = [one for case in drawn for one in corpus.failures(seed, case, tmp_path, draw)[0]]
    assert not failed


#: JSON of any kind, small: what is nested deep or long is in the corpus.
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_FILES = [
    (events.CONFIG, True),
    (events.MANIFEST, True),
    (events.EVENTS, True),
    (sets_file.FILE, True),
    (store.HEAD, False),
    (journal.FILE, False),
    (reviewed.FILE, False),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Workspace:
    """A whole workspace as a version without checksums left it."""
    workspace = seeds.build(tmp_path_factory.mktemp("fuzzed") / "workspace", "multi-label")
    unsealed.strip_dataset(workspace.dataset(seeds.MADE))
    for name in (events.EVENTS, sets_file.FILE):
        unsealed.strip(workspace.run(seeds.VICTIM) / name)
    line = {"kind": "x", "parts": ["0"], "decision": "dismissed", "time": "2026-01-02T03:04:05Z"}
    path = workspace.dataset(seeds.MADE) / reviewed.FILE
    path.write_text(json.dumps({"format": 1, "reviewed": [line]}))
    return workspace


def _addresses(value: Any, steps: tuple = ()) -> list[tuple]:
    """Return the steps to every place in JSON."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, one in entries for place in [(*steps, key), *_addresses(one, (*steps, key))]]


def _with(value: Any, steps: tuple, new: Any) -> Any:
    """Return JSON with another value at a place."""
    if not steps:
        return new
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[steps[0]] = _with(value[steps[0]], steps[1:], new)
    return changed


@pytest.mark.parametrize(("file", "of_run"), _FILES)
def test_whatever_json_lies_there_is_read_or_refused(file, of_run, whole):
    """Any value at any place of any JSON file, drawn by hypothesis: what is read has its types, the rest is said."""
    path = (whole.run(seeds.VICTIM) if of_run else whole.dataset(seeds.MADE)) / file
    before = path.read_bytes()
    lines = before.splitlines() if file.endswith("l") else [before]

    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def fuzzed(data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(lines) - 1))
        value = json.loads(lines[number])
        addresses = [(), *_addresses(value)]
        changed = _with(value, data.draw(st.sampled_from(addresses)), data.draw(_ANY))
        content = [*lines[:number], json.dumps(changed).encode(), *lines[number + 1 :]]
        path.write_bytes(b"\n".join(content) + b"\n")
        runs._loaded.clear()
        drawn = loading.everything(whole)
        assert not drawn.tracebacks

    try:
        fuzzed()
    finally:
        path.write_bytes(before)
