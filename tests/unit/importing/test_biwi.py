"""The center of the head is projected the way the fastai book does it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import formats
from lib.importing.importer import import_dataset
from lib.importing.tree import Tree
from tests.unit.importing.sources import kinds

_CAMERA = """517.679 0 320
0 517.679 240.5
0 0 1

0 0 0 0

0.999947 0.00432361 0.00929419
-0.00446314 0.999877 0.0150443
-0.009228 -0.015085 0.999844

-24.0198 5.8896 -13.2308

640 480
"""


def _recording(root: Path, folder: str, n: int, *, suffix=".jpg", seed=0, camera=_CAMERA, size=(640, 480)) -> None:
    """Write one person's folder as the dataset has it: blanks at the ends of lines, a blank line before the center."""
    rng = np.random.default_rng(seed)
    (root / folder).mkdir(parents=True)
    (root / folder / "rgb.cal").write_text(camera)
    (root / folder / "depth.cal").write_text(camera)
    (root / f"{folder}.obj").write_text("v 0 0 0\n")
    for frame in range(3, 3 + n):
        Image.new("RGB", size).save(root / folder / f"frame_{frame:05d}_rgb{suffix}")
        turn = "".join(" ".join(f"{value:.6g}" for value in row) + " \n" for row in np.eye(3))
        x, y, z = rng.uniform((-100, -100, 700), (250, 150, 1100))
        (root / folder / f"frame_{frame:05d}_pose.txt").write_text(f"{turn}\n{x:.6g} {y:.6g} {z:.6g} \n")


def _of_the_book(path: Path, file: str, camera: Path) -> np.ndarray:
    """Return the head's center as chapter 6 computes it."""
    cal = np.genfromtxt(camera, skip_footer=6)
    ctr = np.genfromtxt(f"{str(path / file)[:-7]}pose.txt", skip_header=3)
    return np.array([ctr[0] * cal[0][0] / ctr[2] + cal[0][2], ctr[1] * cal[1][1] / ctr[2] + cal[1][2]])


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_projection_of_the_book(tmp_path, suffix):
    """Each picture has one point, head, where the book's code puts it, and its folder for a group."""
    for folder, n in (("01", 3), ("09", 2), ("13", 2)):
        _recording(tmp_path, folder, n, suffix=suffix, seed=int(folder))
    tree = Tree(tmp_path)
    parsed = formats.parse(tree)
    assert (parsed.format, parsed.task, parsed.names) == ("Biwi head poses", "keypoints", ["head"])
    assert parsed.files == tree.pictures and parsed.groups == ["01"] * 3 + ["09"] * 2 + ["13"] * 2
    expected = [_of_the_book(tmp_path, file.replace(".png", ".jpg"), tmp_path / "01/rgb.cal") for file in parsed.files]
    np.testing.assert_allclose(parsed.targs[:, 0], expected, rtol=1e-6)
    assert parsed.targs.shape == (7, 1, 2) and parsed.targs.dtype == np.float32
    assert kinds(parsed) == {"unused-file": 6}  # depth.cal and .obj of each
    assert formats.parse(tree, "regression").names == ["head_x", "head_y"]


def test_number_of_the_book(tmp_path):
    """The picture that the book shows, frame 667 of person 9, by hand."""
    _recording(tmp_path, "09", 1)
    (tmp_path / "09/frame_00003_pose.txt").write_text("1 0 0 \n0 1 0 \n0 0 1 \n\n187.332 40.3892 893.135 \n")
    parsed = formats.parse(Tree(tmp_path))
    np.testing.assert_allclose(parsed.targs[0, 0], [428.582, 263.911], atol=0.001)


def test_people_recorded_twice_are_one_group(tmp_path):
    """Recordings 3 and 15 show the same woman: neither side of the split may have one of them alone."""
    for folder in ("03", "15", "18", "24"):
        _recording(tmp_path, folder, 1)
    assert formats.parse(Tree(tmp_path)).groups == ["03", "03", "18", "24"]


def test_a_lost_picture_is_not_another_persons(tmp_path):
    """Every person has a frame 3: a pose whose picture is gone never takes the one of somebody else."""
    _recording(tmp_path, "01", 1)
    _recording(tmp_path, "02", 1, seed=5)
    (tmp_path / "01/frame_00003_rgb.jpg").unlink()
    parsed = formats.parse(Tree(tmp_path))
    assert parsed.files == ["02/frame_00003_rgb.jpg"] and kinds(parsed)["row-without-image"] == 1
    np.testing.assert_allclose(
        parsed.targs[0, 0], _of_the_book(tmp_path, parsed.files[0], tmp_path / "02/rgb.cal"), rtol=1e-6
    )


def test_own_camera_comes_first(tmp_path):
    """A folder's own camera counts; one without takes the one above, else the first, as the book does."""
    _recording(tmp_path, "01", 1)
    _recording(tmp_path, "02", 1, camera=_CAMERA.replace("517.679", "400"))
    _recording(tmp_path, "04", 1)
    (tmp_path / "04/rgb.cal").unlink()
    first, second, fourth = formats.parse(Tree(tmp_path)).targs[:, 0]
    np.testing.assert_allclose((second - (320, 240.5)) / (first - (320, 240.5)), 400 / 517.679, rtol=1e-4)
    np.testing.assert_array_equal(first, fourth)


def test_one_recording_is_no_group(tmp_path):
    """A single folder can be split by picture only, so it has no groups that would forbid it."""
    _recording(tmp_path, "07", 3)
    parsed = formats.parse(Tree(tmp_path))
    assert parsed.groups is None and len(parsed.files) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 0 0\n0 1 0\n0 0 1\n\n", "only 3 lines"),
        ("1 0 0\n0 1 0\n0 0 1\n\n1 2\n", "line 5: expected 3 numbers, found 2"),
        ("1 0 0\n0 1 0\n0 0 1\n\n1 2 nan\n", "line 5"),
        ("1 0 0\n0 1 0\n0 0 1\n\n1 2 0\n", "0 mm in front"),
        ("", "only 0 lines"),
        ("hello", "line 1"),
    ],
)
def test_damaged_poses(tmp_path, text, words):
    """A pose that cannot be read costs its picture, and says why."""
    _recording(tmp_path, "01", 2)
    (tmp_path / "01/frame_00003_pose.txt").write_text(text)
    (tmp_path / "01/frame_00009_pose.txt").write_text("1 0 0\n0 1 0\n0 0 1\n\n0 0 900\n")
    parsed = formats.parse(Tree(tmp_path))
    assert [file.rsplit("/")[-1] for file in parsed.files] == ["frame_00004_rgb.jpg"]
    assert words in parsed.problems.examples["missing-value"][0]
    assert kinds(parsed)["row-without-image"] == 1 and "image-without-row" not in kinds(parsed)


def test_cameras_that_cannot_be_used(tmp_path):
    """No camera, one without its matrix and one for pictures of another size are refused with a sentence each."""
    _recording(tmp_path / "none", "01", 2)
    (tmp_path / "none/01/rgb.cal").unlink()
    with pytest.raises(UserError, match=r"no rgb\.cal"):
        formats.parse(Tree(tmp_path / "none"))
    _recording(tmp_path / "bad", "01", 2, camera="517 0\n")
    with pytest.raises(UserError, match=r"rgb\.cal: line 1: expected 3 numbers, found 2"):
        formats.parse(Tree(tmp_path / "bad"))
    _recording(tmp_path / "small", "01", 2, size=(320, 240))
    with pytest.raises(UserError, match=r"320 x 240 pixels, but rgb\.cal is for 640 x 480"):
        import_dataset(Workspace(tmp_path / "workspace"), tmp_path / "small")


def test_import_keeps_people_whole(tmp_path):
    """No person's pictures are on both sides of the split."""
    for folder in ("01", "02", "05", "13", "18"):
        _recording(tmp_path / "biwi", folder, 2, seed=int(folder))
    workspace = Workspace(tmp_path / "workspace")
    report = import_dataset(workspace, tmp_path / "biwi", name="biwi", valid=0.3)
    items = store.load(workspace, "biwi").items
    assert report.task == "keypoints" and set(items["group"]) == {"01", "02", "05", "13"}
    assert (items.groupby("group")["split"].nunique() == 1).all() and set(items["split"]) == {"train", "valid"}
