"""Finds file names that number several images of one series: a person, a scene, a video."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from lib.importing.parsed import Fix, Parsed

if TYPE_CHECKING:
    from lib.importing.options import Options

#: Name of the choice; what it holds is a pattern as `lib.datasets.splits.draw.choose` takes it.
CHOICE = "group"
#: The beginning of a name, up to the last separator before its number.
PATTERN = r"(.*)[_\-. ]\d+\.\w+$"
#: Fewer beginnings are rather classes or cameras than persons.
_FEWEST = 10
_SAMPLE = 20_000


def answer(options: Options) -> str | None:
    """Return the pattern that was chosen as an answer."""
    return options.choices.get(CHOICE) or None


def question(parsed: Parsed, options: Options) -> Fix | None:
    """Ask whether pictures whose names begin alike belong together, where every name has such a beginning.

    Nothing is asked where there are hardly more beginnings than labels, because they are rather the labels' names, and
    where the source's own splits divide no series.
    """
    known = parsed.groups is not None and parsed.groups != parsed.pictures  # more than what was cut out of a picture
    if options.group or CHOICE in options.choices or known:
        return None
    pictures = list(dict.fromkeys(parsed.origins))
    sample = pictures[:_SAMPLE]
    matches = [match for file in sample if (match := re.search(PATTERN, PurePosixPath(file).name)) is not None]
    if len(matches) < len(sample):
        return None
    starts = Counter(match.group(1) for match in matches)
    several = sum(count for count in starts.values() if count > 1)
    if len(starts) < _FEWEST or several < 0.8 * len(matches):
        return None
    if len(starts) <= len(parsed.names) or _kept_whole(parsed, [match.group(1) for match in matches]):
        return None
    example, count = starts.most_common(1)[0]
    more = "of the first names " if len(pictures) > _SAMPLE else ""
    return Fix(
        "",
        f"The images {more}seem to come in {len(starts):,} series, such as the {count:,} whose names begin with "
        f"{example!r}: if a series shows one person, patient or scene, it should not be divided between training and "
        "validation, or the result would be too good.",
        CHOICE,
        PATTERN,
        "Keep each series in one split",
    )


def _kept_whole(parsed: Parsed, starts: list[str]) -> bool:
    """Return whether the splits of the source divide no series."""
    if parsed.splits is None or len(set(parsed.splits)) == 1:
        return False
    of_picture = dict(zip(parsed.origins, parsed.splits, strict=True))
    return len(set(zip(starts, of_picture.values(), strict=False))) == len(set(starts))
