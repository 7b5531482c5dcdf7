"""A cache of what was computed for one state of a dataset."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

import numpy as np

from lib.core.dataset import Dataset

T = TypeVar("T")
#: States of datasets that are remembered, and answers of each: mostly arrays of 4 bytes an image.
_STATES, _ANSWERS = 3, 12
_cache: OrderedDict[int, tuple[Dataset, OrderedDict[Hashable, object]]] = OrderedDict()
_lock = threading.Lock()  # the web server's threads share it


def remember(dataset: Dataset, key: Hashable, make: Callable[[], T]) -> T:
    """Return the value kept for this state of the dataset, or compute and keep it; of the values the last few are kept.

    Two threads may compute the same at once: that costs time, nothing else.

    Parameters
    ----------
    dataset : Dataset
        Of one state there is one object, see `lib.datasets.store.load`.
    key : hashable
        Names the value.
    make : callable
        Computes it. Arrays, also in a tuple, are read-only from then on.
    """
    with _lock:
        # By id: a dataset cannot be hashed, and as long as it is held here no other has its id.
        _, answers = _cache.setdefault(id(dataset), (dataset, OrderedDict()))
        _cache.move_to_end(id(dataset))
        while len(_cache) > _STATES:
            _cache.popitem(last=False)
        if key in answers:
            answers.move_to_end(key)
            return cast(T, answers[key])  # under one key lies what one `make` gives
    value = make()
    for array in value if isinstance(value, tuple) else (value,):
        if isinstance(array, np.ndarray):
            array.setflags(write=False)
    with _lock:
        answers[key] = value
        while len(answers) > _ANSWERS:
            answers.popitem(last=False)
    return value
