"""What may pass does not end a run for good: a disk that cannot be read now, no memory; odd paths and folders."""

from __future__ import annotations

import dataclasses
import json

import pytest

from lib.core.errors import UserError
from lib.training import events, options, runs
from lib.training.learner import checkpoint, loaded
from tests.unit.training.test_progress import CONFIG


def test_a_disk_that_cannot_be_read_now_leaves_the_run_resumable(tmp_path, monkeypatch):
    """Only checkpoints that are damaged end it; damaged and unreadable is unreadable."""
    for name in (events.CHECKPOINT, events.PREVIOUS):
        (tmp_path / name).write_bytes(b"not tensors")
    with pytest.raises(UserError, match="damaged") as raised:
        checkpoint.load_checkpoint(tmp_path)
    assert raised.value.lasting
    errors = iter([OSError(5, "Input/output error"), ValueError("damaged")])

    def fail(path):
        raise next(errors)

    monkeypatch.setattr(checkpoint, "_read", fail)
    with pytest.raises(UserError, match=r"cannot be read.*Input/output") as raised:
        checkpoint.load_checkpoint(tmp_path)
    assert not raised.value.lasting


def test_no_memory_for_weights_is_not_a_file_that_does_not_fit():
    """The allocator's own error goes on; a disk's is a sentence, and the run may be resumed."""
    config = dataclasses.replace(CONFIG, weights="/somewhere/w.pth")
    with pytest.raises(RuntimeError, match="allocate memory"), loaded._explained(config):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
    for error, lasting in ((OSError(5, "Input/output error"), False), (RuntimeError("size mismatch"), True)):
        with pytest.raises(UserError) as raised, loaded._explained(config):
            raise error
        assert raised.value.lasting == lasting


def test_a_home_that_nobody_has_stays_a_path(monkeypatch, tmp_path):
    """`~` is the home, `~nobody` a name like any other."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert options.weights_path("~/w.pth") == str(tmp_path / "w.pth")
    assert options.weights_path("~nobodyhere/w.pth").endswith("/~nobodyhere/w.pth")


def test_a_folder_whose_name_is_no_date_is_no_run(workspace):
    """Runs are listed beside a folder that only looks like one."""
    for name in ("20261127-101112-abcd", "20269999-999999-abcd"):
        folder = workspace.run(name)
        folder.mkdir(parents=True)
        (folder / events.CONFIG).write_text(json.dumps(CONFIG.to_json()))
    (run,) = runs.list_runs(workspace)
    assert (run.id, run.began.tm_hour) == ("20261127-101112-abcd", 10)
