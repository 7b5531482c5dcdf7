"""Several processes of one run: what is refused, and what follows when one dies or says how it ended."""

from __future__ import annotations

import dataclasses
import os
from datetime import timedelta

import pytest
import torch

from lib.core.config import LR_FIND, QUICK
from lib.core.errors import UserError
from lib.training import ends, events, group, group_member, options
from lib.training.events import EventWriter
from lib.training.launchers.launched import RAY, Launch
from lib.training.learner import ranks


@pytest.mark.parametrize(
    ("chosen", "where", "sentence"),
    [
        ({"bs": 7}, Launch(processes=4), "A batch of 7 images cannot be shared by 4 processes.* at most 3, or a batch"),
        ({"bs": 8}, Launch(RAY, nodes=3, processes=2), "shared by 6 processes"),
        ({"bs": 8}, Launch(nodes=2), "2 machines were asked for, but this is one: start the run on Ray"),
        ({"kind": QUICK}, Launch(processes=2), "a quick model is fitted by one: leave that out"),
        ({"kind": LR_FIND}, Launch(processes=2), "learning rates are tried by one: leave that out"),
    ],
)
def test_what_cannot_be_shared_is_refused(make_dataset, chosen, where, sentence):
    """One sentence says what there are too many of, and what to choose."""
    config = dataclasses.replace(options.configure(make_dataset("regression"), {"pretrained": False}), **chosen)
    with pytest.raises(UserError, match=sentence):
        group.check(config, where)
    group.check(config, Launch())


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A function that lets processes end as its arguments say, one after the other, and returns how the run did."""
    (tmp_path / events.EVENTS).touch()

    def of(*each):
        left = iter(each)

        class Members:
            def __init__(self, folder, count, began, lock):
                began_again.append(began["again"])

            def watch(self) -> str:
                next(left)()
                return "Process 2 of 2 was ended by the signal SIGKILL"

        monkeypatch.setattr(group, "_Members", Members)
        write = EventWriter(tmp_path)
        try:
            return group.work(tmp_path, 2, write, again=False)
        finally:
            write.close()

    began_again: list[bool] = []
    of.began_again, of.folder = began_again, tmp_path
    return of


def test_processes_that_die_are_started_anew_as_long_as_they_get_on(work):
    """Four deaths in a row without another checkpoint end the run with a sentence; each checkpoint counts anew."""
    got_on = [0]

    def dies() -> None:
        pass

    def gets_on() -> None:
        got_on[0] += 1
        (work.folder / events.CHECKPOINT).write_bytes(bytes(got_on))
        os.utime(work.folder / events.CHECKPOINT, (got_on[0], got_on[0]))

    with pytest.raises(UserError, match="SIGKILL, the 4th time in a row without another epoch"):
        work(dies, gets_on, dies, dies, gets_on, dies, dies, dies, lambda: pytest.fail("started a fifth time"))
    assert work.began_again == [False] + [True] * 7
    assert (work.folder / events.EVENTS).read_text().count('"resuming"') == 7


def test_what_one_says_of_the_end_is_how_the_run_ended(work):
    """The first one's outcome is the run's; a failure is raised as it is told, with the seconds worked."""
    ended = ends.End(events.FINISHED, "Ended early.", seconds=12.0)
    assert work(lambda: ended.write(work.folder)) == ended
    failed = ends.End(events.FAILED, "No memory.", {"bs": 4}, user_mistake=True)
    with pytest.raises(ends.MemberFailedError) as raised:
        work(lambda: (failed.write(work.folder), ended.write(work.folder)))
    assert raised.value.values == {
        "message": "No memory.", "user_mistake": True, "retry": {"bs": 4}, "lasting": False
    }  # fmt: skip
    assert not (work.folder / events.END).exists()


def test_a_death_while_somebody_stops_the_run_stops_it(work):
    """Nothing is started anew that was asked to stop."""
    assert work((work.folder / events.STOP).touch).state == events.STOPPED


def test_processes_meet_whatever_the_folder_is_called(tmp_path, monkeypatch):
    """A temporary folder with a space, marks of addresses and an umlaut is found; they waited for another one there."""
    monkeypatch.setenv("GLOO_SOCKET_IFNAME", group._LOOPBACK)
    monkeypatch.setattr(ranks, "TIMEOUT", timedelta(seconds=5))
    (folder := tmp_path / "a b#ü%20?c").mkdir()
    with ranks.joined(0, 1, torch.device("cpu"), folder / "store") as together:
        assert (together.rank, together.count) == (0, 1)


def test_a_process_that_is_left_alone_ends_and_clears_away_where_they_met(tmp_path, monkeypatch):
    """Whoever watched it was killed, and can no more do so; nothing else in the folder above is touched."""
    (store := tmp_path / "meeting" / "store").parent.mkdir()
    store.touch()
    ours, held = os.pipe()
    os.close(held)
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    group_member._end_with(ours, store)
    os.close(ours)
    assert codes == [1] and tmp_path.exists() and not list(tmp_path.iterdir())
