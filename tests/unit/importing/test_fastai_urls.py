"""fastai's own datasets are downloaded the way fastai does it, and every failure is one sentence, reported quickly."""

from __future__ import annotations

import gzip
import io
import json
import socket
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib import tasks
from lib.cli import main
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing.fastai import urls
from tests.unit.importing.fastai_server import offer, serving, slowly
from tests.warm import cold

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("warm")]  # each fetch imports fastai in its own process


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server on this computer, and a fastai folder of the test's own."""
    with serving(tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    """A workspace that does not exist yet."""
    return Workspace(tmp_path / "workspace")


def picture(path: Path, seed: int, size: tuple[int, int] = (40, 30)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def pascal(root: Path) -> pd.DataFrame:
    """Make a look-alike of PASCAL_2007: its table, its COCO files, its masks; return the table."""
    rows = []
    for number in range(12):
        picture(root / f"train/{number:06d}.jpg", number)
        picture(root / f"segmentation/{number:06d}.png", number)
        rows.append((f"{number:06d}.jpg", ("chair", "car person", "person")[number % 3], number % 4 == 0))
    table = pd.DataFrame(rows, columns=["fname", "labels", "is_valid"])
    table.to_csv(root / "train.csv", index=False)
    (root / "train.json").write_text(json.dumps({"images": [], "annotations": [], "categories": []}))
    return table


def planet(root: Path) -> None:
    """Make a look-alike of PLANET_SAMPLE."""
    tags = []
    for number in range(10):
        picture(root / f"train/train_{number}.jpg", number)
        tags.append((f"train_{number}", ("clear primary", "cloudy", "clear primary road")[number % 3]))
    pd.DataFrame(tags, columns=["image_name", "tags"]).to_csv(root / "labels.csv", index=False)


def biwi(root: Path) -> None:
    """Make a look-alike of BIWI_HEAD_POSE: persons' folders, poses in millimetres, a camera."""
    for person in ("01", "02", "03"):
        (root / person).mkdir(parents=True)
        (root / person / "rgb.cal").write_text(
            "500 0 320\n0 500 240\n0 0 1\n\n0 0 0 0\n\n1 0 0\n0 1 0\n0 0 1\n\n0 0 0\n\n640 480\n"
        )
        for number in range(3, 6):
            picture(root / person / f"frame_{number:05d}_rgb.jpg", number, (640, 480))
            pose = f"1 0 0 \n0 1 0 \n0 0 1 \n\n{10 * number} {-20 * number} 1000 \n"
            (root / person / f"frame_{number:05d}_pose.txt").write_text(pose)


def test_names_and_addresses_are_fastais():
    """Every name is one of fastai's own, with its address, its size and a task that exists."""
    from fastai.data import external

    checks = eval((Path(external.__file__).parent / "download_checks.py").read_text())
    for name, one in urls.DATASETS.items():
        assert one.url == getattr(external.URLs, name)
        assert checks[one.url][0] / 1e6 == pytest.approx(one.megabytes, rel=0.2)
        tasks.get(one.task)


def test_pascal_from_the_command_line(server, monkeypatch, tmp_path, workspace, capsys):
    """``--fastai PASCAL_2007`` is fastai's table, is_valid included; the second time nothing is downloaded."""
    table = pascal(tmp_path / "made")
    offer(server, monkeypatch, "PASCAL_2007", tmp_path / "made")
    told = ["import", "--fastai", "pascal_2007", "--workspace", str(workspace.root), "--json"]
    assert main(told) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["dataset"], report["task"], report["images"]) == ("pascal_2007", "multi-label", 12)
    assert report["splits"] == {"train": 9, "valid": 3} and report["problems"] == []
    loaded = store.load(workspace, "pascal_2007")
    for original, split, targs in zip(loaded.items["original"], loaded.items["split"], loaded.targs, strict=True):
        row = table[table["fname"] == Path(original).name].iloc[0]
        assert {loaded.names[i] for i in np.flatnonzero(targs)} == set(row["labels"].split())
        assert (split == "valid") == row["is_valid"]
    assert (tmp_path / "fastai/data/pascal_2007/train.csv").is_file()  # where fastai itself looks
    assert main([*told, "--name", "again"]) == 0
    assert server.asked == ["/pascal_2007.tgz"]
    assert main(told) == 2 and "another name" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "make", "task", "images"),
    [("PLANET_SAMPLE", planet, "multi-label", 10), ("BIWI_HEAD_POSE", biwi, "keypoints", 9)],
)
def test_other_forms(server, monkeypatch, tmp_path, workspace, name, make, task, images):
    """The satellite tiles come as labels, the heads as points with persons kept whole; progress is told."""
    make(tmp_path / "made")
    offer(server, monkeypatch, name, tmp_path / "made")
    monkeypatch.setenv("HOME", str(tmp_path))  # even below the home, what fastai keeps is copied
    assert main(["import", "--fastai", name, "--workspace", str(workspace.root)]) == 0
    loaded = store.load(workspace, name.lower())
    assert (loaded.task, len(loaded), loaded.root) == (task, images, None)
    if task == "keypoints":
        assert set(loaded.items["group"]) == {"01", "02", "03"}


@pytest.mark.parametrize(
    ("name", "files", "classes", "images"),
    [
        ("PETS", ["images/big_dog_1.jpg", "images/big_dog_12.jpg", "images/Bengal_3.jpg"], ["Bengal", "big_dog"], 3),
        ("DOGS", ["train/cats/1.jpg", "train/dogs/2.jpg", "valid/cats/3.jpg", "test1/9.jpg"], ["cats", "dogs"], 3),
        ("IMAGENETTE_160", ["train/n01/1.jpg", "train/n02/2.jpg", "val/n01/3.jpg"], ["n01", "n02"], 3),
        ("MNIST_SAMPLE", ["train/3/1.png", "train/7/2.png", "valid/3/3.png"], ["3", "7"], 3),
    ],
)
def test_each_is_read_as_its_lesson_does(tmp_path, workspace, name, files, classes, images):
    """The answers that come with a dataset make of its files, and those in the way, its classes and splits."""
    from lib.importing.importer import import_dataset

    for number, file in enumerate(files):
        picture(tmp_path / "made" / file, number)
    (tmp_path / "made/noisy_imagenette.csv").write_text("path,noisy_labels_0,is_valid\ntrain/n01/1.jpg,n02,False\n")
    (tmp_path / "made/labels.csv").write_text("name,label\ntrain/3/1.png,0\n") if name == "MNIST_SAMPLE" else None
    if name not in ("IMAGENETTE_160", "MNIST_SAMPLE"):
        (tmp_path / "made/noisy_imagenette.csv").unlink()
    report = import_dataset(workspace, tmp_path / "made", choices=urls.DATASETS[name].choices)
    assert (report.task, report.classes, report.images) == ("single-label", classes, images)


def test_no_network_is_said_soon(server, monkeypatch, tmp_path):
    """Nobody answers: one sentence within seconds, long before fastai is even imported."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused
        offer(server, monkeypatch, "PLANET_TINY", None, taken.getsockname()[1])
        with pytest.raises(
            UserError, match=r"planet_tiny\.tgz cannot be fetched from 127\.0\.0\.1:\d+ \(Connection refused\)"
        ):
            urls.fetch("PLANET_TINY")
    assert not (tmp_path / "fastai").exists()


def test_a_server_that_lacks_it(server, monkeypatch):
    """Not found is said with the file's name."""
    offer(server, monkeypatch, "PLANET_TINY", None)
    with pytest.raises(UserError, match=r"planet_tiny\.tgz cannot be fetched"):
        urls.fetch("PLANET_TINY")


def _hostile(server, entries: list[tarfile.TarInfo]) -> None:
    with tarfile.open(server.folder / "planet_tiny.tgz", "w:gz", compresslevel=1) as archive:
        for entry in entries:
            archive.addfile(entry, io.BytesIO(bytes(entry.size)))


def _entry(name: str, size: int = 3, **fields: object) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = size
    for key, value in fields.items():
        setattr(entry, key, value)
    return entry


@pytest.mark.parametrize(
    "entry",
    [
        _entry("../../escaped.txt"),
        _entry("planet_tiny/device", 0, type=tarfile.CHRTYPE),
        _entry("planet_tiny/link", 0, type=tarfile.SYMTYPE, linkname="/etc"),
    ],
    ids=["dots", "device", "link"],
)
def test_archives_that_reach_out_are_refused(server, monkeypatch, tmp_path, entry):
    """Names with dots, devices and links that lead out: a sentence, nothing outside, nothing kept."""
    _hostile(server, [_entry("planet_tiny/labels.csv"), entry])
    offer(server, monkeypatch, "PLANET_TINY", None)
    before = {path for path in tmp_path.rglob("*") if "fastai" not in path.parts}
    with pytest.raises(UserError, match="leads outside its folder"):
        urls.fetch("PLANET_TINY")
    assert {path for path in tmp_path.rglob("*") if "fastai" not in path.parts} == before
    kept = [
        path for path in (tmp_path / "fastai").rglob("*") if path.name not in ("config.ini", "planet_tiny.tgz.lock")
    ]
    assert not [path for path in kept if path.is_file()] and not list((tmp_path / "fastai/data").iterdir())


def test_a_bomb_is_not_kept(server, monkeypatch, tmp_path):
    """An archive that unpacks to far more than its size is stopped before its entry is written."""
    zeros = gzip.compress(bytes(2**20), 1)  # packed once: a .tgz may have many members
    head = _entry("planet_tiny/a.bin", 1_200 * 2**20).tobuf()
    (server.folder / "planet_tiny.tgz").write_bytes(gzip.compress(head) + 1_201 * zeros)
    offer(server, monkeypatch, "PLANET_TINY", None)
    with pytest.raises(UserError, match="would unpack to more"):
        urls.fetch("PLANET_TINY")
    assert not list((tmp_path / "fastai/data").iterdir())


def test_a_cut_download_is_not_taken_for_good(server, monkeypatch, tmp_path):
    """A damaged archive is said and deleted, so that the next try can succeed."""
    planet(tmp_path / "made")
    offer(server, monkeypatch, "PLANET_TINY", tmp_path / "made")
    whole = (server.folder / "planet_tiny.tgz").read_bytes()
    (server.folder / "planet_tiny.tgz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="arrived damaged"), cold():  # a new interpreter, as users start one
        urls.fetch("PLANET_TINY")
    (server.folder / "planet_tiny.tgz").write_bytes(whole)
    assert (urls.fetch("PLANET_TINY") / "labels.csv").is_file()


def test_stopping_ends_the_download(server, monkeypatch, tmp_path):
    """An exception in the caller's progress ends the worker, and no half of anything stays."""
    left = slowly(monkeypatch)
    offer(server, monkeypatch, "PLANET_TINY", None)
    calls = []

    def progress(done: int, total: int, text: str) -> None:
        calls.append((done, total, text))
        if done >= 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        urls.fetch("PLANET_TINY", progress)
    assert left.wait(20) and calls[-1][2] == "Downloading (MB)"
    assert not list((tmp_path / "fastai").rglob("*.part"))


def test_unknown_names_and_missing_sources(capsys, workspace):
    """A name that is not one, both sources and none are sentences that say what there is."""
    for told, sentence in (
        (["--fastai", "IMDB"], "PASCAL_2007"),
        (["--fastai", "PETS", "folder"], "found both"),
        ([], "found neither"),
    ):
        assert main(["import", *told, "--workspace", str(workspace.root)]) == 2
        assert sentence in capsys.readouterr().err
