"""Lines of plain fastai for the losses of numbers."""

from __future__ import annotations

from lib.core.config import TrainConfig
from lib.tasks.code.base import Lines

_WHY = {
    "mse": "The loss: mean squared error, in which few large errors count most.",
    "l1": "The loss: mean absolute error, so that no far point or value counts more than its error.",
    "huber": "The loss: squared for small and absolute for large errors (Huber).",
    "wing": "The loss: a logarithm for small errors, so that they count most (Wing, Feng et al. 2018).",
}


def of_numbers(
    name: str, config: TrainConfig, has_unknown: bool, *, delta: float, wing: tuple[float, float] = (0, 0)
) -> Lines | None:
    """Return the lines for a loss by its name in `lib.core.config.TrainConfig`, None for the block's own."""
    if name == "mse" and not has_unknown:
        return None
    cells = {
        "mse": ["        cells = (acts - targs) ** 2"],
        "l1": ["        cells = (acts - targs).abs()"],
        "huber": [f"        cells = F.huber_loss(acts, targs, reduction='none', delta={delta!r})"],
        "wing": [
            f"        width, curve = {wing[0]!r}, {wing[1]!r}",
            "        off = (acts - targs).abs()",
            "        near = width * torch.log1p(off.clamp(max=width) / curve)",
            "        cells = torch.where(off < width, near, off - width + width * math.log1p(width / curve))",
        ],
    }[name]
    lines = ["class NumberLoss(nn.Module):", "    def forward(self, acts, targs):"]
    lines += ["        acts, targs = acts.as_subclass(torch.Tensor), targs.as_subclass(torch.Tensor)"]
    if has_unknown:
        lines += [
            "        known = ~targs.isnan()",
            "        acts, targs = acts.where(known, 0.0), targs.where(known, 0.0)",
        ]
    lines += cells
    count = "known.sum().clamp(min=1)" if has_unknown else "cells.numel()"
    summed = "(cells * known).sum()" if has_unknown else "cells.sum()"
    lines += [f"        return {summed} / {count}", "", "loss_func = BaseLoss(NumberLoss, floatify=True, is_2d=False)"]
    why = _WHY[name] + (" What nobody knows (NaN) is left out." if has_unknown else "")
    return Lines("\n".join(lines), why)
