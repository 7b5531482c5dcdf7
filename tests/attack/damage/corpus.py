"""Runs cases of the damage corpus through all views: what raised an exception, and what was shown as if it were whole.

``python -m tests.attack.damage`` runs all.
"""

from __future__ import annotations

import itertools
import re
import shutil
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lib.core.workspace import Workspace
from tests.attack.damage import seeds, views
from tests.attack.damage.cases import AWAITED, RUN, Case, cases
from tests.attack.damage.changes import FREE
from tests.attack.damage.views import Drawn

#: How damage is told of, and what is said where what was damaged is not there any more.
_SAID = re.compile(
    r"damaged|cannot be (used|read|looked at)|has format|no predictions|not what was|leads out|is no file"
)
_numbers = itertools.count()
_OTHER = ("of another run", "of another quick model")


@dataclass(frozen=True)
class Failure:
    """What must not be: a view that raised an exception, or showed something else than of whole files and no reason."""

    case: str
    view: str
    why: str

    @property
    def is_traceback(self) -> bool:
        """Whether it raised."""
        return "Traceback" in self.why or "Error" in self.why.partition("\n")[0]


@dataclass(frozen=True)
class Seed:
    """A whole workspace of one task, its cases and what its views say."""

    task: str
    workspace: Workspace
    cases: tuple[Case, ...]
    whole: Drawn

    @classmethod
    def of(cls, root: Path, task: str, draw: Callable[[Workspace], Drawn] = views.everything) -> Seed:
        """Return that of ``task`` in a new folder in ``root``; ``draw`` draws the views that are compared."""
        workspace = seeds.build(root / task, task)
        copied = Workspace(root / f"{task}-whole")
        seeds.copy(workspace.root, copied.root)
        whole = draw(copied)
        if whole.tracebacks:
            raise RuntimeError(f"a view of whole files raises: {whole.tracebacks}")
        return cls(task, workspace, tuple(cases(workspace, task)), whole)


def failures(
    seed: Seed, case: Case, root: Path, draw: Callable[[Workspace], Drawn] = views.everything
) -> tuple[list[Failure], int]:
    """Return what must not be where the files of ``case`` are changed, and how many views were drawn."""
    workspace = Workspace(root / f"damaged-{next(_numbers)}")  # a process remembers what it read in a folder
    seeds.copy(seed.workspace.root, workspace.root)
    try:
        case.apply(workspace)
        drawn = draw(workspace)
    except Exception:
        return [Failure(str(case), "all", traceback.format_exc())], 0
    finally:
        shutil.rmtree(workspace.root, ignore_errors=True)
    failed = [Failure(str(case), view, text) for view, text in drawn.tracebacks.items()]
    if case.expected != FREE:
        failed += [Failure(str(case), view, why) for view, why in _unsaid(case, seed.whole, drawn)]
    failed += [
        Failure(str(case), view, f"it does not start: {drawn.sentences[view]}")
        for view in ("command · train on the other", *(["command · train"] if case.of_run else []))
        if view in drawn.sentences and drawn.sentences[view][0] != "0"
    ]
    return failed, len({*drawn.sentences, *seed.whole.sentences})


def _unsaid(case: Case, whole: Drawn, drawn: Drawn) -> list[tuple[str, str]]:
    """Return the views that show something else than of whole files without a word of the damage, and how they differ.

    What is of another run than the damaged one, but for comparisons with it, has to be as of whole files.
    """
    unsaid = []
    for view, before in whole.sentences.items():
        now = drawn.sentences.get(view)
        page = view.partition(" · ")[0]
        if now == before or (view in _OF_ALL_RUNS and case.of in (RUN, AWAITED)):
            continue
        is_others = case.of_run and page.endswith(_OTHER)
        texts = [] if is_others else [*(now or []), *drawn.sentences.get(page, [])]
        if not any(_SAID.search(text.replace("\\", "")) for text in texts if _can_say(text, view)):
            pairs = [(a, b) for a, b in zip(before, now or [], strict=False) if a != b]
            unsaid.append((view, f"shown: {pairs[0] if pairs else (len(before), now and len(now))}"[:600]))
    return unsaid


#: They list runs, of which one that cannot be read has no revision and is compared with nothing; or say its state.
_OF_ALL_RUNS = (
    "data · History & export · History",
    "data · History & export · Changes",
    "command · edits",
    "command · stop",
    "command · stop what waits",
    "analyze of another run · Trust · Compare runs",
    "analyze of another quick model · Trust · Compare runs",
    "train of another quick model",
)


def _can_say(text: str, view: str) -> bool:
    """Return whether a text may tell of damage: the table of runs has a column for it."""
    return view.startswith(("command", "route")) or text.startswith(
        ("error", "warning") + ("table",) * (view == "runs")
    )
