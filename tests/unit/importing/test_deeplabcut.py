"""DeepLabCut tables are read the way every version of it writes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib.core.errors import UserError
from lib.core.pictures import open_image
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import formats
from lib.importing.importer import import_dataset
from lib.importing.tree import Tree
from tests.unit.importing.sources import kinds, make_tree

PARTS = ["snout", "leftear", "rightear"]
NAN = np.nan
#: Three frames; in the last one the right ear is hidden.
VALUES = np.array(
    [[[68.25, 65.5], [76.5, 54.125], [90, 70.75]], [[1, 2], [3, 4], [5, 6]], [[10, 11], [12, 13], [NAN, NAN]]]
)


def _frame(rows: list, values=VALUES, *, scorer="Pranav", parts=PARTS, individuals=None) -> pd.DataFrame:
    """Return labels as DeepLabCut keeps them: columns and rows by several levels."""
    levels, names = [[scorer], parts, ["x", "y"]], ["scorer", "bodyparts", "coords"]
    if individuals:
        levels.insert(1, individuals)
        names.insert(1, "individuals")
    columns = pd.MultiIndex.from_product(levels, names=names)
    index = pd.MultiIndex.from_tuples(rows) if isinstance(rows[0], tuple) else rows
    return pd.DataFrame(np.asarray(values).reshape(len(rows), -1), columns=columns, index=index)


def _project(root: Path, labels: dict[str, pd.DataFrame], pictures: list[str], size: int | None = None) -> Tree:
    make_tree(root, pictures)
    for name in pictures if size else ():
        Image.new("RGB", (size, size)).save(root / name)
    for name, table in labels.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(root / name)
    return Tree(root)


def _rows(style: str, video: str, n: int = 3) -> list:
    files = [f"img{frame:03d}.png" for frame in range(n)]
    if style == "triples":
        return [("labeled-data", video, file) for file in files]
    folder = {"paths": f"labeled-data/{video}/", "windows": f"labeled-data\\{video}\\", "names": ""}[style]
    return [folder + file for file in files]


def _pictures(*videos: str, n: int = 3) -> list[str]:
    return [f"labeled-data/{video}/img{frame:03d}.png" for video in videos for frame in range(n)]


@pytest.mark.parametrize("style", ["paths", "windows", "triples", "names"])
def test_every_way_to_name_a_frame(tmp_path, style):
    """One column or three, either slash, or napari's bare names: each row finds its own video's frame."""
    labels = {
        f"labeled-data/{video}/CollectedData_Pranav.csv": _frame(_rows(style, video), VALUES + add)
        for video, add in (("m3s1", 0), ("m4s1", 100))
    }
    tree = _project(tmp_path, labels, _pictures("m3s1", "m4s1"))
    parsed = formats.parse(tree)
    assert (parsed.format, parsed.task, parsed.names) == ("DeepLabCut labels", "keypoints", PARTS)
    assert parsed.files == tree.pictures and parsed.groups == ["m3s1"] * 3 + ["m4s1"] * 3
    np.testing.assert_array_equal(parsed.targs, np.concatenate([VALUES, VALUES + 100]).astype(np.float32))
    assert parsed.targs.dtype == np.float32 and kinds(parsed) == {}


def test_whole_project(tmp_path):
    """Copies in training-datasets and _labeled are not read twice, config.yaml gives the lines, the rest is unused."""
    labels = {f"labeled-data/{video}/CollectedData_Pranav.csv": _frame(_rows("paths", video)) for video in ("a", "b")}
    merged = pd.concat(labels.values())
    labels["training-datasets/iteration-0/UnaugmentedDataSet_openfieldOct30/CollectedData_Pranav.csv"] = merged
    labels["labeled-data/a_labeled/CollectedData_Pranav.csv"] = _frame(_rows("paths", "a"))
    tree = _project(tmp_path, labels, _pictures("a", "b"))
    (tmp_path / "config.yaml").write_text(
        "Task: openfield\nbodyparts:\n- snout\n- leftear\nskeleton:\n- - snout\n  - leftear\n- - leftear\n  - tail\n"
        "- nonsense\n"
    )
    (tmp_path / "labeled-data/a/CollectedData_Pranav.h5").write_bytes(b"\x89HDF")
    tree = Tree(tmp_path)
    parsed = formats.parse(tree)
    assert len(parsed.files) == 6 and parsed.extra == {"skeleton": [["snout", "leftear"]]}
    assert kinds(parsed) == {"unused-file": 3}  # the h5 file and both copies


def test_config_that_means_harm(tmp_path):
    """Merge keys that would grow without end, Python objects and nonsense in config.yaml cost the lines, no more."""
    levels = ["a0: &a0 {k: v}"] + [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}" for i in range(1, 15)]
    table = {"labeled-data/a/CollectedData_P.csv": _frame(_rows("paths", "a"))}
    for number, text in enumerate(
        ["\n".join(levels), "!!python/object/apply:os.abort []", "skeleton: 5", "[", "[" * 700]
    ):
        root = tmp_path / str(number)
        _project(root, table, _pictures("a"))
        (root / "config.yaml").write_text(text)
        assert formats.parse(Tree(root)).extra == {}


def test_merged_table_alone(tmp_path):
    """The table of all videos finds each frame by its video, though all videos have frames of the same names."""
    merged = pd.concat([_frame(_rows("triples", video), VALUES + add) for video, add in (("a", 0), ("b", 50))])
    tree = _project(tmp_path, {"training-datasets/x/CollectedData_P.csv": merged}, _pictures("b"))
    parsed = formats.parse(tree)
    assert parsed.files == tree.pictures and parsed.groups is None
    np.testing.assert_array_equal(parsed.targs, (VALUES + 50).astype(np.float32))
    assert kinds(parsed) == {"row-without-image": 3}


def test_a_lost_video_is_not_another_one(tmp_path):
    """A row of a video that is not there never takes the only frame of that name in another video."""
    merged = pd.concat([_frame(_rows("paths", "gone")), _frame(_rows("paths", "here"), VALUES + 7)])
    parsed = formats.parse(_project(tmp_path, {"CollectedData_P.csv": merged}, _pictures("here")))
    assert kinds(parsed) == {"row-without-image": 3} and parsed.targs[0, 0].tolist() == [75.25, 72.5]


def test_frames_nobody_labeled(tmp_path):
    """An empty row, half a point and a word cost their frame and are told with line and body part; a frame once."""
    values = np.array([VALUES[0], np.full((3, 2), NAN), VALUES[2], VALUES[1], VALUES[1]])
    table = _frame(_rows("paths", "a", 5), values)
    table.iloc[3, 1] = NAN
    table = table.astype(object)
    table.iloc[4, 0] = "left"
    parsed = formats.parse(_project(tmp_path, {"labeled-data/a/CollectedData_P.csv": table}, _pictures("a", n=6)))
    assert len(parsed.files) == 2 and np.isnan(parsed.targs[1, 2]).all()
    assert kinds(parsed) == {"missing-value": 3, "image-without-row": 1}
    empty, half, word = parsed.problems.examples["missing-value"]
    assert "line 5: no point is placed in img001.png" in empty
    assert "line 7, 'snout': 1.0 and nothing" in half and "line 8, 'snout': left and 2.0" in word
    parsed.check(parsed, np.full((2, 2), 100))
    assert kinds(parsed)["missing-point"] == 1


def test_two_people_labeled_the_frames(tmp_path):
    """The same frames by two people: one is used, the user may choose the other, a third is refused."""
    labels = {
        f"labeled-data/a/CollectedData_{scorer}.csv": _frame(_rows("paths", "a"), VALUES + add, scorer=scorer)
        for scorer, add in (("Ann", 0), ("Bo", 9))
    }
    tree = _project(tmp_path, labels, _pictures("a"))
    parsed = formats.parse(tree)
    assert kinds(parsed) == {"duplicate-row": 3} and [fix.value for fix in parsed.fixes] == ["Ann", "Bo"]
    fix = parsed.fixes[1]
    other = formats.parse(tree, choices={fix.choice: fix.value})
    np.testing.assert_array_equal(other.targs, (VALUES + 9).astype(np.float32))
    assert kinds(other) == {}
    with pytest.raises(UserError, match=r"'Cy'.*'Ann', 'Bo'"):
        formats.parse(tree, choices={"scorer": "Cy"})


def test_tables_with_other_body_parts_are_joined(tmp_path):
    """A body part that was added later is missing in the older video; order does not matter."""
    labels = {
        "labeled-data/a/CollectedData_P.csv": _frame(_rows("paths", "a"), VALUES[:, :2], parts=["snout", "tail"]),
        "labeled-data/b/CollectedData_P.csv": _frame(_rows("paths", "b"), VALUES, parts=["tail", "paw", "snout"]),
    }
    parsed = formats.parse(_project(tmp_path, labels, _pictures("a", "b")))
    assert parsed.names == ["snout", "tail", "paw"] and np.isnan(parsed.targs[:3, 2]).all()
    np.testing.assert_array_equal(parsed.targs[3:], VALUES[:, [2, 0, 1]].astype(np.float32))


def test_saved_again_by_a_spreadsheet(tmp_path):
    """Semicolons, a byte order mark and Windows line ends change nothing."""
    table = _frame(_rows("paths", "a"))
    make_tree(tmp_path, _pictures("a"))
    text = table.to_csv(sep=";", lineterminator="\r\n")
    (tmp_path / "labeled-data/a/CollectedData_P.csv").write_bytes(("\ufeff" + text).encode())
    parsed = formats.parse(Tree(tmp_path))
    np.testing.assert_array_equal(parsed.targs, VALUES.astype(np.float32))
    assert parsed.files == Tree(tmp_path).pictures


def test_several_animals_are_refused(tmp_path):
    """A fourth header row means several animals an image: one sentence says so."""
    table = _frame(_rows("triples", "a"), np.concatenate([VALUES, VALUES], axis=1), individuals=["mus1", "mus2"])
    tree = _project(tmp_path, {"labeled-data/a/CollectedData_P.csv": table}, _pictures("a"))
    with pytest.raises(UserError, match=r"CollectedData_P\.csv has a row 'individuals'.*several animals"):
        formats.parse(tree)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("scorer,P,P\nbodyparts,a,a\nlabeled-data/a/img000.png,1,2\n", "bodyparts and coords at the top"),
        ("scorer,P,P\nbodyparts,a,a\ncoords,x,x\nlabeled-data/a/img000.png,1,2\n", "two columns 'x'"),
        ("scorer,P,P\nbodyparts,a,b\ncoords,x,y\nlabeled-data/a/img000.png,1,2\n", "'a' has only one column"),
        ("scorer,P,P\nbodyparts,a,a\ncoords,x,z\nlabeled-data/a/img000.png,1,2\n", "found 'z' in column 3"),
        ("scorer,P,P\nbodyparts,,\ncoords,x,y\nlabeled-data/a/img000.png,1,2\n", "no name"),
        ("scorer\nbodyparts\ncoords\nlabeled-data/a/img000.png\n", "no body part"),
    ],
)
def test_broken_headers(tmp_path, text, words):
    """Header rows that do not fit together are refused with the file and what is wrong."""
    tree = make_tree(tmp_path, _pictures("a", "b"), CollectedData_P__csv=text)
    with pytest.raises(UserError, match=f"CollectedData_P.csv.*{words}"):
        formats.parse(tree)


def test_predictions_are_no_labels(tmp_path):
    """What DeepLabCut predicted of a video has the same rows on top and no pictures: it is not taken for labels."""
    names = ["scorer", "bodyparts", "coords"]
    columns = pd.MultiIndex.from_product([["DLC_r50"], PARTS, ["x", "y", "likelihood"]], names=names)
    table = pd.DataFrame(np.ones((3, 9)), columns=columns)
    tree = _project(tmp_path, {"videos/aDLC_r50.csv": table}, ["cat/1.jpg", "dog/1.jpg"])
    try:
        assert formats.parse(tree).format != "DeepLabCut labels"
    except UserError as error:
        assert "videos/aDLC_r50.csv" in str(error)
    labels = _frame(_rows("paths", "a"))
    labels.to_csv(tmp_path / "moth2Dpose.csv")  # labels under another name
    make_tree(tmp_path, _pictures("a"))
    assert formats.parse(Tree(tmp_path)).format == "DeepLabCut labels"


def test_import_keeps_videos_whole(tmp_path):
    """Frames of one video are on one side of the split; a project of one video is split by frame."""
    videos = ["a", "b", "c"]
    labels = {f"labeled-data/{v}/CollectedData_P.csv": _frame(_rows("triples", v)) for v in videos}
    _project(tmp_path / "many", labels, _pictures(*videos), size=100)
    workspace = Workspace(tmp_path / "workspace")
    import_dataset(workspace, tmp_path / "many", name="many")
    items = store.load(workspace, "many").items
    assert (items.groupby("group")["split"].nunique() == 1).all() and set(items["split"]) == {"train", "valid"}
    labels = {"labeled-data/a/CollectedData_P.csv": labels["labeled-data/a/CollectedData_P.csv"]}
    _project(tmp_path / "one", labels, _pictures("a"), size=100)
    assert import_dataset(workspace, tmp_path / "one", name="one", valid=0.4).splits == {"train": 2, "valid": 1}


def test_points_of_turned_photographs_are_asked_about_and_turn_along(tmp_path, workspace):
    """Frames may be photographs that a tag turns: the answer puts each point on the pixel that it was set on."""
    root, rows = tmp_path / "project", _rows("paths", "mouse", 4)
    values = np.array([[[9.5, 20.5 + number]] for number in range(4)])
    _project(root, {"labeled-data/mouse/CollectedData_Pranav.csv": _frame(rows, values, parts=["snout"])}, rows)
    for number, row in enumerate(rows):
        exif, pixels = Image.Exif(), np.zeros((60, 80, 3), dtype=np.uint8)
        exif[0x0112] = (6, 1)[number % 2]
        pixels[20 + number, 9] = 255
        Image.fromarray(pixels).save(root / row, exif=exif)
    (fix,) = (fix for fix in import_dataset(workspace, root, name="shown").fixes if fix["choice"] == "set-on")
    assert fix["question"].startswith("2 images are turned")
    assert store.load(workspace, "shown").targs[:, 0].tolist() == values[:, 0].tolist()
    import_dataset(workspace, root, name="stored", choices={"set-on": "stored"})
    dataset = store.load(workspace, "stored")
    for row, ((x, y),) in enumerate(dataset.targs.tolist()):
        assert np.asarray(open_image(dataset.image_path(row)))[int(y), int(x)].tolist() == [255, 255, 255]
