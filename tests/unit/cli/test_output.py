"""Files that commands write are all whole, or as they were."""

from __future__ import annotations

import pytest

from lib.cli import output
from lib.core.errors import UserError


def test_of_several_files_all_are_written_or_none(tmp_path):
    """Where the last one has no place the first keeps its content, and nothing stays beside it."""
    first, last = tmp_path / "labels.csv", tmp_path / "train.py"
    output.write({first: b"old", last: b"old"})
    with pytest.raises(UserError, match="cannot be written"):
        output.write({first: b"new", tmp_path / "lost" / "train.py": b"new"})
    assert first.read_bytes() == last.read_bytes() == b"old"
    assert sorted(tmp_path.iterdir()) == [first, last]
