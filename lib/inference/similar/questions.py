"""Questions about what networks see in the pictures of a dataset: where and what they are on disk, their answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeAlias, TypedDict, TypeVar

import numpy as np

from lib.core import checksums, files, tensor_files
from lib.core.arrays import Ints
from lib.core.checksums import Stamp
from lib.core.dataset import Dataset
from lib.core.json_files import Count
from lib.core.questions import asking
from lib.core.questions.requests import ANSWER, DONE, Question
from lib.core.workspace import Workspace
from lib.datasets import store

T = TypeVar("T")
#: In the dataset's folder.
FOLDER = "features"
FEATURES, MAP = "features", "map"
#: Types of arrays and how many axes they have, by name.
Kinds: TypeAlias = Mapping[str, tuple[type[np.generic], int]]


class AskedFeatures(TypedDict):
    """A question for features on disk; ``run`` is "" where the pretrained network is asked."""

    kind: str
    base: str
    run: str
    model: str
    size: Count
    version: Count


class AskedMap(TypedDict):
    """A question for a map on disk, and of which features it is."""

    kind: str
    features: str
    base: str
    version: Count


@dataclass(frozen=True)
class Seen:
    """Where what networks see in the pictures of one dataset is asked for and kept.

    Attributes
    ----------
    folder : pathlib.Path
        In the dataset's folder.
    id : str
        The dataset's name.
    """

    folder: Path
    id: str

    @classmethod
    def of(cls, dataset: Dataset) -> Seen:
        """Return that of ``dataset``."""
        return cls(dataset.path / FOLDER, dataset.name)

    @property
    def workspace(self) -> Workspace:
        """The workspace that the dataset is in."""
        return Workspace(self.folder.parent.parent.parent)

    def load(self, base: str) -> Dataset:
        """Return the dataset as it was imported at revision ``base``.

        Raises
        ------
        UserError
            If it is gone, or was imported anew.
        """
        return store.load(self.workspace, self.id, base)


@dataclass(frozen=True)
class SeenQuestion(Question):
    """A question for features (`lib.inference.similar.features`) or a map (`lib.inference.similar.maps`)."""

    module: ClassVar[str] = "lib.inference.similar.worker"
    loads: ClassVar[str] = "Getting ready"
    waits: ClassVar[str] = "Waiting for another question about these images"
    worker: ClassVar[str] = "The worker that looks at the images"
    forms: ClassVar[Mapping[str, type]] = {FEATURES: AskedFeatures, MAP: AskedMap}
    most: ClassVar[int] = 12
    most_bytes: ClassVar[int] = 2**30


def put(question: SeenQuestion, content: Mapping[str, Any], is_whole: Callable[[], bool]) -> None:
    """Put a question and see to it that a worker is there; an answer that is not whole is made anew.

    Raises
    ------
    UserError
        If the dataset's folder cannot be written to.
    """
    files.make_parents(question.place.folder)
    if not asking.ask(question, dict(content)) and question.state().name == DONE and not is_whole():
        question.cancel()  # else what is on disk would be asked, which may be damaged as well
        asking.ask(question, dict(content))


class Answers(Generic[T]):
    """Answers that were read last, by their files.

    Parameters
    ----------
    read : callable
        Returns what is in a file about so many pictures; raises ValueError where that is damaged.
    most : int
        How many are kept.
    """

    def __init__(self, read: Callable[[SeenQuestion, int], T], most: int = 4):
        self._read, self._most = read, most
        self._kept: dict[Path, tuple[Stamp, T]] = {}
        self._lock = threading.Lock()  # the web server's threads share them

    def of(self, question: SeenQuestion, n_pictures: int) -> T | None:
        """Return the answer to a question about so many pictures; None where there is none, or it is damaged."""
        path = question.path(ANSWER)
        try:
            stamp = checksums.stamp(path)
            with self._lock:
                if path in self._kept and self._kept[path][0] == stamp:
                    return self._kept[path][1]
            answer = self._read(question, n_pictures)
        except (OSError, ValueError):
            return None
        with self._lock:
            self._kept.pop(path, None)
            self._kept[path] = stamp, answer
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
        return answer


def arrays(question: SeenQuestion, kinds: Kinds) -> dict[str, np.ndarray]:
    """Return the arrays of an answer, mapped from its file, if they have these types and numbers of axes.

    Raises
    ------
    ValueError
        If they have not.
    OSError
        If the file cannot be read.
    """
    mapped = tensor_files.mapped(question.path(ANSWER))
    for name, (kind, axes) in kinds.items():
        if name not in mapped or (mapped[name].dtype, mapped[name].ndim) != (kind, axes):
            raise ValueError(f"{name}: expected {kind.__name__} of {axes} axes")
    return mapped


def check_rows(rows: Ints, n_pictures: int) -> None:
    """Raise ValueError unless these are some rows of ``n_pictures``, ascending."""
    if not len(rows) or rows[0] < 0 or rows[-1] >= n_pictures or (np.diff(rows) <= 0).any():
        raise ValueError(f"expected rows of {n_pictures:,} pictures, ascending")
