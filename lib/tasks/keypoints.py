"""Keypoints: the same K points in every image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from lib.core import sentences
from lib.core.arrays import Floats, Thresh
from lib.core.config import DEFAULT, HEATMAP, LINEAR, TrainConfig
from lib.core.decimals import plain
from lib.metrics import findings, points
from lib.metrics.scores import defined, mean_known
from lib.tasks.audited import AuditedPoints
from lib.tasks.augmented import CopiedPoints
from lib.tasks.checks import CheckedPoints
from lib.tasks.code.points import CodedPoints
from lib.tasks.compared import ComparedPoints
from lib.tasks.conversion import ConvertedPoints
from lib.tasks.editing import EditedPoints
from lib.tasks.learning import SHAPE
from lib.tasks.measured import MeasuredPoints
from lib.tasks.numeric import WORDS, Numeric
from lib.tasks.statistics import points as point_statistics
from lib.tasks.statistics.sections import Section, Seen
from lib.tasks.strata import Strata, of_points
from lib.tasks.typed import TypedPoints
from lib.tasks.types import Card, Predictions, three_digits
from lib.tasks.unlabeled import UnlabeledPoints
from lib.tasks.written import WrittenPoints

#: The sigmoid's inverse is finite only inside the output range.
_INSIDE = 0.99
#: Of the Wing loss, w = 10 and epsilon = 2 pixels of a picture of 256, as in the paper, where the picture is 2 wide.
_WING = (2 * 10 / 256, 2 * 2 / 256)
_MAP_WORDS = "mean place on a heat map of each point (soft-argmax)"
#: A point farther outside its picture than this part of the picture's side is taken for a mistake, as at import.
_BEYOND = 0.1


class Keypoints(
    UnlabeledPoints,
    CheckedPoints,
    ComparedPoints,
    CopiedPoints,
    EditedPoints,
    MeasuredPoints,
    WrittenPoints,
    ConvertedPoints,
    AuditedPoints,
    TypedPoints,
    CodedPoints,
    Numeric,
):
    """`PointBlock`: `y_range=(-1, 1)`, mean squared error, mean distance in pixels."""

    name = "keypoints"
    title = "Keypoints"
    question = "Where in the image are these points?"
    noun = "point"
    hub_task = "keypoint-detection"
    has_points = True
    linear_fit = SHAPE
    numbers_title = "coordinates from −1 to 1"
    loss_title = f"{WORDS['mse']} of {numbers_title}"
    losses = (*Numeric.losses, "wing")
    heads = (DEFAULT, HEATMAP)
    recommended_head = HEATMAP
    head_losses: ClassVar = {DEFAULT: "mse", HEATMAP: "l1", LINEAR: "mse"}
    pool_grid = 4
    inside = _INSIDE
    huber_delta = _WING[0]
    wing = _WING
    activation = "sigmoid scaled to (−1, 1)"
    metric = "error_px"
    baseline_title = "mean shape"
    rounding, rounding_unit = 0.01, "px"
    y_range = (-1, 1)
    bench = "points"
    error_title = "mean error of the image's points (px)"
    wrongness_title = "mean error"
    doubt_title = "mean spread of the points in % of the image's diagonal, since images differ in size"
    spread_words = (
        "Spread (px): how far a predicted point scatters over {copies} copies of its image; its ring has this radius."
    )

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

    def refuses(self, names: Sequence[str], was: np.ndarray, now: np.ndarray, sizes: np.ndarray) -> str | None:
        there = np.isfinite(now)
        if np.isinf(now).any() or (there.any(axis=-1) != there.all(axis=-1)).any():
            return "expected x and y of a point, or neither where it is missing, found one of them: give both"
        same = (was == now).all(axis=-1)  # (n, K)
        shares = now / sizes[:, None, :]
        far = ((shares < -_BEYOND) | (shares > 1 + _BEYOND)).any(axis=-1) & ~same
        if far.any():
            row, point = np.argwhere(far)[0]
            (x, y), (width, height) = now[row, point], sizes[row]
            return (
                f"the point {names[point]!r} would lie at ({x:.1f}, {y:.1f}), far outside its image of {width:g} x "
                f"{height:g} pixels: put it inside, or call it missing"
            )
        return None

    def matrix(self, targs: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        columns = [f"{name} {axis} (px)" for name in names for axis in "xy"]
        return pd.DataFrame(targs.reshape(len(targs), -1), columns=columns)

    def statistics(self, seen: Seen) -> list[Section]:
        return point_statistics.sections(seen)

    def strata(self, targs: np.ndarray, names: Sequence[str]) -> Strata | None:
        return of_points(points.known(targs), names)

    def facts(
        self, targs: np.ndarray, names: Sequence[str], sizes: np.ndarray, splits: np.ndarray
    ) -> list[tuple[str, str, str]]:
        train, valid = splits == "train", splits == "valid"
        always = points.error_px(self.baseline(targs[train], sizes[train], sizes[valid], names), targs[valid])
        missing = np.count_nonzero(~points.known(targs))
        facts = [
            ("Points per image", f"{len(names):,}", "Every image has the same points."),
            (
                "Mean shape",
                self.format(defined(always), names),
                "Mean error on the valid images of always predicting the mean shape of the train images: a model must "
                "beat it.",
            ),
        ]
        if missing:
            share = f"{100 * missing / (len(targs) * len(names)):.3g} %"
            facts.append(
                ("Missing", share, "Share of points that are not given: left out of the loss and of every metric.")
            )
        return facts

    def block(self, names: Sequence[str]) -> Any:
        from fastai.vision.all import PointBlock

        return PointBlock

    def n_out(self, names: Sequence[str]) -> int:
        return 2 * len(names)

    def output_words(self, config: TrainConfig) -> str:
        return _MAP_WORDS if config.head == HEATMAP else super().output_words(config)

    def encode(
        self, targs: np.ndarray, sizes: np.ndarray, size: int, names: Sequence[str], scale: dict[str, Any]
    ) -> list[Any]:
        square = np.full_like(sizes, size)
        return list(points.to_pixels(points.to_unit(targs, sizes), square).astype(np.float32))

    def linear_targets(self, targs: np.ndarray, sizes: np.ndarray, scale: dict[str, Any]) -> np.ndarray:
        return points.to_unit(targs.astype(np.float64), sizes).reshape(len(targs), -1)

    def decode(self, preds: np.ndarray, sizes: np.ndarray, scale: dict[str, Any]) -> np.ndarray:
        return points.to_pixels(preds.reshape(len(preds), -1, 2), sizes).astype(np.float32)

    def fastai_metric(self, thresh: float, targs: np.ndarray, sizes: np.ndarray, scale: dict[str, Any]) -> Any:
        from fastai.metrics import AccumMetric

        def error_px(preds: Any, targs: Any) -> float:
            shown = sizes[: len(preds)]  # fewer only in a fit's first sanity pass
            decoded, true = (self.decode(part.numpy(), shown, scale) for part in (preds, targs))
            there = ~np.isnan(true).any(axis=-1)  # (n, K)
            return points.error_px(decoded[there][None], true[there][None]) if there.any() else math.nan

        return AccumMetric(error_px, flatten=False, to_np=False)

    def bias(self, targs: np.ndarray, sizes: np.ndarray, names: Sequence[str]) -> Floats:
        unit = points.to_unit(targs.astype(np.float64), sizes)
        known = ~np.isnan(unit)
        mean = np.where(known, unit, 0.0).sum(axis=0) / known.sum(axis=0).clip(1)  # the middle where none is known
        shape = mean.reshape(-1).clip(-_INSIDE, _INSIDE)
        share = (shape + 1) / 2
        bias: Floats = np.log(share / (1 - share))
        return bias

    def baseline(
        self, train_targs: np.ndarray, train_sizes: np.ndarray, sizes: np.ndarray, names: Sequence[str]
    ) -> np.ndarray:
        shape = points.mean_shape(train_targs, train_sizes)
        return points.to_pixels(np.broadcast_to(shape, (len(sizes), *shape.shape)), sizes).astype(np.float32)

    def numbers(self, predictions: Predictions, thresh: Thresh) -> dict[str, float]:
        off = points.distances(predictions.preds, predictions.targs)
        relative = points.of_diagonal(off, predictions.sizes)
        return {
            "error_px": float(mean_known(off)),
            "error_diag": 100 * float(mean_known(relative)),
            "pck_05": points.pck(relative, 0.05),
        }

    def errors(self, predictions: Predictions, thresh: Thresh) -> Floats:
        return points.image_errors(predictions.preds, predictions.targs)

    def wrongness(self, predictions: Predictions, thresh: Thresh) -> Floats:
        return points.distances(predictions.preds, predictions.targs)

    def findings(self, predictions: Predictions, thresh: float) -> list[str]:
        return findings.points_that_stand_still(
            predictions.preds, predictions.targs, predictions.names, predictions.sizes
        )

    def card(self, item: int, title: str, targ: np.ndarray, size: np.ndarray, names: Sequence[str]) -> Card:
        note = _missing(points.known(targ))
        return Card(item, title, note=note, true_points=_shares(targ, size), point_names=list(names))

    def pred_card(self, predictions: Predictions, row: int, title: str, thresh: Thresh) -> Card:
        pred, true = predictions.preds[row], predictions.targs[row]
        there = points.known(true)
        card = self.card(int(predictions.items[row]), title, true, predictions.sizes[row], predictions.names)
        error = f"mean error {three_digits(points.error_px(pred, true))} px" if there.any() else ""
        note = ", ".join(part for part in (error, card.note) if part)
        return replace(card, note=note, pred_points=_shares(pred, predictions.sizes[row]))

    def export_table(self, predictions: Predictions, thresh: float | np.ndarray) -> pd.DataFrame:
        columns = []
        for k, name in enumerate(predictions.names):
            for which, coordinates in (("predicted", predictions.preds), ("true", predictions.targs)):
                for axis, letter in enumerate("xy"):
                    columns.append(pd.Series(coordinates[:, k, axis], name=f"{name} {letter} {which} (px)"))
        return pd.concat(columns, axis=1)

    def new_card(
        self,
        pred: np.ndarray,
        size: np.ndarray,
        names: Sequence[str],
        thresh: float | np.ndarray,
        title: str,
        item: int = 0,
        spread: np.ndarray | None = None,
    ) -> Card:
        card = Card(item, title, pred_points=_shares(pred, size), point_names=list(names))
        if spread is None or not np.isfinite(spread).any():
            return card
        radii = [round(float(one), 3) if np.isfinite(one) else None for one in spread]
        (doubt,), px = self.doubts(pred[None], thresh, size[None], spread[None]), float(mean_known(spread))
        note = f"spread {three_digits(100 * float(doubt))} % of the diagonal, {three_digits(px)} px"
        return replace(card, note=note, spread=radii)

    def new_table(
        self,
        preds: np.ndarray,
        names: Sequence[str],
        thresh: Thresh,
        spread: np.ndarray | None = None,
        band: float | None = None,
    ) -> pd.DataFrame:
        columns = self.matrix(preds, names)
        if spread is None:
            return columns
        return pd.concat([columns, pd.DataFrame(spread, columns=[f"{name} spread (px)" for name in names])], axis=1)

    def doubts(self, preds: np.ndarray, thresh: Thresh, sizes: np.ndarray, spread: np.ndarray | None) -> Floats:
        """Return the mean spread of the known points as part of the picture's diagonal: sizes differ."""
        if spread is None:
            return np.full(len(preds), np.nan)
        doubts: Floats = mean_known(spread.astype(np.float64), axis=1) / np.linalg.norm(sizes, axis=1)
        return doubts

    def new_json(self, pred: np.ndarray, names: Sequence[str], thresh: float | np.ndarray) -> dict[str, Any]:
        return {"points": {name: [plain(x), plain(y)] for name, (x, y) in zip(names, pred, strict=True)}}

    def new_words(self, pred: np.ndarray, names: Sequence[str], thresh: float | np.ndarray) -> str:
        phrases = (f"{name} ({x:.1f}, {y:.1f})" for name, (x, y) in zip(names, pred, strict=True))
        return ", ".join(phrases) + " px"


def _shares(coordinates: np.ndarray, size: np.ndarray) -> list[list[float] | None]:
    """Return points in pixels (K, 2) as a card has them: parts of width and height, None where one is missing."""
    shares, there = (coordinates / size).tolist(), points.known(coordinates).tolist()
    return [share if known else None for share, known in zip(shares, there, strict=True)]


def _missing(there: np.ndarray) -> str:
    """Say how many of an image's points are missing, "" if none is."""
    count = int(np.count_nonzero(~there))
    if count == len(there):
        return "nothing known"
    return f"{sentences.count(count, 'point')} missing" if count else ""
