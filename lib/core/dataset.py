"""Dataset: pictures, one row of facts each, one array of targets; read-only."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib.core import depth, digests, in_place, inside
from lib.core.arrays import Floats, Ints, Targets
from lib.core.depth import Rule
from lib.core.errors import UserError, unread
from lib.core.splits import EXCLUDED as EXCLUDED
from lib.core.splits import SPLITS

#: What the ``source`` of a dataset that stands in for another says of its ``kind``, see `Dataset.is_stand_in`.
STAND_IN = "bundle"


class UnknownRevisionError(UserError):
    """The dataset was never in the state that was asked for: it was imported anew since."""


class PictureError(UserError):
    """A picture of a dataset is gone, or not the imported one any more; ``fault`` says so without its name."""

    def __init__(self, picture: str, fault: str):
        super().__init__(f"The image {picture} {fault}")
        self.fault = fault


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
        What else the source declares about the targets, see `lib.importing.parsed.Parsed`.
    root : pathlib.Path, optional
        Folder whose pictures are used where they are; None where the dataset has copies of its own.
    stamps : numpy.ndarray, optional
        With ``root``, what `lib.core.in_place.stamp` said of each picture at import, int64 of shape (N, 2).
    base : str
        Revision of what was imported: pictures, their rows and the names are the same as long as it is. By default
        ``revision``.
    chain : str
        Hash of the journal of edits up to this state, "" as imported: unlike ``revision`` it never comes back.
    value_range : Rule
        How pictures of more than 8 bits a channel become 8 bits, see `lib.core.depth`; whoever opens one passes it on.
    """

    path: Path
    name: str
    task: str
    names: tuple[str, ...]
    items: pd.DataFrame
    targs: Targets
    revision: str
    problems: list[dict[str, Any]] = field(default_factory=list)
    source: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    root: Path | None = None
    stamps: Ints | None = None
    base: str = ""
    chain: str = ""
    value_range: Rule = depth.UPPER

    def __post_init__(self) -> None:
        if not self.base:
            object.__setattr__(self, "base", self.revision)  # frozen

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def sizes(self) -> Floats:
        """(width, height) in pixels of every image, shape (N, 2), made once and not to be written to."""
        sizes: Floats = self.items[["width", "height"]].to_numpy(dtype=np.float64)
        sizes.flags.writeable = False
        return sizes

    @cached_property
    def files(self) -> list[str]:
        """The file of every image, below ``images/`` or ``root``, made once: a cell at a time pandas takes 0.1 ms."""
        return [str(file) for file in self.items["file"]]

    @cached_property
    def digests(self) -> list[str] | None:
        """The hash of every picture's file at import, made once; None where none was kept."""
        return self.items["digest"].tolist() if "digest" in self.items else None

    @property
    def is_stand_in(self) -> bool:
        """Whether it was made of a run's bundle: of its pictures only the examples are there."""
        return self.source.get("kind") == STAND_IN

    def index(self, split: str) -> Ints:
        """Return the row numbers of ``split``, in order."""
        return np.flatnonzero(self.items["split"].to_numpy() == split)

    @cached_property
    def included(self) -> Ints:
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

    @property
    def pictures_folder(self) -> Path:
        """Folder that the names of its pictures are in; `place` says where one is."""
        return self.path / "images" if self.root is None else self.root

    def place(self, item: int) -> Path:
        """Return where the picture of row ``item`` is, or should be; unlike `image_path`, not having looked at it.

        Raises
        ------
        UserError
            If its name leads out of the dataset's folder, or of ``root``.
        """
        return inside.path(self.pictures_folder, self.files[item])

    def image_path(self, item: int) -> Path:
        """Return the picture of row ``item``: whatever opens one asks here.

        Raises
        ------
        UserError
            As `place`, and if it is used where it is and is not the one that was imported any more.
        """
        if self.root is None or self.stamps is None:
            return self.place(item)
        if self.digests is None:
            raise UserError(
                f"The dataset {self.name} does not say which images it has in {self.root}: import it again."
            )
        return in_place.checked(self.root, self.files[item], self.stamps[item], self.digests[item])

    @contextlib.contextmanager
    def opened(self, item: int) -> Iterator[BufferedReader]:
        """Give the file of the picture of row ``item``, at its beginning, if its bytes are those that were imported.

        Whatever shows, measures or learns from a picture reads this open file, which no other takes the place of.

        Raises
        ------
        UserError
            As `image_path`; `PictureError` if it cannot be read (an OSError is its cause), if it has changed, even if
            size and time of the file have not, or if it is written to while the block reads it.
        """
        path = self.image_path(item)
        with contextlib.ExitStack() as stack:
            try:
                file = stack.enter_context(path.open("rb"))
                stamp, digest = in_place.stamp(file.fileno()), digests.of_open(file)
            except OSError as error:
                raise PictureError(
                    f"{self.files[item]} of {self.name}",
                    f"cannot be read any more ({unread(error)}): put it back, or exclude the image.",
                ) from error
            # Of a picture that could not be read at import none is known.
            expected = self.digests[item] if self.digests is not None else None
            if isinstance(expected, str) and expected and digest != expected:
                raise self._changed(item)
            file.seek(0)
            yield file
            if in_place.stamp(file.fileno()) != stamp:
                raise self._changed(item)

    def _changed(self, item: int) -> PictureError:
        return PictureError(
            f"{self.files[item]} of {self.name}",
            "has changed since it was imported: put the old one back, exclude the image, or import its source again.",
        )


def revision(names: tuple[str, ...], items: pd.DataFrame, targs: Targets, value_range: Rule = depth.UPPER) -> str:
    """Return a short id of the content: equal content, equal id.

    Only a range of values is a part of it: with another one the pictures are others, without one as they always were.
    """
    digest = hashlib.sha256(json.dumps(list(names)).encode())
    for column in items.columns:
        digest.update(json.dumps([column, items[column].tolist()]).encode())
    digest.update(str((targs.dtype, targs.shape)).encode())
    digest.update(np.ascontiguousarray(targs).tobytes())
    if isinstance(value_range, depth.ValueRange):
        digest.update(json.dumps(depth.to_json(value_range)).encode())
    return digest.hexdigest()[:12]
