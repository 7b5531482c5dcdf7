"""Multi-label: any number of labels an image, each with its own probability."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from lib import figures, metrics, thresholds
from lib.protocol import TrainConfig
from lib.tasks import labels, rarity
from lib.tasks.base import Card, Chip, Panel, Predictions, Task

#: A probability of exactly 0 or 1 would need an infinite bias.
_SURE = 1e-3
#: A cell of the one-hot matrix of which nobody said whether the label is there.
UNKNOWN = -1


class MultiLabel(Task):
    """`MultiCategoryBlock`: sigmoid, binary cross-entropy, `accuracy_multi` at a threshold."""

    name = "multi-label"
    title = "Multi-label"
    question = "Which of these labels does the picture have: none, one or several?"
    noun = "label"
    has_labels = True
    loss = "BCEWithLogitsLoss"
    loss_title = "binary cross-entropy with logits (BCEWithLogitsLoss)"
    activation = "sigmoid"
    metric = "accuracy_multi"
    metric_title = "accuracy_multi"
    larger_is_better = True
    baseline_title = "predict nothing"
    uses_thresh = True
    error_title = "wrong labels"

    def check(self, names: Sequence[str], targs: np.ndarray) -> str | None:
        if not len(names):
            return "expected at least one label, found none: give at least one image a label"
        if not (targs == 1).any():
            return "expected at least one image with a label, found none: check the label column"
        return None

    def matrix(self, targs: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        return pd.DataFrame(targs, columns=list(names))

    def counts(self, targs: np.ndarray, splits: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        return labels.counts(targs, splits, names)

    def counts_figure(self, targs: np.ndarray, splits: np.ndarray, sizes: np.ndarray, names: Sequence[str]) -> Panel:
        return labels.counts_panel(targs, splits, names)

    def facts(self, targs: np.ndarray, names: Sequence[str]) -> list[tuple[str, str, str]]:
        per_image = (targs == 1).sum(axis=1)
        return [
            ("Labels", f"{len(names):,}", "Columns of the one-hot matrix."),
            ("Labels per image", f"{per_image.mean():.2f}", "Cardinality: the mean number of ones in a row."),
            ("Images without label", f"{int((per_image == 0).sum()):,}", "Rows of zeros only."),
            (
                "Predict nothing",
                f"{metrics.predict_nothing(targs):.3f}",
                "accuracy_multi of a model that never predicts a label: the share of zeros in the matrix.",
            ),
        ]

    def block(self, names: Sequence[str]) -> Any:
        from fastai.vision.all import MultiCategoryBlock

        return MultiCategoryBlock(encoded=True, vocab=list(names))

    def n_out(self, names: Sequence[str]) -> int:
        return len(names)

    def has_unknown(self, targs: np.ndarray) -> bool:
        return bool((targs == UNKNOWN).any())

    def loss_func(self, config: TrainConfig, targs: np.ndarray, train: np.ndarray, names: Sequence[str]) -> Any:
        if not (config.class_weights or config.focal_gamma or self.has_unknown(targs)):
            return None
        from lib.learner import losses

        weight = rarity.pos_weights(targs[train]) if config.class_weights else None
        return losses.MaskedBCEFlat(weight=weight, gamma=config.focal_gamma)

    def encode(self, targs: np.ndarray, sizes: np.ndarray, size: int, names: Sequence[str], scale: dict) -> list:
        return np.where(targs == UNKNOWN, np.nan, targs).astype(np.float32).tolist()

    def decode(self, preds: np.ndarray, sizes: np.ndarray, scale: dict) -> np.ndarray:
        return preds

    def fastai_metric(self, thresh: float, targs: np.ndarray, sizes: np.ndarray, scale: dict) -> Any:
        from fastai.vision.all import AccumMetric, accuracy_multi

        of_all = partial(accuracy_multi, thresh=thresh)
        if not self.has_unknown(targs):
            return of_all

        def of_known(acts: Any, targs: Any) -> Any:
            found = ~targs.isnan()
            return of_all(acts[found], targs[found])

        return AccumMetric(of_known, flatten=False, name=self.metric)  # a mean of batches would weigh cells unequally

    def bias(self, targs: np.ndarray, sizes: np.ndarray, names: Sequence[str]) -> np.ndarray:
        known = (targs != UNKNOWN).sum(axis=0).clip(1)
        share = ((targs == 1).sum(axis=0) / known).clip(_SURE, 1 - _SURE)
        return np.log(share / (1 - share))

    def baseline(
        self, train_targs: np.ndarray, train_sizes: np.ndarray, sizes: np.ndarray, names: Sequence[str]
    ) -> np.ndarray:
        return np.zeros((len(sizes), len(names)), dtype=np.float32)

    def metrics(self, preds: np.ndarray, targs: np.ndarray, thresh: float) -> dict[str, float]:
        return {self.metric: metrics.accuracy_multi(preds, targs, thresh)}

    def errors(self, preds: np.ndarray, targs: np.ndarray, thresh: float) -> np.ndarray:
        return ((preds > preds.dtype.type(thresh)) != (targs == 1)).sum(axis=1)

    def card(self, item: int, title: str, targ: np.ndarray, size: np.ndarray, names: Sequence[str]) -> Card:
        chips = [Chip(names[c], "true") for c in np.flatnonzero(targ == 1)]
        return Card(item, title, chips, note="" if chips else "no label")

    def pred_card(self, predictions: Predictions, row: int, title: str, thresh: float) -> Card:
        preds, targ = predictions.preds[row], predictions.targs[row] == 1
        found = preds > preds.dtype.type(thresh)
        chips = []
        for c in np.argsort(-preds, kind="stable"):
            if targ[c] or found[c]:
                kind = "hit" if targ[c] and found[c] else "miss" if targ[c] else "alarm"
                chips.append(Chip(predictions.names[c], kind, float(preds[c])))
        rest = [c for c in np.argsort(-preds, kind="stable") if not (targ[c] or found[c])]
        chips += [Chip(predictions.names[c], "plain", float(preds[c])) for c in rest[:3]]
        wrong = int((found != targ).sum())
        note = "all right" if not wrong else f"{wrong} wrong label{'s' if wrong > 1 else ''}"
        return Card(int(predictions.items[row]), title, chips, note)

    def panels(self, predictions: Predictions, thresh: float) -> list[Panel]:
        preds, targs = predictions.preds, predictions.targs
        threshs = thresholds.grid()
        accs = thresholds.sweep_accuracy(preds, targs, threshs)
        acc = metrics.accuracy_multi(preds, targs, thresh)
        best = float(threshs[int(np.argmax(accs))])
        sweep = Panel(
            "accuracy_multi against the threshold",
            f"A label is predicted where its probability is above the threshold. Highest here: {accs.max():.3f} at "
            f"{best:.3f} (chosen and reported on the same images, so somewhat too good).",
            figures.sweep(threshs, accs, thresh, acc, metrics.predict_nothing(targs)),
        )
        table = Panel(
            "Per label",
            "Hits, false alarms and misses at the chosen threshold. Precision: share of the predicted that are right. "
            "Recall: share of the labelled that are found. Empty: not defined, as nothing was predicted or labelled.",
            _per_label(preds, targs, thresh, predictions.names),
        )
        return [sweep, table]


def _per_label(preds: np.ndarray, targs: np.ndarray, thresh: float, names: Sequence[str]) -> pd.DataFrame:
    tp, fp, fn = (count[0] for count in thresholds.counts(preds, targs, np.array([thresh])))
    return pd.DataFrame(
        {
            "label": list(names),
            "labelled": tp + fn,
            "predicted": tp + fp,
            "hits": tp,
            "false alarms": fp,
            "misses": fn,
            "precision": metrics.ratio(tp, tp + fp),
            "recall": metrics.ratio(tp, tp + fn),
        }
    )
