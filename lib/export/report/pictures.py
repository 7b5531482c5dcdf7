"""The worst pictures in a report: small copies, truth and prediction over and below each."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np

from lib.core import pictures, sentences
from lib.core.dataset import Dataset, PictureError
from lib.core.errors import UserError
from lib.core.picture_files import UnreadableImageError
from lib.export.report.html import Html, Section, note, section, tag
from lib.tasks.base import Task
from lib.tasks.types import Card, Chip, Predictions

#: Pictures, at most, and pixels of the longer side of each.
MOST, SIDE = 12, 288
_CHIPS = 8
#: Points of which more are drawn smaller.
_MANY = 24
_Place = tuple[float, float]
#: Before the text of a chip, so that right and wrong differ by more than a color.
_SIGNS = {"hit": "✓ ", "miss": "○ ", "alarm": "✗ ", "unknown": "? "}
#: Wrong ones first, as far as there is room for all.
_FIRST = ("miss", "alarm", "hit", "unknown", "true", "plain")


def worst(
    task: Task,
    dataset: Dataset | None,
    predictions: Predictions,
    thresh: float | np.ndarray,
    errors: np.ndarray,
    by: str,
    images: str,
    missing: str = "",
) -> Section:
    """Return the section of the images with the largest ``errors``.

    Parameters
    ----------
    task : Task
    dataset : Dataset or None
        As the run saw it; None where it is not there any more.
    predictions : Predictions
    thresh : float or ndarray of shape (C,)
    errors : ndarray of shape (n,)
        NaN where nothing is known of an image.
    by : str
        What an error is.
    images : str
        How many images they are of, in words.
    missing : str
        What became of the dataset where it is not there, as `record.why_missing` says it.
    """
    order = np.argsort(-errors, kind="stable")
    rows = order[~np.isnan(errors[order])][:MOST].tolist()
    if not rows:
        return section("worst", "Worst pictures", tag("p", "No image has an error to sort by."))
    if dataset is None:
        why = f"The dataset of this run {missing}: its pictures are not here."
        return section("worst", "Worst pictures", tag("p", why))
    originals = dataset.items["original"].to_numpy()
    lines = task.lines(dataset)
    cards = [task.pred_card(predictions, row, str(originals[predictions.items[row]]), thresh) for row in rows]
    shown = [_figure(dataset, card, predictions.sizes[row], lines) for card, row in zip(cards, rows, strict=True)]
    key = "Labels: ✓ predicted and right, ○ missed, ✗ predicted and not true." if task.has_labels else ""
    key = "Points: ○ true, ✕ predicted." if task.has_points else key
    return section(
        "worst",
        "Worst pictures",
        note(f"The worst {len(rows)} of {images}, by {by}. {key}"),
        tag("div", *shown, class_="pictures"),
    )


def _figure(dataset: Dataset, card: Card, size: np.ndarray, lines: Sequence[Sequence[int]]) -> Html:
    try:
        content = _copy(dataset, card.item)
    except (UserError, UnreadableImageError, OSError) as error:
        why = f"The picture {error.fault}" if isinstance(error, PictureError) else "The picture cannot be read."
        if dataset.is_stand_in:
            why = "The picture is not in the bundle that this run came in."
        picture = tag("div", why, class_="missing")
    else:
        address = Html(f"data:image/jpeg;base64,{base64.b64encode(content).decode()}")
        width, height = (max(1, int(side)) for side in size)
        image = Html(f'<img src="{address}" alt="" width="{width}" height="{height}">')
        picture = tag("div", image, _overlay(card, width, height, lines), class_="picture")
    chips = sorted(card.chips, key=lambda chip: _FIRST.index(chip.kind) if chip.kind in _FIRST else len(_FIRST))
    rest = len(chips) - _CHIPS
    more = [tag("span", f"and {sentences.more(rest)}", class_="more")] if rest > 0 else []
    return tag(
        "figure",
        picture,
        tag(
            "figcaption",
            tag("b", card.title, title=card.title),
            tag("span", card.note, class_="note"),
            tag("span", *map(_chip, chips[:_CHIPS]), *more, class_="chips"),
        ),
    )


def _copy(dataset: Dataset, item: int) -> bytes:
    """Return a small JPEG, without whatever the file says of where and when it was taken."""
    with dataset.opened(item) as file:  # the bytes that were imported, no others
        return pictures.thumbnail(file, SIDE, dataset.value_range)


def _overlay(card: Card, width: int, height: int, lines: Sequence[Sequence[int]]) -> Html:
    """Return the points over a picture, in its own pixels."""
    if not (card.true_points or card.pred_points):
        return Html("")
    many = max(len(card.true_points), len(card.pred_points)) > _MANY
    r = max(width, height) * (0.006 if many else 0.014)
    true, pred = (
        [None if point is None else (point[0] * width, point[1] * height) for point in points]
        for points in (card.true_points, card.pred_points)
    )
    rings = "".join(
        f"M{x - r:.1f} {y:.1f}a{r:.1f} {r:.1f} 0 1 0 {2 * r:.1f} 0a{r:.1f} {r:.1f} 0 1 0 {-2 * r:.1f} 0"
        for x, y in filter(None, true)
    )
    crosses = "".join(
        _line((x - r, y - r), (x + r, y + r)) + _line((x - r, y + r), (x + r, y - r)) for x, y in filter(None, pred)
    )
    bones = [(_bones(points, lines), f"bone {kind}") for points, kind in ((true, "true"), (pred, "pred"))]
    off = "".join(_line(a, b) for a, b in zip(true, pred, strict=False) if a and b)
    paths = [*bones, (off, "off"), (rings, "true"), (crosses, "pred")]
    parts = [tag("path", d=path, class_=kind) for path, kind in paths if path]
    return tag("svg", *parts, viewBox=f"0 0 {width} {height}", aria_hidden="true", preserveAspectRatio="none")


def _bones(points: Sequence[_Place | None], lines: Sequence[Sequence[int]]) -> str:
    ends = [(points[a], points[b]) for a, b in lines if max(a, b) < len(points)]
    return "".join(_line(a, b) for a, b in ends if a and b)


def _line(a: _Place, b: _Place) -> str:
    return f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}"


def _chip(chip: Chip) -> Html:
    value = "" if chip.value is None else f" {chip.value:.3f}"
    word = tag("span", f"{_SIGNS.get(chip.kind, '')}{chip.text}", class_="word", title=chip.text)
    return tag("span", word, value, class_=f"chip {chip.kind}")
