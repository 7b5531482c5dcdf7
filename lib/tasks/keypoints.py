"""Keypoints: the same K points in every image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from lib import figures, findings, points
from lib.decimals import plain
from lib.metrics import mean_known, spread_known
from lib.protocol import TrainConfig
from lib.tasks.base import Task
from lib.tasks.parts import Card, Panel, Predictions, three_digits

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
    baseline_title = "mean shape"
    y_range = (-1, 1)
    error_title = "mean error of the image's points (px)"

    def check(self, names: Sequence[str], targs: np.ndarray) -> str | None:
        if not len(names):
            return "expected at least one point, found none: check the columns"
        there = points.known(targs)
        if np.isinf(targs).any() or (np.isfinite(targs).any(axis=-1) != there).any():
            return "expected x and y of a point, or neither where it is missing, found one of them: fill in the other"
        never = np.flatnonzero(~there.any(axis=0))
        if len(never):
            return f"expected each point in some image, found {names[never[0]]!r} in none: fill its columns in"
        return None

    def matrix(self, targs: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        columns = [f"{name} {axis} (px)" for name in names for axis in "xy"]
        return pd.DataFrame(targs.reshape(len(targs), -1), columns=columns)

    def counts(self, targs: np.ndarray, splits: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        first = pd.Index(names, name="point")
        columns = {}
        for axis, letter in enumerate("xy"):
            mean, spread = _mean_and_spread(targs[:, :, axis])
            columns[f"mean {letter} (px)"] = mean.round(1)
            columns[f"spread of {letter} (px)"] = spread.round(1)
        there = points.known(targs)
        if not there.all():
            columns["missing (images)"] = (~there).sum(axis=0)
        return pd.DataFrame(columns, index=first)

    def counts_figure(self, targs: np.ndarray, splits: np.ndarray, sizes: np.ndarray, names: Sequence[str]) -> Panel:
        mean, spread = _mean_and_spread(targs * 100.0 / sizes[:, None, :])
        return Panel(
            "Mean shape and spread",
            "Each point at its mean place, with bars of one standard deviation. The mean shape is the baseline.",
            figures.points(mean, spread, names),
        )

    def facts(self, targs: np.ndarray, names: Sequence[str]) -> list[tuple[str, str, str]]:
        spread = points.error_px(np.broadcast_to(mean_known(targs, axis=0), targs.shape), targs)
        missing = np.count_nonzero(~points.known(targs))
        found = [
            ("Points per image", f"{len(names):,}", "Every image has the same points."),
            ("Spread", f"{three_digits(spread)} px", "Mean distance of a point from its mean place in pixels."),
        ]
        if missing:
            share = f"{100 * missing / (len(targs) * len(names)):.3g} %"
            found.append(("Missing", share, "Share of points that are not given: neither taught nor counted."))
        return found

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

    def numbers(self, preds: np.ndarray, targs: np.ndarray, thresh: float, sizes: np.ndarray) -> dict[str, float]:
        off = points.distances(preds, targs)
        relative = points.of_diagonal(off, sizes)
        return {
            "error_px": float(mean_known(off)),
            "error_diag": 100 * float(mean_known(relative)),
            "pck_05": points.pck(relative, 0.05),
        }

    def errors(self, preds: np.ndarray, targs: np.ndarray, thresh: float) -> np.ndarray:
        return points.image_errors(preds, targs)

    def findings(
        self,
        preds: np.ndarray,
        targs: np.ndarray,
        thresh: float,
        names: Sequence[str],
        sizes: np.ndarray | None = None,
    ) -> list[str]:
        return findings.points_that_stand_still(preds, targs, names, sizes)

    def card(self, item: int, title: str, targ: np.ndarray, size: np.ndarray, names: Sequence[str]) -> Card:
        there = points.known(targ)
        shown = [name for name, known in zip(names, there, strict=True) if known]
        return Card(item, title, note=_missing(there), true_points=(targ / size)[there].tolist(), point_names=shown)

    def pred_card(self, predictions: Predictions, row: int, title: str, thresh: float) -> Card:
        found, true = predictions.preds[row], predictions.targs[row]
        there = points.known(true)
        made = self.card(int(predictions.items[row]), title, true, predictions.sizes[row], predictions.names)
        error = f"mean error {three_digits(points.error_px(found, true))} px" if there.any() else ""
        note = ", ".join(part for part in (error, made.note) if part)
        return replace(made, note=note, pred_points=(found / predictions.sizes[row])[there].tolist())

    def export_table(self, predictions: Predictions, thresh: float | np.ndarray) -> pd.DataFrame:
        columns = []
        for k, name in enumerate(predictions.names):
            for which, places in (("predicted", predictions.preds), ("true", predictions.targs)):
                for axis, letter in enumerate("xy"):
                    columns.append(pd.Series(places[:, k, axis], name=f"{name} {letter} {which} (px)"))
        return pd.concat(columns, axis=1)

    def new_card(
        self,
        pred: np.ndarray,
        size: np.ndarray,
        names: Sequence[str],
        thresh: float | np.ndarray,
        title: str,
        item: int = 0,
    ) -> Card:
        return Card(item, title, pred_points=(pred / size).tolist(), point_names=list(names))

    def new_json(self, pred: np.ndarray, names: Sequence[str], thresh: float | np.ndarray) -> dict[str, Any]:
        return {"points": {name: [plain(x), plain(y)] for name, (x, y) in zip(names, pred, strict=True)}}

    def new_words(self, pred: np.ndarray, names: Sequence[str], thresh: float | np.ndarray) -> str:
        places = (f"{name} ({x:.1f}, {y:.1f})" for name, (x, y) in zip(names, pred, strict=True))
        return ", ".join(places) + " px"

    def panels(self, predictions: Predictions, thresh: float) -> list[Panel]:
        distances = points.distances(predictions.preds, predictions.targs)
        base = points.distances(predictions.baseline, predictions.targs)
        there = ~np.isnan(distances)
        known = [column[rows] for column, rows in zip(distances.T, there.T, strict=True)]
        per_point = pd.DataFrame(
            {
                "point": list(predictions.names),
                "mean error (px)": mean_known(distances, axis=0),
                "median error (px)": [np.median(column) if len(column) else np.nan for column in known],
                "largest error (px)": [column.max() if len(column) else np.nan for column in known],
                "mean-shape error (px)": mean_known(base, axis=0),
            }
        ).sort_values("mean error (px)", ascending=False, ignore_index=True)
        both = np.stack([mean_known(distances, axis=1), mean_known(base, axis=1)], axis=1)[there.any(axis=1)]
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


def _mean_and_spread(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of what is known over the images."""
    return mean_known(values, axis=0), spread_known(values, axis=0)


def _missing(there: np.ndarray) -> str:
    """Say how many of an image's points are missing, "" if none is."""
    count = int(np.count_nonzero(~there))
    if count == len(there):
        return "nothing known"
    return f"{count:,} point{'s' if count > 1 else ''} missing" if count else ""
