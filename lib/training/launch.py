"""Start, stop and resume of runs: a worker process that outlives page, tab and web server."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock

from lib.core import files, locks, people, picture_cache
from lib.core.config import CHOICES, WITH_MODEL, TrainConfig
from lib.core.errors import UserError, is_full, reason
from lib.core.workspace import VARIABLE, Workspace
from lib.datasets import store
from lib.datasets.splits import folding
from lib.training import events, group, launchers, moved, options, run_ids, run_names, runs
from lib.training.launchers import launched
from lib.training.launchers.base import Launcher
from lib.training.launchers.launched import Launch
from lib.training.runs import Run


def start(
    workspace: Workspace,
    config: TrainConfig,
    where: Launch | None = None,
    *,
    on_begin: Callable[[str], None] = lambda run: None,
) -> str:
    """Check ``config``, make the run's folder and start its worker, without ``where`` as the environment states.

    ``on_begin`` is told the run's id before there is anything of it.

    Returns
    -------
    str
        The run's id: date, time and four random characters, so that ids sort by age.

    Raises
    ------
    UserError
        If the configuration cannot work, the dataset was imported anew since it was chosen, or the very same training
        goes on already; nothing is left behind then.
    """
    # As it was where the configuration was chosen: that is what the worker sees, whatever was edited since.
    options.check(config, folding.folded(store.load(workspace, config.dataset, config.revision), config.fold))
    where = where or launched.usual()
    group.check(config, where)
    launcher = launchers.of(where.launcher)
    where = launcher.prepare(where)
    new_parents = files.make_parents(workspace.runs)
    try:
        with FileLock(workspace.runs / ".start.lock"):  # two tabs may click at once
            _refuse_twins(workspace, [config])
            run = run_ids.new(workspace)
            on_begin(run)
            folder = workspace.run(run)
            with files.new_folder(folder) as temporary:
                files.write_json(temporary / events.CONFIG, config.to_json(), run)
                run_names.sign(temporary, people.at_work(), run)
                launched.write(temporary, where, run)
        try:
            launcher.start(folder, where)
        except (OSError, UserError):
            shutil.rmtree(folder, ignore_errors=True)
            raise
    except OSError as error:
        raise UserError(
            f"The folder {workspace.runs} cannot be written to ({reason(error)}): choose another workspace "
            f"(variable {VARIABLE}), or make room on its disk.",
            flags="--workspace DIR",
        ) from error
    finally:
        files.remove_empty(new_parents)
    return run


def start_quick(
    workspace: Workspace,
    dataset: str,
    chosen: Mapping[str, Any] | None = None,
    *,
    sizes: Sequence[int] = options.QUICK_SIZES,
    seeds: int = 1,
    where: Launch | None = None,
) -> list[str]:
    """Start a quick model for each of ``sizes``, in order; the later ones wait until the device is free.

    Parameters
    ----------
    workspace : Workspace
    dataset : str
        Name of the dataset.
    chosen : mapping, optional
        Some of `lib.training.options.QUICK_CHOICES`; with a ``size`` there is one run.
    sizes : sequence of int
        Sides of the pictures in pixels.
    seeds : int
        How many seeds, each with every size: what is drawn are the parts of the cross-validation that chooses the
        penalty and, where there are more than may be looked at, the images.
    where : Launch, optional
        Where they shall be at work, as in `start`.

    Returns
    -------
    list of str
        The runs' ids.

    Raises
    ------
    UserError
        As `start`; runs that were started before stay.
    """
    given = {key: value for key, value in (chosen or {}).items() if value is not None}
    loaded = store.load(workspace, dataset)
    wanted = (given["size"],) if "size" in given else sizes
    of_size = [options.configure_quick(loaded, {**given, "size": size}) for size in wanted]
    for config in of_size:
        options.check(config, loaded)
    configs = [one for of_seed in zip(*(with_seeds(one, seeds) for one in of_size), strict=True) for one in of_seed]
    return [start(workspace, config, where) for config in configs]


#: Runs of one choice that can be started at once.
MOST_SEEDS = 20


def with_seeds(config: TrainConfig, count: int) -> list[TrainConfig]:
    """Return ``config`` ``count`` times, the seed one higher each time.

    Raises
    ------
    UserError
        If there are none, too many, or no such seeds.
    """
    if not 1 <= count <= MOST_SEEDS:
        raise UserError(
            f"{count:,} seeds were asked for: expected 1 to {MOST_SEEDS}, each is a run of its own.", flags="--seeds 3"
        )
    high = CHOICES["seed"].high
    if high is not None and config.seed + count - 1 > high:
        raise UserError(
            f"The seeds {config.seed} to {config.seed + count - 1} go beyond the highest one, {high:.0f}: choose a "
            "smaller seed."
        )
    return [dataclasses.replace(config, seed=config.seed + place) for place in range(count)]


def start_seeds(workspace: Workspace, config: TrainConfig, count: int, where: Launch | None = None) -> list[str]:
    """Start the same training with ``count`` seeds, ``config``'s and those behind it; they train one after the other.

    Returns
    -------
    list of str
        The runs' ids.

    Raises
    ------
    UserError
        As `start` and `with_seeds`; where one of them goes on already none is started.
    """
    configs = with_seeds(config, count)
    if count > 1:  # else `start` does
        options.check(config, store.load(workspace, config.dataset, config.revision))
        _refuse_twins(workspace, configs)
    return [start(workspace, one, where) for one in configs]


def _refuse_twins(workspace: Workspace, configs: Sequence[TrainConfig]) -> None:
    """Refuse trainings that go on already: the same seed and choices would give the same numbers."""
    for path in workspace.runs.glob(f"*/{events.CONFIG}"):
        try:
            same = events.read_config(path.parent) in configs
            run = runs.load(workspace, path.parent.name) if same else None
        except UserError:  # damaged, which the list of runs says
            run = None
        if run and run.state in events.ACTIVE:
            seed = f" with seed {run.config.seed}" if len(configs) > 1 else ""
            raise UserError(
                f"The same training of {run.config.dataset}{seed} is {run.state} already, as run {run.id}: watch that "
                "one, or change a choice, for instance the seed."
            )


def resume(run: Run, where: Launch | None = None) -> None:
    """Let a run that did not finish go on from its last checkpoint, in a new worker.

    Parameters
    ----------
    run : Run
    where : Launch, optional
        Where it shall go on; without it as the environment states, else where it was.

    Raises
    ------
    UserError
        If it goes on already, has finished, is no training, would fail again as it did, or its dataset is not there.
    """
    state = run.refresh().state
    if state in events.ACTIVE:
        raise UserError(f"The run {run.id} is {state}: there is nothing to resume.")
    if state == events.FINISHED:
        raise UserError(f"The run {run.id} has finished: there is nothing to resume, start a new training.")
    if run.config.kind not in WITH_MODEL:
        raise UserError(f"The run {run.id} is a learning-rate finder and cannot be resumed: start it again.")
    if run.history.lasting:
        raise UserError(f"The run {run.id} would fail again, start a new training. It ended so: {run.history.message}")
    _go_on(run, events.RESUME, where, instead_of=events.FINISH)


def finish(run: Run, where: Launch | None = None) -> None:
    """Let a stopped run predict the validation and test images with what it has learned, in a new worker.

    Nothing is trained: the run is ``stopped`` again when that is done, but has a model, predictions and a manifest as
    every complete run, and can still be resumed. The weights are those at the batch after which it was stopped (the
    best epoch's where early stopping keeps one); a run that died or failed predicts with its last checkpoint.
    `Run.can_finish` says whether there is anything to do. ``where`` is as in `resume`.

    Raises
    ------
    UserError
        If it goes on, has its predictions, has learned nothing, or its dataset is not there.
    """
    if run.refresh().state in events.ACTIVE:
        raise UserError(f"The run {run.id} is {run.state}: it predicts at its end, or stop it first.")
    if not run.can_finish:
        why = "has its predictions already" if run.manifest() else "was not trained far enough to predict anything"
        raise UserError(f"The run {run.id} {why}: there is nothing to finish.")
    _go_on(run, events.FINISH, where, instead_of=events.RESUME)


def _go_on(run: Run, asked: str, where: Launch | None, *, instead_of: str) -> None:
    """Start a worker that does what the file ``asked`` says."""
    picture_cache.limit()  # a wrong one would end it
    moved.check(run)
    where = where or launched.again(run.folder)
    if asked == events.RESUME:
        group.check(run.config, where)
    launcher = launchers.of(where.launcher)
    where = launcher.prepare(where)
    try:
        with locks.held(run.folder / events.LAUNCH_LOCK, timeout=0):  # two tabs may click at once
            started = run.refresh().state not in events.ACTIVE and _relaunch(run, asked, instead_of, launcher, where)
    except TimeoutError:
        started = False
    except OSError as error:
        raise UserError(f"The folder {run.folder} cannot be written to ({reason(error)}): make room there.") from error
    if started is False:
        raise UserError(
            f"The run {run.id} is being resumed already, or its last worker is still ending: watch it, or try again in "
            "a moment."
        )


def _relaunch(run: Run, asked: str, instead_of: str, launcher: Launcher, where: Launch) -> bool:
    """Ask for what the file ``asked`` says and start the worker; return False if there is one."""
    # A node that may be at work still is left alone by who does not follow it: what it sends is of before.
    over = (events.STOP, instead_of, *(() if launcher.is_followed else (events.REMOTE,)))
    with files.as_before(run.folder, (asked, *over, events.LAUNCH)) as keep:
        (run.folder / asked).touch()
        for name in over:
            (run.folder / name).unlink(missing_ok=True)
        launched.write(run.folder, where, run.id)
        started = launcher.start(run.folder, where)
        if started is not False:
            keep()
    return started


def stop(folder: Path, *, after_epoch: bool = False) -> None:
    """Ask the worker of the run in ``folder`` to stop; it can be resumed.

    Parameters
    ----------
    folder : pathlib.Path
    after_epoch : bool
        Stop when the epoch at hand is done, then predict; resuming loses nothing. Else stop at once, whatever the run
        is at, without predictions: `finish` makes them from what it has learned. That needs no room on the disk.

    Raises
    ------
    UserError
        If it cannot be asked.
    """
    try:
        if after_epoch:
            files.write_atomic(folder / events.STOP, events.AFTER_EPOCH)
        else:
            (folder / events.STOP).open("wb").close()  # empty is `events.NOW`
    except OSError as error:
        instead = "stop it at once, or make room there" if after_epoch and is_full(error) else "allow writing there"
        raise UserError(
            f"The run {folder.name} cannot be asked to stop, because {folder} cannot be written to ({reason(error)}): "
            f"{instead}."
        ) from error
    _let_go(folder)


def _let_go(folder: Path) -> None:
    """Tell the launcher of a run that was asked to stop; what it lets begin all the same ends at once."""
    with contextlib.suppress(UserError):  # the stop file says all
        where = launched.read(folder)
        launchers.of(where.launcher).stop(folder, where)
