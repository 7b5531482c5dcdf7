"""Draws the single-label sample: one hand-drawn symbol per image."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from lib.importing.samples import canvas
from lib.importing.samples.canvas import SIDE


def _curve(x, y, start: float, stop: float, steps: int = 40) -> np.ndarray:
    t = np.linspace(start, stop, steps)
    return np.stack([x(t), y(t)], axis=1)


#: Strokes of each sign in a square from -1 to 1, y downwards; each stroke is (n, 2).
_STROKES: dict[str, list[np.ndarray]] = {
    "anchor": [
        _curve(lambda t: 0.22 * np.cos(t), lambda t: -0.75 + 0.22 * np.sin(t), 0, 2 * np.pi),
        np.array([(0, -0.53), (0, 0.9)]),
        np.array([(-0.4, -0.2), (0.4, -0.2)]),
        _curve(lambda t: 0.75 * np.cos(t), lambda t: 0.2 + 0.7 * np.sin(t), 0.0, np.pi),
    ],
    "arrow": [np.array([(-0.9, 0), (0.9, 0)]), np.array([(0.3, -0.6), (0.9, 0), (0.3, 0.6)])],
    "bolt": [np.array([(0.35, -1), (-0.45, 0.15), (0.35, -0.05), (-0.3, 1)])],
    "check": [np.array([(-0.8, 0.1), (-0.25, 0.7), (0.85, -0.7)])],
    "heart": [
        _curve(
            lambda t: 0.95 * np.sin(t) ** 3,
            lambda t: -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 16,
            0,
            2 * np.pi,
        )
    ],
    "house": [
        np.array([(-0.65, 0.9), (-0.65, -0.1), (0.65, -0.1), (0.65, 0.9), (-0.65, 0.9)]),
        np.array([(-0.95, -0.02), (0, -0.9), (0.95, -0.02)]),
        np.array([(-0.1, 0.9), (-0.1, 0.35), (0.25, 0.35), (0.25, 0.9)]),
    ],
    "spiral": [_curve(lambda t: t / 15 * np.cos(t), lambda t: t / 15 * np.sin(t), 0.5, 4.6 * np.pi, 90)],
    "wave": [_curve(lambda t: t / np.pi - 1, lambda t: 0.5 * np.sin(2 * t), 0, 2 * np.pi)],
}
NAMES = tuple(_STROKES)


def draw(rng: np.random.Generator, index: int) -> tuple[Image.Image, np.ndarray]:
    """Return a picture and the number of its sign in `NAMES`, shape ()."""
    sign = index % len(NAMES)
    dark_ink = rng.random() < 0.7
    hues = rng.uniform(0, 360, 2)
    light, dark = (rng.uniform(0.03, 0.18), rng.uniform(0.82, 0.98)), (rng.uniform(0.4, 0.9), rng.uniform(0.15, 0.45))
    ground, ink = (light, dark) if dark_ink else (dark, light)
    image = canvas.paper(rng, canvas.hsv(hues[0], *ground))
    pen = ImageDraw.Draw(image)
    _rules(pen, rng, canvas.hsv(hues[0], ground[0], ground[1] * 0.8 + ink[1] * 0.2))
    color = canvas.hsv(hues[1], *ink)
    size = rng.uniform(19, 33)
    center = SIDE / 2 + rng.uniform(-1, 1, 2) * (SIDE / 2 - size * 1.15)
    angle, width = rng.normal(0, 0.35), rng.uniform(2.2, 6.0)
    stretch = rng.uniform(0.8, 1.2, 2)
    for points in _STROKES[NAMES[sign]]:
        canvas.stroke(pen, canvas.turned(_shaken(points, rng) * stretch, angle, size, center), width, color)
    return canvas.finish(image, rng, rng.uniform(2, 14)), np.array(sign, dtype=np.int64)


def _shaken(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the stroke with a slow tremble, as a hand draws it."""
    phase, rate = rng.uniform(0, 2 * np.pi, 2), rng.uniform(1.5, 3.5, 2)
    return points + 0.05 * np.sin(points[:, ::-1] * rate + phase) + rng.normal(0, 0.012, points.shape)


def _rules(pen: ImageDraw.ImageDraw, rng: np.random.Generator, color: canvas.Color) -> None:
    """Rule the paper, on some pictures, with lines or squares, as in a notebook."""
    style = rng.choice(["plain", "lines", "squares"])
    gap, offset = rng.uniform(9, 16), rng.uniform(0, 9)
    for place in np.arange(offset, SIDE, gap) if style != "plain" else ():
        canvas.stroke(pen, np.array([(0, place), (SIDE, place)]), 0.7, color)
        if style == "squares":
            canvas.stroke(pen, np.array([(place, 0), (place, SIDE)]), 0.7, color)
