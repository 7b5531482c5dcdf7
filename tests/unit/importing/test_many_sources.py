"""Forms found in published datasets and spreadsheets are read right, or asked about; nothing is lost silently."""

from __future__ import annotations

import ast
import importlib
import json
import re
from pathlib import Path

import pytest

import lib.importing
from lib.core.errors import UserError
from lib.importing import answers, formats, series
from lib.importing.options import Options
from lib.importing.parsed import UnsureError
from tests.unit.importing.sources import EIGHT, kinds, make_tree, table_of_eight


def test_a_row_an_object_with_flags(tmp_path):
    """Names without an ending repeat; what is said of each object beside its class and corners is no label."""
    head = "ImageID,LabelName,XMin,XMax,YMin,YMax,IsOccluded,IsGroupOf,track\n"
    rows = (
        "a1,cat,.1,.4,.2,.7,0,0,t1\na1,dog,.5,.9,.2,.7,1,0,t2\nb2,dog,.5,.9,.2,.7,0,1,t2\nc3,cat,.1,.2,.3,.4,0,0,t3\n"
    )
    tree = make_tree(tmp_path, ["train/a1.jpg", "train/b2.jpg", "train/c3.jpg"], train_bbox__csv=head + rows)
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names, parsed.targs.tolist()) == (
        "multi-label",
        ["cat", "dog"],
        [[1, 1], [0, 1], [1, 0]],
    )
    assert parsed.groups is None


def test_ids_that_repeat_and_a_corner_of_words(tmp_path):
    """A column of ids under another name, one row an object, is that of the images; corners may be spelled out."""
    corners = "Upper left corner X,Upper left corner Y,Lower right corner X,Lower right corner Y"
    rows = "s1,stop,1,2,3,4\ns1,yield,1,2,3,4\ns2,stop,1,2,3,4\n"
    tree = make_tree(tmp_path, ["p/s1.png", "p/s2.png"], signs__csv=f"scanKey,Annotation tag,{corners}\n{rows}")
    parsed = formats.parse(tree)
    assert (parsed.names, parsed.targs.tolist()) == (["stop", "yield"], [[1, 1], [1, 0]])
    assert {column.role for column in parsed.columns} == {"file", "labels", "box"}


def test_boxes_do_not_hide_points(tmp_path):
    """Of a table of boxes and one of points as large, the points are read, the other is one click away."""
    texts = {
        "list_bbox__csv": table_of_eight(*[[5] * 8] * 4, head="image_id,x_1,y_1,width,height"),
        "list_points__csv": table_of_eight(*[range(1, 9)] * 4, head="image_id,nose_x,nose_y,chin_x,chin_y"),
    }
    parsed = formats.parse(make_tree(tmp_path, EIGHT, **texts))
    assert parsed.names == ["nose", "chin"] and kinds(parsed)["other-table"] == 1


def test_a_second_column_of_images(tmp_path):
    """Images that a second column names are asked about; masks in one are not."""
    left, right, masks = ([f"{side}/{i}.jpg" for i in range(4)] for side in ("left", "right", "masks"))
    rows = "".join(f"{a},{b},{c},{'xy'[i % 2]}\n" for i, (a, b, c) in enumerate(zip(left, right, masks, strict=True)))
    tree = make_tree(tmp_path, [*left, *right, *masks], t__csv="left,right,mask,label\n" + rows)
    parsed = formats.parse(tree)
    fixes = [fix for fix in parsed.fixes if fix.value == "file"]
    assert parsed.files == left and [fix.choice for fix in fixes] == ["column right"]
    assert formats.parse(tree, choices={fixes[0].choice: fixes[0].value}).files == right


def test_masks_beside_pictures(tmp_path):
    """Masks in the folders of classes are never silently images of the class."""
    files = [f"{label}/{label} ({i}){mask}.png" for label in ("ok", "bad") for i in (1, 2) for mask in ("", "_mask")]
    tree = make_tree(tmp_path, files)
    with pytest.raises(UnsureError, match="4 images seem to be masks of others") as question:
        formats.parse(tree)
    without, keep = (formats.parse(tree, choices={fix.choice: fix.value}) for fix in question.value.fixes)
    assert sorted(without.files) == sorted(file for file in files if "mask" not in file) and len(keep.files) == 8
    with pytest.raises(UserError, match="The choice masks is"):
        formats.parse(tree, choices={"masks": "all"})


def test_a_file_beside_each_picture(tmp_path):
    """Folders of one picture and a JSON that nobody read are no classes without a word."""
    texts = {f"tile{i}___about__json": json.dumps({"labels": ["wood"], "date": "2017"}) for i in range(3)}
    with pytest.raises(UnsureError, match="files of their own"):
        formats.parse(make_tree(tmp_path, [f"tile{i}/B04.png" for i in range(3)], **texts))


def test_a_table_of_test_images_beside_class_folders(tmp_path):
    """Training images in class folders and a table of those in test/ are one dataset; test/ is not trained on."""
    train = [f"train/{label}/{i}.jpg" for label in "xy" for i in range(3)]
    test = [f"test/t{i}.jpg" for i in range(4)]
    rows = "".join(f"t{i}.jpg,{'xy'[i % 2]}\n" for i in range(4))
    parsed = formats.parse(make_tree(tmp_path / "a", [*train, *test], test_labels__csv="file,label\n" + rows))
    by_file = {file: (parsed.names[targ], split) for file, targ, split in zip(
        parsed.files, parsed.targs, parsed.splits or [], strict=True)}  # fmt: skip
    assert by_file == {file: (file.split("/")[1], "train") for file in train} | {
        file: ("xy"[i % 2], "test") for i, file in enumerate(test)
    }
    other = make_tree(tmp_path / "b", [*train, *test], test_labels__csv="file,label\n" + rows.replace("x", "z"))
    with pytest.raises(UnsureError, match="which are other names") as question:
        formats.parse(other)
    (alone,) = question.value.fixes
    assert formats.parse(other, choices={alone.choice: alone.value}).names == ["y", "z"]


def test_numbers_that_stand_for_missing_ones(tmp_path):
    """-999 among numbers that are not below zero is no number, and it is asked; -1 is asked about and stays."""
    numbers = [10, 20, 30, -999, 15, 25, 5, 0]
    tree = make_tree(tmp_path / "a", EIGHT, t__csv=table_of_eight(numbers, head="file,grams"))
    parsed = formats.parse(tree)
    assert parsed.targs[:, 0].tolist() == [10, 20, 30, 15, 25, 5, 0] and kinds(parsed)["missing-value"] == 1
    (fix,) = parsed.fixes
    assert formats.parse(tree, choices={fix.choice: fix.value}).targs[3, 0] == -999
    low = formats.parse(
        make_tree(tmp_path / "b", EIGHT, t__csv=table_of_eight([-999, *numbers[:2], -3, 5, 6, 7, 8], head="file,c"))
    )
    assert len(low.files) == 8 and not low.fixes
    minus = formats.parse(
        make_tree(tmp_path / "c", EIGHT, t__csv=table_of_eight([-1, 2.5, 3, 4, 5, 6, 7, 8], head="file,c"))
    )
    assert len(minus.files) == 8 and [fix.value for fix in minus.fixes] == ["missing"]


def test_units(tmp_path):
    """Percent signs and units are no part of a number; cells of a column of labels keep them."""
    covers = table_of_eight([f"{i * 7},5 %" for i in range(8)], head="file;cover").replace(".jpg,", ".jpg;")
    percent = formats.parse(make_tree(tmp_path / "a", EIGHT, t__csv=covers))
    assert percent.names == ["cover"] and percent.targs[:, 0].tolist() == [i * 7 + 0.5 for i in range(8)]
    assert kinds(percent)["units"] == 1
    cells = [[f"{i + k} px" for i in range(8)] for k in range(4)]
    points = formats.parse(make_tree(tmp_path / "b", EIGHT, t__csv=table_of_eight(*cells, head="file,a_x,a_y,b_x,b_y")))
    assert points.names == ["a", "b"] and points.targs[0].tolist() == [[0, 1], [2, 3]]
    labels = formats.parse(
        make_tree(tmp_path / "c", EIGHT, t__csv=table_of_eight(["5 %", "9 %"] * 4, head="file,class"))
    )
    assert labels.names == ["5 %", "9 %"]


def test_names_in_a_json_of_numbers(tmp_path):
    """Class numbers have the names that their own file lists; a map of class numbers names no picture."""
    text = json.dumps({"classes": ["cat", "dog"], "labels": {"p0": 0, "p1": 1, "p2": 0, "p3": 1}})
    parsed = formats.parse(make_tree(tmp_path / "a", [f"data/p{i}.jpg" for i in range(4)], labels__json=text))
    assert parsed.names == ["cat", "dog"] and parsed.targs.tolist() == [0, 1, 0, 1]
    files = [f"{label}/{i}.jpg" for i, label in enumerate(["a", "b", "a", "b"])]
    by_folder = formats.parse(make_tree(tmp_path / "b", files, class_map__json='{"0": "cat", "1": "dog"}'))
    assert by_folder.names == ["a", "b"]


def test_names_of_uploads(tmp_path):
    """A CSV of Label Studio names pictures by what uploading made of them."""
    rows = "".join(f"/data/upload/1/ab12cd3{i}-p{i}.jpg,{'xy'[i % 2]}\n" for i in range(4))
    parsed = formats.parse(make_tree(tmp_path, [f"images/p{i}.jpg" for i in range(4)], t__csv="image,choice\n" + rows))
    assert parsed.files == [f"images/p{i}.jpg" for i in range(4)] and parsed.targs.tolist() == [0, 1, 0, 1]


def test_frames_of_a_few_videos(tmp_path):
    """Frames are asked about even where each video has few of them."""
    files = [f"frames/vid0{video}_frame00{frame}.jpg" for video in range(3) for frame in range(4)]
    rows = "".join(f"{file.rpartition('/')[2]},{'xy'[i % 2]}\n" for i, file in enumerate(files))
    parsed = formats.parse(make_tree(tmp_path, files, t__csv="frame,label\n" + rows))
    (safe, _) = series.questions(parsed, Options("name"))
    assert safe.safe and "3 series" in safe.question


@pytest.mark.parametrize(
    ("pictures", "texts", "words"),
    [
        ([f"image_2/{i}.png" for i in range(3)], {
            f"label_2___{i}__txt": "Car 0 0 1.5 5 5 20 20 1 1 3 2 1 46 1\n" for i in range(3)}, "KITTI"),
        ([f"faces/{i}_1_0_2017.jpg" for i in range(3)], {}, r"label-pattern='\(\.\*\)_'"),
    ],
)  # fmt: skip
def test_refusals_say_what_it_is(tmp_path, pictures, texts, words):
    """Labels of a benchmark, and classes in names, are named by the refusal."""
    with pytest.raises(UserError) as caught:
        formats.parse(make_tree(tmp_path, pictures, **texts))
    assert re.search(words, f"{caught.value} {caught.value.flags}")


def test_every_answer_is_taken():
    """No button offers an answer that the import then refuses as unknown."""
    root = Path(lib.importing.__file__).parent
    offered = {}
    for path in root.rglob("*.py"):
        parts = path.relative_to(root.parent.parent).with_suffix("").parts
        module = importlib.import_module(".".join(part for part in parts if part != "__init__"))
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        for call in calls:
            third = call.args[2] if getattr(call.func, "id", "") == "Fix" and len(call.args) > 2 else None
            if isinstance(third, ast.Name) and third.id.isupper():
                offered[getattr(module, third.id)] = path.name
    assert len(offered) > 20
    assert not {name: file for name, file in offered.items() if name not in answers.NAMES and name != "column "}


def test_lists_of_numbers_in_cells(tmp_path):
    """A cell that lists the points of an image is read as these; other lists of numbers are never labels."""
    for name, cells in (
        ("brackets", [f"'[[5, 10], [15, {11 + i}]]'".replace("'", '"') for i in range(8)]),
        ("spaces", [f"5 10 15 {11 + i}" for i in range(8)]),
    ):
        parsed = formats.parse(make_tree(tmp_path / name, EIGHT, t__csv=table_of_eight(cells, head="file,landmarks")))
        assert parsed.task == "keypoints" and parsed.targs[3].tolist() == [[5, 10], [15, 14]]
        assert kinds(parsed)["point-lists"] == 1
    outlines = [f"1 2 3 {i} 5 6" for i in range(8)]
    with pytest.raises(UnsureError, match="'outline'"):
        formats.parse(make_tree(tmp_path / "other", EIGHT, t__csv=table_of_eight(outlines, head="file,outline")))


def test_boxes_without_a_class(tmp_path):
    """Where there are corners and no class, the origin of the image is not silently what is learned."""
    rows = "".join(f'{i // 2}.jpg,"[{5 + i}, 5.0, 9.0, 9.0]",s{i // 2 % 2}\n' for i in range(8))
    with pytest.raises(UnsureError, match="none of the columns"):
        formats.parse(make_tree(tmp_path, EIGHT, t__csv="image_id,bbox,source\n" + rows))


def test_families_of_plants(tmp_path):
    """A family beside a species is no household whose images belong together."""
    kinds_of = [["Fagaceae", "Oleaceae"] * 4, ["Quercus", "Fraxinus"] * 4, ["Q. robur", "F. excelsior"] * 4]
    parsed = formats.parse(
        make_tree(tmp_path, EIGHT, t__csv=table_of_eight(*kinds_of, head="file,family,genus,species"))
    )
    assert parsed.names == ["F. excelsior", "Q. robur"] and parsed.groups is None


def test_folders_that_are_no_classes(tmp_path):
    """Unlabeled images are left out and said; results beside a folder of classes are asked about."""
    files = [f"{label}/{label}{i}.jpg" for label in ("a", "b", "unlabeled") for i in range(3)]
    parsed = formats.parse(make_tree(tmp_path / "u", files))
    assert parsed.names == ["a", "b"] and kinds(parsed)["image-without-row"] == 3
    assert [fix.value for fix in parsed.fixes if fix.kind == "image-without-row"] == ["outer"]
    inside = [f"data/{label}/{label}{i}.jpg" for label in ("a", "b") for i in range(4)]
    with pytest.raises(UnsureError, match="folders inside of folders"):
        formats.parse(make_tree(tmp_path / "r", [*inside, "results/loss.png", "results/matrix.png"]))


def test_running_numbers_of_classes(tmp_path):
    """Pictures that are numbered anew in each class, in two parts, are not taken for pairs."""
    files = [f"{label}/{i}_100.jpg" for label in ("apple", "plum") for i in range(4)]
    assert formats.parse(make_tree(tmp_path, files)).names == ["apple", "plum"]
