"""Draws the regression sample: pressure gauges and their readings."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from lib.importing.samples import canvas
from lib.importing.samples.canvas import SIDE, Color

NAMES = ("pressure (bar)",)
MAX_PRESSURE = 10.0
# The scale runs clockwise over 270 degrees, from lower left to lower right; angles from the top.
_START, _SWEEP = np.radians(-135), np.radians(270)


def draw(rng: np.random.Generator, index: int) -> tuple[Image.Image, np.ndarray]:
    """Return a picture and its reading in bar, shape (1,)."""
    hue = rng.uniform(0, 360)
    image = canvas.paper(rng, canvas.hsv(hue, rng.uniform(0.1, 0.5), rng.uniform(0.3, 0.8)))
    pen = ImageDraw.Draw(image)
    radius = rng.uniform(27, 42)
    center = SIDE / 2 + rng.uniform(-1, 1, 2) * (SIDE / 2 - radius - 3)
    tilt = rng.normal(0, 0.06)
    dark = rng.random() < 0.25
    face = canvas.hsv(hue + 40, 0.05, 0.15 if dark else rng.uniform(0.9, 1.0))
    ink = canvas.hsv(hue + 220, 0.2, 0.95 if dark else rng.uniform(0.08, 0.25))
    canvas.disc(pen, center, radius * 1.06, canvas.hsv(hue + 180, rng.uniform(0.0, 0.5), rng.uniform(0.35, 0.7)))
    canvas.disc(pen, center, radius * 0.97, face)
    _scale(pen, center, radius, tilt, ink, rng.uniform(0.6, 0.9))
    pressure = rng.uniform(0, MAX_PRESSURE)
    angle = _angle(pressure, tilt)
    tip, tail = (
        canvas.toward(center, angle, radius * rng.uniform(0.68, 0.80)),
        canvas.toward(center, angle, -radius * 0.2),
    )
    needle = canvas.hsv(rng.choice([5, 18, 210]), 0.85, 0.85) if rng.random() < 0.6 else ink
    side = np.array([np.cos(angle), np.sin(angle)]) * rng.uniform(1.5, 2.4)
    canvas.polygon(pen, np.stack([tip, tail + side, tail - side]), needle)
    canvas.disc(pen, center, radius * 0.11, ink)
    return canvas.finish(image, rng, rng.uniform(2, 8)), np.array([round(pressure, 2)], dtype=np.float32)


def _angle(pressure: float, tilt: float) -> float:
    return tilt + _START + _SWEEP * pressure / MAX_PRESSURE


def _scale(pen: ImageDraw.ImageDraw, center: np.ndarray, radius: float, tilt: float, ink: Color, alarm: float) -> None:
    """Draw the ticks and the red zone, which begins at the fraction ``alarm`` of the scale."""
    zone = [canvas.toward(center, _angle(p, tilt), radius * 0.86) for p in np.linspace(alarm * 10, MAX_PRESSURE, 14)]
    canvas.stroke(pen, np.stack(zone), radius * 0.09, canvas.hsv(2, 0.75, 0.86))
    for bar in range(int(MAX_PRESSURE) + 1):
        angle, long = _angle(bar, tilt), 0.2 if bar % 5 == 0 else 0.11
        ends = [canvas.toward(center, angle, radius * (0.90 - long)), canvas.toward(center, angle, radius * 0.90)]
        canvas.stroke(pen, np.stack(ends), 1.8 if bar % 5 == 0 else 1.0, ink)
