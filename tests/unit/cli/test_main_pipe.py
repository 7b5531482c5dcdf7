"""A command exits quietly when its reader closes the pipe early."""

from __future__ import annotations

import os
import sys

from lib.cli import main


def test_a_reader_that_goes_away_is_no_error_of_ours(workspace, make_dataset, monkeypatch, capfd):
    """`python -m lib ... | head` shows no traceback and no error code."""
    dataset = make_dataset("multi-label")
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        assert main(["stats", dataset.name, "--workspace", str(workspace.root)]) == 0
    assert not capfd.readouterr().err
