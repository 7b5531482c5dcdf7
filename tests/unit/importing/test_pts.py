"""The points files of 300-W are read the way Matlab and menpo write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.core.errors import UserError
from lib.core.pictures import open_image
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import formats
from lib.importing.importer import import_dataset
from lib.importing.tree import Tree
from lib.metrics import faces_68
from tests.unit.importing.sources import kinds, make_tree


def _pts(points, *, end: str = "\n", head: str = "version: 1{0}n_points:  {1}{0}{{{0}") -> str:
    """Return a file as 300-W has it: two blanks after ``n_points:``, three decimals."""
    lines = "".join(f"{x:.3f} {y:.3f}{end}" for x, y in points)
    return head.format(end, len(points)) + lines + "}"


def _face(shift: float = 0.0) -> np.ndarray:
    """Return 68 points that their mirror image, pairs swapped, covers."""
    rng = np.random.default_rng(3)
    points = rng.uniform(-20, 20, size=(68, 2))
    points[:, 0] = 0
    for k, (left, right) in enumerate(faces_68.FLIP_PAIRS):
        points[left - 1] = -3 - k, points[left - 1, 1]
        points[right - 1] = 3 + k, points[left - 1, 1]
    return points + 40 + shift


def _write(root: Path, name: str, text: str, size=(100, 80), **options) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size).save(path, **options)
    path.with_suffix(".pts").write_bytes(text.encode())


def test_points_count_from_one(tmp_path):
    """One is taken off each coordinate, whatever the line ends, byte order mark and numbers look like."""
    points = np.array([[446.0, 91.0], [1.0, 1.0], [450.957, 150.614]])
    tree = make_tree(
        tmp_path,
        ["a_1.jpg", "b.2.png", "c.jpg", "d.jpg"],
        a_1__pts=_pts(points),
        b__2__pts=_pts(points, end="\r\n"),
        c__pts="\ufeff" + _pts(points, head="version: 1 {0}n_points: {1} {0}{{ {0}") + "\n\n",
        d__pts="version: 1\nn_points: 3\n{\n4.46e+02 9.1e+01\nnan nan\n450.957\t150.614\n}\n",
    )
    parsed = formats.parse(tree)
    assert (parsed.format, parsed.task, parsed.names) == ("300-W points (.pts)", "keypoints", ["1", "2", "3"])
    assert parsed.files == tree.pictures and parsed.targs.dtype == np.float32 and parsed.splits is None
    for targ in parsed.targs[:3]:
        np.testing.assert_array_equal(targ, (points - 1).astype(np.float32))
    np.testing.assert_array_equal(parsed.targs[3, 1], [np.nan, np.nan])
    assert kinds(parsed) == {}
    assert formats.parse(tree, "regression").names[:2] == ["1_x", "1_y"]


def test_the_user_may_say_that_pixels_count_from_zero(tmp_path):
    """A coordinate of 0 raises the question, the answer is followed and can be taken back."""
    tree = make_tree(tmp_path, ["a.jpg", "b.jpg"], a__pts=_pts([(0, 5)]), b__pts=_pts([(3, 4)]))
    (fix,) = formats.parse(tree).fixes
    other = formats.parse(tree, choices={fix.choice: fix.value})
    assert other.targs.tolist() == [[[0, 5]], [[3, 4]]]
    (back,) = other.fixes
    assert formats.parse(tree, choices={back.choice: back.value}).targs.tolist() == [[[-1, 4]], [[2, 3]]]
    with pytest.raises(UserError, match="first_pixel"):
        formats.parse(tree, choices={"first_pixel": "2"})
    assert not formats.parse(make_tree(tmp_path / "in", ["a.jpg"], a__pts=_pts([(1, 5)]))).fixes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("version: 1\nn_points: 2\n{\n1 2\n", "cut off"),
        ("version: 1\nn_points: 2\n", "cut off"),
        ("version: 1\nn_points: 3\n{\n1 2\n3 4\n}", "2 points where n_points says 3"),
        ("version: 1\nn_points: 2\n{\n1 2\n3\n}", "line 5"),
        ("version: 1\nn_points: 2\n{\n1 2\n3 4 5\n}", "line 5"),
        ("version: 1\nn_points: 2\n{\n1 2\n3 inf\n}", "line 5"),
        ("version: 1\nn_points: 2\n{\n1 2\nx y\n}", "line 5: expected x and y, found 'x y'"),
        ("version: 1\nn_points: 2\n{\n1 2\n3 nan\n}", "line 5"),
        ("version: 1\nn_points: 2\n{\nnan nan\nnan nan\n}", "no point is known"),
    ],
)
def test_damaged_files_are_told(tmp_path, text, words):
    """A file that is cut off or does not say what it promises costs its picture, once, and says where."""
    tree = make_tree(tmp_path, ["a.jpg", "b.jpg"], a__pts=text, b__pts=_pts([(1, 2), (3, 4)]))
    parsed = formats.parse(tree)
    assert parsed.files == ["b.jpg"] and kinds(parsed) == {"missing-value": 1}
    assert words in parsed.problems.examples["missing-value"][0]


def test_other_counts_and_missing_pictures(tmp_path):
    """Profiles with 39 points among faces with more, points without a picture and pictures without points are told."""
    three, two = [(1, 2), (3, 4), (5, 6)], [(1, 2), (3, 4)]
    texts = {"a__pts": _pts(three), "b__pts": _pts(three), "c__pts": _pts(two), "gone__pts": _pts(three)}
    parsed = formats.parse(make_tree(tmp_path, ["a.jpg", "b.jpg", "c.jpg", "d.jpg"], **texts))
    assert parsed.files == ["a.jpg", "b.jpg"] and parsed.targs.shape == (2, 3, 2)
    assert kinds(parsed) == {"other-points": 1, "row-without-image": 1, "image-without-row": 1}


def test_huge_file_is_refused(tmp_path):
    """A points file of megabytes is not read into memory."""
    tree = make_tree(tmp_path, ["a.jpg"], a__pts="version: 1\n{\n" + "1 2\n" * 300_000 + "}")
    with pytest.raises(UserError, match=r"a\.pts is larger than 1 MiB"):
        formats.parse(tree)


def test_folders_of_300_w(tmp_path):
    """The folders of the benchmark are its splits; one folder that says nothing leaves the split to the user."""
    places = {"afw/1": "train", "helen/trainset/1": "train", "helen/testset/1": "test", "ibug/image_1": "test"}
    texts = {f"{place.replace('/', '___')}__pts": _pts([(1, 2)]) for place in places}
    tree = make_tree(tmp_path, [f"{place}.jpg" for place in places], **texts)
    parsed = formats.parse(tree)
    assert {file[:-4]: split for file, split in zip(parsed.files, parsed.splits, strict=True)} == places
    make_tree(tmp_path, ["own/1.jpg"], own___1__pts=_pts([(1, 2)]))
    assert formats.parse(Tree(tmp_path)).splits is None


def test_pairs_of_faces(tmp_path):
    """68 points in the order of 300-W bring their mirror pairs; in another order nothing is claimed."""
    texts = {f"{name}__pts": _pts(_face(shift) + 1) for name, shift in (("a", 0), ("b", 5))}
    extra = formats.parse(make_tree(tmp_path / "same", ["a.jpg", "b.jpg"], **texts)).extra
    pairs = {tuple(pair) for pair in extra["flip_pairs"]}
    assert len(pairs) == 29 and {("1", "17"), ("18", "27"), ("37", "46"), ("49", "55")} <= pairs
    assert len({name for pair in pairs for name in pair}) == 58
    assert ["42", "37"] in extra["skeleton"] and ["17", "18"] not in extra["skeleton"]
    other = np.roll(_face(), 5, axis=0)
    texts = {f"{name}__pts": _pts(other) for name in "ab"}
    assert formats.parse(make_tree(tmp_path / "other", ["a.jpg", "b.jpg"], **texts)).extra == {}


def test_picture_on_its_side(tmp_path):
    """Matlab shows what is stored: where EXIF turns the picture, its points are turned with it."""
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned right by 90 degrees
    spot = (30, 10)  # column and row of one white pixel as stored
    stored = np.zeros((80, 100, 3), dtype=np.uint8)
    stored[spot[1], spot[0]] = 255
    Image.fromarray(stored).save(tmp_path / "a.png", exif=exif)
    Image.new("RGB", (100, 80)).save(tmp_path / "b.png")
    for name in "ab":
        (tmp_path / f"{name}.pts").write_text(_pts([(spot[0] + 1, spot[1] + 1)]))
    tree = Tree(tmp_path)
    parsed = formats.parse(tree)
    upright = np.asarray(open_image(tmp_path / "a.png"))
    row, column = np.argwhere(upright[..., 0] == 255)[0]
    parsed.check(parsed, np.array([upright.shape[1::-1], (100, 80)]))
    assert parsed.targs.tolist() == [[[column, row]], [list(spot)]]
    assert kinds(parsed)["points-moved"] == 1


def test_import_of_points_files(tmp_path):
    """A folder of faces becomes a dataset, with its pairs in it and no file called unused."""
    for name in ("1", "2", "3", "4"):
        _write(tmp_path / "faces", f"{name}.png", _pts(_face(float(name))))
    workspace = Workspace(tmp_path / "workspace")
    report = import_dataset(workspace, tmp_path / "faces", name="faces", valid=0.25)
    assert (report.task, report.images, report.splits) == ("keypoints", 4, {"train": 3, "valid": 1})
    assert report.problems == []


def test_points_as_numbers_are_turned_too(tmp_path, workspace):
    """Read as numbers, points of a picture that lies on its side are turned and checked as points are."""
    faces = tmp_path / "faces"
    faces.mkdir()
    for row in range(6):
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.new("RGB", (40, 30), (40 * row, 9, 9)).save(faces / f"{row}.jpg", exif=exif)
        second = "nan nan" if row == 5 else f"{9 + 2 * row} {4 + row}"
        (faces / f"{row}.pts").write_text(f"version: 1\nn_points: 2\n{{\n{11 + row} {6 + row}\n{second}\n}}\n")
    assert import_dataset(workspace, faces, name="points", task="keypoints").images == 6
    report = import_dataset(workspace, faces, name="numbers", task="regression")
    counts = {problem["kind"]: problem["count"] for problem in report.problems}
    assert counts == {"points-moved": 5, "missing-value": 1} and report.images == 5  # a number is never missing
    points, numbers = (store.load(workspace, name) for name in ("points", "numbers"))
    assert numbers.names == ("1_x", "1_y", "2_x", "2_y") and numbers.extra == {}
    np.testing.assert_array_equal(numbers.targs, points.targs[:5].reshape(5, 4))
