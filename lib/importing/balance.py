"""Notes labels that are nearly constant, and labels that a split has no image of."""

from __future__ import annotations

import numpy as np

from lib.core.splits import SPLITS
from lib.importing.parsed import Parsed

#: Fewer images than this say little about a share.
_FEWEST = 100
#: Shares of the known images from which on a label is called nearly constant.
_HARDLY, _NEARLY = 0.005, 0.95
_WORDS = {"train": "training", "valid": "validation", "test": "test"}


def note(parsed: Parsed, splits: list[str]) -> None:
    """Note labels that are nearly constant, and those that a split has no image of, in the problems of ``parsed``.

    Parameters
    ----------
    parsed : Parsed
    splits : list of str
        Split of each row.
    """
    if not np.issubdtype(parsed.targs.dtype, np.integer) or len(parsed.files) < _FEWEST:
        return
    where = np.array(splits)
    have, known = _counts(parsed.targs, len(parsed.names))
    for name, count, of in zip(parsed.names, have.tolist(), known.tolist(), strict=True):
        if parsed.targs.ndim == 2 and of and not _HARDLY < count / of < _NEARLY:
            parsed.problems.add("constant-label", f"{name!r}: on {count:,} of {of:,} images")
    for split in SPLITS:
        rows = where == split
        if rows.any():
            there, _ = _counts(parsed.targs[rows], len(parsed.names))
            for index in np.flatnonzero((there == 0) & (have > 0)):
                name = parsed.names[index]
                parsed.problems.add("label-not-in-split", f"{name!r}: on none of the {_WORDS[split]} images")


def _counts(targs: np.ndarray, names: int) -> tuple[np.ndarray, np.ndarray]:
    """Return on how many images each label is, and of how many images that is known."""
    if targs.ndim == 1:
        return np.bincount(targs, minlength=names), np.full(names, len(targs))
    return (targs == 1).sum(axis=0), (targs >= 0).sum(axis=0)
