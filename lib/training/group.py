"""One run in several processes of this machine: started together, watched, and started anew where one of them dies.

`torch.distributed.run` does that too, but that and its processes meet at two ports on all interfaces, with no password
(torch 2.14, seen with ``ss -ltn``); here they meet by a file and talk on the loopback.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lib.core import json_files, processes
from lib.core.config import QUICK, TRAIN, TrainConfig
from lib.core.errors import UserError
from lib.training import ends, events
from lib.training.ends import End
from lib.training.events import EventWriter
from lib.training.launchers.launched import RAY, Launch

#: Images of a batch that each process needs at least: batch norms cannot do with one.
LEAST = 2
#: The module that each process runs.
MEMBER = "lib.training.group_member"
#: So often in a row a group is started anew without having come to another checkpoint.
MAX_RESTARTS = 3
#: Seconds between looks at the processes, and that the others have to end when the first has.
_POLL, _GRACE = 0.1, 5.0
#: The network on which processes of one machine talk: nobody else can listen there, or reach them.
_LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"


def check(config: TrainConfig, where: Launch) -> None:
    """Look whether a run of ``config`` can be at work in as many processes as ``where`` says.

    Raises
    ------
    UserError
        If it cannot.
    """
    count = where.processes * where.nodes
    if where.nodes > 1 and where.launcher != RAY:
        raise UserError(
            f"{where.nodes} machines were asked for, but this is one: start the run on Ray.", flags="--on ray"
        )
    if count == 1:
        return
    if config.kind != TRAIN:
        what = "a quick model is fitted" if config.kind == QUICK else "learning rates are tried"
        raise UserError(f"{count} processes were asked for, but {what} by one: leave that out.")
    if config.bs < LEAST * count:
        raise UserError(
            f"A batch of {config.bs} images cannot be shared by {count} processes, each needs {LEAST} at least: choose "
            f"at most {max(1, config.bs // LEAST)}, or a batch size of {LEAST * count}."
        )


def work(folder: Path, count: int, write: EventWriter, *, again: bool, lock: int | None = None) -> End:
    """Train the run in ``folder`` by ``count`` processes, and return how that ended, well or because it was stopped.

    The first of them writes the run's files. Where one dies all end and are started anew: the run goes on from its last
    checkpoint, which it says by an event as where a person resumes it.

    Parameters
    ----------
    folder : pathlib.Path
    count : int
    write : EventWriter
        Of this process; another one writes while they work.
    again : bool
        Whether a worker was at work on this run before.
    lock : int, optional
        Descriptor of the lock that this process inherited: they hold it too, so that it is free when all have ended.

    Raises
    ------
    MemberFailedError
        If it failed in one of them.
    UserError
        If processes die again and again.
    """
    restarts = 0
    while True:
        ends.forget(folder)
        checkpoint = _stamp(folder)
        began = {"again": again, "seconds": write.seconds, "lost": ""}
        write.close()
        try:
            lost = _Members(folder, count, began, lock).watch()
        finally:
            write.reopen()
        if (end := ends.take(folder, write)) is not None:
            return end
        if events.asked_to_stop(folder) == events.NOW:
            return End(events.STOPPED, f"{lost} before it could be stopped: at most the epoch at hand is lost.")
        again, restarts = True, 1 if _stamp(folder) != checkpoint else restarts + 1
        if restarts > MAX_RESTARTS:
            raise UserError(
                f"{lost}, the {restarts}th time in a row without another epoch: most often the memory is full. Choose "
                f"fewer processes or a smaller batch; its log is {folder / events.LOG}."
            )
        print(f"{lost}; all are started anew.", file=sys.stderr, flush=True)
        write(events.RESUMING, note=f"{lost}: the training goes on from its last checkpoint")


def _stamp(folder: Path) -> int | None:
    try:
        return (folder / events.CHECKPOINT).stat().st_mtime_ns
    except FileNotFoundError:
        return None


class _Members:
    """The processes of a group, started.

    They end when this process does, however that ends: each waits at a pipe of which the other end is here.
    """

    def __init__(self, folder: Path, count: int, began: dict[str, Any], lock: int | None):
        self._meeting = Path(tempfile.mkdtemp(prefix="manyhot-group-"))
        ours, self._held = os.pipe()
        held = [ours] if lock is None else [ours, lock]
        self._all: list[subprocess.Popen[bytes]] = []
        try:
            for rank in range(count):
                task = {**began, "rank": rank, "count": count, "store": str(self._meeting / "store")}
                self._all.append(_started(folder, task, held, _threads(count)))
        except BaseException:
            self._end()
            raise
        finally:
            os.close(ours)

    def watch(self) -> str:
        """Wait until the first process has ended, or another one not well; end all, and return who was lost and how."""
        try:
            while True:
                codes = [process.poll() for process in self._all]
                lost = [rank for rank, code in enumerate(codes) if code]
                if codes[0] is not None or lost:
                    break
                time.sleep(_POLL)
            self._wait_for_others(0.0 if lost else _GRACE)
        finally:
            self._end()
        rank = lost[0] if lost else 0
        return f"Process {rank + 1} of {len(self._all)} {_how(codes[rank])}"

    def _wait_for_others(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and any(process.poll() is None for process in self._all):
            time.sleep(_POLL)

    def _end(self) -> None:
        """End those that still run; what they were at is lost, and they may be waiting for one that is gone."""
        for process in self._all:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        for process in self._all:
            process.wait()
        os.close(self._held)
        shutil.rmtree(self._meeting, ignore_errors=True)


def _started(folder: Path, task: dict[str, Any], held: Sequence[int], threads: int) -> subprocess.Popen[bytes]:
    network = {"GLOO_SOCKET_IFNAME": _LOOPBACK, "NCCL_SOCKET_IFNAME": _LOOPBACK}
    return subprocess.Popen(
        [sys.executable, "-m", MEMBER, str(folder), json_files.encode(task).decode(), str(held[0])],
        stdin=subprocess.DEVNULL,
        env={**processes.environment(), **network, "OMP_NUM_THREADS": str(threads)},
        start_new_session=True,  # a signal to this process's group is for this process, which tells them by a file
        pass_fds=held,
    )


def _threads(count: int) -> int:
    """Return how many threads each of ``count`` processes computes with, so that they are not more than processors."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, (int(given) if given.isdecimal() else cores) // count)


def _how(code: int | None) -> str:
    """Say how a process ended that did not tell."""
    if code is not None and code < 0:
        return f"was ended by the signal {signal.Signals(-code).name}"
    return "ended without a word"
