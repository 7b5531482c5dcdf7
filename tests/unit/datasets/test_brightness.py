"""Brightness is Pillow's mean luminance, cached for the dataset as it is, and never wrong after a change."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lib.core.errors import UserError
from lib.datasets import brightness


def by_hand(path) -> float:
    """Return the mean of Rec. 601's luma of all pixels, in full size."""
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"), dtype=np.float64)
    return float((pixels @ [0.299, 0.587, 0.114]).mean())


@pytest.mark.parametrize("kind", ["png", "jpg", "gray.png"])
def test_brightness_is_the_mean_luminance(kind, tmp_path):
    """Within 1 of 255 of all pixels in full size, for a bright, a dark and a colored picture."""
    rng = np.random.default_rng(0)
    for place, color in enumerate([(250, 240, 230), (12, 9, 20), (200, 30, 90)]):
        pixels = (rng.normal(color, 25, (240, 317, 3))).clip(0, 255).astype(np.uint8)
        pixels[:100] //= 2
        image = Image.fromarray(pixels)
        path = tmp_path / f"{place}.{kind}"
        (image.convert("L") if "gray" in kind else image).save(path)
        assert brightness.mean_luminance(path) == pytest.approx(by_hand(path), abs=1)


def test_transparent_parts_are_white_as_they_are_shown(tmp_path):
    """A black picture that nobody sees is bright."""
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert brightness.mean_luminance(tmp_path / "clear.png") == pytest.approx(255, abs=1)


def test_a_broken_picture_is_nan(tmp_path):
    """It is not dark, nobody knows it."""
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    assert np.isnan(brightness.mean_luminance(tmp_path / "broken.jpg"))
    assert np.isnan(brightness.mean_luminance(tmp_path / "missing.jpg"))


def test_measured_once_and_kept(make_dataset):
    """Every picture in the dataset's order, the progress up to the end, and the file read back."""
    dataset = make_dataset("multi-label")
    dataset.image_path(3).write_bytes(b"no picture")
    assert brightness.read(dataset) is None
    told = []
    brightnesses = brightness.measure(dataset, lambda *now: told.append(now))
    expected = [by_hand(dataset.image_path(item)) if item != 3 else np.nan for item in range(len(dataset))]
    np.testing.assert_allclose(brightnesses, expected, atol=1.5)  # noise, which JPEG does not keep
    assert [done for done, *_ in told] == list(range(1, 49))
    assert {total for _, total, _ in told} == {48}
    kept = brightness.read(dataset)
    np.testing.assert_array_equal(kept, brightnesses)
    assert kept.dtype == np.float32
    assert [path.name for path in dataset.path.glob("*brightness*")] == [f"brightness-{dataset.revision}.npy"]


def test_another_revision_is_measured_anew(make_dataset):
    """What the pictures were before says nothing, and does not pile up."""
    dataset = make_dataset("multi-label")
    (dataset.path / "brightness-000000000000.npy").write_bytes(b"")
    assert brightness.read(dataset) is None
    brightness.measure(dataset)
    assert len(list(dataset.path.glob("brightness-*.npy"))) == 1


@pytest.mark.parametrize("damage", ["cut", "short", "float64", "pickled"])
def test_a_damaged_file_is_measured_again(damage, make_dataset):
    """A file that is cut off, of another length or type, or that would run code is not believed."""
    dataset = make_dataset("multi-label")
    brightnesses = brightness.measure(dataset)
    path = dataset.path / f"brightness-{dataset.revision}.npy"
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:70])
    elif damage == "pickled":
        np.save(path, np.array([{}] * len(brightnesses), dtype=object), allow_pickle=True)
    else:
        np.save(path, brightnesses[:5] if damage == "short" else brightnesses.astype(np.float64))
    assert brightness.read(dataset) is None


def test_who_leaves_stops_it(make_dataset):
    """An exception of whoever looks passes through, and nothing half is kept."""
    dataset = make_dataset("multi-label")

    def leave(done: int, *_):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        brightness.measure(dataset, leave)
    assert brightness.read(dataset) is None
    assert not list(dataset.path.glob("*brightness*"))


def test_a_folder_that_is_gone_is_said(make_dataset):
    """A dataset deleted meanwhile is a sentence, not a traceback."""
    import shutil

    dataset = make_dataset("multi-label")
    shutil.rmtree(dataset.path)
    with pytest.raises(UserError, match="cannot be kept"):
        brightness.measure(dataset)
