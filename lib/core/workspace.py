"""Workspace: where things are on disk, and which names are allowed."""

from __future__ import annotations

import os
import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from lib.core import given_paths
from lib.core.errors import UserError

VARIABLE = "MANYHOT_WORKSPACE"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
#: What may lie in the folder of a dataset: of one that lost the first of them the others are left.
_OF_DATASET = frozenset({"dataset.json", "items.parquet", "targs.npy", "images"})


@dataclass(frozen=True)
class Workspace:
    """One folder that holds every dataset and run.

    Parameters
    ----------
    root : pathlib.Path
        The folder; it need not exist yet, the first write makes it.
    """

    root: Path

    @classmethod
    def find(cls, option: str | os.PathLike[str] | None = None) -> Workspace:
        """Return the workspace named by ``option``, else by ``MANYHOT_WORKSPACE``, else ``./workspace``."""
        return cls(given_paths.expanded(option or os.environ.get(VARIABLE) or "workspace").resolve())

    @property
    def datasets(self) -> Path:
        """Folder of datasets, one folder each."""
        return self.root / "datasets"

    @property
    def runs(self) -> Path:
        """Folder of runs, one folder each."""
        return self.root / "runs"

    @property
    def deleted_runs(self) -> Path:
        """Folder of runs that were deleted and can be put back, one folder each."""
        return self.root / "trash" / "runs"

    @property
    def decoded(self) -> Path:
        """Folder of decoded pictures, a folder a dataset; all in it can be made again."""
        return self.root / "cache" / "pictures"

    def dataset(self, name: str) -> Path:
        """Return the folder of dataset ``name``.

        Raises
        ------
        UserError
            If ``name`` could not be a dataset's name.
        """
        return self.datasets / check_name(name, "dataset")

    def run(self, run: str) -> Path:
        """Return the folder of run ``run``.

        Raises
        ------
        UserError
            If ``run`` could not be a run's id.
        """
        return self.runs / check_name(run, "run")

    def dataset_names(self) -> list[str]:
        """Return the names of all datasets, also of damaged ones, sorted; not of those being made or deleted."""
        return sorted(path.name for path in self.datasets.glob("*") if self.has_dataset(path.name))

    def has_dataset(self, name: str) -> bool:
        """Return whether there is a dataset ``name``, whether or not it can be read."""
        return bool(_NAME.fullmatch(name)) and holds(self.datasets / name, _OF_DATASET)


def holds(folder: Path, names: AbstractSet[str]) -> bool:
    """Return whether any of ``names`` lies in ``folder``, or may: one that cannot be looked into is not gone."""
    try:
        return not names.isdisjoint(os.listdir(folder))  # noqa: PTH208 - of every run at each look: no paths are made
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


def check_name(name: str, kind: str) -> str:
    """Return ``name`` if it can be a folder's name everywhere.

    Raises
    ------
    UserError
        If it is empty, longer than 64 characters, or has anything but letters, digits, ``.``, ``_`` and ``-``.

    Examples
    --------
    >>> check_name("faces-2", "dataset")
    'faces-2'
    """
    if not _NAME.fullmatch(name):
        raise UserError(
            f"The {kind} name {name[:80]!r} cannot be used: expected 1 to 64 letters, digits, '.', '_' or '-', "
            "starting with a letter or digit. Choose another name."
        )
    return name


def slug(text: str, fallback: str = "dataset") -> str:
    """Return the nearest allowed name to ``text``.

    Examples
    --------
    >>> slug("My pictures (final).zip")
    'My-pictures-final-.zip'
    """
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "-", text).lstrip("._-")[:64]
    return cleaned or fallback
