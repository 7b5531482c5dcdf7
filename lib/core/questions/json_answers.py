"""Answers that are JSON, where arrays by name say little: packed as one array, and read by their type."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from lib.core import json_files
from lib.core.errors import UserError
from lib.core.questions.requests import ANSWER, Question

A = TypeVar("A")
_ARRAY = "json"


def pack(answer: Any) -> dict[str, np.ndarray[Any, Any]]:
    """Return what `lib.core.json_files.encode` takes as the answer of a worker.

    Examples
    --------
    >>> pack([1])["json"].tobytes()
    b'[1]'
    """
    return {_ARRAY: np.frombuffer(json_files.encode(answer), dtype=np.uint8)}


def read(question: Question, form: type[A]) -> A:
    """Return the answer to a question as ``form``.

    Raises
    ------
    UserError
        If there is none, or it is damaged.
    """
    try:
        return json_files.decode(question.result()[_ARRAY].tobytes(), form)
    except (KeyError, ValueError) as error:
        damaged = f"The answer {question.path(ANSWER)} cannot be read ({error}): ask again."
        raise UserError(damaged) from error
