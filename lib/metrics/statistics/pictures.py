"""Sizes of pictures and the groups that they belong to. numpy only."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Counted(NamedTuple):
    """Distinct values and in how many images each occurs: the most frequent first, of equal ones the smallest."""

    values: np.ndarray
    images: np.ndarray


class Groups(NamedTuple):
    """Groups of images: their names, how many images each has, and how many splits it is in; the largest first."""

    names: np.ndarray
    images: np.ndarray
    splits: np.ndarray


def sizes(widths_heights: np.ndarray) -> Counted:
    """Return the distinct sizes of pictures (S, 2), (width, height) in pixels, from those of all images (N, 2).

    Examples
    --------
    >>> [part.tolist() for part in sizes(np.array([[4, 3], [8, 6], [8, 6]]))]
    [[[8, 6], [4, 3]], [2, 1]]
    """
    whole = np.asarray(widths_heights, dtype=np.int64)
    values, images = np.unique(whole[:, 0] << 32 | whole[:, 1], return_counts=True)
    order = np.argsort(-images, kind="stable")
    return Counted(np.stack([values >> 32, values & 0xFFFFFFFF], axis=1)[order], images[order])


def coarse(counted: Counted, most: int = 400, cells: int = 30) -> Counted:
    """Return sizes to draw: as they are, or of more than ``most`` the middles of the cells that they lie in."""
    if len(counted.images) <= most:
        return counted
    widths, heights = counted.values.T.astype(np.float64)
    images, x, y = np.histogram2d(widths, heights, cells, weights=counted.images)
    i, j = np.nonzero(images)
    middles = np.stack([(x[i] + x[i + 1]) / 2, (y[j] + y[j + 1]) / 2], axis=1)
    return Counted(middles, images[i, j].astype(np.int64))


def groups(names: np.ndarray, splits: np.ndarray) -> Groups:
    """Return the groups that images belong to; images without one ("") are left out.

    Parameters
    ----------
    unique, splits : ndarray of str, shape (N,)

    Examples
    --------
    >>> unique, splits = np.array(["a", "b", "b", ""]), np.array(["train", "train", "valid", "train"])
    >>> [part.tolist() for part in groups(unique, splits)]
    [['b', 'a'], [2, 1], [2, 1]]
    """
    named = names != ""
    unique, numbers, images = np.unique(names[named], return_inverse=True, return_counts=True)
    kinds, kind = np.unique(splits[named], return_inverse=True)
    in_split = np.zeros((len(unique), len(kinds)), bool)
    in_split[numbers, kind] = True
    order = np.argsort(-images, kind="stable")
    return Groups(unique[order], images[order], in_split.sum(axis=1)[order])


def group_numbers(names: np.ndarray) -> np.ndarray:
    """Return a number an image, int64 of shape (N,), that images of one group share and no other has.

    An image without a group ("") is one of its own.

    Examples
    --------
    >>> group_numbers(np.array(["a", "", "a", ""])).tolist()
    [0, 1, 0, 2]
    """
    _, ids = np.unique(names, return_inverse=True)
    alone = names == ""
    ids = np.where(alone, len(names) + np.arange(len(names)), ids)
    _, first, numbers = np.unique(ids, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[numbers]
