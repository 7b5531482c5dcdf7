"""Label Studio exports are read the way the annotators intended."""

from __future__ import annotations

from urllib.parse import quote

import numpy as np
import pytest

from lib.core.errors import UserError
from lib.importing import formats
from lib.importing.tree import Tree
from tests.unit.importing.label_studio_exports import annotation, box, choice, export, point, targets, task, upload
from tests.unit.importing.sources import kinds, make_tree


def test_one_choice_each_is_single_label(tmp_path):
    """Choices become classes; what nobody answered is left out and told once; predictions are no answers."""
    tasks = [
        task(upload("a.jpg"), annotation(choice("dog"))),
        task(upload("b.jpg"), annotation(choice("cat"))),
        task(upload("c.jpg"), annotation()),
        task(upload("d.jpg")),
        task(upload("gone.jpg"), annotation(choice("cat"))),
    ]
    parsed = formats.parse(export(tmp_path, tasks, ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"]))
    assert (parsed.format, parsed.task, parsed.names) == ("Label Studio export", "single-label", ["cat", "dog"])
    assert targets(parsed) == {"a.jpg": 1, "b.jpg": 0} and parsed.targs.dtype == np.int64
    assert kinds(parsed) == {"not-annotated": 2, "row-without-image": 1, "image-without-row": 1}
    many = formats.parse(Tree(tmp_path), "multi-label")
    assert targets(many) == {"a.jpg": [0, 1], "b.jpg": [1, 0], "c.jpg": [0, 0]}


def test_several_choices_are_multi_label(tmp_path):
    """One picture with two choices makes all multi-label; one without any is an example of none."""
    tasks = [
        task(upload("a.jpg"), annotation(choice("dog", "cat"))),
        task(upload("b.jpg"), annotation(choice(["bird", "owl"]), choice("of a region", x=1, y=2))),
        task(upload("c.jpg"), annotation()),
    ]
    tree = export(tmp_path, tasks, ["a.jpg", "b.jpg", "c.jpg"])
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names) == ("multi-label", ["bird/owl", "cat", "dog"])
    assert targets(parsed) == {"a.jpg": [0, 1, 1], "b.jpg": [1, 0, 0], "c.jpg": [0, 0, 0]}
    parsed.check(parsed, np.ones((3, 2)))
    assert kinds(parsed) == {"no-label": 1}
    with pytest.raises(UserError, match=r"a\.jpg has 2 labels"):
        formats.parse(tree, "single-label")


def test_regions_are_tags(tmp_path):
    """Labeled boxes say which kinds a picture shows."""
    tasks = [
        task(upload("a.jpg"), annotation(box("car"), box("car"), box("bus"))),
        task(upload("b.jpg"), annotation(box("car"))),
    ]
    parsed = formats.parse(export(tmp_path, tasks, ["a.jpg", "b.jpg"]))
    assert (parsed.task, parsed.names) == ("multi-label", ["bus", "car"])
    assert targets(parsed) == {"a.jpg": [1, 1], "b.jpg": [0, 1]}


def test_which_annotation_counts(tmp_path):
    """Skipped ones never count; the ground truth does, else the one changed last; several are told."""
    old, new = {"updated_at": "2024-05-01T10:00:00Z"}, {"updated_at": "2024-05-02T09:00:00Z"}
    tasks = [
        task(upload("a.jpg"), annotation(choice("new"), **new), annotation(choice("old"), **old)),
        task(upload("b.jpg"), annotation(choice("new"), **new), annotation(choice("old"), ground_truth=True)),
        task(upload("c.jpg"), annotation(choice("old"), **old), annotation(was_cancelled=True, **new)),
        task(upload("d.jpg"), annotation(choice("old"), was_cancelled=True)),
    ]
    parsed = formats.parse(export(tmp_path, tasks, ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]))
    assert {file: parsed.names[targ] for file, targ in targets(parsed).items()} == {
        "a.jpg": "new",
        "b.jpg": "old",
        "c.jpg": "old",
    }
    assert kinds(parsed) == {"several-annotations": 2, "not-annotated": 1}


@pytest.mark.parametrize(
    ("address", "picture"),
    [
        ("/data/upload/3/0a1b2c3d-cat.jpg", "0a1b2c3d-cat.jpg"),
        ("/data/upload/3/0a1b2c3d-cat.jpg", "images/cat.jpg"),
        ("/data/upload/3/0a1b2c3d-my_cat_1.jpg", "my cat (1).jpg"),
        ("/data/local-files/?d=" + quote("birds/two/a b.jpg"), "two/a b.jpg"),
        ("s3://bucket/birds/1.jpg", "birds/1.jpg"),
        ("https://storage.example/birds/a%20b.jpg?X-Amz-Date=1&sig=a/b.jpg", "a b.jpg"),
        ("C:\\birds\\1.jpg", "birds/1.jpg"),
        ("100% # 1.jpg", "100% # 1.jpg"),
        ("../../etc/1.jpg", "1.jpg"),
    ],
)
def test_what_a_picture_is_called(tmp_path, address, picture):
    """Uploads with their prefix, local files, buckets and addresses find the picture, whatever folder was brought."""
    others = ["other/1.jpg", "other/2.jpg"] if "/1.jpg" not in address.replace("\\", "/") else ["other/2.jpg"]
    tasks = [task(address, annotation(choice("x")), caption="a text", url="https://example.org/page")]
    parsed = formats.parse(export(tmp_path, tasks, [picture, *others]))
    assert parsed.files == [picture]


def test_equal_names_in_two_folders(tmp_path):
    """The longest part of the path that names one picture decides; where nothing does, no picture is guessed."""
    tasks = [
        task("/data/local-files/?d=all/b/1.jpg", annotation(choice("b"))),
        task("/data/local-files/?d=all/a/1.jpg", annotation(choice("a"))),
        task(upload("1.jpg"), annotation(choice("c"))),
    ]
    parsed = formats.parse(export(tmp_path, tasks, ["a/1.jpg", "b/1.jpg"]))
    assert {file: parsed.names[targ] for file, targ in targets(parsed).items()} == {"a/1.jpg": "a", "b/1.jpg": "b"}
    assert kinds(parsed) == {"row-without-image": 1}


def test_newest_export_counts(tmp_path):
    """Of two exports in one folder the newest one is read first, the older one's rows are told as duplicates."""
    old, new = (
        [task(upload("a.jpg"), annotation(choice(c))), task(upload("b.jpg"), annotation(choice("y")))] for c in "xz"
    )
    export(tmp_path, old, ["a.jpg", "b.jpg"], "project-1-at-2024-05-01-10-33-ffffffff.json")
    parsed = formats.parse(export(tmp_path, new, [], "project-1-at-2024-06-01-08-00-00000000.json"))
    assert [parsed.names[targ] for targ in parsed.targs] == ["z", "y"] and kinds(parsed) == {"duplicate-row": 2}


def test_control_is_the_users_choice(tmp_path):
    """With two questions a picture the one answered most is read, and the other one is a click away."""
    tasks = [
        task(upload("a.jpg"), annotation(choice("cat", name="animal"), choice("sun", name="weather"))),
        task(upload("b.jpg"), annotation(choice("dog", name="animal"), point("nose", 50, 50))),
        task(upload("c.jpg"), annotation(choice("dog", name="animal"), point("nose", 25, 50))),
    ]
    tree = export(tmp_path, tasks, ["a.jpg", "b.jpg", "c.jpg"])
    parsed = formats.parse(tree)
    assert parsed.names == ["cat", "dog"] and [fix.value for fix in parsed.fixes] == ["kp-1", "weather"]
    fix = parsed.fixes[1]
    assert formats.parse(tree, choices={fix.choice: fix.value}).names == ["sun"]
    points = formats.parse(tree, "keypoints")
    assert points.task == "keypoints" and points.files == ["b.jpg", "c.jpg"] and kinds(points) == {"no-point": 1}
    with pytest.raises(UserError, match="of the control 'color'"):
        formats.parse(tree, choices={"control": "color"})


def test_first_versions(tmp_path):
    """Before version 1.0 annotations were called completions and canceled ones skipped."""
    tasks = [task(upload("a.jpg"), annotation(choice("x"))), task(upload("b.jpg"), annotation(skipped=True))]
    for one in tasks:
        one["completions"] = one.pop("annotations")
    parsed = formats.parse(export(tmp_path, tasks, ["a.jpg", "b.jpg"]))
    assert parsed.files == ["a.jpg"] and kinds(parsed) == {"not-annotated": 1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"id": 1, "annotations": [], "data"', "expected complete JSON"),
        ('[{"annotations": []}]', "entry 1: expected a task with data and annotations"),
        ('[{"annotations": {}, "data": {}}]', "entry 1"),
        ('[1, "annotations"]', "entry 1"),
        ('[{"image": "/data/upload/a.jpg", "choice": "x", "annotator": 1, "annotation_id": 2}]', "JSON-MIN"),
        ('[{"annotations": [], "data": {"image": "a.jpg"}}]', "found no annotation"),
        ('[{"annotations":' + "[" * 100_000, "nested too deeply"),
        (
            '[{"annotations": [{"result": [{"type": "textarea", "from_name": "t", "value": {"text": ["a"]}}]}],'
            ' "data": {"image": "a.jpg"}}]',
            "found 'textarea' on 1 images",
        ),
    ],
)
def test_exports_that_cannot_be_used(tmp_path, text, words):
    """Damaged files, JSON-MIN and projects without labels get one sentence that names the file."""
    tree = make_tree(tmp_path, ["a.jpg"], export__json=text)
    with pytest.raises(UserError, match=rf"export\.json.*{words}"):
        formats.parse(tree)


def test_strange_values_do_no_harm(tmp_path):
    """Values of any type where text, lists or numbers belong are passed over or told, never a crash."""
    junk = [None, True, 1e999, "x" * 5000, [], {}, [[]], {"choices": None}, {"choices": [1, None, ["a", 2], " "]}]
    results = [{"type": "choices", "from_name": "choice", "value": value} for value in junk]
    results += [*junk, {"type": [], "from_name": {}, "value": {}}]
    tasks = [
        task(upload("a.jpg"), annotation(choice("x"), *results), other=junk, more="http://[", empty=""),
        task(upload("b.jpg"), *junk, annotation(choice("y"), updated_at=5), {"result": "no list"}),
        task("b.jpg?" + "/a" * 3000, annotation(choice("x"))),
    ]
    parsed = formats.parse(export(tmp_path, tasks, ["a.jpg", "b.jpg"]))
    assert {file: parsed.names[targ] for file, targ in targets(parsed).items()} == {"a.jpg": "x", "b.jpg": "y"}


def test_other_json_is_no_export(tmp_path):
    """A JSON file of something else, such as COCO's, which has annotations too, is left to others."""
    tree = make_tree(tmp_path, ["cat/1.jpg", "dog/1.jpg"], notes__json='["a", "b"]')
    assert formats.parse(tree).format == "one folder a class"
