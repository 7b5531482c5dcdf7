"""Export of a dataset as a zip that other programs read and that imports as the same dataset.

A zip holds the original files of the pictures under their original names, and one or more files with everything else.
Before it is handed out, those are read back as an import would, and compared.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from lib import tasks
from lib.core import files, splits
from lib.core.dataset import Dataset
from lib.core.errors import UserError, reason
from lib.export import forms, read_back
from lib.importing import archive, tree
from lib.tasks.base import Task

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

#: Called with how many pictures are written and how many there are.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Form:
    """A format to export to.

    Attributes
    ----------
    title, help : str
        For people.
    holds : callable
        Whether it can hold the datasets of a task.
    texts : callable
        From a dataset and the names of its pictures, the files to try, by name.
    """

    title: str
    help: str
    holds: Callable[[Task], bool]
    texts: Callable[[Dataset, Sequence[str]], Iterator[forms.Texts]]


FORMS: dict[str, Form] = {
    "labels-csv": Form(
        "Table (CSV)",
        "One row per image: its labels in one cell, or its points or numbers, its split and its group.",
        lambda task: True,
        forms.labels_csv,
    ),
    "onehot-csv": Form(
        "One-hot table (CSV)",
        "One row per image and one column of 0 and 1 a label, empty where nobody knows.",
        lambda task: task.has_labels,
        forms.onehot_csv,
    ),
    "coco": Form(
        "COCO (JSON)",
        "One JSON file a split with images, annotations and categories.",
        lambda task: bool(task.coco_kind),
        forms.coco,
    ),
}


@dataclass(frozen=True)
class Export:
    """A dataset ready to be written.

    Attributes
    ----------
    dataset : Dataset
    form : str
        Key of `FORMS`.
    names : list of str
        What each picture is called in the zip.
    texts : dict of str to bytes
        The other files.
    task : str, optional
        What has to be said at import to get the same task; None where nothing has to be.
    notes : list of str
        What is good to know, one sentence each.
    """

    dataset: Dataset
    form: str
    names: list[str]
    texts: forms.Texts
    task: str | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def file_name(self) -> str:
        """The usual name of the zip."""
        return f"{self.dataset.name}-{self.form}.zip"


def forms_of(task: str) -> dict[str, Form]:
    """Return the formats that can hold datasets of the task with the name ``task``."""
    return {name: form for name, form in FORMS.items() if form.holds(tasks.get(task))}


def prepare(dataset: Dataset, form: str) -> Export:
    """Return what an export holds: the dataset as it is, without excluded images. No picture is touched yet.

    Raises
    ------
    UserError
        If the format cannot hold the dataset.
    """
    if form not in FORMS:
        raise UserError(f"There is no export format {form!r}: choose one of {', '.join(FORMS)}.")
    others = [_title(name) for name in forms_of(dataset.task) if name != form]
    if form not in forms_of(dataset.task):
        raise UserError(
            f"{form} cannot hold {dataset.task} datasets: choose {' or '.join(others)} for {dataset.name!r}."
        )
    excluded, dataset = len(dataset) - len(dataset.included), dataset.only_included()
    names = _names(dataset)
    reason: str | None = "some labels of it are unknown, which this format cannot say"
    for texts in FORMS[form].texts(dataset, names):
        for task in (None, dataset.task):
            reason, lost = read_back.compare(dataset, names, texts, task)
            if not reason:
                return Export(dataset, form, names, texts, task, [*_notes(dataset, names, task, excluded), *lost])
    raise UserError(
        f"{_title(form)} cannot hold {dataset.name!r} ({reason}): choose {' or '.join(others) or 'other names'}"
        f"{' or other names' if others else ''}."
    )


def _title(form: str) -> str:
    """Return what a format is called on a page, and on the command line."""
    return f"{FORMS[form].title} ({form})"


def write(export: Export, path: Path, progress: Progress = lambda *_: None) -> None:
    """Write an export to the zip ``path``, which is there only when it is complete.

    Raises
    ------
    UserError
        If it cannot be written, or a picture is not what it was at import.
    """
    try:
        with files.replacing(path) as temporary:
            with temporary.open("wb") as file:
                for piece in stream(export, progress):
                    file.write(piece)
            temporary.chmod(0o644)  # for whoever it is given to
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({reason(error)}): make room, allow writing there or choose another file."
        ) from error


def check(export: Export) -> None:
    """Look whether every picture is the one that was imported, before the first is handed out; one is held at a time.

    Raises
    ------
    UserError
        As `stream`.
    """
    for row in range(len(export.names)):
        picture(export.dataset, row)


def stream(export: Export, progress: Progress = lambda *_: None) -> Iterator[bytes]:
    """Yield the zip in pieces of about one picture; the same dataset gives the same bytes.

    Raises
    ------
    UserError
        If a picture is not what it was at import.
    """
    sink = _Pieces()
    with zipfile.ZipFile(sink, "w") as zipped:
        for name, content in export.texts.items():
            zipped.writestr(_entry(name, zipfile.ZIP_DEFLATED), content)
        for row, name in enumerate(export.names):
            zipped.writestr(_entry(name, zipfile.ZIP_STORED), picture(export.dataset, row))  # packed already
            progress(row + 1, len(export.names), "Writing the images")
            yield sink.take()
    yield sink.take()


class _Pieces(io.RawIOBase):
    """A file that cannot be rewound and gives what was written to it."""

    def __init__(self):
        self._kept = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        content = memoryview(data)
        self._kept += content
        return content.nbytes

    def take(self) -> bytes:
        content, self._kept = bytes(self._kept), bytearray()
        return content


def _entry(name: str, packed: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # of 1980, so that equal content is equal bytes
    entry.compress_type = packed
    entry.external_attr = 0o100644 << 16
    return entry


def picture(dataset: Dataset, row: int) -> bytes:
    """Return the bytes of the picture of ``row``; raises `PictureError` if it is not what it was at import."""
    with dataset.opened(row) as file:
        return file.read()


def _names(dataset: Dataset) -> list[str]:
    """Return the original names, and ``renamed/000012.jpg`` for those that no zip or no import takes."""
    originals = dataset.items["original"].astype(str).tolist()
    inner = {PurePosixPath(folder) for folder in {name.rpartition("/")[0] for name in originals}}
    folders = {splits.key(str(folder)) for own in inner for folder in (own, *own.parents)}
    taken, names = folders | {splits.key(name) for name in forms.FILES}, []
    for row, (name, file) in enumerate(zip(originals, dataset.items["file"].astype(str), strict=True)):
        if splits.key(name) in taken or not _usable(name):
            name = f"renamed/{row:06d}{PurePosixPath(file).suffix}"
        taken.add(splits.key(name))
        names.append(name)
    return names


def _usable(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        archive.is_safe(name)
        and str(path) == name.strip().replace("\\", "/")
        and tree.is_picture(name)
        and not any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    )


def _notes(dataset: Dataset, names: list[str], task: str | None, excluded: int) -> list[str]:
    notes = []
    if excluded:
        notes.append(f"Excluded images are left out: {excluded:,} of {excluded + len(dataset):,}.")
    if task is not None:
        notes.append(f"The files alone do not tell the task: to import them again, choose {task}.")
    renamed = sum(name != original for name, original in zip(names, dataset.items["original"], strict=True))
    if renamed:
        notes.append(f"{renamed:,} images have another name than where they came from: no zip takes the old one.")
    return notes
