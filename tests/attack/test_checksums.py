"""Damage that nobody sees: one flipped bit, a cut end or a file from elsewhere, in every kind of file that is kept."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors import SafetensorError

from lib.core import files, in_place
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.checks import reviewed
from lib.datasets.edits import edits
from lib.datasets.journal import journal, tables
from lib.training import events, runs
from tests import unsealed
from tests.attack.every_file import IN_RUN, KINDS, OTHER, RUN, build, path_of, run_of

FLIPS = 30


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Workspace:
    """A workspace of which nothing is damaged."""
    return build(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def workspace(whole, tmp_path) -> Workspace:
    """A copy to be damaged."""
    shutil.copytree(whole.root, tmp_path / "workspace", ignore=shutil.ignore_patterns("images"))
    return Workspace(tmp_path / "workspace")


def _replace(path: Path, content: bytes) -> None:
    """Put other content in a file's place, as a copy from elsewhere does: every process looks at it anew."""
    files.write_atomic(path, content)
    for cache in (tables._from_file, reviewed._read):
        cache.cache_clear()
    store._states.clear()


def _is_said(workspace: Workspace, kind: str) -> bool:
    try:
        KINDS[kind][1](workspace)
    except (UserError, ValueError, SafetensorError) as error:
        return "\n" not in str(error)
    return False


@pytest.mark.parametrize("kind", KINDS)
def test_one_flipped_bit_is_never_loaded(workspace, kind):
    """Wherever it is, in thirty of thirty draws; the file as it was reads again."""
    path = path_of(workspace, kind)
    content, draw = path.read_bytes(), random.Random(kind)
    before = KINDS[kind][1](workspace)
    unseen = []
    for _ in range(FLIPS):
        at, bit = draw.randrange(len(content)), draw.randrange(8)
        _replace(path, content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :])
        if not _is_said(workspace, kind):
            unseen.append((at, bit, content[max(0, at - 12) : at + 12]))
    assert not unseen
    _replace(path, content)
    np.testing.assert_equal(KINDS[kind][1](workspace), before)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_end_is_never_loaded(workspace, kind):
    """A file that lost its end, be it one byte, is said; lines that nobody has counted yet are what they are."""
    path = path_of(workspace, kind)
    content = path.read_bytes()
    draw = random.Random(kind)
    for kept in (len(content) - 1, *(draw.randrange(1, len(content)) for _ in range(5))):
        if kind == "events" and content[kept:].count(b"\n") <= 1:
            continue  # how it ended is all that is missing: the run says that it ended without a word
        _replace(path, content[:kept])
        assert _is_said(workspace, kind), kept


@pytest.mark.parametrize("kind", [kind for kind, (path, _) in KINDS.items() if path.parent == IN_RUN])
def test_a_file_of_another_run_is_never_loaded(workspace, kind):
    """Two runs whose files were swapped are both said, though every file is whole; questions are known by content."""
    path = path_of(workspace, kind)
    _replace(path, (workspace.run(OTHER) / path.name).read_bytes())
    assert _is_said(workspace, kind)


@pytest.mark.parametrize("kind", ["table", "targets", "stamps", "head"])
def test_a_file_of_another_revision_is_never_loaded(workspace, make_dataset_like, kind):
    """Files of a dataset that was imported another time do not go with those that are there."""
    path = path_of(workspace, kind)
    _replace(path, (make_dataset_like / path.name).read_bytes())
    assert _is_said(workspace, kind)


@pytest.fixture
def make_dataset_like(workspace, tmp_path) -> Path:
    """The folder of the same dataset, imported with one target and one file less equal."""
    dataset = store.read_state(workspace.dataset("made"), store.imported(workspace.dataset("made")).revision).dataset
    targs, items = dataset.targs.copy(), dataset.items.copy()
    targs[0, 0] ^= 1
    items.loc[0, "original"] = "another"
    folder = tmp_path / "like"
    folder.mkdir()
    store.write_array(folder / in_place.STAMPS, dataset.stamps + 1)
    head = {key: value for key, value in store.head.read(dataset.path).items() if key not in ("checksums", "revision")}
    store.save(folder, head, items, targs)
    return folder


@pytest.mark.parametrize("kind", ["table", "targets"])
def test_a_flipped_value_of_a_dataset_without_checksums_is_said(workspace, kind):
    """What earlier versions wrote has no checksums, but the revision of its content, which is compared instead."""
    unsealed.strip_dataset(workspace.dataset("made"))
    dataset, path = store.load(workspace, "made"), path_of(workspace, kind)
    content = path.read_bytes()
    if kind == "targets":
        _replace(path, content[:-1] + bytes([content[-1] ^ 1]))
    else:
        items = store.imported(dataset.path).items.copy()
        items.loc[3, "group"] = "another"
        _replace(path, items.to_parquet(index=False))
    with pytest.raises(UserError, match=r"at import and is [0-9a-f]{12}\): put the file back from a copy"):
        store.load(workspace, "made")
    _replace(path, content)
    assert store.load(workspace, "made").revision == dataset.revision


def _without_last_sum(path: Path) -> bytes:
    """Return a journal whose last line has no checksum, as an earlier version adds it."""
    first, last = path.read_bytes()[:-1].rsplit(b"\n", 1)
    return first + b"\n" + last[: last.rindex(b', "sum": "')] + b"}\n"


def test_an_edit_by_an_earlier_version_counts(workspace):
    """It has no checksum and no end is written of it; edits by this version go on behind it, and vouch for it."""
    folder = workspace.dataset("made")
    end = (folder / journal.END).read_bytes()
    dataset = edits.exclude(store.load(workspace, "made"), [9], note="by an earlier version")
    _replace(folder / journal.FILE, _without_last_sum(folder / journal.FILE))
    _replace(folder / journal.END, end)
    again = store.load(workspace, "made")
    assert again.revision == dataset.revision
    dataset = edits.exclude(again, [10], note="by this one")
    store._states.clear()
    assert store.load(workspace, "made").revision == dataset.revision
    content = (folder / journal.FILE).read_bytes()
    _replace(folder / journal.FILE, content.replace(b"by an earlier", b"by no earlier"))
    with pytest.raises(UserError, match="no checksum, unlike those before it: an earlier version has written it, or"):
        store.load(workspace, "made")


def test_a_run_that_an_earlier_version_went_on_with_goes_on(workspace):
    """Its lines have no checksum and are read as it wrote them; those of this version behind them vouch for them."""
    folder = workspace.run(RUN)
    path = folder / events.EVENTS
    on_disk = path.read_bytes()
    earlier = (
        b'{"event": "resuming", "time": 1.0}\n{"event": "stopped", "time": 2.0, "message": "by an earlier version"}\n'
    )
    _replace(path, on_disk + earlier)
    run = runs.Run(folder).refresh()
    assert (run.state, run.history.resumed, run.damage()) == ("stopped", 1, "")
    write = events.EventWriter(folder)
    write("resuming")
    write.close()
    assert runs.Run(folder).refresh().damage() == ""
    _replace(path, path.read_bytes().replace(b"by an earlier", b"by no earlier"))
    assert "it is not what was written there" in runs.Run(folder).refresh().damage()
    _replace(path, on_disk + earlier.splitlines(keepends=True)[1])  # nobody went on there
    assert "it is not what was written there" in runs.Run(folder).refresh().damage()


def test_a_renamed_run_is_told_to_be_renamed_back(workspace):
    """Its files are whole: nothing is called damaged or is to be deleted, and back it is a run as before."""
    other = workspace.run("20260102-030405-ffff")
    workspace.run(RUN).rename(other)
    with pytest.raises(UserError, match=f"but that of the run {RUN}.*rename it back to {RUN}") as told:
        runs.Run(other).refresh().result()
    assert "delete" not in str(told.value)
    other.rename(workspace.run(RUN))
    assert run_of(workspace).result()
    shutil.copytree(workspace.run(RUN), other)
    with pytest.raises(UserError, match=f"but that of the run {RUN}: if the folder is a copy of that run.*move it out"):
        runs.Run(other)


@pytest.mark.parametrize("name", [store.HEAD, store.TARGS, journal.FILE])
def test_what_is_gone_is_said_with_since_when(workspace, name):
    """A file of a dataset that is missing is told with the time at which it was there."""
    (workspace.dataset("made") / name).unlink()
    store._load.cache_clear()
    with pytest.raises(UserError, match=rf"{name}.*20\d\d-\d\d-\d\d") as told:
        store.load(workspace, "made")
    assert "delete" not in str(told.value)
