"""Weights files that were uploaded: named after their digests, kept in the workspace with what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from lib.core import files, json_files, sentences
from lib.core.json_files import Count
from lib.core.workspace import Workspace

FOLDER = "weights"


class Kept(TypedDict):
    """What is known of a file: its name where it came from, its size, and why it does not fit some architectures."""

    name: str
    size: Count
    n_tensors: Count
    misfits: dict[str, str]


@dataclass(frozen=True)
class WeightsFile:
    """A weights file in the workspace, and what is known of it."""

    path: Path
    kept: Kept

    @property
    def words(self) -> str:
        """Name, size and content in words."""
        return f"{self.kept['name']}: {sentences.size(self.kept['size'])}, {self.kept['n_tensors']:,} tensors"


def find(workspace: Workspace, path: str | None) -> WeightsFile | None:
    """Return the weights file of the workspace that ``path`` is; None if it is none."""
    if not path or Path(path).parent != workspace.root / FOLDER or not Path(path).is_file():
        return None
    kept = known(Path(path))
    return None if kept is None else WeightsFile(Path(path), kept)  # without: somebody's own, put there by hand


def known(path: Path) -> Kept | None:
    """Return what is known of the file at ``path``, None if nothing is."""
    return json_files.read_or_none(facts(path), Kept)


def write(path: Path, kept: Kept) -> None:
    """Keep what is known of the file at ``path``."""
    files.write_json(facts(path), kept)


def facts(path: Path) -> Path:
    """Return where what is known of the file at ``path`` is kept."""
    return path.with_suffix(".json")
