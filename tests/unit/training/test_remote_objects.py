"""Objects of a shared store, events as numbered objects, and datasets that travel by them."""

from __future__ import annotations

import io
import os

import numpy as np
import pandas as pd
import pytest

from lib.core import checksums, in_place, line_sums
from lib.core.errors import DamagedError, UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.edits import edits
from lib.training import events
from lib.training.remote import backends, cache, datasets, objects, segments
from lib.training.remote.exchange import Keys, State
from lib.training.remote.objects import Share

RUN = "20260102-030405-abcd"
KEYS = Keys(RUN, "0123456789ab")


@pytest.fixture(params=["file", "memory"])
def share(request, tmp_path) -> Share:
    """An empty store, in a folder and in fsspec's memory."""
    return Share(f"file://{tmp_path}/share" if request.param == "file" else f"memory://{tmp_path}")


def test_objects_come_back_whole_or_not_at_all(share, tmp_path):
    """What was put is fetched; what is changed, exchanged, too long or gone is said, and the target stays as it was."""
    target = tmp_path / "target"
    target.write_bytes(b"before")
    stored = objects.measured(io.BytesIO(b"content"))
    share.put_file("a/one", io.BytesIO(b"content"))
    assert share.get("a/one") == b"content"
    assert share.sizes("a") == {"a/one": 7}
    for wrong in (b"CONTENT", b"conten", b"content and more"):
        share.put("a/one", wrong)
        with pytest.raises(DamagedError, match=r"a/one is damaged"):
            share.fetch("a/one", target, stored)
    assert target.read_bytes() == b"before"
    share.put("a/one", b"content")
    share.fetch("a/one", target, stored)
    assert target.read_bytes() == b"content"
    with pytest.raises(DamagedError, match="expected 3 bytes at most"):
        share.get("a/one", 3)
    with pytest.raises(objects.ShareError, match="more than 1 objects"):
        share.put("a/two", b"")
        share.sizes("a", most=1)
    share.remove_all("a")
    share.remove_all("a")
    with pytest.raises(objects.MissingError, match="There is no object"):
        share.get("a/one")
    share.put_json("b/state.json", {"beat": 3, "host": "node"})
    assert share.get_json("b/state.json", State).beat == 3
    share.put("c/state.json", share.get("b/state.json"))
    share.put("d/state.json", b'{"beat": 3, "host": "node"}')
    for key in ("c/state.json", "d/state.json"):
        with pytest.raises(DamagedError, match=f"{key} is damaged"):
            share.get_json(key, State)
    assert not list(tmp_path.rglob(".*"))


@pytest.mark.parametrize("key", ["../up", "a/../b", "/root", "a//b", "a/.hidden", "a b", "a\n", "", "x" * 200])
def test_keys_stay_below_the_store(tmp_path, key):
    """Whatever an object from elsewhere names, nothing outside of the store's folder is read or written."""
    share = Share(f"file://{tmp_path}/share")
    for act in (share.get, share.remove_all, share.sizes, lambda key: share.put(key, b"")):
        with pytest.raises(DamagedError, match="cannot be asked for"):
            act(key)
    assert not (tmp_path / "share").exists()


def test_secrets_are_in_no_message(monkeypatch, tmp_path):
    """Neither a URL with a password nor what a store says of a refusal reaches a log or a page."""
    secret = ("s3://KEY:HUSHHUSH@bucket/a", "s3:KEY:HUSHHUSH@bucket/a", "s3://bucket/a?secret_key=HUSHHUSH")
    for url in (*secret, "s3://", "a/b", "file:///a/../b", "file://data/share"):
        with pytest.raises(UserError, match=objects.VARIABLE) as refused:
            Share(url)
        assert "HUSH" not in str(refused.value)
    with pytest.raises(UserError, match="cannot be used"):
        Share("reference://a")
    share = Share(f"file://{tmp_path}")

    class Refusing:
        def open(self, key: str) -> None:
            raise OSError(f"AWS Error {self.code} during GetObject: the key HUSHHUSH of BUCKET is wrong")

    monkeypatch.setattr(share, "_backend", refusing := Refusing())
    for code, words, passing in (
        ("ACCESS_DENIED", "refuses", False),
        ("SIGNATURE_DOES_NOT_MATCH", "refuses", False),
        ("NO_SUCH_BUCKET", "no bucket", False),
        ("NETWORK_CONNECTION", "network connection", True),
        ("SLOW_DOWN", "slow down", True),
    ):
        refusing.code = code
        with pytest.raises(objects.ShareError, match=words) as refused:
            share.get("a")
        assert "HUSH" not in str(refused.value)
        assert refused.value.passing is passing


def test_a_cut_connection_is_said_once_and_tried_again(monkeypatch):
    """What passes is waited for, longer each time, and told twice in all; what does not pass is raised at once."""
    waited, told, left = [], [], [3]
    monkeypatch.setattr(objects.time, "sleep", waited.append)
    monkeypatch.setattr(objects.time, "monotonic", lambda: sum(waited))

    def act() -> str:
        left[0] -= 1
        if left[0] >= 0:
            raise objects.ShareError("The store does not answer.")
        return "done"

    assert objects.persistently(act, told.append) == "done"
    assert told == ["The store does not answer. Trying again.", "The store answers again."]
    assert sum(waited) == pytest.approx(0.5 + 1 + 2)
    with pytest.raises(objects.ShareError):
        objects.persistently(lambda: (_ for _ in ()).throw(objects.ShareError("no", passing=False)), told.append)


def lines_of(*numbers: int) -> list[bytes]:
    """Return lines of events as a worker writes them, one for each of ``numbers``."""
    chain = line_sums.Chain(RUN)
    return [chain.add(b'{"event": "note", "note": "%d"}' % number) for number in numbers]


def test_events_arrive_in_order_or_are_damaged(share, tmp_path):
    """Torn, missing, exchanged and foreign segments are damage, and a killed follower's half a line is completed."""
    folder = tmp_path / RUN
    folder.mkdir()
    lines, offset = lines_of(1, 2, 3, 4), 0
    for number, line in enumerate(lines, 1):
        segments.put(share, KEYS, number, line, offset)
        offset += len(line)
    (folder / events.EVENTS).write_bytes(lines[0] + lines[1][:9])  # killed in the middle of the second
    appender = segments.Appender(folder)
    assert appender.append(*segments.get(share, KEYS, 1)) is False
    with pytest.raises(ValueError, match="expected lines from byte"):
        appender.append(*segments.get(share, KEYS, 3))
    assert appender.append(*segments.get(share, KEYS, 2)) is True
    with pytest.raises(ValueError, match="others"):
        appender.append(0, lines[2])
    with pytest.raises(ValueError, match="do not go on"):
        appender.append(appender.end, lines_of(9)[0])
    assert (folder / events.EVENTS).read_bytes() == b"".join(lines[:2])
    # A segment of two lines of which one is there: the other one is taken.
    assert segments.Appender(folder).append(len(lines[0]), lines[1] + lines[2]) is True
    assert (folder / events.EVENTS).read_bytes() == b"".join(lines[:3])
    whole = share.get(KEYS.segment(4))
    foreign = Keys(RUN, "ba9876543210")
    for content in (whole[:-1], whole[:-9], whole.replace(b"4", b"5"), share.get(KEYS.segment(3)), b"", b"checksum "):
        share.put(KEYS.segment(4), content)
        with pytest.raises(DamagedError, match=r"00000004 is damaged"):
            segments.get(share, KEYS, 4)
    segments.put(share, foreign, 4, lines[3], 0)
    share.put(KEYS.segment(4), share.get(foreign.segment(4)))
    with pytest.raises(DamagedError, match="put in its place"):
        segments.get(share, KEYS, 4)
    parts = list(segments.split(b"".join(lines), 2 * len(lines[0]) + 3))
    assert parts == [lines[0] + lines[1], lines[2] + lines[3]]
    assert list(segments.split(lines[0], 3)) == lines[:1]


def test_a_dataset_arrives_as_it_was(share, make_dataset, workspace, tmp_path, monkeypatch):
    """Edited, and with pictures that are used where they are, it is the same where it is pulled, with its journal."""
    dataset = make_dataset("multi-label")
    moved = tmp_path / "elsewhere"
    (dataset.path / "images").rename(moved)
    sent = []
    monkeypatch.setattr(share, "put", lambda key, content, put=share.put: (sent.append(key), put(key, content))[1])
    digests = [datasets.digests.of_file(moved / file) for file in dataset.files]
    items = dataset.items.assign(digest=digests)
    np.save(dataset.path / in_place.STAMPS, np.array([in_place.stamp(moved / file) for file in dataset.files]))
    head = {"name": "made", "task": dataset.task, "names": list(dataset.names), "problems": [], "source": {}}
    store.save(dataset.path, {**head, "defaults": {}, "root": str(moved)}, items, dataset.targs)
    before = store.load(workspace, "made")
    edits.exclude(before, [3], note="")
    (moved / before.files[3]).unlink()
    after = store.load(workspace, "made")
    with pytest.raises(UserError, match="cannot be read"):  # it is used there, and gone
        datasets.push(share, workspace, "made", before.revision)
    datasets.push(share, workspace, "made")
    count = len(sent)
    datasets.push(share, workspace, "made")
    assert len(sent) == count  # all of it is there
    other = Workspace(tmp_path / "other")
    datasets.pull(share, "made", after.revision, other.dataset("made"))
    pulled = store.load(other, "made")
    assert pulled.revision == after.revision
    pd.testing.assert_frame_equal(pulled.items, after.items)
    np.testing.assert_array_equal(pulled.targs, after.targs)
    assert pulled.root is None
    assert {path.name for path in pulled.pictures_folder.iterdir()} == {path.name for path in moved.iterdir()}
    for item in pulled.included[:5]:
        assert pulled.image_path(item).read_bytes() == after.image_path(item).read_bytes()
    assert store.load(other, "made", before.revision).revision == before.revision


@pytest.mark.parametrize("loss", ["gone", "other bytes"])
def test_what_a_store_lost_of_a_dataset_is_sent_anew(share, make_dataset, workspace, tmp_path, loss):
    """Whoever finds it no good says so, and the next push, which a resumed run begins with, sends it."""
    revision = make_dataset("regression").revision
    picture = datasets.push(share, workspace, "made")["pictures"][0]
    key = datasets.picture_key(picture["digest"])
    if loss == "gone":
        share.remove_all(key.rpartition("/")[0])
    else:
        share.put(key, bytes(picture["size"]))
    target = Workspace(tmp_path / "other").dataset("made")
    with pytest.raises(UserError, match=key):
        datasets.pull(share, "made", revision, target)
    datasets.push(share, workspace, "made")
    datasets.pull(share, "made", revision, target)
    assert store.load(Workspace(tmp_path / "other"), "made").revision == revision


@pytest.mark.parametrize("file", ["../../evil.png", "/evil.png", "a/../../evil.png", "a\0.png"])
def test_an_index_from_elsewhere_leads_nowhere(make_dataset, workspace, tmp_path, file):
    """A picture, or a file, that an index puts outside of the dataset's folder is refused, and nothing is left."""
    share = Share(f"file://{tmp_path}/share")
    index = datasets.push(share, workspace, make_dataset("regression").name)
    key, name = datasets.index_key(index["name"], index["revision"]), index["name"]
    target = tmp_path / "other" / "datasets" / name
    first = {**index["pictures"][0], "file": file}
    evil = {file.replace("\0", ""): next(iter(index["files"].values()))}
    twice = 2 * [index["pictures"][0]]
    for changed in ({"pictures": [first]}, {"files": {**index["files"], **evil}}, {"pictures": twice}):
        share.put_json(key, {**index, **changed})
        with pytest.raises(UserError):
            datasets.pull(share, name, index["revision"], target)
    share.put_json(key, {**index, "name": "other"})
    with pytest.raises(DamagedError, match="expected made"):
        datasets.pull(share, name, index["revision"], target)
    share.put_json(key, index)
    share.put(datasets.picture_key(index["pictures"][0]["digest"]), b"\0" * index["pictures"][0]["size"])
    with pytest.raises(DamagedError, match="not the picture"):
        datasets.pull(share, name, index["revision"], target)
    assert not list(tmp_path.rglob("evil.png"))
    assert not target.exists()


def test_jobs_of_a_node_share_what_was_fetched(make_dataset, workspace, tmp_path, monkeypatch):
    """The second job fetches nothing; what nobody uses goes when room is needed, what somebody uses never does."""
    share = Share(f"file://{tmp_path}/share")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    one, other = make_dataset("regression", "one"), make_dataset("keypoints", "other")
    sizes = [datasets.total_bytes(datasets.push(share, workspace, dataset.name)) for dataset in (one, other)]
    fetched = []
    monkeypatch.setattr(share, "get", lambda key, *most, get=share.get: (fetched.append(key), get(key, *most))[1])
    with cache.workspace(share, "one", one.revision) as first, cache.workspace(share, "one", one.revision) as second:
        assert first == second
        assert len([key for key in fetched if key.startswith("pictures/")]) == len(one)
        monkeypatch.setenv(cache.LIMIT, str((sum(sizes) - 1000) / 2**30))
        with pytest.raises(UserError, match="no room on this node"), cache.workspace(share, "other", other.revision):
            pass
    with cache.workspace(share, "other", other.revision) as third:
        assert third.dataset_names() == ["other"]
        assert not first.root.exists()
    assert {path.name for path in (tmp_path / "cache/pictures").glob("*/*")} == {
        datasets.digests.of_file(other.image_path(item)) for item in range(len(other))
    }
    (tmp_path / "cache").rename(tmp_path / "moved")
    (tmp_path / "cache").symlink_to(tmp_path / "moved")
    with pytest.raises(UserError, match="not this account's"):
        cache.folder()


def test_servers_that_take_no_trailers_are_spoken_to(monkeypatch):
    """Many servers of S3 refuse checksums behind the content, which is compared here anyway."""
    monkeypatch.delenv("AWS_REQUEST_CHECKSUM_CALCULATION", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    backends.of("s3://bucket/prefix")
    assert os.environ["AWS_REQUEST_CHECKSUM_CALCULATION"] == "when_required"
    assert checksums.of(b"") == checksums.of()
