"""Answers of a network that looked at pictures, written as the worker leaves them, without any network."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core import files, processes, tensor_files
from lib.core.dataset import Dataset
from lib.core.questions.requests import ANSWER
from lib.inference.similar import features, maps, reduced
from lib.inference.similar.questions import SeenQuestion


def put(dataset: Dataset, values: np.ndarray, positions: np.ndarray | None = None) -> None:
    """Leave directions (N, D) as the features of all pictures, and ``positions`` (N, 2) as the map of them."""
    rows, one = np.arange(len(dataset), dtype=np.int32), np.ones(1, np.int64)
    directions = (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float16)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(processes, "spawn", lambda *_, **__: True)
        seen = {"rows": rows, "values": directions, "reduced": reduced.of(directions), "left_out": 0 * one}
        _answer(features.ask(dataset), seen)
        if positions is not None:
            drawn = {"rows": rows, "positions": positions, "drawn": len(rows) * one, "kept": one.astype(np.float32)}
            _answer(maps.ask(dataset), drawn)


def _answer(question: SeenQuestion, arrays: dict[str, np.ndarray]) -> None:
    path = question.path(ANSWER)
    files.write_atomic(path, tensor_files.pack(arrays, path.name))
