"""Decoded images are always those of the files, whatever happens to the cache, its disk or its writer."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing.importer import import_dataset
from lib.training.learner import data, decoded, features
from tests.unit.training import noise_pictures
from tests.unit.training.noise_pictures import SIDE, N, by_hand, imported, on_disk
from tests.warm import Code

#: Fixtures.
dataset, opened = noise_pictures.dataset, noise_pictures.opened


def _file(workspace: Workspace):
    (path,) = workspace.decoded.glob("noise/*")
    return path


def test_a_second_process_decodes_nothing_and_sees_the_same(dataset, workspace, opened):
    """What one run has decoded another takes from the file, byte for byte, in any order and more than once."""
    rows = [3, 0, 3, 5, 1, 2, 4]
    first = data.Pictures(dataset, SIDE)
    np.testing.assert_array_equal(first.batch(rows), by_hand(dataset)[rows])
    assert len(opened) == N
    assert on_disk(first)
    second = data.Pictures(dataset, SIDE)
    np.testing.assert_array_equal(second.batch(rows), by_hand(dataset)[rows])
    np.testing.assert_array_equal(np.asarray(second(4)), by_hand(dataset)[4])
    assert len(opened) == N
    data.Pictures(dataset, SIDE + 1).batch([0])  # another size is another file
    assert len(list(workspace.decoded.glob("noise/*"))) == 2


def test_two_runs_fill_one_file_at_once(dataset, opened):
    """Each takes what the other has decoded meanwhile, and both see the right pictures."""
    one, other = data.Pictures(dataset, SIDE), data.Pictures(dataset, SIDE)
    np.testing.assert_array_equal(one.batch([0, 1]), by_hand(dataset)[:2])
    np.testing.assert_array_equal(other.batch([1, 2]), by_hand(dataset)[1:3])
    np.testing.assert_array_equal(one.batch([2, 0]), by_hand(dataset)[[2, 0]])
    assert len(opened) == 3


def test_a_changed_copy_is_refused(dataset, opened):
    """A picture that was exchanged in the workspace is neither learned from nor shown as it was before; back it is."""
    data.Pictures(dataset, SIDE).batch(range(N))
    path = dataset.image_path(2)
    content = path.read_bytes()
    path.write_bytes(dataset.image_path(3).read_bytes())
    os.utime(path, ns=(1, 1))
    again = data.Pictures(dataset, SIDE)
    again.batch([0, 3])
    with pytest.raises(UserError, match="of noise has changed since it was imported: put the old one back"):
        again.batch([2])
    with pytest.raises(UserError, match="has changed since it was imported"):
        features._digest(dataset, 2)  # by which features of the other picture would be found
    assert len(opened) == N
    path.write_bytes(content)
    np.testing.assert_array_equal(data.Pictures(dataset, SIDE).batch([2]), by_hand(dataset)[[2]])


def test_a_picture_changed_behind_its_old_time_is_refused(workspace, tmp_path):
    """Other pixels in a file of the same size, with the time of change set back, are not those that were imported."""
    for item in range(N):  # no compression: always as large
        path = tmp_path / "source" / "ab"[item % 2] / f"{item}.bmp"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((20, 24, 3), 100 + item, dtype=np.uint8)).save(path)
    import_dataset(workspace, tmp_path / "source", name="noise")
    dataset = store.load(workspace, "noise")
    path = dataset.image_path(0)
    before, status = data.Pictures(dataset, SIDE).batch([0]), path.stat()
    Image.fromarray(np.full((20, 24, 3), 9, dtype=np.uint8)).save(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    assert (before >= 100).all()
    with pytest.raises(UserError, match="has changed since it was imported"):
        data.Pictures(dataset, SIDE).batch([0])


def test_a_changed_picture_in_place_is_refused_although_it_is_cached(workspace, tmp_path):
    """Pictures used where they are must be the imported ones, also when no file has to be opened any more."""
    dataset = imported(workspace, tmp_path / "source", in_place=[tmp_path])
    assert dataset.root
    data.Pictures(dataset, SIDE).batch(range(N))
    dataset.image_path(1).write_bytes(dataset.image_path(2).read_bytes())
    again = data.Pictures(dataset, SIDE)
    again.batch([0, 2])
    with pytest.raises(UserError, match="has changed since it was imported"):
        again.batch([1])


@pytest.mark.parametrize("damage", ["picture", "record", "cut off", "header", "empty", "folder of another kind"])
def test_what_is_damaged_is_decoded_again(damage, dataset, workspace, opened):
    """A flipped byte, a file cut off, a foreign file: pictures are right, and the file is whole afterwards."""
    data.Pictures(dataset, SIDE).batch(range(N))
    path = _file(workspace)
    content = bytearray(path.read_bytes())
    if damage == "picture":
        content[-5] ^= 255  # of the last row
    elif damage == "record":
        content[4096 + 20] ^= 1  # of the first row
    elif damage == "cut off":
        del content[-3 * SIDE * SIDE * 2 :]
    elif damage == "empty":
        content.clear()
    elif damage == "header":
        content[:40] = b"x" * 40
    if damage == "folder of another kind":
        shutil.rmtree(workspace.decoded)
        workspace.decoded.write_text("no folder")
    else:
        path.write_bytes(content)
    opened.clear()
    np.testing.assert_array_equal(data.Pictures(dataset, SIDE).batch(range(N)), by_hand(dataset))
    assert len(opened) == (1 if damage in ("picture", "record") else N)
    opened.clear()
    after = data.Pictures(dataset, SIDE)
    np.testing.assert_array_equal(after.batch(range(N)), by_hand(dataset))
    assert len(opened) == (0 if on_disk(after) else N)
    assert on_disk(after) == (damage != "folder of another kind")


@pytest.mark.parametrize("left", [0, 100, 4096 + 300, -1])
def test_a_file_that_is_cut_off_in_use_is_made_anew(left, dataset, workspace, opened):
    """Somebody shortens it while processes read it: pictures are right, nobody is killed, the next file is whole."""
    pictures, other = data.Pictures(dataset, SIDE), data.Pictures(dataset, SIDE)
    for one in (pictures, other):
        one.batch(range(N))
    path = _file(workspace)
    os.truncate(path, left if left >= 0 else path.stat().st_size - 1)
    for one in (pictures, other):
        np.testing.assert_array_equal(one.batch([5, 0, 5]), by_hand(dataset)[[5, 0, 5]])
        np.testing.assert_array_equal(one.batch(range(N)), by_hand(dataset))
        assert on_disk(one) and not one.note
    assert len(opened) == 2 * N  # what one has decoded again, the other takes


def test_a_file_that_was_cut_off_does_not_grow_again(dataset, workspace):
    """Written to, it would have a hole where other pictures were, and those would be black."""
    pictures = data.Pictures(dataset, SIDE)
    pictures.batch(range(N - 1))
    os.truncate(_file(workspace), 0)
    np.testing.assert_array_equal(pictures.batch([N - 1]), by_hand(dataset)[[N - 1]])
    np.testing.assert_array_equal(pictures.batch(range(N)), by_hand(dataset))


def test_a_file_that_is_cut_off_all_the_time_is_given_up(dataset, monkeypatch):
    """No batch waits for ever; it is said that decoded pictures are not kept."""
    pictures = data.Pictures(dataset, SIDE)
    monkeypatch.setattr(decoded.File, "_is_cut_off", lambda _: True)
    for _ in range(2):
        np.testing.assert_array_equal(pictures.batch(range(N)), by_hand(dataset))
    assert "again and again" in pictures.note


def test_another_version_or_decoder_is_another_file(dataset, workspace, monkeypatch, opened):
    """What an older program or another Pillow has left is not read: its pixels may differ."""
    data.Pictures(dataset, SIDE).batch(range(N))
    monkeypatch.setattr(decoded, "VERSION", decoded.VERSION + 1)
    np.testing.assert_array_equal(data.Pictures(dataset, SIDE).batch(range(N)), by_hand(dataset))
    monkeypatch.setattr(decoded.PIL, "__version__", "0.0")
    data.Pictures(dataset, SIDE).batch(range(N))
    assert len(opened) == 3 * N


_KILLED = Code("""
import os, signal, sys
import numpy as np
from PIL import Image
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.training.learner import decoded
seen, writing = 0, decoded._write
def write(handle, content, offset):
    global seen
    seen += 1
    if seen == int(sys.argv[2]):
        writing(handle, content[: len(content) // 2], offset)
        os.kill(os.getpid(), signal.SIGKILL)
    writing(handle, content, offset)
decoded._write = write
workspace = Workspace.find(sys.argv[1])
dataset = store.load(workspace, "noise")
file = decoded.open_file(workspace, dataset, 16)
for row in range(6):
    path = dataset.image_path(row)
    pixels = np.asarray(Image.open(path).resize((16, 16), Image.Resampling.BILINEAR)).transpose(2, 0, 1)
    original = decoded.Original.of(path, dataset.items["digest"].iat[row])
    file.put(row, pixels, original)
""")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kills by signal")
@pytest.mark.parametrize("number", [1, 4, 5])  # while the file is made, within a picture, within a record
def test_a_killed_writer_leaves_nothing_wrong(number, dataset, workspace, warm):
    """Whenever the process is killed, the next one sees the right pictures."""
    command = [sys.executable, "-c", _KILLED, str(workspace.root), str(number)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    np.testing.assert_array_equal(data.Pictures(dataset, SIDE).batch(range(N)), by_hand(dataset))


def test_a_picture_that_is_gone_is_a_sentence(dataset):
    """A file that was removed after it was cached is missed, as before there was a cache."""
    data.Pictures(dataset, SIDE).batch(range(N))
    dataset.image_path(3).unlink()
    with pytest.raises(UserError, match="cannot be read any more"):
        data.Pictures(dataset, SIDE).batch([3])
