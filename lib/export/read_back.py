"""A check before an export is handed out: an import of its files gives the same dataset."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from lib.core import temporary
from lib.core.dataset import Dataset
from lib.core.errors import UserError, reason
from lib.importing import formats, tree
from lib.importing.parsed import Parsed


class _Listed(tree.Tree):
    """The files of a zip that is not written yet: names of pictures, and the others in a folder."""

    def __init__(self, root: Path, pictures: Sequence[str], others: Sequence[str]):
        self.root, self.pictures, self.others = root, sorted(pictures), sorted(others)


def compare(
    dataset: Dataset, names: Sequence[str], texts: Mapping[str, bytes], task: str | None
) -> tuple[str | None, list[str]]:
    """Return why files do not say what a dataset says, None if they do, and what small things they leave out.

    Parameters
    ----------
    dataset : Dataset
    names : sequence of str
        What its pictures are called, row for row.
    texts : mapping of str to bytes
        The files beside the pictures, by name.
    task : str, optional
        As said at import.

    Returns
    -------
    reason : str or None
        In a few words, to be put in parentheses.
    lost : list of str
        A sentence each.
    """
    with _written(texts) as folder:
        try:
            parsed = formats.parse(_Listed(folder, names, list(texts)), task)
            if parsed.check is not None and len(parsed.files):
                row_of = {name: row for row, name in enumerate(names)}
                parsed.check(parsed, dataset.sizes[[row_of[file] for file in parsed.files]])
        except UserError as error:
            return str(error).rstrip("."), []
    return _difference(dataset, names, parsed)


@contextlib.contextmanager
def _written(texts: Mapping[str, bytes]) -> Iterator[Path]:
    """Yield a folder with the files ``texts``."""
    with contextlib.ExitStack() as stack:
        parent = temporary.system_folder()
        try:
            folder = stack.enter_context(temporary.temporary(parent, temporary.UNPACKED))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            for name, content in texts.items():
                (folder / name).write_bytes(content)
        except OSError as error:
            raise UserError(
                f"What is exported cannot be read back, because {parent} cannot be written to ({reason(error)}): make "
                "room there, or name another folder in the variable TMPDIR."
            ) from error
        yield folder


def _difference(dataset: Dataset, names: Sequence[str], parsed: Parsed) -> tuple[str | None, list[str]]:
    if parsed.task != dataset.task:
        return f"it would be read as {parsed.task}", []
    if sorted(parsed.files) != sorted(names):
        lost_files = sorted(set(names) - set(parsed.files))
        return (
            f"{len(lost_files):,} of its images would be lost, such as {lost_files[0]!r}"
            if lost_files
            else "images would double",
            [],
        )
    row_of = {name: row for row, name in enumerate(names)}
    rows = [row_of[file] for file in parsed.files]
    missing = [name for name in dataset.names if name not in parsed.names]
    if not set(parsed.names) <= set(dataset.names) or _means_something(dataset, missing):
        return f"its names would be read as {', '.join(map(repr, parsed.names[:4]))}", []
    columns = [dataset.names.index(name) for name in parsed.names]
    if not np.array_equal(*_both(dataset, rows, columns, parsed), equal_nan=parsed.targs.dtype.kind == "f"):
        return "some of its targets would be read as others", []
    for column, values in (("split", parsed.splits), ("group", parsed.groups)):
        if (values or [""] * len(rows)) != dataset.items[column].astype(str).iloc[rows].tolist():
            return f"the {column} of some images would be lost", []
    lost = [f"No image has {', '.join(map(repr, missing[:8]))}: not in the export."] if missing else []
    lost_extra = [key for key, value in dataset.extra.items() if parsed.extra.get(key) != value]
    return None, lost + [f"The format has no place for {key.replace('_', ' ')}." for key in lost_extra]


def _means_something(dataset: Dataset, missing: list[str]) -> bool:
    """Return whether one of the names ``missing`` is one that an image has."""
    columns = [dataset.names.index(name) for name in missing]
    if dataset.targs.ndim == 1:
        return bool(np.isin(dataset.targs, columns).any())
    return bool((dataset.targs[:, columns] > 0).any()) if dataset.targs.dtype.kind == "i" else bool(columns)


def _both(dataset: Dataset, rows: list[int], columns: list[int], parsed: Parsed) -> tuple[np.ndarray, np.ndarray]:
    """Return the targets of the dataset in the order of ``parsed``, and those of ``parsed``."""
    targs = dataset.targs[rows]
    if targs.ndim == 1:
        return targs, np.array(columns)[parsed.targs]
    return targs[:, columns], parsed.targs
