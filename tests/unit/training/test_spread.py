"""The points of augmented copies map back to their places in the image, and their scatter is what is reported."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from lib import tasks
from lib.training import options
from lib.training.learner import augment, spread
from lib.training.learner.inference import Model
from tests.unit.training.test_augment import COLORS, PLACES, SIDE, STATS, drawn, middle_of

NAMES = ("left eye", "right eye", "nose", "ear")
SWAPPED = np.array([1, 0, 2, 3])
SIZE = np.array([[120.0, SIDE]])


class Finder(nn.Module):
    """A model that cannot err: it looks for the dots, and in a mirrored face the red eye is the right one."""

    def __init__(self):
        super().__init__()
        self.mirrored = 0

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        pixels = (batch.permute(0, 2, 3, 1).numpy() * STATS[1] + STATS[0]) * 255
        answers = []
        for one in pixels:
            dots = np.array([middle_of(one, color) for color in COLORS])
            (ax, ay), (bx, by) = dots[1] - dots[0], dots[2] - dots[0]
            if ax * by - ay * bx < 0:  # red, green and blue go round the other way
                dots, self.mirrored = dots[SWAPPED], self.mirrored + 1
            answers.append(2 * dots / SIDE - 1)
        return torch.as_tensor(np.array(answers)).flatten(1)


@pytest.fixture
def model(make_dataset):
    """A function that makes a model of the dots with a training's configuration."""
    config = options.configure(make_dataset("keypoints"), {"pretrained": False, "size": SIDE})

    def make(net: nn.Module, **chosen) -> Model:
        return Model(net.eval(), tasks.get("keypoints"), NAMES, {}, replace(config, **chosen))

    return make


def asked(model: Model, swapped: np.ndarray | None = SWAPPED, copies: int = 20, seed: int = 0) -> spread.Spread:
    sizes = np.repeat(SIZE, 2, axis=0)
    return spread.of_points(
        model, lambda rows: [drawn(PLACES)] * len(rows), [0, 1], sizes, swapped, copies=copies, seed=seed
    )


@pytest.mark.parametrize("flip", [False, True])
def test_a_model_that_finds_the_dots_does_not_scatter(model, flip):
    """Turned, enlarged, lit and mirrored: brought back, every dot is where it was drawn, within half a pixel."""
    net = Finder()
    answer = asked(model(net, flip=flip))
    np.testing.assert_allclose(answer.first, np.repeat(PLACES[None, :4], 2, axis=0), atol=0.5)
    np.testing.assert_allclose(answer.mean, np.repeat(PLACES[None, :4], 2, axis=0), atol=0.5)
    assert answer.spread.max() < 0.5
    assert answer.spread.min() > 0  # the copies are not the picture itself
    assert (net.mirrored > 5) == flip
    if flip:  # and without the exchange of left and right it would scatter by half of their distance
        wrong = asked(model(Finder(), flip=True), None)
        assert wrong.spread[:, :2].min() > 10
        assert wrong.spread[:, 2:].max() < 0.5


def test_a_training_without_augment_is_asked_about_changed_copies_too(model):
    """Copies are turned and enlarged also where the run had Augment off."""
    assert (asked(model(Finder(), augment=False)).spread > 0).all()


def test_a_model_that_does_not_look_scatters_as_the_copies_move(model):
    """A fixed answer, brought back, moves as far as the picture was moved: numpy on the matrices that were drawn."""

    class Fixed(nn.Module):
        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            return torch.tensor([[0.5, -0.5, 0.1, 0.2, 0.0, 0.3, -0.4, 0.6]]).repeat(len(batch), 1)

    mats = []
    real = augment.put_back

    def seen(unit: np.ndarray, mat: np.ndarray, swapped: np.ndarray | None) -> np.ndarray:
        mats.append(mat)
        return real(unit, mat, swapped)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(augment, "put_back", seen)
        answer = asked(model(Fixed()), copies=6)
    fixed = Fixed()(np.zeros((1, 1))).numpy().reshape(4, 2)
    for row in range(2):
        for k in range(4):
            moved = [fixed[k], *(mat[:, :2] @ fixed[k] + mat[:, 2] for mat in mats[row])]
            pixels = (np.array(moved) + 1) / 2 * SIZE[0]
            np.testing.assert_allclose(answer.mean[row, k], pixels.mean(axis=0), rtol=1e-4)
            assert answer.spread[row, k] == pytest.approx(np.sqrt(pixels.var(axis=0).sum()), rel=1e-3)


def test_numbers_scatter_as_what_is_said_of_the_copies(model):
    """The spread of a number is the standard deviation of what the model says of picture and copies, decoded."""

    class Brightness(nn.Module):
        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            outputs.append(batch.mean(dim=(1, 2, 3))[:, None])
            return outputs[-1]

    outputs: list[torch.Tensor] = []
    asked_model = replace(model(Brightness()), task=tasks.get("regression"), names=("bar",))
    asked_model.scale = {"mean": [4.0], "std": [3.0]}
    squares = np.stack([np.asarray(drawn(PLACES).resize((SIDE, SIDE)))] * 2)
    answer = spread.of_squares(asked_model, squares, np.repeat(SIZE, 2, axis=0), None, copies=6)
    values = 4 + 3 * torch.cat([outputs[0][:1], outputs[1]]).numpy()
    assert len(values) == 6
    np.testing.assert_allclose(answer.spread[0], values.std(axis=0), rtol=1e-4)
    np.testing.assert_array_equal(answer.spread[0], answer.spread[1])
    assert answer.spread.min() > 0


def test_a_copy_does_not_count_for_a_point_that_it_cut_off(model):
    """Enlarged 1.1 times, what was at 0.95 is outside the frame, and at 0.85 inside."""
    mat = np.array([[[1 / 1.1, 0, 0], [0, 1 / 1.1, 0]]])
    assert spread._inside(np.array([[[0.95, 0.0], [0.85, -0.85], [0.0, -0.92]]]), mat).tolist() == [
        [False, True, False]
    ]


def test_a_point_that_every_copy_cut_off_has_no_spread(model):
    """Only the picture itself counts for it, which does not scatter: unknown, and not the most certain of all."""

    class Outside(nn.Module):
        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            return torch.tensor([[1.9, 0.0, 0.1, 0.2, 0.0, 0.3, -0.4, 0.6]]).repeat(len(batch), 1)

    answer = asked(model(Outside()), copies=6)
    assert np.isnan(answer.spread).tolist() == [[True, False, False, False]] * 2
    np.testing.assert_array_equal(answer.mean[:, 0], answer.first[:, 0])
    assert np.isfinite(answer.mean).all()


def test_the_same_seed_is_the_same_answer(model):
    """What is asked twice is told twice alike, whatever is asked about beside it; another seed draws other copies."""
    one, two, other = (asked(model(Finder()), copies=4, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.spread, two.spread)
    np.testing.assert_array_equal(one.spread[0], one.spread[1])
    assert (one.spread != other.spread).any()
