"""An untrusted zip is unpacked safely, and the tree of a source is what people see in it."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from lib.core.errors import UserError
from lib.importing import archive
from lib.importing.tree import Tree


def _zip(path: Path, entries: dict[str, bytes], **changes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for key, value in changes.items():
                setattr(info, key, value)
            packed.writestr(info, content)
    return path


def _unpack(path: Path, tmp_path: Path) -> Path:
    into = tmp_path / "into"
    into.mkdir()
    archive.unpack(path, into)
    return into


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_says_how_many_files_are_out(tmp_path):
    """A large zip is heard of while it is unpacked: silence means that it hangs."""
    told: list[tuple[int, int, str]] = []
    into = tmp_path / "into"
    into.mkdir()
    names = [f"{number}.jpg" for number in range(5)]
    archive.unpack(_zip(tmp_path / "a.zip", dict.fromkeys(names, b"x")), into, lambda *how_far: told.append(how_far))
    assert told == [(done, 5, "Unpacking") for done in range(1, 6)]


def test_unpacks_bytes_and_leaves_out_litter(tmp_path):
    """Files come out unchanged; what systems add on their own stays behind."""
    content = os.urandom(3000)
    path = _zip(
        tmp_path / "a.zip",
        {"d/a.jpg": content, "__MACOSX/d/._a.jpg": b"x", "d/.DS_Store": b"x", ".hidden/b.jpg": b"x", "d/e/": b""},
    )
    into = _unpack(path, tmp_path)
    assert _files(into) == ["d/a.jpg"]
    assert (into / "d/a.jpg").read_bytes() == content


@pytest.mark.parametrize("name", ["../out.jpg", "a/../../out.jpg", "/out.jpg", "..\\out.jpg", "C:\\out.jpg"])
def test_names_outside_are_refused(tmp_path, name):
    """No entry is written outside the folder, and nothing at all is written of such a zip."""
    path = _zip(tmp_path / "evil.zip", {"good.jpg": b"1", name: b"2"})
    with pytest.raises(UserError, match="outside its own folder"):
        _unpack(path, tmp_path)
    assert _files(tmp_path) == ["evil.zip"]


def test_links_are_refused(tmp_path):
    """A symbolic link in a zip could point anywhere."""
    path = _zip(tmp_path / "link.zip", {"link.jpg": b"/etc/passwd"}, external_attr=(stat.S_IFLNK | 0o777) << 16)
    with pytest.raises(UserError, match="link"):
        _unpack(path, tmp_path)


@pytest.mark.parametrize("names", [("a/B.jpg", "A/b.jpg"), ("caf\u00e9.jpg", "cafe\u0301.jpg"), ("x", "x/y.jpg")])
def test_colliding_names_are_refused(tmp_path, names):
    """Names that differ only in case or composition would overwrite each other on some systems."""
    path = _zip(tmp_path / "twice.zip", dict.fromkeys(names, b"1"))
    with pytest.raises(UserError, match="both"):
        _unpack(path, tmp_path)


def test_encrypted_is_refused(tmp_path):
    """An encrypted zip gets a sentence about the password."""
    path = _zip(tmp_path / "secret.zip", {"a.jpg": b"1"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag in the central directory
    path.write_bytes(data)
    with pytest.raises(UserError, match="password"):
        _unpack(path, tmp_path)


@pytest.mark.parametrize("damage", ["text", "empty", "cut", "flipped"])
def test_damaged_zips_name_the_file(tmp_path, damage):
    """What is no complete zip is refused by name."""
    path = _zip(tmp_path / "pics.zip", {"a.jpg": os.urandom(5000)})
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        data[2000] ^= 0xFF
    path.write_bytes({"text": b"hello", "empty": b"", "cut": data[:3000], "flipped": data}[damage])
    with pytest.raises(UserError, match=r"pics\.zip"):
        _unpack(path, tmp_path)


def test_limits(tmp_path, monkeypatch):
    """Too many files and far too large results are refused before a byte is written."""
    path = _zip(tmp_path / "big.zip", {"a.jpg": bytes(300_000), "b.jpg": b"1"})
    monkeypatch.setattr(archive, "RATIO_FROM_BYTES", 100_000)
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(UserError, match="would unpack to"):
        archive.unpack(path, into)
    monkeypatch.setattr(archive, "MAX_FILES", 1)
    with pytest.raises(UserError, match="more than 1 files"):
        archive.unpack(path, into)
    assert _files(into) == []


def test_backslashes_and_unmarked_utf8(tmp_path):
    """Zips of some Windows programs and of macOS keep their folders and accents."""
    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("cats\\a.jpg", b"1")
        packed.writestr("caf\u00e9.jpg", b"2")
    data = path.read_bytes()
    for signature, offset in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):  # clear the UTF-8 flag, bit 11
        start = data.rindex(signature)
        data = data[: start + offset] + bytes([data[start + offset] & ~8]) + data[start + offset + 1 :]
    path.write_bytes(data)
    assert _files(_unpack(path, tmp_path)) == ["caf\u00e9.jpg", "cats/a.jpg"]


def _tree(root: Path, *files: str) -> Tree:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1")
    return Tree(root)


def test_tree_steps_into_a_wrapping_folder(tmp_path):
    """One folder around everything is not part of the data; a class or split folder is."""
    assert _tree(tmp_path / "a", "pets/labels.csv", "pets/img/1.jpg").pictures == ["img/1.jpg"]
    assert _tree(tmp_path / "b", "cats/1.jpg", "cats/2.jpg").pictures == ["cats/1.jpg", "cats/2.jpg"]
    assert _tree(tmp_path / "c", "train/cats/1.jpg", "train/dogs/2.jpg").pictures[0] == "train/cats/1.jpg"


def test_tree_leaves_out_hidden_files_and_links_outside(tmp_path):
    """A link in a source cannot bring in a file from elsewhere."""
    (tmp_path / "secret.jpg").write_bytes(b"1")
    root = tmp_path / "root"
    _tree(root, "a.jpg", ".b.jpg", ".git/c.jpg", "notes.txt")
    (root / "out.jpg").symlink_to(tmp_path / "secret.jpg")
    (root / "in.jpg").symlink_to(root / "a.jpg")
    (root / "up").symlink_to(tmp_path, target_is_directory=True)
    tree = Tree(root)
    assert tree.pictures == ["a.jpg", "in.jpg"] and tree.others == ["notes.txt"]


def test_find(tmp_path):
    """Names in tables are found as people write them, and never guessed where two pictures would fit."""
    tree = _tree(tmp_path, "images/A.jpg", "images/b.png", "x/c.jpg", "y/c.jpg", "y/d.jpg", "labels.csv")
    assert tree.find("images/A.jpg") == "images/A.jpg"
    assert tree.find("a.JPG") == "images/A.jpg"
    assert tree.find(".\\images\\b.png") == "images/b.png"
    assert tree.find("/home/me/b.png") == "images/b.png"
    assert tree.find("b") == "images/b.png"
    assert tree.find("c.jpg") is None  # two of them
    assert tree.find("c.jpg", beside="y") == "y/c.jpg"
    assert tree.find("A.jpg", beside="y") is None  # a table among its pictures means those only
    assert tree.find("") is None
