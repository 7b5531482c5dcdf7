"""UserError and its kinds: what is wrong with a user's data or choice, and what to do about it."""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from typing import Any

#: What Python and Rust put around the words of the operating system.
_NUMBER = re.compile(r"\[Errno -?\d+\] | \(os error \d+\)")


def reason(error: BaseException) -> str:
    """Return why something failed, in words that fit in parentheses: without the number that the system gives it.

    Examples
    --------
    >>> reason(FileNotFoundError(2, "No such file or directory", "/a/b"))
    'No such file or directory'
    >>> reason(ValueError("no number"))
    'no number'
    """
    if isinstance(error, OSError) and error.strerror:
        return _NUMBER.sub("", error.strerror)
    return _NUMBER.sub("", str(error)) or type(error).__name__


def unread(error: BaseException) -> str:
    """Return why a file cannot be read, in words that fit in parentheses: `reason`, but "it is missing" of a lost one.

    Examples
    --------
    >>> unread(FileNotFoundError(2, "No such file or directory", "/a/b"))
    'it is missing'
    """
    return "it is missing" if isinstance(error, FileNotFoundError) else reason(error)


def is_full(error: BaseException) -> bool:
    """Return whether something failed because a disk is full, a quota is used up or a file may not grow."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
    flags : str, optional
        By which options of the command line what the message says is done; there alone they are added to it.
    """

    def __init__(self, message: str, *, retry: Mapping[str, Any] | None = None, lasting: bool = False, flags: str = ""):
        super().__init__(message)
        self._message = message
        self.retry = dict(retry or {})
        self.lasting = lasting
        self.flags = flags

    def __str__(self) -> str:
        """Return the sentence; not from ``args``, which fastai rewrites when a callback raises."""
        return self._message


class DamagedError(UserError):
    """A file of the workspace is not what was written there; the message says which, since when, and what can be done.

    What is damaged breaks only itself: pages show it as damaged, with this sentence, beside what is whole.
    """
