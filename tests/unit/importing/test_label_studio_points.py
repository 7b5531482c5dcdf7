"""Label Studio keypoints are where the annotators put them."""

from __future__ import annotations

import json

import numpy as np
from PIL import Image

from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import formats
from lib.importing.importer import import_dataset
from tests.unit.importing.label_studio_exports import annotation, export, point, targets, task, upload
from tests.unit.importing.sources import kinds


def test_points_in_percent(tmp_path):
    """Places are per cent of the size that the picture had; a point that was not set is missing."""
    tasks = [
        task(upload("a.jpg"), annotation(point("tail", 25, 50), point("nose", 3.1, 8.2))),
        task(upload("b.jpg"), annotation(point("nose", 100, 0))),
    ]
    parsed = formats.parse(export(tmp_path, tasks, ["a.jpg", "b.jpg"]))
    assert (parsed.task, parsed.names) == ("keypoints", ["nose", "tail"]) and parsed.targs.dtype == np.float32
    expected = [[[6.2, 8.2], [50, 50]], [[200, 0], [np.nan, np.nan]]]
    np.testing.assert_allclose(parsed.targs, expected, rtol=1e-6)
    parsed.check(parsed, np.array([(200, 100), (200, 100)]))
    np.testing.assert_allclose(parsed.targs, expected, rtol=1e-6)
    assert kinds(parsed) == {"missing-point": 1}


def test_pictures_of_another_size(tmp_path):
    """A picture made smaller since keeps its points in place; one of another shape is left out; no size is no harm."""
    bare = point("nose", 10, 40)
    del bare["original_width"], bare["original_height"]
    tasks = [
        task(upload("same.jpg"), annotation(point("nose", 10, 40))),
        task(upload("half.jpg"), annotation(point("nose", 10, 40))),
        task(upload("cut.jpg"), annotation(point("nose", 10, 40))),
        task(upload("bare.jpg"), annotation(bare)),
    ]
    parsed = formats.parse(export(tmp_path, tasks, ["same.jpg", "half.jpg", "cut.jpg", "bare.jpg"]))
    parsed.check(parsed, np.array([(200, 100), (100, 50), (100, 100), (400, 300)]))
    assert targets(parsed) == {"same.jpg": [[20, 40]], "half.jpg": [[10, 20]], "bare.jpg": [[40, 120]]}
    assert kinds(parsed) == {"points-moved": 1, "other-image-size": 1}


def test_points_that_are_of_no_use(tmp_path):
    """Two noses, a picture turned in the tool, a place that is no number and no point cost the picture, told once."""
    wrong = point("nose", "left", 2)
    nameless = point("nose", 1, 2)
    nameless["value"]["keypointlabels"] = []
    pictures = {
        "good.jpg": [point("nose", 1, 2)],
        "two.jpg": [point("nose", 1, 2), point("nose", 3, 4)],
        "turned.jpg": [point("nose", 1, 2, rotation=90)],
        "wrong.jpg": [wrong],
        "nameless.jpg": [nameless],
        "none.jpg": [],
    }
    tasks = [task(upload(name), annotation(*results)) for name, results in pictures.items()]
    parsed = formats.parse(export(tmp_path, tasks, list(pictures)))
    assert parsed.files == ["good.jpg"]
    assert kinds(parsed) == {"several-instances": 1, "turned-in-tool": 1, "missing-value": 2, "no-point": 1}


def test_import_of_turned_pictures(tmp_path):
    """A picture that EXIF turns was labeled upright: its points stay, whichever size the export declares."""
    exif = Image.Exif()
    exif[0x0112] = 6
    for name, options in (("a", {"exif": exif}), ("b", {"exif": exif}), ("c", {})):
        (tmp_path / "source").mkdir(exist_ok=True)
        Image.new("RGB", (200, 100) if options else (100, 200)).save(tmp_path / f"source/{name}.jpg", **options)
    tasks = [
        task(upload("a.jpg"), annotation(point("nose", 10, 20, size=(100, 200)))),
        task(upload("b.jpg"), annotation(point("nose", 20, 90, size=(200, 100)))),  # an old browser: as stored
        task(upload("c.jpg"), annotation(point("nose", 10, 20, size=(100, 200)))),
    ]
    (tmp_path / "source/export.json").write_text(json.dumps(tasks))
    workspace = Workspace(tmp_path / "workspace")
    report = import_dataset(workspace, tmp_path / "source", name="turned", valid=0.3)
    assert report.task == "keypoints" and [one["kind"] for one in report.problems] == ["points-moved"]
    np.testing.assert_allclose(store.load(workspace, "turned").targs[:, 0], [(10, 40)] * 3, atol=1e-4)
