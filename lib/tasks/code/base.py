"""The part of a task that a script in plain fastai asks: the table of its targets, and its lines of code."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lib.core.config import TrainConfig

if TYPE_CHECKING:
    from lib.core.dataset import Dataset
    from lib.tasks.code.panels import Asked

#: What a script calls the table of targets, and the columns that come before them.
LABELS = "labels"
COLUMNS = ("file", "digest", "split", "group", "width", "height")


@dataclass(frozen=True)
class Lines:
    """Lines of Python, and why they are there, in Markdown; without a reason they go on from what stands before."""

    code: str
    why: str = ""


@dataclass(frozen=True)
class TargetCode:
    """What a script says of the targets, in Python.

    Attributes
    ----------
    names : str
        The statement that gives labels, points or values their names.
    block : str
        The block of the target.
    get_y : str
        What gives a target of a row.
    n_out : str
        How many numbers the network puts out.
    bias : Lines
        Gives ``bias``, with which an untrained network answers like the baseline.
    score : Lines
        Defines ``score(rows, preds)``, the headline metric.
    metric : str
        What the Learner shows after each epoch.
    prepare : Lines, optional
        What comes between the table and the block.
    loss : Lines, optional
        Gives ``loss_func`` where the block's own does not do.
    y_range : tuple of float, optional
    max_rotate : float
        Degrees.
    moves : bool
        Whether the target lies in the picture and has to be squished as it is.
    swapped : str
        Which point stands at each place after a mirror, as a list; "" where none changes places.
    is_text : bool
        Whether all columns of the table are texts; otherwise the targets are numbers, empty where unknown.
    """

    names: str
    block: str
    get_y: str
    n_out: str
    bias: Lines
    score: Lines
    metric: str = ""
    prepare: Lines | None = None
    loss: Lines | None = None
    y_range: tuple[float, float] | None = None
    max_rotate: float = 10.0
    moves: bool = False
    swapped: str = ""
    is_text: bool = False
    left_out: list[str] = field(default_factory=list)

    @property
    def read(self) -> str:
        """Further arguments of ``pd.read_csv``."""
        return "dtype=str, keep_default_na=False" if self.is_text else "dtype={'file': str, 'digest': str}"


class Coded(ABC):
    """The part of a task that a script in plain fastai asks."""

    @abstractmethod
    def code_table(self, targs: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        """Return the columns of a table that say the targets; what is unknown is empty."""

    @abstractmethod
    def panel_code(self, panel: str, asked: Asked) -> str:
        """Return the few lines behind a panel of the Analyze page, "" where there are none; see `panels`."""

    @abstractmethod
    def code(self, dataset: Dataset, config: TrainConfig) -> TargetCode:
        """Return the lines for a training of ``config`` on ``dataset``, as it was trained on."""


def literal(name: str, value: object) -> str:
    r"""Return an assignment of a value that Python can read back, in lines of 100 characters.

    Examples
    --------
    >>> literal("VOCAB", ["a", 'b"\n'])
    'VOCAB = [\'a\', \'b"\\n\']'
    """
    short = f"{name} = {value!r}"
    if len(short) <= 100 or not isinstance(value, list):
        return short
    lines, line = [f"{name} = ["], "   "
    for one in value:
        text = f" {one!r},"
        if len(line) + len(text) > 100 and line.strip():
            lines.append(line)
            line = "   "
        line += text
    return "\n".join([*lines, line, "]"])
