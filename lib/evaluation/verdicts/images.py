"""Which images two models can be compared on: those that both predicted and neither trained on; the others, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from lib.core import sentences
from lib.core.arrays import Ints
from lib.core.config import WITH_MODEL
from lib.core.dataset import Dataset
from lib.core.errors import DamagedError, UserError
from lib.evaluation import results
from lib.evaluation.verdicts import partners
from lib.metrics.scores import same_targets
from lib.tasks.types import Predictions
from lib.training import options, run_metrics
from lib.training.runs import Run

#: Which images: those that every run validated or tested with, or those that each kept from its training either way.
VALID, TEST, EITHER = "valid", "test", "either"
CHOICES = (VALID, TEST, EITHER)

#: Why images are left out, by what an entry of `Common.left_out` is called; the first that holds of an image counts.
REASONS = {
    "trained_both": "that both trained on, or on a copy of",
    "trained_a": "that A trained on",
    "trained_b": "that B trained on",
    "only_a": "that only A predicted",
    "only_b": "that only B predicted",
    "related_a": "of a group that only A trained on",
    "related_b": "of a group that only B trained on",
    "relabeled": "that were labeled otherwise",
}


@dataclass(frozen=True, eq=False)
class Common:
    """The images that all runs of both sides can be compared on, n of them.

    Attributes
    ----------
    rows : ndarray of int, shape (R, n)
        Row of each image in the predictions of each run, see `predictions`: those of A first, then those of B.
    groups : ndarray of int, shape (n,)
        Images of one person or video share a number, and so do copies to the byte.
    left_out : dict of str to int
        How many images were left out for each of `REASONS`, those that there are.
    related : int
        Images that are of groups which both sides trained on: they are easier for both, and are kept.
    unhashed : str
        In words, of what no hashes are known, so that copies to the byte could not be looked for; "" if of nothing.
    """

    rows: Ints
    groups: Ints
    left_out: dict[str, int]
    related: int = 0
    unhashed: str = ""

    def __len__(self) -> int:
        return self.rows.shape[1]

    @property
    def n_groups(self) -> int:
        """How many groups, which are what is drawn; without groups as many as images."""
        return len(np.unique(self.groups))

    def words(self) -> str:
        """Return how many images are left and how many were left out for which reason, in one or two sentences."""
        grouped = f" of {sentences.count(self.n_groups, 'group')}" if self.n_groups < len(self) else ""
        words = f"{sentences.count(len(self), 'image')}{grouped} that both predicted and neither trained on."
        if self.left_out:
            parts = [f"{n:,} {REASONS[reason]}" for reason, n in self.left_out.items()]
            words += f" Left out: {sentences.joined(parts, len(parts))}."
        if self.related:
            words += f" {sentences.count(self.related, 'image is', 'images are')} of groups that both trained on."
        if self.unhashed:
            words += (
                f" Copies to the byte were not looked for, because no hashes of {self.unhashed} are known: images of "
                "which a side trained on a copy may be among them."
            )
        return words


def predictions(run: Run, split: str) -> Predictions:
    """Return what a run predicted of a split, or of the images that it validated or tested with.

    Parameters
    ----------
    run : Run
    split : str
        One of `CHOICES`.

    Raises
    ------
    UserError
        If it has no such predictions.
    """
    if split != EITHER:
        return results.predictions(run, split)
    parts = [results.predictions(run, one) for one in (VALID, TEST) if one in run.result()["splits"]]
    whole = {name: [getattr(part, name) for part in parts] for name in ("items", "preds", "targs", "sizes", "baseline")}
    return Predictions(names=parts[0].names, **{name: np.concatenate(arrays) for name, arrays in whole.items()})


def refusal(first: Sequence[Run], second: Sequence[Run], split: str = VALID) -> str:
    """Return in a sentence why runs cannot be compared, "" if they can."""
    runs = [*first, *second]
    if not first or not second:
        return "A comparison needs a run on each side: choose them."
    if len({run.id for run in runs}) < len(runs):
        return "A run stands twice in the comparison: choose different runs."
    for side in (first, second):
        if mixed := _mixed(side):
            return mixed
    one = runs[0]
    for run in runs:
        if run.config.kind not in WITH_MODEL:
            return f"The run {run.id} is a learning-rate finder and has no predictions: choose a training."
        if run.config.task != one.config.task:
            return f"The run {run.id} is of the task {run.config.task}, {one.id} of {one.config.task}: choose one task."
        try:
            names, splits = run.names(), run.result()["splits"]
        except UserError as error:
            return str(error)
        if split != EITHER and split not in splits:
            return f"The run {run.id} has no predictions for {split}: choose one of {', '.join(splits)}."
        if names != one.names():
            return f"The run {run.id} learned other names than {one.id}: choose runs of the same, in the same order."
    is_one_split = len({_split_of(run) for run in runs}) == 1
    return next(filter(None, (_unknown(run, is_one_split) for run in runs)), "")


def _mixed(side: Sequence[Run]) -> str:
    """Return in a sentence why runs are no seeds of one choice, "" if they are."""
    seeds: dict[int, Run] = {}
    for run in side:
        if options.configuration(run.config) != options.configuration(side[0].config):
            return (
                f"The run {run.id} differs from {side[0].id} in more than its seed: choose for each side one run, or "
                "several seeds of one choice."
            )
        if (other := seeds.setdefault(run.config.seed, run)) is not run:
            return f"The runs {other.id} and {run.id} have the same seed, which tells nothing of luck: choose one."
    return ""


def common(first: Sequence[Run], second: Sequence[Run], split: str = VALID) -> Common:
    """Return the images that runs can be compared on.

    Two images are the same by their row in one import, else by name and content, see `partners.partners`.
    A run trained on an image if that, or a copy of it to the byte, was in its train split as the run saw the dataset;
    of images whose group only one side trained on, that side has an advantage: they are left out too.

    Parameters
    ----------
    first, second : sequence of Run
        The sides A and B, of which `refusal` says nothing.
    split : str
        One of `CHOICES`.

    Raises
    ------
    UserError
        If predictions or datasets cannot be read.
    """
    runs = [*first, *second]
    is_b = np.arange(len(runs)) >= len(first)
    datasets = [run.load_dataset() for run in runs]
    answers = [predictions(run, split) for run in runs]
    places = _places(datasets, answers)
    union = np.unique(np.concatenate(places))
    where = np.full((len(runs), len(union)), -1)  # row of each image in the predictions of each run
    for run, place in enumerate(places):
        where[run, np.searchsorted(union, place)] = np.arange(len(place))
    owner = (where >= 0).argmax(axis=0)  # a run that predicted it
    items = np.zeros(len(union), dtype=np.int64)
    for run, answer in enumerate(answers):
        items[owner == run] = answer.items[where[run, owner == run]]

    whole = {_split_of(run): one for run, one in zip(runs, datasets, strict=True) if not one.is_stand_in}
    learned_from = [whole.get(_split_of(run), one) for run, one in zip(runs, datasets, strict=True)]
    trained, related = partners.trained_on(learned_from, datasets, owner, items)
    predicted = where >= 0
    by_side = [[part[side].any(axis=0) for side in (~is_b, is_b)] for part in (trained, related)]
    (trained_a, trained_b), (related_a, related_b) = by_side
    lacks_a, lacks_b = (~predicted[side].all(axis=0) for side in (~is_b, is_b))
    relabeled = np.zeros(len(union), dtype=bool)
    everywhere = np.flatnonzero(predicted.all(axis=0))
    truth = answers[0].targs[where[0, everywhere]]
    for run, answer in enumerate(answers):
        relabeled[everywhere] |= ~same_targets(truth, answer.targs[where[run, everywhere]])
    reasons = {  # as in `REASONS`
        "trained_both": trained_a & trained_b,
        "trained_a": trained_a,
        "trained_b": trained_b,
        "only_a": lacks_b & ~lacks_a,
        "only_b": lacks_a,
        "related_a": related_a & ~related_b,
        "related_b": related_b & ~related_a,
        "relabeled": relabeled,
    }
    left = np.ones(len(union), dtype=bool)
    left_out = {}
    for reason, holds in reasons.items():
        if n := int(np.count_nonzero(left & holds)):
            left_out[reason] = n
        left &= ~holds
    rows = where[:, left]
    return Common(
        rows,
        _groups(datasets, answers, rows),
        left_out,
        int(np.count_nonzero(left & related_a & related_b)),
        _unhashed(learned_from, datasets),
    )


def same_split(run: Run, other: Run) -> bool:
    """Return whether two runs saw the same images in the same splits, here or where they were trained."""
    return _split_of(run) == _split_of(other)


def _split_of(run: Run) -> tuple[str, object]:
    """Return what two runs share that saw the same images in the same splits."""
    recorded = run.recorded()
    origin = recorded.get("origin") if recorded else None
    return (origin["revision"] if origin else run.config.revision), run.config.fold


def _unknown(run: Run, is_one_split: bool) -> str:
    """Return in a sentence why nobody knows what a run was trained on, or what is drawn together, "" if it is known."""
    try:
        dataset = run.load_dataset()
    except DamagedError as error:
        return str(error)
    except UserError:
        return (
            f"Which images the run {run.id} was trained on, and which of them are copies or of one group, is not known "
            f"any more: its dataset {run.config.dataset} is gone or was imported anew. Choose runs whose dataset is "
            "here."
        )
    if dataset.is_stand_in and not is_one_split:
        return (
            f"Which images the run {run.id} was trained on is not known: it came in a bundle, without its training "
            "images. Import its dataset and the bundle again, or choose runs that saw the same revision."
        )
    return ""


def _places(datasets: Sequence[Dataset], answers: Sequence[Predictions]) -> Sequence[Ints]:
    """Return a number for each predicted image, the same for the same image; of the first run its row."""
    reference, places = datasets[0], []
    begins: dict[str, int] = {}  # images of another import that are none of the first one's
    for dataset, answer in zip(datasets, answers, strict=True):
        if dataset.base == reference.base:
            places.append(answer.items.astype(np.int64))
            continue
        begin = begins.setdefault(dataset.base, min(begins.values(), default=0) - len(dataset))
        rows = partners.partners(reference, dataset)[answer.items]
        places.append(np.where(rows < 0, begin + answer.items, rows))
    return places


def _groups(datasets: Sequence[Dataset], answers: Sequence[Predictions], rows: Ints) -> Ints:
    """Return the group of each image, shape (n,): images that are of one group, or copies, for any run are."""
    n = rows.shape[1]
    alone, seen = np.arange(n), {}
    for dataset, answer, place in zip(datasets, answers, rows, strict=True):
        items = answer.items[place]
        contents = partners.hashes(dataset)[items]
        copies = np.where(contents == "", n + alone, pd.factorize(contents)[0])
        for of in (run_metrics.groups(dataset, items), copies):
            codes = np.unique(of, return_inverse=True)[1]
            if len(np.unique(codes)) < n:
                seen[codes.tobytes()] = codes
    if len(seen) < 2:
        return next(iter(seen.values()), alone)
    joined = sparse.hstack([sparse.csr_matrix((np.ones(n), (alone, codes))) for codes in seen.values()])
    return sparse.csgraph.connected_components(joined @ joined.T)[1]


def _unhashed(learned_from: Sequence[Dataset], datasets: Sequence[Dataset]) -> str:
    """Return in words of what hashes are missing, without which no copy of it is known; see `Common`."""
    if any(dataset.is_stand_in for dataset in learned_from):
        return "the training images of a bundle"
    lacking = {one.name for one in (*learned_from, *datasets) if not one.is_stand_in and not any(one.digests or ())}
    return f"the pictures of {sentences.joined(sorted(lacking), len(lacking))}" if lacking else ""
