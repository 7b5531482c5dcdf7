"""Plain JSON files are read as intended: image-to-label maps, records, Create ML, and joints of people."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from lib.core.errors import UserError
from lib.importing import formats
from lib.importing.formats.published import mpii
from lib.importing.parsed import UnsureError
from tests.unit.importing.sources import kinds, make_tree
from tests.unit.importing.tool_exports import PICTURES, labels_of, points_of

LABELS = {"0.jpg": "dog", "1.jpg": "cat", "2.jpg": "cat", "gone.jpg": "cat"}


def _parse(tmp_path, data: Any, task: str | None = None, pictures=PICTURES, **choices: str):
    tree = make_tree(tmp_path, pictures, labels__json=data if isinstance(data, str) else json.dumps(data))
    return formats.parse(tree, task, {name.replace("_", "-"): value for name, value in choices.items()})


def _classes(parsed) -> dict[str, str]:
    return {file: parsed.names[row] for file, row in zip(parsed.files, parsed.targs.tolist(), strict=True)}


@pytest.mark.parametrize(
    "data",
    [
        LABELS,
        {"0": "dog", "1": "cat", "2": "cat", "gone": "cat"},
        {name: {"label": label} for name, label in LABELS.items()},
        [{"Image": name, "Label": label, "width": 4} for name, label in LABELS.items()],
        {"version": 1, "data": [{"path": f"./{name}", "tag": label} for name, label in LABELS.items()]},
    ],
    ids=["object", "without endings", "object of objects", "records", "records below"],
)  # fmt: skip
def test_one_label_each_is_single_label(tmp_path, data):
    """In each way to write it, and the picture that is not there is told."""
    parsed = _parse(tmp_path, data)
    assert (parsed.format, parsed.task) == ("JSON of labels", "single-label")
    assert _classes(parsed) == {"0.jpg": "dog", "1.jpg": "cat", "2.jpg": "cat"}
    assert kinds(parsed) == {"row-without-image": 1}


@pytest.mark.parametrize(
    "values",
    [
        [["dog", "cat"], ["cat"], []],
        [{"cat": 1, "dog": 1}, {"cat": True, "dog": False}, {"cat": 0, "dog": 0}],
        [[{"label": "dog", "box": [1]}, {"label": "cat"}, {"label": "cat"}], [{"label": "cat"}], []],
    ],
    ids=["lists", "flags", "objects"],
)
def test_several_labels_are_multi_label(tmp_path, values):
    """A list, an object of true and false, or annotated objects; none shows nothing."""
    expected = {"0.jpg": ["cat", "dog"], "1.jpg": ["cat"], "2.jpg": []}
    parsed = _parse(tmp_path, dict(zip(PICTURES, values, strict=True)))
    assert parsed.task == "multi-label" and labels_of(parsed) == expected
    records = [{"file_name": name, "labels": value} for name, value in zip(PICTURES, values, strict=True)]
    assert labels_of(_parse(tmp_path, records)) == expected


def test_nothing_is_no_label(tmp_path):
    """Both null and an empty text leave a picture out, told."""
    parsed = _parse(tmp_path, {"0.jpg": "dog", "1.jpg": None, "2.jpg": " "})
    assert parsed.files == ["0.jpg"] and kinds(parsed) == {"missing-value": 2}


def test_a_record_a_label_is_united(tmp_path):
    """Several records of a picture are information: all are read, and that is asked."""
    data = [{"file": "0.jpg", "label": "cat"}, {"file": "0.jpg", "label": "dog"}, {"file": "1.jpg", "label": "cat"}]
    parsed = _parse(tmp_path, data)
    assert labels_of(parsed) == {"0.jpg": ["cat", "dog"], "1.jpg": ["cat"]}
    fix, kept = parsed.fixes
    assert (kept.choice, kept.value) == ("unlabeled", "keep")  # of the picture that no record names
    assert "1 image has several records that differ, such as 0.jpg" in fix.question
    first = _parse(tmp_path, data, **{fix.choice: fix.value})
    assert _classes(first) == {"0.jpg": "cat", "1.jpg": "cat"} and kinds(first)["duplicate-row"] == 1


def test_splits_and_groups_of_records_are_kept(tmp_path):
    """Under their usual names."""
    data = [
        {"file": name, "label": "cat", "Subset": split, "group": group}
        for name, split, group in zip(PICTURES, ("train", "validation", "TEST"), "aab", strict=True)
    ]
    parsed = _parse(tmp_path, data)
    assert parsed.splits == ["train", "valid", "test"] and parsed.groups == ["a", "a", "b"] and parsed.fixes == []


def test_keys_that_could_all_be_meant_are_asked(tmp_path):
    """Nothing is guessed where no key has a usual name."""
    data = [{"file": name, "mood": "calm", "site": "x"} for name in PICTURES]
    with pytest.raises(UnsureError, match=r"labels\.json: .*'mood', 'site'") as error:
        _parse(tmp_path, data)
    assert [(fix.choice, fix.value) for fix in error.value.fixes] == [
        ("label-column", "mood"),
        ("label-column", "site"),
    ]
    assert _parse(tmp_path, data, label_column="mood").names == ["calm"]
    with pytest.raises(UserError, match="a key of the records"):
        _parse(tmp_path, data, label_column="x")


def test_numbers_are_asked_about(tmp_path):
    """Fractions are predicted, whole numbers that repeat are classes; the other reading is a click away."""
    ages = _parse(tmp_path, {"0.jpg": 1.5, "1.jpg": 2, "2.jpg": 40})
    assert (ages.task, ages.names, ages.targs.tolist()) == ("regression", ["value"], [[1.5], [2], [40]])
    assert [(fix.choice, fix.value) for fix in ages.fixes] == [("numbers", "classes")]
    codes = {"0.jpg": 2, "1.jpg": 10, "2.jpg": 2, "3.jpg": 2}
    parsed = _parse(tmp_path, codes, pictures=[*PICTURES, "3.jpg"])
    assert _classes(parsed) == {"0.jpg": "2", "1.jpg": "10", "2.jpg": "2", "3.jpg": "2"}
    assert [(fix.choice, fix.value) for fix in parsed.fixes] == [("numbers", "values")]
    assert _parse(tmp_path, codes, numbers="values").task == "regression"
    assert _parse(tmp_path, codes, "regression").fixes == []


def test_points_are_keypoints(tmp_path):
    """By their names, or numbered as they come."""
    named = {"0.jpg": {"nose": [1, 2], "ear": [3, 4]}, "1.jpg": {"nose": None, "ear": [5, 6]}}
    parsed = _parse(tmp_path, named)
    assert points_of(parsed) == {"0.jpg": [(1, 2), (3, 4)], "1.jpg": [None, (5, 6)]} and parsed.names == ["nose", "ear"]
    parsed = _parse(tmp_path, [{"file": name, "keypoints": [[1, 2], [n, 4]]} for n, name in enumerate(PICTURES)])
    assert parsed.names == ["point 1", "point 2"] and points_of(parsed)["2.jpg"] == [(1, 2), (2, 4)]
    assert points_of(_parse(tmp_path, {"0.jpg": {"nose": [1, 2]}})) == {"0.jpg": [(1, 2)]}


def test_lists_of_numbers_are_not_guessed(tmp_path):
    """They may be classes or coordinates: the key or the user says which."""
    data = {"0.jpg": [1, 20], "1.jpg": [20]}
    with pytest.raises(UnsureError, match=r"labels\.json, 0\.jpg: .*a list of numbers"):
        _parse(tmp_path, data)
    expected = {"0.jpg": ["1", "20"], "1.jpg": ["20"]}
    assert labels_of(_parse(tmp_path, data, numbers="classes")) == expected
    assert labels_of(_parse(tmp_path, [{"file": name, "labels": value} for name, value in data.items()])) == expected


def test_a_record_a_line(tmp_path):
    """As Vertex AI exports them, with its splits; a damaged line is named."""
    lines = [
        {
            "imageGcsUri": name,
            "classificationAnnotation": {"displayName": label, "annotationResourceLabels": {"x": "y"}},
            "dataItemResourceLabels": {"aiplatform.googleapis.com/ml_use": split},
        }
        for name, label, split in zip(PICTURES, "aba", ("training", "test", "validation"), strict=True)
    ]
    text = "\n".join(map(json.dumps, lines)) + "\n\n"
    parsed = formats.parse(make_tree(tmp_path / "a", PICTURES, data__jsonl=text))
    assert _classes(parsed) == {"0.jpg": "a", "1.jpg": "b", "2.jpg": "a"}
    assert parsed.splits == ["train", "test", "valid"] and parsed.fixes == []
    with pytest.raises(UserError, match=r"data\.jsonl, line 2: expected a JSON object"):
        formats.parse(make_tree(tmp_path / "b", PICTURES, data__jsonl=text.replace('{"imageGcsUri": "1', '{"1')))


def test_a_table_comes_first(tmp_path):
    """A JSON beside a table that explains the pictures is told as unused."""
    tree = make_tree(tmp_path, PICTURES[:2], a__csv="file,label\n0.jpg,x\n1.jpg,y\n", b__json='{"0.jpg": "z"}')
    parsed = formats.parse(tree)
    assert parsed.format == "table of labels" and parsed.problems.examples["unused-file"] == ["b.json"]


def test_a_damaged_file_is_named(tmp_path):
    """In place of saying that there is nothing."""
    with pytest.raises(UserError, match=r"labels\.json, line 1, column \d+: expected complete JSON"):
        _parse(tmp_path, '{"0.jpg": "cat", "1.jpg": ')


# --- Create ML -------------------------------------------------------------------------------------------------


def test_create_ml(tmp_path):
    """Labels of a picture's annotations; parts in folders of their own are splits."""
    box = {"x": 1, "y": 2, "width": 3, "height": 4}

    def entry(name: str, *labels: str) -> dict:
        return {"image": name, "annotations": [{"label": label, "coordinates": box} for label in labels]}

    texts = {
        "train____annotations__createml__json": json.dumps([entry("a.jpg", "cat", "dog", "cat"), entry("b.jpg")]),
        "valid____annotations__createml__json": json.dumps([entry("a.jpg", "dog")]),
    }
    tree = make_tree(tmp_path, ["train/a.jpg", "train/b.jpg", "valid/a.jpg"], **texts)
    parsed = formats.parse(tree)
    assert (parsed.format, parsed.task) == ("Create ML JSON", "multi-label")
    assert labels_of(parsed) == {"train/a.jpg": ["cat", "dog"], "train/b.jpg": [], "valid/a.jpg": ["dog"]}
    assert parsed.splits == ["train", "train", "valid"]
    with pytest.raises(UserError, match=r"expected points, found none .*Create ML"):
        formats.parse(tree, "keypoints")


# --- joints ----------------------------------------------------------------------------------------------------


def _person(name: str, count: int = 16, start: int = 1, **more: Any) -> dict:
    joints = [[start + k, 2 * k + 1] for k in range(count)]
    return {"image": name, "joints": joints, "joints_vis": [1] * count, "center": [20, 15], "scale": 0.1} | more


def test_joints_are_keypoints(tmp_path):
    """16 have MPII's names and pairs; a mark of 0 is missing, one that is 0 everywhere told; files are splits."""
    hidden, everywhere = [1, 0, *[1] * 13, 0], [*[1] * 15, 0]
    texts = {
        "annot___train__json": json.dumps(
            [_person("0.jpg", joints_vis=everywhere), _person("1.jpg", joints_vis=hidden)]
        ),
        "annot___valid__json": json.dumps([_person("2.jpg", joints_vis=everywhere)]),
    }
    tree = make_tree(tmp_path, [f"images/{name}" for name in PICTURES], **texts)
    parsed = formats.parse(tree)
    assert (parsed.format, parsed.names) == ("MPII joints (JSON)", list(mpii.JOINTS[:15]))
    assert points_of(parsed)["images/1.jpg"] == [(1, 1), None, *[(1 + k, 2 * k + 1) for k in range(2, 15)]]
    assert parsed.problems.examples["unused-name"] == ["left wrist"]
    assert parsed.splits == ["train", "train", "valid"] and len(parsed.extra["flip_pairs"]) == 5
    assert [(fix.choice, fix.value) for fix in parsed.fixes] == [("first_pixel", "1")]
    shifted = formats.parse(tree, choices={"first_pixel": "1"})
    assert np.nanmax(np.abs(shifted.targs - (parsed.targs - 1))) == 0


def test_other_counts_of_joints_are_numbered(tmp_path):
    """Two people of a picture are asked about, a person with another number of joints is told."""
    data = [_person("0.jpg", 3), _person("1.jpg", 3), _person("1.jpg", 3, 20), _person("2.jpg", 2), {"image": "2.jpg"}]
    data.append(_person("3.jpg", 3))
    data[0]["joints"][1], data[0]["joints_vis"] = [-1, -1], None
    pictures = [*PICTURES, "3.jpg"]
    parsed = _parse(tmp_path, data, pictures=pictures)
    assert parsed.names == ["point 1", "point 2", "point 3"]
    assert points_of(parsed) == {"0.jpg": [(1, 1), None, (3, 5)], "3.jpg": [(1, 1), (2, 3), (3, 5)]}
    assert kinds(parsed) == {"several-instances": 1, "other-points": 1, "not-annotated": 1}
    crops = _parse(tmp_path, data, pictures=pictures, several="crop")
    assert crops.files == ["0.jpg", "1.jpg", "1.jpg", "3.jpg"] and crops.boxes[0].tolist() == [[10, 5], [30, 25]]
