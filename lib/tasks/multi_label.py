"""Multi-label: any number of labels an image, each with its own probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from lib.core import sentences
from lib.core.arrays import Floats
from lib.core.config import TrainConfig
from lib.metrics import decisions, findings, scores, sweep
from lib.metrics.statistics import labels as label_stats
from lib.tasks import labels
from lib.tasks.audited import AuditedLabels
from lib.tasks.augmented import CopiedLabels
from lib.tasks.base import Task
from lib.tasks.checks import CheckedLabels
from lib.tasks.code.labels import CodedLabels
from lib.tasks.compared import ComparedLabels
from lib.tasks.conversion import ConvertedLabels
from lib.tasks.display import NewLabels
from lib.tasks.editing import EditedLabels
from lib.tasks.learning import LABELS
from lib.tasks.measured import MeasuredLabels
from lib.tasks.statistics import labels as label_statistics
from lib.tasks.statistics import pairs
from lib.tasks.statistics.sections import Section, Seen, formatted
from lib.tasks.strata import Strata, of_labels
from lib.tasks.typed import TypedLabels
from lib.tasks.types import Card, Chip, Loss, Panel, Predictions
from lib.tasks.unlabeled import UnlabeledLabels
from lib.tasks.written import WrittenLabels

#: A probability of exactly 0 or 1 would need an infinite bias.
_SURE = 1e-3
#: A cell of the one-hot matrix of which nobody said whether the label is there.
UNKNOWN = -1


class MultiLabel(
    UnlabeledLabels,
    CheckedLabels,
    ComparedLabels,
    CopiedLabels,
    EditedLabels,
    MeasuredLabels,
    NewLabels,
    WrittenLabels,
    ConvertedLabels,
    AuditedLabels,
    TypedLabels,
    CodedLabels,
    Task,
):
    """`MultiCategoryBlock`: sigmoid, binary cross-entropy, `accuracy_multi` at a threshold."""

    name = "multi-label"
    title = "Multi-label"
    question = "Which of these labels does the image have: none, one or several?"
    noun = "label"
    has_labels = True
    has_several_labels = True
    linear_fit = LABELS
    loss = "BCEWithLogitsLoss"
    loss_title = "binary cross-entropy with logits (BCEWithLogitsLoss)"
    activation = "sigmoid"
    metric = "accuracy_multi"
    tie_metric = "map"  # of all thresholds: the headline sees one only
    baseline_title = "predict nothing"
    uses_thresh = True
    sweep_curves = sweep.MULTI_LABEL
    decision_titles: ClassVar[dict[str, str]] = {
        "accuracy_multi": "accuracy_multi",
        "precision_micro": "Precision",
        "recall_micro": "Recall",
        "f1_micro": "Micro F1",
        "f1_macro": "Macro F1",
        "subset_accuracy": "Subset accuracy",
        "hamming_loss": "Hamming loss",
        "predicted_per_image": "Predicted per image",
    }
    error_title = "wrong labels"
    wrongness_title = "share of wrong labels"

    def check(self, names: Sequence[str], targs: np.ndarray) -> str | None:
        if not len(names):
            return "expected at least one label, found none: give at least one image a label"
        if not (targs == 1).any():
            return "expected at least one image with a label, found none: check the label column"
        unknown = np.flatnonzero(~scores.known(targs).any(axis=0))
        if len(unknown):
            return (
                f"expected 0 or 1 of each label in some image, found none of {names[unknown[0]]!r}: fill its column in"
            )
        return None

    def refuses(self, names: Sequence[str], was: np.ndarray, now: np.ndarray, sizes: np.ndarray) -> str | None:
        if not np.isin(now, (1, 0, UNKNOWN)).all():
            return f"expected 1 (present), 0 (absent) or {UNKNOWN} (unknown), found another number: choose one of these"
        return None

    def cells(self, targs: np.ndarray, names: Sequence[str], columns: np.ndarray | None = None) -> np.ndarray:
        return targs if columns is None else targs[:, columns]

    def matrix(self, targs: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        there = scores.known(targs)
        # Unknown cells are NaN: neither equal to 1 nor to 0, and shown as empty.
        return pd.DataFrame(targs if there.all() else np.where(there, targs, np.float32("nan")), columns=list(names))

    def statistics(self, seen: Seen) -> list[Section]:
        return [
            label_statistics.per_image(seen.targs, seen),
            label_statistics.frequencies(seen.targs, seen, self.noun, self.nouns),
            *([pairs.pairs(seen.targs, seen)] if len(seen.names) > 1 else []),
            label_statistics.label_sets(seen.targs, seen),
        ]

    def strata(self, targs: np.ndarray, names: Sequence[str]) -> Strata | None:
        return of_labels(targs, names, self.noun, self.nouns)

    def facts(
        self, targs: np.ndarray, names: Sequence[str], sizes: np.ndarray, splits: np.ndarray
    ) -> list[tuple[str, str, str]]:
        there = scores.known(targs)
        facts = [
            ("Labels", f"{len(names):,}", "Columns of the one-hot matrix."),
            (
                "Labels per image",
                formatted(label_stats.cardinality(label_stats.prevalence(targs))),
                "Cardinality: the mean number of labels of an image.",
            ),
            ("Images without label", f"{int((targs == 0).all(axis=1).sum()):,}", "Rows of zeros only."),
            (
                "accuracy_multi of nothing",
                f"{scores.predict_nothing(targs):.3f}",
                "accuracy_multi of a model that never predicts a label: the share of zeros in the matrix.",
            ),
        ]
        if not there.all():
            share = f"{100 * (1 - there.mean()):.3g} %"
            facts.append(
                ("Unknown", share, "Share of empty cells of the matrix: left out of the loss and of every metric.")
            )
        return facts

    def block(self, names: Sequence[str]) -> Any:
        from fastai.vision.all import MultiCategoryBlock

        return MultiCategoryBlock(encoded=True, vocab=list(names))

    def n_out(self, names: Sequence[str]) -> int:
        return len(names)

    def has_unknown(self, targs: np.ndarray) -> bool:
        return bool((targs == UNKNOWN).any())

    def loss_for(self, config: TrainConfig, targs: np.ndarray, train: np.ndarray, names: Sequence[str]) -> Loss | None:
        is_plain = not (config.class_weights or config.focal_gamma or config.label_smoothing)
        if is_plain and not self.has_unknown(targs):
            return None
        weight = labels.pos_weights(targs[train]) if config.class_weights else None
        return Loss("bce", weight=weight, gamma=config.focal_gamma, smoothing=config.label_smoothing)

    def unsure_loss(self, value: float, names: Sequence[str]) -> float | None:
        return labels.unsure_loss(value, 1)  # of each label: present or absent

    def encode(
        self, targs: np.ndarray, sizes: np.ndarray, size: int, names: Sequence[str], scale: dict[str, Any]
    ) -> list[Any]:
        encoded: list[Any] = np.where(targs == UNKNOWN, np.nan, targs).astype(np.float32).tolist()
        return encoded

    def linear_targets(self, targs: np.ndarray, sizes: np.ndarray, scale: dict[str, Any]) -> np.ndarray:
        return np.where(targs == UNKNOWN, np.nan, targs.astype(np.float64))

    def decode(self, preds: np.ndarray, sizes: np.ndarray, scale: dict[str, Any]) -> np.ndarray:
        return preds

    def fastai_metric(self, thresh: float, targs: np.ndarray, sizes: np.ndarray, scale: dict[str, Any]) -> Any:
        from fastai.vision.all import AccumMetric, accuracy_multi

        of_all = partial(accuracy_multi, thresh=thresh)
        if not self.has_unknown(targs):
            return of_all

        def of_known(acts: Any, targs: Any) -> Any:
            known = ~targs.isnan()
            return of_all(acts[known], targs[known])

        return AccumMetric(of_known, flatten=False, name=self.metric)  # a mean of batches would weigh cells unequally

    def bias(self, targs: np.ndarray, sizes: np.ndarray, names: Sequence[str]) -> Floats:
        known = (targs != UNKNOWN).sum(axis=0).clip(1)
        share = ((targs == 1).sum(axis=0) / known).clip(_SURE, 1 - _SURE)
        bias: Floats = np.log(share / (1 - share))
        return bias

    def baseline(
        self, train_targs: np.ndarray, train_sizes: np.ndarray, sizes: np.ndarray, names: Sequence[str]
    ) -> np.ndarray:
        return np.zeros((len(sizes), len(names)), dtype=np.float32)

    def numbers(self, predictions: Predictions, thresh: float | np.ndarray) -> dict[str, float]:
        preds, targs = predictions.preds, predictions.targs
        micro, macro = scores.f1_multi(preds, targs, thresh)
        return {
            "accuracy_multi": scores.accuracy_multi(preds, targs, thresh),
            "f1_micro": micro,
            "f1_macro": macro,
            "map": scores.mean_average_precision(preds, targs),
            "subset_accuracy": scores.subset_accuracy(preds, targs, thresh),
            "hamming_loss": scores.hamming_loss(preds, targs, thresh),
        }

    def headline(self, predictions: Predictions, thresh: float | np.ndarray) -> float | None:
        return scores.defined(scores.accuracy_multi(predictions.preds, predictions.targs, thresh))

    def of_label(self, predictions: Predictions, label: int) -> Predictions:
        parts = {name: getattr(predictions, name)[:, [label]] for name in ("preds", "targs", "baseline")}
        quick = None if predictions.quick is None else predictions.quick[:, [label]]
        return replace(predictions, names=(predictions.names[label],), quick=quick, **parts)

    def errors(self, predictions: Predictions, thresh: float | np.ndarray) -> np.ndarray:
        wrong = self.wrongness(predictions, thresh)
        return np.where(np.isnan(wrong).all(axis=1), np.nan, np.nansum(wrong, axis=1))

    def wrongness(self, predictions: Predictions, thresh: float | np.ndarray) -> Floats:
        wrong = self.decide(predictions.preds, thresh) != (predictions.targs == 1)
        return np.where(scores.known(predictions.targs), wrong, np.nan)

    def decisions(self, predictions: Predictions, groups: np.ndarray | None = None) -> decisions.Decisions:
        return labels.decisions(predictions, predictions.targs, self.activation, groups)

    def export_table(self, predictions: Predictions, thresh: float | np.ndarray) -> pd.DataFrame:
        return labels.export_table(self.decisions(predictions), predictions.preds, thresh)

    def findings(self, predictions: Predictions, thresh: float) -> list[str]:
        return findings.labels_never_predicted(predictions.preds, predictions.targs, thresh, predictions.names)

    def card(self, item: int, title: str, targ: np.ndarray, size: np.ndarray, names: Sequence[str]) -> Card:
        chips = [Chip(names[c], "true") for c in np.flatnonzero(targ == 1).tolist()]
        unknown = int(np.count_nonzero(~scores.known(targ)))
        notes = ["no label" if not unknown else "no known label"] if not chips else []
        notes += [f"{unknown:,} unknown"] if unknown else []
        return Card(item, title, chips, "nothing known" if unknown == len(targ) else ", ".join(notes))

    def pred_card(self, predictions: Predictions, row: int, title: str, thresh: float | np.ndarray) -> Card:
        preds, there = predictions.preds[row], scores.known(predictions.targs[row])
        targ, above = predictions.targs[row] == 1, preds > np.asarray(thresh, dtype=preds.dtype)
        chips: list[Chip] = []
        rest: list[Chip] = []
        for c in np.argsort(-preds, kind="stable").tolist():
            chosen = chips if targ[c] or above[c] else rest
            chosen.append(Chip(predictions.names[c], _kind(there[c], targ[c], above[c]), float(preds[c])))
        return Card(int(predictions.items[row]), title, chips + rest[:3], _note(there, targ, above))

    def preview_card(self, predictions: Predictions, last: np.ndarray, row: int, title: str, thresh: float) -> Card:
        preds, there = predictions.preds[row], scores.known(predictions.targs[row])
        targ, above = predictions.targs[row] == 1, preds > preds.dtype.type(thresh)
        chips = [
            Chip(predictions.names[c], _kind(there[c], targ[c], above[c]), float(preds[c]))
            for c in labels.previewed(targ, last)
        ]
        return Card(int(predictions.items[row]), title, chips, _note(there, targ, above))

    def decide(self, preds: np.ndarray, thresh: float | np.ndarray) -> np.ndarray:
        return preds > np.asarray(thresh, dtype=preds.dtype)

    def panels(self, predictions: Predictions, thresh: float | np.ndarray) -> list[Panel]:
        return []  # what is drawn against the threshold says it all


def _kind(known: bool, true: bool, above: bool) -> str:
    """Return the kind of a label's chip."""
    if not known:
        return "unknown"
    return ("hit" if above else "miss") if true else "alarm" if above else "plain"


def _note(known: np.ndarray, true: np.ndarray, above: np.ndarray) -> str:
    """Return how many of the image's known labels are wrong."""
    wrong = int(((above != true) & known).sum())
    if not wrong:
        return "all right" if known.any() else "nothing known"
    return sentences.count(wrong, "wrong label")
