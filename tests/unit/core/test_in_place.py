"""Images are used in place only where that is allowed, and only as long as they match what was imported."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib.core import in_place
from lib.core.dataset import Dataset, PictureError
from lib.core.errors import UserError
from lib.datasets import store
from lib.export import dataset
from lib.importing import unpack
from lib.importing.importer import import_dataset


def _picture(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (20, 20, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def source(tmp_path) -> Path:
    """Twelve pictures in two classes, below a folder that holds everything."""
    for number in range(12):
        _picture(tmp_path / "allowed" / "pets" / "all" / ("cat", "dog")[number % 2] / f"{number}.png", number)
    return tmp_path / "allowed" / "pets"


@pytest.fixture
def imported(workspace, source) -> Dataset:
    """The dataset of ``source``, used where it is."""
    import_dataset(workspace, source, in_place=[source.parent])
    return store.load(workspace, "pets")


def test_nothing_is_copied(imported, source, workspace, tmp_path):
    """The workspace holds no picture, the dataset shows those of the folder, and export and revision know them."""
    assert sorted(path.name for path in imported.path.iterdir()) == [
        "dataset.json",
        "items.parquet",
        "stamps.npy",
        "targs.npy",
    ]
    assert imported.root == source.resolve() / "all" or imported.root == source.resolve()
    for item in range(12):
        path = imported.image_path(item)
        assert path.is_relative_to(source) and path.name == Path(imported.items["original"][item]).name
        assert imported.names[imported.targs[item]] == path.parent.name
    import_dataset(workspace, source, name="copied")
    copied = store.load(workspace, "copied")
    assert copied.items["digest"].tolist() == imported.items["digest"].tolist()
    dataset.write(dataset.prepare(imported, "labels-csv"), tmp_path / "out.zip")
    import_dataset(workspace, tmp_path / "out.zip", name="back")
    assert store.load(workspace, "back").items["digest"].tolist() == copied.items["digest"].tolist()


@pytest.mark.parametrize("roots", [[], ["elsewhere"], ["allowed/pet"], ["allowed/pets/all"]])
def test_only_below_allowed_folders(workspace, source, tmp_path, roots):
    """A folder beside, above or merely called like an allowed one is refused, and so is a link to it from inside."""
    allowed = [tmp_path / root for root in roots]
    with pytest.raises(UserError, match="MANYHOT_ROOTS"):
        import_dataset(workspace, source, in_place=allowed)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "pets").symlink_to(source)
    with pytest.raises(UserError, match="may not be used where they are"):
        import_dataset(workspace, tmp_path / "elsewhere" / "pets", in_place=allowed)
    with pytest.raises(UserError, match="may not be used where they are"):
        import_dataset(workspace, tmp_path / "elsewhere" / ".." / "allowed" / "pets", in_place=allowed)
    assert not workspace.root.exists()


def test_a_zip_is_no_folder(workspace, source, tmp_path):
    """What has to be unpacked first cannot be used where it is."""
    import_dataset(workspace, source, name="copied")
    dataset.write(dataset.prepare(store.load(workspace, "copied"), "labels-csv"), tmp_path / "allowed" / "p.zip")
    with pytest.raises(UserError, match="no folder"):
        import_dataset(workspace, tmp_path / "allowed" / "p.zip", in_place=[tmp_path])


def test_which_folders_are_allowed(monkeypatch, tmp_path):
    """The variable names several; without it the default counts, and there may be none."""
    monkeypatch.delenv(in_place.VARIABLE, raising=False)
    assert in_place.allowed(None) == [] and in_place.allowed(tmp_path) == [tmp_path.resolve()]
    monkeypatch.setenv(in_place.VARIABLE, os.pathsep.join([str(tmp_path / "a"), "", str(tmp_path / "b")]))
    assert in_place.allowed(Path("/")) == [(tmp_path / "a").resolve(), (tmp_path / "b").resolve()]


def test_changed_pictures_are_told(imported):
    """Another content, of whatever size, and a file that is gone are told with their place; a new date is not."""
    path = imported.image_path(0)
    data = path.read_bytes()
    path.write_bytes(data)
    os.utime(path, (1, 1))
    assert imported.image_path(0) == path
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(UserError, match=r"0\.png has changed since it was imported"):
        imported.image_path(0)
    path.write_bytes(data + b"x")
    with pytest.raises(UserError, match="has changed"):
        imported.image_path(0)
    path.unlink()
    with pytest.raises(UserError, match=r"0\.png cannot be read .*No such file"):
        imported.image_path(0)
    path.symlink_to(path.name)
    with pytest.raises(UserError, match=r"0\.png"):
        imported.image_path(0)


def test_a_flipped_bit_that_leaves_size_and_time_is_told(imported):
    """What rotted under the same size and date, or is written to while it is read, is refused; the whole is given."""
    path = imported.image_path(0)
    data, status = path.read_bytes(), path.stat()
    with imported.opened(0) as file:
        assert file.read() == data
    rotten = data[:-20] + bytes([data[-20] ^ 1]) + data[-19:]
    with pytest.raises(PictureError, match=r"0\.png .*has changed since it was imported"), imported.opened(0) as file:
        path.write_bytes(rotten)  # after its hash was compared
        assert file.read() == rotten
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(PictureError, match=r"0\.png .*has changed since it was imported"), imported.opened(0):
        pass


@pytest.mark.parametrize("where", ["file", "folder"])
def test_links_lead_nowhere(imported, tmp_path, where):
    """A picture, or its folder, replaced by a link to outside is not followed, even to the same content."""
    path = imported.image_path(0)
    moved = path if where == "file" else path.parent
    moved.rename(tmp_path / "outside")
    moved.symlink_to(tmp_path / "outside")
    with pytest.raises(UserError, match="leads out of"):
        imported.image_path(0)


def test_a_folder_that_is_allowed_no_more(imported, monkeypatch, tmp_path):
    """Where the variable names other folders later on, the pictures are not read any more."""
    monkeypatch.setenv(in_place.VARIABLE, str(tmp_path / "elsewhere"))
    with pytest.raises(UserError, match="may not be used where they are"):
        imported.image_path(0)
    monkeypatch.setenv(in_place.VARIABLE, str(tmp_path))
    assert imported.image_path(0).is_file()


def test_a_picture_that_changes_during_the_import(workspace, source):
    """What was checked and what is kept are the same: a change in between is noticed at the first look."""
    victim = next(source.rglob("3.png"))

    def change(done: int, total: int, text: str) -> None:
        if text == "Checking the images" and done == total:
            victim.write_bytes(next(source.rglob("5.png")).read_bytes())

    import_dataset(workspace, source, in_place=[source], progress=change)
    dataset = store.load(workspace, "pets")
    row = [Path(name).name for name in dataset.items["original"]].index("3.png")
    with pytest.raises(UserError, match=r"3\.png has changed"):
        dataset.image_path(row)


def test_a_folder_stays_where_it_is_only_where_that_is_allowed(tmp_path, monkeypatch):
    """Below the home or the named roots, unless it is packed; with named roots, anything else is refused."""
    monkeypatch.delenv(in_place.VARIABLE, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    inside, outside = tmp_path / "home" / "pets", tmp_path / "away" / "pets"
    for folder in (inside, outside):
        folder.mkdir(parents=True)
    assert in_place.fitting(inside) == [(tmp_path / "home").resolve()]
    assert in_place.fitting(outside) is None
    (tmp_path / "home" / "pets.zip").write_bytes(b"PK")
    assert in_place.fitting(tmp_path / "home" / "pets.zip") is None
    monkeypatch.setenv(in_place.VARIABLE, str(tmp_path / "away"))
    assert in_place.fitting(outside) == [(tmp_path / "away").resolve()]
    with pytest.raises(UserError, match="may not be used where they are"):
        in_place.fitting(inside)
    with pytest.raises(UserError, match="may not be read from this page"):
        in_place.check_readable(tmp_path / "home" / "pets.zip")
    in_place.check_readable(outside / "pets.zip")
    monkeypatch.delenv(in_place.VARIABLE)
    in_place.check_readable(inside)


def test_only_pictures_inside_parquet_are_packed(source):
    """A Parquet table beside its pictures keeps nobody from using them where they are; one that holds them does."""
    pd.DataFrame({"file_name": ["all/cat/0.png"], "label": ["cat"]}).to_parquet(source / "metadata.parquet")
    assert not unpack.is_packed(source)
    inner = source.parent / "packed"
    inner.mkdir()
    data = (source / "all" / "cat" / "0.png").read_bytes()
    pd.DataFrame({"image": [{"bytes": data, "path": "a.png"}] * 2, "label": [0, 1]}).to_parquet(inner / "0.parquet")
    assert unpack.is_packed(inner)


def test_a_link_to_a_table_opens_nothing_beside_itself(tmp_path, monkeypatch):
    """A table below the allowed folders, reached by a link from elsewhere, would name pictures beside the link."""
    (tmp_path / "allowed").mkdir()
    (tmp_path / "private").mkdir()
    table, link = tmp_path / "allowed" / "a.csv", tmp_path / "private" / "a.csv"
    table.write_text("file\nsecret.jpg\n")
    link.symlink_to(table)
    monkeypatch.setenv(in_place.VARIABLE, str(tmp_path / "allowed"))
    in_place.check_readable_with_folder(table)
    in_place.check_readable_with_folder(table.parent)
    with pytest.raises(UserError, match="may not be read"):
        in_place.check_readable_with_folder(link)
