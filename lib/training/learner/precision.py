"""Mixed precision: bfloat16 in the network's body, float32 everywhere else."""

from __future__ import annotations

import torch
from fastai.callback.core import Callback
from torch import nn

from lib.core.errors import UserError

#: What torch calls the instructions of x86 and ARM processors that compute in bfloat16. Without them torch emulates
#: it, 1.3 to 10 times slower than float32 (`benchmarks/precision.py` with ONEDNN_MAX_CPU_ISA=AVX512_CORE or AVX2).
_INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "bf16")


def check_mixed(device: torch.device) -> None:
    """Check that ``device`` computes in bfloat16 itself.

    Raises
    ------
    UserError
        If it does not, or only by emulation, which is slower than float32.
    """
    if not _computes(device):
        what = {"cuda": "this GPU", "cpu": "this processor"}.get(device.type, f"this device ({device.type})")
        raise UserError(
            f"Mixed precision was chosen, but {what} has no instructions for bfloat16: turn mixed precision off.",
            lasting=True,
        )


def _computes(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        return any(torch.cpu.get_capabilities().get(name, False) for name in _INSTRUCTIONS)
    part = torch.zeros(2, 2, device=device)
    try:
        with torch.autocast(device.type, dtype=torch.bfloat16):
            return (part @ part).dtype == torch.bfloat16
    except RuntimeError:  # autocast does not know the device
        return False


def enter(body: nn.Module, device: torch.device) -> None:
    """Let ``body`` compute in bfloat16 from now on and answer in float32; its weights stay float32.

    By the device's own autocast: fastai's callback asks for CUDA's, which on a CPU does nothing. Pictures and weights
    are laid out channels last, in which convolutions in bfloat16 are fastest.
    """
    leave(body)
    if device.type != "mps":  # no faster there
        body.to(memory_format=torch.channels_last)
    plain = body.forward

    def forward(pictures: torch.Tensor) -> torch.Tensor | list[torch.Tensor]:
        if device.type != "mps":
            pictures = pictures.contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            return _float(plain(pictures))

    body.forward = forward


def _float(maps: torch.Tensor | list[torch.Tensor]) -> torch.Tensor | list[torch.Tensor]:
    """Return one map, or maps of several scales, in float32."""
    return [part.float() for part in maps] if isinstance(maps, list) else maps.float()


def leave(body: nn.Module) -> None:
    """Undo `enter`; the layout of the weights stays, which changes no value."""
    body.__dict__.pop("forward", None)


class MixedPrecision(Callback):
    """Trains and validates with the body in bfloat16; head, loss, weights and optimiser stay in float32.

    The head is a small part of the work, and bfloat16 has three digits only: points would jump by half a percent of the
    picture. Predictions made after the fit are float32 throughout, as they are wherever the saved model is used.
    It keeps no state, so that a resumed training needs nothing from it.

    Parameters
    ----------
    device : torch.device
        One that `check_mixed` accepts.
    """

    def __init__(self, device: torch.device):
        self.device = device

    def before_train(self) -> None:
        """Begin; not before the fit, which fastai announces for predictions too."""
        enter(self.learn.model[0], self.device)

    def after_fit(self) -> None:
        """End."""
        leave(self.learn.model[0])
