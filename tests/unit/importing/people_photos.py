"""Photographs of several people, whose points are dots that can be found again by their color."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.core.dataset import Dataset
from lib.core.workspace import Workspace

NAMES = ["head", "left", "right"]
#: The color of each point's dot, far from each other and from the gray around them.
COLORS = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255]])
CROP = {"several": "crop"}
#: A person: its box (x, y, width, height) and its points, None where one is missing.
ANN = ([20, 10, 60, 80], [(50, 20), (30, 60), (70, 80)])
BO = ([110, 30, 40, 60], [(130, 40), (120, 80), None])
CY = ([100, 100, 60, 40], [(130, 110), (110, 130), (150, 130)])
SIZE = (180, 150)
SIDEWAYS = 6  # EXIF: to be turned right by 90 degrees


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    """A workspace that does not exist yet."""
    return Workspace(tmp_path / "home" / "workspace")


def draw_photo(path: Path, people, size=SIZE, orientation=1) -> None:
    """Draw people as dots of 6 x 6 pixels on an upright photograph, and store it turned."""
    image = np.full((size[1], size[0], 3), 128, dtype=np.uint8)
    for _, points in people:
        for color, point in zip(COLORS, points, strict=True):
            if point is not None:
                x, y = point
                image[max(y - 3, 0) : y + 3, max(x - 3, 0) : x + 3] = color
    if orientation == SIDEWAYS:
        image = np.rot90(image, 1)  # by hand, to the left
    exif = Image.Exif()
    exif[0x0112] = orientation
    path.parent.mkdir(parents=True, exist_ok=True)
    lossless = {} if path.suffix == ".png" else {"quality": 95, "subsampling": 0}
    Image.fromarray(np.ascontiguousarray(image)).save(path, exif=exif, **lossless)


def find_dots(image: Image.Image) -> np.ndarray:
    """Return where the dot of each color is in a picture, (3, 2), NaN where there is none."""
    off = np.abs(np.asarray(image.convert("RGB"), dtype=int)[:, :, None] - COLORS).max(axis=-1)  # (h, w, 3)
    points = np.full((3, 2), np.nan)
    for k in range(3):
        ys, xs = np.nonzero(off[:, :, k] < 90)
        if len(xs):
            points[k] = xs.mean() + 0.5, ys.mean() + 0.5
    return points


def _flat(points) -> list:
    return [value for point in points for value in ((*point, 2) if point else (0, 0, 0))]


def coco(photos, declared=None, **more) -> str:
    """Return COCO's JSON for the people of each photograph, by its name."""
    images, annotations = [], []
    for number, (name, people) in enumerate(photos.items()):
        width, height = (declared or {}).get(name, SIZE)
        images.append({"id": number, "file_name": name, "width": width, "height": height, **more.get(name, {})})
        for box, points in people:
            entry = {"id": len(annotations), "image_id": number, "category_id": 1, "keypoints": _flat(points)}
            annotations.append(entry | ({} if box is None else {"bbox": box}))
    category = {"id": 1, "name": "person", "keypoints": NAMES, "skeleton": [[1, 2], [1, 3]]}
    return json.dumps({"images": images, "annotations": annotations, "categories": [category]})


def folder_of(root: Path, photos, **more) -> Path:
    for name, people in photos.items():
        draw_photo(root / name, people)
    (root / "people.json").write_text(coco(photos, **more))
    return root


PHOTOS = {"a.png": [ANN, BO], "b.jpg": [CY, ANN, BO], "c.jpg": [BO], "d.jpg": [ANN, CY]}


def rows_by_name(dataset: Dataset) -> dict[str, int]:
    return {name: row for row, name in enumerate(dataset.items["original"])}
