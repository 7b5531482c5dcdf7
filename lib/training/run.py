"""One run on disk, read without torch: its state, what it recorded and predicted."""

from __future__ import annotations

import time
from pathlib import Path

from lib import tasks
from lib.core import checksums, in_place, inside, processes, tensor_files
from lib.core.config import WITH_MODEL, TrainConfig
from lib.core.dataset import Dataset
from lib.core.depth import Rule
from lib.core.errors import DamagedError, UserError
from lib.core.program import PROGRAM
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.splits import folding
from lib.tasks.types import Predictions
from lib.training import awaited, crashes, events, result_files, run_ids, run_names, run_notes
from lib.training.event_reader import EventReader
from lib.training.history import Progress
from lib.training.run_files import Manifest


class Run:
    """One run on disk. Keep the object: `refresh` reads only what is new.

    Parameters
    ----------
    folder : pathlib.Path

    Attributes
    ----------
    id : str
    name : str
        What people call it as of the last `refresh`, "" where nobody named it.
    notes : lib.training.run_notes.Notes
        What else people keep of it, as of then: a note, tags, whether it is pinned.
    user : str
        Who started it, "" where nobody logs in.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.id = folder.name
        inside.check_links(folder, in_place.allowed(None))
        self.config: TrainConfig = events.read_config(folder)
        self.name, self.notes = "", run_notes.Notes()
        self.user = run_names.user(folder)
        self._events = EventReader(folder, tasks.get(self.config.task).metric)
        self.history = self._events.history
        self._recorded: tuple[checksums.Stamp, Manifest] | None = None
        self._fits: tuple[object, object] | None = None
        self._alive = False
        self._awaited: awaited.Awaited | None = None

    def refresh(self) -> Run:
        """Read the name, the notes, and the events that were written since the last call, complete lines only.

        Raises
        ------
        DamagedError
            If a file cannot be opened. What is in the events that cannot be is said by `damage`.
        """
        self.name, self.notes = run_names.read(self.folder), run_notes.read(self.folder)
        alive, waiting = self._look()
        if self._derived(alive, waiting) in (events.DIED, events.STOPPED):  # it may have begun between the two looks
            alive, waiting = self._look()
        self._awaited = waiting
        self._alive = alive  # last: for another thread the worker is not dead before its end was read
        return self

    def _look(self) -> tuple[bool, awaited.Awaited | None]:
        """Read the events that are new; return whether the worker lived before that, else what is awaited of it."""
        alive = processes.is_alive(self.folder)  # first: a worker that ends in between has written its end
        self._events.read(None if alive else self._recorded_at_end)
        return alive, None if alive else awaited.worker(self.folder, self.history.last)

    def _recorded_at_end(self) -> Manifest | None:
        """Return what `manifest` does, None where it is damaged, which is said where it is asked for."""
        try:
            return self.manifest()
        except UserError:
            return None

    @property
    def is_outdated(self) -> bool:
        """Whether the events were damaged and others are in their place now: they have to be read from the start."""
        return self._events.is_outdated

    @property
    def began(self) -> time.struct_time:
        """When it was started, in the time of the machine it was started on."""
        return run_ids.began(self.id)

    @property
    def state(self) -> str:
        """The state as it was at the last `refresh`."""
        return self._derived(self._alive, self._awaited)

    def _derived(self, alive: bool, waiting: awaited.Awaited | None) -> str:
        history = self.history
        if waiting:
            return waiting.state
        return events.state(self.folder, alive=alive, last=history.last, end=history.end, fitting=history.fitting)

    @property
    def note(self) -> str:
        """What it is doing, or what it waits for, where anybody says so."""
        return self._awaited.why if self._awaited else self.history.note

    @property
    def quiet_seconds(self) -> float:
        """How long this process has found nothing new from the worker; not by the clock on the wall, which may jump."""
        return self._events.quiet_seconds

    @property
    def stopping(self) -> str | None:
        """When somebody asked the run to stop, `events.NOW` or `events.AFTER_EPOCH`; None if nobody did."""
        return events.asked_to_stop(self.folder)

    @property
    def resumable(self) -> bool:
        """Whether the run can go on from where it was."""
        is_over = self.state in (events.STOPPED, events.FAILED, events.DIED)
        return is_over and self.config.kind in WITH_MODEL and not self.history.lasting

    @property
    def can_finish(self) -> bool:
        """Whether the run ended without predictions but has learned something: `launch.finish` makes them."""
        left = any((self.folder / name).exists() for name in (events.LEFT, events.CHECKPOINT))
        return self.resumable and left and not (self.folder / events.MANIFEST).exists()

    def manifest(self) -> Manifest | None:
        """Return what the run recorded at its end, None before.

        Raises
        ------
        UserError
            If it is damaged, or the run has finished and it is missing.
        """
        path = self.folder / events.MANIFEST
        is_lost = self.history.end == events.FINISHED and self.config.kind in WITH_MODEL
        if not path.exists() and not is_lost:
            return None
        with events.damage_is_said(path):
            stamp = checksums.stamp(path)
            if self._recorded is None or self._recorded[0] != stamp:
                self._recorded = stamp, result_files.manifest(path)
            return self._recorded[1]

    def recorded(self) -> Manifest | None:
        """Return what `manifest` does, None also where it or the predictions cannot be used, which `damage` says."""
        return None if self.damage_of_results() else self.manifest()

    def damage(self) -> str:
        """Return why its events, launch or what it recorded at its end cannot be used, "" where nothing says so."""
        return self.damage_of_events or self.damage_of_launch or self.damage_of_results()

    @property
    def damage_of_events(self) -> str:
        """Why the curves end too early, what is left and what to do; "" where nothing is damaged."""
        return self._events.damage

    @property
    def damage_of_launch(self) -> str:
        """Why nobody knows where its worker was sent for, which has not begun; "" where nothing is damaged."""
        return self._awaited.damage if self._awaited else ""

    def damage_of_results(self) -> str:
        """Return why what the run recorded at its end cannot be used, "" where nothing says so."""
        path = self.folder / events.PREDS
        try:
            manifest = self.manifest()
            stamp = checksums.stamp(path) if manifest and path.exists() else None
            if manifest and stamp and self._fits != (stamp, self._recorded):
                with events.damage_is_said(path):
                    result_files.check_shapes(path, manifest, tasks.get(self.config.task))
                self._fits = stamp, self._recorded
        except DamagedError as error:
            return str(error)
        return ""

    def failure(self) -> str:
        """Return why the run has no result, in one or two sentences; "" if it has or may still."""
        state = self.state
        if state == events.FAILED:
            return self.history.message
        if state == events.DIED:
            if self._awaited:
                return self._awaited.why
            next_step = "Resume it: at most the epoch at hand is lost" if self.resumable else "Start it again"
            return f"The worker {crashes.ending(self.folder)}. {next_step}. Its log is {self.folder / events.LOG}."
        return ""

    def progress(self) -> Progress:
        """Return how far the run is."""
        return Progress.of(self.config, self.history)

    def result(self) -> Manifest:
        """Return the manifest of a training that left predictions.

        Raises
        ------
        UserError
            If the run has no predictions (yet).
        """
        if self.config.kind not in WITH_MODEL:
            raise UserError(f"The run {self.id} is a learning-rate finder and has no predictions: choose a training.")
        manifest = self.manifest()
        if manifest is None:
            then, flags = (
                ("finish it, which makes them", f"`{PROGRAM} finish {self.id}`")
                if self.can_finish
                else ("wait for it", "")
            )
            raise UserError(
                f"The run {self.id} is {self.state} and has no predictions: {then}, or choose another run.", flags=flags
            )
        return manifest

    def names(self) -> tuple[str, ...]:
        """Return the labels, points or numbers that the run learned, in the order of its predictions.

        Raises
        ------
        UserError
            As `result`.
        """
        return tuple(self.result()["names"])

    def value_range(self) -> Rule:
        """Return how pictures of more than 8 bits a channel become those that the run's model was taught.

        Raises
        ------
        UserError
            As `result`.
        """
        return result_files.value_range(self.result())

    def predictions(self, split: str) -> Predictions:
        """Return what the run predicted for ``split``.

        Raises
        ------
        UserError
            If the run has no predictions (yet), or none for ``split``.
        """
        manifest, path = self.result(), self.folder / events.PREDS
        if split not in manifest["splits"]:
            raise UserError(
                f"The run {self.id} has no predictions for {split}: choose one of {', '.join(manifest['splits'])}."
            )
        with events.damage_is_said(path):
            return result_files.predictions(
                tensor_files.read(path, self.id), split, manifest, tasks.get(self.config.task), self.dataset()
            )

    def dataset(self) -> Dataset | None:
        """Return the dataset as the run saw it, whatever was edited since; None where it is gone or imported anew."""
        try:
            return self.load_dataset()
        except UserError:
            return None

    def load_dataset(self) -> Dataset:
        """Return `dataset`; where there is none, raise why: `DamagedError` if it is there and cannot be read."""
        workspace = Workspace(self.folder.parent.parent)
        return folding.folded(store.load(workspace, self.config.dataset, self.config.revision), self.config.fold)
