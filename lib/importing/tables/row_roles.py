"""Guesses which columns tell of objects, points or annotators where several rows may name one picture."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Sequence

import pandas as pd

from lib.core.splits import split_of
from lib.importing.tables import words
from lib.importing.tables.header import is_given
from lib.importing.tables.split_cells import UNASSIGNED
from lib.importing.tables.values import LABEL_NAMES, filled
from lib.importing.tables.words import SEVERAL

ANNOTATORS = frozenset(
    [
        "annotator",
        "annotatorid",
        "annotatorname",
        "annotatedby",
        "rater",
        "raterid",
        "reader",
        "readerid",
        "labeler",
        "labeller",
        "labelerid",
        "labelledby",
        "labeledby",
        "worker",
        "workerid",
        "user",
        "userid",
        "username",
        "coder",
        "expert",
        "reviewer",
        "grader",
        "observer",
        "radiologist",
        "radid",
        "createdby",
        "completedby",
    ]
)
CONFIDENCES = frozenset(["confidence", "conf", "score"])
_BOXES = (
    ("xmin", "ymin", "xmax", "ymax"),
    ("x1", "y1", "x2", "y2"),
    ("x0", "y0", "x1", "y1"),
    ("left", "top", "right", "bottom"),
    ("left", "top", "width", "height"),
    ("x", "y", "w", "h"),
    ("x", "y", "width", "height"),
    ("xmin", "ymin", "width", "height"),
    ("xcenter", "ycenter", "width", "height"),
    ("cx", "cy", "w", "h"),
)
_PREFIX = re.compile(r"^(?:bbox|boundingbox|box|roi|rect|region)(?=.)")
_BOX_CELL = re.compile(r"[(\[]\s*(?:[+-]?\d{1,20}(?:\.\d{0,20})?\s*[,; ]\s*){3}[+-]?\d{1,20}(?:\.\d{0,20})?\s*[)\]]")
_MOST_CELLS = 0.9
_AXIS = re.compile(r"(?:point|pos|position|coord|pt|loc|pixel|p)?(?P<axis>[xy])(?:px|coord|coordinate|pos|position)?")
_POINTS = frozenset(
    [
        "landmark",
        "keypoint",
        "point",
        "bodypart",
        "joint",
        "part",
        "marker",
        "kp",
        "landmarkname",
        "keypointname",
        "pointname",
        "partname",
        "jointname",
        "landmarkid",
        "keypointid",
        "pointid",
        "partid",
        "jointid",
    ]
)
_MAYBE_POINTS = frozenset(["name", "label", "class", "id", "type", "index", "feature"])
_VISIBLE = frozenset(["visible", "visibility", "vis", "v", "isvisible"])
_SIZES = frozenset(["width", "height", "imagewidth", "imageheight", "imgwidth", "imgheight", "w", "h"])
_LOOKED_AT = 100  # cells
_MOST_ANNOTATORS = 50
_MOST_POINTS = 1000

Roles = dict[str, tuple[str, str]]


def guess(cells: pd.DataFrame, pictures: Sequence[str | None]) -> Roles:
    """Return role and reason of each column that tells of objects, points or annotators; of no other column.

    Parameters
    ----------
    cells : pandas.DataFrame
        Text; its columns are those that are neither the file name, a split, nor a group.
    pictures : sequence
        Picture of each row, or whatever the rows call it.
    """
    cells = cells[[name for name in cells if not _says_split(cells[name])]]
    plain = {name: re.sub(r"[^a-z0-9]", "", name.lower()) for name in cells}
    several = len(set(pictures)) < len(pictures)
    roles: Roles = {}
    for name, word in plain.items():
        if word in ANNOTATORS:
            roles[name] = ("annotator", "its name")
    roles |= _points(cells, plain, pictures)
    if not any(role == "point" for role, _ in roles.values()):
        roles |= _boxes(cells, plain, several)
    if several and not roles:
        roles |= _annotator(cells, pictures)
    return roles


def _boxes(cells: pd.DataFrame, plain: dict[str, str], several: bool) -> Roles:
    axes: dict[str, str] = {}
    for name, word in plain.items():
        axes.setdefault(_PREFIX.sub("", word), name)
    for names in _BOXES:
        if not set(names) <= set(axes):
            continue
        columns = [axes[name] for name in names]
        prefixed = all(plain[column] not in names for column in columns)
        numbered = names in (_BOXES[1], _BOXES[2])
        if (
            not prefixed and not several and not any(_is_text(cells, name) for name in cells if name not in columns)
        ):  # four numbers of one thing: targets
            return {}
        if numbered and not prefixed and ("x3" in axes or not _ordered(cells, columns)):
            return {}  # points
        roles = dict.fromkeys(columns, ("box", "names and order of the four columns"))
        return roles | _sizes(plain, roles)
    for name in cells:
        if name.lower() not in SEVERAL and _share(cells[name], _BOX_CELL) >= _MOST_CELLS:
            return {name: ("box", "four numbers a cell"), **_sizes(plain, {name})}
    return _boxes_without_header(cells, several)


def _sizes(plain: dict[str, str], boxes: Container[str]) -> Roles:
    """Return the columns of the picture's size beside those of ``boxes``."""
    names = [name for name, word in plain.items() if word in _SIZES and name not in boxes]
    return dict.fromkeys(names, ("ignore", "the image's size"))


def _boxes_without_header(cells: pd.DataFrame, several: bool) -> Roles:
    """Return as ``path, x1, y1, x2, y2, class`` and the like what has four numbers or more and one column of text."""
    if not all(map(is_given, cells)):
        return {}
    numeric = [name for name in cells if is_numeric(cells[name])]
    empty = [name for name in cells if cells[name].eq("").all()]
    if len(numeric) < 4 or len(cells.columns) - len(numeric) - len(empty) != 1 or not _ordered(cells, numeric[:4]):
        return {}
    gaps = bool(cells[numeric[0]].eq("").any())
    if not several and not gaps and len(numeric) + len(empty) not in (4, 8):
        return {}
    return dict.fromkeys([*numeric, *empty], ("box", "four numbers in order and one text a row"))


def _ordered(cells: pd.DataFrame, columns: list[str]) -> bool:
    """Return whether the third and fourth number are never smaller than the first and second."""
    numbers = cells[columns].apply(pd.to_numeric, errors="coerce").dropna()
    x1, y1, x2, y2 = (numbers[column] for column in columns)
    return len(numbers) > 0 and bool(((x2 >= x1) & (y2 >= y1)).all())


def _points(cells: pd.DataFrame, plain: dict[str, str], pictures: Sequence[str | None]) -> Roles:
    axes: dict[str, list[str]] = {"x": [], "y": []}
    for name, word in plain.items():
        if match := _AXIS.fullmatch(word):
            axes[match["axis"]].append(name)
    if len(axes["x"]) != 1 or len(axes["y"]) != 1:
        return {}
    column = next((name for name, word in plain.items() if _names_points(cells[name], word, pictures)), None)
    if column is None:
        return {}
    why = "one row a point"
    roles = {column: ("point", why), axes["x"][0]: ("x", why), axes["y"][0]: ("y", why)}
    visible = next((name for name, word in plain.items() if word in _VISIBLE), None)
    return roles | ({} if visible is None else {visible: ("visible", "its name")})


def _names_points(cells: pd.Series, word: str, pictures: Sequence[str | None]) -> bool:
    """Return whether a column names points, each at most once a picture, and not the class of things in it."""
    if word not in _POINTS | _MAYBE_POINTS:
        return False
    rows = Counter(pictures)
    different = cells.nunique()
    pairs = len(set(zip(pictures, cells, strict=True)))
    if different > _MOST_POINTS:
        return False
    if word in _POINTS:
        return len(rows) < len(pictures) or different == 1
    return len(rows) < len(pictures) and pairs == len(pictures) and different <= 2 * max(rows.values())


def _annotator(cells: pd.DataFrame, pictures: Sequence[str | None]) -> Roles:
    """Return the column that tells the rows of each picture apart while others, which hold labels, repeat."""
    if not any(_is_label_name(name) for name in cells):
        return {}
    rows = Counter(pictures)
    repeated = [i for i, picture in enumerate(pictures) if rows[picture] > 1]
    named = [pictures[i] for i in repeated]
    for name in cells:
        column = cells[name]
        if _is_label_name(name) or column.nunique() > min(_MOST_ANNOTATORS, len(pictures) / 3) or is_numeric(column):
            continue
        who = column.iloc[repeated].tolist()
        if "" not in who and column.nunique() > 1 and len(set(zip(named, who, strict=True))) == len(named):
            return {name: ("annotator", "a different value in each row of an image")}
    return {}


def _share(cells: pd.Series, pattern: re.Pattern[str]) -> float:
    """Return which part of the filled cells a pattern fits, by the first of them if it fits none of these."""
    different = filled(cells.head(_LOOKED_AT))
    if not different or not any(map(pattern.fullmatch, different)):
        return 0.0
    different = filled(cells)
    return sum(pattern.fullmatch(cell) is not None for cell in different) / len(different)


def _says_split(cells: pd.Series) -> bool:
    first = cells.head(_LOOKED_AT)
    return all(map(_is_split, first)) and all(map(_is_split, pd.unique(cells)))


def _is_split(cell: str) -> bool:
    return split_of(cell) is not None or cell.lower() in UNASSIGNED


def _is_text(cells: pd.DataFrame, name: str) -> bool:
    own = words.words(name)
    aside = words.is_group(own) or words.is_split(own) or words.is_about(own)
    return _is_label_name(name) or not (aside or is_numeric(cells[name]))


def _is_label_name(name: str) -> bool:
    return name.lower() in LABEL_NAMES or words.label_rank(words.words(name)) > 0


def is_numeric(cells: pd.Series) -> bool:
    """Return whether all cells of a column that are not empty are numbers, and some are."""
    numbers = pd.to_numeric(cells[cells != ""], errors="coerce")
    return len(numbers) > 0 and bool(numbers.notna().all())
