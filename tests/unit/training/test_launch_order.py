"""Runs started within the same second sort by their start."""

from __future__ import annotations

import time

import pytest

from lib.core.workspace import Workspace
from lib.training import events, run_ids, runs


def test_runs_of_one_second_sort_by_their_start(tmp_path, monkeypatch):
    """A quick model's refined run comes behind its first, so that the newest is the refined one."""
    monkeypatch.setattr(time, "strftime", lambda *_: "20260101-000000")
    workspace = Workspace(tmp_path)
    ids = []
    for _ in range(20):
        ids.append(run_ids.new(workspace))
        workspace.run(ids[-1]).mkdir(parents=True)
    assert ids == sorted(set(ids))
    assert all(run_ids.ID.fullmatch(name) for name in ids)


@pytest.mark.parametrize("folder", ["20260101-000000-zzzz", "20251231-235959-ffff"])
def test_other_folders_do_not_count(tmp_path, monkeypatch, folder):
    """A folder that is no run's, or one of another second, changes nothing."""
    monkeypatch.setattr(time, "strftime", lambda *_: "20260101-000000")
    (tmp_path / "runs" / folder).mkdir(parents=True)
    assert run_ids.ID.fullmatch(run_ids.new(Workspace(tmp_path)))


@pytest.mark.parametrize(
    "folder", ["20260230-000000-0001", "20260101-250000-0001", "\N{ARABIC-INDIC DIGIT TWO}0260101-000000-0001"]
)
def test_a_folder_of_no_day_is_no_run(tmp_path, folder):
    """A folder whose name only looks like an id, of no such day or in other digits, is not listed and stops nothing."""
    (tmp_path / "runs" / folder).mkdir(parents=True)
    (tmp_path / "runs" / folder / events.CONFIG).write_text("{}")
    assert runs.list_all(Workspace(tmp_path)) == ([], [])
