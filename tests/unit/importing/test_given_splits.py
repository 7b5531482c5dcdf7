"""Splits given by folders, second tables, and lists are kept, and a contradiction is asked about."""

from __future__ import annotations

import pytest
from PIL import Image

from lib.importing import formats
from lib.importing.importer import import_dataset
from lib.importing.split_folders import splits_of_folders
from tests.unit.importing.sources import kinds, make_tree

LABELS = "file,label\n" + "".join(f"{i}.jpg,{'xy'[i % 2]}\n" for i in range(6))
SIX = [f"images/{i}.jpg" for i in range(6)]


def _splits(parsed) -> str:
    """Return the first letters of the splits, in the order of the files' names."""
    pairs = sorted(zip(parsed.files, parsed.splits, strict=True), key=lambda pair: pair[0].rpartition("/")[2])
    return "".join(split[0] if split != "test" else "T" for _, split in pairs)


@pytest.mark.parametrize(
    "folders",
    [
        ("train", "val", "test"),
        ("train_images", "valid_images", "test_images"),
        ("X_Training_Input", "X_Validation_Input", "X_Test_Input"),
        ("data/train2017", "data/val2017", "data/test2017"),
    ],
)
@pytest.mark.parametrize("form", ["table", "folders"])
def test_folders_above_pictures(tmp_path, folders, form):
    """Split folders say the split, of images that one table labels and of those in class folders."""
    files = [f"{folders[i // 2]}/{'' if form == 'table' else 'xy'[i % 2] + '/'}{i}.jpg" for i in range(6)]
    parsed = formats.parse(make_tree(tmp_path, files, **({"labels__csv": LABELS} if form == "table" else {})))
    assert _splits(parsed) == "ttvvTT"
    by_name = {
        file.rpartition("/")[2]: parsed.names[targ] for file, targ in zip(parsed.files, parsed.targs, strict=True)
    }
    assert by_name == {f"{i}.jpg": "xy"[i % 2] for i in range(6)}


def test_class_folders_of_split_words():
    """Folders with a word for a split in their name are classes beside others, not splits."""
    assert splits_of_folders(["bullet_train/1.jpg", "test_tube/1.jpg", "cup/1.jpg"]) == {}
    assert splits_of_folders(["cat/train/1.jpg", "cat/test/2.jpg"]) == {
        "cat/train/1.jpg": "train",
        "cat/test/2.jpg": "test",
    }


@pytest.mark.parametrize(
    "texts",
    [
        {"list_eval_partition__csv": "file,partition\n" + "".join(f"{i}.jpg,{i // 2}\n" for i in range(6))},
        {"list_eval_partition__txt": "".join(f"{i}.jpg {i // 2}\n" for i in range(6))},
        {"split__csv": "name,split\n" + "".join(f"{i},{('train', 'val', 'test')[i // 2]}\n" for i in range(6))},
        {"train__txt": "0.jpg\n1.jpg\n", "val__txt": "2.jpg\n3.jpg\n", "test__txt": "4.jpg\n5.jpg\n"},
        {f"{name}__csv": f"file\n{i}.jpg\n{i + 1}.jpg\n" for name, i in (("train", 0), ("valid", 2), ("test", 4))},
        {f"{name}__csv": "file,label\n" + "".join(LABELS.splitlines(True)[i + 1 : i + 3])
         for name, i in (("train", 0), ("val_labels", 2), ("test", 4))},
        {"splits__json": '{"train": ["0.jpg", "1.jpg"], "val": ["2.jpg", "3.jpg"], "test": ["4.jpg", "5.jpg"]}'},
    ],
    ids=["partition", "partition-text", "split-table", "text-lists", "name-tables", "parts-again", "json"],
)  # fmt: skip
def test_second_files(tmp_path, texts):
    """Lists and tables beside the labels give the splits, and are not called unused."""
    parsed = formats.parse(make_tree(tmp_path, SIX, labels__csv=LABELS, **texts))
    assert _splits(parsed) == "ttvvTT" and len(parsed.files) == 6
    assert kinds(parsed) == {"split-source": 1}


def test_tables_of_parts_are_pooled(tmp_path):
    """train_labels.csv and test_labels.csv are one table with two splits; other rows beside a test part are train."""
    lines = LABELS.splitlines(keepends=True)
    head, rows = lines[0], lines[1:]
    texts = {"train_labels__csv": head + "".join(rows[:4]), "test_labels__csv": head + "".join(rows[4:])}
    assert _splits(formats.parse(make_tree(tmp_path / "a", SIX, **texts))) == "ttttTT"
    texts = {"labels__csv": head + "".join(rows[:4]), "test__csv": head + "".join(rows[4:])}
    assert _splits(formats.parse(make_tree(tmp_path / "b", SIX, **texts))) == "ttttTT"


def test_lists_beside_class_folders(tmp_path):
    """Lists of names divide class folders; who is in no list is left out and said, or trained on if that is chosen."""
    files = [f"{'xy'[i % 2]}/{i}.jpg" for i in range(6)]
    lists = {"train__txt": "x/0.jpg\ny/1.jpg\nx/2.jpg\n", "test__txt": "y/3.jpg\nx/4.jpg\n"}
    tree = make_tree(tmp_path, files, **lists)
    parsed = formats.parse(tree)
    assert _splits(parsed) == "tttTT" and parsed.problems.examples["without-split"] == ["y/5.jpg"]
    (fix,) = parsed.fixes
    assert _splits(formats.parse(tree, choices={fix.choice: fix.value})) == "tttTTt"
    lists.pop("train__txt")
    only_test = formats.parse(make_tree(tmp_path / "t", files, **lists))
    assert _splits(only_test) == "tttTTt" and "without-split" not in kinds(only_test)


def test_numbers_of_pictures(tmp_path):
    """images.txt and train_test_split.txt, as CUB-200 has them, divide class folders."""
    files = [f"images/{'xy'[i // 3]}/{i}.jpg" for i in range(6)]
    images = "".join(f"{i + 1} {file.removeprefix('images/')}\n" for i, file in enumerate(files))
    split = "".join(f"{i + 1} {int(i % 2 == 0)}\n" for i in range(6))
    parsed = formats.parse(make_tree(tmp_path, files, images__txt=images, train_test_split__txt=split))
    assert parsed.names == ["x", "y"] and _splits(parsed) == "tTtTtT"


def test_folds_are_no_labels(tmp_path):
    """A table of folds is never what is learned while another one has labels."""
    folds = "file,fold\n" + "".join(f"{i}.jpg,{i % 3}\n" for i in range(6))
    parsed = formats.parse(make_tree(tmp_path, SIX, folds__csv=folds, labels__csv=LABELS))
    assert parsed.names == ["x", "y"] and kinds(parsed) == {"unused-file": 1}


def test_contradicting_splits_are_asked(tmp_path):
    """What the folders call test and a list train is held back and asked, safe answer first; train may be divided."""
    files = [f"{'test' if i > 3 else 'train'}/{i}.jpg" for i in range(6)]
    table = "file,label\n" + "".join(f"{i}.jpg,{'xy'[i % 2]}\n" for i in range(6))
    listed = "file,split\n" + "".join(f"{i}.jpg,{'valid' if i == 1 else 'train'}\n" for i in range(6))
    tree = make_tree(tmp_path, files, labels__csv=table, parts__csv=listed)
    parsed = formats.parse(tree)
    assert _splits(parsed) == "tvttTT"
    assert [(fix.value, fix.safe, fix.blocks) for fix in parsed.fixes] == [
        ("careful", True, True),
        ("lists", False, True),
        ("folders", False, True),
    ]
    assert "2 images have two splits, such as test/4.jpg" in parsed.fixes[0].question
    assert _splits(formats.parse(tree, choices={"split-source": "lists"})) == "tvtttt"
    assert _splits(formats.parse(tree, choices={"split-source": "folders"})) == "ttttTT"
    assert formats.parse(tree, choices={"split-source": "careful"}).fixes == []


def test_a_column_of_splits_beats_folders_and_says_so(tmp_path):
    """A column that gives each row its split is taken; images in folders of other splits are named, answers offered."""
    files = [f"{'test' if i > 3 else 'train'}/{i}.jpg" for i in range(6)]
    column = "file,label,split\n" + "".join(
        f"{i}.jpg,{'xy'[i % 2]},{'valid' if i == 1 else 'train'}\n" for i in range(6)
    )
    tree = make_tree(tmp_path, files, labels__csv=column)
    parsed = formats.parse(tree)
    assert _splits(parsed) == "tvtttt"
    assert parsed.problems.examples["split-folder"] == [
        "test/4.jpg: train by its row, test by its folder",
        "test/5.jpg: train by its row, test by its folder",
    ]
    assert [(fix.kind, fix.value) for fix in parsed.fixes] == [("split-folder", "careful"), ("split-folder", "folders")]
    assert _splits(formats.parse(tree, choices={"split-source": "careful"})) == "tvttTT"
    assert _splits(formats.parse(tree, choices={"split-source": "folders"})) == "ttttTT"


def test_a_test_part_stays_test(tmp_path, workspace):
    """With train and test but no valid, valid is drawn from train alone."""
    for i in range(20):
        picture = tmp_path / f"d/{'test' if i > 14 else 'train'}/{i}.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (i * 9, 0, 0)).save(picture)
    rows = "".join(f"{i}.png,{'xy'[i % 2]}\n" for i in range(20))
    (tmp_path / "d/labels.csv").write_text("file,label\n" + rows)
    report = import_dataset(workspace, tmp_path / "d", name="d")
    assert report.splits == {"train": 12, "valid": 3, "test": 5}
