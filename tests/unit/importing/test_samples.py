"""The samples are what they claim to be, and are drawn once and for all."""

from __future__ import annotations

import errno
import multiprocessing

import numpy as np
import pytest
from PIL import Image

from lib import tasks
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import samples


@pytest.fixture
def few(monkeypatch) -> None:
    """Draw forty pictures only."""
    monkeypatch.setattr(samples, "IMAGES", 40)
    monkeypatch.setattr(samples, "_TEST", 8)


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_samples_are_datasets(tmp_path, few, name):
    """Every sample is a dataset that its task accepts, with training, validation and test images."""
    workspace, calls = Workspace(tmp_path), []
    samples.ensure(workspace, name, lambda *call: calls.append(call[:2]))
    drawn = store.load(workspace, name)
    sample = samples.SAMPLES[name]
    assert drawn.task == sample.task and drawn.names == tuple(sample.names)
    assert tasks.get(drawn.task).check(drawn.names, drawn.targs) is None
    assert drawn.splits() == {"train": 26, "valid": 6, "test": 8}
    assert drawn.defaults["pretrained"] is False and calls == [(i + 1, 40) for i in range(40)]
    with Image.open(drawn.image_path(0)) as image:
        assert image.size == tuple(drawn.sizes[0])


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_samples_are_the_same_everywhere(tmp_path, few, name):
    """Two workspaces get the same revision and the same pixels."""
    loaded = []
    for place in ("a", "b"):
        samples.ensure(Workspace(tmp_path / place), name)
        loaded.append(store.load(Workspace(tmp_path / place), name))
    assert loaded[0].revision == loaded[1].revision
    assert loaded[0].image_path(3).read_bytes() == loaded[1].image_path(3).read_bytes()
    assert loaded[0].image_path(3).read_bytes() != loaded[0].image_path(4).read_bytes()


def _ensure(root) -> None:
    samples.IMAGES, samples._TEST = 40, 8
    samples.ensure(Workspace(root), "shapes")


def test_two_processes_at_once(tmp_path):
    """Two processes that draw one sample at once both end well and leave one whole dataset."""
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_ensure, args=(tmp_path,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert [path.name for path in (tmp_path / "datasets").iterdir()] == ["shapes"]
    assert len(store.load(Workspace(tmp_path), "shapes")) == 40


def test_an_existing_dataset_is_left_alone(tmp_path, few):
    """What is there already is neither drawn again nor changed."""
    workspace = Workspace(tmp_path)
    samples.ensure(workspace, "gauges")
    before = (workspace.dataset("gauges") / "dataset.json").stat().st_mtime_ns
    samples.ensure(workspace, "gauges", lambda *call: pytest.fail("drawn again"))
    assert (workspace.dataset("gauges") / "dataset.json").stat().st_mtime_ns == before


def test_unknown_sample(tmp_path):
    """A name that is no sample's gets a sentence with those there are."""
    with pytest.raises(UserError, match="shapes"):
        samples.ensure(Workspace(tmp_path), "mountains")


def test_clock_points_lie_on_ink():
    """The tips of the hands and the center are where the hands are: unlike the face around them."""
    off = 0
    for index in range(40):
        image, points = samples.clocks.draw(np.random.default_rng(index), index)
        pixels = np.asarray(image.convert("L"), dtype=float)
        face = np.median(pixels[28:68, 28:68])
        middle = 0.9 * points[2] + 0.1 * points[0]  # just inside the tip of the minute hand
        for x, y in (points[0], 0.9 * points[1] + 0.1 * points[0], middle):
            patch = pixels[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2]
            off += np.abs(patch - face).max() < 30
    assert off <= 2  # of 120: the colored center can be as light as the face


def test_gauge_needle_points_at_the_reading(monkeypatch):
    """The drawn needle, from its tail to its tip, points at the target on a scale from -135 to 135 degrees."""
    needles = []
    polygon = samples.gauges.canvas.polygon
    monkeypatch.setattr(samples.gauges.canvas, "polygon", lambda *call: (needles.append(call[1]), polygon(*call)))
    readings = [samples.gauges.draw(np.random.default_rng(seed), 0)[1][0] for seed in range(60)]
    directions = [needle[0] - needle[1:].mean(axis=0) for needle in needles]
    degrees = [np.degrees(np.arctan2(x, -y)) for x, y in directions]  # clockwise from the top
    shown = (np.array(degrees) + 135) / 270 * 10
    assert min(readings) < 1 and max(readings) > 9
    assert np.abs(shown - readings).max() < 0.6  # the whole gauge hangs a little askew: 3.4 degrees are 0.13 bar
    assert abs((shown - readings).mean()) < 0.08


def test_shapes_show_their_colors():
    """A picture labeled red has red pixels, one without has none; likewise for the other colors."""
    hue_of = {"red": (0, 18), "yellow": (30, 72), "green": (100, 160), "blue": (195, 255)}
    wrong = 0
    for index in range(60):
        image, targ = samples.shapes.draw(np.random.default_rng(index), index)
        hue, saturation, value = np.moveaxis(np.asarray(image.convert("HSV"), dtype=float), -1, 0)
        strong = (saturation > 110) & (value > 100)
        for color, (low, high) in hue_of.items():
            degrees = (hue * 360 / 255 + (18 if color == "red" else 0)) % 360
            shown = (strong & (degrees >= low) & (degrees <= high + (18 if color == "red" else 0))).sum() > 40
            wrong += shown != targ[samples.shapes.NAMES.index(color)]
    assert wrong <= 6  # of 240


def test_a_full_disk_is_one_sentence(tmp_path, few, monkeypatch):
    """A sample for which there is no room is said as an import is, and leaves nothing."""
    save, saved = Image.Image.save, []

    def full(self, path, **options):
        if len(saved) == 7:
            raise OSError(errno.ENOSPC, "No space left on device")
        saved.append(path)
        save(self, path, **options)

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(UserError, match="has no room for the images"):
        samples.ensure(Workspace(tmp_path), "glyphs")
    assert len(saved) == 7 and not list(tmp_path.rglob("*.png"))
