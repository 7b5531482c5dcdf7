"""Lines of plain fastai for labels: any number of them an image, or exactly one class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lib.core import formulas
from lib.core.config import TrainConfig
from lib.tasks.code import panels, sweeps
from lib.tasks.code.base import COLUMNS, LABELS, Coded, Lines, TargetCode, literal

if TYPE_CHECKING:
    from lib.core.dataset import Dataset
    from lib.tasks.code.panels import Asked

_SEPARATORS = (" ", ";", "|", ",")
_BIAS_WHY = (
    "The last layer begins with the share of each {noun}, so that the untrained network answers like the baseline and "
    "only has to learn what differs between images."
)
_WEIGHT_WHY = "a rare {noun} weighs more, so that frequent ones do not drown it out"
_FOCAL_WHY = "the focal factor (1 - p)^gamma turns the loss away from what is right already"
_SMOOTH_WHY = "so much of the truth is shared evenly among all answers"
_KNOWN_WHY = "cells that nobody knows (NaN) are left out"


class CodedLabels(Coded):
    """Labels: separated in one cell as in chapter 6, or a column each where some are unknown or have odd names."""

    def panel_code(self, panel: str, asked: Asked) -> str:
        return panels.of_labels(panel, asked) or sweeps.lines(panel, asked, one_class=False)

    def code_table(self, targs: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        separator = _separator(targs, names)
        if separator is None:
            columns = {place: pd.Series(targs[:, place]).astype("Int8") for place in range(len(names))}
            table = pd.DataFrame({place: one.where(one >= 0) for place, one in columns.items()})
            table.columns = pd.Index(names)
            return table
        cells = [separator.join(names[label] for label in np.flatnonzero(row).tolist()) for row in targs]
        return pd.DataFrame({"labels": pd.Series(cells, dtype=object)})

    def code(self, dataset: Dataset, config: TrainConfig) -> TargetCode:
        separator = _separator(dataset.targs, dataset.names)
        has_unknown = bool((dataset.targs < 0).any())
        if separator is None:
            before = ""
            truth = f"{LABELS}.iloc[:, {len(COLUMNS)}:].to_numpy(np.float32)"
            block, get_y = (
                "MultiCategoryBlock(encoded=True, vocab=VOCAB)",
                "lambda row: truth[row.name].tolist()",
            )
        else:
            before = (
                f"names = {LABELS}['labels'].str.split({separator!r})\n"
                "has = names.map(lambda names: [name in names for name in VOCAB])\n"
            )
            truth = "np.stack(has).astype(np.float32)"
            block, get_y = "MultiCategoryBlock(vocab=VOCAB)", f"ColReader('labels', label_delim={separator!r})"
        return TargetCode(
            names=literal("VOCAB", list(dataset.names)),
            is_text=separator is not None,
            block=block,
            get_y=get_y,
            n_out="len(VOCAB)",
            prepare=Lines(
                f"{before}truth = {truth}  # (N, C): 1 where the image has the label"
                + (", NaN where nobody knows" if has_unknown else "")
            ),
            bias=Lines(
                f"is_train = ({LABELS}['split'] == 'train').to_numpy()\n"
                + (
                    "share = (truth[is_train] == 1).sum(0) / (~np.isnan(truth[is_train])).sum(0).clip(1)\n"
                    "share = share.clip(1e-3, 1 - 1e-3)\n"
                    "bias = np.log(share / (1 - share))"
                ),
                _BIAS_WHY.format(noun="label"),
            ),
            loss=_multi_loss(config, has_unknown),
            metric=f"partial(accuracy_multi, thresh={config.thresh!r})",
            score=Lines(
                "def score(rows, preds):\n"
                '    "accuracy_multi: the share of label cells that are right at the threshold."\n'
                "    targs = truth[rows.index]\n"
                + (
                    "    known = ~np.isnan(targs)\n"
                    f"    return ((preds > np.float32({config.thresh!r})) == (targs == 1))[known].mean()"
                    if has_unknown
                    else f"    return ((preds > np.float32({config.thresh!r})) == (targs == 1)).mean()"
                )
            ),
        )


class CodedClass(Coded):
    """One class: its name in a cell."""

    def panel_code(self, panel: str, asked: Asked) -> str:
        return panels.of_classes(panel, asked) or sweeps.lines(panel, asked, one_class=True)

    def code_table(self, targs: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        return pd.DataFrame({"label": pd.Series([names[int(targ)] for targ in targs], dtype=object)})

    def code(self, dataset: Dataset, config: TrainConfig) -> TargetCode:
        return TargetCode(
            names=literal("VOCAB", list(dataset.names)),
            is_text=True,
            block="CategoryBlock(vocab=VOCAB, sort=False)",
            get_y="ColReader('label')",
            n_out="len(VOCAB)",
            bias=Lines(
                f"counts = {LABELS}.loc[{LABELS}['split'] == 'train', 'label'].value_counts()\n"
                "share = counts.reindex(VOCAB, fill_value=0).to_numpy() / counts.sum()\n"
                "bias = np.log(share.clip(1e-3))",
                _BIAS_WHY.format(noun="class"),
            ),
            loss=_class_loss(config),
            metric="accuracy",
            score=Lines(
                "def score(rows, preds):\n"
                '    "accuracy: the share of images whose most probable class is right."\n'
                "    return (np.array(VOCAB, dtype=object)[preds.argmax(axis=1)] == rows['label'].to_numpy()).mean()"
            ),
        )


def _separator(targs: np.ndarray, names: Sequence[str]) -> str | None:
    """Return what labels of a cell can be separated by, None where a cell cannot say all that is known."""
    if (targs < 0).any() or any(formulas.safe(name) != name or not name for name in names):
        return None
    return next((one for one in _SEPARATORS if not any(one in name for name in names)), None)


def _reasons(*reasons: tuple[bool, str]) -> str:
    chosen = [reason for is_chosen, reason in reasons if is_chosen]
    return f"The loss: {'; '.join(chosen)}."


def _multi_loss(config: TrainConfig, has_unknown: bool) -> Lines | None:
    weighs, gamma, smoothing = config.class_weights, config.focal_gamma, config.label_smoothing
    if not (weighs or gamma or smoothing or has_unknown):
        return None
    why = _reasons(
        (weighs, _WEIGHT_WHY.format(noun="label")),
        (bool(gamma), _FOCAL_WHY),
        (bool(smoothing), _SMOOTH_WHY),
        (has_unknown, _KNOWN_WHY),
    )
    lines = []
    if weighs:
        lines += [
            f"train = truth[({LABELS}['split'] == 'train').to_numpy()]",
            "absent, present = (train == 0).sum(0), (train == 1).sum(0)",
            "weight = np.where((absent > 0) & (present > 0), (absent / present.clip(1)).clip(0.01, 100), 1)",
            "weight = torch.tensor(weight, dtype=torch.float32, device=default_device())",
        ]
    with_weight = ", pos_weight=weight" if weighs else ""
    mask = " * known" if has_unknown else ""
    bce = "F.binary_cross_entropy_with_logits"
    lines += ["", "class LabelLoss(nn.Module):", "    def forward(self, acts, targs):"]
    lines += ["        acts, targs = acts.as_subclass(torch.Tensor), targs.as_subclass(torch.Tensor)"]
    if has_unknown:
        lines += [
            "        known = ~targs.isnan()",
            "        acts, targs = acts.where(known, 0.0), targs.where(known, 0.0)",
        ]
    lines += [f"        cells = {bce}(acts, targs, reduction='none'{with_weight})"]
    if gamma:
        lines += [f"        cells = cells * torch.exp({gamma!r} * F.logsigmoid(acts * (1 - 2 * targs)))"]
    if has_unknown:
        lines += ["        cells = cells * known"]
    if smoothing:
        lines += [
            "        halves = torch.full_like(targs, 0.5)",
            f"        of_any = {bce}(acts, halves, reduction='none'{with_weight}){mask}",
            f"        cells = cells.lerp(of_any, {smoothing!r})",
        ]
    lines += [f"        return cells.sum() / {'known.sum()' if has_unknown else 'cells.numel()'}", ""]
    lines += [
        "loss_func = BCEWithLogitsLossFlat()  # for its sigmoid",
        "loss_func.func, loss_func.flatten = LabelLoss(), False",
    ]
    return Lines("\n".join(lines).strip("\n"), why)


def _class_loss(config: TrainConfig) -> Lines | None:
    weighs, gamma, smoothing = config.class_weights, config.focal_gamma, config.label_smoothing
    if not (weighs or gamma or smoothing):
        return None
    why = _reasons(
        (weighs, _WEIGHT_WHY.format(noun="class")), (bool(gamma), _FOCAL_WHY), (bool(smoothing), _SMOOTH_WHY)
    )
    lines = []
    if weighs:
        lines += [
            f"counts = {LABELS}.loc[{LABELS}['split'] == 'train', 'label'].value_counts()",
            "counts = counts.reindex(VOCAB, fill_value=0).to_numpy()",
            "weight = np.where(counts > 0, counts.sum() / ((counts > 0).sum() * counts.clip(1)), 0)",
            "weight = torch.tensor(weight, dtype=torch.float32, device=default_device())",
        ]
    lines += ["", "class ClassLoss(nn.Module):", "    def forward(self, acts, targs):"]
    lines += ["        acts, targs = acts.as_subclass(torch.Tensor), targs.as_subclass(torch.Tensor)"]
    lines += ["        cells = F.cross_entropy(acts, targs, reduction='none')"]
    if gamma:
        lines += [
            "        others = acts.masked_fill(F.one_hot(targs, acts.shape[1]).bool(), -torch.inf)",
            f"        cells = cells * torch.exp({gamma!r} * (others.logsumexp(dim=1) - acts.logsumexp(dim=1)))",
        ]
    if weighs:
        lines += ["        cells = cells * weight[targs]"]
    if smoothing:
        weighted = " * weight" if weighs else ""
        lines += [
            f"        of_any = (-acts.log_softmax(dim=1){weighted}).mean(dim=1)",
            f"        cells = cells.lerp(of_any, {smoothing!r})",
        ]
    lines += [f"        return cells.sum() / {'weight[targs].sum()' if weighs else 'len(cells)'}", ""]
    lines += ["loss_func = CrossEntropyLossFlat()  # for its softmax", "loss_func.func = ClassLoss()"]
    return Lines("\n".join(lines).strip("\n"), why)
