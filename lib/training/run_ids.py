"""The ids of runs: what they look like, when one says that its run was started, and new ones."""

from __future__ import annotations

import re
import secrets
import time
from functools import lru_cache

from lib.core.workspace import Workspace

#: What `new` gives: date, time and four random characters.
ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")
#: How an id tells when its run was started.
BEGAN = "%Y%m%d-%H%M%S"
#: Seconds by which a run may be dated ahead and still be the one that the next is put behind: a clock that was a day
#: wrong, not one that was years wrong.
_AHEAD = 2 * 24 * 3600


def new(workspace: Workspace) -> str:
    """Return an id that sorts behind all others, also of the same second and where the clock was set back since.

    Deleted runs keep theirs, as long as they can be put back.
    """
    second, latest = (time.strftime(BEGAN, time.localtime(time.time() + after)) for after in (0, _AHEAD))
    folders = (workspace.runs, workspace.deleted_runs)
    taken = [path.name for folder in folders for path in folder.glob("*-*-*") if ID.fullmatch(path.name)]
    last = max((name for name in taken if name[: len(second)] <= latest), default="")
    if second > last[: len(second)]:
        return f"{second}-{secrets.randbelow(0x8000) + 1:04x}"
    return f"{last[: len(second)]}-{int(last[-4:], 16) + 1:04x}"


def began(run: str) -> time.struct_time:
    """Return when the run of this id was started, in the time of its machine; raises ValueError if on no such day."""
    return time.strptime(run[:15], BEGAN)


def is_free(workspace: Workspace, run: str) -> bool:
    """Return whether no run has the id ``run``, and no deleted one that can be put back."""
    return not workspace.run(run).exists() and not (workspace.deleted_runs / run).exists()


def is_id(name: str) -> bool:
    """Return whether ``name`` can be the id of a run."""
    return bool(ID.fullmatch(name)) and _is_of_a_day(name)


@lru_cache(maxsize=4096)  # of all runs at each look
def _is_of_a_day(run: str) -> bool:
    try:
        began(run)
    except ValueError:
        return False
    return True
