"""The charts of a report as SVG that is part of the page, so that they follow its colors; no computing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lib.export.report.html import Html, joined, tag, text
from lib.tasks.types import three_digits

_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 16, 14, 46
#: Points of a chart, at most: more lie on each other.
MOST = 2000
_TICKS = 5


@dataclass
class Plot:
    """A chart with two axes: what is drawn into it is in its data's units.

    Attributes
    ----------
    x, y : tuple of float
        The ends of the axes.
    x_title, y_title : str
        With units.
    label : str
        What the chart shows, for whoever hears it.
    width, height : int
        Pixels, as long as there is room.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    x_title: str
    y_title: str
    label: str
    width: int = 560
    height: int = 380
    _drawn: list[Html] = field(default_factory=list)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return a place in pixels."""
        across, up = (x - self.x[0]) / (self.x[1] - self.x[0]), (y - self.y[0]) / (self.y[1] - self.y[0])
        return (
            _LEFT + across * (self.width - _LEFT - _RIGHT),
            self.height - _BOTTOM - up * (self.height - _BOTTOM - _TOP),
        )

    def line(self, x: Sequence[float] | np.ndarray, y: Sequence[float] | np.ndarray, kind: str) -> None:
        """Draw a line; what is no number is left out."""
        corners = [
            self.at(float(a), float(b)) for a, b in zip(x, y, strict=True) if math.isfinite(a) and math.isfinite(b)
        ]
        self._drawn.append(tag("polyline", points=" ".join(f"{a:.1f},{b:.1f}" for a, b in corners), class_=kind))

    def crosses(self, x: np.ndarray, y: np.ndarray, kind: str, size: float = 3) -> None:
        """Draw a cross at each place."""
        path = []
        for a, b in zip(x.tolist(), y.tolist(), strict=True):
            if math.isfinite(a) and math.isfinite(b):
                left, top = self.at(a, b)
                path.append(
                    f"M{left - size:.1f} {top - size:.1f}l{2 * size} {2 * size}m0-{2 * size}l-{2 * size} {2 * size}"
                )
        self._drawn.append(tag("path", d="".join(path), class_=kind))

    def circles(self, x: np.ndarray, y: np.ndarray, kind: str, titles: Sequence[str], size: float = 4.5) -> None:
        """Draw a circle at each place, with what the pointer tells of it."""
        for a, b, title in zip(x.tolist(), y.tolist(), titles, strict=True):
            if math.isfinite(a) and math.isfinite(b):
                left, top = self.at(a, b)
                self._drawn.append(
                    tag("circle", tag("title", title), cx=f"{left:.1f}", cy=f"{top:.1f}", r=size, class_=kind)
                )

    def words(self, x: float, y: float, words: str, anchor: str = "start", kind: str = "remark") -> None:
        """Write at a place."""
        left, top = self.at(x, y)
        self._drawn.append(tag("text", words, x=f"{left:.1f}", y=f"{top:.1f}", text_anchor=anchor, class_=kind))

    def svg(self) -> Html:
        """Return the chart."""
        marks = []
        for value in ticks(*self.y):
            left, top = self.at(self.x[0], value)
            marks.append(tag("path", d=f"M{left} {top:.1f}H{self.width - _RIGHT}", class_="rule"))
            marks.append(tag("text", _tick(value), x=left - 7, y=f"{top + 4:.1f}", text_anchor="end", class_="tick"))
        for value in ticks(*self.x):
            left, top = self.at(value, self.y[0])
            marks.append(
                tag("text", _tick(value), x=f"{left:.1f}", y=f"{top + 18:.1f}", text_anchor="middle", class_="tick")
            )
        middle = (_TOP + self.height - _BOTTOM) / 2
        marks.append(
            tag(
                "text",
                self.x_title,
                x=(_LEFT + self.width - _RIGHT) / 2,
                y=self.height - 8,
                text_anchor="middle",
                class_="axis",
            )
        )
        marks.append(
            tag(
                "text",
                self.y_title,
                x=15,
                y=middle,
                transform=f"rotate(-90 15 {middle})",
                text_anchor="middle",
                class_="axis",
            )
        )
        return framed(self.width, self.height, self.label, [*marks, *self._drawn])


def framed(width: float, height: float, label: str, parts: Sequence[Html]) -> Html:
    """Return an SVG that is as wide as there is room, at most ``width`` pixels."""
    inside = tag("svg", tag("title", label), *parts, viewBox=f"0 0 {width:g} {height:g}", role="img", class_="plot")
    return tag("div", inside, style=f"max-width:{width:g}px", class_="figure")


def ticks(low: float, high: float) -> list[float]:
    """Return about five round numbers from ``low`` to ``high``.

    Examples
    --------
    >>> ticks(0, 1), ticks(-3.2, 11)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.0, 5.0, 10.0])
    """
    raw = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [float(f"{at * step:.10g}") + 0.0 for at in range(first, math.floor(high / step + 1e-9) + 1)]


def _tick(value: float) -> str:
    return f"{value:,.6g}".replace("-", "−")


def drawn_rows(n: int) -> np.ndarray:
    """Return which of ``n`` images are drawn: all, or `MOST` of them, evenly."""
    return np.arange(n) if n <= MOST else np.linspace(0, n - 1, MOST).astype(np.int64)


def around(values: np.ndarray, room: float = 0.05) -> tuple[float, float]:
    """Return the ends of an axis with some room around all that is a number."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    apart = (high - low) or abs(high) or 1.0
    return low - room * apart, high + room * apart


def error_map(
    shape: np.ndarray, names: Sequence[str], errors: np.ndarray, lines: Sequence[Sequence[int]], unit: str
) -> Html:
    """Return the points of the mean shape, each as large and as orange as its mean error.

    Parameters
    ----------
    shape : ndarray of shape (K, 2)
        y downwards; NaN for a point that has no place.
    names : sequence of str, K of them
    errors : ndarray of shape (K,)
    lines : sequence of pairs of int
        Which points a line joins.
    unit : str
    """
    there = np.flatnonzero(np.isfinite(shape).all(axis=1) & np.isfinite(errors))
    if not len(there):
        return tag("p", "No point has both a place and an error.")
    low, high = shape[there].min(axis=0), shape[there].max(axis=0)
    width, widest = 520.0, 13.0 if len(there) <= 24 else 8.5
    scale = (width - 90) / max(float((high - low).max()), 1e-9)
    places = (shape - low) * scale + 45
    height = float((high - low)[1]) * scale + 90
    width = float((high - low)[0]) * scale + 90
    top = float(errors[there].max()) or 1.0
    least = float(errors[there].min())
    parts = [
        tag("path", d="M{:.1f} {:.1f}L{:.1f} {:.1f}".format(*places[a], *places[b]), class_="bone")
        for a, b in lines
        if a in there and b in there
    ]
    worst = there[np.argsort(-errors[there], kind="stable")]
    named = set((there if len(there) <= 12 else worst[:3]).tolist())
    for k in there.tolist():
        share = (errors[k] - least) / (top - least) if top > least else 1.0
        mix = f"--mix:{100 * share:.0f}%"
        words = f"{names[k]}: {three_digits(float(errors[k]))} {unit}"
        x, y = places[k]
        radius = max(widest * errors[k] / top, 2.0)
        parts.append(
            tag(
                "circle",
                tag("title", words),
                cx=f"{x:.1f}",
                cy=f"{y:.1f}",
                r=f"{radius:.1f}",
                class_="point",
                style=mix,
            )
        )
        if k in named:
            shown = text(names[k] if len(names[k]) <= 24 else names[k][:23] + "…")
            parts.append(
                tag("text", shown, x=f"{x:.1f}", y=f"{y - radius - 4:.1f}", text_anchor="middle", class_="remark")
            )
    return framed(width, height, f"Mean error of each point on the mean shape, {unit}", parts)


def legend(*entries: tuple[str, str]) -> Html:
    """Return what the marks of a chart are: pairs of a kind and its words."""
    shown = [tag("span", tag("i", class_=kind), f" {words}") for kind, words in entries]
    return tag("p", joined(shown, "  "), class_="legend")
