"""Image regression: one or more numbers an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lib.core.arrays import Floats, Thresh
from lib.core.decimals import plain
from lib.metrics import findings, scores
from lib.metrics.scores import mean_known
from lib.tasks.audited import AuditedValues
from lib.tasks.code.values import CodedNumbers
from lib.tasks.compared import ComparedNumbers
from lib.tasks.conversion import ConvertedNumbers
from lib.tasks.editing import EditedNumbers
from lib.tasks.learning import VALUES
from lib.tasks.measured import MeasuredValues
from lib.tasks.numeric import WORDS, Numeric
from lib.tasks.statistics import values as value_statistics
from lib.tasks.statistics.sections import Section, Seen
from lib.tasks.strata import Strata, of_numbers
from lib.tasks.typed import expect, refuse
from lib.tasks.types import Card, Chip, Predictions, split_unit, three_digits
from lib.tasks.unlabeled import UnlabeledNumbers
from lib.tasks.written import WrittenNumbers


class Regression(
    UnlabeledNumbers,
    ComparedNumbers,
    EditedNumbers,
    MeasuredValues,
    WrittenNumbers,
    ConvertedNumbers,
    CodedNumbers,
    AuditedValues,
    Numeric,
):
    """`RegressionBlock`: mean squared error of standardized values, mean absolute error in the target's unit."""

    name = "regression"
    title = "Image regression"
    question = "How much of it does the image show?"
    noun = "value"
    hub_task = "image-regression"
    has_plain_numbers = True
    linear_fit = VALUES
    numbers_title = "standardized values"
    loss_title = f"{WORDS['mse']} of {numbers_title}"
    activation = "none"
    metric = "mae"
    baseline_title = "mean value"
    max_rotate = 0.0  # the number may be an angle
    bench = "values"
    error_title = "mean absolute error of the image's values"
    wrongness_title = "mean absolute error"
    doubt_title = "spread, of several numbers the mean, each divided by its mean spread over these images"
    rounding_unit = "standard deviations"
    spread_words = "Spread: how far the prediction scatters over {copies} copies of its image."

    def unit_of(self, names: Sequence[str], metric: str | None = None) -> str:
        """Return the unit that all names carry in brackets at their end, where the metric has the target's own unit."""
        if scores.METRICS[metric or self.metric].unit is not None:
            return super().unit_of(names, metric)
        units = {split_unit(name)[1] for name in names}
        return units.pop() if len(units) == 1 else ""

    def check(self, names: Sequence[str], targs: np.ndarray) -> str | None:
        if not len(names):
            return "expected at least one column of numbers, found none: check the columns"
        if not np.isfinite(targs).all():
            return "expected a number in every cell, found empty ones: fill them in or remove the rows"
        constant = [
            name for name, low, high in zip(names, targs.min(axis=0), targs.max(axis=0), strict=True) if low == high
        ]
        if constant:
            return f"expected values that differ, found the same {constant[0]!r} in every row: remove the column"
        return None

    def matrix(self, targs: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        return pd.DataFrame(targs, columns=list(names))

    def statistics(self, seen: Seen) -> list[Section]:
        return value_statistics.sections(seen)

    def strata(self, targs: np.ndarray, names: Sequence[str]) -> Strata | None:
        return of_numbers(targs, names)

    def facts(
        self, targs: np.ndarray, names: Sequence[str], sizes: np.ndarray, splits: np.ndarray
    ) -> list[tuple[str, str, str]]:
        unit = self.unit_of(names)
        facts = [("Values per image", f"{len(names):,}", "Columns of numbers: " + ", ".join(names[:10]))]
        if len(names) == 1:
            low, high = three_digits(targs.min()), f"{three_digits(targs.max())} {unit}".strip()
            facts.append(("Range", f"{low} to {high}", f"Lowest and highest {names[0]}."))
        return facts

    def block(self, names: Sequence[str]) -> Any:
        from fastai.vision.all import RegressionBlock

        return RegressionBlock(n_out=len(names))

    def n_out(self, names: Sequence[str]) -> int:
        return len(names)

    def fit_scale(self, targs: np.ndarray) -> dict[str, Any]:
        values = targs.astype(np.float64)
        spread = values.std(axis=0)
        # A value that is constant in the training set has no spread to divide by.
        return {"mean": values.mean(axis=0).tolist(), "std": np.where(spread > 0, spread, 1.0).tolist()}

    def check_scale(self, scale: Mapping[str, Sequence[float]], names: Sequence[str]) -> None:
        for what in ("mean", "std"):
            numbers = np.array(scale.get(what, []), dtype=np.float64)
            expect(f"scale.{what} of the manifest", numbers, "f", (len(names),))
            wrong = ~np.isfinite(numbers) | ((numbers <= 0) & (what == "std"))
            refuse(f"scale.{what} of the manifest", numbers, wrong, "a finite number, of std above 0")

    def encode(
        self, targs: np.ndarray, sizes: np.ndarray, size: int, names: Sequence[str], scale: dict[str, Any]
    ) -> list[Any]:
        standard = (targs - np.array(scale["mean"])) / np.array(scale["std"])
        encoded: list[Any] = standard.astype(np.float32).tolist()
        return encoded

    def linear_targets(self, targs: np.ndarray, sizes: np.ndarray, scale: dict[str, Any]) -> np.ndarray:
        standard: Floats = (targs.astype(np.float64) - np.array(scale["mean"])) / np.array(scale["std"])
        return standard

    def decode(self, preds: np.ndarray, sizes: np.ndarray, scale: dict[str, Any]) -> np.ndarray:
        values = preds.reshape(len(preds), -1).astype(np.float64)
        decoded: Floats = (values * np.array(scale["std"]) + np.array(scale["mean"])).astype(np.float32)
        return decoded

    def apart(self, one: np.ndarray, other: np.ndarray, scale: dict[str, Any]) -> Floats:
        apart: Floats = super().apart(one, other, scale) / np.array(scale["std"])  # values have units of their own
        return apart

    def fastai_metric(self, thresh: float, targs: np.ndarray, sizes: np.ndarray, scale: dict[str, Any]) -> Any:
        from fastai.metrics import AccumMetric

        def mae(preds: Any, targs: Any) -> float:
            decoded = (self.decode(part.numpy(), sizes, scale) for part in (preds, targs))
            return scores.mae(*decoded)

        return AccumMetric(mae, flatten=False, to_np=False)

    def bias(self, targs: np.ndarray, sizes: np.ndarray, names: Sequence[str]) -> Floats:
        return np.zeros(len(names))  # standardized values have mean 0

    def baseline(
        self, train_targs: np.ndarray, train_sizes: np.ndarray, sizes: np.ndarray, names: Sequence[str]
    ) -> np.ndarray:
        return np.repeat(train_targs.mean(axis=0, dtype=np.float64)[None], len(sizes), axis=0).astype(np.float32)

    def numbers(self, predictions: Predictions, thresh: Thresh) -> dict[str, float]:
        preds, targs = predictions.preds, predictions.targs
        return {"mae": scores.mae(preds, targs), "rmse": scores.rmse(preds, targs), "r2": scores.r2(preds, targs)}

    def errors(self, predictions: Predictions, thresh: Thresh) -> Floats:
        errors: Floats = np.abs(predictions.preds.astype(np.float64) - predictions.targs).mean(axis=1)
        return errors

    def wrongness(self, predictions: Predictions, thresh: Thresh) -> Floats:
        off: Floats = np.abs(predictions.preds.astype(np.float64) - predictions.targs)
        return off

    def findings(self, predictions: Predictions, thresh: float) -> list[str]:
        return findings.values_that_stand_still(predictions.preds, predictions.targs, predictions.names)

    def card(self, item: int, title: str, targ: np.ndarray, size: np.ndarray, names: Sequence[str]) -> Card:
        chips = [Chip(_with_unit(name, value), "true") for name, value in zip(names, targ, strict=True)]
        return Card(item, title, chips)

    def pred_card(self, predictions: Predictions, row: int, title: str, thresh: Thresh) -> Card:
        chips = []
        for name, pred, true in zip(predictions.names, predictions.preds[row], predictions.targs[row], strict=True):
            chips += [
                Chip(f"true {_with_unit(name, true)}", "true"),
                Chip(f"predicted {_with_unit(name, pred)}", "plain"),
            ]
        error = float(np.abs(predictions.preds[row].astype(np.float64) - predictions.targs[row]).mean())
        unit = self.unit_of(predictions.names)
        return Card(int(predictions.items[row]), title, chips, f"off by {three_digits(error)} {unit}".strip())

    def export_table(self, predictions: Predictions, thresh: float | np.ndarray) -> pd.DataFrame:
        columns = []
        for d, name in enumerate(predictions.names):
            columns.append(pd.Series(predictions.preds[:, d], name=f"{name} predicted"))
            columns.append(pd.Series(predictions.targs[:, d], name=f"{name} true"))
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
        chips = [Chip(_with_unit(name, value), "pred") for name, value in zip(names, pred, strict=True)]
        if spread is None or not np.isfinite(spread).all():
            return Card(item, title, chips)
        if len(names) == 1:
            note = f"{three_digits(spread[0])} {split_unit(names[0])[1]}".strip()
        else:
            note = ", ".join(_with_unit(name, value) for name, value in zip(names, spread, strict=True))
        return Card(item, title, chips, f"spread {note}")

    def new_table(
        self,
        preds: np.ndarray,
        names: Sequence[str],
        thresh: Thresh,
        spread: np.ndarray | None = None,
        band: float | None = None,
    ) -> pd.DataFrame:
        values = self.matrix(preds, names)
        if spread is None:
            return values
        return pd.concat([values, pd.DataFrame(spread, columns=[_spread_title(name) for name in names])], axis=1)

    def doubts(self, preds: np.ndarray, thresh: Thresh, sizes: np.ndarray, spread: np.ndarray | None) -> Floats:
        """Return the spread, of several numbers the mean, each in units of its mean over the pictures."""
        if spread is None or len(preds) == 0:
            return np.full(len(preds), np.nan)
        values = spread.astype(np.float64)
        typical = mean_known(values, axis=0)
        doubts: Floats = (values / np.where(typical > 0, typical, 1.0)).mean(axis=1)
        return doubts

    def new_json(self, pred: np.ndarray, names: Sequence[str], thresh: float | np.ndarray) -> dict[str, Any]:
        return {"values": {name: plain(value) for name, value in zip(names, pred, strict=True)}}

    def new_words(self, pred: np.ndarray, names: Sequence[str], thresh: float | np.ndarray) -> str:
        return ", ".join(_with_unit(name, value) for name, value in zip(names, pred, strict=True))


def _spread_title(name: str) -> str:
    """Return for instance ``pressure spread (bar)`` for the name ``pressure (bar)``."""
    plain, unit = split_unit(name)
    return f"{plain} spread ({unit})" if unit else f"{plain} spread"


def _with_unit(name: str, value: float) -> str:
    """Return for instance ``pressure 3.2 bar`` for the name ``pressure (bar)``."""
    plain, unit = split_unit(name)
    return f"{plain} {three_digits(value)} {unit}".strip()
