"""Keypoints: the same K points in every image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from lib import figures, points
from lib.protocol import TrainConfig
from lib.tasks.base import Card, Panel, Predictions, Task, three_digits

#: The sigmoid's inverse is finite only inside the output range.
_INSIDE = 0.99


class Keypoints(Task):
    """`PointBlock`: `y_range=(-1, 1)`, mean squared error, mean distance in pixels."""

    name = "keypoints"
    title = "Keypoints"
    question = "Where in the picture are these points?"
    noun = "point"
    loss = "MSELoss"
    loss_title = "mean squared error (MSELoss) of coordinates from −1 to 1"
    activation = "sigmoid scaled to (−1, 1)"
    metric = "error_px"
    metric_title = "Mean error"
    unit = "px"
    larger_is_better = False
    baseline_title = "mean shape"
    y_range = (-1, 1)
    error_title = "mean error of the image's points (px)"

    def check(self, names: Sequence[str], targs: np.ndarray) -> str | None:
        if not len(names):
            return "expected at least one point, found none: check the columns"
        if not np.isfinite(targs).all():
            return "expected x and y of every point, found empty cells: fill them in or remove the rows"
        return None

    def matrix(self, targs: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        columns = [f"{name} {axis} (px)" for name in names for axis in "xy"]
        return pd.DataFrame(targs.reshape(len(targs), -1), columns=columns)

    def counts(self, targs: np.ndarray, splits: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        first = pd.Index(names, name="point")
        columns = {}
        for axis, letter in enumerate("xy"):
            values = targs[:, :, axis].astype(np.float64)
            columns[f"mean {letter} (px)"] = values.mean(axis=0).round(1)
            columns[f"spread of {letter} (px)"] = values.std(axis=0).round(1)
        return pd.DataFrame(columns, index=first)

    def counts_figure(self, targs: np.ndarray, splits: np.ndarray, sizes: np.ndarray, names: Sequence[str]) -> Panel:
        percent = targs.astype(np.float64) * 100 / sizes[:, None, :]
        return Panel(
            "Mean shape and spread",
            "Each point at its mean place, with bars of one standard deviation. The mean shape is the baseline.",
            figures.points(percent.mean(axis=0), percent.std(axis=0), names),
        )

    def facts(self, targs: np.ndarray, names: Sequence[str]) -> list[tuple[str, str, str]]:
        spread = np.linalg.norm(targs - targs.mean(axis=0), axis=-1).mean()
        return [
            ("Points per image", f"{len(names):,}", "Every image has the same points."),
            ("Spread", f"{three_digits(spread)} px", "Mean distance of a point from its mean place in pixels."),
        ]

    def block(self, names: Sequence[str]) -> Any:
        from fastai.vision.all import PointBlock

        return PointBlock

    def n_out(self, names: Sequence[str]) -> int:
        return 2 * len(names)

    def loss_func(self, config: TrainConfig, targs: np.ndarray, train: np.ndarray, names: Sequence[str]) -> Any:
        if not self.has_unknown(targs):
            return None
        from lib.learner import losses

        return losses.MaskedMSEFlat()

    def encode(self, targs: np.ndarray, sizes: np.ndarray, size: int, names: Sequence[str], scale: dict) -> list:
        square = np.full_like(sizes, size)
        return list(points.to_pixels(points.to_unit(targs, sizes), square).astype(np.float32))

    def decode(self, preds: np.ndarray, sizes: np.ndarray, scale: dict) -> np.ndarray:
        return points.to_pixels(preds.reshape(len(preds), -1, 2), sizes).astype(np.float32)

    def fastai_metric(self, thresh: float, targs: np.ndarray, sizes: np.ndarray, scale: dict) -> Any:
        from fastai.metrics import AccumMetric

        def error_px(preds: Any, targs: Any) -> float:
            shown = sizes[: len(preds)]  # fewer only in a fit's first sanity pass
            found, true = (self.decode(part.numpy(), shown, scale) for part in (preds, targs))
            there = ~np.isnan(true).any(axis=-1)  # (n, K)
            return points.error_px(found[there][None], true[there][None]) if there.any() else math.nan

        return AccumMetric(error_px, flatten=False, to_np=False)

    def bias(self, targs: np.ndarray, sizes: np.ndarray, names: Sequence[str]) -> np.ndarray:
        unit = points.to_unit(targs.astype(np.float64), sizes)
        known = ~np.isnan(unit)
        mean = np.where(known, unit, 0.0).sum(axis=0) / known.sum(axis=0).clip(1)  # the middle where none is known
        shape = mean.reshape(-1).clip(-_INSIDE, _INSIDE)
        share = (shape + 1) / 2
        return np.log(share / (1 - share))

    def baseline(
        self, train_targs: np.ndarray, train_sizes: np.ndarray, sizes: np.ndarray, names: Sequence[str]
    ) -> np.ndarray:
        shape = points.mean_shape(train_targs, train_sizes)
        return points.to_pixels(np.broadcast_to(shape, (len(sizes), *shape.shape)), sizes).astype(np.float32)

    def metrics(self, preds: np.ndarray, targs: np.ndarray, thresh: float) -> dict[str, float]:
        return {self.metric: points.error_px(preds, targs)}

    def errors(self, preds: np.ndarray, targs: np.ndarray, thresh: float) -> np.ndarray:
        return points.distances(preds, targs).mean(axis=1)

    def card(self, item: int, title: str, targ: np.ndarray, size: np.ndarray, names: Sequence[str]) -> Card:
        return Card(item, title, true_points=(targ / size).tolist(), point_names=list(names))

    def pred_card(self, predictions: Predictions, row: int, title: str, thresh: float) -> Card:
        size = predictions.sizes[row]
        found, true = predictions.preds[row], predictions.targs[row]
        error = points.error_px(found[None], true[None])
        return Card(
            int(predictions.items[row]),
            title,
            note=f"mean error {three_digits(error)} px",
            true_points=(true / size).tolist(),
            pred_points=(found / size).tolist(),
            point_names=list(predictions.names),
        )

    def panels(self, predictions: Predictions, thresh: float) -> list[Panel]:
        distances = points.distances(predictions.preds, predictions.targs)
        base = points.distances(predictions.baseline, predictions.targs)
        per_point = pd.DataFrame(
            {
                "point": list(predictions.names),
                "mean error (px)": distances.mean(axis=0),
                "median error (px)": np.median(distances, axis=0),
                "largest error (px)": distances.max(axis=0),
                "mean-shape error (px)": base.mean(axis=0),
            }
        ).sort_values("mean error (px)", ascending=False, ignore_index=True)
        both = np.stack([distances.mean(axis=1), base.mean(axis=1)], axis=1)
        return [
            Panel(
                "Error per image",
                "Mean distance of an image's points from the true ones, of the model and of the mean shape.",
                figures.histograms(
                    both, ["model", "mean shape"], x="mean error (px)", colors=(figures.PRED, figures.NEUTRAL)
                ),
            ),
            Panel("Error per point", "Worst point first, in pixels of the original images.", per_point),
        ]
