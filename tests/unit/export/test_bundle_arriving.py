"""What a bundle may cost before it is believed: a page that asks whether it is one, and a zip that is unpacked."""

from __future__ import annotations

import errno
import json
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lib.core import json_files, processes, temporary
from lib.core.errors import UserError
from lib.core.questions import requests, serve
from lib.export.bundle import arriving, contents, questions, reading
from lib.export.bundle.worker import Worker
from lib.importing import archive

SAYS_SO = {"kind": contents.KIND, "format": 1}


def packed(path: Path, files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return path


def test_it_is_known_by_its_start(tmp_path, monkeypatch):
    """A page reads neither 60 MB of a list nor what follows a manifest's start, and needs no room on the disk."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: pytest.fail("nothing is unpacked"))
    monkeypatch.setattr(json_files, "decode", lambda *_: pytest.fail("parsed"))
    read = []
    start = archive.start

    def counted(*arguments) -> bytes:
        read.append(len(content := start(*arguments)))
        return content

    monkeypatch.setattr(archive, "start", counted)
    assert not arriving.is_bundle(packed(tmp_path / "list.zip", {"manifest.json": b"[0" + b",0" * 30_000_000 + b"]"}))
    (tmp_path / "folder").mkdir()
    bundle = packed(tmp_path / "b.zip", {"b/manifest.json": json.dumps({**SAYS_SO, "more": "x" * 10**6})})
    (tmp_path / "folder" / "manifest.json").write_text(json.dumps(SAYS_SO))
    for _ in range(3):
        assert arriving.is_bundle(bundle) and arriving.is_bundle(tmp_path / "folder")
    assert read == [4096, 4096]  # a file that is as it was is not opened again
    assert not arriving.is_bundle(packed(bundle, {"b/manifest.json": '{"kind": "cake"}'}))


def flagged(path: Path, flag: int) -> Path:
    """Set a flag of the first entry, in its own head and in the list."""
    content = bytearray(packed(path, {"manifest.json": json.dumps(SAYS_SO)}).read_bytes())
    for at in (6, content.index(b"PK\x01\x02") + 8):
        struct.pack_into("<H", content, at, flag)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("damage", ["password", "lzma", "cut"])
def test_an_odd_zip_is_none(tmp_path, damage):
    """A manifest that cannot be unpacked is no error of the page, which leaves the sentence to the import."""
    path = tmp_path / "b.zip"
    if damage == "password":
        flagged(path, 1)
    elif damage == "lzma":
        packed(path, {"manifest.json": json.dumps(SAYS_SO) * 99}, zipfile.ZIP_LZMA)
        path.write_bytes(path.read_bytes().replace(b"\x5d\x00\x00\x80", b"\xff\xff\xff\xff"))
    else:
        content = packed(path, {"manifest.json": json.dumps(SAYS_SO)}).read_bytes()
        path.write_bytes(content.replace(b"PK\x01\x02", b"PK\x01\x02", 1)[:40] + bytes(9) + content[49:])
    assert not arriving.is_bundle(path)
    with pytest.raises(UserError), reading.opened(path):
        pass


def test_a_refused_upload_goes(workspace, tmp_path, monkeypatch):
    """The file of a bundle that was refused, or at which the process was killed, is nobody's and goes; why stays."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    for number, answer in enumerate((serve.Worker.answer, lambda worker, one: (one.refuse("Why."), worker.ended()))):
        source = packed(tmp_path / f"{number}.zip", {"b/manifest.json": json.dumps(SAYS_SO)})
        question = questions.take(workspace, source, "b.zip", is_upload=True)
        leftover = workspace.datasets / f"{temporary.NEW}x"
        leftover.mkdir(parents=True, exist_ok=True)
        assert question.zipped.exists() and not source.exists()
        answer(Worker(question.place), question)
        assert not question.zipped.exists() and question.state().name == requests.FAILED
    assert not leftover.exists()


def test_only_what_is_named_is_unpacked(tmp_path, monkeypatch):
    """A file is measured against the limit of its name, one that no manifest names stays packed."""
    out = []
    extract = archive.extract
    monkeypatch.setattr(archive, "extract", lambda zipped, one, to: (out.append(to.name), extract(zipped, one, to)))
    files = {
        "b/README.md": "x",
        "b/other": bytes(10**6),
        "b/manifest.json": json.dumps({**SAYS_SO, "files": {"README.md": ""}}),
    }
    with pytest.raises(UserError, match="cannot be used"), reading.opened(packed(tmp_path / "b.zip", files)):
        pass
    assert out == ["manifest.json", "README.md"]

    monkeypatch.setattr(contents, "MOST_TEXT", 1000)
    out.clear()
    large = packed(tmp_path / "b.zip", {**files, "b/README.md": bytes(1001)})
    with pytest.raises(UserError, match=r"README.md: expected 1,000 bytes at most, found 1,001"), reading.opened(large):
        pass
    assert out == ["manifest.json"]


@pytest.mark.parametrize("is_folder", [True, False])
@pytest.mark.parametrize("room", [0, 1], ids=["the manifest", "a file that it names"])
def test_a_disk_that_is_full_is_no_fault_of_the_bundle(tmp_path, monkeypatch, is_folder, room):
    """Whose disk is full is told to make room, not to get the bundle again."""
    copy, extract, written = arriving._copy, archive.extract, []

    def until_full(write) -> Callable[..., None]:
        def until(*what) -> None:
            if len(written) >= room:
                raise OSError(errno.ENOSPC, "No space left on device")
            written.append(what)
            write(*what)

        return until

    monkeypatch.setattr(arriving, "_copy", until_full(copy))
    monkeypatch.setattr(archive, "extract", until_full(extract))
    manifest = json.dumps({**SAYS_SO, "files": {"README.md": ""}})
    source = packed(tmp_path / "b.zip", {"manifest.json": manifest, "README.md": "x"})
    if is_folder:
        (source := tmp_path / "b").mkdir()
        (source / "manifest.json").write_text(manifest)
        (source / "README.md").write_text("x")
    with pytest.raises(UserError, match="make room there") as told, reading.opened(source):
        pass
    assert arriving.AGAIN not in str(told.value)
