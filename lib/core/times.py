"""Times as files keep them: in UTC, to the second."""

from __future__ import annotations

import time


def utc(seconds: float | None = None) -> str:
    """Return a time, in seconds since 1970, as it is written; without one, that of now.

    Examples
    --------
    >>> utc(1795857410)
    '2026-11-28T09:16:50Z'
    """
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def day_and_time(written: str) -> str:
    """Return a time that `utc` gave, as it stands in a sentence.

    Examples
    --------
    >>> day_and_time("2026-11-28T09:16:50Z")
    'on 2026-11-28 at 09:16:50 UTC'
    """
    return f"on {written[:10]} at {written[11:19]} UTC"
