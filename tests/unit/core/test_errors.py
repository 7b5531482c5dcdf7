"""Sentences of errors are for the person at the screen: no flags and no numbers of the system's errors in them."""

from __future__ import annotations

import ast
import errno
import os
import re

import pytest

from lib.cli import main
from lib.core import files
from lib.core.errors import UserError, reason
from lib.core.program import PROJECT
from lib.training import architectures, events

_FLAG = re.compile(r"(?<![\w-])--[a-z]")


def _sentences(path) -> list[str]:
    """Return what is passed to errors in a file as their message; what follows it, such as flags, is not."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    named = [call for call in calls if getattr(call.func, "id", getattr(call.func, "attr", "")).endswith("Error")]
    messages = [ast.walk(call.args[0]) for call in named if call.args]
    return [node.value for nodes in messages for node in nodes if isinstance(node, ast.Constant)]


def test_errors_name_no_flags_outside_the_command_line():
    """Whoever sees an error on a page has no command line: flags are kept apart from the sentence."""
    paths = [path for path in (PROJECT / "lib").rglob("*.py") if path.parts[len(PROJECT.parts) + 1] != "cli"]
    sentences = [(path.name, text) for path in paths for text in _sentences(path) if isinstance(text, str)]
    assert len(sentences) > 500
    assert [one for one in sentences if _FLAG.search(one[1])] == []
    assert not _FLAG.search(architectures.WAYS_OUT)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_a_reason_is_words(number, tmp_path):
    """An error of the disk is told by its words, without the number that Python and Rust put before or behind it."""
    assert reason(OSError(number, os.strerror(number), "/x")) == os.strerror(number)
    assert reason(ValueError(f"it failed: {os.strerror(number)} (os error {number})")) == (
        f"it failed: {os.strerror(number)}"
    )
    with pytest.raises(UserError) as caught, events.damage_is_said(tmp_path):
        raise OSError(number, os.strerror(number))
    assert os.strerror(number) in str(caught.value) and "Errno" not in str(caught.value)


def test_flags_are_said_on_the_command_line_alone(tmp_path, capsys):
    """The same error: a sentence for a page, and behind it, on the command line, the option that helps."""
    (tmp_path / "a file").write_text("")
    with pytest.raises(UserError) as caught:
        files.make_parents(tmp_path / "a file" / "inside")
    assert "--workspace" not in str(caught.value) and "another" in str(caught.value)
    missing = ["evaluate", "20260102-030405-abcd", "--workspace", str(tmp_path)]
    assert main(missing) == 2
    printed = capsys.readouterr().err
    assert "There is no run '20260102-030405-abcd'" in printed and "runs` lists them" in printed
