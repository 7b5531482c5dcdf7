"""Points follow an image that is rotated or resized."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lib.core.pictures import open_image
from lib.importing.orientation import follow, orientation_of, to_upright

WIDTH, HEIGHT = 7, 4


def _turned(path, orientation, at=(5, 1)):
    """Save a picture with one white pixel and an orientation; return the pixel's center as stored and as shown."""
    stored = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    stored[at[1], at[0]] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(stored).save(path, exif=exif)
    shown = np.asarray(open_image(path))
    y, x = np.argwhere(shown[..., 0] == 255)[0]
    return np.array([at]) + 0.5, np.array([[x, y]]) + 0.5, shown.shape[1::-1]


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_points_turn_with_the_picture(tmp_path, orientation, suffix):
    """In all eight orientations a point stays on the pixel that it was set on, as Pillow turns the picture."""
    path = tmp_path / f"a{suffix}"
    stored, shown, _ = _turned(path, orientation)
    assert orientation_of(path) == orientation
    np.testing.assert_array_equal(to_upright(stored, orientation, WIDTH, HEIGHT), shown)


@pytest.mark.parametrize("tag", [None, 0, 9, 300])
def test_no_orientation_or_nonsense_is_upright(tmp_path, tag):
    """Without the tag, or with a number that means nothing, a picture is as it is stored."""
    exif = Image.Exif()
    if tag is not None:
        exif[0x0112] = tag
    Image.new("RGB", (3, 2)).save(tmp_path / "a.png", exif=exif)
    assert orientation_of(tmp_path / "a.png") == 1


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_the_size_tells_how_a_picture_was_labeled(tmp_path, orientation):
    """A declared size with its sides exchanged means the stored picture, any other orientation stays upright."""
    stored, shown, size = _turned(tmp_path / "a.png", orientation)
    np.testing.assert_array_equal(follow(stored, tmp_path / "a.png", (WIDTH, HEIGHT), size), shown)
    np.testing.assert_array_equal(follow(shown, tmp_path / "a.png", size, size), shown)
    np.testing.assert_allclose(follow(stored * 10, tmp_path / "a.png", (WIDTH * 10, HEIGHT * 10), size), shown)


def test_resized_pictures_take_their_points_along(tmp_path):
    """Half the size, half the coordinates, NaN stays; rounding of a side is no other shape, another shape is."""
    Image.new("RGB", (320, 213)).save(tmp_path / "a.png")
    points = np.array([[640, 427], [np.nan, np.nan]], dtype=np.float32)
    moved = follow(points, tmp_path / "a.png", (640, 427), (320, 213))
    assert moved.dtype == np.float32
    np.testing.assert_allclose(moved, [[320, 213], [np.nan, np.nan]])
    assert follow(points, tmp_path / "a.png", (640, 640), (320, 213)) is None
    assert follow(points, tmp_path / "a.png", (213, 320), (320, 213)) is None  # no tag that turns it
