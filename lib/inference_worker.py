"""The process that answers questions to a run's model: ``python -m lib.inference_worker RUN_DIR``.

It loads torch and the model once, answers in the order in which was asked, and ends when nobody has asked for a while.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import Timeout
from safetensors.numpy import save as pack

from lib import inference, protocol, runs, tickets
from lib import workspace as ws
from lib.device_queue import DeviceQueue
from lib.errors import UserError
from lib.runs import Run
from lib.tickets import Ticket, WithdrawnError
from lib.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    import torch

    from lib.learner.data import Pictures
    from lib.learner.inference import Model

#: Seconds without a question after which the worker ends and gives its memory back.
IDLE = 120.0
#: Seconds between looks at the questions.
POLL = 0.04
#: Exit code of a worker that finds another at work on its run.
ANOTHER = 3


def main(folder: Path, *, lock: int | None, idle: float = IDLE) -> int:
    """Answer questions about the run in ``folder`` until there was none for ``idle`` seconds.

    Parameters
    ----------
    folder : pathlib.Path
    lock : int or None
        Descriptor of the inherited lock that says that this process lives; None to take the lock here.
    idle : float
    """
    run = runs.load(Workspace(folder.parent.parent), folder.name)
    try:
        let_go = _hold(run, lock)
    except Timeout:
        print(f"Another worker answers questions about {folder}; nothing to do here.", file=sys.stderr)
        return ANOTHER
    worker = Worker(run)
    if tickets.first_waiting(run) is None:  # started before there is a question, so that it need not wait
        worker.get_ready()
    since = time.monotonic()
    while True:
        ticket = tickets.first_waiting(run)
        if ticket is not None:
            worker.answer(ticket)
            since = time.monotonic()
        elif time.monotonic() - since > idle or not folder.exists():
            if _left(run, let_go):
                return 0
        else:
            time.sleep(POLL)


def _hold(run: Run, descriptor: int | None) -> Callable[[], None]:
    """Hold the lock that says that this process lives, and return what lets go of it."""
    if descriptor is not None:
        return partial(os.close, descriptor)
    folder = run.folder / tickets.FOLDER
    folder.mkdir(exist_ok=True)
    lock = protocol.alive_lock(folder)
    lock.acquire(timeout=1)
    return lock.release


def _left(run: Run, let_go: Callable[[], None]) -> bool:
    """Let go of the lock, unless a question came at the last moment; Python clears torch away for a second or two."""
    with inference.door(run) if run.folder.exists() else contextlib.nullcontext():
        if tickets.first_waiting(run) is None:
            let_go()
            return True
    return False


class Worker:
    """Answers questions about one run; keeps its model and the pictures that it has decoded."""

    def __init__(self, run: Run):
        self.run = run
        self._loaded: tuple[str, Model] | None = None
        self._pictures: tuple[str, Pictures] | None = None

    def get_ready(self) -> None:
        """Load torch and the model."""
        with contextlib.suppress(UserError):  # said to whoever asks
            self._model(inference.model_id(self.run))

    def answer(self, ticket: Ticket) -> None:
        """Answer one question, or say in one sentence why not."""
        try:
            ws.write_atomic(ticket.path(tickets.ANSWER), pack(self._answer(ticket)))
        except WithdrawnError:
            pass
        except UserError as error:
            ticket.refuse(str(error))
        except Exception as error:
            # One question that fails must not cost the others their answers; the traceback is in the log.
            traceback.print_exc()
            what = traceback.format_exception_only(error)[-1].strip()
            log = self.run.folder / tickets.FOLDER / tickets.LOG
            ticket.refuse(f"The model could not be asked because of an error of Manyhot's own, {what}; see {log}.")
        finally:
            ticket.leave()

    def _answer(self, ticket: Ticket) -> dict[str, np.ndarray]:
        question = ticket.request()
        total = len(question.get("rows") or question.get("pictures") or ())
        ticket.tell(0, total, loading=True)
        model = self._model(question["model"])
        ticket.tell(0, total)
        return _ANSWERS[question["kind"]](self, ticket, question, model)

    def _model(self, wanted: str) -> Model:
        """Return the model, loaded anew where the run was resumed since."""
        if wanted != inference.model_id(self.run):
            raise UserError(f"The run {self.run.id} has another model by now: ask again.")
        from lib.learner import inference as of_learner

        if self._loaded is None or self._loaded[0] != wanted:
            self._loaded = (wanted, of_learner.load(self.run))
        return self._loaded[1].to(device(Workspace(self.run.folder.parent.parent)))

    def predict(self, ticket: Ticket, question: dict, model: Model) -> dict[str, np.ndarray]:
        """Answer `lib.inference.Predict`."""
        from lib.learner import inference as of_learner

        paths = [ticket.folder / str(number) for number in range(len(question["pictures"]))]
        preds, sizes, _ = of_learner.predict(model, paths, tell=ticket.tell)
        return {"preds": preds, "sizes": sizes}

    def grad_cam(self, ticket: Ticket, question: dict, model: Model) -> dict[str, np.ndarray]:
        """Answer `lib.inference.GradCam`."""
        from lib.learner import data, grad_cam

        dataset = inference.dataset_of(self.run)
        if self._pictures is None or self._pictures[0] != dataset.revision:
            self._pictures = (dataset.revision, data.Pictures(dataset, model.config.size))
        found = grad_cam.of_images(model, self._pictures[1], question["rows"], question["label"], tell=ticket.tell)
        return {"maps": found.maps, "peaks": found.peaks, "acts": found.acts}


_ANSWERS = {inference.Predict.kind: Worker.predict, inference.GradCam.kind: Worker.grad_cam}


def device(workspace: Workspace) -> torch.device:
    """Return where to ask the model: the GPU where there is one and nobody trains on it, else the CPU.

    A question takes no place in the queue and does not hold the device: it is short, and a training that begins
    meanwhile shares the GPU with it for a moment. On a CPU the two share the cores.
    """
    from lib.learner import data

    best = data.best_device()
    if best.type != "cpu" and DeviceQueue(workspace, best.type, "").is_taken():
        import torch

        return torch.device("cpu")
    return best


if __name__ == "__main__":
    # The second argument is the descriptor of the inherited lock.
    sys.exit(main(Path(sys.argv[1]).resolve(), lock=int(sys.argv[2]) if len(sys.argv) > 2 else None))
