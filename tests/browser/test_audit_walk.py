"""From two models to better labels and the proof of it: compare, disagreements, audit, accept ten, train, compare."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from benchmarks.page_content import still
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.edits import Cell
from lib.evaluation.verdicts import verdicts, words
from lib.training import audits, runs
from tests.browser.walks import LONG, Walk
from tests.conftest import build_dataset

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

N_IMAGES, N_VALID, N_FLIPS = 160, 50, 60


def _mislabeled(workspace):
    """Make a dataset of which labels of training images are wrong; return it and these cells."""
    dataset = build_dataset(workspace, "multi-label", "street", n=N_IMAGES)
    splits = ["valid"] * N_VALID + ["train"] * (N_IMAGES - N_VALID)
    dataset = edits.assign(dataset, splits, how={}, note="more to validate on")
    rng = np.random.default_rng(0)
    rows = rng.choice(dataset.index("train"), N_FLIPS, replace=False)
    flips = [(int(row), int(rng.integers(len(dataset.names)))) for row in rows]
    cells = [Cell(*flip, float(dataset.targs[flip]), float(1 - dataset.targs[flip])) for flip in flips]
    return edits.set_targs(dataset, cells, note="planted"), set(flips)


def _trained(page, walk, server, name, *, epochs=0):
    """Click on a button of the Train page and return the run that it starts, finished."""
    before = [run.id for run in runs.list_runs(server.workspace)]
    page.goto(f"{server.url}/train?dataset=street")
    if epochs:
        walk.shorten(epochs=epochs)
    walk.click(page.get_by_role("button", name=name))
    expect(page).to_have_url(re.compile(f"run=(?!{'|'.join(before) or '-'})"), timeout=LONG)
    return walk.run_once_finished(server.workspace)


def _compared(page, walk, server, a, b):
    """Open the comparison of two runs from the table, and expect the verdict that the library has."""
    page.goto(f"{server.url}/runs?dataset=street&compare={a.id}.{b.id}")
    walk.click(page.get_by_role("button", name="Compare 2"))
    verdict = verdicts.compare([a], [b])
    expect(page.get_by_text(words.sentence(verdict))).to_be_visible(timeout=LONG)
    answers = [run.predictions("valid") for run in (a, b)]
    off = [((one.preds > np.float32(0.5)) != (one.targs == 1)).mean() for one in answers]
    assert verdict.headline.difference.interval.value == pytest.approx(off[0] - off[1], abs=1e-9)
    return verdict


def test_wrong_labels_are_found_and_the_gain_is_shown(page, server, workspace):
    """Two runs are compared, ten proposals of an audit accepted by key, and the next run is compared with the first."""
    dataset, flips = _mislabeled(workspace)
    walk = Walk(page, server.url)
    first = _trained(page, walk, server, re.compile("^Quick model"))
    other = _trained(page, walk, server, re.compile("^Train$"), epochs=1)
    _compared(page, walk, server, first, other)
    expect(page.locator(".gallery .card img").first).to_be_visible(timeout=LONG)  # the disagreements

    page.goto(f"{server.url}/data?dataset=street&view=Label+audit")
    walk.click(page.get_by_role("button", name=re.compile("^Quick audit")))
    expect(page.get_by_text(re.compile("0 of [0-9]+ reviewed"))).to_be_visible(timeout=LONG)
    for accepted in range(10):
        still(page)  # keys are heard once the page stands
        page.keyboard.press("Enter")
        expect(page.get_by_text(re.compile(f"^{accepted + 1} of [0-9]+ reviewed"))).to_be_visible()
    now = store.load(workspace, "street")
    changed = set(zip(*(part.tolist() for part in np.nonzero(now.targs != dataset.targs)), strict=True))
    assert len(changed) == 10 and len(changed & flips) >= 8
    assert not runs.list_folds(workspace)[0].config.fold.dose and len(audits.of_dataset(workspace, "street")) == 1

    second = _trained(page, walk, server, re.compile("^Quick model"))
    assert second.config.revision == now.revision != first.config.revision
    verdict = _compared(page, walk, server, first, second)
    assert len(verdict.images) == N_VALID - len({row for row, _ in changed if row < N_VALID})
    expect(page.get_by_text("10 labels of 10 images (10 changed)")).to_be_visible()
