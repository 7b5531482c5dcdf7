"""Images over 8 bits have the same pixels, by one range, for display, measurement, training, and prediction."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib import tasks
from lib.core import depth, pictures
from lib.core.depth import ValueRange
from lib.core.workspace import Workspace
from lib.datasets import brightness, checks, store
from lib.datasets.checks import fingerprints
from lib.export import dataset as dataset_export
from lib.importing import dry_run, importer
from lib.training import options
from lib.web.server import serving
from tests import unsealed
from tests.unit.deep_files import png16, tiff16

N, SIDE = 8, 32
FORMS = {"png": png16, "tif": tiff16}


def _values(row: int, highest: int = 4095) -> np.ndarray:
    """Return a picture of its own mean, a fourth to all of ``highest``; the last one reaches it."""
    rng = np.random.default_rng(row)
    return rng.integers(0, 1 + highest * (row // 2 + 1) // (N // 2), (SIDE, SIDE))


def _source(folder: Path, form: str, highest: int = 4095) -> Path:
    for row in range(N):
        path = folder / "ab"[row % 2] / f"{row}.{form}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FORMS[form](_values(row, highest)))
    return folder


def _imported(workspace: Workspace, source: Path, **options):
    report = importer.import_dataset(workspace, source, name="deep", valid=0.5, **options)
    return report, store.load(workspace, "deep")


def _shown_by_hand(row: int, highest: int = 4095) -> np.ndarray:
    return np.rint(_values(row, highest) * 255 / highest).astype(np.uint8)


def _row_of(dataset, item: int) -> int:
    return int(Path(dataset.items["original"].iat[item]).stem)


@pytest.mark.parametrize("in_place", [False, True], ids=["copy", "in place"])
@pytest.mark.parametrize("form", FORMS)
def test_the_same_pixels_everywhere(form, in_place, tmp_path, workspace):
    """What pages show, brightness measures, training and predicting see is what numpy makes of the values by hand."""
    import torch
    from torch import nn

    from lib.training.learner import data, inference

    source = _source(tmp_path / "source", form)
    report, dataset = _imported(workspace, source, **({"in_place": [tmp_path]} if in_place else {}))
    assert dataset.value_range == ValueRange(0, 4095)
    assert (dataset.root is not None) == in_place
    problem = next(one for one in report.problems if one["kind"] == "deep-picture")
    assert (
        problem["count"] == N and "their values 0 to 4,095 (12 bits) are stretched to 0 to 255" in problem["sentence"]
    )

    expected = [_shown_by_hand(_row_of(dataset, item)) for item in range(N)]
    measured = brightness.measure(dataset)
    for item in range(N):
        path = dataset.image_path(item)
        assert path.read_bytes() == (source / dataset.items["original"].iat[item]).read_bytes()
        content, kind = serving.encoded(path, 0, dataset.base, dataset.value_range)
        assert kind == "image/png"
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(content)))[..., 0], expected[item])
        assert measured[item] == pytest.approx(expected[item].mean(), abs=1.5)
        thumb = fingerprints.scan(dataset, item)["thumbs"]
        np.testing.assert_array_equal(thumb, expected[item])

    task, config = tasks.get(dataset.task), options.configure(dataset, {"size": SIDE, "bs": 2, "pretrained": False})
    cpu = torch.device("cpu")
    dls = data.make_dls(dataset, task, config, {}, data.Pictures(dataset, SIDE), cpu)
    rows = dataset.index("valid").tolist()
    taught = torch.cat([batch[0] for batch in data.split_dl(dls, dataset, "valid")]).as_subclass(torch.Tensor)
    model = inference.Model(nn.Sequential(), task, dataset.names, {}, config, value_range=dataset.value_range)
    asked = model.batch(np.stack([inference._read(dataset.image_path(row), model)[0] for row in rows]))
    assert torch.equal(taught, asked)
    by_hand = np.stack([expected[row] for row in rows])[:, None].repeat(3, axis=1) / 255
    mean, std = (np.array(part).reshape(1, 3, 1, 1) for part in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    np.testing.assert_allclose(asked.numpy(), (by_hand - mean) / std, atol=1e-4)


def test_the_range_is_that_of_all_pictures(tmp_path, workspace):
    """A dim picture stays dim beside a bright one, and a single 16-bit picture makes the others narrow: said."""
    source = _source(tmp_path / "source", "png")
    (source / "a" / "0.png").write_bytes(png16(np.full((SIDE, SIDE), 65535)))
    report, dataset = _imported(workspace, source)
    assert dataset.value_range == ValueRange(0, 65535)
    sentences = {one["kind"]: one["sentence"] for one in report.problems}
    assert "0 to 65,535 (16 bits)" in sentences["deep-picture"]
    assert sentences["narrow-values"].startswith(f"{N} images use less than an eighth of the values 0 to 65,535")


def test_the_range_is_a_part_of_the_revision(tmp_path, workspace):
    """Other pixels are another dataset for runs and browsers; without a range the revision is what it always was."""
    report, dataset = _imported(workspace, _source(tmp_path / "source", "png"))
    head = unsealed.read(dataset.path / store.HEAD)
    assert head["value_range"] == [0, 4095]
    assert report.revision == dataset.revision == head["revision"]
    del head["value_range"]  # as of before ranges were kept
    before = store.revision(dataset.names, dataset.items, dataset.targs)
    (dataset.path / store.HEAD).write_text(json.dumps({**head, "revision": before}))
    old = store.load(workspace, "deep")
    assert old.value_range == depth.UPPER and before != dataset.revision
    shown = np.asarray(pictures.open_image(old.image_path(0), old.value_range))[..., 0]
    np.testing.assert_array_equal(shown, _values(_row_of(old, 0)) >> 8)


@pytest.mark.parametrize("bad", [[0], [5, 5], "upper", [0, "4095"], {"white": 3}])
def test_a_range_that_is_none_is_damage(bad, tmp_path, workspace):
    """A wrong value in the file says the field, and no page fails on it."""
    _, dataset = _imported(workspace, _source(tmp_path / "source", "png"))
    head = unsealed.read(dataset.path / store.HEAD)
    (dataset.path / store.HEAD).write_text(json.dumps({**head, "value_range": bad}))
    with pytest.raises(store.UserError, match="is damaged"):
        store.load(workspace, "deep")


def test_8_bits_have_no_range(tmp_path, workspace):
    """A dataset of 8 bits keeps that there was nothing to stretch, and reports nothing."""
    source = _source(tmp_path / "source", "png")
    for path in source.rglob("*.png"):
        Image.fromarray(_values(int(path.stem), 255).astype(np.uint8)).save(path)
    report, dataset = _imported(workspace, source)
    assert dataset.value_range == depth.OWN
    assert dataset.revision == store.revision(dataset.names, dataset.items, dataset.targs)
    assert not {"deep-picture", "narrow-values", "upper-bits"} & {one["kind"] for one in report.problems}


def test_a_dry_run_shows_the_same(tmp_path, workspace):
    """The samples of a dry run are as bright as the dataset's pictures, and it says the range and the revision."""
    source = _source(tmp_path / "source", "png")
    tried = dry_run.dry_run(workspace, source, name="deep", valid=0.5, seconds=60, with_pictures=True)
    report, _ = _imported(workspace, source)
    assert tried.revision == report.revision
    assert [one["sentence"] for one in tried.problems] == [one["sentence"] for one in report.problems]
    for sample in tried.samples:
        with Image.open(io.BytesIO(sample.picture)) as image:
            row = int(Path(sample.file).stem)
            assert np.asarray(image).mean() == pytest.approx(_shown_by_hand(row).mean(), abs=1.5)


def test_an_export_imports_as_the_same(tmp_path, workspace):
    """The files leave byte for byte, and give the same range and revision again."""
    _, dataset = _imported(workspace, _source(tmp_path / "source", "png"))
    dataset_export.write(dataset_export.prepare(dataset, "labels-csv"), tmp_path / "out.zip")
    importer.import_dataset(workspace, tmp_path / "out.zip", name="again")
    again = store.load(workspace, "again")
    assert again.value_range == dataset.value_range
    assert sorted(again.items["digest"]) == sorted(dataset.items["digest"])


def test_parts_are_cut_out_by_the_range_of_all(tmp_path, workspace):
    """Crops are 8-bit files, stretched as whole pictures are, and remember by which range, for new pictures."""
    names, images, annotations = [], [], []
    (tmp_path / "source").mkdir()
    for row in range(N):
        names.append(f"{row}.png")
        (tmp_path / "source" / names[-1]).write_bytes(png16(_values(row)))
        images.append({"id": row, "file_name": names[-1], "width": SIDE, "height": SIDE})
        for left in (0, 16):
            point = {"keypoints": [left + 3, 5, 2, left + 8, 15, 2], "num_keypoints": 2}
            box = {"bbox": [left, 0, 16, SIDE], "category_id": 1, "image_id": row, "id": len(annotations) + 1}
            annotations.append({**point, **box})
    category = {"id": 1, "name": "thing", "keypoints": ["top", "bottom"], "skeleton": []}
    coco = {"images": images, "annotations": annotations, "categories": [category]}
    (tmp_path / "source" / "coco.json").write_text(json.dumps(coco))
    _, dataset = _imported(workspace, tmp_path / "source", choices={"several": "crop"})
    assert len(dataset) == 2 * N and dataset.value_range == ValueRange(0, 4095)
    for item in range(len(dataset)):
        whole = _shown_by_hand(int(Path(dataset.items["group"].iat[item]).stem))
        with Image.open(dataset.image_path(item)) as crop:
            assert crop.mode == "RGB" and 16 <= crop.width < SIDE
            pixels = np.asarray(crop)[..., 0]
        assert any(np.array_equal(pixels, part) for part in (whole[:, : crop.width], whole[:, -crop.width :]))


def test_checks_say_what_was_imported_before(tmp_path, workspace):
    """A dataset of before ranges says that only the upper 8 bits are seen, and what to do; the new import does not."""
    _, dataset = _imported(workspace, _source(tmp_path / "source", "png"))

    def by_kind(checked):
        findings = checks.run(checked, fingerprints.measure(checked), ["colors"]).findings
        return {one.kind: one for one in findings if one.kind == "deep-picture"}

    assert not by_kind(dataset)  # all of them are deep
    old = by_kind(replace(dataset, value_range=depth.UPPER))["deep-picture"]
    assert old.rows == tuple(range(N)) and "Import it again" in old.sentence


def test_checks_say_which_are_stretched(tmp_path, workspace):
    """One deep picture among many of 8 bits is told, with the range that it is stretched by."""
    source = _source(tmp_path / "source", "png")
    for path in source.rglob("*.png"):
        if path.stem != "7":
            Image.fromarray(_values(int(path.stem), 255).astype(np.uint8)).save(path)
    _, dataset = _imported(workspace, source)
    findings = checks.run(dataset, fingerprints.measure(dataset), ["colors"]).findings
    sentence = next(one.sentence for one in findings if one.kind == "deep-picture")
    assert "the values 0 to 4,095 (12 bits) are stretched" in sentence
