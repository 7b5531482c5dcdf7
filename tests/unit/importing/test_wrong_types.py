"""A value of the wrong type, anywhere in an annotation tool's file, ends in a sentence or in a result."""

from __future__ import annotations

import copy
import csv
import io
import json
import random
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from lib.core.errors import UserError
from lib.importing import formats
from lib.importing.tree import Tree
from tests.unit.importing import tool_exports as tools
from tests.unit.importing.sources import make_tree

_SKELETON = tools.cvat_shape(
    "skeleton",
    "person",
    tools.cvat_shape("points", "nose", points="1,2", outside="0") + tools.cvat_shape("points", "tail", points="3,4"),
)
_BOX = tools.cvat_shape("box", "sun", '<attribute name="color">red</attribute>', xtl="1", ytl="2", xbr="3", ybr="4")
_TRIPLE = {"image_id": 1, "category_id": 1, "keypoints": [1, 2, 2, 3, 4, 1], "bbox": [0, 0, 9, 9], "iscrowd": 0}
_VIA = {
    "0.jpg": ({"shows": {"cat": True}}, [tools.via_point(1, 2, name="nose")]),
    "1.jpg": ({}, [tools.via_point(3, 4, name="nose"), tools.via_region({"name": "box"})]),
}
_JOINTS = {"image": "0.jpg", "joints": [[1, 2], [3, 4]], "joints_vis": [1, 0], "center": [5, 5], "scale": 0.1}
_POINT = {"classTitle": "eye", "geometryType": "point", "points": {"exterior": [[1, 2]], "interior": []}, "tags": []}

#: A file of each form that is read, and what else lies beside it.
FORMS: dict[str, tuple[str, str, dict[str, str]]] = {
    "CVAT": ("a.xml", tools.cvat(tools.cvat_image("0.jpg", _SKELETON), tools.cvat_image("1.jpg", _BOX)), {}),
    "dlib": ("a.xml", tools.dlib(tools.dlib_image("0.jpg", tools.dlib_box({"1": (3, 4), "2": (5, 6)}, "cat"))), {}),
    "LabelMe": (
        "0.json",
        tools.labelme(
            "0.jpg",
            [
                tools.labelme_shape("nose", "point", (1, 2), group=1),
                tools.labelme_shape("face", "rectangle", (0, 0), (9, 9), group=1),
            ],
            {"wet": True},
        ),
        {},
    ),
    "VIA": ("v.json", tools.via_json(_VIA, _via_attributes={"file": {"shows": {"options": {"cat": ""}}}}), {}),
    "VIA CSV": ("v.csv", tools.via_csv(_VIA), {}),
    "Supervisely": (
        "ann/0.jpg.json",
        tools.supervisely(
            tools.supervisely_graph("person", {"u1": (1, 2), "u2": (3, 4)}, disabled=("u2",)),
            _POINT,
            tools.supervisely_box("cat"),
            tags=({"name": "sky", "value": "blue"},),
        ),
        {"meta__json": tools.SUPERVISELY_META},
    ),
    "Supervisely's meta.json": (
        "meta.json",
        tools.SUPERVISELY_META,
        {"ann___0__jpg__json": tools.supervisely(tools.supervisely_graph("person", {"u1": (1, 2)}))},
    ),
    "Create ML": (
        "c.json",
        json.dumps([{"image": "0.jpg", "annotations": [{"label": "cat", "coordinates": {"x": 1}}]}]),
        {},
    ),
    "MPII": ("train.json", json.dumps([_JOINTS, _JOINTS | {"image": "1.jpg"}]), {}),
    "COCO without names": (
        "c.json",
        json.dumps(
            {
                "images": [{"id": 1, "file_name": "0.jpg", "width": 40, "height": 30}],
                "annotations": [_TRIPLE],
                "categories": [{"id": 1, "name": "cat"}],
            }
        ),
        {},
    ),
    "JSON object": ("l.json", json.dumps({"0.jpg": "cat", "1.jpg": ["cat", "dog"], "2.jpg": {"cat": True}}), {}),
    "JSON of points": ("l.json", json.dumps({"0.jpg": {"nose": [1, 2]}, "1.jpg": {"nose": [3, 4]}}), {}),
    "JSON of numbers": ("l.json", json.dumps({"0.jpg": 1.5, "1.jpg": 2}), {}),
    "JSON records": (
        "l.json",
        json.dumps([{"file": "0.jpg", "label": "cat", "split": "train"}, {"file": "1.jpg", "labels": ["cat"]}]),
        {},
    ),
}
WRONG: tuple[Any, ...] = (
    None, True, -1, 10**30, 1e308, float("nan"), float("inf"), "", "x", "\ud800", [], [[]], {}, {"a": [1]}, [None, "x"],
)  # fmt: skip
WRONG_TEXTS = ("", " ", "x", "-1", "nan", "1e999", "9" * 400, "1,2;3", ";", "Train")


def _places(data: Any, path: tuple = ()) -> Iterator[tuple]:
    yield path
    if isinstance(data, dict | list):
        for key in data if isinstance(data, dict) else range(len(data)):
            yield from _places(data[key], (*path, key))


def _json_variants(text: str) -> Iterator[str]:
    """Yield the file with each value replaced by each wrong one, and without each key."""
    data = json.loads(text)
    for path in _places(data):
        if not path:
            yield from map(json.dumps, WRONG)
            continue
        for wrong in (*WRONG, ...):
            changed = copy.deepcopy(data)
            inside = changed
            for key in path[:-1]:
                inside = inside[key]
            if wrong is ...:
                del inside[path[-1]]
            else:
                inside[path[-1]] = wrong
            yield json.dumps(changed)


def _xml_variants(text: str) -> Iterator[str]:
    """Yield the file with each attribute replaced and taken away, each text replaced, and without each element."""
    for number, element in enumerate(ElementTree.fromstring(text).iter()):
        for name in element.attrib:
            for wrong in (*WRONG_TEXTS, None):
                yield _changed(text, number, name, wrong)
        for wrong in WRONG_TEXTS:
            yield _changed(text, number, None, wrong)
        if number:
            yield _changed(text, number, None, None)


def _changed(text: str, number: int, attribute: str | None, value: str | None) -> str:
    root = ElementTree.fromstring(text)
    element = list(root.iter())[number]
    if attribute is None and value is None:
        next(one for one in root.iter() if element in list(one)).remove(element)
    elif attribute is None:
        element.text = value
    elif value is None:
        del element.attrib[attribute]
    else:
        element.set(attribute, value)
    return ElementTree.tostring(root, encoding="unicode")


def _csv_variants(text: str) -> Iterator[str]:
    """Yield the table with each cell replaced: by text, and by JSON of wrong types."""
    rows = list(csv.reader(io.StringIO(text)))
    wrong_cells = [*WRONG_TEXTS, *map(json.dumps, WRONG), '{"name": "point"}', '{"name": "point", "cx": [], "cy": 1}']
    for row in range(1, len(rows)):
        for column in range(len(rows[0])):
            for wrong in wrong_cells:
                changed = [list(one) for one in rows]
                changed[row][column] = wrong
                out = io.StringIO()
                csv.writer(out).writerows(changed)
                yield out.getvalue()


def _variants(file: str, text: str) -> Iterator[str]:
    kind = file.rpartition(".")[2]
    yield from {"json": _json_variants, "xml": _xml_variants, "csv": _csv_variants}[kind](text)


def _answer(tree: Tree, task: str | None) -> str:
    """Return the format or the sentence; anything else that is raised is a failure."""
    try:
        parsed = formats.parse(tree, task)
        if parsed.check is not None:
            parsed.check(parsed, np.full((len(parsed.files), 2), (40, 30)))
        assert len(parsed.files) == len(parsed.targs)
        assert parsed.targs.dtype.kind == "i" or not np.isinf(parsed.targs).any()
        return parsed.format
    except UserError as error:
        assert str(error).rstrip().endswith(".") and len(str(error)) < 1500 and "\n" not in str(error)
        return str(error)


#: How many changes of each form the fast suite tries, drawn from all; the slow suite tries all.
FEW = 60


@pytest.mark.parametrize("few", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.parametrize("form", FORMS)
def test_wrong_types_are_answered_in_words(tmp_path, form, few):
    """Whatever stands there: a sentence or a dataset, and never another exception or an infinite point."""
    file, text, beside = FORMS[form]
    pictures = [f"img/{name}" if form.startswith("Supervisely") else name for name in tools.PICTURES]
    tree = make_tree(tmp_path, pictures, **{file.replace("/", "___").replace(".", "__"): text}, **beside)
    assert not _answer(tree, None).endswith("."), "the file itself is read"
    variants = list(_variants(file, text))
    if few and len(variants) > FEW:
        variants = random.Random(form).sample(variants, FEW)
    answers = []
    for changed in variants:
        tree.path(file).write_text(changed, encoding="utf-8")
        answers += [_answer(tree, task) for task in (None, "multi-label")]
    assert len(answers) >= 60 and sum(answer.endswith(".") for answer in answers) > 5
