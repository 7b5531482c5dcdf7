"""Names that would steer a terminal are shown by every command, and steer none; JSON has them as they are."""

from __future__ import annotations

import json
import re
import sys

import numpy as np
import pytest

from lib import cli
from lib.cli import terminal
from lib.datasets import store
from lib.training import runs

#: Clears the screen, changes the window's title, 8-bit control sequence, turns the writing, goes back, half a pair.
NAMES = ["\x1b[2J\x1b[31mred", "\x1b]0;title\x07", "\x9b31m\x85", "\u202egnp.exe\u2066", "over\rwritten\x08"]
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
COMMANDS = (
    "check made",
    "stats made",
    "edits made",
    "split made --dry-run --valid 0.3",
    "runs",
    "evaluate RUN",
    "thresholds RUN",
)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", ["", "--json"])
def test_no_command_prints_what_steers(command, form, workspace, make_dataset, write_run, capsys):
    """Labels, files, groups and a run's name with control sequences are printed without any of their characters."""
    dataset = make_dataset("multi-label")
    targs = np.random.default_rng(0).integers(0, 2, (len(dataset), len(NAMES))).astype(np.int8)
    originals = [f"{NAMES[row % len(NAMES)]}/{row}.png" for row in range(len(dataset))]
    items = dataset.items.assign(original=originals, group=[f"{NAMES[row % 5]}{row}" for row in range(len(dataset))])
    head = {"name": "made", "task": "multi-label", "names": NAMES, "problems": [], "source": {}, "defaults": {}}
    store.save(dataset.path, head, items, targs)
    store._load.cache_clear()
    run = runs.load(workspace, write_run(store.load(workspace, "made")).name)
    words = command.replace("RUN", run.id).split()
    code = cli.main([words[0], "--workspace", str(workspace.root), *words[1:], *([form] if form else [])])
    printed = capsys.readouterr()
    assert code == 0, printed.err
    assert not STEERING.search(printed.out) and not STEERING.search(printed.err)
    if form:
        json.loads(printed.out)
    elif words[0] == "stats":  # which names labels
        assert "\N{REPLACEMENT CHARACTER}[31mred" in printed.out


def test_json_says_the_same():
    """What is spelled out in JSON is read as it was."""
    text = "".join(map(chr, range(0x300))) + "\u202e\u2028\ud800"
    spelled = terminal.spelled(json.dumps(text, ensure_ascii=False))
    assert json.loads(spelled) == text and not STEERING.search(spelled)


def test_errors_and_progress_are_clean_too(capsys, monkeypatch):
    """What is said of a mistake, and the line that is written over, show a name without what it would do."""
    assert cli.main(["stats", "\x1b[31mgone"]) == 2
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with terminal.cleaned():
        terminal.rewrite("\x1b[31m\rname", is_last=True)
    printed = capsys.readouterr()
    assert printed.err.count("\r") == 1 and not STEERING.search(printed.err.replace("\r", ""))
