"""Single-label: exactly one class an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from lib.core.arrays import Bools, Floats, Ints, Thresh
from lib.core.config import TrainConfig
from lib.figures import base
from lib.metrics import counts, decisions, findings, scores, sweep
from lib.tasks import labels
from lib.tasks.audited import AuditedClass
from lib.tasks.augmented import CopiedLabels
from lib.tasks.base import Task
from lib.tasks.checks import CheckedClass
from lib.tasks.code.labels import CodedClass
from lib.tasks.compared import ComparedClass
from lib.tasks.conversion import ConvertedClass
from lib.tasks.display import NewLabels
from lib.tasks.editing import EditedClass
from lib.tasks.learning import CLASSES
from lib.tasks.measured import MeasuredClass
from lib.tasks.statistics import labels as label_statistics
from lib.tasks.statistics.sections import Section, Seen, percent
from lib.tasks.strata import Strata, of_labels
from lib.tasks.typed import TypedClass
from lib.tasks.types import Card, Chip, Loss, Panel, Predictions
from lib.tasks.unlabeled import UnlabeledClass
from lib.tasks.written import WrittenClass

if TYPE_CHECKING:
    import plotly.graph_objects as go

_SURE = 1e-3
#: The k of top-k accuracy that are shown, as far as there are so many classes.
_KS = (1, 2, 3, 5, 10)


class SingleLabel(
    UnlabeledClass,
    CheckedClass,
    ComparedClass,
    CopiedLabels,
    EditedClass,
    MeasuredClass,
    NewLabels,
    WrittenClass,
    ConvertedClass,
    AuditedClass,
    TypedClass,
    CodedClass,
    Task,
):
    """`CategoryBlock`: softmax, cross-entropy, `accuracy`."""

    name = "single-label"
    title = "Single-label"
    question = "Which one of these classes is the image?"
    noun = "class"
    has_labels = True
    linear_fit = CLASSES
    loss = "CrossEntropyLoss"
    loss_title = "cross-entropy (CrossEntropyLoss)"
    activation = "softmax"
    metric = "accuracy"
    baseline_title = "majority class"
    sweep_curves = sweep.SINGLE_LABEL
    decision_titles: ClassVar[dict[str, str]] = {
        "precision_micro": "Accuracy of the answered",
        "predicted_per_image": "Coverage",
        "recall_micro": "Right, of all images",
        "f1_micro": "Micro F1",
        "f1_macro": "Macro F1",
    }
    error_title = "1 − probability of the true class"
    wrongness_title = "share of wrong images"

    def check(self, names: Sequence[str], targs: np.ndarray) -> str | None:
        present = np.unique(targs)
        if len(present) < 2:
            only = f"only {names[int(present[0])]!r}" if len(present) else "none"
            return f"expected at least two classes, found {only}: add images of another class"
        return None

    def refuses(self, names: Sequence[str], was: np.ndarray, now: np.ndarray, sizes: np.ndarray) -> str | None:
        if ((now < 0) | (now >= len(names))).any():
            return f"expected a class from 0 to {len(names) - 1} for every image, found another number: choose one"
        return None

    def cells(self, targs: np.ndarray, names: Sequence[str], columns: np.ndarray | None = None) -> Ints:
        columns = np.arange(len(names)) if columns is None else columns
        cells: Ints = (targs[:, None] == columns).astype(np.int8)
        return cells

    def matrix(self, targs: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        return pd.DataFrame(labels.one_hot(targs, len(names)), columns=list(names))

    def statistics(self, seen: Seen) -> list[Section]:
        return [
            label_statistics.frequencies(
                labels.one_hot(seen.targs, len(seen.names)), seen, self.noun, self.nouns, one_class=True
            )
        ]

    def strata(self, targs: np.ndarray, names: Sequence[str]) -> Strata | None:
        return of_labels(labels.one_hot(targs, len(names)), names, self.noun, self.nouns)

    def facts(
        self, targs: np.ndarray, names: Sequence[str], sizes: np.ndarray, splits: np.ndarray
    ) -> list[tuple[str, str, str]]:
        share = np.bincount(targs, minlength=len(names)) / len(targs)
        return [
            ("Classes", f"{len(names):,}", "Columns of the one-hot matrix; each row has exactly one 1."),
            ("Most frequent class", percent(share.max()), f"Share of images of {names[int(share.argmax())]!r}."),
            ("Least frequent class", percent(share.min()), f"Share of images of {names[int(share.argmin())]!r}."),
        ]

    def block(self, names: Sequence[str]) -> Any:
        from fastai.vision.all import CategoryBlock

        return CategoryBlock(vocab=list(names), sort=False)

    def n_out(self, names: Sequence[str]) -> int:
        return len(names)

    def loss_for(self, config: TrainConfig, targs: np.ndarray, train: np.ndarray, names: Sequence[str]) -> Loss | None:
        if not (config.class_weights or config.focal_gamma or config.label_smoothing):
            return None
        weight = labels.class_weights(targs[train], len(names)) if config.class_weights else None
        return Loss("cross_entropy", weight=weight, gamma=config.focal_gamma, smoothing=config.label_smoothing)

    def unsure_loss(self, value: float, names: Sequence[str]) -> float | None:
        return labels.unsure_loss(value, len(names) - 1)

    def encode(
        self, targs: np.ndarray, sizes: np.ndarray, size: int, names: Sequence[str], scale: dict[str, Any]
    ) -> list[Any]:
        return [names[int(targ)] for targ in targs]

    def linear_targets(self, targs: np.ndarray, sizes: np.ndarray, scale: dict[str, Any]) -> np.ndarray:
        return targs.astype(np.int64)

    def decode(self, preds: np.ndarray, sizes: np.ndarray, scale: dict[str, Any]) -> np.ndarray:
        return preds

    def fastai_metric(self, thresh: float, targs: np.ndarray, sizes: np.ndarray, scale: dict[str, Any]) -> Any:
        from fastai.vision.all import accuracy

        return accuracy

    def bias(self, targs: np.ndarray, sizes: np.ndarray, names: Sequence[str]) -> Floats:
        bias: Floats = np.log((np.bincount(targs, minlength=len(names)) / len(targs)).clip(_SURE))
        return bias

    def baseline(
        self, train_targs: np.ndarray, train_sizes: np.ndarray, sizes: np.ndarray, names: Sequence[str]
    ) -> np.ndarray:
        preds = np.zeros((len(sizes), len(names)), dtype=np.float32)
        preds[:, np.bincount(train_targs, minlength=len(names)).argmax()] = 1
        return preds

    def numbers(self, predictions: Predictions, thresh: Thresh) -> dict[str, float]:
        preds, targs = predictions.preds, predictions.targs
        return {"accuracy": scores.accuracy(preds, targs), "f1_macro": scores.f1_macro(preds, targs)}

    def errors(self, predictions: Predictions, thresh: Thresh) -> Floats:
        errors: Floats = 1 - predictions.preds[np.arange(len(predictions.targs)), predictions.targs]
        return errors

    def wrongness(self, predictions: Predictions, thresh: Thresh) -> Floats:
        wrong: Floats = (predictions.preds.argmax(axis=1) != predictions.targs).astype(np.float64)
        return wrong

    def start_thresh(self, config: TrainConfig) -> float:
        return 0.0  # answer every image

    def decided_headline(self, _thresh: float | np.ndarray) -> tuple[str, float | np.ndarray]:
        return "recall_micro", 0.0  # where every image is answered

    def decisions(self, predictions: Predictions, groups: np.ndarray | None = None) -> decisions.Decisions:
        truth = labels.one_hot(predictions.targs, len(predictions.names))
        return labels.decisions(predictions, truth, self.activation, groups, one_class=True)

    def export_table(self, predictions: Predictions, thresh: float | np.ndarray) -> pd.DataFrame:
        return labels.export_table(self.decisions(predictions), predictions.preds, thresh)

    def findings(self, predictions: Predictions, thresh: float) -> list[str]:
        return findings.classes_never_predicted(predictions.preds, predictions.targs, predictions.names)

    def card(self, item: int, title: str, targ: np.ndarray, size: np.ndarray, names: Sequence[str]) -> Card:
        return Card(item, title, [Chip(names[int(targ)], "true")])

    def pred_card(self, predictions: Predictions, row: int, title: str, thresh: float | np.ndarray) -> Card:
        preds, targ = predictions.preds[row], int(predictions.targs[row])
        order = [int(c) for c in np.argsort(-preds, kind="stable")]
        top = int(preds.argmax())
        answered = preds[top] > np.broadcast_to(np.asarray(thresh, dtype=preds.dtype), preds.shape)[top]
        kind = ("hit" if top == targ else "alarm") if answered else ("miss" if top == targ else "plain")
        chips = [Chip(predictions.names[top], kind, float(preds[top]))]
        if top != targ:
            chips.append(Chip(predictions.names[targ], "miss", float(preds[targ])))
        rest = [c for c in order if c not in (top, targ)]
        chips += [Chip(predictions.names[c], "plain", float(preds[c])) for c in rest[:2]]
        note = ("right" if top == targ else "wrong class") if answered else "no answer: not above the threshold"
        return Card(int(predictions.items[row]), title, chips, note)

    def preview_card(self, predictions: Predictions, last: np.ndarray, row: int, title: str, thresh: float) -> Card:
        preds, targ = predictions.preds[row], int(predictions.targs[row])
        top = int(preds.argmax())
        chips = []
        for c in labels.previewed(np.arange(len(preds)) == targ, last):
            kind = ("hit" if top == targ else "miss") if c == targ else ("alarm" if c == top else "plain")
            chips.append(Chip(predictions.names[c], kind, float(preds[c])))
        # The class may be none of those shown.
        note = "right" if top == targ else f"wrong: {predictions.names[top]}"
        return Card(int(predictions.items[row]), title, chips, note)

    def doubts(self, preds: np.ndarray, thresh: Thresh, sizes: np.ndarray, spread: np.ndarray | None) -> Floats:
        """Return minus the probability of the most probable class: one class is certain, whatever the threshold."""
        doubts: Floats = -preds.max(axis=1).astype(np.float64)
        return doubts

    def decide(self, preds: np.ndarray, thresh: float | np.ndarray) -> Bools:
        top = np.arange(preds.shape[1]) == preds.argmax(axis=1)[:, None]
        decided: Bools = top & (preds > np.asarray(thresh, dtype=preds.dtype))
        return decided

    def panels(self, predictions: Predictions, thresh: float | np.ndarray) -> list[Panel]:
        return [
            Panel(
                "Accuracy and coverage",
                "The higher the threshold, the fewer images are answered and the more of the answers are right. The "
                "mark is at the chosen thresholds.",
                _selective(self.decisions(predictions), thresh),
            ),
            Panel(
                "Top-k",
                "Share of images whose true class is among the k most probable ones. Baseline: the k most frequent "
                "classes of these very images, always.",
                _top_k(predictions.preds, predictions.targs),
            ),
        ]


def _selective(decided: decisions.Decisions, thresh: float | np.ndarray) -> go.Figure:
    """Return the share of the answered that are right against the share that is answered, over all thresholds."""
    of_labels = counts.counts(decided.scores, decided.truth, counts.grid())
    tp, answered = of_labels.tp.sum(axis=1), (of_labels.tp + of_labels.fp).sum(axis=1)
    now = decisions.numbers(decisions.predicted(decided, thresh), decided.truth)
    return base.selective(
        answered / len(decided), scores.ratio(tp, answered), now["predicted_per_image"], now["precision_micro"]
    )


def _top_k(preds: np.ndarray, targs: np.ndarray) -> pd.DataFrame:
    """Return a row for each k."""
    counts = np.sort(np.bincount(targs, minlength=preds.shape[1]))[::-1]
    ks = [k for k in _KS if k <= preds.shape[1]]
    return pd.DataFrame(
        {
            "k": ks,
            "top-k accuracy": [scores.top_k_accuracy(preds, targs, k) for k in ks],
            "baseline": [float(counts[:k].sum() / len(targs)) for k in ks],
        }
    )
