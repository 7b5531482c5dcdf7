"""Each person in a photo becomes a separate image, with their points in the right place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.core import pictures
from lib.core.picture_files import UnreadableImageError
from lib.core.splits import key
from lib.datasets import store
from lib.importing import crop_files, cropping
from lib.importing.dry_run import dry_run
from lib.importing.importer import import_dataset
from tests.unit.importing import people_photos
from tests.unit.importing.people_photos import (
    ANN,
    BO,
    CROP,
    CY,
    PHOTOS,
    SIDEWAYS,
    SIZE,
    coco,
    draw_photo,
    find_dots,
    folder_of,
    rows_by_name,
)

workspace = people_photos.workspace


def test_points_are_where_their_dots_are(tmp_path, workspace):
    """Each dot is found by its color in what was cut out, where the dataset says, also of turned photos."""
    photos = {**PHOTOS, "turned.jpg": [ANN, CY], "labeled-on-its-side.png": [ANN, CY]}
    source = folder_of(tmp_path / "people", photos)
    for name in ("turned.jpg", "labeled-on-its-side.png"):
        draw_photo(source / name, photos[name], orientation=SIDEWAYS)
    # The same points as somebody sees them who ignores the tag: x runs up the stored picture.
    aside = [
        ([y, SIZE[0] - x - w, h, w], [(b, SIZE[0] - a) for a, b in points])
        for (x, y, w, h), points in photos["labeled-on-its-side.png"]
    ]
    declared = {"labeled-on-its-side.png": SIZE[::-1]}
    text = coco({**photos, "labeled-on-its-side.png": aside}, declared)
    (source / "people.json").write_text(text)
    report = import_dataset(workspace, source, choices=CROP)
    dataset = store.load(workspace, "people")
    assert report.images == len(dataset) == 12 and report.task == "keypoints"
    names = ["a#1.png", "a#2.png", "b#1.jpg", "b#2.jpg", "b#3.jpg", "c#1.jpg", "d#1.jpg", "d#2.jpg"]
    assert dataset.items["original"].tolist()[:8] == names
    for row in range(12):
        with Image.open(dataset.image_path(row)) as image:
            assert image.format == ("PNG" if dataset.items["original"][row].endswith("png") else "JPEG")
            assert image.size == tuple(dataset.sizes[row]) and 0x0112 not in image.getexif()
            np.testing.assert_allclose(find_dots(image), dataset.targs[row], atol=0.6)
    assert [dataset.sizes[rows_by_name(dataset)[name]].tolist() for name in ("a#1.png", "b#1.jpg", "turned#1.jpg")] == [
        [78, 102],  # of a box 60 x 80 at (20, 10): 9 more on both sides, 12 below, and the 10 that are there above
        [78, 52],
        [78, 102],
    ]
    assert dataset.extra == {"skeleton": [["head", "left"], ["head", "right"]]}
    assert dataset.source["choices"] == CROP
    again = import_dataset(workspace, source, name="again", choices=dataset.source["choices"])
    assert again.revision == report.revision
    assert not list(workspace.dataset("people").glob(".*")) and len(list((dataset.path / "images").iterdir())) == 12


def test_nothing_is_lost_where_nothing_was(tmp_path, workspace):
    """What is cut out of a PNG has exactly its pixels, of a JPEG nearly; the modes are read as everywhere."""
    source = folder_of(tmp_path / "people", {"a.png": [ANN, BO], "b.jpg": [ANN], "deep.png": [ANN], "clear.png": [ANN]})
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (150, 180, 3), dtype=np.uint8))
    noise.save(source / "a.png")
    noise.resize((18, 15)).resize(SIZE).save(source / "b.jpg", quality=95)
    Image.fromarray(rng.integers(0, 2**16, (150, 180), dtype=np.uint16)).save(source / "deep.png")
    Image.fromarray(rng.integers(0, 256, (150, 180, 4), dtype=np.uint8)).save(source / "clear.png")
    import_dataset(workspace, source, choices=CROP)
    dataset = store.load(workspace, "people")
    for name in ("a", "deep", "clear"):
        whole = np.asarray(pictures.open_image(source / f"{name}.png"))
        part = np.asarray(Image.open(dataset.image_path(rows_by_name(dataset)[f"{name}#1.png"])))
        np.testing.assert_array_equal(part, whole[0:102, 11:89][: part.shape[0]])
    whole = np.asarray(pictures.open_image(source / "b.jpg"), dtype=int)
    part = Image.open(dataset.image_path(rows_by_name(dataset)["b#1.jpg"]))
    assert [layer[1:3] for layer in part.layer] == [(1, 1)] * 3  # no color is thinned out
    assert np.abs(np.asarray(part, dtype=int) - whole[0 : part.height, 11:89]).mean() < 2


def test_no_photograph_is_divided(tmp_path, workspace):
    """The people of one photograph share its group and split, whatever is drawn and whatever pattern is given."""
    photos = {f"s_{n}.png": [ANN, BO] for n in range(12)}
    source = folder_of(tmp_path / "people", photos)
    for seed in range(4):
        import_dataset(workspace, source, name=f"d{seed}", seed=seed, valid=0.3, choices=CROP)
        items = store.load(workspace, f"d{seed}").items
        assert items["group"].tolist() == [name for name in photos for _ in range(2)]
        assert (items.groupby("group")["split"].nunique() == 1).all() and 0 < (items["split"] == "valid").sum() <= 8
    import_dataset(workspace, source, name="pattern", group="_(.*)", choices=CROP)
    items = store.load(workspace, "pattern").items
    assert items["group"].tolist() == [name[2:] for name in photos for _ in range(2)]
    grouped = {name: {"group": "x" if n < 6 else ""} for n, name in enumerate(photos)}
    (source / "people.json").write_text(coco(photos, **grouped))
    import_dataset(workspace, source, name="given", choices=CROP)
    items = store.load(workspace, "given").items
    assert items["group"].tolist() == ["x"] * 12 + [f"s_{n}.png" for n in range(6, 12) for _ in range(2)]


def test_series_are_still_asked_for(tmp_path, workspace):
    """That each photograph is a group does not hide that photographs come in series."""
    photos = {f"person{n // 3}_{n}.png": [ANN, BO] for n in range(36)}
    trial = dry_run(workspace, folder_of(tmp_path / "people", photos), choices=CROP)
    question, _ = (one for one in trial.questions if one["choice"] == "group")
    assert "12 series" in question["question"] and "such as the 3 whose" in question["question"]


def test_poses_of_yolo(tmp_path, workspace):
    """Several poses a file: their dots are found, splits and pairs that a mirror swaps are kept."""
    parts = {"train/a.jpg": [ANN, BO], "train/b.jpg": [CY], "val/c.jpg": [CY, ANN]}
    width, height = SIZE
    for name, people in parts.items():
        draw_photo(tmp_path / "p" / "images" / name, people)
        lines = []
        for (x, y, w, h), points in people:
            box = [(x + w / 2) / width, (y + h / 2) / height, w / width, h / height]
            places = [part for p in points for part in ((p[0] / width, p[1] / height, 2) if p else (0, 0, 0))]
            lines.append("0 " + " ".join(map(repr, [*box, *places])))
        text = tmp_path / "p" / "labels" / Path(name).with_suffix(".txt")
        text.parent.mkdir(parents=True, exist_ok=True)
        text.write_text("\n".join(lines))
    (tmp_path / "p" / "data.yaml").write_text(
        "train: images/train\nval: images/val\nnames: [person]\nkpt_shape: [3, 3]\nflip_idx: [0, 2, 1]\n"
    )
    report = import_dataset(workspace, tmp_path / "p", choices=CROP)
    dataset = store.load(workspace, "p")
    assert report.splits == {"train": 3, "valid": 2} and dataset.extra == {"flip_pairs": [["1", "2"]]}
    assert dataset.items["original"].tolist() == [
        "images/train/a#1.jpg",
        "images/train/a#2.jpg",
        "images/train/b#1.jpg",
        "images/val/c#1.jpg",
        "images/val/c#2.jpg",
    ]
    for row in range(5):
        where = find_dots(pictures.open_image(dataset.image_path(row)))
        np.testing.assert_allclose(where, dataset.targs[row], atol=0.6)


def test_what_cannot_be_cut_out_is_told(tmp_path, workspace):
    """Empty boxes and those outside, points outside of theirs; no box is the tight one; two may be in one place."""
    points = ANN[1]
    people = {
        "1.png": [ANN, ANN, ([20, 10, 0, 0], points), ([20, 10, 1, 80], points), ([400, 10, 60, 80], points)],
        "2.png": [([20, 10, 60, 40], points), ([90, 90, 60, 40], points), ([-30, -20, 31, 60], points)],
        "3.png": [(None, points), ("x", points), (None, [(50, 20), None, None]), (ANN[0], [None] * 3)],
        "4.png": [(None, [(10, 50), (60, 50), None]), ([170, 140, 60, 80], [(175, 145), (190, 149), None])],
    }
    source = folder_of(tmp_path / "people", people)
    report = import_dataset(workspace, source, choices=CROP)
    dataset = store.load(workspace, "people")
    problems = {problem["kind"]: problem["examples"] for problem in report.problems}
    assert problems["empty-box"] == [
        "1#3.png: box of 0 x 0 pixels at (20, 10)",
        "1#4.png: box of 1 x 80 pixels at (20, 10)",
        "1#5.png: box of 60 x 80 pixels at (400, 10)",
        "2#3.png: box of 31 x 60 pixels at (-30, -20)",
        "3#3.png: no box, and its points lie in one place",
    ]
    assert problems["point-outside-box"] == [
        "2#1.png: left at (30, 60) of the image",
        "2#2.png: head at (50, 20) of the image",
        "4#2.png: left at (190, 149) of the image",
    ]
    assert problems["no-point"] == ["2#2.png"]
    rows = rows_by_name(dataset)
    assert list(rows) == ["1#1.png", "1#2.png", "2#1.png", "3#1.png", "3#2.png", "4#1.png", "4#2.png"]
    known = ~np.isnan(dataset.targs).any(axis=-1)
    assert known.tolist() == [[True] * 3] * 2 + [[True, False, False]] + [[True] * 3] * 2 + [[True, True, False]] + [
        [True, False, False]
    ]
    np.testing.assert_array_equal(dataset.targs[rows["1#1.png"]], dataset.targs[rows["1#2.png"]])
    # Tight around (30..70, 20..80): 9 more on each side. Points in a line have room beside it, too.
    assert dataset.sizes[rows["3#1.png"]].tolist() == dataset.sizes[rows["3#2.png"]].tolist() == [58, 78]
    assert dataset.sizes[rows["4#1.png"]].tolist() == [66, 16]  # 2.5 of 7.5 pixels are there to the left: all 10


def test_one_person_lost_costs_no_other(tmp_path, workspace, monkeypatch):
    """A point far outside is asked about and costs its person only, what cannot be decoded only its photograph."""
    far = (ANN[0], [(50, 20), (30, 60), (900, 80)])
    source = folder_of(tmp_path / "people", PHOTOS | {"a.png": [ANN, far, BO]})
    trial = dry_run(workspace, source, choices=CROP)
    assert trial.error.startswith("a#2.png: point 'right' lies at (900, 80)") and trial.format == "COCO JSON"
    (question,) = trial.questions
    answered = {**CROP, question["choice"]: question["value"]}

    def open_image(path, rule):
        if Path(path).name == "c.jpg":
            raise UnreadableImageError("the file is damaged")
        return pictures.open_image(path, rule)

    monkeypatch.setattr(crop_files, "open_image", open_image)
    report = import_dataset(workspace, source, choices=answered)
    names = store.load(workspace, "people").items["original"].tolist()
    assert names == ["a#1.png", "a#3.png", "b#1.jpg", "b#2.jpg", "b#3.jpg", "d#1.jpg", "d#2.jpg"]
    problems = {problem["kind"]: problem["examples"] for problem in report.problems}
    assert problems["point-far-outside"] == ["a#2.png: right at (900, 80)"]
    assert problems["unreadable-image"] == ["c#1.jpg: the file is damaged"]
    for row, name in enumerate(names):
        there = store.load(workspace, "people")
        where = find_dots(Image.open(there.image_path(row)))
        assert where == pytest.approx(there.targs[row], abs=0.6, nan_ok=True), name


def test_frames():
    """What is cut out is the box and 15 % of its sides around it, in whole pixels of the picture: counted by hand."""
    rng = np.random.default_rng(1)
    low = rng.uniform(-50, 150, (300, 2))
    boxes = np.stack([low, low + rng.uniform(0, 120, (300, 2))], axis=1)
    swapped = boxes.copy()
    swapped[::2, :, 0] = boxes[::2, ::-1, 0]  # any two opposite corners
    frames, there = cropping.frames(swapped, boxes[:, :1], np.tile([160, 120], (300, 1)))
    for (corner, other), frame, good in zip(boxes.tolist(), frames.tolist(), there.tolist(), strict=True):
        shown = []
        for axis, edge in ((0, 160), (1, 120)):
            a, b = corner[axis], other[axis]
            inside = [n for n in range(edge) if n + 1 > a - 0.15 * (b - a) and n < b + 0.15 * (b - a)]
            shown.append(min(b, edge) - max(a, 0))
            if good:
                assert frame[0][axis] == inside[0] and frame[1][axis] == inside[-1] + 1
        assert good == (min(shown) > 1)
    assert 50 < there.sum() < 280


def test_names_are_unique_and_safe():
    """Equal stems, letter case and numbers that look alike never give one name twice, nor one that is too long."""
    pictures_ = ["a.jpg", "a.png", "A.gif", "a#1.jpg", "a.jpg.png", "x/a.jpg", "é.jpg", "é.png", "ö" * 120 + ".jpg"]
    names = cropping.names([one for one in pictures_ for _ in range(3)], {"a.jpg": "PNG", "x/a.jpg": "MPO"})
    assert len({key(name) for name in names}) == len(names)
    assert max(len(name.encode()) for name in names) < 220
    assert names[:4] == ["a#1.png", "a#2.png", "a#3.png", "a.png#1.png"] and "x/a#1.jpg" in names
    assert names[6:8] == ["A.gif#1.png", "A.gif#2.png"] and "a#1#1.jpg" in names
