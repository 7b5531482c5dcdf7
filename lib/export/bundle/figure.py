"""The figure of a model card: which share of images has at most which error, the model beside its baseline, as SVG."""

from __future__ import annotations

from xml.sax.saxutils import escape

import numpy as np

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 640, 330, 56, 46, 28, 16
#: Colors of the model and its baseline, readable on white and on black; points of a curve, and marks of an axis.
_MODEL, _BASELINE, _TEXT = "#2f7ed8", "#c2701c", "#808080"
_POINTS, _MARKS = 200, 5


def svg(errors: np.ndarray, baseline: np.ndarray, title: str, baseline_title: str) -> str:
    """Return the cumulative distributions of two sets of errors as SVG that refers to nothing outside.

    Parameters
    ----------
    errors, baseline : ndarray of shape (n,)
        How wrong the model, and its baseline, is of each image; NaN where nothing is known.
    title, baseline_title : str
        What an error is, with its unit, and what the baseline does.
    """
    known = [values[np.isfinite(values)] for values in (errors, baseline)]
    every = np.concatenate(known)
    most = float(np.percentile(every, 98)) if len(every) else 1.0
    most = most if most > 0 else 1.0
    grid = np.linspace(0, most, _POINTS)
    lines = []
    for values, color, name, dash in (
        (known[0], _MODEL, "model", ""),
        (known[1], _BASELINE, baseline_title, ' stroke-dasharray="6 4"'),
    ):
        shares = np.searchsorted(np.sort(values), grid, side="right") / max(1, len(values))
        path = " ".join(f"{_x(x / most):.1f},{_y(share):.1f}" for x, share in zip(grid, shares, strict=True))
        lines.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2.5"{dash}/>')
        at = int(np.argmax(shares >= 0.5)) if (shares >= 0.5).any() else _POINTS - 1
        lines.append(_text(_x(grid[at] / most) + 8, _y(shares[at]) + 16, name, color, "start"))
    for part in np.linspace(0, 1, _MARKS):
        lines.append(f'<path d="M{_x(0)} {_y(part):.1f}H{_x(1)}" stroke="{_TEXT}" stroke-opacity="0.25"/>')
        lines.append(_text(_x(0) - 8, _y(part) + 4, f"{100 * part:.0f} %", _TEXT, "end"))
        lines.append(_text(_x(part), _y(0) + 18, f"{part * most:.3g}", _TEXT, "middle"))
    lines.append(_text(_x(0.5), _HEIGHT - 8, title, _TEXT, "middle"))
    lines.append(_text(_x(0), 14, "share of images with at most so much", _TEXT, "start"))
    label = f"Share of images by {title}: the model and the baseline, {baseline_title}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="13"><title>{escape(label)}</title>{"".join(lines)}</svg>\n'
    )


def _x(part: float) -> float:
    return _LEFT + part * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)


def _text(x: float, y: float, text: str, color: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{color}" text-anchor="{anchor}">{escape(text)}</text>'
