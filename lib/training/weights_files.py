"""Weights files that were uploaded: checked, named after their digests, kept in the workspace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from lib.core import files, json_files
from lib.core.errors import UserError
from lib.core.json_files import Count
from lib.core.workspace import Workspace
from lib.training import bundled

FOLDER = "weights"
_PROJECT = Path(__file__).resolve().parents[2]
#: Seconds that looking into a file may take, torch's start included.
_MOST_S = 180


class Kept(TypedDict):
    """What is known of a file: its name where it came from, its size, and why it does not fit some architectures."""

    name: str
    size: Count
    n_tensors: Count
    misfits: dict[str, str]


class _Answer(TypedDict):
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
        size = self.kept["size"] / 2**20
        return f"{self.kept['name']}: {size:,.1f} MiB, {self.kept['n_tensors']:,} tensors"


def take(workspace: Workspace, upload: Path, name: str, architectures: Sequence[str]) -> WeightsFile:
    """Check an uploaded file and move it to where weights are kept, named after its digest.

    Parameters
    ----------
    workspace : Workspace
    upload : pathlib.Path
    name : str
        What it was called where it came from; only ever shown.
    architectures : sequence of str
        Those for which it is tried whether it fits.

    Raises
    ------
    UserError
        If it is no weights file, or cannot be kept.
    """
    answer = _look_into(upload, architectures)
    path = workspace.root / FOLDER / f"{bundled.digest_of(upload)}{upload.suffix}"
    kept = Kept(name=name, size=upload.stat().st_size, **answer)
    try:
        files.make_parents(path.parent)
        files.write_json(_facts(path), kept)
        upload.replace(path)
    except OSError as error:
        raise UserError(f"The weights cannot be kept in {path.parent} ({error.strerror}): make room there.") from error
    return WeightsFile(path, kept)


def find(workspace: Workspace, path: str | None) -> WeightsFile | None:
    """Return the weights file of the workspace that ``path`` is; None if it is none."""
    if not path or Path(path).parent != workspace.root / FOLDER or not Path(path).is_file():
        return None
    try:
        return WeightsFile(Path(path), json_files.read(_facts(Path(path)), Kept))
    except (OSError, ValueError):  # somebody's own file, put there by hand
        return None


def fits(file: WeightsFile, architecture: str) -> str:
    """Say why a file does not fit an architecture, "" if it does; what was found is kept with the file.

    Raises
    ------
    UserError
        If the file cannot be read any more.
    """
    if architecture not in file.kept["misfits"]:
        file.kept["misfits"] |= _look_into(file.path, [architecture])["misfits"]
        files.write_json(_facts(file.path), file.kept)
    return file.kept["misfits"][architecture]


def _facts(path: Path) -> Path:
    return path.with_suffix(".json")


def _look_into(file: Path, architectures: Sequence[str]) -> _Answer:
    """Let a process of its own read a file, see `lib.training.weights_check`."""
    path = os.pathsep.join(filter(None, [str(_PROJECT), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-m", "lib.training.weights_check", str(file), *architectures]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_MOST_S, check=False, env={**os.environ, "PYTHONPATH": path}
        )
    except subprocess.TimeoutExpired as error:
        raise UserError(
            f"Reading the weights file {file.name} took more than {_MOST_S} seconds: choose another file."
        ) from error
    lines = done.stdout.splitlines()
    try:
        answer = json.loads(lines[-1]) if done.returncode == 0 and lines else {}
        if isinstance(answer, dict) and "error" in answer:
            raise UserError(str(answer["error"]).replace(str(file), file.name))
        return json_files.decode(json.dumps(answer).encode(), _Answer)
    except ValueError as error:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise UserError(
            f"The weights file {file.name} cannot be read ({(last or ['no word'])[0][:200]}): choose another file."
        ) from error
