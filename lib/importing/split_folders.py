"""Splits that the folders above pictures say: ``train/`` and ``test/``, or ``seg_train/`` and ``seg_test/``."""

from __future__ import annotations

from collections.abc import Iterable

from lib.core.splits import split_in, split_of, without_split


def splits_of_folders(files: Iterable[str]) -> dict[str, str]:
    """Return the split of each picture whose folders say one; the others are not in it.

    Folders beside each other are splits if they are called so (``train``), or have a word for a split in their name
    (``train_images``) and are all of that kind or differ in that word only. There have to be two different splits,
    one of them for training; a folder called ``test`` is a split wherever pictures lie outside of it as well.

    Examples
    --------
    >>> splits_of_folders(["train_images/1.jpg", "test_images/2.jpg"])
    {'train_images/1.jpg': 'train', 'test_images/2.jpg': 'test'}
    >>> splits_of_folders(["bullet_train/1.jpg", "test_tube/2.jpg", "cup/3.jpg"])
    {}
    """
    members: dict[str, list[str]] = {}
    for file in files:
        members.setdefault(file.rpartition("/")[0], []).append(file)
    splits: dict[str, str] = {}
    for folder_split, inside in _parts([folder for folder in members if folder], 0):
        for folder in inside:
            splits.update(dict.fromkeys(members[folder], folder_split))
    return splits


def split_folders(names: Iterable[str]) -> dict[str, str]:
    """Return the split of each of the folders ``names``, which lie beside each other; nothing if they are no splits.

    Examples
    --------
    >>> split_folders(["seg_train", "seg_test", "seg_pred"])
    {'seg_train': 'train', 'seg_test': 'test'}
    """
    names = list(names)
    whole = {name: split for name in names if (split := split_of(name))}
    worded = {name: split for name in names if (split := split_in(name))}
    for splits in (whole, worded) if len(worded) < len(names) else (worded,):
        alike = splits is whole or len(splits) == len(names) or len({without_split(name) for name in splits}) == 1
        if alike and "train" in splits.values() and len(set(splits.values())) > 1:
            return splits
    return {}


def _parts(folders: list[str], depth: int) -> Iterable[tuple[str, list[str]]]:
    """Yield a split and the folders that have it, of folders that share their first ``depth`` names."""
    inside: dict[str, list[str]] = {}
    for folder in folders:
        names = folder.split("/", depth + 1)
        if len(names) > depth:
            inside.setdefault(names[depth], []).append(folder)
    splits = split_folders(inside)
    for folder, members in inside.items():
        if folder in splits:
            yield splits[folder], members
        else:
            yield from _parts(members, depth + 1)
