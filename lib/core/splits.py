"""Names of a dataset's splits, and what folders and tables call them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

SPLITS = ("train", "valid", "test")
#: In place of a split: an image that is kept, but taught and counted nowhere.
EXCLUDED = "excluded"
#: What the folders of a split are called, by split.
SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "train_data": "train",
    "trn": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "valid_data": "valid",
    "val_data": "valid",
    "dev": "valid",
    "test": "test",
    "testing": "test",
    "test_data": "test",
}


def split_of(name: str) -> str | None:
    """Return the split that a folder's or table's name stands for, else None."""
    return SPLIT_NAMES.get(name.strip().lower())


def all_known(splits: Iterable[str | None]) -> list[str] | None:
    """Return the splits, None where there are none or one of them is not known.

    Examples
    --------
    >>> all_known(["train", "valid"]), all_known(["train", None]), all_known([])
    (['train', 'valid'], None, None)
    """
    told = list(splits)
    known = [split for split in told if split]
    return known if known and len(known) == len(told) else None


def key(name: str) -> str:
    """Return what two spellings of one name share: letter case and Unicode composition do not count."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def _stem(name: str) -> str:
    return name.rsplit(".", 1)[0]


def _first_word(name: str) -> str:
    word = re.split(r"[_\-. ]", key(name))[0]
    return SPLIT_NAMES.get(word, word)
