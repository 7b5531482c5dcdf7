"""Supervisely files are read the way their users mean them."""

from __future__ import annotations

from lib.importing import formats
from tests.unit.importing.sources import kinds, make_tree
from tests.unit.importing.tool_exports import (
    SUPERVISELY_META,
    labels_of,
    points_of,
    supervisely,
    supervisely_box,
    supervisely_graph,
)


def _tag(name: str, value: object = None) -> dict:
    return {"name": name, "value": value, "labelerLogin": "a"}


def test_tags_and_objects_are_labels(tmp_path):
    """A tag's text belongs to it; the same names in two datasets are two pictures; folders are splits."""
    tree = make_tree(
        tmp_path,
        ["train/img/0.jpg", "train/img/1.jpg", "val/img/0.jpg"],
        **{
            "train___ann___0__jpg__json": supervisely(supervisely_box("cat"), tags=(_tag("sky", "blue"), _tag("n", 3))),
            "train___ann___1__json": supervisely(),
            "val___ann___0__jpg__json": supervisely(supervisely_box("dog"), supervisely_box("cat")),
            "val___ann___9__jpg__json": supervisely(supervisely_box("dog")),
        },
    )
    parsed = formats.parse(tree)
    assert (parsed.format, parsed.task) == ("Supervisely", "multi-label")
    assert labels_of(parsed) == {
        "train/img/0.jpg": ["cat", "n", "sky: blue"],
        "train/img/1.jpg": [],
        "val/img/0.jpg": ["cat", "dog"],
    }
    assert parsed.splits == ["train", "train", "valid"]
    assert parsed.problems.examples["unread-attribute"] == ["value of the tag 'n'"]
    assert kinds(parsed) == {"row-without-image": 1, "unread-attribute": 1}


def test_tags_that_are_splits(tmp_path):
    """They are given splits, no labels."""
    texts = {
        f"ds___ann___{n}__jpg__json": supervisely(supervisely_box("cat"), tags=(_tag(split),))
        for n, split in enumerate(("train", "val", "test"))
    }
    parsed = formats.parse(make_tree(tmp_path, [f"ds/img/{n}.jpg" for n in range(3)], **texts))
    assert parsed.names == ["cat"] and parsed.splits == ["train", "valid", "test"]


def test_graphs_are_keypoints(tmp_path):
    """meta.json names the nodes and their lines; a disabled one is missing."""
    tree = make_tree(
        tmp_path,
        ["ds/img/0.jpg", "ds/img/1.jpg"],
        meta__json=SUPERVISELY_META,
        **{
            "ds___ann___0__jpg__json": supervisely(supervisely_graph("person", {"u2": (3, 4), "u1": (1, 2)})),
            "ds___ann___1__jpg__json": supervisely(
                supervisely_graph("person", {"u1": (5, 6), "u2": (0, 0)}, disabled=("u2",))
            ),
        },
    )
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names) == ("keypoints", ["nose", "tail"])
    assert points_of(parsed) == {"ds/img/0.jpg": [(1, 2), (3, 4)], "ds/img/1.jpg": [(5, 6), None]}
    assert parsed.extra == {"skeleton": [["nose", "tail"]]} and kinds(parsed) == {}
    assert labels_of(formats.parse(tree, "multi-label")) == {"ds/img/0.jpg": ["person"], "ds/img/1.jpg": ["person"]}


def test_points_are_keypoints(tmp_path):
    """Objects that are points, by their classes."""

    def point(label: str, x: float, y: float) -> dict:
        place = {"exterior": [[x, y]], "interior": []}
        return {"classTitle": label, "geometryType": "point", "points": place, "tags": []}

    texts = {
        "ds___ann___0__jpg__json": supervisely(point("nose", 1, 2), point("ear", 3, 4)),
        "ds___ann___1__jpg__json": supervisely(point("ear", 5, 6)),
    }
    parsed = formats.parse(make_tree(tmp_path, ["ds/img/0.jpg", "ds/img/1.jpg"], **texts))
    assert parsed.names == ["nose", "ear"]
    assert points_of(parsed) == {"img/0.jpg": [(1, 2), (3, 4)], "img/1.jpg": [None, (5, 6)]}
