"""One of several processes that train a run: ``python -m lib.training.group_member RUN_DIR TASK``, by `group`."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, TypedDict

from lib.core import json_files
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.training import events, worker
from lib.training.ends import End
from lib.training.events import EventWriter

#: Seconds that a process waits before it tells of an error of its own: where another one has died, whoever watches
#: them has ended this one by then.
_LET_OTHERS_TELL = 10.0


class Task(TypedDict):
    """What a process is to do: which of how many it is, whether the run goes on, and how long it has worked.

    ``store`` is a file at which processes of one machine meet; "" where they have met. The first one's ``again`` and
    ``lost``, who has died, where that is why they begin anew, are for all.
    """

    rank: json_files.Count
    count: json_files.Count
    again: bool
    seconds: float
    store: str
    lost: str


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


def take_part(folder: Path, task: Task, device: Any = None, patience: float = _LET_OTHERS_TELL) -> bool:
    """Train the run in ``folder`` with the others; return False where it failed, which `lib.training.ends` tells.

    Parameters
    ----------
    folder : pathlib.Path
    task : Task
    device : torch.device, optional
        This process's own, where whoever started it knows that.
    patience : float
        Seconds before an error of ours is told, in which a process ends that has it because another one died.
    """
    write = EventWriter(folder) if task["rank"] == 0 else Silent()
    write.began_at(task["seconds"])
    try:
        end = _train(folder, task, write, device)
    except UserError as error:
        end = End(events.FAILED, str(error), dict(error.retry), user_mistake=True, lasting=error.lasting)
    except Exception as error:
        traceback.print_exc()
        time.sleep(patience)
        end = End(events.FAILED, **worker.failure(folder, error))
    finally:
        seconds = write.seconds
        write.close()
    if task["rank"] == 0 or end.state == events.FAILED:
        End(**{**vars(end), "seconds": seconds}).write(folder)
    return end.state != events.FAILED


def _train(folder: Path, task: Task, write: EventWriter, device: Any) -> End:
    config = events.read_config(folder)
    if task["lost"]:
        write(events.RESUMING, note=f"{task['lost']}: the training goes on from its last checkpoint")
    write("note", note="Loading torch and fastai")
    from lib.training.learner import ranks, train

    own = ranks.device_of(task["rank"]) if device is None else device
    meeting = ranks.joined(task["rank"], task["count"], own, Path(task["store"])) if task["store"] else ranks.met()
    with meeting as together:
        again = together.agreed(lambda: task["again"])
        write("note", note="Preparing")
        dataset = worker.load_dataset(Workspace(folder.parent.parent), config)
        outcome = train.train(folder, config, dataset, own, write, again=again, ranks=together)
    return End(outcome.state, outcome.message, dict(outcome.retry))


def _end_with(pipe: int, store: Path) -> None:
    """End this process when the one that watches it has ended, which can no more clear away where they meet."""
    with contextlib.suppress(OSError):
        while os.read(pipe, 1):
            pass
    with contextlib.suppress(OSError):  # another one was first
        store.unlink(missing_ok=True)
        store.parent.rmdir()
    os._exit(1)


def main(folder: Path, task: Task, pipe: int) -> int:
    """Take part; this process ends when the other end of ``pipe`` is closed. Return its exit code."""
    name = f"Process {task['rank'] + 1} of {task['count']}"
    print(f"{name} is process {os.getpid()} of this machine", file=sys.stderr, flush=True)
    # Ray sends it to all processes of a job; the first of them makes it the stop file, which is read here.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(pipe, Path(task["store"])), daemon=True).start()
    return 0 if take_part(folder, task) else 1


if __name__ == "__main__":
    faulthandler.enable()
    code = main(Path(sys.argv[1]), json_files.decode(sys.argv[2].encode(), Task), int(sys.argv[3]))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # without what libraries do at the end, which may wait for processes that are gone
