"""Finds masks that lie beside their pictures, as ``a_mask.png`` beside ``a.png``, and asks to leave them out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from lib.core import sentences
from lib.core.splits import _stem, key
from lib.importing.choices import answer
from lib.importing.parsed import Fix, UnsureError

#: Name of the answer: what pictures are that are called after others and ``mask``.
CHOICE = "masks"
LEAVE_OUT, KEEP = "leave-out", "keep"

_MASK = re.compile(
    r"(?P<of>.+?)[_\-. ]*(?:masks?|seg|segs|segmentation|groundtruth|ground_truth|gt|annotated|depth)[_\-. ]?\d{0,4}"
)
_WORD = re.compile("mask|seg|ground|gt|annotated|depth")  # without which no name of the above is
_FEWEST = 2  # pairs that are no accident
_SHARE = 0.25  # of the pictures


def masks(files: Iterable[str]) -> dict[str, str]:
    """Return the picture of each mask: a file in the same folder whose name is the same but for ``mask``.

    Examples
    --------
    >>> masks(["x/a.png", "x/a_mask.png", "x/b_mask_1.png", "y/mask.png"])
    {'x/a_mask.png': 'x/a.png'}
    """
    files = list(files)
    if _WORD.search(key("\n".join(files))) is None:
        return {}
    stems = {_stem(key(file)): file for file in files}
    pairs = {}
    for stem, file in stems.items():
        folder, slash, own = stem.rpartition("/")
        match = _MASK.fullmatch(own)
        picture = stems.get(f"{folder}{slash}{match['of']}") if match else None
        if picture is not None:
            pairs[file] = picture
    return pairs


def without_masks(files: Iterable[str], choices: Mapping[str, str]) -> set[str]:
    """Return which of ``files`` are masks that are to be left out.

    Raises
    ------
    UnsureError
        If some are masks by their names, and the user did not say whether they are.
    """
    files = list(files)
    chosen = answer(choices, CHOICE, (LEAVE_OUT, KEEP))
    pairs = masks(files) if chosen != KEEP else {}
    if len(pairs) < max(_FEWEST, _SHARE * len(files)) and chosen is None:
        return set()
    if chosen is None:
        mask, picture = next(iter(pairs.items()))
        question = (
            f"{sentences.count(len(pairs), 'image seems', 'images seem')} to be masks of others, such as {mask} of "
            f"{picture}: expected images only."
        )
        raise UnsureError(
            f"{question} Say whether they are.",
            [
                Fix("", question, CHOICE, LEAVE_OUT, "Leave the masks out"),
                Fix("", question, CHOICE, KEEP, "They are images like the others"),
            ],
        )
    return set(pairs)
