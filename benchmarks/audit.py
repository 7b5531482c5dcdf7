"""How many planted errors a label audit finds on shapes, vehicles and faces, beside cleanlab on the same answers.

``python -m benchmarks audit --data FOLDER``: vehicles and faces are folders in it, shapes is drawn. In each 5 % of the
cells are changed in the audit's copy; real errors among the proposals count as wrong. The ranking was chosen on
seed 0; the seeds of the table are others. ``--sets``, ``--seeds`` and ``--full`` measure a part or whole trainings;
``--keep FOLDER`` goes on where an earlier call ended.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.evaluation.audit import ranking
from lib.evaluation.audit.ranking import Ranking
from lib.importing import importer, samples
from lib.metrics.suspicion import order
from lib.tasks import mirror
from lib.training import audits

_DOSE = 0.05
_SETS, _SEEDS = "shapes,vehicles,faces", "1,2,3"
#: Of faces, what of a file's name is the person.
_GROUPS = {"faces": "(.*)_"}


def measure(data: Path, words: list[str]) -> dict[str, str]:
    """Audit every set with every seed; return a line for each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks audit")
    parser.add_argument("--sets", default=_SETS, help="names, with commas")
    parser.add_argument("--seeds", default=_SEEDS, help="with commas")
    parser.add_argument("--full", action="store_true", help="whole trainings instead of heads on cached features")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="a workspace that stays")
    chosen = parser.parse_args(words)
    lines: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="audit-") as temporary:
        workspace = Workspace(chosen.keep or Path(temporary))
        for name in chosen.sets.split(","):
            dataset = _dataset(workspace, data, name)
            for seed in map(int, chosen.seeds.split(",")):
                ranked = _audited(workspace, dataset, seed, quick=not chosen.full)
                lines |= {f"{name}, seed {seed}: {what}": text for what, text in _found(ranked).items()}
    return lines


def _dataset(workspace: Workspace, data: Path, name: str) -> Dataset:
    if name not in workspace.dataset_names():
        if name in samples.SAMPLES:
            samples.ensure(workspace, name, progress=lambda *_: None)
        else:
            importer.import_dataset(workspace, data / name, name=name, yes=True, group=_GROUPS.get(name))
    return store.load(workspace, name)


def _audited(workspace: Workspace, dataset: Dataset, seed: int, *, quick: bool) -> Ranking:
    """Return the ranking of an audit, which is made as far as there is none."""
    audit = audits.of_config(workspace, audits.plan(dataset, quick=quick, dose=_DOSE, seed=seed))
    if audit.state != audits.FINISHED:
        audit = audits.go_on(workspace, audit.config)
    while audit.state == audits.RUNNING:
        time.sleep(1)
        audit = audits.of_config(workspace, audit.config)
    if audit.state != audits.FINISHED:
        raise SystemExit("\n".join(audit.failures) or f"The audit of {dataset.name} is {audit.state}.")
    return ranking.of_audit(workspace, audit)


def _found(ranked: Ranking) -> dict[str, str]:
    """Return what is found of what was planted, by what that is."""
    planted, scores = ranked.planted.cells, ranked.suspicions.scores
    n = int(planted.sum())
    hits = planted.reshape(-1)[order(scores)]
    value = ranked.task.format(ranked.metrics()[ranked.task.metric], ranked.answers.dataset.names)
    lines = {
        "answers": f"{ranked.task.metric} {value}",
        f"of {n:,} planted {ranked.task.audited_words}": (
            f"{hits[:n].sum() / n:.3f} among as many proposals, {hits[: 2 * n].sum() / n:.3f} among twice as many"
        ),
    }
    if ranked.planted.swaps:
        lines["exchanged pairs"] = _swaps(ranked)
    if planted.shape[1] > 1 and ranked.answers.preds.shape == planted.shape and ranked.task.has_labels:
        lines |= _beside_cleanlab(ranked)
    return lines


def _swaps(ranked: Ranking) -> str:
    """Return precision, recall and F1 of pairs, image by image."""
    shape = (len(ranked.groups), len(mirror.pairs(ranked.answers.dataset) or []))
    true, found = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for mask, swaps in ((true, ranked.planted.swaps), (found, ranked.suspicions.swaps)):
        for row, ones in swaps.items():
            mask[row, list(ones)] = True
    parts = []
    for what, one, other in (("pairs", true, found), ("images", true.any(axis=1), found.any(axis=1))):
        both = int((one & other).sum())
        precision, recall = both / max(int(other.sum()), 1), both / int(one.sum())
        f1 = 2 * both / (int(one.sum()) + int(other.sum()))
        parts.append(f"{int(one.sum()):,} {what}: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")
    return "; ".join(parts)


def _beside_cleanlab(ranked: Ranking) -> dict[str, str]:
    """Return what cleanlab's multi-label filter, and its scores, find in the very same answers."""
    from cleanlab.multilabel_classification.filter import find_multilabel_issues_per_class
    from cleanlab.rank import get_label_quality_scores

    rows = np.flatnonzero((ranked.answers.fold >= 0) & (ranked.answers.targs >= 0).all(axis=1))
    truth, probs = ranked.answers.targs[rows].astype(int), ranked.answers.preds[rows].astype(np.float64)
    planted, own = ranked.planted.cells[rows], ranked.suspicions.scores[rows]
    n = int(planted.sum())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        flagged = find_multilabel_issues_per_class(
            [np.flatnonzero(row).tolist() for row in truth], probs, filter_by="prune_by_noise_rate", n_jobs=1
        )
    mask = np.stack([np.asarray(one) for one in flagged], axis=1) if isinstance(flagged, list) else np.asarray(flagged)
    m = int(mask.sum())
    hits = planted.reshape(-1)[order(own)]
    lines = {
        f"cleanlab's filter, {m:,} cells": (
            f"recall {(planted & mask).sum() / n:.3f}, precision {(planted & mask).sum() / max(m, 1):.3f}; "
            f"ours, as many: recall {hits[:m].sum() / n:.3f}, precision {hits[:m].sum() / max(m, 1):.3f}"
        )
    }
    for method, adjusted in (("self_confidence", False), ("normalized_margin", True)):
        quality = np.stack(
            [
                get_label_quality_scores(
                    truth[:, c],
                    np.stack([1 - probs[:, c], probs[:, c]], axis=1),
                    method=method,
                    adjust_pred_probs=adjusted,
                )
                for c in range(truth.shape[1])
            ],
            axis=1,
        )
        theirs = planted.reshape(-1)[order(-quality)]
        title = f"cleanlab's {method}{', adjusted' if adjusted else ''}"
        lines[title] = f"{theirs[:n].sum() / n:.3f} among as many, {theirs[: 2 * n].sum() / n:.3f} among twice as many"
    return lines
