"""Times as files keep them: in UTC, to the second."""

from __future__ import annotations

import calendar
import time


def utc(seconds: float | None = None) -> str:
    """Return a time, in seconds since 1970, as it is written; without one, that of now.

    Examples
    --------
    >>> utc(1795857410)
    '2026-11-28T09:16:50Z'
    """
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def seconds(written: str) -> float:
    """Return a time that `utc` gave in seconds since 1970.

    Examples
    --------
    >>> seconds("2026-11-28T09:16:50Z")
    1795857410.0
    """
    return float(calendar.timegm(time.strptime(written, "%Y-%m-%dT%H:%M:%SZ")))


def duration(seconds: float) -> str:
    """Return a duration in words, to the half minute where it is short.

    Examples
    --------
    >>> duration(40), duration(160), duration(4000)
    ('40 s', '2.5 min', '1 h 7 min')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 600:
        return f"{round(seconds / 30) / 2:g} min"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def day_and_time(written: str) -> str:
    """Return a time that `utc` gave, as it stands in a sentence.

    Examples
    --------
    >>> day_and_time("2026-11-28T09:16:50Z")
    'on 2026-11-28 at 09:16:50 UTC'
    """
    return f"on {written[:10]} at {written[11:19]} UTC"
