"""Cutting out as part of an import: exports, in place, dry runs, all or nothing."""

from __future__ import annotations

import io
import json
import math
import tempfile
import zipfile

import numpy as np
import pytest
from PIL import Image

from lib.cli import main
from lib.core.errors import UserError
from lib.datasets import store
from lib.export.dataset import prepare, write
from lib.importing import archive, crop_files
from lib.importing.dry_run import dry_run
from lib.importing.importer import import_dataset
from tests.unit.importing import people_photos
from tests.unit.importing.people_photos import ANN, BO, CROP, PHOTOS, coco, find_dots, folder_of, rows_by_name

workspace = people_photos.workspace


@pytest.mark.parametrize("form", ["coco", "labels-csv"])
def test_an_export_comes_back_the_same(tmp_path, workspace, form):
    """What was cut out is a dataset as any: exported and imported without an answer, it is the same."""
    import_dataset(workspace, folder_of(tmp_path / "people", PHOTOS), choices=CROP)
    dataset = store.load(workspace, "people")
    export = prepare(dataset, form)
    write(export, tmp_path / "back.zip")
    import_dataset(workspace, tmp_path / "back.zip")
    back = store.load(workspace, "back")
    order = [rows_by_name(back)[name] for name in dataset.items["original"]]
    np.testing.assert_array_equal(back.targs[order], dataset.targs)
    same = ["original", "split", "group", "width", "height", "digest"]
    assert back.items[same].iloc[order].to_numpy().tolist() == dataset.items[same].to_numpy().tolist()
    assert back.names == dataset.names


def test_pictures_cannot_stay_where_they_are(tmp_path, workspace, monkeypatch, capsys):
    """Used where they are they cannot be cut: refused if that was asked for, copied if not."""
    source = folder_of(tmp_path / "people", PHOTOS)
    with pytest.raises(UserError, match=r"are new files \(several=crop\).*Import a copy"):
        import_dataset(workspace, source, choices=CROP, in_place=[tmp_path])
    assert not workspace.dataset("people").exists()
    monkeypatch.setenv("MANYHOT_ROOTS", str(tmp_path))
    command = ["import", str(source), "--workspace", str(workspace.root), "--choice", "several=crop", "--json"]
    assert main([*command, "--in-place"]) != 0
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out)["images"] == 8
    assert store.load(workspace, "people").root is None


@pytest.mark.parametrize("packed", [False, True])
def test_a_dry_run_says_the_same(tmp_path, workspace, monkeypatch, packed):
    """It counts each person, shows five cut out with their points, and agrees with the import; nothing is left."""
    source = folder_of(tmp_path / "people", {f"{n}.png": [ANN, BO, BO] for n in range(30)})
    (source / "7.png").write_bytes(b"no image")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    if packed:
        with zipfile.ZipFile(tmp_path / "people.zip", "w") as archived:
            for file in sorted(source.iterdir()):
                archived.write(file, file.name)
        source = tmp_path / "people.zip"
    whole = dry_run(workspace, source, seconds=math.inf, choices=CROP)
    some = dry_run(workspace, source, seconds=0, choices=CROP, with_pictures=True)
    assert list(scratch.iterdir()) == [] and not workspace.root.parent.exists()
    report = import_dataset(workspace, source, choices=CROP)
    assert (whole.images, whole.revision, whole.splits) == (87, report.revision, report.splits)
    assert whole.complete and not some.complete and 5 <= some.opened < 87 and some.images in (87, 90)
    assert len(some.samples) == 5 and not some.error
    assert {problem["kind"] for problem in some.problems} >= {"missing-point"}
    assert all(problem["count"] <= problem["among"] <= some.images for problem in some.problems)
    for sample in some.samples:
        there = np.array([place is not None for place in sample.card.true_points])
        dots = find_dots(Image.open(io.BytesIO(sample.picture)))
        places = np.array([place or (np.nan, np.nan) for place in sample.card.true_points], dtype=float)
        np.testing.assert_allclose(dots[there], places[there] * (sample.width, sample.height), atol=1)
        assert "#" in sample.file and sample.group == f"{sample.file.partition('#')[0]}.png"


def test_all_or_nothing(tmp_path, workspace, monkeypatch):
    """Too many, too large, nothing usable: a sentence, and the workspace is as it was."""
    source = folder_of(tmp_path / "people", PHOTOS)
    for module, name, limit, sentence in (
        (archive, "MAX_FILES", 7, "show 8 things with points, more than 7"),
        (archive, "MAX_BYTES", 5000, "What is cut out of the images takes more than"),
        (crop_files, "_ROOM", 2**60, "does not fit on the disk"),
    ):
        with monkeypatch.context() as changed:
            changed.setattr(module, name, limit)
            with pytest.raises(UserError, match=sentence):
                import_dataset(workspace, source, choices=CROP)
    (source / "people.json").write_text(coco({name: [([0, 0, 0, 0], ANN[1])] for name in PHOTOS}))
    with pytest.raises(UserError, match=r"No row of the data \(COCO JSON\) can be used \(a#1\.png: box of 0 x 0"):
        import_dataset(workspace, source, choices=CROP)
    trial = dry_run(workspace, source, choices=CROP, with_pictures=True)
    assert "No row" in trial.error and trial.samples == []
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.parent != source]
