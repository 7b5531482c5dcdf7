"""The worker process of a run: ``python -m lib.training.worker RUN_DIR`` trains and writes events to disk."""

from __future__ import annotations

import contextlib
import faulthandler
import platform
import sys
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import Timeout

from lib.core import processes, sentences
from lib.core.config import LR_FIND, QUICK, TRAIN, WITH_MODEL, TrainConfig
from lib.core.dataset import Dataset, UnknownRevisionError
from lib.core.errors import UserError, is_full, reason
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.splits import folding
from lib.training import device_queue, ends, events, group, options, runs, terminated
from lib.training.device_queue import POLL, DeviceQueue
from lib.training.events import EventWriter
from lib.training.launchers import launched
from lib.training.outcome import Outcome

#: Exit code of a worker that finds another at work on its run.
ANOTHER = 3


def main(folder: Path, *, has_lock: bool, inherited: int | None = None, job: str = "") -> int:
    """Work on the run in ``folder``; return 0 if it ended well, 2 for a user's mistake, 1 for ours.

    Parameters
    ----------
    folder : pathlib.Path
    has_lock : bool
        Whether this process inherited the lock that says it lives.
    inherited : int, optional
        Its descriptor.
    job : str
        Under which name a launcher started this process, "" on the machine where the run was started. One that comes
        late, after the run was launched again, leaves it alone.
    """
    try:
        lock = contextlib.nullcontext() if has_lock else processes.alive_lock(folder).acquire(timeout=1)
    except Timeout:
        print(f"Another worker is at work on {folder}; nothing to do here.", file=sys.stderr)
        return ANOTHER
    with lock, terminated.stops(folder):
        if job and launched.read(folder).job != job:
            print(f"The run in {folder} was launched anew since; nothing to do here.", file=sys.stderr)
            return ANOTHER
        write = EventWriter(folder)
        try:
            return _guarded(folder, write, inherited)
        finally:
            write.close()


def _guarded(folder: Path, write: EventWriter, inherited: int | None) -> int:
    """Do the work and record how it ends."""
    try:
        outcome = _work(folder, write, inherited)
        write(outcome.state, message=outcome.message, retry=outcome.retry)
        return 0
    except ends.MemberFailedError as failed:
        _say_failed(folder, write, **failed.values)
        return 2 if failed.values["user_mistake"] else 1
    except UserError as error:
        _say_failed(folder, write, message=str(error), user_mistake=True, retry=error.retry, lasting=error.lasting)
        return 2
    except BaseException as error:
        # Recorded and raised again: the traceback goes to the worker's log.
        _say_failed(folder, write, **failure(folder, error))
        raise


def _say_failed(folder: Path, write: EventWriter, **values: Any) -> None:
    """Record why the run failed; on a disk without room for another word, in the room of the log."""
    try:
        write(events.FAILED, **values)
    except OSError as error:
        if not is_full(error):
            raise
        (folder / events.LOG).open("wb").close()
        write(events.FAILED, **values)


def failure(folder: Path, error: BaseException) -> dict[str, Any]:
    """Return what the failed event says of an error that is not the user's."""
    if is_full(error):
        message = (
            f"The disk of {folder} is full ({reason(error)}): make room, then resume the run; at most the epoch at "
            "hand is lost."
        )
        return {"user_mistake": True, "message": message}
    what = traceback.format_exception_only(error)[-1].strip()
    message = f"The training ended with an error of Manyhot's own, {what}; see {folder / events.LOG}."
    return {"user_mistake": False, "message": message}


def _work(folder: Path, write: EventWriter, inherited: int | None = None) -> Outcome:
    """Do what the run is for and return how it ended."""
    config = events.read_config(folder)
    workspace = Workspace(folder.parent.parent)
    finish = (folder / events.FINISH).exists()
    again = (folder / events.RESUME).exists() or events.has_begun(folder)
    if finish or again:
        write(events.FINISHING if finish else events.RESUMING)
        (folder / (events.FINISH if finish else events.RESUME)).unlink(missing_ok=True)
    # A launcher has its own queue and frees what it gave when this ends: nothing is waited for there.
    launch = launched.read(folder)
    has_queue = launch.launcher == launched.LOCAL
    several = launch.processes * launch.nodes > 1 and config.kind == TRAIN and not finish
    if not has_queue and events.asked_to_stop(folder) == events.NOW:  # before it began, when nobody could tell it
        return _outcome(ends.End(events.STOPPED))
    if not has_queue:
        write("note", note="Starting", host=platform.node())
    if several and launch.nodes > 1:
        from lib.training.launchers import ray_train  # in a job of Ray: nothing else imports it

        return _outcome(ray_train.work(folder, launch, write, again=again, member=group.MEMBER))

    number = device_queue.draw(workspace)
    # Before torch is loaded: that would take time from the answer that somebody waits for.
    if has_queue and config.kind in WITH_MODEL and not _others_first(folder, config, workspace, write):
        return Outcome(events.STOPPED)
    write("note", note="Loading torch and fastai")
    from lib.training.learner import data, lr_find, quick, ranks, train

    device = data.best_device()
    queue = DeviceQueue(workspace, device.type, folder.name)
    if has_queue:
        queue.enter(number)
    try:
        if has_queue and not _take(queue, folder, write):
            return Outcome(events.STOPPED)
        write("note", note="Preparing")  # else the last word would be "queued"
        if several:
            ranks.check(launch.processes, device)
            return _outcome(group.work(folder, launch.processes, write, again=again, lock=inherited))
        dataset = load_dataset(workspace, config)
        if config.kind == LR_FIND:
            return lr_find.find(folder, config, dataset, device, write)
        if finish:
            return train.finish(folder, config, dataset, device, write)
        if config.kind == QUICK:
            return quick.fit(folder, config, dataset, device, write, again=again)
        return train.train(folder, config, dataset, device, write, again=again)
    finally:
        queue.leave()


def _outcome(end: ends.End) -> Outcome:

    return Outcome(end.state, end.message, end.retry)


def _others_first(folder: Path, config: TrainConfig, workspace: Workspace, write: EventWriter) -> bool:
    """Let others come first, whoever is ready first, and wait without torch's memory; False if the run was stopped.

    They are, of a quick model, the same one of smaller pictures; of the same run with other seeds, and of the other
    folds of a label audit, those that were started before, but for the last one: while that is at work torch is loaded.
    """
    smaller, before = [], []
    for path in workspace.runs.glob(f"*/{events.CONFIG}"):
        with contextlib.suppress(UserError):  # damaged, which the list of runs says
            name, other = path.parent.name, events.read_config(path.parent)
            if launched.read(path.parent).launcher != launched.LOCAL:  # it takes nothing from this machine
                continue
            if other.size < config.size and replace(other, size=config.size) == config:
                smaller.append(name)
            elif name < folder.name and _series(other) == _series(config):
                before.append(name)
    what = "the folds before" if config.fold else "the same training with the seeds before"
    kinds = [(before, 2, f"Waiting for {what}: ")]
    if config.kind == QUICK:
        kinds.append((smaller, 1, "Waiting for the quick model of smaller pictures, the first answer: "))
    for names, most, note in kinds:
        announced, active = None, sorted(names)
        while len(active := [name for name in active if _is_active(workspace, name)]) >= most:
            if events.asked_to_stop(folder):
                return False
            if active != announced:
                write("queued", note=f"{note}{sentences.listed(active, 1)}")
                announced = active
            time.sleep(POLL)
    return True


def _series(config: TrainConfig) -> str:
    """Return what the runs of one choice with other seeds, or the folds of one label audit, have in common."""
    return options.configuration(replace(config, fold=config.fold and replace(config.fold, index=0)))


def _is_active(workspace: Workspace, run: str) -> bool:
    try:
        return runs.load(workspace, run).state in events.ACTIVE
    except UserError:  # damaged, which the list of runs says, or deleted: nothing to wait for
        return False


def _take(queue: DeviceQueue, folder: Path, write: EventWriter) -> bool:
    """Wait for the device; return False if the run was stopped meanwhile."""
    announced = None
    while not queue.try_take():
        if events.asked_to_stop(folder):
            return False
        before = queue.before()
        if before != announced:
            announced = before
            ahead = f"the run {sentences.listed(before, 1)}" if before else "the run that trains now"
            write("queued", note=f"Waiting for {ahead} to end: one device trains one run at a time")
    return True


def load_dataset(workspace: Workspace, config: TrainConfig) -> Dataset:
    """Return the dataset as it was when the run was started, whatever was edited since; of a fold as that sees it."""
    try:
        return folding.folded(store.load(workspace, config.dataset, config.revision), config.fold)
    except UnknownRevisionError as error:
        raise UserError(
            f"The dataset {config.dataset} changed after the run was started (revision {config.revision} is now "
            f"{store.load(workspace, config.dataset).revision}): start the training again.",
            lasting=True,
        ) from error


if __name__ == "__main__":
    faulthandler.enable()  # what `lib.training.runs` finds in the log of a worker that crashed
    print(events.LOG_BEGINS, file=sys.stderr, flush=True)
    # The second argument is the descriptor of the inherited lock: it stays open, and held, as long as this process.
    # Of a launcher it is the name of its job.
    given = sys.argv[2] if len(sys.argv) > 2 else ""
    handle, job = (int(given), "") if given.isdigit() else (None, given)
    sys.exit(main(Path(sys.argv[1]).resolve(), has_lock=handle is not None, inherited=handle, job=job))
