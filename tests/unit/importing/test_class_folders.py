"""Folders are treated as classes only where that is plausible."""

from __future__ import annotations

import pytest

from lib.core.errors import UserError
from lib.importing import formats
from lib.importing.parsed import UnsureError
from tests.unit.importing.sources import make_tree


@pytest.mark.parametrize(
    "folders", [("images", "masks"), ("JPEGImages", "SegmentationClass"), ("img", "labels"), ("left", "right")]
)
def test_pictures_and_what_explains_them(tmp_path, folders):
    """Pictures and their masks, or two views, are refused by the folders' names."""
    files = [f"{folder}/{i}.png" for folder in folders for i in range(4)]
    with pytest.raises(UserError, match=rf"{folders[0]}/, {folders[1]}/.*not classes"):
        formats.parse(make_tree(tmp_path, files))


def test_flat_parts_are_no_classes(tmp_path):
    """train/ and test1/ with nothing below them are parts, not classes."""
    with pytest.raises(UserError, match="nothing that labels them"):
        formats.parse(make_tree(tmp_path, ["train/cat.0.jpg", "train/dog.0.jpg", "test1/1.jpg", "test1/2.jpg"]))


def test_equal_names_are_asked(tmp_path):
    """Folders of equal, telling names may be pairs: refused until said; running numbers are asked beside the import."""
    telling = make_tree(tmp_path / "t", [f"{folder}/{name}.jpg" for folder in "ab" for name in ("oak", "elm", "fir")])
    with pytest.raises(UnsureError, match="a/, b/") as refusal:
        formats.parse(telling)
    answer = refusal.value.fixes[0]
    assert formats.parse(telling, choices={answer.choice: answer.value}).names == ["a", "b"]
    running = formats.parse(make_tree(tmp_path / "r", [f"{folder}/{i}.jpg" for folder in "ab" for i in range(3)]))
    assert running.names == ["a", "b"] and "of the same names" in running.fixes[0].question


def test_masks_of_a_class(tmp_path):
    """A folder of masks beside a class of equal names is asked about; faces with and without masks are classes."""
    files = [f"{folder}/{i}.png" for folder in ("cat", "cat_mask", "dog") for i in range(3)]
    with pytest.raises(UnsureError, match="cat_mask/, cat/"):
        formats.parse(make_tree(tmp_path / "a", files))
    faces = [f"{folder}/{folder}{i}.png" for folder in ("with_mask", "without_mask") for i in range(3)]
    assert formats.parse(make_tree(tmp_path / "b", faces)).names == ["with_mask", "without_mask"]


def test_folders_in_folders(tmp_path):
    """Species and breed are asked; each answer gives its classes."""
    files = [f"{two}/{two[-1]}{i}.jpg" for two in ("cat/maine", "cat/siam", "dog/lab", "dog/pug") for i in range(2)]
    tree = make_tree(tmp_path, files)
    with pytest.raises(UnsureError, match="cat/maine, cat/siam") as refusal:
        formats.parse(tree)
    read = {fix.value: formats.parse(tree, choices={fix.choice: fix.value}) for fix in refusal.value.fixes}
    assert {value: parsed.names for value, parsed in read.items()} == {
        "outer": ["cat", "dog"],
        "inner": ["lab", "maine", "pug", "siam"],
        "both": ["cat", "dog", "lab", "maine", "pug", "siam"],
    }
    assert read["both"].task == "multi-label" and read["both"].targs.sum(axis=0).tolist() == [4, 4, 2, 2, 2, 2]


def test_repeated_inner_folders(tmp_path):
    """A folder's name that occurs in several classes says its class as well."""
    files = [f"{a}/{b}/{a}{b}{i}.jpg" for a in ("cat", "dog") for b in ("day", "night") for i in range(2)]
    parsed = formats.parse(make_tree(tmp_path, files), choices={"class-folder": "inner"})
    assert parsed.names == ["cat/day", "cat/night", "dog/day", "dog/night"]


def test_pictures_nobody_labeled_beside_parts(tmp_path):
    """seg_train/seg_train/, seg_test/seg_test/ are parts of two classes; seg_pred/ is left out and said."""
    files = [f"seg_{part}/seg_{part}/{name}/{part}{name}{i}.jpg"
             for part in ("train", "test") for name in ("sea", "wood") for i in range(2)]  # fmt: skip
    parsed = formats.parse(make_tree(tmp_path, [*files, "seg_pred/seg_pred/0.jpg"]))
    assert parsed.names == ["sea", "wood"] and parsed.splits == ["test"] * 4 + ["train"] * 4
    assert parsed.problems.examples == {"image-without-row": ["seg_pred/seg_pred/0.jpg"]}


def test_a_file_nobody_read(tmp_path):
    """A file that names the pictures and that no reader knows is asked about; notes and lists of names are not."""
    files = [f"{folder}/{folder}{i}.jpg" for folder in ("site1", "site2") for i in range(3)]
    marks = '<odd><one file="site10.jpg" kind="3"/><one file="site11.jpg" kind="4"/></odd>'
    tree = make_tree(tmp_path / "a", files, marks__xml=marks)
    with pytest.raises(UnsureError, match=r"marks\.xml names images") as refusal:
        formats.parse(tree)
    answer = refusal.value.fixes[0]
    assert formats.parse(tree, choices={answer.choice: answer.value}).names == ["site1", "site2"]
    plain = make_tree(tmp_path / "b", files, readme__txt="Three images of each site.\n", all__txt="\n".join(files))
    assert formats.parse(plain).names == ["site1", "site2"]
