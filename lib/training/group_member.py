"""One of several processes that train a run: ``python -m lib.training.group_member RUN_DIR TASK``, by `group`."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TypedDict

from lib.core import json_files
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.training import events, worker
from lib.training.events import EventWriter
from lib.training.group import End

#: Seconds that a process waits before it tells of an error of its own: where another one has died, whoever watches
#: them has ended this one by then.
_LET_OTHERS_TELL = 10.0


class Task(TypedDict):
    """What a process is to do: which of how many it is, whether the run goes on, and how long it has worked.

    ``pipe`` is a descriptor at whose end it ends, ``store`` a file at which the processes meet.
    """

    rank: json_files.Count
    count: json_files.Count
    again: bool
    seconds: float
    pipe: json_files.Count
    store: str


class Silent(EventWriter):
    """The events of a process that writes none."""

    def __init__(self) -> None:
        self.began_at(0.0)

    def __call__(self, event: str, **values: object) -> None:
        """Write nothing."""

    def sync(self) -> None:
        """Write nothing."""

    def close(self) -> None:
        """Close nothing."""


def main(folder: Path, task: Task) -> int:
    """Train; return 0 where the run has ended, which the first process tells, or this one's part in it is done."""
    name = f"Process {task['rank'] + 1} of {task['count']}"
    print(f"{name} is process {os.getpid()} of this machine", file=sys.stderr, flush=True)
    # Ray sends it to all processes of a job; the first of them makes it the stop file, which is read here.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(task["pipe"],), daemon=True).start()
    write = EventWriter(folder) if task["rank"] == 0 else Silent()
    write.began_at(task["seconds"])
    try:
        end = _train(folder, task, write)
    except UserError as error:
        end = End(events.FAILED, str(error), dict(error.retry), user_mistake=True, lasting=error.lasting)
    except BaseException as error:
        traceback.print_exc()
        time.sleep(_LET_OTHERS_TELL)
        end = End(events.FAILED, **worker.failure(folder, error))
    finally:
        seconds = write.seconds
        write.close()
    if task["rank"] == 0 or end.state == events.FAILED:
        End(**{**vars(end), "seconds": seconds}).write(folder)
    return 0 if end.state != events.FAILED else 1


def _end_with(pipe: int) -> None:
    """End this process when the one that watches it has ended."""
    while os.read(pipe, 1):
        pass
    os._exit(1)


def _train(folder: Path, task: Task, write: EventWriter) -> End:
    config = events.read_config(folder)
    if task["rank"] == 0:
        write("note", note="Loading torch and fastai")
    from lib.training.learner import ranks, train

    device = ranks.device_of(task["rank"])
    with ranks.joined(task["rank"], task["count"], device, Path(task["store"])) as together:
        write("note", note="Preparing")
        dataset = worker.load_dataset(Workspace(folder.parent.parent), config)
        outcome = train.train(folder, config, dataset, device, write, again=task["again"], ranks=together)
    return End(outcome.state, outcome.message, dict(outcome.retry))


if __name__ == "__main__":
    faulthandler.enable()
    # Without what ends processes at their end: the others may be gone, for whom libraries would wait.
    code = main(Path(sys.argv[1]), json_files.decode(sys.argv[2].encode(), Task))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
