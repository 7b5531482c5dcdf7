"""Checks a source: reads its labels, opens its images, and notes every problem."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from lib import tasks
from lib.core import depth
from lib.core.dataset import revision
from lib.core.depth import Extent, Rule
from lib.core.errors import UserError
from lib.core.picture_files import SUFFIXES
from lib.core.pictures import Probe
from lib.core.splits import SPLITS
from lib.datasets.splits import draw
from lib.importing import asking, balance, crop_files, cropping, series
from lib.importing.formats.beside import unlabeled
from lib.importing.formats.refusals import causes
from lib.importing.options import Options, ReadSource
from lib.importing.orientation import UPRIGHT
from lib.importing.parsed import Parsed
from lib.importing.probe import probe_all
from lib.importing.report import Report
from lib.importing.tree import Tree

#: Kinds of problems about pictures of more than 8 bits a channel.
_ABOUT_VALUES = ("deep-picture", "narrow-values", "upper-bits")


@dataclass(frozen=True)
class Checked:
    """A source that can become a dataset: what was parsed, what the pictures are, how they are split, what was asked.

    ``items`` are rows of a dataset; where only some pictures were opened they have ``original``, ``split`` and
    ``group`` alone. ``value_range`` is as in `lib.core.dataset.Dataset`.
    """

    tree: Tree
    parsed: Parsed
    items: pd.DataFrame
    options: Options
    value_range: Rule = depth.OWN

    def report(self, name: str, dry_run: bool) -> Report:
        """Return what is said of it, under the name it has in the workspace."""
        whole = "digest" in self.items
        return Report(
            dataset=name,
            task=self.parsed.task,
            images=len(self.items),
            classes=list(self.parsed.names),
            splits=self.splits(),
            problems=self.parsed.problems.to_json(),
            format=self.parsed.format,
            revision=revision(tuple(self.parsed.names), self.items, self.parsed.targs, self.value_range)
            if whole
            else "",
            dry_run=dry_run,
            fixes=[fix.to_json() for fix in self.parsed.fixes],
            columns=[column.to_json() for column in self.parsed.columns],
            answered=[fix.to_json() for fix in self.options.answered],
        )

    def kept_together(self) -> dict[str, object] | None:
        """Return by what images were kept in one split, see `lib.importing.series.record`."""
        return series.record(self.parsed, self.options, self.items["group"].tolist())

    def splits(self) -> dict[str, int]:
        """Return the images of each split."""
        counts = self.items["split"].value_counts()
        return {split: int(counts[split]) for split in SPLITS if split in counts}


def check(tree: Tree, options: Options) -> Checked:
    """Read a source and open every picture; return what is usable, with everything else in its problems.

    Raises
    ------
    UserError
        If it cannot become a dataset.
    """
    parsed, options = asking.read(tree, options)
    checked = validate(open_images(tree, parsed, options), options)
    asking.ask(checked.parsed, options)
    return checked


def open_images(tree: Tree, parsed: Parsed, options: Options, seconds: float | None = None) -> ReadSource:
    """Open the pictures of a source that `asking.read` has read.

    These are all, or, until ``seconds`` are over, some that are spread evenly.

    Raises
    ------
    UserError
        If no row of it can be used, or no picture opens.
    """
    start = time.monotonic()
    for entry in tree.unreadable:
        parsed.problems.add("unreadable-entry", entry)
    if not parsed.files:
        raise UserError(_nothing_left(parsed, tree))
    if parsed.boxes is not None and options.scratch is None:
        raise cropping.refusal(tree.root)
    share = 1 if parsed.boxes is None else 0.5  # the other half is for cutting out
    pictures = list(dict.fromkeys(parsed.files))
    probed = probe_all(tree, pictures, options.progress, None if seconds is None else start + share * seconds)
    for place, one in sorted(probed.items()):
        file = pictures[place]
        if isinstance(one, str):
            parsed.problems.add("unreadable-image", f"{file}: {one}")
            continue
        if one.orientation != UPRIGHT:
            parsed.turned[file] = one.orientation
        if PurePosixPath(file).suffix.lower() not in SUFFIXES[one.format]:
            parsed.problems.add("wrong-extension", f"{file}: {one.format}")
    if all(isinstance(one, str) for one in probed.values()):
        raise UserError(causes.pointers(tree) or _none_opens(pictures, probed))
    some = set() if len(probed) == len(pictures) else {"unreadable-image", "wrong-extension", *_ABOUT_VALUES}
    of_file = {pictures[place]: one for place, one in probed.items()}
    parsed.keep(np.array([not isinstance(of_file.get(file), str) for file in parsed.files]))
    value_range = _note_values(parsed, of_file)
    opened = [row for row, file in enumerate(parsed.files) if file in of_file]
    probes = [one for row in opened if isinstance(one := of_file[parsed.files[row]], Probe)]  # all: the others are gone
    if parsed.boxes is not None:
        cropping.prepare(parsed, {file: one.format for file, one in of_file.items() if isinstance(one, Probe)})
    end = None if seconds is None else start + seconds
    return ReadSource(tree, parsed, np.array(opened), probes, some, end=end, value_range=value_range)


def _note_values(parsed: Parsed, probed: Mapping[str, Probe | str]) -> Rule:
    """Return how pictures of more than 8 bits a channel become 8 bits, and note which they are."""
    deep: dict[str, Extent] = {}
    for file in dict.fromkeys(parsed.files):
        one = probed.get(file)
        if isinstance(one, Probe) and one.extent is not None:
            deep[file] = one.extent
        if isinstance(one, Probe) and one.is_cut:
            parsed.problems.add("upper-bits", file)
    value_range = depth.covering(deep.values())
    if isinstance(value_range, depth.ValueRange):
        parsed.problems.value_range = value_range.words()
        for file, extent in deep.items():
            parsed.problems.add("deep-picture", f"{file}: {extent.words()}")
            if value_range.is_narrow(extent):
                parsed.problems.add("narrow-values", f"{file}: {extent.words()}")
    return value_range


def validate(read_source: ReadSource, options: Options) -> Checked:
    """Let the reader check its targets by the pictures' sizes, divide the images, and ask whether they can be learned.

    Where rows are parts of pictures, they are cut out.

    Raises
    ------
    UserError
        If it cannot become a dataset. What was found until then is in the problems of ``read_source``.
    """
    _check_targets(read_source)
    parsed = read_source.parsed
    if parsed.boxes is not None:
        if options.scratch is None:
            raise cropping.refusal(read_source.tree.root)
        crop_files.cut(read_source, options.scratch, options.progress)
    _check_learnable(parsed)
    strata = tasks.get(parsed.task).strata(parsed.targs, parsed.names) if options.stratify else None
    split, groups, moved = draw.choose(
        parsed.origins,
        parsed.splits,
        valid=options.valid,
        seed=options.seed,
        given_groups=series.groups(parsed, options),
        strata=strata.matrix if strata else None,
    )
    split = unlabeled.in_train(parsed, split, groups)
    for wanted, purpose in (("train", "train on"), ("valid", "validate with")):
        if wanted not in split:
            raise UserError(
                f"No image is left to {purpose}: choose another validation fraction, such as 0.2.", flags="--valid 0.2"
            )
    train = np.array(split) == "train"
    sentence = tasks.get(parsed.task).check(parsed.names, parsed.targs[train])
    if sentence is not None:
        raise UserError(f"Of the {int(train.sum()):,} training images: {sentence}, or choose other validation images.")
    if parsed.splits is not None:  # else none is moved
        for row in moved:
            parsed.problems.add("group-moved", f"{parsed.files[row]}: {parsed.splits[row]} to {split[row]}")
    balance.note(parsed, split)
    items = {"original": parsed.files, "split": split, "group": groups}
    return Checked(read_source.tree, parsed, _items(read_source, items), options, read_source.value_range)


def _items(read_source: ReadSource, known: dict[str, list[str]]) -> pd.DataFrame:
    if not read_source.complete:
        return pd.DataFrame(known)
    sizes = read_source.sizes
    files = [f"{row:06d}{SUFFIXES[one.format][0]}" for row, one in enumerate(read_source.probes)]
    digests = [one.digest for one in read_source.probes]
    return pd.DataFrame({"file": files, **known, "width": sizes[:, 0], "height": sizes[:, 1], "digest": digests})


def _check_targets(read_source: ReadSource) -> None:
    """Run the reader's check on what it can know: every row, or those whose pictures were opened."""
    parsed = read_source.parsed
    reader_check = parsed.check
    if reader_check is None:
        return
    if not read_source.complete and getattr(reader_check, "without_sizes", False):
        reader_check(parsed, np.zeros((len(parsed.files), 2)))
        return
    part = read_source.part()
    before = part.files
    try:
        reader_check(part, read_source.sizes)
    finally:
        read_source.take_over(part, before)
    if not parsed.files:
        raise UserError(_nothing_left(parsed, read_source.tree))


def _none_opens(pictures: list[str], probed: dict[int, Probe | str]) -> str:
    place, reason = next(iter(sorted(probed.items())))
    which = f"the {len(probed):,} images" if len(probed) == len(pictures) else f"{len(probed):,} images tried"
    return (
        f"None of {which} can be opened ({pictures[place]}: {reason}): expected complete images. "
        "Export or download them again."
    )


def _nothing_left(parsed: Parsed, tree: Tree) -> str:
    about_rows = ("missing-value", "row-without-image", "duplicate-row", "point-far-outside", "empty-box")
    examples = [parsed.problems.examples[kind][0] for kind in about_rows if kind in parsed.problems.examples]
    first = f" ({examples[0]})" if examples else ""
    return (
        f"No row of the data ({parsed.format}) can be used{first}: expected rows that name one of the "
        f"{len(tree.pictures):,} images and say what it shows. Complete the rows."
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
