"""Reads the cells of a column that says which split a picture is in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import pandas as pd

from lib.core.errors import UserError
from lib.core.splits import split_of, split_words
from lib.importing.tables import words

#: Columns of yes and no: which split each of the two is.
FLAG_COLUMNS = {
    **dict.fromkeys(("is_valid", "isvalid", "is_val"), ("valid", "train")),
    **dict.fromkeys(("is_test", "istest", "is_testing"), ("test", "train")),
    **dict.fromkeys(("is_train", "istrain", "is_training", "is_training_image"), ("train", "test")),
}
#: Words that may stand beside that of a split in the name of a column of yes and no: ``in_test_set``.
_FILLERS = frozenset(
    {"is", "in", "for", "used", "of", "the", "a", "set", "data", "dataset", "split", "image", "images", "sample"}
    | {"samples", "flag"}
)
_YES = {
    **dict.fromkeys(("true", "1", "yes", "1.0", "y", "t"), True),
    **dict.fromkeys(("false", "0", "no", "0.0", "n", "f"), False),
}
#: Cells, in lower case, of rows that nobody gave a split.
UNASSIGNED = frozenset({"", "unassigned", "none", "nan", "na", "n/a", "null", "?", "-", "unknown", "undefined"})
#: Splits by the numbers of CelebA's partitions.
NUMBERS = {"0": "train", "1": "valid", "2": "test"}
_NUMBERED = re.compile(r"(data|dataset)?(set|split|partition|subset)(id|ids|no|nr|number|index|idx|code)?")


def flags(name: str) -> tuple[str, str] | None:
    """Return which splits yes and no stand for in a column of that name, None if it is none of those.

    Examples
    --------
    >>> flags("is_valid"), flags("in_test_set"), flags("UsedForTraining"), flags("service_test"), flags("test")
    (('valid', 'train'), ('test', 'train'), ('train', 'test'), None, None)
    """
    known = FLAG_COLUMNS.get(name.lower())
    of = words.words(name)
    split_names = split_words(" ".join(of))
    if known is not None or len(split_names) != 1 or len(of) < 2 or not set(of) - set(split_names) <= _FILLERS:
        return known
    split = str(split_of(split_names[0]))
    return split, "test" if split == "train" else "train"


def numbered(name: str, cells: Iterable[str]) -> bool:
    """Return whether a column numbers splits as CelebA does: 0, 1 and 2."""
    return _NUMBERED.fullmatch("".join(words.words(name))) is not None and set(cells) - UNASSIGNED <= set(NUMBERS)


def read_splits(name: str, cells: pd.Series, where: Sequence[str]) -> tuple[list[str] | None, list[int]]:
    """Return the split of each row, None where the column gives none, and the rows that have none of their own.

    Those are counted to the training images.

    Raises
    ------
    UserError
        If a cell is not understood.
    """
    yes_no = flags(name)
    expected = "True or False" if yes_no else "train, valid or test"
    different = {cell: _split(cell.lower(), yes_no) for cell in pd.unique(cells)}
    unknown = next((cell for cell, split in different.items() if split is None), None)
    if unknown is not None:
        row = int((cells == unknown).to_numpy().argmax())
        raise UserError(
            f"{where[row]}, column {name!r}: expected {expected}, found {unknown!r}. Correct it, or say that the "
            f"column holds something else.",
            flags=f"--column '{name}=ignore'",
        )
    if not any(different.values()):
        return None, []
    loose = cells.map({cell: not split for cell, split in different.items()}).to_numpy(dtype=bool)
    return [different[cell] or "train" for cell in cells], loose.nonzero()[0].tolist()


def _split(cell: str, yes_no: tuple[str, str] | None) -> str | None:
    """Return the split that a cell in lower case means, "" if it means that there is none, None if nobody knows."""
    if yes_no is not None and cell in _YES:
        return yes_no[0] if _YES[cell] else yes_no[1]
    if cell in UNASSIGNED:
        return ""
    return split_of(cell) or (None if yes_no is not None else NUMBERS.get(cell))
