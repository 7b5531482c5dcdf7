"""Dry run of an import: what it would store, in seconds, with samples, before anything is written."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from lib import tasks
from lib.core import pictures, sentences
from lib.core.errors import UserError
from lib.core.picture_files import UnreadableImageError
from lib.core.workspace import Workspace
from lib.importing import answers, asking, checking, cropping, importer, zip_tree
from lib.importing.checking import Checked
from lib.importing.options import Options, Progress, ReadSource, no_progress
from lib.importing.parsed import Parsed, UnsureError
from lib.tasks.types import Card

#: Seconds after which no more pictures are opened: of large sources only some are.
SECONDS = 2.5
SAMPLES = 5
_CANDIDATES = 41
#: Longer side in pixels of the pictures that come with the samples.
PICTURE_PX = 512
_MOST_POINTS = 4  # said in words; the picture shows all


@dataclass(frozen=True)
class Sample:
    """One item as it was understood.

    Attributes
    ----------
    file, split, group : str
    target : str
        In words.
    card : lib.tasks.types.Card
        How a gallery shows it; its ``item`` is the sample's number.
    width, height : int
        Pixels of the picture as shown.
    picture : bytes
        A JPEG of it, at most `PICTURE_PX` pixels long; empty where none was asked for.
    """

    file: str
    split: str
    group: str
    target: str
    card: Card
    width: int
    height: int
    picture: bytes = field(default=b"", repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return what can be read of it as plain JSON."""
        names = ("file", "split", "group", "width", "height", "target")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class DryRun:
    """What an import would do, and what it would ask or complain about.

    Attributes
    ----------
    dataset, format, task : str
        Name in the workspace, what the source is taken for, name of the task; the last two are "" where even that is
        not sure.
    images : int
        Images that would be kept.
    classes : list of str
        Labels, points or numbers.
    splits : dict of str to int
        Images of each split; empty where the import would be refused.
    opened : int
        Pictures that were opened; ``images`` if all could be in time.
    problems : list of dict
        As `lib.importing.problems.Problems.to_json`, each with ``among``, the number of pictures or rows looked at, and
        ``fixes``, other ways to read the source that may mend it.
    questions : list of dict
        Every `lib.importing.parsed.Fix` that belongs to no problem.
    samples : list of Sample
    error : str
        The sentence with which the import would be refused, "" if it would go through.
    revision : str
        Id of the content, "" unless every picture was opened.
    columns : list of dict
        What each column of the table holds, see `lib.importing.columns.Column`; empty without a table.
    answered : list of dict
        Safe answers that were taken, each a `lib.importing.parsed.Fix`.
    """

    dataset: str
    format: str = ""
    task: str = ""
    images: int = 0
    classes: list[str] = field(default_factory=list)
    splits: dict[str, int] = field(default_factory=dict)
    opened: int = 0
    problems: list[dict] = field(default_factory=list)
    questions: list[dict] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    error: str = ""
    revision: str = ""
    columns: list[dict] = field(default_factory=list)
    answered: list[dict] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every picture was opened, so that the import finds nothing more."""
        return self.opened == self.images

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON, without the pictures."""
        samples = [sample.to_json() for sample in self.samples]
        return {**vars(self), "samples": samples, "dry_run": True}


def dry_run(
    workspace: Workspace,
    source: Path,
    *,
    name: str | None = None,
    valid: float | None = None,
    seed: int = 42,
    group: str | None = None,
    task: str | None = None,
    progress: Progress | None = None,
    choices: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    with_pictures: bool = False,
    stratify: bool = False,
    columns: Mapping[str, str] | None = None,
    yes: bool = False,
) -> DryRun:
    """Say what an import of a folder or zip would do, writing nothing into the workspace.

    Every row and every name is looked at; pictures are opened until ``seconds`` are over, spread evenly over the
    source, and at least a few.

    Parameters
    ----------
    workspace, source, name, valid, seed, group, task, progress, choices, stratify, columns, yes
        As of `lib.importing.importer.import_dataset`.
    seconds : float
        After so many no more pictures are opened; `math.inf` opens all.
    with_pictures : bool
        Whether the samples come with their pictures.

    Raises
    ------
    UserError
        If the source cannot be read at all, or the name or an option cannot be used.
    """
    source, chosen = importer.named(workspace, source, name)
    answers.check(choices or {}, columns or {})
    if task is not None:
        tasks.get(task)
    options = Options(
        chosen,
        valid,
        seed,
        group,
        task,
        progress=progress or no_progress,
        choices=dict(choices or {}),
        stratify=stratify,
        columns=dict(columns or {}),
        yes=yes,
    )
    scratch = Path(tempfile.gettempdir())
    try:
        with (
            importer.explain_full_disk(scratch),
            zip_tree.opened_tree(source, options.choices, options.progress) as tree,
            cropping.crop_folder(None, options.choices) as scratch_folder,
        ):
            options = replace(options, scratch=scratch_folder)
            start = time.monotonic()
            parsed, options = asking.read(tree, options)
            rest = max(0.0, seconds - (time.monotonic() - start))
            read_source = checking.open_images(tree, parsed, options, rest)
            checked, error = _validate(read_source, options)
            return _result(read_source, checked, error, options, with_pictures)
    except UnsureError as error:  # by a reader, or by what unpacks
        return DryRun(
            chosen, error=str(error), questions=[fix.to_json() for fix in error.fixes], columns=_columns(error)
        )


def _columns(error: UnsureError) -> list[dict]:
    return [column.to_json() for column in error.columns]


def _validate(read_source: ReadSource, options: Options) -> tuple[Checked | None, UserError | None]:
    try:
        return checking.validate(read_source, options), None
    except UserError as error:  # what is understood so far shows what the sentence means
        return None, error


def _result(
    read_source: ReadSource, checked: Checked | None, error: UserError | None, options: Options, with_pictures: bool
) -> DryRun:
    parsed = read_source.parsed
    fixes = list(dict.fromkeys([*getattr(error, "fixes", ()), *parsed.fixes]))
    problems = parsed.problems.to_json()
    kinds = {problem["kind"] for problem in problems}
    for problem in problems:
        some = max(read_source.among, len(read_source.opened))
        problem["among"] = some if problem["kind"] in read_source.some else len(parsed.files)
        problem["fixes"] = [fix.to_json() for fix in fixes if fix.kind == problem["kind"]]
    report = checked.report(options.name, True) if checked else None
    return DryRun(
        options.name,
        parsed.format,
        parsed.task,
        images=len(parsed.files),
        classes=list(parsed.names),
        splits=report.splits if report else {},
        opened=len(read_source.opened),
        problems=problems,
        questions=[fix.to_json() for fix in fixes if fix.kind not in kinds],
        samples=_samples(read_source, checked, with_pictures),
        error=str(error) if error else "",
        revision=report.revision if report else "",
        columns=[column.to_json() for column in parsed.columns],
        answered=[fix.to_json() for fix in options.answered],
    )


def _samples(read_source: ReadSource, checked: Checked | None, with_pictures: bool) -> list[Sample]:
    """Return items of which the pictures were opened, spread evenly over the rows."""
    part: Parsed = read_source.checked or read_source.part()
    if part.boxes is not None:  # refused before anything was cut out
        return []
    sizes, samples = read_source.sizes, []
    for number, row in enumerate(_different(part)):
        file = part.files[row]
        try:
            path = read_source.tree.path(file)
            card = tasks.get(part.task).card(number, file, part.targs[row], sizes[row], part.names)
            picture = pictures.thumbnail(path, PICTURE_PX, read_source.value_range) if with_pictures else b""
        except UnreadableImageError:  # changed since it was opened
            continue
        at = int(read_source.opened[row])
        split, group = (str(checked.items[name].iat[at]) for name in ("split", "group")) if checked else ("", "")
        width, height = sizes[row].tolist()
        samples.append(Sample(file, split, group, target_words(card, sizes[row]), card, width, height, picture))
    return samples


def _different(part: Parsed) -> list[int]:
    """Return a few rows that are spread evenly, of different targets as far as there are."""
    if not part.files:
        return []
    rows = np.unique(np.linspace(0, len(part.files) - 1, _CANDIDATES).round().astype(int))
    seen: dict[bytes, int] = {}
    for row in rows:
        seen.setdefault(np.asarray(part.targs[row]).tobytes(), int(row))
    others = [int(row) for row in rows if row not in seen.values()]
    first = list(seen.values())
    even = [first[i] for i in np.unique(np.linspace(0, len(first) - 1, SAMPLES).round().astype(int))]
    return sorted(even + others[: SAMPLES - len(even)])


def target_words(card: Card, size: np.ndarray) -> str:
    """Return what a card says of its image's target, on one line.

    Examples
    --------
    >>> card = Card(0, "a.jpg", note="1 missing", true_points=[[0.5, 0.25]], point_names=["nose"])
    >>> target_words(card, np.array([40, 20]))
    'nose (20, 5), 1 missing'
    """
    there = [(name, place) for name, place in zip(card.point_names, card.true_points, strict=False) if place]
    points = [f"{name} ({x * size[0]:.4g}, {y * size[1]:.4g})" for name, (x, y) in there]
    hidden = len(points) - _MOST_POINTS
    more = [f"and {sentences.more(hidden, 'point')}"] if hidden > 0 else []
    phrases = [chip.text for chip in card.chips] + points[:_MOST_POINTS] + more + ([card.note] if card.note else [])
    return ", ".join(phrases)
