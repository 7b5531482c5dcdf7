"""CVAT for images is read the way its users intend."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.errors import UserError
from lib.importing import formats
from tests.unit.importing.sources import kinds, make_tree
from tests.unit.importing.tool_exports import PICTURES, cvat, cvat_image, cvat_shape, labels_of, points_of


def test_tags_and_shapes_arelabels_of(tmp_path):
    """In the task's order; what is drawn counts like a tag, an image without anything shows nothing, one is deleted."""
    box = cvat_shape("box", "sun", xtl="1", ytl="2", xbr="3", ybr="4")
    outline = cvat_shape("polygon", "night", points="1,2;3,4;5,6")
    mask = cvat_shape("mask", "sun", rle="1, 2", left="0", top="0", width="2", height="2")
    text = cvat(
        cvat_image("0.jpg", cvat_shape("tag", "day") + box + box),
        cvat_image("1.jpg", outline + mask),
        cvat_image("2.jpg"),
        cvat_image("gone.jpg", cvat_shape("tag", "day")),
    )
    parsed = formats.parse(make_tree(tmp_path, [f"images/{name}" for name in (*PICTURES, "3.jpg")], a__xml=text))
    assert (parsed.format, parsed.task) == ("CVAT for images", "multi-label")
    assert labels_of(parsed) == {"images/0.jpg": ["day", "sun"], "images/1.jpg": ["night", "sun"], "images/2.jpg": []}
    assert parsed.names == ["night", "day", "sun"] and parsed.problems.examples["unused-name"] == ["person"]
    parsed.check(parsed, np.full((3, 2), 9))
    assert kinds(parsed) == {"row-without-image": 1, "image-without-row": 1, "no-label": 1, "unused-name": 1}
    assert parsed.problems.examples["no-label"] == ["images/2.jpg"]


def test_subsets_of_a_project_are_splits(tmp_path):
    """Two tasks of a project have images of the same name, each in its subset's folder."""
    text = cvat(
        cvat_image("a.jpg", cvat_shape("tag", "day"), subset="Train", task_id="1"),
        cvat_image("a.jpg", cvat_shape("tag", "sun"), subset="Validation", task_id="2"),
        cvat_image("b.jpg", cvat_shape("tag", "sun"), subset="Test", task_id="3"),
        meta="<project><tasks><task/><task/></tasks><labels><label><name>sun</name></label></labels></project>",
    )
    places = [f"images/{place}" for place in ("Train/a.jpg", "Validation/a.jpg", "Test/b.jpg")]
    parsed = formats.parse(make_tree(tmp_path, places, annotations__xml=text))
    assert labels_of(parsed) == dict(zip(places, [["day"], ["sun"], ["sun"]], strict=True))
    assert dict(zip(parsed.files, parsed.splits, strict=True)) == dict(
        zip(places, ["train", "valid", "test"], strict=True)
    )


def test_the_default_subset_beside_others_is_asked_about(tmp_path):
    """A picture of no subset is taught, never silently: it can be left out."""
    text = cvat(
        cvat_image("0.jpg", cvat_shape("tag", "day"), subset="Train"),
        cvat_image("1.jpg", cvat_shape("tag", "sun"), subset="Test"),
        cvat_image("2.jpg", cvat_shape("tag", "sun"), subset="default"),
    )
    tree = make_tree(tmp_path, PICTURES, a__xml=text)
    parsed = formats.parse(tree)
    assert parsed.splits == ["train", "test", "train"]
    (fix,) = parsed.fixes
    assert "1 image is in no known split, such as 2.jpg" in fix.question
    without = formats.parse(tree, choices={fix.choice: fix.value})
    assert (without.files, without.splits) == (["0.jpg", "1.jpg"], ["train", "test"])
    with pytest.raises(UserError, match="unassigned"):
        formats.parse(tree, choices={fix.choice: "x"})


def test_skeletons_are_keypoints(tmp_path):
    """Names, order and lines are the task's; outside is missing, occluded can be made so; a second person is asked."""

    def person(nose: str, tail: str, **more: str) -> str:
        parts = cvat_shape("points", "tail", points=tail, **more) + cvat_shape("points", "nose", points=nose)
        return cvat_shape("skeleton", "person", parts)

    text = cvat(
        cvat_image("0.jpg", person("1.5,2", "3,4", occluded="1", outside="0")),
        cvat_image("1.jpg", person("5,6", "0,0", outside="1")),
        cvat_image("2.jpg", person("5,6", "7,8") + person("20,21", "35,29")),
    )
    tree = make_tree(tmp_path, PICTURES, a__xml=text)
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names) == ("keypoints", ["nose", "tail"])
    assert points_of(parsed) == {"0.jpg": [(1.5, 2), (3, 4)], "1.jpg": [(5, 6), None]}
    assert parsed.extra == {"skeleton": [["nose", "tail"]]}
    assert {fix.choice for fix in parsed.fixes} == {"several", "occluded"} and kinds(parsed)["several-instances"] == 1
    parsed.check(parsed, np.array([[80, 60], [40, 30]]))
    assert points_of(parsed)["0.jpg"] == [(3, 4), (6, 8)], "the image is twice as large as it was in CVAT"
    crops = formats.parse(tree, choices={"several": "crop"})
    assert crops.files == ["0.jpg", "1.jpg", "2.jpg", "2.jpg"] and crops.boxes.shape == (4, 2, 2)
    labels = formats.parse(tree, "multi-label", {})
    assert labels_of(labels) == {name: ["person"] for name in PICTURES}


def test_points_under_labels_are_keypoints(tmp_path):
    """One point a label is named by it; several points under the only label are a thing of numbered points."""
    one = cvat_shape("points", "nose", points="1,2") + cvat_shape("points", "ear", points="3,4")
    ear = cvat_shape("points", "ear", points="5,6")
    text = cvat(cvat_image("0.jpg", one), cvat_image("1.jpg", ear), meta="")
    parsed = formats.parse(make_tree(tmp_path / "a", PICTURES[:2], a__xml=text))
    assert parsed.names == ["nose", "ear"]
    assert points_of(parsed) == {"0.jpg": [(1, 2), (3, 4)], "1.jpg": [None, (5, 6)]}
    face = cvat_shape("points", "face", points="1,2;3,4;5,6")
    short = cvat_shape("points", "face", points="1,2")
    many = cvat(cvat_image("0.jpg", face), cvat_image("1.jpg", face + face), cvat_image("2.jpg", short), meta="")
    parsed = formats.parse(make_tree(tmp_path / "b", PICTURES, a__xml=many))
    assert parsed.names == ["face 1", "face 2", "face 3"] and parsed.files == ["0.jpg"]
    assert kinds(parsed) == {"several-instances": 1, "other-points": 1}


def test_attributes_are_told_and_can_be_the_label(tmp_path):
    """They are not read without a word, and reading one is a click away."""

    def car(color: str) -> str:
        return cvat_shape("box", "car", f'<attribute name="color">{color}</attribute>', xtl="1")

    tree = make_tree(
        tmp_path, PICTURES[:2], a__xml=cvat(cvat_image("0.jpg", car("red")), cvat_image("1.jpg", car("blue")), meta="")
    )
    parsed = formats.parse(tree)
    assert labels_of(parsed) == {"0.jpg": ["car"], "1.jpg": ["car"]}
    assert parsed.problems.examples["unread-attribute"] == ["color, such as 'red', in 2 images"]
    (fix,) = parsed.fixes
    colors = formats.parse(tree, choices={fix.choice: fix.value})
    assert labels_of(colors) == {"0.jpg": ["red"], "1.jpg": ["blue"]}
    with pytest.raises(UserError, match="one of 'color'"):
        formats.parse(tree, choices={"attribute": "x"})


def test_video_is_refused_by_name(tmp_path):
    """Tracks are no images: it says what to export."""
    text = cvat('<track id="0" label="car"><box frame="0" xtl="1" ytl="1" xbr="2" ybr="2"/></track>')
    with pytest.raises(UserError, match=r"a\.xml is CVAT for video .*CVAT for images 1\.1"):
        formats.parse(make_tree(tmp_path, PICTURES, a__xml=text))


def test_entities_are_refused(tmp_path):
    """A file that defines entities, the way to fill memory, is refused with a sentence."""
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb">]>' + cvat(cvat_image("0.jpg", "&b;")).partition("?>")[2]
    with pytest.raises(UserError, match=r"a\.xml is not readable as XML"):
        formats.parse(make_tree(tmp_path, PICTURES, a__xml=bomb))
