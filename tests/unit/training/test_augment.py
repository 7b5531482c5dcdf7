"""Points stay on what they mark, whatever training does to an image, and a mirror swaps left and right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from fastai.torch_core import set_seed
from fastai.vision.all import AffineCoordTfm, TensorImage, TensorMask, TensorPoint
from PIL import Image

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.files import new_folder
from lib.datasets import store
from lib.metrics.points import to_unit
from lib.training import options
from lib.training.learner import augment, copies, data

NAMES = ["left eye", "right eye", "nose", "left ear", "right ear"]
#: Places in a picture of 120 x 96, in the middle so that nothing leaves the frame; the right ear is missing.
PLACES = np.array([[42.5, 36.5], [75.0, 40.0], [58.5, 52.0], [45.0, 61.5], [np.nan, np.nan]], dtype=np.float32)
COLORS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 0, 255)]
SIDE = 96
STATS = np.array([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])  # ImageNet's, as everybody prints them


def drawn(places: np.ndarray) -> Image.Image:
    """Return a dark picture of 120 x 96 with a soft dot of its own color at each place."""
    y, x = np.mgrid[:SIDE, :120] + 0.5
    pixels = np.full((SIDE, 120, 3), 0.0)
    for color, place in zip(COLORS, places, strict=False):
        pixels += np.exp(-((x - place[0]) ** 2 + (y - place[1]) ** 2) / 18)[..., None] * color
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def middle_of(pixels: np.ndarray, color: tuple[int, int, int]) -> np.ndarray:
    """Return the middle of what has ``color``, (x, y) in pixels, origin at the picture's corner."""
    on = np.array(color) > 0
    strength = pixels[..., on].min(axis=-1).astype(float) - pixels[..., ~on].max(axis=-1)
    weight = np.where(strength > 90, strength, 0)
    y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]] + 0.5
    return np.array([(x * weight).sum(), (y * weight).sum()]) / weight.sum()


@pytest.fixture
def dots(workspace) -> Dataset:
    """Twelve times the same picture, eight of them to train on."""
    with new_folder(workspace.dataset("dots")) as folder:
        (folder / "images").mkdir()
        for item in range(12):
            drawn(PLACES).save(folder / "images" / f"{item}.png")
        items = pd.DataFrame({"file": [f"{item}.png" for item in range(12)]})
        items = items.assign(
            original=items["file"], split=["train"] * 8 + ["valid"] * 4, group="", width=120, height=96
        )
        head = {"name": "dots", "task": "keypoints", "names": NAMES, "problems": [], "source": {}, "defaults": {}}
        store.save(folder, head, items, np.repeat(PLACES[None], 12, axis=0))
    return store.load(workspace, "dots")


def config(dataset: Dataset, **chosen):
    """Return a configuration at the dots' own height, in batches of eight."""
    return options.configure(dataset, {"pretrained": False, "size": SIDE, "bs": 8, "flip": True, **chosen})


def test_the_dot_of_a_color_is_where_its_point_is(dots):
    """Turned, enlarged, lit and mirrored: each point is on its dot, a mirrored left eye is the right eye, NaN swaps."""
    task, swapped = tasks.get("keypoints"), [1, 0, 2, 4, 3]
    seen = {False: 0, True: 0}
    for seed in range(5):
        augmented = copies.copies(dots, task, config(dots), 3, seed=seed)
        assert augmented.pictures.shape == (8, SIDE, SIDE, 3)
        for pixels, targ, mirrored in zip(augmented.pictures, augmented.targs, augmented.mirrored, strict=True):
            order = swapped if mirrored else range(5)
            seen[bool(mirrored)] += 1
            for color, place in zip(COLORS, order, strict=False):
                np.testing.assert_allclose(middle_of(pixels, color), targ[place], atol=0.5)
            missing = 3 if mirrored else 4
            assert np.isnan(targ[missing]).all()
            assert np.isfinite(np.delete(targ, missing, axis=0)).all()
            left, right = middle_of(pixels, COLORS[0]), middle_of(pixels, COLORS[1])
            assert (left[0] > right[0]) == mirrored  # seen in the picture: the red dot is on the other side
    assert min(seen.values()) > 8


def test_what_is_said_of_a_copy_is_what_was_done(dots):
    """Turn and zoom agree with how the line between two dots lies, and how long it is."""
    augmented = copies.copies(dots, tasks.get("keypoints"), config(dots), 0, seed=3)
    was = (PLACES[1] - PLACES[0]) * (SIDE / 120, 1)
    turned = []
    for pixels, mirrored, turn, zoom in zip(
        augmented.pictures, augmented.mirrored, augmented.turn, augmented.zoom, strict=True
    ):
        now = middle_of(pixels, COLORS[1]) - middle_of(pixels, COLORS[0])
        before = was * (-1, 1) if mirrored else was
        angle = np.degrees(np.arctan2(now[1], now[0]) - np.arctan2(before[1], before[0]))  # y goes down: clockwise
        assert (angle + 180) % 360 - 180 == pytest.approx(turn, abs=1.0)
        assert np.linalg.norm(now) / np.linalg.norm(was) == pytest.approx(zoom, abs=0.02)
        turned.append(turn)
    assert max(turned) > 1
    assert min(turned) < -1


@pytest.mark.parametrize("name", ["keypoints", "single-label"])
def test_copies_are_a_batch_of_the_training(name, dots, make_dataset):
    """The DataLoader of a training on eight equal pictures gives, with the same seed, exactly the same batch."""
    dataset, task = dots, tasks.get(name)
    if name != "keypoints":
        dataset = make_dataset(name, n=24)
        for item in range(1, 24):
            (dataset.path / "images" / f"{item}.png").write_bytes((dataset.path / "images" / "0.png").read_bytes())
    chosen = config(dataset)
    shown = copies.copies(dataset, task, chosen, 0, seed=11)
    dls = data.make_dls(dataset, task, chosen, {}, data.Pictures(dataset, SIDE), torch.device("cpu"))
    set_seed(11)
    pictures, targs = dls.one_batch()
    pixels = pictures.permute(0, 2, 3, 1).numpy() * STATS[1] + STATS[0]
    np.testing.assert_allclose(shown.pictures, pixels * 255, atol=1.01)  # rounded down to whole numbers
    if name == "keypoints":
        np.testing.assert_allclose(to_unit(shown.targs, np.full((8, 2), SIDE)), targs.numpy(), atol=1e-5)
    again = copies.copies(dataset, task, chosen, 0, seed=11)
    np.testing.assert_array_equal(shown.pictures, again.pictures)
    assert (copies.copies(dataset, task, chosen, 0, seed=12).pictures != shown.pictures).any()


def test_validation_sees_points_and_pictures_as_they_are(dots):
    """Nothing is turned, mirrored or swapped where the model is measured."""
    dls = data.make_dls(dots, tasks.get("keypoints"), config(dots), {}, data.Pictures(dots, SIDE), torch.device("cpu"))
    for _ in range(4):
        dls.one_batch()  # leaves the matrices of a training batch behind
        _, targs = next(iter(dls.valid))
        expected = to_unit(PLACES[None], np.array([[120, 96]]))
        np.testing.assert_allclose(targs.numpy(), np.repeat(expected, 4, axis=0), atol=1e-5)


def test_without_augment_copies_are_the_picture(dots):
    """With Augment off every copy is the squished picture, its points on it."""
    augmented = copies.copies(dots, tasks.get("keypoints"), config(dots, augment=False), 0, seed=0)
    squished = np.asarray(drawn(PLACES).resize((SIDE, SIDE), Image.Resampling.BILINEAR)).astype(int)
    assert np.abs(augmented.pictures.astype(int) - squished).max() <= 1
    np.testing.assert_allclose(augmented.targs, np.repeat((PLACES * (0.8, 1))[None], 8, axis=0), atol=1e-3)
    assert not augmented.mirrored.any()


def test_a_swap_leaves_masks_alone_and_follows_each_row():
    """Only points of mirrored rows change places; a mask in the same batch is mirrored and nothing else."""
    mat = torch.eye(2, 3).repeat(3, 1, 1)
    mat[1, 0, 0] = -1  # the second row is mirrored
    square = torch.cat([mat, torch.tensor([[[0.0, 0, 1]]]).repeat(3, 1, 1)], dim=1)
    affine = AffineCoordTfm(aff_fs=lambda _: square, align_corners=True)
    pipeline = [affine, augment.SwapPairs(affine, np.array([1, 0]))]
    points = torch.tensor([[[-0.5, 0.1], [torch.nan, torch.nan]]]).repeat(3, 1, 1)
    mask = torch.zeros(3, 8, 8, dtype=torch.int64)
    mask[:, :, :2] = 1
    batch = (TensorImage(torch.rand(3, 3, 8, 8)), TensorMask(mask), TensorPoint(points))
    for one in pipeline:
        batch = one(batch, split_idx=0)
    _, masks, mirrored = batch
    assert isinstance(mirrored, TensorPoint)
    torch.testing.assert_close(torch.Tensor(mirrored[0]), points[0], equal_nan=True)
    assert mirrored[1, 1].tolist() == pytest.approx([0.5, 0.1])
    assert mirrored[1, 0].isnan().all()
    assert masks[1, 0].tolist() == [0] * 6 + [1, 1]
    assert masks[0, 0].tolist() == [1, 1] + [0] * 6
