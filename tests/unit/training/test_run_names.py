"""A run can be called something: kept beside it in one file, whatever others write there."""

from __future__ import annotations

import pytest

from lib.core import files
from lib.core.errors import UserError
from lib.training import events, run_names


def test_a_name_is_kept_changed_and_taken_away(tmp_path):
    """What was written is read, the last one counts, and without a name no file is left."""
    assert run_names.read(tmp_path) == ""
    for name in ("words", "a b · ☕", "x" * run_names.MOST):
        assert run_names.write(tmp_path, f" {name}\n") == name == run_names.read(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [events.NAME]
    assert run_names.write(tmp_path, " ") == "" == run_names.write(tmp_path, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x" * (run_names.MOST + 1), "a\nb", "a\x1b[31mb", "a\u202eb", "a\ud800b"])
def test_a_name_that_no_line_can_show_is_refused(tmp_path, name):
    """Too long, or with letters that break a terminal, turn text round or cannot be written: the old name stays."""
    run_names.write(tmp_path, "old")
    with pytest.raises(UserError, match="The name of a run"):
        run_names.write(tmp_path, name)
    assert run_names.read(tmp_path) == "old"


@pytest.mark.parametrize("content", [b"\xff\x1b[2J\n", b"\x00" * 9, "☕".encode() * 10**4])
def test_a_name_that_another_program_wrote_is_one_short_line(tmp_path, content):
    """Whatever the file holds, lists and pages get a few letters that can be shown."""
    (tmp_path / events.NAME).write_bytes(content)
    name = run_names.read(tmp_path)
    assert name.isprintable() and 0 < len(name) <= run_names.MOST


def test_where_nothing_can_be_written_is_one_sentence(tmp_path, monkeypatch):
    """Of a workspace that only can be read the folder is named, without the system's number."""

    def refuses(path, content):
        raise OSError(30, "Read-only file system", str(path))

    monkeypatch.setattr(files, "write_atomic", refuses)
    with pytest.raises(UserError, match=r"cannot be written to \(Read-only file system\)") as refusal:
        run_names.write(tmp_path, "words")
    assert "Errno" not in str(refusal.value)
