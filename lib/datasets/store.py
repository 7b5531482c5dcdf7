"""A dataset on disk: pictures, one row of facts each, one array of targets, as imported or after edits."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib.core import in_place
from lib.core import workspace as ws
from lib.core.errors import UserError
from lib.core.splits import EXCLUDED as EXCLUDED
from lib.core.splits import SPLITS
from lib.core.workspace import Workspace
from lib.datasets.edits import journal, replay
from lib.datasets.edits.journal import Entry
from lib.datasets.edits.journal_table import DamageError
from lib.datasets.edits.replay import State

FORMAT = 1


class UnknownRevisionError(UserError):
    """The dataset was never in the state that was asked for: it was imported anew since."""


@dataclass(frozen=True)
class Dataset:
    """One dataset, read-only.

    Attributes
    ----------
    name : str
        Name in the workspace.
    task : str
        Name of the task, see `lib.tasks`.
    names : tuple of str
        What the targets are called: the vocab (C labels), the K points, or the D numbers.
    items : pandas.DataFrame
        One row an image: ``file`` (below ``images/``, or below ``root``), ``original`` (its name where it came from),
        ``split`` (train, valid or test, or `EXCLUDED`: in none of them), ``group`` ("" where there is none),
        ``width`` and ``height`` in pixels as shown, that is after EXIF rotation, and ``digest``, the hash of the
        picture's file.
    targs : numpy.ndarray
        Row for row with ``items``. Single-label: (N,) index in ``names``. Multi-label: (N, C) of int8, 1 where the
        label is present, 0 where it is absent, -1 where nobody knows. Keypoints: (N, K, 2) pixels, NaN in x and in y
        where a point is missing. Regression: (N, D). What nobody knows is neither taught nor counted anywhere.
    revision : str
        Changes whenever pictures, items, targets or names change; an edit that is taken back gives the old one back.
    problems : list of dict
        What was noticed at import: ``kind``, ``count``, ``sentence``, ``examples``.
    source : dict
        Where it came from.
    defaults : dict
        Training options that suit it, where it brings some.
    extra : dict
        What else the source declares about the targets, see `lib.data.parsed.Parsed`.
    root : pathlib.Path, optional
        Folder whose pictures are used where they are; None where the dataset has copies of its own.
    stamps : numpy.ndarray, optional
        With ``root``, what `lib.data.in_place.stamp` said of each picture at import, int64 of shape (N, 2).
    base : str
        Revision of what was imported: pictures, their rows and the names are the same as long as it is. By default
        ``revision``.
    """

    path: Path
    name: str
    task: str
    names: tuple[str, ...]
    items: pd.DataFrame
    targs: np.ndarray
    revision: str
    problems: list[dict] = field(default_factory=list)
    source: dict = field(default_factory=dict)
    defaults: dict = field(default_factory=dict)
    extra: dict = field(default_factory=dict)
    root: Path | None = None
    stamps: np.ndarray | None = None
    base: str = ""

    def __post_init__(self) -> None:
        if not self.base:
            object.__setattr__(self, "base", self.revision)  # frozen

    def __len__(self) -> int:
        return len(self.items)

    @property
    def sizes(self) -> np.ndarray:
        """(width, height) in pixels of every image, shape (N, 2)."""
        return self.items[["width", "height"]].to_numpy(dtype=np.float64)

    def index(self, split: str) -> np.ndarray:
        """Return the row numbers of ``split``, in order."""
        return np.flatnonzero(self.items["split"].to_numpy() == split)

    @cached_property
    def included(self) -> np.ndarray:
        """The row numbers that are not excluded, in order."""
        return np.flatnonzero(self.items["split"].to_numpy() != EXCLUDED)

    def only_included(self) -> Dataset:
        """Return the dataset without its excluded images, for what leaves it: rows have other numbers there."""
        rows = self.included
        if len(rows) == len(self):
            return self
        items = self.items.iloc[rows].reset_index(drop=True)
        stamps = None if self.stamps is None else self.stamps[rows]
        return replace(self, items=items, targs=self.targs[rows], stamps=stamps)

    def splits(self) -> dict[str, int]:
        """Return the number of images in each split that has any."""
        counts = self.items["split"].value_counts()
        return {split: int(counts[split]) for split in SPLITS if split in counts}

    def image_path(self, item: int) -> Path:
        """Return the picture of row ``item``.

        Raises
        ------
        UserError
            If it is used where it is and is not the one that was imported any more.
        """
        file = str(self.items["file"].iat[item])
        if self.root is None:
            return self.path / "images" / file
        return in_place.checked(self.root, file, self.stamps[item], self.items["digest"].iat[item])


def revision(names: tuple[str, ...], items: pd.DataFrame, targs: np.ndarray) -> str:
    """Return a short id of the content: equal content, equal id."""
    digest = hashlib.sha256(json.dumps(list(names)).encode())
    for column in items.columns:
        digest.update(json.dumps([column, items[column].tolist()]).encode())
    digest.update(str((targs.dtype, targs.shape)).encode())
    digest.update(np.ascontiguousarray(targs).tobytes())
    return digest.hexdigest()[:12]


def save(folder: Path, dataset: dict[str, Any], items: pd.DataFrame, targs: np.ndarray) -> None:
    """Write a dataset's files into ``folder``, ``dataset.json`` last: a folder with it is complete.

    Parameters
    ----------
    folder : pathlib.Path
        Already holds ``images/``, or `lib.data.in_place.STAMPS`.
    dataset : dict
        ``name``, ``task``, ``names``, ``problems``, ``source``, ``defaults``; ``extra`` and ``root`` where there are.
    items, targs
        As in `Dataset`.
    """
    (folder / "items.parquet").write_bytes(items.to_parquet(index=False))
    write_array(folder / "targs.npy", targs)
    found = revision(tuple(dataset["names"]), items, targs)
    ws.write_json(folder / "dataset.json", {"format": FORMAT, **dataset, "revision": found, "images": len(items)})


def write_array(path: Path, array: np.ndarray) -> None:
    """Write an array as .npy; a full disk is told by its number, which `numpy.save` keeps to itself."""
    made = io.BytesIO()
    np.save(made, array, allow_pickle=False)
    path.write_bytes(made.getbuffer())


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
    if not (folder / "dataset.json").is_file():
        known = ", ".join(workspace.dataset_names()) or "none yet"
        raise UserError(f"There is no dataset {name!r} in {workspace.root} (there: {known}): import it first.")
    return read_state(folder, revision).dataset


def read_state(folder: Path, revision: str | None = None) -> State:
    """Return the state of the dataset in ``folder``, now or when it had ``revision``; see `load`."""
    base = imported(folder)
    entries = journal.read(folder, base.revision)
    if revision is not None:
        places = (place for place in range(len(entries), 0, -1) if entries[place - 1].revision == revision)
        place = next(places, 0)
        if not place and revision != base.revision:
            raise UnknownRevisionError(
                f"The dataset {base.name} has no state of revision {revision} (it was imported as {base.revision} and "
                f"edited {len(entries):,} times): it was imported anew since."
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
        _keep(_key(state.base, entries), state)


def _keep(key: tuple, state: State) -> None:
    with _lock:
        _states[key] = state
        while len(_states) > _STATES:
            _states.popitem(last=False)


def _replayed(base: Dataset, entries: Sequence[Entry]) -> State:
    key = _key(base, entries)
    with _lock:
        if key in _states:
            _states.move_to_end(key)
            return _states[key]
    with journal.said(base.path):
        made = replay.state(base, journal.effective(entries)[0])
        if entries and made.dataset.revision != entries[-1].revision:
            raise DamageError(
                f"after {len(entries):,} entries it should be revision {entries[-1].revision} and is "
                f"{made.dataset.revision}"
            )
    _keep(key, made)
    return made


def imported(folder: Path) -> Dataset:
    """Return the dataset in ``folder`` as it was imported; a second call costs nothing until the import changes.

    Raises
    ------
    UserError
        If it is damaged.
    """
    head = (folder / "dataset.json").stat()
    return _load(folder, (head.st_mtime_ns, head.st_size))


@lru_cache(maxsize=16)
def _load(folder: Path, _changed: tuple[int, int]) -> Dataset:
    try:
        return _read(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"The dataset in {folder} is damaged ({type(error).__name__}: {error}): delete it and import it again."
        ) from error


def _read(folder: Path) -> Dataset:
    head = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    if head["format"] != FORMAT:
        raise UserError(
            f"The dataset in {folder} has format {head['format']}, this version reads {FORMAT}: import it again."
        )
    return Dataset(
        path=folder,
        name=folder.name,
        task=head["task"],
        names=tuple(head["names"]),
        items=pd.read_parquet(folder / "items.parquet"),
        targs=np.load(folder / "targs.npy", allow_pickle=False),
        revision=head["revision"],
        problems=head["problems"],
        source=head["source"],
        defaults=head["defaults"],
        extra=head.get("extra", {}),
        root=Path(head["root"]) if head.get("root") else None,
        stamps=np.load(folder / in_place.STAMPS, allow_pickle=False) if head.get("root") else None,
    )
