"""Single-label: exactly one class an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from lib import figures, findings, metrics
from lib.protocol import TrainConfig
from lib.tasks import labels, rarity
from lib.tasks.base import Task
from lib.tasks.parts import Card, Chip, Panel, Predictions

_SURE = 1e-3


class SingleLabel(Task):
    """`CategoryBlock`: softmax, cross-entropy, `accuracy`."""

    name = "single-label"
    title = "Single-label"
    question = "Which one of these classes is the picture?"
    noun = "class"
    has_labels = True
    can_flip = True
    loss = "CrossEntropyLoss"
    loss_title = "cross-entropy (CrossEntropyLoss)"
    activation = "softmax"
    metric = "accuracy"
    baseline_title = "majority class"
    error_title = "1 − probability of the true class"

    def check(self, names: Sequence[str], targs: np.ndarray) -> str | None:
        found = np.unique(targs)
        if len(found) < 2:
            only = f"only {names[int(found[0])]!r}" if len(found) else "none"
            return f"expected at least two classes, found {only}: add pictures of another class"
        return None

    def matrix(self, targs: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        return pd.DataFrame(labels.one_hot(targs, len(names)), columns=list(names))

    def counts(self, targs: np.ndarray, splits: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        return labels.counts(labels.one_hot(targs, len(names)), splits, names)

    def counts_figure(self, targs: np.ndarray, splits: np.ndarray, sizes: np.ndarray, names: Sequence[str]) -> Panel:
        return labels.counts_panel(labels.one_hot(targs, len(names)), splits, names)

    def facts(self, targs: np.ndarray, names: Sequence[str]) -> list[tuple[str, str, str]]:
        share = np.bincount(targs, minlength=len(names)) / len(targs)
        return [
            ("Classes", f"{len(names):,}", "Columns of the one-hot matrix; each row has exactly one 1."),
            ("Largest class", f"{100 * share.max():.1f} %", f"Share of images of {names[int(share.argmax())]!r}."),
            ("Smallest class", f"{100 * share.min():.1f} %", f"Share of images of {names[int(share.argmin())]!r}."),
        ]

    def block(self, names: Sequence[str]) -> Any:
        from fastai.vision.all import CategoryBlock

        return CategoryBlock(vocab=list(names), sort=False)

    def n_out(self, names: Sequence[str]) -> int:
        return len(names)

    def loss_func(self, config: TrainConfig, targs: np.ndarray, train: np.ndarray, names: Sequence[str]) -> Any:
        if not (config.class_weights or config.focal_gamma):
            return None
        from lib.learner import losses

        weight = rarity.class_weights(targs[train], len(names)) if config.class_weights else None
        return losses.WeightedCrossEntropyFlat(weight=weight, gamma=config.focal_gamma)

    def encode(self, targs: np.ndarray, sizes: np.ndarray, size: int, names: Sequence[str], scale: dict) -> list:
        return [names[int(targ)] for targ in targs]

    def decode(self, preds: np.ndarray, sizes: np.ndarray, scale: dict) -> np.ndarray:
        return preds

    def fastai_metric(self, thresh: float, targs: np.ndarray, sizes: np.ndarray, scale: dict) -> Any:
        from fastai.vision.all import accuracy

        return accuracy

    def bias(self, targs: np.ndarray, sizes: np.ndarray, names: Sequence[str]) -> np.ndarray:
        return np.log((np.bincount(targs, minlength=len(names)) / len(targs)).clip(_SURE))

    def baseline(
        self, train_targs: np.ndarray, train_sizes: np.ndarray, sizes: np.ndarray, names: Sequence[str]
    ) -> np.ndarray:
        preds = np.zeros((len(sizes), len(names)), dtype=np.float32)
        preds[:, np.bincount(train_targs, minlength=len(names)).argmax()] = 1
        return preds

    def numbers(self, preds: np.ndarray, targs: np.ndarray, thresh: float, sizes: np.ndarray) -> dict[str, float]:
        return {"accuracy": metrics.accuracy(preds, targs), "f1_macro": metrics.f1_macro(preds, targs)}

    def errors(self, preds: np.ndarray, targs: np.ndarray, thresh: float) -> np.ndarray:
        return 1 - preds[np.arange(len(targs)), targs]

    def findings(
        self,
        preds: np.ndarray,
        targs: np.ndarray,
        thresh: float,
        names: Sequence[str],
        sizes: np.ndarray | None = None,
    ) -> list[str]:
        return findings.classes_never_predicted(preds, targs, names)

    def card(self, item: int, title: str, targ: np.ndarray, size: np.ndarray, names: Sequence[str]) -> Card:
        return Card(item, title, [Chip(names[int(targ)], "true")])

    def pred_card(self, predictions: Predictions, row: int, title: str, thresh: float) -> Card:
        preds, targ = predictions.preds[row], int(predictions.targs[row])
        order = [int(c) for c in np.argsort(-preds, kind="stable")]
        top = int(preds.argmax())
        chips = [Chip(predictions.names[top], "hit" if top == targ else "alarm", float(preds[top]))]
        if top != targ:
            chips.append(Chip(predictions.names[targ], "miss", float(preds[targ])))
        rest = [c for c in order if c not in (top, targ)]
        chips += [Chip(predictions.names[c], "plain", float(preds[c])) for c in rest[:2]]
        return Card(int(predictions.items[row]), title, chips, "right" if top == targ else "wrong class")

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

    def panels(self, predictions: Predictions, thresh: float) -> list[Panel]:
        table = metrics.confusion(predictions.preds, predictions.targs, len(predictions.names))
        right, true, found = np.diag(table), table.sum(axis=1), table.sum(axis=0)
        per_class = pd.DataFrame(
            {
                "class": list(predictions.names),
                "images": true,
                "predicted": found,
                "right": right,
                "precision": metrics.ratio(right, found),
                "recall": metrics.ratio(right, true),
            }
        )
        return [
            Panel(
                "Confusion matrix",
                "Rows are the true classes, columns the predicted ones: right predictions stand on the diagonal.",
                figures.confusion(table, predictions.names),
            ),
            Panel(
                "Per class",
                "Precision: share of the predicted that are right. Recall: share of the true that are found. "
                "Empty: not defined, because nothing was predicted or there is no image.",
                per_class,
            ),
        ]
