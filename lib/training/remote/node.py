"""The job on a node: ``python -m lib.training.remote.node URL RUN ATTEMPT`` fetches, lets a worker train, and sends."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from lib.core import files, processes
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.training import events
from lib.training.remote import cache, objects
from lib.training.remote.exchange import BEAT, BEGIN, FINISH, GIVEN, POLL, RESUME, Keys, Order
from lib.training.remote.objects import Share
from lib.training.remote.sending import Sender

#: Seconds that results are kept trying to be sent, and that a worker before this one may take to end.
_LAST_WORDS, _ENDING = 1800.0, 60.0
_LOG = "worker.log"


def main(url: str, run: str, attempt: str) -> int:
    """Do one order; return 0 if its worker ended well, else how that ended."""
    share, keys = objects.at(url), Keys(run, attempt)
    order = objects.persistently(lambda: share.get_json(keys.order, Order), _tell, give_up=_after(_ENDING))
    if (order.run, order.attempt) != (run, attempt) or order.asked not in (BEGIN, RESUME, FINISH):
        raise objects.damaged(share, keys.order, "it is another run's")
    note: list[str] = ["Fetching the dataset"]
    with contextlib.ExitStack() as stack:
        beating = stack.enter_context(_beating(share, keys, order, note))

        def tell(done: int, total: int) -> None:
            note[0] = f"Fetching {done:,} of {total:,} pictures"

        try:
            workspace = stack.enter_context(cache.workspace(share, order.dataset, order.revision, tell))
            folder = _laid_out(share, keys, order, workspace)
        except (UserError, OSError) as error:
            beating.stop()
            beating.sender.beat(ended=2, message=str(error)[:4000])
            _tell(str(error))
            return 2
        beating.stop()
        sender = Sender(share, keys, folder, order)
        sender.go_on_from(beating.sender)
        code = _worked(folder, sender)
        objects.persistently(lambda: sender.end(code, folder / _LOG), _tell, give_up=_after(_LAST_WORDS))
        shutil.rmtree(folder, ignore_errors=True)
    return code


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _after(seconds: float):
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


class _Beating:
    """Signs of life from a thread while this process fetches."""

    def __init__(self, sender: Sender, note: list[str]):
        self.sender, self._note, self._stopped = sender, note, threading.Event()
        self._thread = threading.Thread(target=self._beat, name="beat", daemon=True)
        self._thread.start()

    def _beat(self) -> None:
        while True:
            with contextlib.suppress(objects.ShareError):  # whatever it is, the fetching meets it as well
                self.sender.beat(note=self._note[0])
            if self._stopped.wait(BEAT / 2):
                return

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()


@contextlib.contextmanager
def _beating(share: Share, keys: Keys, order: Order, note: list[str]) -> Iterator[_Beating]:
    beating = _Beating(Sender(share, keys, Path(), order), note)
    try:
        yield beating
    finally:
        beating.stop()


def _laid_out(share: Share, keys: Keys, order: Order, workspace: Workspace) -> Path:
    """Make the run's folder with what it begins with; one of an attempt before that ended is removed.

    Raises
    ------
    UserError
        If an attempt before this one is at work on this node.
    """
    folder = workspace.run(order.run)
    until = time.monotonic() + _ENDING
    while folder.exists() and processes.is_alive(folder):
        if time.monotonic() > until:
            raise UserError(f"An attempt before is at work on the run {order.run} on this node: stop it, then resume.")
        time.sleep(POLL)
    shutil.rmtree(folder, ignore_errors=True)
    with files.new_folder(folder) as building:
        for name, placed in order.files.items():
            if name not in GIVEN:
                raise objects.damaged(share, keys.order, f"a run begins with no file {name[:80]!r}")
            share.fetch(keys.file(placed), building / name, placed)
        if order.asked != BEGIN:
            (building / order.asked).touch()
    return folder


def _worked(folder: Path, sender: Sender) -> int:
    """Let a worker do what the folder says, and send what it writes; return how it ended."""
    with (folder / _LOG).open("ab") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "lib.training.remote.at_work", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=processes.environment(),
        )
    # A job is ended by this signal, and killed if that takes long: what it has learned is kept as with any stop.
    signal.signal(signal.SIGTERM, lambda *_: (folder / events.STOP).open("wb").close())
    told = ""
    while (code := worker.poll()) is None:
        try:
            sender.look()
            if told:
                told = ""
                _tell("The store answers again.")
        except objects.ShareError as error:  # the training does not wait for it
            if not told:
                told = str(error)
                _tell(f"{told} Trying again.")
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(POLL)
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
