"""What a tool is written to by: one interface, the tools that have it, and the sentence where one is not installed."""

from __future__ import annotations

import importlib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Protocol

from lib.core.errors import UserError
from lib.export.mirror.rows import About, Row
from lib.export.mirror_questions import TARGETS


@dataclass
class Written:
    """What of a run a tool has: values and texts by name and step; the tool's own files are asked at each start."""

    values: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    texts: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))


class Target(Protocol):
    """Where a run is mirrored to. What is written and flushed is whole, whenever the process ends.

    Attributes
    ----------
    errors : tuple of type
        What the tool's package raises where it refuses something.
    """

    errors: tuple[type[Exception], ...]

    def read(self) -> Written:
        """Return what is there of this run."""

    def row(self, row: Row) -> None:
        """Write values and texts of a step."""

    def tell(self, facts: dict[str, str], row: Row) -> None:
        """Write what is known of the run by now, if that is not there; ``row`` says step and time."""

    def end(self, state: str, when: float, *, is_final: bool) -> None:
        """Write how and when the run ended; ``is_final`` if it cannot go on from there."""

    def flush(self) -> None:
        """Let readers see what was written, as far as the tool does that before its end."""

    def close(self) -> None:
        """Let go of the files."""


def opened(to: str, folder: Path, about: About) -> Target:
    """Return the target of the tool ``to`` for one run in ``folder``.

    Raises
    ------
    UserError
        If the tool's package is not installed.
    """
    target: Target = importlib.import_module(f"{__package__}.to_{to}").open_target(folder, about)
    return target


def package(module: str) -> ModuleType:
    """Return a module of a tool's package, which only mirrors need.

    Raises
    ------
    UserError
        If it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        tool, requirement = TARGETS[module.partition(".")[0]]
        raise UserError(
            f"What {tool} reads is written by a package that is not installed ({error}): install it by "
            f"`pip install {requirement}`, then start the mirror again."
        ) from error
