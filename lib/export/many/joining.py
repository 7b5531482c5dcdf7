"""Joining the shards of many pictures to the file that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lib.core import files
from lib.core.errors import UserError, reason
from lib.export.many import formats
from lib.export.many.table import UNLIKE, Part, Reading, Shards


@dataclass
class Summary:
    """How many pictures there were, and what of them is to be said.

    Attributes
    ----------
    pictures, errors, repeats, unlike, unsure, deep : int
        All files, those that were not answered, those with the bytes of another or named several times, those unlike
        the training's, those with a label that is unsure, and those with more bits than the model was taught.
    """

    pictures: int = 0
    errors: int = 0
    repeats: int = 0
    unlike: int = 0
    unsure: int = 0
    deep: int = 0

    def add(self, part: Part, reading: Reading) -> None:
        """Count the pictures of a part."""
        self.pictures += len(part.files)
        self.errors += sum(map(bool, part.errors))
        self.repeats += part.n_repeats
        self.unlike += int(part.remarks_frame(reading)[UNLIKE].fillna(0).sum())
        self.deep += part.n_deep
        decided = reading.decided(part.preds)
        if decided is not None:
            self.unsure += sum(bool(decided[1][row].any()) for _, row in part.answered())


def remarks_of(target: Path) -> Path:
    """Return the table beside ``target`` with distances, remarks and errors, of a format without columns for them."""
    return target.with_name(f"{target.name}.remarks.csv")


def join(target: Path, one: formats.Format, paths: Sequence[Path], reading: Reading) -> Summary:
    """Write the shards in ``paths`` to ``target``, whole or not at all, and return what is in them.

    Raises
    ------
    UserError
        If it cannot be written.
    """
    parts, summary = Shards(paths), Summary()
    for part in parts:
        summary.add(part, reading)
    written = [(target, one.write)] if one.is_table else [(remarks_of(target), formats.remarks), (target, one.write)]
    try:
        with files.replacing_all(path for path, _ in written) as partials:
            for path, write in written:
                with partials[path].open("wb") as file:
                    write(file, parts, reading)
    except OSError as error:
        raise UserError(
            f"The file {target} cannot be written ({reason(error)}): make room, or choose another place."
        ) from error
    return summary
