"""Text files with one line per image are read as their authors meant them, and no other text is taken for one."""

from __future__ import annotations

import itertools

import pytest

from lib.core.errors import UserError
from lib.importing import answers, formats
from lib.importing.formats.lists import class_lists, point_lists, text_lists
from lib.importing.parsed import UnsureError
from tests.unit.importing.sources import kinds, make_tree

FACES = [f"img_align/{number:06d}.jpg" for number in (1, 2, 3)]
ATTRIBUTES = "3\nSmiling Young Hat\n000001.jpg -1  1 -1\n000002.jpg  1 -1 -1\n000003.jpg  1  1  1\n"
LANDMARKS = "3\nnose_x nose_y eye_x eye_y\n000001.jpg  5 6  7 8\n000002.jpg  9 1 2 3\n000003.jpg  4 4 6 -1\n"


def labels(parsed):
    """Return the class of each picture, by its bare name."""
    names = [parsed.names[label] for label in parsed.targs]
    return {file.rsplit("/", 1)[-1]: name for file, name in zip(parsed.files, names, strict=True)}


def splits(parsed):
    """Return the split of each picture, by its bare name."""
    return {file.rsplit("/", 1)[-1]: split for file, split in zip(parsed.files, parsed.splits, strict=True)}


def test_celeba_as_published(tmp_path):
    """A count, names, -1 and 1; splits are 0, 1, 2 of a second file, persons of a third; points by the task."""
    texts = {
        "list_attr_celeba__txt": ATTRIBUTES,
        "list_landmarks_align_celeba__txt": LANDMARKS,
        "list_eval_partition__txt": "000001.jpg 0\n000002.jpg 1\n000003.jpg 2\n",
        "identity_CelebA__txt": "000001.jpg 2880\n000002.jpg 17\n000003.jpg 2880\n",
        "list_bbox_celeba__txt": "3\nimage_id x_1 y_1 width height\n"
        + "".join(f"{n:06d}.jpg 1 2 30 40\n" for n in (1, 2, 3)),
    }
    tree = make_tree(tmp_path, FACES, **texts)
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names) == ("multi-label", ["Smiling", "Young", "Hat"])
    assert parsed.targs.tolist() == [[0, 1, 0], [1, 0, 0], [1, 1, 1]]
    assert (parsed.splits, parsed.groups) == (["train", "valid", "test"], ["2880", "17", "2880"])
    assert kinds(parsed) == {"unused-file": 2}
    points = formats.parse(tree, "keypoints")
    assert (points.task, points.names) == ("keypoints", ["nose", "eye"])
    assert points.targs.tolist() == [[[5, 6], [7, 8]], [[9, 1], [2, 3]], [[4, 4], [6, -1]]]
    assert points.splits == ["train", "valid", "test"]


def test_a_list_that_was_cut_off_is_noted(tmp_path):
    """The first line says how many lines follow: fewer are said, and none is lost without a word."""
    cut = ATTRIBUTES.replace("000003.jpg  1  1  1\n", "000003.jpg  1\n").replace("3\n", "9\n", 1)
    parsed = formats.parse(make_tree(tmp_path, FACES, list_attr_celeba__txt=cut))
    assert parsed.files == FACES[:2] and kinds(parsed) == {"missing-value": 1, "other-count": 1}
    assert parsed.problems.examples["other-count"] == ["list_attr_celeba.txt: 3 lines where line 1 says 9"]


def test_pictures_without_a_split_are_left_out_aloud(tmp_path):
    """A picture that the list of splits does not name is neither taught nor tested."""
    tree = make_tree(
        tmp_path, FACES, list_attr_celeba__txt=ATTRIBUTES, list_eval_partition__txt="000001.jpg 0\n000002.jpg 2\n"
    )
    parsed = formats.parse(tree)
    assert splits(parsed) == {"000001.jpg": "train", "000002.jpg": "test"} and kinds(parsed) == {"without-split": 1}


@pytest.mark.parametrize(
    ("header", "rows"),
    [("file\tbreed", "a.jpg\tgreat dane\nb.jpg\tpug\n"), ("file breed", "a.jpg great dane\nb.jpg pug\n")],
)
def test_a_table_that_is_called_txt(tmp_path, header, rows):
    """Columns apart by tabs or spaces are a table; the words of its only column are one label."""
    parsed = formats.parse(make_tree(tmp_path, ["a.jpg", "b.jpg"], data__txt=f"{header}\n{rows}"), "single-label")
    assert labels(parsed) == {"a.jpg": "great dane", "b.jpg": "pug"}


CLASSES = {"number": ("0", "1"), "name": ("cat", "dog"), "id": ("n02", "n01")}


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        *itertools.product(CLASSES, ["{name} {label}", "{name}\t{label}", "{name},{label}"]),
        ("number", "{label} {name}"),
    ],
)
def test_paths_and_classes(tmp_path, kind, shape):
    """A path and a class a line, in each usual shape; the list's name says the split, a second file the names."""
    cat, dog = CLASSES[kind]
    rows = [("images/my cat 1.jpg", cat), ("images/b.jpg", dog), ("images/c.jpg", cat), ("images/d.jpg", dog)]
    lines = [shape.format(name=name, label=label) + "\n" for name, label in rows]
    named = {"id": "n01 dog\nn02 cat\n", "number": "cat\ndog\n", "name": ""}[kind]
    extra = {"synset_words__txt" if kind == "id" else "classes__txt": named} if named else {}
    tree = make_tree(
        tmp_path, [name for name, _ in rows], train__txt="".join(lines[:3]), val__txt="".join(lines[3:]), **extra
    )
    parsed = formats.parse(tree)
    assert labels(parsed) == {"my cat 1.jpg": "cat", "b.jpg": "dog", "c.jpg": "cat", "d.jpg": "dog"}
    assert splits(parsed) == {"my cat 1.jpg": "train", "b.jpg": "train", "c.jpg": "train", "d.jpg": "valid"}
    assert (parsed.task, kinds(parsed)) == ("single-label", {})


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("zero\none\ntwo\n", ["one", "two"]),  # one name more than the highest number: counted from 0
        ("one\ntwo\n", ["one", "two"]),  # as many as the highest number: from 1
        ("1 one\n2 two\n", ["one", "two"]),
        ("one 1\ntwo 2\n", ["one", "two"]),
        ("a\nb\nc\nd\n", ["1", "2"]),  # from 0 or from 1: nobody knows
        ("0 zero\n1 one\n", ["1", "2"]),  # does not name all
    ],
)
def test_names_of_numbered_classes(tmp_path, names, expected):
    """Numbers get names only where the file leaves no doubt which."""
    tree = make_tree(tmp_path, ["a.jpg", "b.jpg", "c.jpg"], list__txt="a.jpg 1\nb.jpg 2\nc.jpg 2\n", labels__txt=names)
    parsed = formats.parse(tree)
    assert (parsed.names, parsed.targs.tolist()) == (expected, [0, 1, 1])


def test_a_picture_in_two_splits_is_held_back(tmp_path):
    """A test picture never becomes a training picture: it stays in the test, which is noted; trainval is no split."""
    tree = make_tree(
        tmp_path,
        ["a.jpg", "b.jpg", "c.jpg", "d.jpg"],
        train__txt="a.jpg x\nb.jpg y\n",
        trainval__txt="a.jpg x\nb.jpg y\nc.jpg x\n",
        val__txt="c.jpg x\n",
        test__txt="b.jpg y\nd.jpg x\n",
    )
    parsed = formats.parse(tree)
    assert splits(parsed) == {"a.jpg": "train", "b.jpg": "test", "c.jpg": "valid", "d.jpg": "test"}
    assert kinds(parsed) == {"several-splits": 1}


def test_lists_that_contradict_each_other(tmp_path):
    """Two lists that say different classes of one picture are refused, with both places."""
    tree = make_tree(tmp_path, ["a.jpg", "b.jpg"], one__txt="a.jpg x\nb.jpg y\n", two__txt="a.jpg y\n")
    with pytest.raises(UserError, match=r"two\.txt, line 1: a\.jpg has the class y, but x in one\.txt, line 1"):
        formats.parse(tree)


def test_several_lines_of_one_picture(tmp_path):
    """Several classes of a picture are all kept and asked about; boxes are classes of things in it."""
    tree = make_tree(tmp_path / "l", ["a.jpg", "b.jpg"], list__txt="a.jpg x\na.jpg y\nb.jpg y\n")
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names, parsed.targs.tolist()) == ("multi-label", ["x", "y"], [[1, 1], [0, 1]])
    (fix,) = parsed.fixes
    assert formats.parse(tree, choices={fix.choice: fix.value}).targs.tolist() == [0, 1]
    boxes = "a.jpg 1,2,30,40,0 5,6,7,8,1\nb.jpg 3,4,5,6,1\n"
    parsed = formats.parse(make_tree(tmp_path / "b", ["a.jpg", "b.jpg"], train__txt=boxes, classes__txt="cat\ndog\n"))
    assert (parsed.names, parsed.targs.tolist()) == (["cat", "dog"], [[1, 1], [0, 1]])


def test_several_cells_a_line(tmp_path):
    """0 and 1 are a label a place; several other numbers are asked about; the pets' file names tell the breed."""
    tree = make_tree(tmp_path / "h", ["a.jpg", "b.jpg"], list__txt="a.jpg 1 0 1\nb.jpg 0 0 1\n")
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.targs.tolist()) == ("multi-label", [[1, 0, 1], [0, 0, 1]])
    tree = make_tree(tmp_path / "n", ["a.jpg", "b.jpg"], list__txt="a.jpg 10 2 7\nb.jpg 11 3 7\n")
    with pytest.raises(UnsureError, match=r"list\.txt, line 1: 3 cells beside a file name") as raised:
        formats.parse(tree)
    answered = {fix.title: fix for fix in raised.value.fixes}
    second = answered["Cell 2, such as '2'"]
    assert formats.parse(tree, choices={second.choice: second.value}).names == ["2", "3"]
    assert formats.parse(tree, "regression").targs.tolist() == [[10, 2, 7], [11, 3, 7]]
    pets = "#Image CLASS-ID SPECIES BREED\nSphynx_1 1 1 1\nSphynx_2 1 1 1\ngreat_dane_7 2 2 1\n"
    tree = make_tree(tmp_path / "p", ["Sphynx_1.jpg", "Sphynx_2.jpg", "great_dane_7.jpg"], annotations___list__txt=pets)
    parsed = formats.parse(tree)
    assert labels(parsed) == {"Sphynx_1.jpg": "Sphynx", "Sphynx_2.jpg": "Sphynx", "great_dane_7.jpg": "great_dane"}
    assert formats.parse(tree, choices={parsed.fixes[0].choice: parsed.fixes[0].value}).names == ["1", "2"]


def test_other_texts_are_no_lists(tmp_path):
    """Labels of YOLO, a README and a license label nothing: folders do; captions and pairs are asked about."""
    texts = {
        "cat___0__txt": "0 0.5 0.5 0.2 0.2\n",
        "README__txt": "0 of these are mine\n1 of them is\n",
        "LICENSE__txt": "MIT License\n\nPermission is granted\n",
    }
    others = {
        "pairs__txt": "cat/0.jpg masks/0.png\ndog/1.jpg masks/1.png\n",
        "captions__txt": "cat/0.jpg a cat on a mat\ndog/1.jpg the dog of my neighbors\n",
    }
    parsed = formats.parse(make_tree(tmp_path / "plain", ["cat/0.jpg", "dog/1.jpg"], **texts))
    assert (parsed.format, parsed.names) == ("one folder a class", ["cat", "dog"])
    assert kinds(parsed) == {"unused-file": len(texts)}
    for file, text in others.items():
        tree = make_tree(tmp_path / file, ["cat/0.jpg", "dog/1.jpg"], **texts, **{file: text})
        with pytest.raises(UnsureError, match=file.replace("__", r"\.")) as asked:
            formats.parse(tree)
        answer = asked.value.fixes[0]
        assert formats.parse(tree, choices={answer.choice: answer.value}).names == ["cat", "dog"]


def test_a_list_that_is_too_large_is_named(tmp_path, monkeypatch):
    """Lists have a limit in bytes and one in lines; empty lines cost nothing."""
    tree = make_tree(tmp_path / "n", ["a.jpg", "b.jpg"], train__txt="a.jpg x\n" + "\n" * 50_000 + "b.jpg y\n")
    assert [row.number for row in text_lists.lists(tree)[0].rows] == [1, 50_002]
    monkeypatch.setattr(text_lists, "MAX_LINES", 2)
    tree = make_tree(tmp_path / "l", ["a.jpg", "b.jpg"], train__txt="a.jpg x\nb.jpg y\na.jpg x\n")
    with pytest.raises(UserError, match=r"train\.txt has more than 2 lines"):
        formats.parse(tree)
    monkeypatch.setattr(text_lists, "MAX_BYTES", 10)
    with pytest.raises(UserError, match=r"train\.txt is larger than 10 bytes"):
        formats.parse(make_tree(tmp_path / "b", ["a.jpg", "b.jpg"], train__txt="a.jpg x\nb.jpg y\n"))


def test_answers_are_known():
    """What the readers of lists ask is among the answers that an import takes, and a wrong one is refused."""
    assert {*class_lists.CHOICES, *point_lists.CHOICES} <= answers.NAMES


@pytest.mark.parametrize(("choice", "value"), [("list-column", "9"), ("list-column", "x"), ("list-rows", "x")])
def test_wrong_answers(tmp_path, choice, value):
    """An answer that no list fits gets a sentence."""
    tree = make_tree(tmp_path, ["a.jpg", "b.jpg"], list__txt="a.jpg 10 2 7\nb.jpg 11 3 7\n")
    with pytest.raises(UserError, match=f"The choice {choice} is "):
        formats.parse(tree, choices={"list-column": "1", choice: value})
