"""Whatever somebody writes where a path is expected, it is a path or a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.core import given_paths
from lib.core.errors import UserError


def test_the_home_of_nobody_is_a_name():
    """A tilde is the home; before the name of nobody it stays, where `Path.expanduser` raises what no page shows."""
    assert given_paths.expanded("~/a") == Path.home() / "a"
    assert given_paths.expanded("~nobody-here/a") == Path("~nobody-here/a")


@pytest.mark.parametrize("written", ["a\0b", "x" * 5000, "loop"])
def test_what_no_file_can_be_called_is_said(written, tmp_path, monkeypatch):
    """A letter that no path has, endless names and links to themselves are refused in a short sentence."""
    monkeypatch.chdir(tmp_path)
    Path("loop").symlink_to("loop")
    with pytest.raises(UserError, match="cannot be used") as error:
        given_paths.expanded(written)
    assert len(str(error.value)) < 250
    assert "\0" not in str(error.value)
