"""Hugging Face image folders and Parquet files are read the way the Hugging Face library reads them."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.importing import formats
from lib.importing.hugging_face import features
from tests.unit.importing.sources import kinds, make_tree

CARD = """---
license: mit
dataset_info:
  features:
  - name: image
    dtype: image
  - name: label
    dtype:
      class_label:
        names:
          '0': zebra
          '1': ant
          '2': never, seen
  - name: tags
    list:
      class_label:
        names: {'0': big, '1': small}
  - name: objects
    sequence:
    - name: category
      dtype: {class_label: {names: {'0': car, '1': bus}}}
    - name: bbox
      sequence: float32
      length: 4
---
# A card
"""


def lines(*rows: dict) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def picture(seed: int, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 255, (30, 40, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(out, kind)
    return out.getvalue()


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(tmp_path / "home" / "workspace")


def test_class_numbers_get_their_names(tmp_path):
    """ClassLabel numbers of each split's own metadata.jsonl are named by the card, in its order; -1 is no label."""
    tree = make_tree(
        tmp_path,
        ["train/a.png", "train/b.png", "train/c.png", "test/a.png"],
        README__md=CARD,
        train___metadata__jsonl=lines(
            {"file_name": "a.png", "label": 1, "text": "an ant"},
            {"file_name": "b.png", "label": 0, "text": "a zebra"},
            {"file_name": "c.png", "label": -1, "text": "who knows"},
            {"file_name": "gone.png", "label": 0},
        ),
        test___metadata__jsonl=lines({"file_name": "a.png", "label": 0}),
    )
    parsed = formats.parse(tree)
    assert (parsed.format, parsed.task, parsed.names) == ("Hugging Face image folder", "single-label", ["zebra", "ant"])
    classes = {file: parsed.names[t] for file, t in zip(parsed.files, parsed.targs.tolist(), strict=True)}
    assert classes == {"train/a.png": "ant", "train/b.png": "zebra", "test/a.png": "zebra"}
    assert dict(zip(parsed.files, parsed.splits, strict=True))["test/a.png"] == "test"
    assert kinds(parsed) == {"missing-value": 1, "row-without-image": 1}
    assert "train/metadata.jsonl, line 3" in parsed.problems.examples["missing-value"][0]


@pytest.mark.parametrize(
    ("column", "values", "names", "targs"),
    [
        ("labels", [["cat", "big dog"], [], ["cat"]], ["big dog", "cat"], [[1, 1], [0, 0], [0, 1]]),
        ("tags", [[1], [0, 1], [0]], ["big", "small"], [[0, 1], [1, 1], [1, 0]]),
        ("tags", [[1, 1], [0, 1], [0, 0]], ["big", "small"], [[1, 1], [0, 1], [0, 0]]),
        ("labels", [["a, b"], ["c|d"], ["e f"]], ["a, b", "c|d", "e f"], np.eye(3).tolist()),
        (
            "objects",
            [{"category": [0, 0, 1], "bbox": [[0, 0, 1, 1]] * 3}, {"category": [1], "bbox": []}, {"category": []}],
            ["car", "bus"],
            [[1, 1], [0, 1], [0, 0]],
        ),
        (
            "objects",
            [[{"label": "x", "bbox": []}, {"label": "y", "bbox": []}], [], [{"label": "x", "bbox": []}]],
            ["x", "y"],
            [[1, 1], [0, 0], [1, 0]],
        ),
    ],
)  # fmt: skip
def test_lists_and_objects_are_labels(tmp_path, column, values, names, targs):
    """Lists of names or numbers, rows of 0 and 1, and categories of objects are labels, whole, never taken apart."""
    rows = [{"file_name": f"{i}.png", column: value} for i, value in enumerate(values)]
    tree = make_tree(tmp_path, ["0.png", "1.png", "2.png"], README__md=CARD, metadata__jsonl=lines(*rows))
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names) == ("multi-label", names)
    assert parsed.targs.tolist() == targs and parsed.splits is None and parsed.targs.dtype == np.int8


def test_points_and_flat_columns(tmp_path):
    """Lists of [x, y] and [x, y, visible] are points; flat numbers, truths and pairs are what they are in a table."""
    pictures = ["0.png", "1.png"]
    rows = [{"keypoints": [[1, 2, 2], [0, 0, 0]]}, {"keypoints": [[3, 4, 1], [5.5, 6, 2]]}]
    text = lines(*({"file_name": name, **row} for name, row in zip(pictures, rows, strict=True)))
    tree = make_tree(tmp_path / "k", pictures, metadata__jsonl=text)
    parsed = formats.parse(tree)
    assert parsed.task == "keypoints" and parsed.targs.dtype == np.float32
    np.testing.assert_array_equal(parsed.targs, [[[1, 2], [np.nan, np.nan]], [[3, 4], [5.5, 6]]])
    for number, (rows, task, targs) in enumerate(
        [
            ([{"age": 3, "text": "young"}, {"age": 40.5, "text": "old"}], "regression", [[3], [40.5]]),
            ([{"Smiling": True, "Hat": False}, {"Smiling": None, "Hat": True}], "multi-label", [[1, 0], [-1, 1]]),
            ([{"eye_x": 1, "eye_y": 2}, {"eye_x": 3, "eye_y": 4}], "keypoints", [[[1, 2]], [[3, 4]]]),
        ]
    ):
        text = lines(*({"file_name": p, **row} for p, row in zip(pictures, rows, strict=True)))
        parsed = formats.parse(make_tree(tmp_path / str(number), pictures, metadata__jsonl=text))
        assert parsed.task == task and parsed.targs.tolist() == targs


def test_points_may_be_fractions(tmp_path):
    """Points of a metadata file that lie between 0 and 1 become pixels, are asked about, and stay if that is chosen."""
    rows = [{"file_name": f"{row}.png", "keypoints": [[0.1 * row, 0.5], [0.75, 0.2]]} for row in range(3)]
    tree = make_tree(tmp_path, ["0.png", "1.png", "2.png"], metadata__jsonl=lines(*rows))
    for choices, expected in (({}, [[20, 20], [150, 8]]), ({"points": "pixels"}, [[0.1, 0.5], [0.75, 0.2]])):
        parsed = formats.parse(tree, choices=choices)
        parsed.check(parsed, np.full((3, 2), [200, 40]))
        np.testing.assert_allclose(parsed.targs[1], expected, rtol=1e-6)
        assert [fix.choice for fix in parsed.fixes] == ([] if choices else ["points"])


def test_metadata_csv(tmp_path):
    """metadata.csv at the root names pictures of splits; its text column is no label."""
    text = "file_name,caption,label\ntrain/a.png,one,x\ntrain/b.png,two,y\nvalidation/c.png,three,x\n"
    parsed = formats.parse(make_tree(tmp_path, ["train/a.png", "train/b.png", "validation/c.png"], metadata__csv=text))
    assert (parsed.task, parsed.names, parsed.splits) == ("single-label", ["x", "y"], ["train", "train", "valid"])
    assert kinds(parsed) == {}


def test_another_column_can_be_chosen(tmp_path):
    """Of several class columns the usual one is read, the others are offered, and the answer is followed."""
    rows = [{"file_name": f"{i}.png", "coarse_label": i % 2, "fine_label": i} for i in range(3)]
    tree = make_tree(tmp_path, ["0.png", "1.png", "2.png"], metadata__jsonl=lines(*rows))
    parsed = formats.parse(tree)
    assert parsed.targs.tolist() == [0, 1, 2] and [fix.value for fix in parsed.fixes] == ["coarse_label"]
    fix = parsed.fixes[0]
    assert formats.parse(tree, None, {fix.choice: fix.value}).targs.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"file_name": "0.png", "label": 1}\n{"file_name": ', r"metadata\.jsonl, line 2: no JSON"),
        ('{"file_name": "0.png", "label": 1}\n[1]\n', r"line 2: expected an object"),
        ('{"file_name": "0.png", "x": ' + "[" * 5000 + "]" * 5000 + "}\n", "nested too deeply"),
        ('{"file_name": "../../x.png", "label": 1}\n', r"names '\.\./\.\./x\.png'"),
        ('{"file_name": "0.png", "text": "a cat"}\n{"file_name": "1.png", "text": "a dog"}\n', "no label"),
        ('{"file_name": "0.png", "labels": ["a", "b"]}\n', "2 labels, expected exactly one"),
        ('{"a_file_name": "0.png", "b_file_name": "1.png"}\n', "several images a row"),
    ],
)
def test_slips_are_one_sentence(tmp_path, text, sentence):
    """Each names file and line, and says what to do."""
    tree = make_tree(tmp_path, ["0.png", "1.png"], metadata__jsonl=text)
    with pytest.raises(UserError, match=sentence) as caught:
        formats.parse(tree, "single-label" if "labels" in text else None)
    assert "\n" not in str(caught.value)


def test_cards_of_strangers_do_no_harm():
    """References that stand for billions, things to construct and nonsense give no names, and no trouble."""
    bomb = "a: &a [x,x]\n" + "".join(
        f"{b}: &{b} [*{a},*{a},*{a},*{a}]\n" for a, b in zip("abcdefghijk", "bcdefghijkl", strict=True)
    )
    constructed = "dataset_info: !!python/object/apply:os.system ['exit 3']\n"
    for matter in (bomb, constructed, "[" * 700, "dataset_info: 3", "dataset_info: {features: [1, {name: x}]}"):
        assert features.of_text(features.CARD, f"---\n{matter}\n---\n") == {}
    assert features.of_text(features.INFOS, "[" * 100_000) == {}
    nested = {"_type": "ClassLabel", "names": ["a"]}
    for _ in range(50):
        nested = {"feature": nested, "_type": "Sequence"}
    assert features.of_features({"x": nested}) == {}
