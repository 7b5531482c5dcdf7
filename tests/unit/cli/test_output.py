"""Files that commands write are all whole, or as they were."""

from __future__ import annotations

import errno
import os

import pytest

from lib.cli import output
from lib.core.errors import UserError


def test_of_several_files_all_are_written_or_none(tmp_path, monkeypatch):
    """Where the last one has no place, or is not on the disk, the first keeps its content; nothing stays beside it."""
    first, last = tmp_path / "labels.csv", tmp_path / "train.py"
    output.write({first: b"old", last: b"old"})
    with pytest.raises(UserError, match="cannot be written"):
        output.write({first: b"new", tmp_path / "lost" / "train.py": b"new"})
    syncs = iter([None, OSError(errno.EIO, "Input/output error")])  # the disk takes the first file only

    def sync(_handle: int) -> None:
        if error := next(syncs):
            raise error

    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises(UserError, match="cannot be written"):
        output.write({first: b"new", last: b"new"})
    assert next(syncs, "none left") == "none left"
    assert first.read_bytes() == last.read_bytes() == b"old"
    assert sorted(tmp_path.iterdir()) == [first, last]
