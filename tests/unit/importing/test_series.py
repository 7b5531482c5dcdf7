"""Series of images are detected by file name, folder and ID column, and asked about before an import."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from lib.cli import main
from lib.datasets import store
from lib.datasets.splits.kept import split_words
from lib.export import dataset as dataset_export
from lib.importing import series
from lib.importing.dry_run import dry_run
from lib.importing.importer import import_dataset
from lib.importing.options import Options
from lib.importing.parsed import Parsed, UnsureError


def _numbers(files: list[str], **more: object) -> Parsed:
    """Images of which a table says a number: their names cannot be labels."""
    return Parsed("a table", "regression", ["age"], files, np.arange(len(files), dtype=np.float32)[:, None], **more)


def _labels(files: list[str], labels: list[str], **more: object) -> Parsed:
    names = sorted(set(labels))
    return Parsed("folders", "single-label", names, files, np.array([names.index(one) for one in labels]), **more)


def _groups(parsed: Parsed) -> list[str] | None:
    """Return the groups of the safe answer, None where nothing is asked."""
    asked = series.questions(parsed, Options("x"))
    if not asked:
        return None
    safe, other = asked
    assert (safe.safe, safe.blocks, other.safe, other.blocks) == (True, True, False, True)
    assert safe.question == other.question and safe.choice == other.choice and safe.value != other.value
    return series.groups(parsed, Options("x", choices={safe.choice: safe.value}))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("{person:04d}_{shot}.jpg", "{person:04d}"),  # digits only
        ("{person:04d}_c{shot}s1_{shot:06d}_00.jpg", "{person:04d}"),  # person, camera, frame
        ("person_{person:03d}_{shot:02d}.jpg", "person_{person:03d}"),
        ("vid{person}-frame{shot:04d}.png", "vid{person}"),
        ("{person}_{side}.jpeg", "{person}"),  # both eyes of one person
        ("{letters}_Lee_{shot}.jpg", "{letters}_Lee"),
        ("{letters}-frame{shot:03d}.jpg", "{letters}"),
        ("patient{person}/img_{shot}.png", "patient{person}"),
        ("patient{person:05d}/study{shot}/view1_frontal.jpg", "patient{person:05d}"),
        ("{person:03d}/{shot}.jpg", "{person:03d}"),
        ("ward/{person:03d}/{shot}.jpg", "{person:03d}"),
    ],
)
def test_series_are_told_by_names_and_folders(name, expected):
    """Whatever numbers the images of a person or video, those of one are together in the safe answer's groups."""
    facts = [
        {"person": person, "shot": shot, "side": ("left", "right", "top")[shot], "letters": "abcdefghijkl"[person] * 4}
        for person in range(12)
        for shot in range(3)
    ]
    groups = _groups(_numbers([name.format(**one) for one in facts]))
    assert groups == [expected.format(**one) for one in facts]


@pytest.mark.parametrize(
    "names",
    [
        [f"{n:012d}.jpg" for n in range(40)],
        [f"DSC_{n:04d}.jpg" for n in range(40)],
        [f"{('IMG', 'DSC')[n % 2]}_{n:04d}.jpg" for n in range(40)],
        [f"ISIC_{n:07d}_downsampled.jpg" for n in range(40)],
        [f"{n * 7919:08x}-{n:04d}-4af3.jpg" for n in range(1, 40)],
        [f"{2007 + n % 5}_{n:06d}.jpg" for n in range(40)],
        [f"fold_{n % 10}/{n}.jpg" for n in range(40)],
        [f"{n // 100:02d}000/{n:05d}.jpg" for n in range(1200)],  # a folder for every hundred
        [f"set1/{n}.jpg" for n in range(40)],
    ],
)
def test_plain_numbering_is_no_series(names):
    """Consecutive numbers, years, hashes, folds and folders filled equally are not asked about."""
    assert _groups(_numbers(names)) is None


def test_labels_are_no_series_but_persons_within_them_are():
    """Beginnings and folders that are the labels are not asked about; patients' folders inside class folders are."""
    kinds = [f"kind{n}" for n in range(12) for _ in range(3)]
    assert _groups(_labels([f"{kind}_{n}.jpg" for n, kind in enumerate(kinds)], kinds)) is None
    renamed = [kind.replace("kind", "n0144") for kind in kinds]
    assert _groups(_labels([f"{kind}_{n}.jpg" for n, kind in enumerate(renamed)], kinds)) is None
    assert _groups(_labels([f"{kind}/{n}.jpg" for n, kind in enumerate(kinds)], kinds)) is None
    birds = [f"{n:03d}.Bird" for n in range(12) for _ in range(3)]
    assert _groups(_labels([f"{bird}/{n}.jpg" for n, bird in enumerate(birds)], birds)) is None
    inside = [f"{('ill', 'well')[n % 2]}/patient{n // 3:03d}/{n}.jpg" for n in range(36)]
    groups = _groups(_labels(inside, [file.split("/")[0] for file in inside]))
    assert groups == [file.split("/")[1] for file in inside]
    assert _groups(_labels([f"{('cat', 'dog')[n % 2]}_{n:03d}.jpg" for n in range(40)], ["cat", "dog"] * 20)) is None


def test_many_points_do_not_hide_few_persons():
    """More points than persons: names of points are no labels, so the persons are asked about."""
    files = [f"{person:02d}_{shot}.jpg" for person in range(12) for shot in range(3)]
    points = Parsed("a table", "keypoints", [f"p{n}" for n in range(68)], files, np.zeros((36, 68, 2), np.float32))
    assert _groups(points) == [file[:2] for file in files]


def test_few_videos_are_asked_about_and_few_cameras_by_number_are_not():
    """A handful of videos of many frames each are series; two prefixes of a camera's own numbering are not."""
    frames = [f"vid{n // 20}_{n:05d}.jpg" for n in range(60)]
    assert _groups(_numbers(frames)) == [file.split("_")[0] for file in frames]
    assert _groups(_numbers(frames[:3] + frames[20:23])) is None
    persons = [f"person_{n // 3}_{n}.jpg" for n in range(12)]
    assert _groups(_numbers(persons)) == [file.rpartition("_")[0] for file in persons]


def test_a_few_odd_names_do_not_hide_the_series():
    """Where nine in ten names have a series the others are images of their own."""
    files = [f"{person:04d}_{shot}.jpg" for person in range(12) for shot in range(3)] + ["cover.jpg"]
    assert _groups(_numbers(files)) == [file.split("_")[0] if "_" in file else "" for file in files]


def test_splits_that_keep_series_whole_are_not_asked_about():
    """The source's own splits are asked about only where they divide a series, and the other answer leaves them."""
    files = [f"{person:04d}_{shot}.jpg" for person in range(12) for shot in range(3)]
    whole = ["valid" if file < "0003" else "train" for file in files]
    divided = ["valid" if file.endswith("_0.jpg") else "train" for file in files]
    assert _groups(_numbers(files, splits=whole)) is None
    assert _groups(_numbers(files, splits=divided)) is not None
    _, other = series.questions(_numbers(files, splits=divided), Options("x"))
    assert other.title == "Leave the splits as they are"


def test_an_ignored_column_of_ids_is_asked_about():
    """Ids that repeat are asked about by the column's name or their look; ages and words are not."""
    files = [f"{n:05d}.jpg" for n in range(36)]
    for column, cells in {
        "site_code": [str(n // 3) for n in range(36)],
        "Patient": ["Ann", "Bo", "Cy"] * 12,
        "site": ["A", "B", "C"] * 12,
        "anon": [f"P{n // 3:03d}" for n in range(36)],
    }.items():
        safe, other = series.questions(_numbers(files, ids={column: cells}), Options("x"))
        assert (safe.choice, safe.value, other.value) == (f"column {column}", "group", "ignore")
        assert repr(column) in safe.question
        options = Options("x", columns={column: "ignore"})
        assert series.questions(_numbers(files, ids={column: cells}), options) == []
    for column, cells in {
        "age": [str(20 + n % 15) for n in range(36)],
        "sex": ["M", "F"] * 18,
        "image_id": files,
    }.items():
        assert series.questions(_numbers(files, ids={column: cells}), Options("x")) == []


@pytest.fixture
def people(tmp_path):
    """Three pictures of each of twelve people, with a point."""
    root = tmp_path / "people"
    root.mkdir()
    rows = ["file,nose_x,nose_y"]
    for person in range(12):
        for shot in range(3):
            Image.new("RGB", (40, 30), (person * 20, shot, 0)).save(root / f"person_{person}_{shot}.png")
            rows.append(f"person_{person}_{shot}.png,{person},{shot}")
    (root / "points.csv").write_text("\n".join(rows))
    return root


def test_an_import_asks_first_and_stores_nothing(people, workspace):
    """Without an answer nothing is imported; each answer lets it go on, and stands in the data set's line."""
    with pytest.raises(UnsureError, match="12 series") as asked:
        import_dataset(workspace, people)
    assert workspace.dataset_names() == []
    safe, other = asked.value.fixes
    assert dry_run(workspace, people).questions == [safe.to_json(), other.to_json()]
    assert dry_run(workspace, people).error == ""
    report = import_dataset(workspace, people, name="kept", choices={safe.choice: safe.value})
    assert report.answered == []
    kept = store.load(workspace, "kept")
    assert kept.items.groupby("group")["split"].nunique().tolist() == [1] * 12
    assert split_words(kept) == "split by person (12 groups)"
    import_dataset(workspace, people, name="divided", choices={other.choice: other.value})
    divided = store.load(workspace, "divided")
    assert set(divided.items["group"]) == {""} and "divided, as chosen" in split_words(divided)
    assert sorted(divided.items["original"]) == sorted(kept.items["original"])


def test_yes_takes_the_safe_answer_and_says_so(people, workspace, capsys):
    """On the command line the question ends the import with what to type; ``--yes`` keeps series whole and says so."""
    given = ["import", str(people), "--copy", "--workspace", str(workspace.root)]
    assert main(given) == 2
    refusal = capsys.readouterr().err
    assert "12 series" in refusal and "--choice 'group=none'" in refusal and "--yes" in refusal
    assert main([*given, "--yes"]) == 0
    assert "answered: The images seem to come in 12 series" in capsys.readouterr().out
    dataset = store.load(workspace, "people")
    assert dataset.items.groupby("group")["split"].nunique().tolist() == [1] * 12
    assert main(["stats", "people", "--workspace", str(workspace.root)]) == 0
    assert "split by person (12 groups)" in capsys.readouterr().out
    assert main([*given, "--yes", "--name", "b", "--json"]) == 0
    (answered,) = json.loads(capsys.readouterr().out)["answered"]
    assert (answered["safe"], answered["title"]) == (True, "Keep each series in one split")
    # As recorded, the same source gives the same dataset without being asked again.
    again = import_dataset(workspace, people, name="c", choices=dataset.source["choices"])
    assert again.revision == dataset.revision


@pytest.mark.parametrize("form", ["labels-csv", "coco"])
@pytest.mark.parametrize("answer", [0, 1])
def test_groups_and_splits_leave_and_come_back(people, workspace, tmp_path, answer, form):
    """An export holds the groups, so that it is not asked about again; what was divided is asked, and comes back so."""
    asked = dry_run(workspace, people).questions[answer]
    import_dataset(workspace, people, choices={asked["choice"]: asked["value"]})
    dataset = store.load(workspace, "people")
    export = dataset_export.prepare(dataset, form)
    path = tmp_path / export.file_name
    dataset_export.write(export, path)
    if answer:
        with pytest.raises(UnsureError, match="12 series") as raised:
            import_dataset(workspace, path, name="again")
        assert raised.value.fixes[1].title == "Leave the splits as they are"
    import_dataset(workspace, path, name="again", choices={asked["choice"]: asked["value"]} if answer else {})
    again = store.load(workspace, "again")
    columns = ["original", "split", "group", "digest"]
    assert sorted(again.items[columns].values.tolist()) == sorted(dataset.items[columns].values.tolist())
    assert (split_words(again) == "split by group (12 groups)") is (answer == 0)
