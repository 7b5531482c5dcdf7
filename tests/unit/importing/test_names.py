"""A name in a table finds its image, and never another one."""

from __future__ import annotations

import unicodedata

import pytest

from lib.importing import formats
from tests.unit.importing.sources import kinds, make_tree

TREE = ["train/a.jpg", "train/b c.jpg", "valid/a.jpg", "imgs/x/1.jpg", "imgs/y/1.jpg", "only/d.jpg", "caf\u00e9.png"]


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("set-small/train/a.jpg", "train/a.jpg"),
        ("/home/u/imgs/x/1.jpg", "imgs/x/1.jpg"),
        ("y/1.jpg", "imgs/y/1.jpg"),
        ("C:\\data\\imgs\\y\\1.jpg", "imgs/y/1.jpg"),
        ("https://host/o/valid%2Fa.jpg?alt=media&x=1", "valid/a.jpg"),
        ("gs://bucket/only/d.jpg", "only/d.jpg"),
        ("/mnt/elsewhere/d.jpg", "only/d.jpg"),
        ("b%20c.jpg", "train/b c.jpg"),
        ("b_c", "train/b c.jpg"),
        (unicodedata.normalize("NFD", "caf\u00e9.png"), "caf\u00e9.png"),
        ("test/a.jpg", None),
        ("z/1.jpg", None),
        ("a.jpg", None),
        ("x/d.jpg", None),
        ("valid/d.jpg", None),
        ("masks/d.jpg", None),
        ("other/d.jpg", None),
        ("1.jpg", None),
    ],
)
def test_longest_ending(tmp_path, name, picture):
    """The picture that shares the longest ending is meant, unless a folder contradicts or several are as good."""
    assert make_tree(tmp_path, TREE).find(name) == picture


def test_many_pictures_of_one_name(tmp_path):
    """Folders tell apart what is called the same in each of very many."""
    tree = make_tree(tmp_path, [f"s{i}/image.jpg" for i in range(40)])
    assert tree.find("/data/v2/s17/image.jpg") == "s17/image.jpg" and tree.find("s17/image") == "s17/image.jpg"
    assert tree.find("image.jpg") is None and tree.find("/data/s99/image.jpg") is None


def test_rows_of_a_part_that_is_missing(tmp_path):
    """Rows of test/ without pictures never take those of the same name in train/."""
    rows = "path,label\n" + "".join(f"{part}/{i}.jpg,{part}{i % 2}\n" for part in ("test", "train") for i in range(3))
    parsed = formats.parse(make_tree(tmp_path, [f"train/{i}.jpg" for i in range(3)], labels__csv=rows))
    assert [parsed.names[i] for i in parsed.targs] == ["train0", "train1", "train0"]
    assert kinds(parsed)["row-without-image"] == 3


def test_a_table_of_another_part(tmp_path):
    """test.csv names no picture of train/, whatever that is called; its rows are said to be without images."""
    rows = {name: "file,label\n" + "".join(f"{i}.jpg,{name}{i}\n" for i in range(3)) for name in ("test", "train")}
    files = [f"train/{i}.jpg" for i in range(3)]
    parsed = formats.parse(make_tree(tmp_path, files, test__csv=rows["test"], train__csv=rows["train"]))
    assert [parsed.names[i] for i in parsed.targs] == ["train0", "train1", "train2"]
    assert kinds(parsed) == {"row-without-image": 3}


def test_lost_zeros(tmp_path):
    """Numbers whose zeros a spreadsheet took find their pictures, and are said; not where widths differ."""
    rows = "id,label\n" + "".join(f"{i},{'xy'[i % 2]}\n" for i in range(1, 5))
    parsed = formats.parse(make_tree(tmp_path / "a", [f"{i:05d}.png" for i in range(1, 5)], labels__csv=rows))
    assert [parsed.names[i] for i in parsed.targs] == ["y", "x", "y", "x"] and kinds(parsed) == {"name-by-ending": 4}
    tree = make_tree(tmp_path / "b", ["001.png", "01.png", "0002.png"])
    assert [tree.find_number(name) for name in ("1", "2", "x")] == [None, None, None]


def test_two_names_of_one_picture(tmp_path):
    """Two different names that only resemble one picture label it with neither."""
    rows = "path,label\n/m/cat/1.jpg,cat\n/m/dog/1.jpg,dog\n/m/dog/2.jpg,dog\n/m/cat/3.jpg,cat\n"
    parsed = formats.parse(make_tree(tmp_path, ["images/1.jpg", "images/2.jpg", "images/3.jpg"], labels__csv=rows))
    assert parsed.files == ["images/2.jpg", "images/3.jpg"]
    assert kinds(parsed) == {"row-without-image": 2, "image-without-row": 1, "name-by-ending": 2}
