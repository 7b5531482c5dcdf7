"""What of a label audit is still to be decided: its proposals as findings, in the light of what was decided since."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from lib.core import times
from lib.core.arrays import Bools
from lib.core.dataset import Dataset
from lib.datasets.checks import reviewed
from lib.datasets.checks.case_keys import Key, keys_of
from lib.datasets.checks.finding import AUDIT, CORRECT, EXCLUDE, SET, WARNING, Finding
from lib.evaluation.audit.ranking import MOST, Place, Ranking
from lib.tasks.suspicions import Proposal

#: What became of a proposal.
OPEN, EDITED, DISMISSED = "open", "edited", "dismissed"


@dataclass(frozen=True)
class Item:
    """One proposal and what became of it.

    Attributes
    ----------
    place : Place
    proposal : Proposal
    finding : Finding
        The same as the review takes it.
    key : Key
        By which the cell, as it is labeled, is known to have been judged.
    status : str
        `OPEN`, `EDITED` since the audit (accepted or by hand), or `DISMISSED`.
    """

    place: Place
    proposal: Proposal
    finding: Finding
    key: Key
    status: str


@dataclass(frozen=True)
class AuditQueue:
    """The first proposals of an audit.

    Attributes
    ----------
    items : list of Item
        The most suspicious first; those that were judged before the audit are none of them.
    before : int
        How many were left out, because their cell was judged before.
    others : int
        How many less suspicious proposals there are.
    edited : int
        Cells that are not what they were when the audit saw them.
    """

    items: list[Item]
    before: int
    others: int
    edited: int

    @property
    def open(self) -> list[Item]:
        """What is still to be decided."""
        return [item for item in self.items if item.status == OPEN]

    @property
    def done(self) -> int:
        """How many were decided."""
        return len(self.items) - len(self.open)


def of_ranking(ranking: Ranking, dataset: Dataset, most: int = MOST) -> AuditQueue:
    """Return the first ``most`` proposals of a ranking, as ``dataset`` and what was decided about it are now.

    Parameters
    ----------
    ranking : Ranking
    dataset : Dataset
        As it is now: rows are the same as long as it was not imported anew.
    most : int

    Raises
    ------
    UserError
        If what was decided cannot be read.
    """
    decided, standing = reviewed.read(dataset), reviewed.standing(dataset)
    began = times.utc(min(time.mktime(run.began) for run in ranking.audit.runs.values()))
    changed = _changed(ranking, dataset)
    items: list[Item] = []
    before = n_passed = 0
    for place in ranking.shown:
        if len(items) == most:
            break
        n_passed += 1
        proposal = ranking.propose(place)
        finding = _finding(dataset, place, proposal)
        (key,) = keys_of(dataset, finding)
        dismissed = decided.covering(key)
        if any(decided.decisions[one].time < began for one in dismissed) or key in standing:
            before += 1
            continue
        status = DISMISSED if dismissed else EDITED if changed[place.row, ranking.columns(place)].any() else OPEN
        items.append(Item(place, proposal, finding, key, status))
    return AuditQueue(items, before, len(ranking.shown) - n_passed, int(changed.sum()))


def confirmed(dataset: Dataset, item: Item) -> Key:
    """Return by what a cell is known to have been judged once the proposal of ``item`` was carried out."""
    (key,) = keys_of(dataset, _finding(dataset, item.place, item.proposal, state=item.proposal.now))
    return key


def _changed(ranking: Ranking, dataset: Dataset) -> Bools:
    """Return which cells are other than the audit saw them, or of images that are excluded by now, bool (N, U)."""
    changed = ranking.task.cell_differs(ranking.answers.dataset.targs, dataset.targs)
    changed[np.setdiff1d(ranking.answers.dataset.included, dataset.included)] = True
    return changed


def _finding(dataset: Dataset, place: Place, proposal: Proposal, state: str = "") -> Finding:
    """Return a proposal as the review takes it; ``about`` is what the cell is, so that a judgment is about that."""
    row = place.row
    sentence = "Accept takes over the answer, dismiss keeps what is labeled; either is not asked again."
    return Finding(
        AUDIT,
        proposal.title,
        lambda _places: sentence,
        WARNING,
        (row,),
        details={row: proposal.reason},
        fixes=(SET, CORRECT, EXCLUDE),
        at={row: proposal.column},
        about={row: state or proposal.was},
        sets={row: tuple((change.column, change.was, change.now) for change in proposal.changes)},
    )
