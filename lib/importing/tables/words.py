"""Words in the names of columns: which are those of labels, groups, splits, boxes, and of how a picture was made."""

from __future__ import annotations

import re

_BORDER = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Names of columns that hold several labels.
SEVERAL = frozenset({"labels", "tags", "classes", "categories", "targets", "keywords", "objects"})
_LABEL = frozenset({*SEVERAL, "label", "class", "target", "category", "tag"})
#: Labels too, if no column is called one.
_KIND = _set(
    "dx diagnosis diagnoses finding findings species breed pathology disease diseases condition genre genres "
    "emotion expression abnormality annotation annotations choice choices"
)
_NUMBER_OF = frozenset({"id", "ids", "idx", "index", "code", "no", "nr", "number", "num"})
_TAIL = _NUMBER_OF | {"name", "names", "text", "string", "str", "list", "encoded"}
_GLUED = re.compile(r"(class|label|category|target|tag)(id|idx|name|no)")
_GROUP = _set(
    "patient subject person participant individual volunteer proband donor lesion specimen animal identity "
    "identities speaker video movie clip sequence session visit case study exam series scene episode track "
    "household family user group cluster slide burst tile plot"
)
_SPLIT = _set(
    "split subset set dataset datasetsplit datasplit partition usage phase fold kfold cvfold traintest "
    "splits trainvaltest trainvalidtest mluse splitname setname splitset evaluationstatus"
)
#: What describes a picture, its making or its table, and is not what a picture shows.
_ABOUT = _set(
    "age ages sex gender site location localization localisation view position url urls uri link source "
    "license licence author comment comments note notes remark remarks description caption date datetime time "
    "timestamp year month day hour minute camera device scanner manufacturer model country city state hash md "
    "sha checksum width height w h size area depth channels resolution lat latitude lon lng long longitude "
    "altitude elevation likelihood confidence conf prob probability certainty id ids uuid guid uid index idx "
    "frame frames row page spacing bmi ethnicity race hospital institution center centre clinic laterality "
    "side modality exposure iso fps bytes filesize dpi orientation format extension annotator rater "
    "annotators labeler labeller reader worker user username email ip weight quality version status "
    "photographer title text language followup follow up patient lesion no nr type created updated modified "
    "path folder directory file filename rotation mode"
)
#: A number called so is what is to be predicted.
_VALUE = frozenset({"value", "values", "score", "rating", "y", "price"})
_POINT = frozenset({"landmark", "keypoint", "point", "part", "bodypart", "joint", "marker"})
_ANNOTATOR = _set("annotator rater labeler labeller reader worker coder expert observer annotators")
_SEEN = frozenset({"visible", "visibility", "vis", "v"})
_SURE = _set("likelihood confidence conf score prob probability certainty p occluded occlusion")
_BOX_PREFIX = re.compile(r"(?:bbox|boundingbox|bndbox|box|roi|rect|region|crop)")
_CORNERS = _set("xmin ymin xmax ymax minx miny maxx maxy left top right bottom")
_CORNER = re.compile(r"(upper|top|lower|bottom)(left|right)(corner)?[xy]")
_LOOSE = _set("x1 y1 x2 y2 x0 y0 x y w h width height")


def words(name: str) -> tuple[str, ...]:
    """Return the words of a column's name in lower case.

    Examples
    --------
    >>> words("Finding Labels"), words("ClassId"), words("label_1"), words("boneage")
    (('finding', 'labels'), ('class', 'id'), ('label', '1'), ('boneage',))
    """
    return tuple(word.lower() for word in _BORDER.split(name) if word)


def _base(of: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words without numbers and the like at their end."""
    end = len(of)
    while end > 1 and (of[end - 1] in _TAIL or of[end - 1].isdigit()):
        end -= 1
    return of[:end]


def label_rank(of: tuple[str, ...]) -> int:
    """Return how surely a column of these words holds labels: 2 it says so, 1 it names a kind of them, 0 neither.

    Examples
    --------
    >>> [label_rank(words(name)) for name in ("Finding Labels", "ClassId", "dx", "dx_type", "label_confidence", "age")]
    [2, 2, 1, 0, 0, 0]
    """
    if not of:
        return 0
    last = _base(of)[-1]
    if last in _LABEL or _GLUED.fullmatch("".join(of)):
        return 2
    return int(last in _KIND)


def is_number_of_label(of: tuple[str, ...]) -> bool:
    """Return whether a column of these words numbers the labels of another: ``class_id``."""
    return bool(of) and (of[-1] in _NUMBER_OF or "".join(of).endswith(("classid", "labelid")))


def is_group(of: tuple[str, ...]) -> bool:
    """Return whether a column of these words says whose pictures belong together.

    Examples
    --------
    >>> [is_group(words(name)) for name in ("patient_id", "Patient ID", "lesion", "Patient Age", "video name", "id")]
    [True, True, True, False, True, False]
    """
    joined = "".join(of)
    return bool(of) and (_base(of)[-1] in _GROUP or (joined.endswith("id") and joined[:-2] in _GROUP))


def is_split(of: tuple[str, ...]) -> bool:
    """Return whether a column of these words may say which split a picture is in.

    Examples
    --------
    >>> [is_split(words(name)) for name in ("data set", "Usage", "data_split", "fold 1", "offset")]
    [True, True, True, True, False]
    """
    return bool(of) and ("".join(_base(of)) in _SPLIT or (len(of) > 1 and _base(of)[-1] in {"split", "subset", "fold"}))


def is_fold(of: tuple[str, ...]) -> bool:
    """Return whether a column of these words numbers the folds of a cross-validation."""
    return bool(of) and _base(of)[-1] in {"fold", "folds", "kfold", "cvfold"}


def is_about(of: tuple[str, ...]) -> bool:
    """Return whether a column of these words describes a picture's making or its table, and not what it shows."""
    return any(word in _ABOUT for word in of) or is_box(of, loose=False)


def is_value(of: tuple[str, ...]) -> bool:
    """Return whether a number of these words is said to be what is to be predicted."""
    return bool(of) and of[-1] in _VALUE


def is_count(of: tuple[str, ...]) -> bool:
    """Return whether a column of these words counts something."""
    return bool(of) and (of[0] in {"num", "number", "n", "count", "no"} or of[-1] in {"count", "counts"})


def is_point(of: tuple[str, ...]) -> bool:
    """Return whether a column of these words names the point of its row."""
    return bool(of) and _base(of)[-1] in _POINT


def is_annotator(of: tuple[str, ...]) -> bool:
    """Return whether a column of these words names who labeled its row."""
    return bool(of) and _base(of)[-1] in _ANNOTATOR


def names_annotator(of: tuple[str, ...]) -> bool:
    """Return whether an annotator is named somewhere in a column's name: ``label_rater1``."""
    return any(word in _ANNOTATOR for word in of)


def is_seen(of: tuple[str, ...]) -> bool:
    """Return whether a column of these words says whether a point is visible."""
    return bool(of) and of[-1] in _SEEN


def is_sure(of: tuple[str, ...]) -> bool:
    """Return whether a column of these words says how sure a point is."""
    return bool(of) and of[-1] in _SURE


def is_box(of: tuple[str, ...], *, loose: bool) -> bool:
    """Return whether a column of these words is a corner or a side of a region; ``loose``: such as x1 or width.

    Examples
    --------
    >>> [is_box(words(name), loose=False) for name in ("xmin", "Roi.X1", "bbox_w", "x1", "bottom")]
    [True, True, True, False, True]
    """
    joined = "".join(of)
    inside = _BOX_PREFIX.sub("", joined, count=1) if _BOX_PREFIX.match(joined) else ""
    return (
        joined in _CORNERS
        or _CORNER.fullmatch(joined) is not None
        or inside in _CORNERS
        or inside in _LOOSE
        or (loose and joined in _LOOSE)
    )
