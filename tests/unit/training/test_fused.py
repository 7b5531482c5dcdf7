"""Single-pass augmentation does what fastai's does, with the same probabilities, to images and points alike."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from fastai.vision.all import IntToFloatTensor, Normalize, Pipeline, TensorImage, TensorPoint, aug_transforms
from scipy import stats

from lib import tasks
from lib.core.config import BOOK, RECOMMENDED
from lib.training import options
from lib.training.learner import augment, data, fused

MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.25, 0.3)
N = 24


def _fastai():
    """Return fastai's transforms of the affine kind and of the light."""
    return aug_transforms(do_flip=True, max_rotate=10, max_zoom=1.1, max_warp=0.0)


class _Taken(fused.Drawn):
    """What fastai has drawn, its matrix as it is."""

    def mat(self) -> torch.Tensor:
        return self.taken


def _taken(affine, lighting) -> fused.Drawn:
    brightness, contrast = (part.change.as_subclass(torch.Tensor) for part in lighting.fs)
    drawn = _Taken(*[torch.zeros(0)] * 4, brightness, contrast)
    object.__setattr__(drawn, "taken", affine.mat.as_subclass(torch.Tensor))
    return drawn


def _batch(side: int) -> tuple[TensorImage, TensorPoint]:
    torch.manual_seed(side)
    pixels = torch.randint(0, 256, (N, 3, side, side), dtype=torch.uint8)
    pixels[0], pixels[1] = 0, 255
    points = torch.rand(N, 5, 2) * 2 - 1
    points[2, 3] = torch.nan
    return TensorImage(pixels), TensorPoint(points)


@pytest.mark.parametrize("side", [33, 160])  # more and fewer pictures at a time
def test_with_the_same_numbers_the_pictures_are_fastais(side):
    """Noise, black and white, turned, enlarged, mirrored and lit: within a quarter of a level and some rounding."""
    affine, lighting = _fastai()
    pixels, points = _batch(side)
    steps = [IntToFloatTensor(), affine, lighting, Normalize.from_stats(MEAN, STD, cuda=False)]
    expected, expected_points = Pipeline(steps, split_idx=0)((pixels, points))
    one = fused.Fused(MEAN, STD, max_rotate=10.0, flip=True)
    one.take(_taken(affine, lighting), torch.device("cpu"))
    shown, shown_points = one.encodes(pixels), one.encodes(points)
    scale = torch.tensor(STD)[None, :, None, None] * 255
    assert ((shown - expected).abs() * scale).max() < 0.3  # levels of 255
    assert ((shown - expected).abs() * scale).mean() < 0.08
    torch.testing.assert_close(torch.Tensor(shown_points), torch.Tensor(expected_points), equal_nan=True)
    assert torch.isnan(shown_points[2, 3]).all()
    slope, shift = one.drawn.contrast, one.drawn.contrast * torch.logit(one.drawn.brightness)
    formula = one._by_formula(pixels.as_subclass(torch.Tensor), slope, shift)  # what a GPU does
    torch.testing.assert_close(formula, expected.as_subclass(torch.Tensor), atol=2e-5, rtol=0)


def _fastais_draws(count: int) -> dict[str, np.ndarray]:
    affine, lighting = _fastai()
    blank = TensorImage(torch.zeros(count, 3, 4, 4))
    for one in (affine, lighting):
        one.before_call(blank, 0)
    brightness, contrast = (data.as_numpy(part.change) for part in lighting.fs)
    return _read(data.as_numpy(affine.mat), brightness, contrast)


def _our_draws(count: int) -> dict[str, np.ndarray]:
    drawn = fused.draw(count, max_rotate=10.0, flip=True)
    return _read(drawn.mat().numpy(), drawn.brightness.numpy(), drawn.contrast.numpy())


def _read(mat: np.ndarray, brightness: np.ndarray, contrast: np.ndarray) -> dict[str, np.ndarray]:
    """Return what the matrices and the light do, by plain geometry."""
    mat = mat.astype(np.float64)
    linear, mirrored = mat[:, :, :2], np.linalg.det(mat[:, :, :2]) < 0
    return {
        "mirrored": mirrored,
        "angle": np.degrees(np.arctan2(-linear[:, 1, 0], linear[:, 1, 1])).round(4),
        "zoom": (1 / np.sqrt(np.abs(np.linalg.det(linear)))).round(5),
        "off x": mat[:, 0, 2].round(6),
        "off y": mat[:, 1, 2].round(6),
        "brightness": brightness.round(6),
        "contrast": contrast.round(6),
    }


def test_what_is_drawn_has_fastais_distributions():
    """Angles, zooms, places, mirrors, brightness and contrast of 20,000 pictures, by Kolmogorov and Smirnov."""
    torch.manual_seed(0)
    count = 20_000
    ours, theirs = _our_draws(count), _fastais_draws(count)
    neutral = {"angle": 0.0, "zoom": 1.0, "brightness": 0.5, "contrast": 1.0}
    for name, values in ours.items():
        assert stats.ks_2samp(values.astype(float), theirs[name].astype(float)).pvalue > 1e-3, name
        if name in neutral:
            shares = [(one[name] == np.float32(neutral[name])).mean() for one in (ours, theirs)]
            np.testing.assert_allclose(shares, 0.25, atol=0.015)
    # Each is drawn by itself: no two go together.
    together = np.corrcoef(
        [ours[name].astype(float) for name in ("mirrored", "angle", "zoom", "brightness", "contrast")]
    )
    applied = np.corrcoef([(ours[name] != np.float32(value)).astype(float) for name, value in neutral.items()])
    for matrix in (together, applied):
        assert np.abs(matrix - np.eye(len(matrix))).max() < 0.03
    still = fused.draw(200, max_rotate=0.0, flip=False)
    assert not still.mirrored.any()
    assert (still.angle == 0).all()


def test_validation_is_only_normalized_and_comes_back():
    """Where the model is measured pictures are as they are, points too, and decoding gives the bytes again."""
    one = fused.Fused(MEAN, STD, max_rotate=10.0, flip=True)
    pixels, points = _batch(40)
    Pipeline([one], split_idx=0)((pixels, points))  # leaves what was drawn behind
    shown, transformed = Pipeline([one], split_idx=1)((pixels, points))
    plain = Pipeline([IntToFloatTensor(), Normalize.from_stats(MEAN, STD, cuda=False)], split_idx=1)(pixels)
    torch.testing.assert_close(torch.Tensor(shown), torch.Tensor(plain), atol=2e-6, rtol=0)
    torch.testing.assert_close(torch.Tensor(transformed), torch.Tensor(points), equal_nan=True)
    assert (one.decodes(shown) - pixels).abs().max() <= 1


def test_the_books_recipe_keeps_fastais_own(make_dataset):
    """The recommended recipe has the one pass, the book's the transforms of fastai; both swap pairs of points."""
    dataset, task = make_dataset("keypoints"), tasks.get("keypoints")
    for recipe, is_fused in ((RECOMMENDED, True), (BOOK, False)):
        config = options.configure(dataset, {"pretrained": False, "recipe": recipe, "flip": True})
        tfms = data.batch_tfms(task, config, np.array([1, 0]))
        assert any(isinstance(one, fused.Fused) for one in tfms) == is_fused
        swap = next(one for one in tfms if isinstance(one, augment.SwapPairs))
        assert swap.affine is augment.affine_of(tfms)
