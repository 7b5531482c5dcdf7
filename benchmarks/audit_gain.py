"""What a label audit is worth on vehicles: wrong labels are planted, found, put right, and the model is trained again.

``python -m benchmarks audit-gain --data FOLDER``: in each of five seeds a share of the known cells of the training
images is flipped. A quick model is trained, the cheap audit proposes, and a reviewer who knows the truth looks at twice
as many proposals as there are flips, accepts those that are one and dismisses the others. A second quick model is
trained on the corrected labels; both are compared, as the Runs page does it, on the images that neither trained on,
whose labels nobody touched. A third one, on labels that were never flipped, says what could be won at most.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.edits import Cell
from lib.evaluation.audit import queue, ranking
from lib.evaluation.verdicts import images, verdicts, words
from lib.importing import importer
from lib.training import audits, events, launch, runs
from lib.training.runs import Run

SEEDS, SHARES, SIZE = 5, (0.05, 0.1), 224


def measure(data: Path) -> dict[str, str | float]:
    """Return what is found and won, a line for each share and seed, and the medians.

    Parameters
    ----------
    data : pathlib.Path
        A multi-label dataset with a test part.
    """
    measured: dict[str, str | float] = {}
    with tempfile.TemporaryDirectory(prefix="audit-gain-") as folder:
        workspace = Workspace(Path(folder))
        importer.import_dataset(workspace, data, name="clean", yes=True)
        clean = _quick(workspace, "clean")
        for share in SHARES:
            lines = [_one(workspace, data, share, seed, clean, measured) for seed in range(SEEDS)]
            for name, *values in zip(("found", "before", "after", "gain", "at most"), *lines, strict=True):
                measured[f"{100 * share:g} % flipped, median of {SEEDS}: {name}"] = float(np.median(values))
    return measured


def _one(
    workspace: Workspace, data: Path, share: float, seed: int, clean: Run, measured: dict[str, str | float]
) -> tuple[float, float, float, float, float]:
    """Return the share of flips found, the headline before and after, the gain, and what could be won at most."""
    name = f"flipped-{share:g}-{seed}"
    importer.import_dataset(workspace, data, name=name, yes=True)
    dataset, flips = _flipped(store.load(workspace, name), share, seed)
    before = _quick(workspace, name)
    ranked = ranking.of_audit(workspace, _audited(workspace, dataset, seed))
    proposed = queue.of_ranking(ranked, dataset, 2 * len(flips))
    accepted = [item for item in proposed.items if (item.place.row, item.place.column) in flips]
    cells = [Cell(item.place.row, *change) for item in accepted for change in item.finding.sets[item.place.row]]
    edits.set_targs(dataset, cells, note="as the audit says")
    after = _quick(workspace, name)
    verdict = verdicts.compare([before], [after], images.EITHER)
    most = verdicts.compare([before], [clean], images.EITHER)
    gain, line = verdict.headline, f"{100 * share:g} % flipped, seed {seed}"
    looked_at = f"{len(accepted)} of {len(flips)} flips in {len(proposed.items)} proposals"
    measured[line] = f"{looked_at}. {words.sentence(verdict)}"
    print(f"{line}: {measured[line]}", file=sys.stderr, flush=True)
    return len(accepted) / len(flips), gain.a, gain.b, float(gain.gain.value), float(most.headline.gain.value)


def _flipped(dataset: Dataset, share: float, seed: int) -> tuple[Dataset, set[tuple[int, int]]]:
    """Return the dataset with that share of the known cells of its training images flipped, and which they are."""
    known = [(int(row), column) for row in dataset.index("train") for column in range(len(dataset.names))]
    known = [cell for cell in known if dataset.targs[cell] >= 0]
    drawn = np.random.default_rng(seed).choice(len(known), round(share * len(known)), replace=False)
    flips = {known[place] for place in drawn}
    cells = [Cell(*cell, float(dataset.targs[cell]), float(1 - dataset.targs[cell])) for cell in sorted(flips)]
    return edits.set_targs(dataset, cells, note="planted"), flips


def _audited(workspace: Workspace, dataset: Dataset, seed: int) -> audits.Audit:
    config = audits.plan(dataset, seed=seed)
    audit = audits.go_on(workspace, config)
    while audit.state == audits.RUNNING:
        time.sleep(0.5)
        audit = audits.of_config(workspace, config)
    if audit.state != audits.FINISHED:
        raise SystemExit(f"The audit of {dataset.name} is {audit.state}: {' '.join(audit.failures)}")
    return audit


def _quick(workspace: Workspace, name: str) -> Run:
    """Return a finished quick model of a dataset as it is now."""
    (run_id,) = launch.start_quick(workspace, name, {"size": SIZE})
    run = runs.load(workspace, run_id)
    while run.refresh().state in events.ACTIVE:
        time.sleep(0.2)
    if run.recorded() is None:
        raise SystemExit(f"The quick model of {name} failed: {run.failure()}")
    return run
