"""What is measured of a picture, that it is kept, taken up again, and goes with the file."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image
from scipy.fft import dctn

from lib.core import processes
from lib.datasets import store
from lib.datasets.checks import fingerprints, scan
from lib.datasets.checks.fingerprints import CHANGED, GOOD, MISSING, UNREADABLE, UNSEEN
from lib.datasets.checks.near_duplicates import StoppedError
from lib.importing import importer
from tests.planted import cut_off
from tests.waiting import until
from tests.warm import Code


def _photo(seed, size=(96, 72)):
    blots = np.random.default_rng(seed).integers(0, 256, (7, 9, 3), dtype=np.uint8)
    return Image.fromarray(blots).resize(size, Image.Resampling.BICUBIC)


def test_the_hash_is_the_low_frequencies():
    """A bit says whether one of the 64 lowest frequencies of the small gray picture is above their median."""
    measured = fingerprints.fingerprint(_photo(0))
    low = dctn(measured["thumbs"].astype(np.float64))[:8, :8]
    bits = (low > np.median(low)).reshape(-1)
    assert measured["hashes"] == int("".join("01"[int(bit)] for bit in bits), 2)
    assert measured["thumbs"].shape == (32, 32) and measured["thumbs"].dtype == np.uint8


def test_color_and_contrast():
    """Gray has no chroma; a red ring on a green of equal brightness still has contrast; one color has none."""
    assert fingerprints.fingerprint(_photo(0).convert("L").convert("RGB"))["chroma"] == 0
    equal = np.full((40, 40, 3), (0, 100, 0), dtype=np.uint8)
    equal[10:30, 10:30] = (196, 0, 0)  # 0.587 * 100 = 0.299 * 196
    measured = fingerprints.fingerprint(Image.fromarray(equal))
    assert measured["thumbs"].std() < 1 and measured["contrast"] > 40
    assert fingerprints.fingerprint(Image.new("RGB", (40, 40), "white"))["contrast"] == 0


def test_modes_and_turned_pictures(make_dataset):
    """A picture is measured upright, whatever its EXIF says, and how it keeps colors is told."""
    dataset = make_dataset("multi-label", n=24)
    upright = _photo(1)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = upright.transpose(Image.Transpose.ROTATE_90)
    paths = [dataset.image_path(row) for row in range(7)]
    upright.save(paths[0])
    turned.save(paths[1], exif=exif)
    upright.convert("CMYK").save(paths[2], "JPEG")
    upright.convert("RGBA").save(paths[3])
    upright.convert("L").save(paths[4])
    Image.fromarray(np.arange(4800, dtype=np.uint16).reshape(60, 80) * 13).save(paths[5])
    upright.convert("P").save(paths[6], transparency=3)
    prints = fingerprints.measure(dataset)
    assert (prints.thumbs[0] == prints.thumbs[1]).all() and prints.hashes[0] == prints.hashes[1]
    assert prints.modes[:7].tolist() == ["RGB", "RGB", "CMYK", "RGBA", "L", "I;16", "P+alpha"]
    assert (prints.state == GOOD).all() and prints.complete and prints.group[0] == prints.group[1] >= 0


@pytest.fixture(params=[False, True], ids=["copied", "in place"])
def imported(request, workspace, tmp_path):
    """Return twelve pictures of two classes, copied into the workspace or used where they are."""
    for number in range(12):
        folder = tmp_path / "source" / f"{'ab'[number % 2]}"
        folder.mkdir(parents=True, exist_ok=True)
        _photo(number).save(folder / f"{number}.jpg", quality=90)
    roots = [tmp_path] if request.param else None
    importer.import_dataset(workspace, tmp_path / "source", name="made", in_place=roots)
    return store.load(workspace, "made")


def test_files_that_changed_since_the_import(imported):
    """Gone, cut off, empty and exchanged files are told apart; those that changed are looked at again, no others."""
    assert (fingerprints.measure(imported).state == GOOD).all()
    paths = [imported.place(row) for row in range(5)]
    paths[0].unlink()
    cut_off(imported, 1)
    paths[2].write_bytes(b"")
    _photo(99).save(paths[3], "JPEG")
    seen = []
    again = fingerprints.measure(imported, lambda done, total, text: seen.append(text))
    # In place, what is cut off is another file than was imported: it is not even opened.
    cut = UNREADABLE if imported.root is None else CHANGED
    assert again.state[:5].tolist() == [MISSING, cut, cut, CHANGED, GOOD]
    assert sum(text.startswith("Scanning") for text in seen) == 4


def test_stopped_goes_on_where_it_was(imported, monkeypatch):
    """What was looked at when somebody stopped is kept and not looked at again; a damaged file is begun anew."""
    monkeypatch.setattr(fingerprints, "_CHUNK", 1)
    monkeypatch.setattr(fingerprints, "_THREADS", 1)
    asked = itertools.count()
    with pytest.raises(StoppedError):
        fingerprints.measure(imported, stop=lambda: next(asked) >= 5)
    part = fingerprints.read(imported)
    assert part.n_scanned == 5 and not part.complete and (part.state == UNSEEN).sum() == 7
    scanned, scan_one = [], fingerprints.scan
    monkeypatch.setattr(fingerprints, "scan", lambda dataset, row: scanned.append(row) or scan_one(dataset, row))
    assert fingerprints.measure(imported).complete
    assert sorted(scanned) == np.flatnonzero(part.state == UNSEEN).tolist()
    fingerprints.path_of(imported).write_bytes(b"no zip")
    assert fingerprints.read(imported) is None and fingerprints.measure(imported).complete


@pytest.mark.slow
@pytest.mark.usefixtures("warm")
def test_the_process_does_the_same(imported, monkeypatch):
    """A process of its own measures what this one does, says when it is done, and is started once only."""
    assert scan.state(imported).name == scan.IDLE
    begin, begun = processes.spawn, []
    with monkeypatch.context() as patched:
        patched.setattr(processes, "spawn", lambda *asked, **folders: not begun.append((asked, folders)))
        assert scan.start(imported) and not scan.start(imported)
    (asked, folders) = begun[0]
    assert begin(*asked, **folders)
    assert _ended(imported) == scan.State(scan.DONE, 12, 12)
    there = fingerprints.read(imported)
    fingerprints.path_of(imported).unlink()
    here = fingerprints.measure(imported)
    assert (there.hashes == here.hashes).all() and (there.thumbs == here.thumbs).all()
    folder = fingerprints.path_of(imported).parent
    assert {path.name for path in folder.iterdir()} == {f"{imported.base}.npz", "requests"}
    imported.image_path(0).unlink()
    assert scan.start(imported)  # asked anew, what changed is scanned anew
    assert _ended(imported) == scan.State(scan.DONE, 12, 12)
    assert fingerprints.read(imported).state[0] == MISSING


def _ended(dataset, seconds=60):
    """Wait until nobody scans, and return how it stands."""
    end = time.monotonic() + seconds
    while (state := scan.state(dataset)).name == scan.WORKING and time.monotonic() < end:
        time.sleep(0.02)
    return state


#: A scan that takes its time and keeps what it has four times a second.
_SLOWLY = Code("""
import sys, time
from lib.core.questions import serve
from lib.datasets.checks import fingerprints, scan_worker

look = fingerprints.scan
fingerprints.scan = lambda dataset, row: (time.sleep(0.05), look(dataset, row))[1]
fingerprints._CHUNK, fingerprints._THREADS, scan_worker.KEPT_EVERY = 1, 1, 0.25
sys.exit(serve.main(scan_worker.Worker))
""")


@pytest.fixture
def slowly(monkeypatch, warm):
    """Scans started in the test are slow; the processes are listed."""
    started = []

    def spawn(module, folder, *, lock_in, log):
        assert module == "lib.datasets.checks.scan_worker"
        with processes.inheritable_lock(lock_in) as lock:
            command = [sys.executable, "-c", _SLOWLY, str(folder), str(lock)]
            started.append(subprocess.Popen(command, pass_fds=[lock]))
        return True

    monkeypatch.setattr(processes, "spawn", spawn)
    yield started
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_scan_keeps_what_it_had_and_says_so(make_dataset, slowly, ending):
    """Killed in the middle it is no longer waited for; what was scanned is kept, counted, and not scanned again."""
    dataset = make_dataset("multi-label", n=24)
    assert scan.start(dataset)
    until(lambda: (prints := fingerprints.read(dataset)) is not None and prints.n_scanned, 60)
    slowly[0].send_signal(ending)
    assert slowly[0].wait(30) == (-signal.SIGKILL if ending == signal.SIGKILL else 128 + signal.SIGTERM)
    state = scan.state(dataset)
    kept = fingerprints.read(dataset).n_scanned
    assert (state.name, state.done, state.total) == (scan.FAILED, kept, 24) and 0 < kept < 24
    assert "crashed" in state.text and "worker.log" in state.text
    first = fingerprints.read(dataset)
    seen = first.state != UNSEEN
    assert scan.start(dataset)  # goes on
    until(lambda: scan.state(dataset).done > kept, 60)
    assert scan.state(dataset).text == "Scanning images"
    assert (fingerprints.read(dataset).stamps[seen] == first.stamps[seen]).all()


@pytest.mark.slow
def test_a_stopped_scan_keeps_what_it_had(make_dataset, slowly):
    """The question taken back, the process ends by itself, with what was done by then; asked again it goes on."""
    dataset = make_dataset("multi-label", n=24)
    assert scan.start(dataset)
    until(lambda: scan.state(dataset).done >= 3, 60)
    slowly[0].send_signal(signal.SIGSTOP)
    scan.stop(dataset)
    assert scan.state(dataset) == scan.State(scan.WORKING, text="Stopping")
    slowly[0].send_signal(signal.SIGCONT)
    state = _ended(dataset)
    assert state.name == scan.PARTLY and 3 <= state.done < 24
    assert slowly[0].wait(30) == 0
    assert scan.start(dataset) and _ended(dataset) == scan.State(scan.DONE, 24, 24)
    assert len(slowly) == 2


def test_a_scan_that_was_never_answered_is_told(make_dataset, monkeypatch):
    """If the process is gone without a word, that is said instead of waiting for it; taken back, it is forgotten."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    dataset = make_dataset("multi-label", n=24)
    assert scan.start(dataset) and scan.state(dataset).text == "Starting"
    scan._scan(dataset).tell(3, 24, text="Scanning images")
    assert scan.state(dataset).name == scan.FAILED
    scan.stop(dataset)
    assert scan.state(dataset).name == scan.IDLE


@pytest.mark.slow
@pytest.mark.usefixtures("warm")
def test_a_scan_of_an_earlier_version_goes_on(imported, monkeypatch):
    """Its files in the dataset's folder say nothing any more; the fingerprints of a part are taken up."""
    asked = itertools.count()
    with monkeypatch.context() as patched, pytest.raises(StoppedError):
        patched.setattr(fingerprints, "_CHUNK", 1)
        patched.setattr(fingerprints, "_THREADS", 1)
        fingerprints.measure(imported, stop=lambda: next(asked) >= 5)
    folder = imported.path / fingerprints.FOLDER
    (folder / "progress.json").write_text('{"done": 5, "total": 12, "text": "Scanning images", "began": 1.0}')
    (folder / "error.json").write_text('{"message": "No room."}')
    for name in ("stop", "alive.lock", "worker.log"):
        (folder / name).touch()
    assert scan.state(imported) == scan.State(scan.PARTLY, 5, 12)
    assert scan.start(imported) and _ended(imported) == scan.State(scan.DONE, 12, 12)
