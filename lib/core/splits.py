"""Names of a dataset's splits, and what folders and tables call them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

SPLITS = ("train", "valid", "test")
#: In place of a split: an image that is kept, but taught and counted nowhere.
EXCLUDED = "excluded"
#: Words for a split that may be one of several in a name, as in ``train_images``.
_WORDS = {
    "train": "train",
    "training": "train",
    "trn": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "dev": "valid",
    "test": "test",
    "testing": "test",
    "tst": "test",
    "holdout": "test",
}
#: What the folders of a split are called, and the cells of a table, by split.
SPLIT_NAMES = {
    **_WORDS,
    "train_data": "train",
    "valid_data": "valid",
    "val_data": "valid",
    "test_data": "test",
    **{f"{word}_set": split for word, split in _WORDS.items()},
    **{f"{word}set": split for word, split in _WORDS.items()},
    "tr": "train",
    "te": "test",
    "learn": "train",
    "learning": "train",
    "learning_set": "train",
    "trainingsdaten": "train",
    "validierung": "valid",
    "validierungsdaten": "valid",
    "testdaten": "test",
    "entrainement": "train",
    "entra\N{LATIN SMALL LETTER I WITH CIRCUMFLEX}nement": "train",
    "apprentissage": "train",
    "entrenamiento": "train",
    "prueba": "test",
    "development": "valid",
    "eval": "test",
    "evaluation": "test",
    "hold_out": "test",
    "held_out": "test",
    "heldout": "test",
    # FER2013 and others count one half of a test set while a competition runs, the other half at its end.
    "public_test": "valid",
    "publictest": "valid",
    "private_test": "test",
    "privatetest": "test",
}
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NO_LETTER = re.compile(r"[^a-z]+")
_NO_WORD = re.compile(r"[\s_.\-]+")


def split_of(name: str) -> str | None:
    """Return the split that a whole name stands for, of a folder, a table or a cell, else None.

    Examples
    --------
    >>> [split_of(name) for name in ("Training", "PrivateTest", "hold-out", "train_images", "contest")]
    ['train', 'test', 'test', None, None]
    """
    return SPLIT_NAMES.get(_NO_WORD.sub("_", name.strip().lower()))


def split_in(name: str) -> str | None:
    """Return the split that a name stands for or that one of its words is; None where there is none, or are two.

    Words end at what is no letter and where small letters become capitals.

    Examples
    --------
    >>> [split_in(name) for name in ("train_images", "ISIC2018_Task3_Test_Input", "val2017", "CheXpertValid")]
    ['train', 'test', 'valid', 'valid']
    >>> [split_in(name) for name in ("contest", "latest", "latrine", "train_val", "list_eval_partition")]
    [None, None, None, None, None]
    """
    whole = split_of(name)
    named = {whole} if whole else {_WORDS[word] for word in split_words(name)}
    return next(iter(named)) if len(named) == 1 else None


def split_of_folders(path: str) -> str | None:
    """Return the split that a folder of ``path`` is called after, the outermost first; None where none is.

    Examples
    --------
    >>> split_of_folders("val/cats/1.jpg"), split_of_folders("cats/train.jpg")
    ('valid', None)
    """
    return next(filter(None, map(split_of, path.split("/")[:-1])), None)


def split_words(name: str) -> list[str]:
    """Return the words in a name that stand for a split."""
    return [word for word in _NO_LETTER.split(_CAMEL.sub(" ", name).lower()) if word in _WORDS]


def without_split(name: str) -> str:
    """Return what a name says beside its split, so that ``train_images`` and ``test_images`` are the same.

    Examples
    --------
    >>> without_split("ISIC2018_Task3_Training_Input"), without_split("seg_train"), without_split("seg_pred")
    ('isic task input', 'seg', 'seg pred')
    """
    return " ".join(word for word in _NO_LETTER.split(_CAMEL.sub(" ", name).lower()) if word and word not in _WORDS)


def all_known(splits: Iterable[str | None]) -> list[str] | None:
    """Return the splits, None where there are none or one of them is not known.

    Examples
    --------
    >>> all_known(["train", "valid"]), all_known(["train", None]), all_known([])
    (['train', 'valid'], None, None)
    """
    named = list(splits)
    known = [split for split in named if split]
    return known if known and len(known) == len(named) else None


def key(name: str) -> str:
    """Return what two spellings of one name share: letter case and Unicode composition do not count."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def _stem(name: str) -> str:
    return name.rsplit(".", 1)[0]


def _first_word(name: str) -> str:
    word = re.split(r"[_\-. ]", key(name))[0]
    return SPLIT_NAMES.get(word, word)
