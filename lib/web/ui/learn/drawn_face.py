"""A drawn face with points in pairs, for those who have no keypoints.

One eye is blue, so that a mirror is seen, and it is at the side, so that a crop loses something.
"""

from __future__ import annotations

import base64
import io

from PIL import Image, ImageDraw

#: Width and height in pixels; drawn larger, which smooths the edges.
SIZE = (240, 150)
_SCALE = 4
#: Left and right are the person's own, as in most datasets: the left eye is on the right of the picture.
POINTS: dict[str, tuple[float, float]] = {
    "right_eye": (40.0, 62.0),
    "left_eye": (80.0, 60.0),
    "nose": (61.0, 82.0),
    "right_mouth": (46.0, 104.0),
    "left_mouth": (76.0, 102.0),
}
_SKIN, _HAIR, _BACK, _LINE = (233, 190, 160), (84, 56, 40), (176, 196, 206), (110, 60, 50)
_BLUE, _BROWN, _WHITE = (40, 96, 190), (100, 66, 30), (250, 250, 248)


def picture() -> str:
    """Return the picture as an address that holds it."""
    image = Image.new("RGB", (SIZE[0] * _SCALE, SIZE[1] * _SCALE), _BACK)
    pen = ImageDraw.Draw(image)

    def oval(x: float, y: float, across: float, down: float, color: tuple[int, int, int]) -> None:
        pen.ellipse([_SCALE * one for one in (x - across, y - down, x + across, y + down)], fill=color)

    oval(60, 76, 52, 64, _HAIR)
    oval(61, 84, 44, 54, _SKIN)
    pen.polygon([(_SCALE * x, _SCALE * y) for x, y in ((14, 62), (22, 26), (80, 20), (102, 46), (58, 40))], fill=_HAIR)
    for name, iris in (("right_eye", _BROWN), ("left_eye", _BLUE)):
        x, y = POINTS[name]
        oval(x, y, 9, 6, _WHITE)
        oval(x, y, 4.5, 4.5, iris)
    (nx, ny), (rx, ry), (lx, ly) = (POINTS[name] for name in ("nose", "right_mouth", "left_mouth"))
    lines = (((nx + 3, ny - 20), (nx - 6, ny), (nx, ny)), ((rx, ry), ((rx + lx) / 2, ry + 6), (lx, ly)))
    for line in lines:
        pen.line([(_SCALE * x, _SCALE * y) for x, y in line], fill=_LINE, width=2 * _SCALE, joint="curve")
    file = io.BytesIO()
    image.resize(SIZE, Image.Resampling.BOX).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
