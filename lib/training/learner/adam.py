"""fastai's Adam for all weights at once: the same state and the same numbers, without a Python call a weight."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch
from fastai.optimizer import Adam, Optimizer, adam_step, average_grad, average_sqr_grad, debias, step_stat, weight_decay

from lib.core.config import BOOK, TrainConfig


def choose(config: TrainConfig, device: torch.device) -> Callable[..., Optimizer]:
    """Return what makes the optimiser: a Learner's ``opt_func``.

    The book's recipe has the very operations of fastai's Adam, so that every bit is as there; on a processor many
    weights at a time give the same bits, which is tested, elsewhere it is fastai's own. Otherwise it is torch's fused
    kernel, one pass over the weights, whose results differ by rounding.
    """
    if config.recipe == BOOK:
        return partial(Together, fused=False) if device.type == "cpu" else Adam
    return partial(Together, fused=device.type in ("cpu", "cuda"))


class Together(Optimizer):
    """Adam with decoupled weight decay over lists of weights; its state is that of `fastai.optimizer.Adam`.

    So a checkpoint fits both. ``python -m benchmarks speed`` says what it saves: a step of fastai's own takes 10 to
    15 % of a step of the small network, this one 3 %.

    Parameters
    ----------
    params : iterable
        Groups of weights, as fastai's splitters make them.
    lr : float or slice
    mom, sqr_mom, eps, wd : float
        As in `fastai.optimizer.Adam`.
    fused : bool
        Whether to use torch's fused kernel; else the result equals fastai's to the bit on a processor.
    """

    def __init__(
        self,
        params: Iterable,
        lr: float | slice,
        *,
        mom: float = 0.9,
        sqr_mom: float = 0.99,
        eps: float = 1e-5,
        wd: float = 0.01,
        fused: bool,
    ):
        steps = [weight_decay, partial(average_grad, dampening=True), average_sqr_grad, step_stat, adam_step]
        super().__init__(params, steps, lr=lr, mom=mom, sqr_mom=sqr_mom, eps=eps, wd=wd)
        self._work = _fused if fused else _by_lists

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        """Change all weights that have a gradient."""
        if closure is not None:
            raise NotImplementedError("fastai optimizers currently do not support closure")
        for group, hyper in zip(self.param_lists, self.hypers, strict=True):
            alike: dict[tuple[int, bool, torch.dtype], list[torch.Tensor]] = defaultdict(list)
            for weight in group:
                if weight.grad is not None:
                    state = self._begun(weight)
                    state["step"] += 1
                    alike[state["step"], state.get("do_wd", True), weight.dtype].append(weight)
            for (step, do_wd, _), weights in alike.items():
                states = [self.state[weight] for weight in weights]
                for state, weight in zip(states, weights, strict=True):
                    for name in ("grad_avg", "sqr_avg"):
                        state[name] = _laid_out(state[name], weight)
                grads = [_laid_out(weight.grad, weight) for weight in weights if weight.grad is not None]
                grad_avgs = [state["grad_avg"] for state in states]
                sqr_avgs = [state["sqr_avg"] for state in states]
                wd = hyper["wd"] if do_wd else 0.0
                self._work(weights, grads, grad_avgs, sqr_avgs, step, {**hyper, "wd": wd})

    def zero_grad(self) -> None:
        """Forget the gradients; with the fused kernel the next ones are new tensors, not added to zeros."""
        if self._work is not _fused:
            super().zero_grad()
            return
        for group in self.param_lists:
            for weight in group:
                weight.grad = None

    def _begun(self, weight: torch.Tensor) -> dict[str, Any]:
        state = self.state[weight]
        if "grad_avg" not in state:
            state |= {"grad_avg": torch.zeros_like(weight), "sqr_avg": torch.zeros_like(weight), "step": 0}
        return state


def _laid_out(values: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Return ``values`` laid out as ``like``: kernels walk through both side by side, and a checkpoint's are not so."""
    if type(values) is not torch.Tensor:  # fastai's know what they are of, which each operation looks at
        values = values.as_subclass(torch.Tensor)
    return values if values.ndim < 2 or values.stride() == like.stride() else torch.empty_like(like).copy_(values)


def _by_lists(
    weights: list[torch.Tensor],
    grads: list[torch.Tensor],
    grad_avgs: list[torch.Tensor],
    sqr_avgs: list[torch.Tensor],
    step: int,
    hyper: dict[str, float],
) -> None:
    """Do fastai's own operations in its own order, each for all weights."""
    lr, mom, sqr_mom = hyper["lr"], hyper["mom"], hyper["sqr_mom"]
    if hyper["wd"]:
        torch._foreach_mul_(weights, 1 - lr * hyper["wd"])
    torch._foreach_mul_(grad_avgs, mom)
    torch._foreach_add_(grad_avgs, grads, alpha=1 - mom)
    torch._foreach_mul_(sqr_avgs, sqr_mom)
    torch._foreach_addcmul_(sqr_avgs, grads, grads, value=1 - sqr_mom)
    denominators = torch._foreach_div(sqr_avgs, debias(sqr_mom, 1 - sqr_mom, step))
    torch._foreach_sqrt_(denominators)
    torch._foreach_add_(denominators, hyper["eps"])
    torch._foreach_addcdiv_(weights, grad_avgs, denominators, value=-lr / debias(mom, 1 - mom, step))


def _fused(
    weights: list[torch.Tensor],
    grads: list[torch.Tensor],
    grad_avgs: list[torch.Tensor],
    sqr_avgs: list[torch.Tensor],
    step: int,
    hyper: dict[str, float],
) -> None:
    """Do all of it in one kernel."""
    done = torch.full((), float(step), device=weights[0].device)
    torch._fused_adamw_(
        weights,
        grads,
        grad_avgs,
        sqr_avgs,
        [],
        [done] * len(weights),
        lr=hyper["lr"],
        beta1=hyper["mom"],
        beta2=hyper["sqr_mom"],
        weight_decay=hyper["wd"],
        eps=hyper["eps"],
        amsgrad=False,
        maximize=False,
    )
