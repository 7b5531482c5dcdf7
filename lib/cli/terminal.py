"""What a command prints steers no terminal, whatever labels, files and runs are called."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from typing import IO, Any

#: Control characters but tab and line's end, what turns the direction of writing, and halves of surrogate pairs, which
#: no terminal can show.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def clean(text: str) -> str:
    r"""Return a text with a mark in place of each character that would steer a terminal.

    Examples
    --------
    >>> clean("a\x1b[31mb")
    'a�[31mb'
    """
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text)


def spelled(text: str) -> str:
    r"""Return JSON in which such characters are spelled out: it says the same.

    Examples
    --------
    >>> print(spelled('"a\x9bb"'))
    "a\u009bb"
    """
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


class _Clean:
    """A standard stream that writes through `clean`; all else is the stream's."""

    def __init__(self, stream: IO[str]):
        self.stream = stream

    def write(self, text: str) -> int:
        self.stream.write(clean(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextlib.contextmanager
def cleaned() -> Iterator[None]:
    """Clean what is written to the standard streams as long as this lasts."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Clean(sys.stdout), _Clean(sys.stderr)  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def rewrite(text: str, *, is_last: bool) -> None:
    """Write a line of progress over the one before, where the errors are shown on a terminal."""
    stream = sys.stderr.stream if isinstance(sys.stderr, _Clean) else sys.stderr
    if stream.isatty():
        print(f"\r{clean(text)} ", end="\n" if is_last else "", file=stream, flush=True)
