"""UserError: what is wrong with a user's data or choice, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class UserError(Exception):
    """A user's data or choice cannot be used.

    The message is one sentence for the person at the screen: where, what was expected, what was found and
    what to do. Pages show it, the command line prints it and exits with 2. Our own bugs stay builtin
    exceptions and are never turned into this.

    Parameters
    ----------
    message : str
    retry : mapping, optional
        Options of a training with which it should go well, for instance ``{"bs": 16}``; pages make a button of it.
    lasting : bool
        Whether the very same would happen again: a run that ended so cannot be resumed.
    """

    def __init__(self, message: str, *, retry: Mapping[str, Any] | None = None, lasting: bool = False):
        super().__init__(message)
        self._message = message
        self.retry = dict(retry or {})
        self.lasting = lasting

    def __str__(self) -> str:
        """Return the sentence; not from ``args``, which fastai rewrites when a callback raises."""
        return self._message
