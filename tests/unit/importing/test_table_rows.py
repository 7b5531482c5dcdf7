"""Several rows for one picture: objects, labels, points and annotators are united, or it is asked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.core.errors import UserError
from lib.importing import answers, formats
from lib.importing.columns import Column
from lib.importing.parsed import UnsureError
from lib.importing.tables.rows import unite
from lib.importing.tables.united import CHOICE, LISTED, Rows
from tests.unit.importing.sources import kinds, make_tree

PICTURES = ["a.jpg", "b.jpg", "c.jpg"]


def _labels(parsed):
    rows = zip(parsed.files, parsed.targs, strict=True)
    if parsed.targs.ndim == 1:
        return {file: parsed.names[targ] for file, targ in rows}
    return {file: [parsed.names[i] for i in np.flatnonzero(row == 1)] for file, row in rows}


def _tree(tmp_path, *lines, **more):
    return make_tree(tmp_path, PICTURES, t__csv="\n".join(lines) + "\n", **more)


def test_rows_of_objects(tmp_path):
    """TF Object Detection and Roboflow: a picture has the labels of all its rows, the sizes are no targets."""
    tree = _tree(
        tmp_path,
        "filename,width,height,class,xmin,ymin,xmax,ymax",
        "a.jpg,64,48,cat,2,3,20,21",
        "a.jpg,64,48,dog,3,4,21,22",
        "b.jpg,64,48,cat,2,3,20,21",
        "b.jpg,64,48,cat,2,3,20,21",
        "c.jpg,64,48,big dog,2,3,20,21",
    )
    parsed = formats.parse(tree)
    assert parsed.task == "multi-label"
    assert _labels(parsed) == {"a.jpg": ["cat", "dog"], "b.jpg": ["cat"], "c.jpg": ["big dog"]}
    assert kinds(parsed)["object-rows"] == 2 and "duplicate-row" not in kinds(parsed)


@pytest.mark.parametrize("corners", ["3,4,20,30", "0.1,0.2,0.5,0.6"])
def test_rows_of_objects_without_a_header(tmp_path, corners):
    """keras-retinanet: an empty row is a picture without objects, and classes.csv is no table of pictures."""
    tree = _tree(
        tmp_path,
        f"a.jpg,{corners},cow",
        f"a.jpg,{corners},bird",
        f"b.jpg,{corners},cow",
        "c.jpg,,,,,",
        classes__csv="cow,0\nbird,1\n",
    )
    parsed = formats.parse(tree)
    assert parsed.task == "multi-label"
    assert _labels(parsed) == {"a.jpg": ["bird", "cow"], "b.jpg": ["cow"], "c.jpg": []}


def test_a_box_beside_the_one_class_of_each_picture(tmp_path):
    """With one row a picture it is a table of classes, and the box is not a target."""
    parsed = formats.parse(_tree(tmp_path, "file,x1,y1,x2,y2,class", "a.jpg,1,2,9,9,x", "b.jpg,1,2,8,9,y"))
    assert parsed.task == "single-label" and _labels(parsed) == {"a.jpg": "x", "b.jpg": "y"}


def test_four_numbers_of_each_picture_stay_targets(tmp_path):
    """A box without any label is what is to be predicted, as before."""
    parsed = formats.parse(_tree(tmp_path, "file,xmin,ymin,xmax,ymax", "a.jpg,1,2,9,9", "b.jpg,1,3,8,9"))
    assert parsed.targs.reshape(2, 4).tolist() == [[1, 2, 9, 9], [1, 3, 8, 9]]


def test_boxes_without_labels_are_no_labels(tmp_path):
    """The table beside, which has a label a picture, is read."""
    tree = _tree(
        tmp_path,
        *["image,x1,y1,x2,y2", "a.jpg,1,2,10,12", "a.jpg,1,2,11,12", "b.jpg,1,2,11,13", "c.jpg,1,2,3,4"],
        labels__csv="image,label\na.jpg,x\nb.jpg,y\n",
    )
    assert _labels(formats.parse(tree)) == {"a.jpg": "x", "b.jpg": "y"}


def test_labels_that_were_looked_for_in_vain(tmp_path):
    """Open Images: confidence 0 says verified absent; of labels without a row nobody knows."""
    tree = _tree(
        tmp_path,
        "ImageID,Source,LabelName,Confidence",
        "a,verification,/m/cat,1",
        "a,verification,/m/dog,0",
        "b,verification,/m/dog,1",
        "c,verification,/m/cat,0",
        "c,verification,/m/dog,0",
    )
    parsed = formats.parse(tree)
    assert parsed.names == ["/m/cat", "/m/dog"] and parsed.files == PICTURES
    assert parsed.targs.tolist() == [[1, 0], [-1, 1], [0, 0]]


def test_a_row_a_label(tmp_path):
    """Where many pictures have rows that follow each other, these are their labels; that is told and can be changed."""
    tree = _tree(tmp_path, "image,label", "a.jpg,x", "a.jpg,y", "b.jpg,x", "c.jpg,y", "c.jpg,z")
    parsed = formats.parse(tree)
    assert _labels(parsed) == {"a.jpg": ["x", "y"], "b.jpg": ["x"], "c.jpg": ["y", "z"]}
    assert kinds(parsed)["label-rows"] == 2
    assert {(fix.choice, fix.value) for fix in parsed.fixes} >= {(CHOICE, "first"), (CHOICE, "majority")}


def test_one_slip_among_many_rows_is_asked(tmp_path):
    """A second row of one picture that says something else is no form of the table: both places are named."""
    tree = _tree(tmp_path, "image,label", "a.jpg,x", "b.jpg,y", "c.jpg,y", "a.jpg,y")
    with pytest.raises(UnsureError, match=r"line 2 and t\.csv, line 5: a\.jpg has 'x' and 'y' in column 'label'"):
        formats.parse(tree)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("union", {"a.jpg": ["x", "y"], "b.jpg": ["x"], "c.jpg": ["x", "y", "z"]}),
        ("majority", {"a.jpg": "y", "b.jpg": "x"}),  # c.jpg has no majority and is left out
        ("first", {"a.jpg": "x", "b.jpg": "x", "c.jpg": "x"}),
    ],
)
@pytest.mark.parametrize("who", ["annotator", "Rater_ID", "by whom"])
def test_annotators_who_differ(tmp_path, who, answer, expected):
    """It is asked, with the column that tells them apart; each answer is carried out."""
    lines = ["a.jpg,A,x", "a.jpg,B,y", "a.jpg,C,y", *(f"b.jpg,{one},x" for one in "ABC")]
    tree = _tree(tmp_path, f"image,{who},label", *lines, "c.jpg,A,x", "c.jpg,B,y", "c.jpg,C,z")
    with pytest.raises(
        UnsureError, match=rf"a\.jpg has 'x' and 'y' .*by 'A' and 'B' \(column '{who}', annotator\)"
    ) as no:
        formats.parse(tree)
    assert [fix.value for fix in no.value.fixes] == ["union", "majority", "first"]
    answers.check({CHOICE: answer}, {})
    parsed = formats.parse(tree, choices={CHOICE: answer})
    assert _labels(parsed) == expected
    assert parsed.problems.examples["different-rows"] == [f"a.jpg: {answer}", f"c.jpg: {answer}"]


def test_annotators_who_agree(tmp_path):
    """Equal answers are one, and nothing is said of duplicates."""
    lines = [f"{file},{who},{label}" for file, label in zip(PICTURES, "xyx", strict=True) for who in "AB"]
    parsed = formats.parse(_tree(tmp_path, "image,annotator,label", *lines))
    assert _labels(parsed) == {"a.jpg": "x", "b.jpg": "y", "c.jpg": "x"} and kinds(parsed) == {}


def test_annotators_of_objects(tmp_path):
    """Sets of labels are compared, not single rows."""
    lines = [
        "a.jpg,R1,x,1,2,3,4",
        "a.jpg,R1,y,1,2,3,4",
        "a.jpg,R2,y,1,2,3,5",
        "a.jpg,R2,x,1,2,3,5",
        "b.jpg,R1,x,1,2,3,4",
    ]
    header = "image_id,rad_id,class_name,x_min,y_min,x_max,y_max"
    assert _labels(formats.parse(_tree(tmp_path, header, *lines))) == {"a.jpg": ["x", "y"], "b.jpg": ["x"]}
    tree = _tree(tmp_path, header, *lines, "b.jpg,R2,y,1,2,3,4")
    with pytest.raises(UnsureError, match=r"b\.jpg has other labels by 'R1' than by 'R2'"):
        formats.parse(tree)
    assert _labels(formats.parse(tree, choices={CHOICE: "majority"})) == {"a.jpg": ["x", "y"], "b.jpg": []}


@pytest.mark.parametrize(("answer", "expected"), [("mean", 2.0), ("first", 1.0)])
def test_numbers_that_differ(tmp_path, answer, expected):
    """Two measurements of one picture are asked about, never the first one's silently."""
    tree = _tree(tmp_path, "image,weight", "a.jpg,1", "b.jpg,5", "a.jpg,3")
    with pytest.raises(UnsureError, match=r"a\.jpg has '1' and '3' in column 'weight'"):
        formats.parse(tree)
    parsed = formats.parse(tree, choices={CHOICE: answer})
    assert dict(zip(parsed.files, parsed.targs.ravel().tolist(), strict=True)) == {"a.jpg": expected, "b.jpg": 5}


def test_marks_that_differ(tmp_path):
    """Columns of 0 and 1 are asked about as labels are."""
    tree = _tree(tmp_path, "image,red,big", "a.jpg,0,1", "a.jpg,1,1", "b.jpg,1,0", "c.jpg,0,0")
    with pytest.raises(UnsureError, match="'red'"):
        formats.parse(tree)
    assert _labels(formats.parse(tree, choices={CHOICE: "union"}))["a.jpg"] == ["red", "big"]
    first = formats.parse(tree, choices={CHOICE: "first"})
    assert _labels(first) == {"a.jpg": ["big"], "b.jpg": ["red"], "c.jpg": []}


@pytest.mark.parametrize("name", ["landmark", "keypoint", "label", "bodypart"])
def test_a_row_a_point(tmp_path, name):
    """Rows are joined to a table of points; a point without a row is missing."""
    tree = _tree(
        tmp_path,
        f"image,{name},x,y",
        "a.jpg,nose,5,10",
        "a.jpg,tail,25,11",
        "b.jpg,tail,26,12",
        "b.jpg,nose,6,11",
        "c.jpg,nose,7,12",
    )
    parsed = formats.parse(tree)
    assert parsed.task == "keypoints" and parsed.names == ["nose", "tail"] and parsed.files == PICTURES
    np.testing.assert_array_equal(parsed.targs, [[[5, 10], [25, 11]], [[6, 11], [26, 12]], [[7, 12], [np.nan, np.nan]]])


def test_points_that_are_not_labeled(tmp_path):
    """Visibility 0 beside 2 is COCO's "not labeled"; where only 0 and 1 are there, 0 is hidden but set."""
    header = "image,landmark,x,y,visible"
    tree = _tree(tmp_path, header, "a.jpg,nose,5,10,2", "a.jpg,tail,3,3,0", "b.jpg,nose,6,11,1", "b.jpg,tail,4,4,2")
    assert np.isnan(formats.parse(tree).targs[0, 1]).all()
    tree = _tree(tmp_path, header, "a.jpg,nose,5,10,1", "a.jpg,tail,3,3,0", "b.jpg,nose,6,11,1", "b.jpg,tail,4,4,1")
    assert formats.parse(tree).targs[0, 1].tolist() == [3, 3]


def test_a_point_set_twice(tmp_path):
    """Two places of one point are asked about."""
    tree = _tree(tmp_path, "image,landmark,x,y", "a.jpg,nose,5,10", "a.jpg,nose,7,20", "b.jpg,nose,6,11")
    with pytest.raises(UnsureError, match=r"line 2 and t\.csv, line 3: a\.jpg has the point 'nose' at \(5, 10\)"):
        formats.parse(tree)
    assert formats.parse(tree, choices={CHOICE: "mean"}).targs[0, 0].tolist() == [6, 15]


def test_a_picture_in_two_splits_is_asked(tmp_path):
    """A test picture never becomes a training picture because its row there comes first."""
    tree = _tree(tmp_path, "image,label,split", "a.jpg,x,train", "b.jpg,y,test", "a.jpg,x,test")
    with pytest.raises(UnsureError, match=r"line 4: a\.jpg has the split 'test', expected 'train' as in .*line 2"):
        formats.parse(tree)


def test_unknown_answer(tmp_path):
    """An answer with a slip is refused, and so is one that does not fit the question."""
    tree = _tree(tmp_path, "image,label", "a.jpg,x", "b.jpg,y", "c.jpg,y", "a.jpg,y")
    with pytest.raises(UserError, match="several-rows is 'most': expected union, majority, first or mean"):
        formats.parse(tree, choices={CHOICE: "most"})
    with pytest.raises(UnsureError, match="several-rows is mean, expected union or majority or first"):
        formats.parse(tree, choices={CHOICE: "mean"})


def test_unite_is_told_the_roles():
    """The function takes plain data: columns that are told to be ignored neither differ nor remain."""
    cells = pd.DataFrame({"what": ["x", "y", "z"], "note": ["1", "2", "3"], "box": ["[1]", "[2]", "[3]"]}, dtype=object)
    columns = [Column(*one, "", ()) for one in (("what", "labels"), ("note", "ignore"), ("box", "box"))]
    united = unite(Rows(columns, cells, ["a.jpg", "a.jpg", None], ["1", "2", "3"]), {})
    assert united.rows == [0, 2] and united.counts == {"x": 1, "y": 1}
    assert united.cells.to_dict("list") == {"what": [f"x{LISTED}y{LISTED}", ""]}


def test_boxes_in_one_cell_are_no_labels(tmp_path):
    """Four numbers in brackets are a box, whatever their column is called."""
    rows = ['a.jpg,"[834.0, 222.0, 56.0, 36.0]"', 'a.jpg,"[1.0, 222.0, 56.0, 36.0]"', 'b.jpg,"[1.0, 2.0, 5.0, 6.0]"']
    header, kind = "image_id,region", ("ear", "leaf", "ear")
    tree = _tree(tmp_path, f"{header},class", *(f"{row},{one}" for row, one in zip(rows, kind, strict=True)))
    assert _labels(formats.parse(tree)) == {"a.jpg": ["ear", "leaf"], "b.jpg": ["ear"]}
    with pytest.raises(UserError, match=r"t\.csv"):
        formats.parse(_tree(tmp_path, f"{header},width,height", *(f"{row},64,48" for row in rows)))


def test_rows_of_objects_of_an_import_file(tmp_path):
    """AutoML: split, name, label and corners of which some are left empty."""
    lines = ["TRAIN,gs://x/a.jpg,cat", "TRAIN,gs://x/a.jpg,dog", "TEST,gs://x/b.jpg,cat", "VALIDATION,gs://x/c.jpg,cat"]
    parsed = formats.parse(_tree(tmp_path, *(f"{line},0.1,0.2,,,0.3,0.4,," for line in lines)))
    assert _labels(parsed) == {"a.jpg": ["cat", "dog"], "b.jpg": ["cat"], "c.jpg": ["cat"]}
    assert parsed.splits == ["train", "test", "valid"]
