"""How a folder or zip of pictures becomes a dataset of the workspace: everything or nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from lib import tasks
from lib import workspace as ws
from lib.data import archive, dataset, formats, splits
from lib.data.parsed import Parsed
from lib.data.pictures import SUFFIXES, Probe, UnreadableImageError, probe
from lib.data.report import Report
from lib.data.tree import Tree
from lib.errors import UserError
from lib.workspace import Workspace

#: Called with how many pictures are done, how many there are, and what is being done.
Progress = Callable[[int, int, str], None]

_UNPACKED = ".unpacked"
_MAX_THREADS = 4  # each holds one decoded picture


@dataclass(frozen=True)
class _Options:
    name: str
    valid: float | None
    seed: int
    group: str | None
    task: str | None
    progress: Progress
    defaults: dict = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Checked:
    """A source that can become a dataset: what was parsed, what the pictures are, how they are split."""

    tree: Tree
    parsed: Parsed
    items: pd.DataFrame

    def report(self, name: str, dry_run: bool) -> Report:
        counts = self.items["split"].value_counts()
        return Report(
            dataset=name,
            task=self.parsed.task,
            images=len(self.items),
            classes=list(self.parsed.names),
            splits={split: int(counts[split]) for split in dataset.SPLITS if split in counts},
            problems=self.parsed.problems.to_json(),
            format=self.parsed.format,
            revision=dataset.revision(tuple(self.parsed.names), self.items, self.parsed.targs),
            dry_run=dry_run,
        )


def import_dataset(
    workspace: Workspace,
    source: Path,
    *,
    name: str | None = None,
    valid: float | None = None,
    seed: int = 42,
    group: str | None = None,
    task: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    defaults: dict | None = None,
    choices: Mapping[str, str] | None = None,
) -> Report:
    """Import a folder or zip of pictures as a new dataset.

    The original files are copied byte for byte under new names. If anything fails, the workspace stays as it was.

    Parameters
    ----------
    workspace : Workspace
    source : pathlib.Path
        Folder or zip in one of the forms of `lib.data.formats`.
    name : str, optional
        Name in the workspace; else made from the source's.
    valid, seed, group
        How images are held back, see `lib.data.splits.choose`.
    task : str, optional
        How to read the source where more than one reading makes sense.
    dry_run : bool
        Check everything and write nothing into the workspace.
    progress : callable, optional
        Told how many pictures are done.
    defaults : dict, optional
        Training options that suit the dataset.
    choices : mapping, optional
        Answers to what readers ask, see `lib.data.parsed.Fix`.

    Raises
    ------
    UserError
        If the source, the name or an option cannot be used.
    """
    source = Path(source).expanduser()
    _check_source(source)
    if task is not None:
        tasks.get(task)
    chosen = ws.check_name(name, "dataset") if name is not None else ws.slug(_stem(source))
    target = workspace.dataset(chosen)
    if target.exists():
        raise _taken(chosen)
    options = _Options(chosen, valid, seed, group, task, progress or _no_progress, defaults or {}, choices or {})
    if dry_run:
        with _opened(source, None) as tree:
            return _check(tree, options).report(chosen, True)
    return _write(target, source, options)


def _no_progress(done: int, total: int, text: str) -> None:
    """Tell nobody."""


def _stem(source: Path) -> str:
    resolved = source.resolve()
    return resolved.stem if resolved.is_file() else resolved.name


def _taken(name: str) -> UserError:
    return UserError(f"There is a dataset {name!r} already: choose another name (Name, --name) or delete the old one.")


def _check_source(source: Path) -> None:
    if not source.exists():
        raise UserError(f"{source} is not there: expected a folder or a zip file. Check the path.")
    if not source.is_dir() and not source.is_file():
        raise UserError(f"{source} is neither a folder nor a file: expected a folder of pictures or a zip of one.")
    if not os.access(source, os.R_OK):
        raise UserError(f"{source} may not be read by this account: change its permissions or copy it.")


@contextlib.contextmanager
def _opened(source: Path, beside: Path | None) -> Iterator[Tree]:
    """Yield the files of a folder or zip; a zip is unpacked into ``beside``, else into a system folder."""
    if source.is_dir():
        yield Tree(source)
        return
    with tempfile.TemporaryDirectory(prefix=_UNPACKED, dir=beside) as unpacked:
        inner = Path(unpacked) / source.name  # the name that messages show
        inner.mkdir()
        archive.unpack(source, inner)
        yield Tree(inner)


def _write(target: Path, source: Path, options: _Options) -> Report:
    try:
        with ws.new_folder(target) as folder:
            with _opened(source, folder) as tree:
                checked = _check(tree, options)
                _place(checked, folder, source.is_file(), options.progress)
            head = {
                "name": options.name,
                "task": checked.parsed.task,
                "names": list(checked.parsed.names),
                "problems": checked.parsed.problems.to_json(),
                "source": {"kind": "import", "name": source.resolve().name, "format": checked.parsed.format},
                "defaults": options.defaults,
                "extra": checked.parsed.extra,
            }
            dataset.save(folder, head, checked.items, checked.parsed.targs)
    except FileExistsError as error:
        if target.exists():  # made by somebody else in the meantime
            raise _taken(options.name) from error
        raise
    return checked.report(options.name, False)


def _check(tree: Tree, options: _Options) -> _Checked:
    """Read the source and open every picture; return what is usable, with everything else in its problems."""
    options.progress(0, 0, "Reading the labels")
    parsed = formats.parse(tree, options.task, options.choices)
    if not parsed.files:
        raise UserError(_nothing_left(parsed, tree))
    probes = _probe_all(tree, parsed, options.progress)
    sizes = np.array([(one.width, one.height) for one in probes])
    if parsed.check is not None:
        parsed.check(parsed, sizes)
    _check_learnable(parsed)
    split, groups, moved = splits.choose(
        parsed.files,
        parsed.splits,
        valid=options.valid,
        seed=options.seed,
        group=options.group,
        given_groups=parsed.groups,
    )
    for wanted, purpose in (("train", "train on"), ("valid", "validate with")):
        if wanted not in split:
            raise UserError(
                f"No image is left to {purpose}: choose another validation fraction (--valid), such as 0.2."
            )
    train = np.array(split) == "train"
    sentence = tasks.get(parsed.task).check(parsed.names, parsed.targs[train])
    if sentence is not None:
        raise UserError(f"Of the {int(train.sum()):,} training images: {sentence}, or choose other validation images.")
    for row in moved:
        parsed.problems.add("group-moved", f"{parsed.files[row]}: {parsed.splits[row]} to {split[row]}")
    items = pd.DataFrame(
        {
            "file": [f"{row:06d}{SUFFIXES[one.format][0]}" for row, one in enumerate(probes)],
            "original": parsed.files,
            "split": split,
            "group": groups,
            "width": sizes[:, 0],
            "height": sizes[:, 1],
            "digest": [one.digest for one in probes],
        }
    )
    return _Checked(tree, parsed, items)


def _probe_all(tree: Tree, parsed: Parsed, progress: Progress) -> list[Probe]:
    """Open every picture; drop the rows of those that cannot be, and return size and format of the others."""
    probes: list[Probe] = []
    readable = np.ones(len(parsed.files), dtype=bool)
    with ThreadPoolExecutor(min(_MAX_THREADS, os.cpu_count() or 1)) as pool:
        results = pool.map(_try_probe, map(tree.path, parsed.files))
        for row, (file, found) in enumerate(zip(parsed.files, results, strict=True)):
            progress(row + 1, len(parsed.files), "Checking the pictures")
            if isinstance(found, str):
                readable[row] = False
                parsed.problems.add("unreadable-image", f"{file}: {found}")
                continue
            probes.append(found)
            if PurePosixPath(file).suffix.lower() not in SUFFIXES[found.format]:
                parsed.problems.add("wrong-extension", f"{file}: {found.format}")
    first = parsed.files[0]
    parsed.keep(readable)
    if not probes:
        reason = parsed.problems.found["unreadable-image"][0].removeprefix(f"{first}: ")
        raise UserError(
            f"None of the {len(readable):,} pictures can be opened ({first}: {reason}): expected complete pictures. "
            "Export or download them again."
        )
    return probes


def _try_probe(path: Path) -> Probe | str:
    try:
        return probe(path)
    except UnreadableImageError as error:
        return str(error)


def _nothing_left(parsed: Parsed, tree: Tree) -> str:
    about_rows = ("missing-value", "row-without-image", "duplicate-row")
    examples = [parsed.problems.found[kind][0] for kind in about_rows if kind in parsed.problems.found]
    first = f" ({examples[0]})" if examples else ""
    return (
        f"No row of the data ({parsed.format}) can be used{first}: expected rows that name one of the "
        f"{len(tree.pictures):,} pictures and say what it shows. Complete the rows."
    )


def _check_learnable(parsed: Parsed) -> None:
    if len(parsed.files) < 2:
        raise UserError(
            f"There is only one image to use ({parsed.files[0]}): expected at least 2, one to train on and one to "
            "validate with. Add images."
        )
    sentence = tasks.get(parsed.task).check(parsed.names, parsed.targs)
    if sentence is not None:
        raise UserError(sentence)


def _place(checked: _Checked, folder: Path, movable: bool, progress: Progress) -> None:
    """Put the original files under their new names into ``images/`` of ``folder``."""
    images = folder / "images"
    images.mkdir()
    sources = [checked.tree.path(file) for file in checked.parsed.files]
    if not movable:
        needed, free = sum(path.stat().st_size for path in sources), shutil.disk_usage(folder).free
        if needed > free:
            raise UserError(
                f"The pictures take {needed / 2**30:,.1f} GiB but only {free / 2**30:,.1f} GiB are free in "
                f"{folder.parent}: make room or choose another workspace."
            )
    for done, (path, file) in enumerate(zip(sources, checked.items["file"], strict=True), 1):
        if movable:  # unpacked beside the target: the same disk
            path.rename(images / file)
        else:
            shutil.copyfile(path, images / file)
        progress(done, len(sources), "Copying the pictures")
