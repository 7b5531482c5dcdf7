"""Splits and groups are read right, or asked about, in whatever form published datasets have them."""

from __future__ import annotations

import json

import pytest

from lib.core.splits import split_of
from lib.importing import formats
from lib.importing.parsed import UnsureError
from tests.unit.importing.sources import EIGHT, kinds, make_tree, table_of_eight, two_labels


@pytest.mark.parametrize(
    ("name", "train", "test"),
    [
        ("in_test_set", "no", "yes"),
        ("UsedForTraining", "1", "0"),
        ("part", "tr", "te"),
        ("role", "learning set", "test set"),
        ("split_id", "0", "2"),
        ("Subset", "Trainingsdaten", "Testdaten"),
    ],
)
def test_columns_of_splits(tmp_path, name, train, test):
    """A column that says in usual words which images are for testing is the split, whatever it is called."""
    text = table_of_eight(two_labels(), [train] * 6 + [test] * 2, head=f"image,label,{name}")
    parsed = formats.parse(make_tree(tmp_path, EIGHT, t__csv=text))
    assert parsed.names == ["x", "y"] and parsed.splits == ["train"] * 6 + ["test"] * 2


def test_words_that_are_no_splits():
    """A flag of another kind of test, and a class called after a vehicle, stay what they are."""
    assert split_of("train station") is None and split_of("te") == "test"


def test_a_flag_of_a_service(tmp_path):
    """A column with the word test and another meaning is neither a split nor silently the only label."""
    flags, who = ["True", "False"] * 4, ["Male", "Female"] * 4
    with pytest.raises(UnsureError, match="'service_test', 'gender'"):
        formats.parse(make_tree(tmp_path, EIGHT, t__csv=table_of_eight(who, flags, head="file,gender,service_test")))


def test_a_split_column_in_unknown_words(tmp_path):
    """Parts that nobody understands are asked about before the import, the answer that leaks nothing first."""
    text = table_of_eight(two_labels(), ["A"] * 6 + ["B"] * 2, head="image,label,subset")
    tree = make_tree(tmp_path, EIGHT, t__csv=text)
    parsed = formats.parse(tree)
    safe, other = [fix for fix in parsed.fixes if fix.choice == "column subset"]
    assert safe.safe and safe.blocks and other.blocks and "'A'" in safe.question
    assert parsed.groups == ["A"] * 6 + ["B"] * 2
    assert formats.parse(tree, choices={other.choice: other.value}).groups is None


def test_folds_give_way_to_given_splits(tmp_path):
    """Folds of a cross-validation never move a picture of test/ into training; without such a folder they are kept."""
    files = [f"{'test' if i > 5 else 'train'}/{i}.jpg" for i in range(8)]
    rows = "".join(f"{file},{i % 3},{'xy'[i % 2]}\n" for i, file in enumerate(files))
    parsed = formats.parse(make_tree(tmp_path / "given", files, t__csv="file,fold,target\n" + rows))
    assert sorted(zip(parsed.files, parsed.splits or [], strict=True))[0] == ("test/6.jpg", "test")
    assert parsed.groups is None and kinds(parsed)["unused-column"] == 1
    assert [column.role for column in parsed.columns if column.name == "fold"] == ["ignore"]
    plain = formats.parse(
        make_tree(
            tmp_path / "plain", EIGHT, t__csv=table_of_eight([0, 1, 2, 0] * 2, two_labels(), head="a,fold,target")
        )
    )
    assert plain.groups == ["0", "1", "2", "0"] * 2


def test_split_lists_in_json(tmp_path):
    """A train.json and a test.json beside class folders, of lists of names by class, are the splits."""
    files = [f"images/{label}/{i}.jpg" for label in ("pie", "ramen") for i in (1, 2, 3)]
    train = {label: [f"{label}/1", f"{label}/2"] for label in ("pie", "ramen")}
    test = {label: [f"{label}/3"] for label in ("pie", "ramen")}
    texts = {"meta___train__json": json.dumps(train), "meta___test__json": json.dumps(test)}
    parsed = formats.parse(make_tree(tmp_path, files, **texts))
    splits = dict(zip(parsed.files, parsed.splits or [], strict=True))
    assert splits == {file: "test" if file.endswith("3.jpg") else "train" for file in files}


def test_groups_of_a_second_table(tmp_path):
    """Whose the images are is kept where a second table says so."""
    texts = {
        "labels__csv": table_of_eight(two_labels(), head="image,label"),
        "people__csv": table_of_eight([f"p{i // 2}" for i in range(8)], range(40, 48), head="image,patient_id,age"),
    }
    parsed = formats.parse(make_tree(tmp_path, EIGHT, **texts))
    assert parsed.groups == [f"p{i // 2}" for i in range(8)] and kinds(parsed)["group-column"] == 1


def test_a_question_is_not_lost_by_the_name_of_a_table(tmp_path):
    """A train.csv that has to be asked about is asked about, and no list of splits."""
    text = table_of_eight(["red", "blue"] * 4, [i + 0.5 for i in range(8)], head="image,colour,length")
    with pytest.raises(UnsureError, match="'colour', 'length'"):
        formats.parse(make_tree(tmp_path, EIGHT, train__csv=text))
