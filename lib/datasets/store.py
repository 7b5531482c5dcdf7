"""Datasets on disk, as imported or after edits: saved, loaded and cached."""

from __future__ import annotations

import contextlib
import io
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib.core import checksums, depth, files, in_place, inside, times
from lib.core.dataset import Dataset, UnknownRevisionError, revision
from lib.core.errors import DamagedError, UserError, reason, unread
from lib.core.workspace import Workspace
from lib.datasets import dataset_files, head
from lib.datasets.dataset_files import HEAD, ITEMS, SUMMED, TARGS
from lib.datasets.head import Sums
from lib.datasets.journal import journal, replay
from lib.datasets.journal.journal import Entry
from lib.datasets.journal.replay import State
from lib.datasets.journal.tables import DamageError


def save(folder: Path, dataset: dict[str, Any], items: pd.DataFrame, targs: np.ndarray) -> None:
    """Write a dataset's files into ``folder``, ``dataset.json`` last: a folder with it is complete.

    Parameters
    ----------
    folder : pathlib.Path
        Already holds ``images/``, or `lib.core.in_place.STAMPS`.
    dataset : dict
        ``name``, ``task``, ``names``, ``problems``, ``source``, ``defaults``; ``extra`` and ``root`` where there are,
        and what `lib.core.depth.to_json` says.
    items, targs
        As in `Dataset`.
    """
    (folder / ITEMS).write_bytes(items.to_parquet(index=False))
    write_array(folder / TARGS, targs)
    rule = depth.from_json(dataset.get("value_range"))
    revision_id = revision(tuple(dataset["names"]), items, targs, rule)
    sums = {name: checksums.of((folder / name).read_bytes()) for name in SUMMED if (folder / name).exists()}
    facts = {"revision": revision_id, "images": len(items), "checksums": Sums(written=times.utc(), files=sums)}
    files.write_json(folder / HEAD, {"format": head.FORMAT, **dataset, **facts})


def write_array(path: Path, array: np.ndarray) -> None:
    """Write an array as .npy; a full disk is told by its number, which `numpy.save` keeps to itself."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    path.write_bytes(buffer.getbuffer())


def load(workspace: Workspace, name: str, revision: str | None = None) -> Dataset:
    """Read dataset ``name`` as it is now, or as it was; a second call costs nothing until the dataset changes.

    Parameters
    ----------
    workspace : Workspace
    name : str
    revision : str, optional
        Of the import, or of the state after any edit since.

    Raises
    ------
    UserError
        If there is no such dataset; `UnknownRevisionError` if it never was in the state ``revision``.
    """
    folder = workspace.dataset(name)
    if not workspace.has_dataset(name):
        names = ", ".join(workspace.dataset_names()) or "none yet"
        raise UserError(f"There is no dataset {name!r} in {workspace.root} (there: {names}): import it first.")
    return read_state(folder, revision).dataset


def read_state(folder: Path, revision: str | None = None) -> State:
    """Return the state of the dataset in ``folder``, now or when it had ``revision``; see `load`."""
    base = imported(folder)
    entries = journal.read(folder, base.revision)
    if revision is not None:
        matching = (place for place in range(len(entries), 0, -1) if entries[place - 1].revision == revision)
        place = next(matching, 0)
        if not place and revision != base.revision:
            _replayed(base, entries)  # a damaged journal does not say which states there were
            raise UnknownRevisionError(
                f"The dataset {base.name} has no state of revision {revision} (it was imported as {base.revision} and "
                f"edited {len(entries):,} times): it was imported anew since, look at it again."
            )
        entries = entries[:place]
    return _replayed(base, entries)


#: The states that were asked for last; few, because each may have targets of its own.
_states: OrderedDict[tuple, State] = OrderedDict()
_STATES = 6
_lock = threading.Lock()  # the web server's threads share them


def _key(base: Dataset, entries: Sequence[Entry]) -> tuple:
    # Every entry knows the hash of all lines up to its own, so that an old state stays kept when edits are added.
    return base.path, id(base), entries[-1].chain if entries else ""


def keep(state: State) -> None:
    """Keep the state that an edit just made, so that it need not be replayed; call it under the journal's lock."""
    entries = journal.read(state.base.path, state.base.revision)
    if entries and entries[-1].revision == state.dataset.revision:
        _keep(state, entries)


def _keep(state: State, entries: Sequence[Entry]) -> State:
    """Keep the state after ``entries``, and return it; its dataset knows which they are."""
    if entries:
        state = replace(state, dataset=replace(state.dataset, chain=entries[-1].chain))
    with _lock:
        _states[_key(state.base, entries)] = state
        while len(_states) > _STATES:
            _states.popitem(last=False)
    return state


def _replayed(base: Dataset, entries: Sequence[Entry]) -> State:
    key = _key(base, entries)
    with _lock:
        if key in _states:
            _states.move_to_end(key)
            return _states[key]
    with journal.naming_damage(base.path):
        state = replay.state(base, journal.effective(entries)[0])
        if entries and state.dataset.revision != entries[-1].revision:
            raise DamageError(
                f"after {len(entries):,} entries it should be revision {entries[-1].revision} and is "
                f"{state.dataset.revision}"
            )
    return _keep(state, entries)


#: What differs as soon as a file of a dataset is replaced, or who may read it: inode, bytes, two times in ns.
_Stamps = tuple[tuple[int, int, int, int], ...]
#: What was found damaged, with the stamps of the files as they were.
_damaged: dict[Path, tuple[_Stamps, str]] = {}


def damage(workspace: Workspace, name: str) -> str:
    """Return why dataset ``name`` cannot be shown, "" if neither its head nor an earlier look at its tables says so."""
    folder = workspace.dataset(name)
    stamps, recorded = _stamps(folder), _damaged.get(folder)
    if recorded and recorded[0] == stamps:
        return recorded[1]
    return _damage_of_head(folder, stamps) if workspace.has_dataset(name) else ""


@lru_cache(maxsize=256)
def _damage_of_head(folder: Path, _changed: _Stamps) -> str:
    try:
        head.read(folder)
        for name in (ITEMS, TARGS):
            (folder / name).stat()
    except (DamagedError, ValueError, OSError) as error:
        return unread(error)
    return ""


def imported(folder: Path) -> Dataset:
    """Return the dataset in ``folder`` as it was imported; a second call costs nothing until the import changes.

    Raises
    ------
    UserError
        If it is damaged.
    """
    stamps = _stamps(folder)
    if folder in _damaged and _damaged[folder][0] == stamps:  # large files are not read again for every page
        raise DamagedError(_damaged[folder][1])
    try:
        return _load(folder, stamps)
    except DamagedError as error:
        _damaged[folder] = stamps, str(error)
        raise


def _stamps(folder: Path) -> _Stamps:
    stamps = []
    for name in (HEAD, *SUMMED):
        with contextlib.suppress(OSError):  # not there, or said where it is read
            status = (folder / name).stat()
            stamps.append((status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))
    return tuple(stamps)


@lru_cache(maxsize=16)
def _load(folder: Path, _changed: _Stamps) -> Dataset:
    try:
        inside.check_links(folder, in_place.allowed(None))
        return dataset_files.read(folder)
    except (OSError, ValueError) as error:
        raise _damaged_error(folder, error) from error


def _damaged_error(folder: Path, error: OSError | ValueError) -> DamagedError:
    """Return what is said where reading the dataset in ``folder`` raised ``error``: which file, why, what to do."""
    named = isinstance(error, OSError) and error.filename and Path(error.filename) != folder
    why = f"{Path(error.filename).name}: {unread(error)}" if named else reason(error)  # type: ignore[union-attr]
    if isinstance(error, FileNotFoundError) and why.startswith(HEAD):
        why += _since(folder)
    if isinstance(error, PermissionError):
        return DamagedError(f"The dataset in {folder} cannot be read ({why}): allow this account to read it.")
    edits = f", put {journal.FILE} back into its folder" if (folder / journal.FILE).exists() else ""
    return DamagedError(
        f"The dataset in {folder} is damaged ({why}): put the file back from a copy, or move the dataset's folder "
        f"elsewhere and import its source again{edits}."
    )


def _since(folder: Path) -> str:
    """Return when a dataset's lost head was there, as its other files tell, which are written before it; "" if none."""
    written = [modified for _, _, modified, _ in _stamps(folder)]
    return f", and was there {times.day_and_time(times.utc(max(written) / 1e9))}" if written else ""
