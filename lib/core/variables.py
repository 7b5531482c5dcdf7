"""Limits that variables of the environment state, as bytes."""

from __future__ import annotations

import os

from lib.core.errors import UserError

_BYTES = {"MB": 10**6, "GiB": 2**30}
_MOST = 2**50  # more than any disk or memory has, where somebody states a number without end


def stated_bytes(variable: str, default: float, unit: str) -> int:
    """Return how many bytes ``variable`` states in ``unit``, MB or GiB; ``default`` of them where it is not set.

    Raises
    ------
    UserError
        If it is no positive number.
    """
    text = os.environ.get(variable, "")
    try:
        number = float(text) if text else default
        if not number > 0:
            raise ValueError(text)
    except ValueError as error:
        raise UserError(f"{variable}: expected a positive number of {unit}, found {text[:40]!r}.") from error
    return int(min(number * _BYTES[unit], _MOST))
