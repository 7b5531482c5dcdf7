"""Imports a folder or zip of images as a dataset of the workspace: everything or nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lib import tasks
from lib.core import cleanup, depth, given_paths, sentences, temporary
from lib.core.errors import UserError, is_full, reason
from lib.core.files import new_folder
from lib.core.in_place import STAMPS, check_root, stamp
from lib.core.workspace import Workspace, check_name, slug
from lib.datasets import store
from lib.importing import answers, cropping, unpack
from lib.importing.checking import Checked, check
from lib.importing.options import Options, Progress, no_progress
from lib.importing.report import Report
from lib.importing.tree import Tree


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
    in_place: Sequence[Path] | None = None,
    stratify: bool = False,
    columns: Mapping[str, str] | None = None,
    yes: bool = False,
) -> Report:
    """Import a folder or zip of pictures as a new dataset.

    The original files are copied byte for byte under new names, or used where they are. If anything fails, the
    workspace stays as it was; what a process left that was killed in an import goes at the next one.

    Parameters
    ----------
    workspace : Workspace
    source : pathlib.Path
        Folder or zip in one of the forms of `lib.importing.formats`.
    name : str, optional
        Name in the workspace; else made from the source's.
    valid, seed, group
        How images are held back, see `lib.datasets.splits.draw.choose`.
    task : str, optional
        How to read the source where more than one reading makes sense.
    dry_run : bool
        Check everything and write nothing into the workspace.
    progress : callable, optional
        Told how many pictures are done.
    defaults : dict, optional
        Training options that suit the dataset.
    choices : mapping, optional
        Answers to what readers ask, see `lib.importing.parsed.Fix`.
    in_place : sequence of pathlib.Path, optional
        Use the pictures where they are, if that is below one of these folders, see `lib.core.in_place.allowed`.
    stratify : bool
        Where images are held back, give them their fair share of each label, see `lib.tasks.base.Task.strata`.
    columns : mapping, optional
        What columns of a table hold, name to role, see `lib.importing.columns.ROLES`; the others are guessed.
    yes : bool
        Take the safe answer to each question that has one, instead of asking; the report says which.

    Raises
    ------
    UserError
        If the source, the name or an option cannot be used, or a disk is full; `lib.importing.parsed.UnsureError` if
        a question has to be answered first, such as whether series of images may be divided. A dry run lists those.
    """
    source, chosen = named(workspace, source, name)
    answers.check(choices or {}, columns or {})
    if task is not None:
        tasks.get(task)
    if in_place is not None:
        check_root(source, in_place)
    options = Options(
        chosen,
        valid,
        seed,
        group,
        task,
        progress or no_progress,
        defaults or {},
        choices or {},
        stratify,
        columns=columns or {},
        asks=not dry_run,
        yes=yes,
    )
    if dry_run:
        with (
            explain_full_disk(temporary.system_folder()),
            opened_tree(source, None, options.choices, options.progress) as tree,
            cropping.crop_folder(None, options.choices) as scratch,
        ):
            return check(tree, replace(options, scratch=scratch)).report(chosen, True)
    cleanup.sweep(workspace)
    with explain_full_disk(workspace.root):
        return _write(workspace.dataset(chosen), source, options, in_place is not None)


@contextlib.contextmanager
def explain_full_disk(folder: Path) -> Iterator[None]:
    """Turn a full disk, a used-up quota or a file that may not grow into a sentence."""
    try:
        yield
    except OSError as error:
        if not is_full(error):
            raise
        raise UserError(
            f"The disk of {folder} has no room for the images ({reason(error)}), and nothing was imported: make "
            "room there or choose another workspace."
        ) from error


def named(workspace: Workspace, source: Path, name: str | None = None) -> tuple[Path, str]:
    """Return where a source is and what its dataset is to be called.

    Raises
    ------
    UserError
        If it is not there, or the name cannot be used or is taken.
    """
    source = given_paths.expanded(source)
    _check_source(source)
    chosen = check_name(name, "dataset") if name is not None else slug(_stem(source))
    if workspace.dataset(chosen).exists():
        raise _name_taken(chosen)
    return source, chosen


def _stem(source: Path) -> str:
    resolved = source.resolve()
    return resolved.stem if resolved.is_file() else resolved.name


def _name_taken(name: str) -> UserError:
    return UserError(
        f"There is a dataset {name!r} already: choose another name or delete the old one.", flags="--name NAME"
    )


def _check_source(source: Path) -> None:
    if not source.exists():
        raise UserError(f"{source} is not there: expected a folder, a zip or a Parquet file. Check the path.")
    if not source.is_dir() and not source.is_file():
        raise UserError(f"{source} is neither a folder nor a file: expected a folder of images or a zip of one.")
    if not os.access(source, os.R_OK):
        raise UserError(f"{source} may not be read by this account: change its permissions or copy it.")


@contextlib.contextmanager
def opened_tree(
    source: Path, beside: Path | None, choices: Mapping[str, str] | None = None, progress: Progress | None = None
) -> Iterator[Tree]:
    """Yield the files of a folder, a zip or a Parquet file, see `lib.importing.unpack`.

    What is packed is unpacked into ``beside``, else into a system folder.
    """
    tree = unpack.plain_tree(source, choices) if source.is_dir() else None
    if tree is not None:
        yield tree
        return
    with temporary.temporary(beside, temporary.UNPACKED) as scratch:
        try:
            yield unpack.unpacked_tree(source, scratch, choices, progress)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _write(target: Path, source: Path, options: Options, stay: bool) -> Report:
    try:
        with new_folder(target) as folder:
            with (
                opened_tree(source, folder, options.choices, options.progress) as tree,
                cropping.crop_folder(folder, {} if stay else options.choices) as scratch,
            ):
                if stay and tree.root.is_relative_to(folder.resolve()):
                    raise _packed_error(source)
                # Taken before the pictures are read, so that none that changes meanwhile passes for what was read.
                stamps = {file: stamp(tree.path(file)) for file in tree.pictures} if stay else {}
                checked = check(tree, replace(options, scratch=scratch))
                if stay:
                    _keep_in_place(checked, folder, stamps)
                else:
                    movable = checked.tree.root.is_relative_to(folder.resolve())
                    _store_images(checked, folder, movable, options.progress)
            came_from: dict[str, Any] = {
                "kind": "import",
                "name": source.resolve().name,
                "format": checked.parsed.format,
            }
            if (together := checked.kept_together()) is not None:
                came_from["together"] = together
            head: dict[str, Any] = {
                "name": options.name,
                "task": checked.parsed.task,
                "names": list(checked.parsed.names),
                "problems": checked.parsed.problems.to_json(),
                "source": {**came_from, **_recorded_options(checked.options)},
                "defaults": options.defaults,
                "extra": checked.parsed.extra,
                **({"root": str(checked.tree.root)} if stay else {}),
                **depth.to_json(checked.value_range),
            }
            store.save(folder, head, checked.items, checked.parsed.targs)
    except FileExistsError as error:
        if target.exists():  # made by somebody else in the meantime
            raise _name_taken(options.name) from error
        raise
    return checked.report(options.name, False)


def _recorded_options(options: Options) -> dict[str, Any]:
    """Return what was asked for, as `import_dataset` takes it: the same source then gives the same dataset."""
    named = ("valid", "seed", "group", "task")
    asked = {**{name: getattr(options, name) for name in named}, "choices": dict(options.choices)}
    if options.columns:
        asked["columns"] = dict(options.columns)
    return {**asked, "stratify": True} if options.stratify else asked


def _packed_error(source: Path) -> UserError:
    return UserError(
        f"The images of {source} are inside other files: expected files of their own to use them where they are. "
        "Import a copy."
    )


def _keep_in_place(checked: Checked, folder: Path, stamps: Mapping[str, tuple[int, int]]) -> None:
    """Note where the pictures are and what tells that one has changed."""
    files = checked.parsed.files
    inside = next((file for file in files if file not in stamps), None)
    if inside is not None:
        raise UserError(
            f"The images of {checked.tree.root} are inside other files ({inside!r}): expected files of their own to "
            "use them where they are. Import a copy."
        )
    checked.items["file"] = files
    store.write_array(folder / STAMPS, np.array([stamps[file] for file in files], dtype=np.int64))


def _store_images(checked: Checked, folder: Path, movable: bool, progress: Progress) -> None:
    """Put the original files under their new names into ``images/`` of ``folder``."""
    images = folder / "images"
    images.mkdir()
    sources = [checked.tree.path(file) for file in checked.parsed.files]
    if not movable:
        needed, free = sum(path.stat().st_size for path in sources), shutil.disk_usage(folder).free
        if needed > free:
            wanted, left = sentences.sizes(needed, free)
            raise UserError(
                f"The images take {wanted} but only {left} are free in {folder.parent}: make room or choose another "
                "workspace."
            )
    for done, (path, file) in enumerate(zip(sources, checked.items["file"], strict=True), 1):
        if movable:  # unpacked or cut out beside the target: the same disk
            path.rename(images / file)
        else:
            shutil.copyfile(path, images / file)
        progress(done, len(sources), "Copying the images")
