"""The worker process: ``python -m lib.worker RUN_DIR`` trains one run and says on disk how it goes."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from filelock import FileLock, Timeout

from lib import protocol
from lib.data import dataset as ds
from lib.errors import UserError
from lib.protocol import EventWriter, TrainConfig
from lib.workspace import Workspace

#: Seconds between looks at the stop file while another run has the device.
_POLL = 0.5


def main(folder: Path) -> int:
    """Train the run in ``folder``; return 0 if it ended well, 2 for a user's mistake, 1 for ours."""
    # Locked before torch is imported, which takes seconds: the page must see at once that somebody is there.
    with protocol.alive_lock(folder).acquire(timeout=10):
        write = EventWriter(folder)
        try:
            write(_work(folder, write))
            return 0
        except UserError as error:
            write(protocol.FAILED, message=str(error), user_mistake=True)
            return 2
        except BaseException as error:
            # Recorded and raised again: the traceback goes to the worker's log.
            what = traceback.format_exception_only(error)[-1].strip()
            write(
                protocol.FAILED,
                user_mistake=False,
                message=f"The training ended with an error of Manyhot's own, {what}; see {folder / protocol.LOG}.",
            )
            raise
        finally:
            write.close()


def _work(folder: Path, write: EventWriter) -> str:
    config = protocol.read_config(folder)
    workspace = Workspace(folder.parent.parent)
    write("note", note="Loading torch and fastai")
    from lib.learner import data
    from lib.learner.train import train

    device = data.best_device()
    lock = FileLock(workspace.root / f"device-{device.type}.lock")
    if not _take(lock, folder, write):
        return protocol.STOPPED
    write("note", note="Preparing")  # else the last word would be "queued"
    try:
        return train(folder, config, _dataset(workspace, config), device, write)
    finally:
        lock.release()


def _take(lock: FileLock, folder: Path, write: EventWriter) -> bool:
    """Wait for the device's lock; return False if the run was stopped meanwhile."""
    queued = False
    while True:
        try:
            lock.acquire(timeout=_POLL)
            return True
        except Timeout:
            if not queued:
                write("queued", note="Waiting for the run that trains now: one device trains one run at a time")
                queued = True
            if (folder / protocol.STOP).exists():
                return False


def _dataset(workspace: Workspace, config: TrainConfig) -> ds.Dataset:
    dataset = ds.load(workspace, config.dataset)
    if dataset.revision != config.revision:
        raise UserError(
            f"The dataset {config.dataset} changed after the run was started (revision {config.revision} is now "
            f"{dataset.revision}): start the training again."
        )
    return dataset


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
