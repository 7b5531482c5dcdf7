"""Draws sample images: enlarged, on paper with light and grain, then scaled down."""

from __future__ import annotations

import colorsys

import numpy as np
from PIL import Image, ImageDraw

#: Side of a sample picture in pixels, and how much larger it is drawn, which smooths the edges.
SIDE = 96
SCALE = 3

Color = tuple[int, int, int]


def hsv(hue: float, saturation: float, value: float) -> Color:
    """Return a color; hue in degrees, the others from 0 to 1."""
    red, green, blue = (round(255 * channel) for channel in colorsys.hsv_to_rgb(hue % 360 / 360, saturation, value))
    return red, green, blue


def paper(rng: np.random.Generator, color: Color) -> Image.Image:
    """Return an empty enlarged picture in ``color``, lighter towards one side."""
    angle, strength = rng.uniform(0, 2 * np.pi), rng.uniform(0.0, 0.16)
    x, y = np.meshgrid(np.linspace(-1, 1, SIDE), np.linspace(-1, 1, SIDE))
    light = 1 + strength * (np.cos(angle) * x + np.sin(angle) * y)  # (SIDE, SIDE)
    pixels = np.clip(light[..., None] * np.array(color), 0, 255).astype(np.uint8)
    return Image.fromarray(pixels).resize((SIDE * SCALE, SIDE * SCALE), Image.Resampling.BILINEAR)


def finish(image: Image.Image, rng: np.random.Generator, grain: float) -> Image.Image:
    """Return the picture at its true size with grain of ``grain`` gray levels (standard deviation)."""
    small = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float32)
    noise = rng.standard_normal((SIDE, SIDE, 1), dtype=np.float32) * grain
    return Image.fromarray(np.clip(small + noise, 0, 255).astype(np.uint8))


def turned(points: np.ndarray, angle: float, scale: float, center: np.ndarray) -> np.ndarray:
    """Return points (n, 2) of the unit square turned by ``angle`` (radians), scaled and moved to ``center``."""
    cos, sin = np.cos(angle), np.sin(angle)
    return points @ np.array([[cos, sin], [-sin, cos]]) * scale + center


def polygon(draw: ImageDraw.ImageDraw, points: np.ndarray, color: Color) -> None:
    """Fill a polygon given in true pixels."""
    draw.polygon([tuple(point) for point in (points * SCALE).tolist()], fill=color)


def disc(draw: ImageDraw.ImageDraw, center: np.ndarray, radius: float, color: Color) -> None:
    """Fill a disc given in true pixels."""
    (x, y), r = center * SCALE, radius * SCALE
    draw.ellipse((x - r, y - r, x + r, y + r), fill=color)


def stroke(draw: ImageDraw.ImageDraw, points: np.ndarray, width: float, color: Color) -> None:
    """Draw a line with round ends and corners through ``points`` (n, 2), in true pixels."""
    draw.line([tuple(p) for p in (points * SCALE).tolist()], fill=color, width=round(width * SCALE), joint="curve")
    for end in (points[0], points[-1]):
        disc(draw, end, width / 2, color)


def toward(center: np.ndarray, angle: float, length: float) -> np.ndarray:
    """Return the point ``length`` pixels from ``center``, ``angle`` radians clockwise from the top."""
    return center + length * np.array([np.sin(angle), -np.cos(angle)])
