"""Draws the keypoint sample: clocks, with the center and the tips of both hands."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from lib.importing.samples import canvas
from lib.importing.samples.canvas import SIDE, Color

NAMES = ("center", "hour hand", "minute hand")
#: Points that a line joins.
LINES = [["center", "hour hand"], ["center", "minute hand"]]


def draw(rng: np.random.Generator, index: int) -> tuple[Image.Image, np.ndarray]:
    """Return a picture and its points in pixels, shape (3, 2)."""
    hue = rng.uniform(0, 360)
    image = canvas.paper(rng, canvas.hsv(hue, rng.uniform(0.05, 0.45), rng.uniform(0.35, 0.9)))
    pen = ImageDraw.Draw(image)
    radius = rng.uniform(32, 43)
    center = SIDE / 2 + rng.uniform(-1, 1, 2) * (SIDE / 2 - radius - 3)
    tilt = rng.normal(0, 0.09)
    dark_face = rng.random() < 0.15
    face, ink = (0.16, 0.93) if dark_face else (rng.uniform(0.9, 1.0), rng.uniform(0.05, 0.25))
    face_color, ink_color = canvas.hsv(hue + 30, 0.06, face), canvas.hsv(hue + 180, 0.25, ink)
    _face(pen, rng, center, radius, tilt, face_color, ink_color)
    minutes = rng.uniform(0, 720)
    hour = canvas.toward(center, tilt + 2 * np.pi * minutes / 720, radius * rng.uniform(0.44, 0.54))
    minute = canvas.toward(center, tilt + 2 * np.pi * minutes / 60, radius * rng.uniform(0.70, 0.82))
    thick = rng.uniform(3.4, 4.8)
    red = canvas.hsv(rng.normal(4, 5), 0.85, 0.85)
    canvas.stroke(pen, np.stack([center, hour]), thick, ink_color)
    canvas.stroke(pen, np.stack([center, minute]), thick * 0.65, red)
    canvas.disc(pen, center, thick * 0.9, ink_color)
    return canvas.finish(image, rng, rng.uniform(2, 6)), np.stack([center, hour, minute]).astype(np.float32)


def _face(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, center: np.ndarray, radius: float, tilt: float,
    face: Color, ink: Color,
) -> None:  # fmt: skip
    rim = canvas.hsv(rng.uniform(40, 320), rng.uniform(0.3, 0.85), rng.uniform(0.3, 0.75))
    if rng.random() < 0.3:
        corners = [canvas.toward(center, tilt + np.pi * (0.25 + k / 2), radius * 1.42) for k in range(4)]
        canvas.polygon(pen, np.stack(corners), rim)
        inner = [canvas.toward(center, tilt + np.pi * (0.25 + k / 2), radius * 1.30) for k in range(4)]
        canvas.polygon(pen, np.stack(inner), face)
    else:
        canvas.disc(pen, center, radius * 1.06, rim)
        canvas.disc(pen, center, radius * 0.96, face)
    every = int(rng.choice([1, 1, 3]))
    for hour in range(0, 12, every):
        angle, long = tilt + 2 * np.pi * hour / 12, 0.16 if hour % 3 == 0 else 0.09
        ends = [canvas.toward(center, angle, radius * (0.90 - long)), canvas.toward(center, angle, radius * 0.90)]
        canvas.stroke(pen, np.stack(ends), 1.8 if hour % 3 == 0 else 1.0, ink)
