"""The command ``pairs``: shows and declares left and right keypoints."""

from __future__ import annotations

import argparse

from lib import tasks
from lib.cli import common
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.edits import edits
from lib.tasks import mirror


def pairs_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``pairs``."""
    command.add_argument("dataset", help="name of a dataset")
    how = command.add_mutually_exclusive_group()
    how.add_argument(
        "--set",
        dest="chosen",
        action="append",
        metavar="A=B",
        help="declare that a horizontal flip swaps these two keypoints; repeat for more pairs, all others are no pairs",
    )
    how.add_argument("--guess", action="store_true", help="declare the pairs guessed from the names")
    how.add_argument("--none", action="store_true", help="declare that a horizontal flip swaps no keypoints")


def run_pairs(chosen: argparse.Namespace) -> int:
    """Show, or declare, which points change places in a mirror."""
    dataset = store.load(Workspace.find(chosen.workspace), chosen.dataset)
    if not tasks.get(dataset.task).has_pairs:
        raise UserError(f"{dataset.name} has no points ({dataset.task}): pairs are for keypoints.")
    pairs = _declared_pairs(dataset, chosen)
    if pairs is not None:
        dataset = edits.declare(dataset, flip_pairs=pairs, note=mirror.note(pairs))
    return _print(dataset, chosen)


def _declared_pairs(dataset: Dataset, chosen: argparse.Namespace) -> list[tuple[str, str]] | None:
    if chosen.none:
        return []
    if chosen.chosen:
        return [_pair(text, dataset) for text in chosen.chosen]
    if not chosen.guess:
        return None
    guessed = mirror.suggested(dataset)
    if not guessed:
        raise UserError(
            f"Nothing can be guessed from the names of {dataset.name}: give the pairs by --set A=B, or --none where a "
            "mirror swaps no points."
        )
    return [(dataset.names[one], dataset.names[other]) for one, other in guessed]


def _pair(text: str, dataset: Dataset) -> tuple[str, str]:
    """Return the two names in ``A=B``; a name may have ``=`` in it."""
    signs = [place for place, letter in enumerate(text) if letter == "="]
    for place in signs:
        if text[:place] in dataset.names and text[place + 1 :] in dataset.names:
            return text[:place], text[place + 1 :]
    few = ", ".join(map(repr, dataset.names[:12]))
    raise UserError(f"--set {text}: expected A=B with two points of {dataset.name}; it has {few}.")


def _print(dataset: Dataset, chosen: argparse.Namespace) -> int:
    task, declared = tasks.get(dataset.task), mirror.declared(dataset)
    named = [[dataset.names[one], dataset.names[other]] for one, other in mirror.pairs(dataset) or []]
    if chosen.json:
        return common.print_json(
            {
                "dataset": dataset.name,
                "revision": dataset.revision,
                "declared": declared is not None,
                "pairs": named,
                "can_flip": task.can_flip(dataset),
            }
        )
    print(task.flip_words(dataset))
    for one, other in named:
        print(f"- {one} <-> {other}")
    return 0
