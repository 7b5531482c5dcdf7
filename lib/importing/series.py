"""Finds series of images, such as of one person, by file name, folder or id column, and asks to keep them whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from lib import tasks
from lib.core.splits import split_of
from lib.datasets.splits import draw
from lib.importing import columns
from lib.importing.parsed import Fix, Parsed

if TYPE_CHECKING:
    from lib.importing.options import Options

#: Name of the choice. It holds one of the values below, or a pattern as `lib.datasets.splits.draw.choose` takes it.
CHOICE = "group"
#: Nothing belongs together; the folder that a picture is in, followed by a number where it is one further up.
NONE, FOLDER = "none", "folder"
#: The beginning of a name: to the end of its first part with a digit; up to the last separator before its number; the
#: same where letters stand before that number.
NUMBERED_PART = r"^(.*?\d[^_\-. ]*)[_\-. ](?=.*\.\w+$)"
PATTERN = r"(.*)[_\-. ]\d+\.\w+$"
LETTERED = r"(.*)[_\-. ][A-Za-z]+\d+\.\w+$"
_PATTERNS = (NUMBERED_PART, PATTERN, LETTERED)
#: What comes in series, by what it is called in names of files, folders and columns.
_THINGS = {
    "person": "person|people|pers|individual|face|human",
    "patient": "patient|pat|pt|pid|donor",
    "subject": "subject|subj|sub|participant|speaker|actor|child|infant|twin",
    "animal": "animal|mouse|mice|rat|cow|pig|bird",
    "lesion": "lesion|wound|tumou?r|nodule",
    "case": "case",
    "session": "session|visit",
    "video": "video|vid|clip|film|movie|mov|mp4|avi|mkv|sequence|seq|drive|flight|recording|rec",
    "camera": "camera|cam|sensor",
    "site": "site|hospital|clinic|institution|institute",
    "scene": "scene|scan|slide|location|plot|specimen|plant|tree|station",
}
_BEFORE, _AFTER = r"(?:^|(?<=[^A-Za-z]))", r"s?(?:[_\-. ]?\d|(?=[^A-Za-z])|$)"
_NUMBERED_THING = {
    thing: re.compile(f"{_BEFORE}(?:{words})s?[_\\-. ]?\\d|[_\\-.](?:mp4|avi|mov|mkv)$", re.IGNORECASE)
    for thing, words in _THINGS.items()
}
_THING = {thing: re.compile(f"{_BEFORE}(?:{words}){_AFTER}", re.IGNORECASE) for thing, words in _THINGS.items()}
#: Those that a column of is asked about; cameras and scenes are rather said than kept whole.
_OWNERS = ("person", "patient", "subject", "animal", "lesion", "case", "session", "video", "site")
_ID = re.compile(r"(?:^|[^A-Za-z])(?:u?u?id|identifier|code|key)(?:$|[^A-Za-z])|[a-z](?:ID|Id)$", re.IGNORECASE)
#: Folders of these names divide the data otherwise.
_PORTION = re.compile(r"^(?:fold|part|batch|shard|split|chunk|set|size|scale|version|v|x)s?[_\-. ]?\d+$", re.IGNORECASE)
#: Fewer series are rather classes, unless they are called after what comes in series.
_FEWEST = 10
_SEVERAL, _MOST = 0.8, 0.9  # share of images that have others of their series; share that have a series
_FRAME = re.compile(r"(?:^|[^A-Za-z])(?:frame|frm|fr)[_\-. ]?\d", re.IGNORECASE)
_FRAMES = 5  # images that each of a few videos has on average
_SHARD = 100  # images a folder has where many are filled equally
_SAMPLE = 20_000
_BRACES = str.maketrans({"{": "{{", "}": "}}"})


@dataclass(frozen=True)
class Series:
    """Pictures that may belong together.

    Attributes
    ----------
    choice, value, other : str
        Name of the choice, the answer that keeps them together, and the one that does not.
    names : list of str
        Series of each picture, "" where it has none.
    words : str
        How they are told, for the question; ``{count}`` and ``{name}`` are those of the largest one.
    """

    choice: str
    value: str
    other: str
    names: list[str]
    words: str


def questions(parsed: Parsed, options: Options) -> list[Fix]:
    """Ask whether pictures that seem to come in series are to be kept together, safe answer first.

    Nothing is asked where the series are the labels, where the source tells groups, and where its own splits divide no
    series.
    """
    known = parsed.groups is not None and parsed.groups != parsed.pictures  # more than what was cut out of a picture
    if options.group or known:
        return []
    row_of = {file: row for row, file in reversed(list(enumerate(parsed.origins)))}
    rows = sorted(row_of.values())
    sample = rows[:_SAMPLE]
    answered = {*options.choices, *(f"{columns.CHOICE}{name}" for name in options.columns)}
    candidates = (one for one in _candidates(parsed, sample) if one.choice not in answered)
    series = next((one for one in candidates if _plausible(one, parsed, sample)), None)
    if series is None or _kept_whole(parsed, series.names, sample):
        return []
    counts = Counter(name for name in series.names if name)
    name, count = counts.most_common(1)[0]
    more = "of the first names " if len(rows) > _SAMPLE else ""
    words = series.words.format(count=f"{count:,}")
    question = (
        f"The images {more}seem to come in {len(counts):,} series, such as the {words} {name!r}: if a series shows one "
        "person, patient or scene, it should not be divided between splits, or validation or test metrics would be "
        "too good."
    )
    other = "Divide the images at random" if parsed.splits is None else "Leave the splits as they are"
    return [
        Fix("", question, series.choice, series.value, "Keep each series in one split", safe=True, blocks=True),
        Fix("", question, series.choice, series.other, other, blocks=True),
    ]


def groups(parsed: Parsed, options: Options) -> list[str] | None:
    """Return the group of each row as it was asked for, else as the source tells it, "" where it has none.

    Raises
    ------
    UserError
        If a pattern cannot be used.
    """
    value = options.group or options.choices.get(CHOICE)
    if not value or value == NONE:
        return parsed.groups
    # By the pictures' names, so that no pattern divides what was cut out of one picture.
    if (read := _reading(value)) is not None:
        return [read(file) for file in parsed.origins]
    return draw.groups_of(parsed.origins, value)


def record(parsed: Parsed, options: Options, names: Sequence[str]) -> dict[str, object] | None:
    """Return by what the images were kept together, for the dataset: ``by`` and ``groups``; None where nothing was.

    An answer that divides them all the same is ``by`` "" with 0 groups.
    """
    count = len(set(names) - {""})
    value = options.group or options.choices.get(CHOICE)
    if value == NONE and not count:
        return {"by": "", "groups": 0}
    if not count:
        return None
    if value and value != NONE:
        by = _thing_of(names) or ("folder" if value.startswith(FOLDER) else "file name")
    elif parsed.groups == parsed.pictures:
        by = "image"
    else:
        by = next((column.name for column in parsed.columns if column.role == "group"), "group")
    return {"by": by, "groups": count}


def _thing_of(names: Sequence[str]) -> str:
    """Return what numbered names such as "person_001" are called after, "" where most are called otherwise."""
    unique = sorted(set(names) - {""})
    for thing, pattern in _NUMBERED_THING.items():
        if sum(pattern.search(name) is not None for name in unique) >= _SEVERAL * len(unique):
            return thing
    return ""


def _reading(value: str) -> Callable[[str], str] | None:
    """Return what tells the series of a picture's path, None for a pattern of the user's own."""
    if value in _PATTERNS:
        return partial(_beginning, re.compile(value))
    if re.fullmatch(rf"{FOLDER}( [2-9])?", value):
        return partial(_folder, int(value.removeprefix(FOLDER) or 1))
    return None


def _beginning(pattern: re.Pattern[str], file: str) -> str:
    match = pattern.search(file.rpartition("/")[2])
    return match.group(1) if match else ""


def _folder(level: int, file: str) -> str:
    folders = file.split("/")[:-1]
    return folders[-level] if len(folders) >= level else ""


def _candidates(parsed: Parsed, sample: list[int]) -> Iterator[Series]:
    """Yield what may be series, the surest first."""
    for column, cells in parsed.ids.items():
        names = [cells[row] for row in sample]
        many = len(set(names)) >= _FEWEST and (_ID.search(column) is not None or _are_codes(names))
        if many or any(_THING[thing].search(column) for thing in _OWNERS):
            words = f"{{count}} of which the column {repr(column).translate(_BRACES)} says"
            yield Series(f"{columns.CHOICE}{column}", "group", "ignore", names, words)
    files = [parsed.origins[row] for row in sample]
    depth = min(9, max(file.count("/") for file in files))
    in_folders = []
    for level in range(depth, 0, -1):  # a patient's folder is above those of the studies
        names = [_folder(level, file) for file in files]
        if _are_ids(names):
            value = f"{FOLDER} {level}" if level > 1 else FOLDER
            in_folders.append(Series(CHOICE, value, NONE, names, "{count} in folders called"))
    yield from (one for one in in_folders if _thing_of(one.names))
    for pattern in map(re.compile, _PATTERNS):
        names = [_beginning(pattern, file) for file in files]
        yield Series(CHOICE, pattern.pattern, NONE, names, "{count} whose names begin with")
    yield from in_folders


def _are_codes(names: list[str]) -> bool:
    """Return whether cells are codes of letters and digits, such as P0012, and neither words nor numbers."""
    unique = set(names) - {""}
    codes = sum(re.search(r"[A-Za-z]", name) is not None and re.search(r"\d", name) is not None for name in unique)
    return len(unique) >= _FEWEST and codes >= _MOST * len(unique)


def _are_ids(names: list[str]) -> bool:
    """Return whether folders are numbered, and not because the data is in portions."""
    counts = Counter(name for name in names if name)
    if len(counts) < 2:
        return False
    numbered = [name for name in counts if re.search(r"\d", name)]
    portions = [name for name in counts if _PORTION.match(name) or split_of(name)]
    if len(numbered) < _SEVERAL * len(counts) or len(portions) >= _SEVERAL * len(counts):
        return False
    *_, (_, full) = counts.most_common(max(1, len(counts) - 1))
    shards = full == max(counts.values()) >= _SHARD and all(name.isdigit() for name in numbered)
    return not shards


def _plausible(series: Series, parsed: Parsed, sample: list[int]) -> bool:
    counts = Counter(name for name in series.names if name)
    several = sum(count for count in counts.values() if count > 1)
    if len(counts) < 2 or counts.total() < _MOST * len(sample) or several < _SEVERAL * counts.total():
        return False
    if len(counts) < _FEWEST:
        thing = _thing_of(series.names)
        if series.choice == CHOICE and not thing:
            return False
        few = thing in ("video", "camera", "scene") and counts.total() < _FRAMES * len(counts)
        if few and not (thing == "video" and _are_frames(parsed, sample)):
            return False
    return not _are_labels(series.names, parsed, sample)


def _are_frames(parsed: Parsed, sample: list[int]) -> bool:
    """Return whether the pictures are called frames: those of one video are alike even where there are a few."""
    files = [parsed.origins[row].rpartition("/")[2] for row in sample]
    return sum(_FRAME.search(file) is not None for file in files) >= _SEVERAL * len(files)


def _are_labels(names: list[str], parsed: Parsed, sample: list[int]) -> bool:
    """Return whether series are labels: called like them, or one for each."""
    if not tasks.get(parsed.task).has_labels:
        return False
    unique = set(names) - {""}
    labels = {_plain(label) for label in parsed.names}
    if sum(_plain(name) in labels for name in unique) >= _SEVERAL * len(unique):
        return True
    targets = [parsed.targs[row].tobytes() for row in sample]
    pairs = {(name, target) for name, target in zip(names, targets, strict=True) if name}
    return len(pairs) == len(unique) <= len(set(targets))


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _kept_whole(parsed: Parsed, names: list[str], sample: list[int]) -> bool:
    """Return whether the splits of the source divide no series."""
    if parsed.splits is None or len(set(parsed.splits)) == 1:
        return False
    pairs = {(name, parsed.splits[row]) for name, row in zip(names, sample, strict=True) if name}
    return len(pairs) == len(set(names) - {""})
