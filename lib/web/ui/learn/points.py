"""Panel: points in pixels and from -1 to 1, the square that the model sees, and what a mirror does to pairs."""

from __future__ import annotations

from typing import Any

from lib.web.ui.learn import shown_pictures
from lib.web.ui.learn.panel import Context, Panel, Question

CODE = """\
from fastai.vision.all import *

image = PILImage.create(np.zeros((120, 160, 3), dtype=np.uint8))
eyes = [[40.0, 30.0], [120.0, 30.0]]  # x and y in pixels: the right one, the left one
points = TensorPoint.create(eyes, img_size=image.size)
scaled = PointScaler()((image, points))  # 2 * p / size - 1
square, unit = Resize(64, ResizeMethod.Squish)(scaled)  # which changes no point

mirror = Flip(p=1.0)
mirror.before_call(ToTensor()(square)[None].float(), split_idx=0)
flipped = mirror.encodes(TensorPoint(unit[None]))[0]  # -x, y: names stay where they were
swapped = flipped[[1, 0]]  # left and right change places
print(unit, swapped)
"""

_QUESTIONS = (
    Question(
        "A point in the middle of a 160 × 120 picture: what does the model learn?",
        ("(80, 60)", "(0.5, 0.5)", "(0, 0)"),
        2,
        "−1 is the left or upper edge, 1 the right or lower one, 0 the middle.",
    ),
    Question(
        "The picture is squished to 64 px instead of 224. What happens to a target?",
        ("it is rounded to whole pixels", "nothing", "it moves toward the middle"),
        1,
        "A part of the side is the same part at any size, so the way back to the picture is exact.",
    ),
    Question(
        "What does fastai's Flip do to “left eye”?",
        ("x becomes −x", "x becomes −x, and it is called “right eye”", "nothing"),
        0,
        "The pixels turn round and the point with them, but names do not: pairs have to be swapped besides.",
    ),
)


def _content(context: Context) -> dict[str, Any]:
    return shown_pictures.of(context.dataset if shown_pictures.has_points(context.dataset) else None)


PANEL = Panel(
    "points",
    "Points",
    "Drag a point: its pixels, its numbers from −1 to 1, and its place on the square that the model sees.",
    _QUESTIONS,
    CODE,
    _content,
)
