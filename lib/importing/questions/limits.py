"""How much memory and time an import may take."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from lib.core import sentences, variables
from lib.core.errors import UserError

#: Most GiB of memory that a dry run or an import may take, where this variable says no other number.
VARIABLE, DEFAULT_GIB = "MANYHOT_IMPORT_MEMORY", 4.0
#: Seconds without a word after which a dry run is ended, and an import or a sample, which may copy large files.
QUIET_SECONDS, QUIET_SECONDS_OF_IMPORT = 120.0, 600.0


def max_memory() -> int:
    """Return how many bytes of memory an import may take: what the variable says, else `DEFAULT_GIB`.

    Raises
    ------
    UserError
        If the variable is no positive number.
    """
    return variables.stated_bytes(VARIABLE, DEFAULT_GIB, "GiB")


@contextlib.contextmanager
def explain_memory(name: str, limit: int = 0) -> Iterator[None]:
    """Turn memory that runs out while ``name`` is read into a sentence; ``limit`` are the bytes allowed, if any are."""
    try:
        yield
        return
    except MemoryError:
        pass  # left first: what the error holds on to is then free again
    if not limit:
        raise UserError(
            f"{name} needs more memory than this computer has free: split its largest tables or annotation files, or "
            "close other programs."
        )
    raise UserError(
        f"{name} needs more than {sentences.size(limit)} of memory, the most that an import may take: split its "
        f"largest tables or annotation files, or set {VARIABLE}, in GiB, to more."
    )
