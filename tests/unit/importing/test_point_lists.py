"""Lists of points are read with the right order, box and split, and asked about where that is ambiguous."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.errors import UserError
from lib.importing import formats
from lib.importing.parsed import UnsureError
from tests.unit.importing.sources import kinds, make_tree


def line(values, name):
    """Return numbers and a name."""
    return " ".join(f"{value:g}" for value in np.ravel(values)) + f" {name}\n"


def drawn(count, points, seed=0):
    """Return points of faces that lie anywhere, shape (count, points, 2), pixels in quarters."""
    generator = np.random.default_rng(seed)
    shape, places = generator.uniform(0, 40, (points, 2)), generator.uniform(10, 200, (count, 1, 2))
    return (places + shape + generator.uniform(0, 2, (count, points, 2))).round()[:] + 0.25


def wflw(faces, names):
    """Return lines of WFLW: 98 points, the box around them, six attributes, a name."""
    return "".join(
        line([*face.ravel(), *face.min(0) - 2, *face.max(0) + 2, 0, 1, 0, 0, 0, 1], name)
        for face, name in zip(faces, names, strict=True)
    )


def test_wflw(tmp_path):
    """98 points a line, splits by the lists' names; a picture with two faces is asked about and cut by its boxes."""
    faces = drawn(4, 98)
    train = wflw(faces[:3], ["0--Parade/a.jpg", "0--Parade/b.jpg", "0--Parade/b.jpg"])
    folder = "WFLW_annotations___list_98pt_rect_attr_train_test___list_98pt_rect_attr_"
    texts = {f"{folder}train__txt": train, f"{folder}test__txt": wflw(faces[3:], ["0--Parade/c.jpg"])}
    tree = make_tree(tmp_path, [f"WFLW_images/0--Parade/{name}.jpg" for name in "abc"], **texts)
    parsed = formats.parse(tree)
    points = {file[-5]: targs for file, targs in zip(parsed.files, parsed.targs, strict=True)}
    assert set(points) == {"a", "c"} and parsed.targs.shape == (2, 98, 2)
    np.testing.assert_array_equal(points["a"], faces[0])
    np.testing.assert_array_equal(points["c"], faces[3])
    assert {file[-5]: split for file, split in zip(parsed.files, parsed.splits, strict=True)} == {
        "a": "train",
        "c": "test",
    }
    assert kinds(parsed) == {"several-instances": 1}
    cut = formats.parse(tree, choices={"several": "crop"})
    rows = [row for row, file in enumerate(cut.files) if file.endswith("b.jpg")]
    np.testing.assert_array_equal(cut.boxes[rows], [[face.min(0) - 2, face.max(0) + 2] for face in faces[1:3]])


@pytest.mark.parametrize("name_first", [True, False])
def test_points_beside_a_name(tmp_path, name_first):
    """2K numbers before or after a name are K points x y; 68 of a face know their pairs; -1 -1 is missing."""
    faces = drawn(10, 5)
    faces[2, 3] = -1
    names = [f"{number}.png" for number in range(10)]
    lines = [line(face, name) for face, name in zip(faces, names, strict=True)]
    if name_first:
        lines = [" ".join([text.split()[-1], *text.split()[:-1]]) + "\n" for text in lines]
    parsed = formats.parse(make_tree(tmp_path, names, landmarks__txt="".join(lines)))
    order = [names.index(file) for file in parsed.files]
    np.testing.assert_array_equal(parsed.targs, np.where(faces == -1, np.nan, faces)[order])
    assert (parsed.task, parsed.names, parsed.splits) == ("keypoints", list("01234"), None)
    assert [fix.choice for fix in parsed.fixes] == ["missing"]


def test_all_x_before_all_y_is_asked(tmp_path):
    """x1 x2 ... y1 y2 ... is not read as pairs: the numbers that move together tell, and the answer is followed."""
    faces = drawn(12, 5)
    names = [f"{number}.png" for number in range(12)]
    text = "".join(line(face.T, name) for face, name in zip(faces, names, strict=True))
    tree = make_tree(tmp_path, names, landmarks__txt=text)
    with pytest.raises(UnsureError, match="as if all x came before all y") as raised:
        formats.parse(tree)
    fix = raised.value.fixes[0]
    parsed = formats.parse(tree, choices={fix.choice: fix.value})
    np.testing.assert_array_equal(parsed.targs, faces[[names.index(file) for file in parsed.files]])


@pytest.mark.parametrize("form", ["corners", "sides", "size"])
@pytest.mark.parametrize("place", ["first", "last"])
def test_a_box_among_the_numbers(tmp_path, form, place):
    """Four numbers that hold all others are a box, however it is written; it is said, and can be read as points."""
    faces = drawn(9, 5)
    names = [f"{number}.png" for number in range(9)]
    low, high = faces.min(1) - 3, faces.max(1) + 3
    boxes = {"corners": [low, high], "sides": [low[:, [0]], high[:, [0]], low[:, [1]], high[:, [1]]]}
    boxes["size"] = [low, high - low]
    box, points = np.concatenate(boxes[form], axis=1), faces.reshape(9, 10)
    numbers = np.concatenate([box, points] if place == "first" else [points, box], axis=1)
    tree = make_tree(tmp_path, names, faces__txt="".join(map(line, numbers, names)))
    parsed = formats.parse(tree)
    order = [names.index(file) for file in parsed.files]
    np.testing.assert_array_equal(parsed.targs, faces[order])
    (fix,) = parsed.fixes
    assert f"the {place} 4 of 14 numbers" in fix.question
    assert formats.parse(tree, choices={fix.choice: fix.value}).targs.shape == (9, 7, 2)
    cut = formats.parse(tree, choices={"several": "crop"})
    np.testing.assert_allclose(cut.boxes, np.stack([low, high], axis=1)[order], atol=1e-3)


def test_four_numbers_are_asked_about(tmp_path):
    """Two points, a box, or four values: nothing tells."""
    tree = make_tree(tmp_path, ["a.jpg", "b.jpg"], list__txt="a.jpg 1.5 2 3 4\nb.jpg 5 6 7 8\n")
    with pytest.raises(UnsureError, match=r"list\.txt, line 1: 4 numbers beside a file name"):
        formats.parse(tree)
    assert formats.parse(tree, "keypoints").targs.tolist() == [[[1.5, 2], [3, 4]], [[5, 6], [7, 8]]]
    values = formats.parse(tree, choices={"list-numbers": "values"})
    assert (values.task, values.targs.tolist()) == ("regression", [[1.5, 2, 3, 4], [5, 6, 7, 8]])


def test_marks_are_no_places(tmp_path):
    """Gender and pose after the points would shift them: such a list is refused, with their places."""
    faces, marks = drawn(12, 4).reshape(12, 8), np.stack([np.arange(12) % 2, np.arange(12) % 3], axis=1)
    names = [f"{number}.png" for number in range(12)]
    text = "".join(map(line, np.concatenate([faces, marks], axis=1), names))
    with pytest.raises(UserError, match=r"list\.txt: expected x and y .* at place 9 and 10 of 10 in each line"):
        formats.parse(make_tree(tmp_path, names, list__txt=text))


def test_parts_of_the_picture_and_pictures_on_their_side(tmp_path):
    """Points and boxes as parts of the size become pixels; set on pictures as stored, both are turned along."""
    points = np.array([[0.25, 0.2], [0.5, 0.6], [0.75, 0.4]])
    box = [0.125, 0.1, 0.875, 0.7]
    tree = make_tree(tmp_path, ["a.jpg", "b.jpg"], l__txt=line([*box, *points.ravel()], "a.jpg") * 1)
    choices = {"list-box": "first", "several": "crop", "set-on": "stored"}
    parsed = formats.parse(tree, choices=choices)
    parsed.turned = {"a.jpg": 6}  # stored 80 x 40 pixels, shown 40 x 80: x, y as stored are 40 - y, x
    parsed.check(parsed, np.array([[40, 80]]))
    np.testing.assert_allclose(parsed.targs, [[[32, 20], [16, 40], [24, 60]]], atol=1e-4)
    np.testing.assert_allclose(np.sort(parsed.boxes, axis=1), [[[12, 10], [36, 70]]], atol=1e-4)


def test_lines_that_cannot_be_used(tmp_path):
    """A line cut off, a word, a picture that is not there and a repeated line are noted, with their lines."""
    faces = drawn(3, 4)
    text = line(faces[0], "a.jpg") + line(faces[1], "gone.jpg") + line(faces[2][:2], "b.jpg")
    copy = line(faces[0], "a.jpg")
    parsed = formats.parse(make_tree(tmp_path, ["a.jpg", "b.jpg"], one__txt=text, two__txt=copy))
    assert parsed.files == ["a.jpg"] and kinds(parsed) == {
        "row-without-image": 1,
        "missing-value": 1,
        "duplicate-row": 1,
    }
    assert parsed.problems.examples["missing-value"] == ["one.txt, line 3: expected 8 numbers, 4 cells found"]


@pytest.mark.parametrize("choice", ["point-order", "list-box"])
def test_wrong_answers(tmp_path, choice):
    """An answer that is none gets a sentence."""
    tree = make_tree(tmp_path, ["a.jpg"], list__txt=line(drawn(1, 4), "a.jpg"))
    with pytest.raises(UserError, match=f"The choice {choice} is 'x': expected "):
        formats.parse(tree, choices={choice: "x"})
