"""Whoever announces too much, or what never comes, takes neither the disk nor the place of others."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lib.importing import arriving, uploads
from lib.inference import drops
from lib.web.server import expiry, receiving, visitors
from tests.unit.web import receiving_client
from tests.unit.web.receiving_client import CONTENT, ID, announce
from tests.unit.web.test_drops import bring, saved

#: Fixtures.
client, workspace, by_header = receiving_client.client, receiving_client.workspace, receiving_client.by_header
pytestmark = pytest.mark.usefixtures("by_header")


def _age(folder: Path, seconds: float) -> None:
    """Make everything in ``folder`` look as if it was ``seconds`` old."""
    then = time.time() - seconds
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (then, then))


def _only(monkeypatch, n_bytes: int) -> None:
    """Let the disk have place for ``n_bytes`` besides the reserve."""
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=arriving.RESERVE + n_bytes))


def test_an_upload_without_bytes_goes_within_minutes(client, workspace, monkeypatch):
    """Nobody has to begin another one for it: the server looks; one byte keeps an upload for days."""
    assert uploads.EMPTY_S <= 600 and expiry.EVERY_S <= 120
    root = workspace.root / uploads.FOLDER
    for number in range(2):
        assert announce(client, number, len(CONTENT)).status_code == 204
    client.patch(f"/api/uploads/{1:032x}", content=CONTENT[:10], headers={"Upload-Offset": "0"})
    bring(client, 0, saved("PNG"))
    (workspace.root / drops.FOLDER / ("a" * 32)).mkdir()
    (workspace.root / drops.FOLDER / ("a" * 32) / "0.part").write_bytes(b"cut")
    for folder in (*root.iterdir(), *(workspace.root / drops.FOLDER).iterdir()):
        _age(folder, uploads.EMPTY_S + 1)

    class _OverError(Exception):
        """It waits for the second time."""

    def over(_seconds: float) -> None:
        raise _OverError

    with pytest.raises(_OverError):
        expiry._prune_always(workspace, over)
    assert [folder.name for folder in root.iterdir()] == [f"{1:032x}"]
    assert [folder.name for folder in (workspace.root / drops.FOLDER).iterdir()] == [ID]


def test_announced_bytes_are_reserved_until_nobody_sends_them(client, workspace, monkeypatch):
    """What was promised to one is not promised to another, upload or drop; who falls silent loses the place."""
    _only(monkeypatch, 1000)
    assert announce(client, 1, 600).status_code == 204
    refused = announce(client, 2, 600, "two")
    assert refused.status_code == 507 and "make room" in refused.text
    assert bring(client, 0, saved("PNG"), drop="b" * 32).status_code == 507
    assert announce(client, 3, 400, "two").status_code == 204
    _age(workspace.root / uploads.FOLDER / f"{1:032x}", arriving.RESERVED_S + 1)
    monkeypatch.setattr(uploads, "EMPTY_S", 10**6)  # it stays, only its reservation does not
    assert announce(client, 2, 600, "two").status_code == 204
    late = client.patch(f"/api/uploads/{1:032x}", content=CONTENT[:600], headers={"Upload-Offset": "0"})
    assert late.status_code == 507
    with visitors.arriving("three", 400):
        assert announce(client, 4, 100, "two").status_code == 507


def test_of_two_that_begin_at_once_one_is_refused(workspace, monkeypatch):
    """Both look at the disk at the same time, and there is place for one."""
    _only(monkeypatch, 1000)
    find, both = uploads.find, threading.Barrier(2)

    def slow(*arguments):
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.3)
        return find(*arguments)

    monkeypatch.setattr(uploads, "find", slow)

    def one(number: int) -> bool:
        try:
            uploads.begin(workspace, f"{number:032x}", "a.zip", 600)
        except uploads.RefusedError as error:
            assert error.status == 507
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == [False, True]


def test_a_quota_is_a_visitors_own(client, monkeypatch):
    """Opening another page gives nobody more; what one has waiting takes nothing from another."""
    monkeypatch.setenv(uploads.VARIABLE, str(1000 / 2**30))
    assert announce(client, 1, 600).status_code == 204
    other_page = {receiving.TOKEN: receiving.token("mine")}
    headers = {"Upload-Name": "a.zip", "Upload-Length": "600"} | other_page
    refused = client.put(f"/api/uploads/{2:032x}", headers=headers)
    assert refused.status_code == 413 and "Import or cancel" in refused.text
    assert announce(client, 2, 600, "two").status_code == 204
    assert client.delete(f"/api/uploads/{1:032x}").status_code == 204
    assert announce(client, 3, 900).status_code == 204
    monkeypatch.setattr(uploads, "MOST", 2)
    assert [announce(client, number, 10).status_code for number in (4, 5)] == [204, 429]
    monkeypatch.setattr(uploads, "MOST_OVERALL", 4)
    assert [announce(client, number, 10, "three").status_code for number in (6, 7)] == [204, 429]


def test_drops_have_a_number_and_a_size(client, monkeypatch):
    """Of one visitor, of all, and of the pictures of one drop together."""
    content = saved("BMP")
    monkeypatch.setattr(drops, "MOST_DROPS", 1)
    monkeypatch.setattr(drops, "MOST_OVERALL", 2)
    visits = [("one", 200), ("one", 429), ("two", 200), ("three", 429)]
    for number, (visitor, status) in enumerate(visits):
        assert bring(client, 0, content, drop=f"{number:032x}", **{"X-Visitor": visitor}).status_code == status
    monkeypatch.setattr(drops, "MOST_TOGETHER", 2 * len(content) + 500)
    answers = [bring(client, number, content, drop=f"{0:032x}") for number in (1, 2)]
    assert [one.status_code for one in answers] == [200, 413] and "several parts" in answers[1].text
