"""Splits cells into labels, and asks where the separator or the spelling is not sure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lib.core import sentences
from lib.importing.choices import answer
from lib.importing.parsed import Fix
from lib.importing.tables.cells import LISTED
from lib.importing.tables.words import SEVERAL
from lib.tasks.wanted import Wanted

#: Names of the answers.
SPELLING, ONE = "spelling", "one"
CHOICES = ("separator", "together", SPELLING)
#: Values of the choice "separator": what each stands for.
SEPARATORS: dict[str, str | None] = {"space": " ", "comma": ",", "semicolon": ";", "pipe": "|", "none": None}
_WORDS = {" ": "space", ",": "comma", ";": "semicolon", "|": "pipe"}
_SHOWN = 3  # labels named in a question
_MOST_TOGETHER = 20  # pairs asked about at once


def split_cell(cell: str, separator: str | None, together: tuple[str, ...] = ()) -> list[str]:
    """Return the different labels of a cell in order; a list as Python writes it is understood too.

    ``together`` are labels that contain the separator.

    Examples
    --------
    >>> split_cell("cat dog  cat", " ")
    ['cat', 'dog']
    >>> split_cell("['cat', 'big dog']", ",")
    ['cat', 'big dog']
    >>> split_cell("car traffic light", " ", ("traffic light",))
    ['car', 'traffic light']
    """
    listed = _is_listed(cell)
    parts = (cell[1:-1] if listed else cell).split(separator) if separator else [cell]
    parts = [part.strip().strip("'\"") if listed else part.strip() for part in parts]
    parts = [part for part in parts if part]
    if together and separator:
        parts = _joined(parts, {tuple(_parts(name, separator)): name for name in together})
    return list(dict.fromkeys(parts))


def _is_listed(cell: str) -> bool:
    return cell.startswith("[") and cell.endswith("]")


def _parts(name: str, separator: str) -> list[str]:
    return [part for one in name.split(separator) if (part := one.strip())]


def _joined(parts: list[str], names: dict[tuple[str, ...], str]) -> list[str]:
    longest, labels, at = max(map(len, names)), [], 0
    while at < len(parts):
        for count in range(min(longest, len(parts) - at), 0, -1):
            run = tuple(parts[at : at + count])
            if count == 1 or run in names:
                labels.append(names.get(run, parts[at]))
                at += count
                break
    return labels


@dataclass(frozen=True)
class Reading:
    """How the cells of a column are taken apart.

    Attributes
    ----------
    column : str
    separator : str, or None
        None where each cell is one label.
    labels : dict of str to list of str
        Labels of each different cell.
    asked : frozenset of str
        Names of the choices that the user made.
    """

    column: str
    separator: str | None
    labels: dict[str, list[str]]
    asked: frozenset[str]

    @classmethod
    def of(cls, cells: list[str], column: str, wanted: Wanted, choices: Mapping[str, str]) -> Reading:
        """Return how ``cells`` are read, as the user chose or by a guess."""
        different = list(dict.fromkeys(cells))
        if (chosen := answer(choices, "separator", tuple(SEPARATORS))) is not None:
            separator = SEPARATORS[chosen]
        else:
            separator = None if wanted.one_label else guess_separator(different, column, wanted, len(cells))
        if any(LISTED in cell for cell in different):  # taken apart already
            separator = LISTED
        together = tuple(name for name in choices.get("together", "").split("|") if name)
        labels = {cell: split_cell(cell, separator, together) for cell in different}
        if choices.get(SPELLING) == ONE:
            labels = _one_spelling(labels, Counter(cells))
        return cls(column, separator, labels, frozenset(choices))


def guess_separator(cells: list[str], column: str, wanted: Wanted, rows: int = 0) -> str | None:
    """Return what seems to stand between two labels of one cell, None if nothing does.

    ``cells`` are the different ones among ``rows`` rows.
    """
    for sure in ("|", ";"):
        if any(sure in cell for cell in cells):
            return sure
    if any(map(_is_listed, cells)):
        return ","
    for separator in (",", " "):
        if any(separator in cell for cell in cells):
            if wanted.several_labels or _is_list(cells, separator):
                return separator
            names = rows >= 2 * len(cells) and not _recurs(cells, separator)  # cells recur, no word elsewhere
            return separator if column.lower() in SEVERAL and not names else None
    return None


def _is_list(cells: list[str], separator: str) -> bool:
    """Return whether most parts also stand alone: "cat dog" does in a list, "golden retriever" in a name."""
    parts = {part for cell in cells if separator in cell for part in split_cell(cell, separator)}
    alone = {cell for cell in cells if separator not in cell}
    return len(parts & alone) >= len(parts) / 2


def _recurs(cells: list[str], separator: str) -> bool:
    """Return whether a part of a cell is also one of another: if none is, cells are rather names of several words."""
    count = Counter(part for cell in cells for part in split_cell(cell, separator))
    return any(times > 1 for times in count.values())


def questions(reading: Reading, wanted: Wanted) -> list[Fix]:
    """Return what is not sure about a reading: its separator, labels that contain it, labels in two spellings."""
    fixes = []
    if "separator" not in reading.asked and not wanted.one_label:
        fixes += _about_separator(reading)
    if "together" not in reading.asked and (pairs := _inseparable(reading)):
        named = sentences.listed(pairs, _SHOWN, show=repr)
        sep = _WORDS[reading.separator or " "]
        fixes.append(
            Fix(
                "",
                f"The words of {named} only ever stand side by side in column {reading.column!r}, so "
                f"{sentences.word(len(pairs), 'it', 'each')} may be one label that contains the separator, a {sep}.",
                "together",
                "|".join(pairs),
                f"Read {sentences.word(len(pairs), repr(pairs[0]), 'each')} as one label",
            )
        )
    if "spelling" not in reading.asked:
        names = {name for labels in reading.labels.values() for name in labels}
        fixes += about_spelling(f"Labels of column {reading.column!r}", names)
    return fixes


def about_spelling(what: str, names: Iterable[str]) -> list[Fix]:
    """Ask whether labels that are spelled almost alike are one; ``what`` says where they are from."""
    spellings: dict[str, list[str]] = {}
    for name in sorted(names):
        spellings.setdefault(folded(name), []).append(name)
    twice = [alike for alike in spellings.values() if len(alike) > 1]
    if not twice:
        return []
    named = "; ".join(" and ".join(map(repr, alike[:_SHOWN])) for alike in twice[:_SHOWN])
    question = f"{what} differ in capitals or spaces only: {named}."
    return [Fix("", question, SPELLING, ONE, "Read each as one label")]


def _about_separator(reading: Reading) -> list[Fix]:
    """Ask about characters in labels that part labels elsewhere, and about a separator that may be part of names."""
    names = {name for labels in reading.labels.values() for name in labels}
    now = _WORDS.get(reading.separator or "", "")
    fixes: list[Fix] = []
    if reading.separator == LISTED:
        return fixes
    for other, word in _WORDS.items():
        having = sorted(name for name in names if other in name)
        if not having or other == reading.separator or not _may_separate(having, names, other, reading):
            continue
        read = f"{now}s are read as what parts labels" if now else "each cell is read as one label"
        question = (
            f"In column {reading.column!r} {read}, but {sentences.count(len(having), 'label has', 'labels have')} "
            f"a {word} inside, such as {having[0]!r}."
        )
        fixes.append(Fix("", question, "separator", word, f"Part labels at {word}s"))
    if reading.separator is None and reading.column.lower() in SEVERAL and not fixes:
        whole = next((cell for cell in reading.labels if " " in cell.strip()), None)
        if whole is not None:
            question = (
                f"In column {reading.column!r} each cell is read as one label, because no word of {whole!r} or of "
                "another cell stands in two of them."
            )
            fixes.append(Fix("", question, "separator", "space", "Part labels at spaces"))
    if reading.separator in (" ", ",") and not _parts_stand_alone(reading):
        whole = next(cell for cell, parts in reading.labels.items() if len(parts) > 1)
        question = (
            f"In column {reading.column!r} labels are parted at {now}s, but hardly a part of such a cell stands alone "
            f"in another, so {whole!r} may be one label that contains a {now}."
        )
        fixes.append(Fix("", question, "separator", "none", "Read each cell as one label"))
    return fixes


def _may_separate(having: list[str], names: set[str], other: str, reading: Reading) -> bool:
    """Return whether ``other`` may part labels: a space does if its parts are labels elsewhere."""
    if other in "|;" or (other == "," and reading.separator != ","):
        return True
    return any(names.issuperset(split_cell(name, other)) for name in having)


def _parts_stand_alone(reading: Reading) -> bool:
    several = [parts for parts in reading.labels.values() if len(parts) > 1]
    if not several or any(map(_is_listed, reading.labels)):
        return True
    alone = {parts[0] for parts in reading.labels.values() if len(parts) == 1}
    mixed = Counter(part for parts in several for part in parts)
    return bool(alone & set(mixed)) or any(count > 1 for count in mixed.values())


def _inseparable(reading: Reading) -> list[str]:
    """Return runs of two or more parts that never stand without each other, at least twice and not in one cell only."""
    if reading.separator not in (" ", ",") or any(map(_is_listed, reading.labels)):
        return []
    before: dict[str, set[str | None]] = {}
    after: dict[str, set[str | None]] = {}
    count: Counter[str] = Counter()
    for parts in reading.labels.values():
        count.update(parts)
        for left, right in zip([None, *parts], [*parts, None], strict=True):
            if left is not None:
                after.setdefault(left, set()).add(right)
            if right is not None:
                before.setdefault(right, set()).add(left)
    follows = {}
    for left, rights in after.items():
        right = next(iter(rights))
        if len(rights) == 1 and right is not None and before[right] == {left} and count[left] > 1:
            follows[left] = right
    runs = []
    for start in follows.keys() - set(follows.values()):
        run = [start]
        while run[-1] in follows and follows[run[-1]] not in run:
            run.append(follows[run[-1]])
        runs.append((reading.separator + " " if reading.separator == "," else " ").join(run))
    return sorted(run for run in runs if "|" not in run)[:_MOST_TOGETHER]


def folded(name: str) -> str:
    """Return what spellings of a label share: capitals, spaces and underscores do not count."""
    return " ".join(name.replace("_", " ").casefold().split())


def _one_spelling(labels: dict[str, list[str]], often: Counter[str]) -> dict[str, list[str]]:
    """Give every label the spelling that most rows have."""
    count: Counter[str] = Counter()
    for cell, cell_labels in labels.items():
        for name in cell_labels:
            count[name] += often[cell]
    best = best_spelling(count)
    return {cell: list(dict.fromkeys(best[name] for name in cell_labels)) for cell, cell_labels in labels.items()}


def best_spelling(count: Mapping[str, int]) -> dict[str, str]:
    """Return for each label the spelling to read it in: of those that are almost alike, the one with most rows.

    Examples
    --------
    >>> best_spelling({"Cat": 1, "cat": 5, "dog": 2})
    {'cat': 'cat', 'dog': 'dog', 'Cat': 'cat'}
    """
    best: dict[str, str] = {}
    order = sorted(count, key=lambda name: (-count[name], name))
    for name in order:
        best.setdefault(folded(name), name)
    return {name: best[folded(name)] for name in order}
