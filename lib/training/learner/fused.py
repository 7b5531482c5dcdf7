"""fastai's usual augmentations in one pass over a batch of bytes: same chances, same pictures, a quarter of the time.

fastai makes floats of the bytes, turns and enlarges, goes to logits for brightness and contrast, comes back, and
normalizes, each a pass over the whole batch with a copy of its own. Here each few pictures go through all of it while
they are in the processor's cache. What is drawn has fastai's distributions but not its order, so that with the same
seed other numbers come out; with the same numbers the pictures are fastai's to within a quarter of a level of 255.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import lru_cache

import torch
from fastai.data.all import Transform
from fastai.vision.all import TensorImage, TensorPoint
from torch.nn import functional as F

from lib.training.learner import layout

#: As `fastai.vision.augment.aug_transforms`: chances of turning and enlarging and of the light, and their ranges.
_P_AFFINE, _P_LIGHTING, _MAX_ZOOM, _MAX_LIGHTING = 0.75, 0.75, 1.1, 0.2
#: fastai's own limit to what logits are taken of.
_EPS = 1e-7
#: On a CPU the light is looked up: steps a level of 255.
_STEPS = 4
_LEVELS = 255 * _STEPS + 1
#: Pixels that go through all steps together on a CPU.
_CHUNK = 8 * 128 * 128


@dataclass(frozen=True)
class Drawn:
    """What was drawn for n pictures.

    Attributes
    ----------
    mirrored : Tensor of bool, shape (n,)
    angle : Tensor of shape (n,)
        Radians; 0 where it does not turn.
    zoom : Tensor of shape (n,)
        At least 1.
    middle : Tensor of shape (n, 2)
        Where the enlarged part lies, (x, y) from 0 to 1.
    brightness : Tensor of shape (n,)
        What a pixel of one half becomes; 0.5 changes nothing.
    contrast : Tensor of shape (n,)
        Factor of the logits; 1 changes nothing.
    """

    mirrored: torch.Tensor
    angle: torch.Tensor
    zoom: torch.Tensor
    middle: torch.Tensor
    brightness: torch.Tensor
    contrast: torch.Tensor

    def of(self, rows: slice) -> Drawn:
        """Return what was drawn for some of the pictures."""
        return Drawn(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def mat(self) -> torch.Tensor:
        """Return the matrices from places in the copy to places in the picture, shape (n, 2, 3), as fastai's."""
        sign = torch.where(self.mirrored, -1.0, 1.0)
        cos, sin, scale = self.angle.cos(), self.angle.sin(), 1 / self.zoom
        turn = torch.stack([torch.stack([sign * cos, sign * sin], 1), torch.stack([-sin, cos], 1)], 1)  # (n, 2, 2)
        off = (1 - scale)[:, None] * (2 * self.middle - 1)
        return torch.cat([turn * scale[:, None, None], turn @ off[:, :, None]], dim=2)


def draw(count: int, *, max_rotate: float, flip: bool) -> Drawn:
    """Return what `aug_transforms` could have drawn for ``count`` pictures, from torch's generator of the CPU."""
    chance = torch.rand(10, count)

    def between(number: int, low: float, high: float) -> torch.Tensor:
        return low + (high - low) * chance[number]

    def where(number: int, p: float, values: torch.Tensor, neutral: float) -> torch.Tensor:
        return torch.where(chance[number] < p, values, neutral)

    angle = between(0, -math.radians(max_rotate), math.radians(max_rotate))
    brightness = between(1, 0.5 * (1 - _MAX_LIGHTING), 0.5 * (1 + _MAX_LIGHTING))
    contrast = between(2, math.log(1 - _MAX_LIGHTING), -math.log(1 - _MAX_LIGHTING)).exp()
    # One number says both whether and how far: given that it is below p, it is again even from 0 to p.
    zoomed = 1 + (_MAX_ZOOM - 1) * chance[3] / _P_AFFINE
    return Drawn(
        mirrored=(chance[4] < 0.5) & flip,
        angle=where(5, _P_AFFINE, angle, 0.0),
        zoom=where(3, _P_AFFINE, zoomed, 1.0),
        middle=chance[6:8].T.contiguous(),
        brightness=where(8, _P_LIGHTING, brightness, 0.5),
        contrast=where(9, _P_LIGHTING, contrast, 1.0),
    )


class Fused(Transform):
    """All that happens to a batch on its way into the model: floats, augmentation while training, normalization.

    Parameters
    ----------
    mean, std : tuple of float
        Of a channel each, where white is 1.
    max_rotate : float, optional
        Degrees; None augments nothing.
    flip : bool

    Attributes
    ----------
    mat : Tensor of shape (n, 2, 3)
        As `AffineCoordTfm.mat`, of the batch at hand.
    part : (int, slice) or None
        Where the batch that comes next is a part of one: of how many pictures, and which of them. It is drawn for all,
        so that each gets what it would have got in the whole batch.
    """

    order, split_idx = 30, None

    def __init__(
        self, mean: tuple[float, ...], std: tuple[float, ...], *, max_rotate: float | None = None, flip: bool = False
    ):
        super().__init__()
        self.mean, self.std, self.max_rotate, self.flip = tuple(mean), tuple(std), max_rotate, flip
        self.drawn: Drawn | None = None
        self.mat = torch.eye(2, 3)[None]
        self.part: tuple[int, slice] | None = None

    @property
    def augments(self) -> bool:
        """Whether training pictures are changed at all."""
        return self.max_rotate is not None

    def __call__(self, x: object, split_idx: int | None = None, **options: object) -> object:
        """Draw for a whole batch of training, then change its pictures and its points."""
        first = x[0] if isinstance(x, tuple) else x
        if self.max_rotate is not None and not split_idx and isinstance(first, TensorImage):
            count, rows = self.part or (len(first), slice(None))
            self.take(draw(count, max_rotate=self.max_rotate, flip=self.flip).of(rows), first.device)
        elif isinstance(first, TensorImage):
            self.drawn, self.mat = None, torch.eye(2, 3, device=first.device).expand(len(first), 2, 3)
        return super().__call__(x, split_idx=split_idx, **options)

    def take(self, drawn: Drawn, device: torch.device) -> None:
        """Use ``drawn`` for the batch that comes next."""
        self.drawn, self.mat = drawn, layout.moved(drawn.mat(), device)

    def encodes(self, x: TensorImage | TensorPoint) -> TensorImage | TensorPoint:
        """Return bytes, shape (n, 3, h, w), as the model takes them; points, (n, K, 2), where they are in copies."""
        if isinstance(x, TensorPoint):
            return x if self.drawn is None else x.affine_coord(self.mat)
        x = x.as_subclass(torch.Tensor)
        if self.drawn is None:
            return TensorImage(self._normalized(x))
        shift, slope = torch.logit(self.drawn.brightness), self.drawn.contrast
        apply = self._by_formula if x.device.type != "cpu" else self._by_table
        return TensorImage(apply(x, layout.moved(slope, x.device), layout.moved(slope * shift, x.device)))

    def decodes(self, x: TensorImage) -> TensorImage:
        """Return pictures of whole numbers from 0 to 255 again."""
        mean, std = self._stats(x.device)
        return TensorImage(((x.as_subclass(torch.Tensor) * std + mean).clamp(0, 1) * 255).long())

    def _stats(self, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        return _per_channel(self.mean, device), _per_channel(self.std, device)

    def _normalized(self, x: torch.Tensor) -> torch.Tensor:
        mean, std = self._stats(x.device)
        out = torch.empty(x.shape, device=x.device)
        for part in _parts(x):
            out[part].copy_(x[part]).mul_(1 / (255 * std)).sub_(mean / std)
        return out

    def _by_formula(self, x: torch.Tensor, slope: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
        """Return sigmoid(slope * logit(x) + shift) of the turned picture, normalized."""
        mean, std = self._stats(x.device)
        grid = F.affine_grid(self.mat, list(x.shape), align_corners=True)
        turned = F.grid_sample(x.float().mul_(1 / 255), grid, padding_mode="reflection", align_corners=True)
        logits = torch.addcmul(shift[:, None, None, None], torch.logit(turned, _EPS), slope[:, None, None, None])
        return logits.sigmoid_().sub_(mean).div_(std)

    def _by_table(self, x: torch.Tensor, slope: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
        """Return the same, brightness, contrast and normalization looked up at the nearest quarter of a level."""
        mean, std = self._stats(x.device)
        light = torch.addcmul(shift[:, None], _logits(), slope[:, None]).sigmoid_()  # (n, levels)
        table = ((light[:, None] - mean[0, :, :, 0]) / std[0, :, :, 0]).reshape(len(x), -1)  # (n, 3 * levels)
        _, channels, height, width = x.shape
        out = torch.empty(x.shape)
        across, down = torch.linspace(-1, 1, width), torch.linspace(-1, 1, height)
        for part in _parts(x):
            pixels, mat = x[part].float(), self.mat[part]
            grid = torch.empty(len(pixels), height, width, 2)
            for axis in (0, 1):
                row = mat[:, axis, 1, None] * down + mat[:, axis, 2, None]
                torch.add((mat[:, axis, 0, None] * across)[:, None, :], row[:, :, None], out=grid[..., axis])
            turned = F.grid_sample(pixels, grid, padding_mode="reflection", align_corners=True)
            levels = torch.add(torch.tensor(0.5), turned, alpha=_STEPS, out=turned).int()
            # Added as whole numbers: a float would round by where in the batch the picture is.
            places = levels.add_(torch.arange(len(pixels) * channels).int().reshape(-1, channels, 1, 1) * _LEVELS)
            torch.index_select(table[part].reshape(-1), 0, places.reshape(-1), out=out[part].reshape(-1))
        return out


def _parts(x: torch.Tensor) -> list[slice]:
    """Return which pictures go together: few on a CPU, all on a GPU."""
    step = max(1, _CHUNK // (x.shape[-1] * x.shape[-2])) if x.device.type == "cpu" else max(1, len(x))
    return [slice(start, start + step) for start in range(0, len(x), step)]


@lru_cache(maxsize=8)
def _per_channel(values: tuple[float, ...], device: torch.device) -> torch.Tensor:
    return torch.tensor(values, device=device)[None, :, None, None]


@lru_cache(maxsize=1)
def _logits() -> torch.Tensor:
    return torch.logit(torch.linspace(0, 1, _LEVELS), _EPS)
