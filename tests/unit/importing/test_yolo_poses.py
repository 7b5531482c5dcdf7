"""YOLO poses are read the way ultralytics and the tools that export them mean them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from lib.datasets import store
from lib.importing import formats
from lib.importing.importer import import_dataset
from lib.importing.parsed import UnsureError
from tests.unit.importing.sources import kinds
from tests.unit.importing.yolo_files import BOX, yolo_tree


def _pose(tmp_path, lines, dims=3, **entries):
    pictures = [f"images/train/{n}.jpg" for n in range(len(lines))]
    labels = {f"labels/train/{n}.txt": line for n, line in enumerate(lines)}
    return yolo_tree(tmp_path, labels, pictures, val="images/train", kpt_shape=[3, dims], **entries)


def test_poses_with_visibility(tmp_path):
    """Parts of the size become pixels in the check; visibility 0 is missing; flip_idx becomes pairs of names."""
    lines = [
        f"0 {BOX} 0.25 0.5 2 0.5 0.1 1 0 0 0",
        f"1 {BOX} 0 0 2 0.5 0.5 0 1 1 2",
        f"0 {BOX} 0 0 0 0 0 0 0 0 0",
        "",
    ]
    tree = _pose(tmp_path, lines, flip_idx=[0, 2, 1], kpt_names={0: ["nose", "left", "right"]})
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names) == ("keypoints", ["nose", "left", "right"])
    assert parsed.extra == {"flip_pairs": [["left", "right"]]}
    assert parsed.problems.examples["no-point"] == ["images/train/2.jpg", "images/train/3.jpg"]
    assert "image-without-row" not in parsed.problems.examples
    parsed.check(parsed, np.array([[40, 30], [200, 100]]))
    nan = [np.nan, np.nan]
    np.testing.assert_allclose(parsed.targs, [[[10, 15], [20, 3], nan], [[0, 0], nan, [200, 100]]])
    assert parsed.targs.dtype == np.float32
    assert parsed.problems.examples["missing-point"] == ["images/train/0.jpg: 'right'", "images/train/1.jpg: 'left'"]
    assert ("occluded", "missing") in [(fix.choice, fix.value) for fix in parsed.fixes]  # the 1 of the first picture
    left_out = formats.parse(tree, choices={"occluded": "missing"})
    assert left_out.names == ["nose", "right"]  # the left one is then in no picture
    assert np.isnan(left_out.targs).all(axis=2).tolist() == [[False, True], [False, False]]
    tagged = formats.parse(tree, "multi-label")
    assert tagged.names == ["cat", "dog"] and tagged.targs.tolist() == [[1, 0], [0, 1], [1, 0], [0, 0]]


def test_poses_without_visibility(tmp_path):
    """With two numbers a point, (0, 0) and negative ones are missing; points without names are numbered."""
    parsed = formats.parse(_pose(tmp_path, [f"0 {BOX} 0.5 0.5 0 0 -1 -1", f"0 {BOX} 0 0.5 1 1 0.2 0.2"], dims=2))
    nan = [np.nan, np.nan]
    assert parsed.names == ["0", "1", "2"] and parsed.extra == {}
    np.testing.assert_allclose(parsed.targs, [[[0.5, 0.5], nan, nan], [[0, 0.5], [1, 1], [0.2, 0.2]]])


def test_poses_in_pixels_are_refused(tmp_path):
    """A point far outside 0 to 1 is named with its line, and costs its picture only if that is chosen."""
    lines = [f"0 {BOX}" + " 0.5 0.5 2" * 3, f"0 {BOX} 320 200 2 0.5 0.1 1 0 0 0"]
    tree = _pose(tmp_path, lines)
    with pytest.raises(UnsureError, match=r"labels/train/1\.txt, line 1: point '0' lies at \(320, 200\)") as raised:
        formats.parse(tree)
    (fix,) = raised.value.fixes
    parsed = formats.parse(tree, choices={fix.choice: fix.value})
    assert parsed.files == ["images/train/0.jpg"] and kinds(parsed)["point-far-outside"] == 1
    assert len(formats.parse(tree, "multi-label").files) == 2


def test_poses_of_another_length(tmp_path):
    """A line with too few points costs its picture."""
    parsed = formats.parse(_pose(tmp_path, [f"0 {BOX} 0.5 0.5 2", f"0 {BOX}" + " 0.5 0.5 2" * 3]))
    assert parsed.files == ["images/train/1.jpg"]
    assert parsed.problems.examples["missing-value"] == ["labels/train/0.txt, line 1: 8 numbers, expected 14"]


def test_several_poses(tmp_path):
    """A picture with several is left out unless the one in the largest box is chosen."""
    small, large = "0 0.5 0.5 0.1 0.1" + " 0.1 0.1 2" * 3, "0 0.5 0.5 0.9 0.9" + " 0.9 0.9 2" * 3
    tree = _pose(tmp_path, [f"{small}\n{large}\n", small])
    parsed = formats.parse(tree)
    assert parsed.files == ["images/train/1.jpg"] and parsed.problems.examples["several-instances"]
    _, fix = parsed.fixes
    parsed = formats.parse(tree, choices={fix.choice: fix.value})
    np.testing.assert_allclose(parsed.targs[:, 0], [[0.9, 0.9], [0.1, 0.1]])
    with pytest.raises(UnsureError, match="choose the largest of each"):
        formats.parse(_pose(tmp_path, [f"{small}\n{large}\n"] * 2))


def test_an_import_arrives(tmp_path, workspace):
    """Pictures turned by their EXIF tag, as ultralytics opens them, get their points where they are shown."""
    source = tmp_path / "p"
    _pose(source, [f"0 {BOX} 0.5 0.1 2 1 1 2 0.2 0.2 2"] * 3, flip_idx=[0, 2, 1])
    exif = Image.Exif()
    exif[0x0112] = 6
    for n in range(3):
        Image.new("RGB", (40, 30), (n, 0, 0)).save(
            source / f"images/train/{n}.jpg", exif=exif if n == 1 else Image.Exif()
        )
    report = import_dataset(workspace, source)
    assert (report.task, report.format, report.images) == ("keypoints", "YOLO", 3)
    loaded = store.load(workspace, "p")
    np.testing.assert_allclose(loaded.targs[:2, 0], [[20, 3], [15, 4]])
    head = json.loads((workspace.dataset("p") / "dataset.json").read_text())
    assert head["extra"] == {"flip_pairs": [["1", "2"]]}
