"""Draws the multi-label sample: up to three colored shapes per image."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from lib.importing.samples import canvas
from lib.importing.samples.canvas import SIDE, Color

SHAPES = ("circle", "cross", "ring", "square", "star", "triangle")
#: Hue in degrees of each color; neighbors stay 60 degrees apart, so that none is in doubt.
COLORS = {"blue": 225, "green": 130, "red": 0, "yellow": 52}
NAMES = (*SHAPES, *COLORS)
_MAX_SHAPES = 3
_SHARE = (0.06, 0.46, 0.32, 0.16)  # of pictures with 0, 1, ... shapes


def draw(rng: np.random.Generator, index: int) -> tuple[Image.Image, np.ndarray]:
    """Return a picture and which of `NAMES` it shows, shape (10,)."""
    tone = int(rng.integers(60, 246))
    image = canvas.paper(rng, canvas.hsv(rng.uniform(0, 360), 0.10, tone / 255))
    pen = ImageDraw.Draw(image)
    _clutter(pen, rng, tone)
    targ = np.zeros(len(NAMES), dtype=np.int8)
    placed: list[tuple[np.ndarray, float]] = []
    for _ in range(rng.choice(_MAX_SHAPES + 1, p=_SHARE)):
        radius = rng.uniform(14, 22)
        center = _place(rng, placed, radius)
        if center is None:
            continue
        placed.append((center, radius))
        shape, color = str(rng.choice(SHAPES)), str(rng.choice(list(COLORS)))
        _shape(pen, shape, center, radius, rng, _paint(rng, color))
        targ[[NAMES.index(shape), NAMES.index(color)]] = 1
    return canvas.finish(image, rng, rng.uniform(2, 8)), targ


def _clutter(pen: ImageDraw.ImageDraw, rng: np.random.Generator, tone: int) -> None:
    """Scratch the background with gray lines and dots that mean nothing."""
    for _ in range(rng.integers(0, 6)):
        gray = int(np.clip(tone + rng.choice([-1, 1]) * rng.integers(12, 36), 0, 255))
        start = rng.uniform(0, SIDE, 2)
        if rng.random() < 0.6:
            points = np.stack([start, canvas.toward(start, rng.uniform(0, 2 * np.pi), rng.uniform(10, 60))])
            canvas.stroke(pen, points, rng.uniform(0.7, 1.8), (gray,) * 3)
        else:
            canvas.disc(pen, start, rng.uniform(1, 3), (gray,) * 3)


def _place(rng: np.random.Generator, placed: list[tuple[np.ndarray, float]], radius: float) -> np.ndarray | None:
    """Return a center where the shape may overlap others by a third but cannot hide one, None if there is no room."""
    for _ in range(30):
        center = rng.uniform(radius * 0.85, SIDE - radius * 0.85, 2)
        if all(np.hypot(*(center - other)) > 0.72 * (radius + size) for other, size in placed):
            return center
    return None


def _paint(rng: np.random.Generator, color: str) -> Color:
    return canvas.hsv(COLORS[color] + rng.normal(0, 6), rng.uniform(0.62, 0.95), rng.uniform(0.62, 0.98))


def _shape(
    pen: ImageDraw.ImageDraw, shape: str, center: np.ndarray, radius: float, rng: np.random.Generator, paint: Color
) -> None:
    angle = rng.normal(0, 0.25)
    if shape == "circle":
        canvas.disc(pen, center, radius * 0.92, paint)
    elif shape == "ring":
        width = radius * rng.uniform(0.26, 0.36)
        (x, y), outer = center * canvas.SCALE, radius * 0.95 * canvas.SCALE
        pen.ellipse((x - outer, y - outer, x + outer, y + outer), outline=paint, width=round(width * canvas.SCALE))
    else:
        canvas.polygon(pen, canvas.turned(_OUTLINES[shape], angle, radius, center), paint)


def _corners(count: int, inner: float | None = None) -> np.ndarray:
    """Return the corners of a regular polygon, or of a star whose inner corners lie at ``inner``, shape (n, 2)."""
    n = count if inner is None else 2 * count
    angles = 2 * np.pi * np.arange(n) / n
    radii = np.ones(n) if inner is None else np.where(np.arange(n) % 2, inner, 1)
    return np.stack([radii * np.sin(angles), -radii * np.cos(angles)], axis=1)


_ARM = 0.3
_OUTLINES = {
    "triangle": _corners(3) * 1.1,
    "square": _corners(4) * 1.05,
    "star": _corners(5, 0.42) * 1.1,
    "cross": np.array(
        [
            (-_ARM, -1), (_ARM, -1), (_ARM, -_ARM), (1, -_ARM), (1, _ARM), (_ARM, _ARM),
            (_ARM, 1), (-_ARM, 1), (-_ARM, _ARM), (-1, _ARM), (-1, -_ARM), (-_ARM, -_ARM),
        ]
    ),
}  # fmt: skip
