"""Reads lists of a path and a class a line, such as ``train.txt`` and ``val.txt``, and lists of several numbers.

A class is a name, a number or a WordNet id; a file such as classes.txt or synset_words.txt may name it. A line of 0 and
1 is a label a place. ``x,y,x,y,class`` are boxes: their classes are the labels. The name of a list says the split.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.choices import answer, refusal
from lib.importing.formats.lists import class_names, list_splits, text_lists, text_tables
from lib.importing.formats.lists.point_lists import NUMBERS, VALUES
from lib.importing.formats.lists.text_lists import Row, TextList
from lib.importing.formats.points.annotated import label_matrix
from lib.importing.formats.source import Reader, Source, note_no_label
from lib.importing.formats.tabular import label_cells, numbers_csv, onehot_csv
from lib.importing.parsed import Fix, Parsed, UnsureError
from lib.importing.problems import Problems
from lib.importing.tree import is_picture
from lib.importing.untrusted import describe, to_number
from lib.tasks.wanted import Wanted

NAME = "list of paths and classes"
EXPECTED = "train.txt, val.txt and the like with a path and a class (name or number) a line; classes.txt may name them"
TASKS = ("single-label", "multi-label", "regression")
#: The answers that say which cell is the class, and what several lines of one picture are.
COLUMN, ROWS = "list-column", "list-rows"
UNION, FIRST = "union", "first"
CHOICES = (COLUMN, ROWS)

_BOX = re.compile(r"-?\d+(\.\d+)?(,-?\d+(\.\d+)?){3},(?P<label>\d+)")
_MANY = 10  # lines of which more than half are different are no classes
_CELLS = 12  # among more numbers nobody looks for the class
_SHOWN = 6  # columns that are asked about


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether a list without column names has cells beside the pictures' names that repeat."""
    return source.table is None and bool(_chosen(source))


def _chosen(source: Source) -> list[TextList]:
    """Return the lists to read: those with as many cells as the largest, numbers or text; none if they are no classes.

    What is different in nearly every line is no class, but a number of the line or a sentence about the picture.
    """
    second = _second(source)
    able = [one for one in text_lists.lists(source.tree) if one.header is None and one.width and one not in second]
    able = [one for one in able if not _names_pairs(one)]
    for largest in sorted(able, key=lambda one: -len(one.rows)):
        numeric = _numeric(largest)
        alike = [one for one in able if _numeric(one) == numeric and (not numeric or one.width == largest.width)]
        lines = [" ".join(row.cells) for one in alike for row in one.rows]
        different, count = len(set(lines)), len(lines)
        many = count >= _MANY
        prose = largest.width > 1 and all(cell.isalpha() for row in largest.rows for cell in row.cells)
        few = 0 if prose else 2
        repeat = different <= max(few, count / 2) if many or not numeric else different < max(3, count)
        as_numbers = numeric and (largest.width > 1 or NUMBERS in source.choices)
        if repeat or as_numbers or (not many and largest.width == 1 and not numeric):
            return alike
    return []


def _names_pairs(one: TextList) -> bool:
    """Return whether most lines name a second picture, such as a mask."""
    return sum(is_picture(row.cells[0]) for row in one.rows if row.cells) > len(one.rows) / 2


def _second(source: Source) -> list[TextList]:
    return [*text_tables.partition_lists(source.tree), *text_tables.identity_lists(source.tree)]


def _numeric(one: TextList) -> bool:
    return all(to_number(cell) is not None for row in one.rows for cell in row.cells)


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the class of each picture, several labels where the lists say so, or numbers.

    Raises
    ------
    UnsureError
        If there are several cells a line and nothing says which is the class.
    UserError
        If two lists say different things of one picture.
    """
    texts, problems = _chosen(source), Problems()
    parsed = _read(source, texts, wanted, problems)
    seconds = _second(source)
    parsed.sources += [one.file for one in (*texts, *seconds)]
    named = {row.picture for one in texts for row in one.rows if row.picture is not None}
    parsed.left_out |= named - set(parsed.files)
    text_lists.note_declared(texts, problems)
    if persons := text_tables.persons(source.tree):
        parsed.groups = [persons.get(file, "") for file in parsed.files]
    partition = text_tables.partition(text_tables.partition_lists(source.tree))
    list_splits.keep_split(parsed, partition or list_splits.splits(texts, problems))
    return parsed


def _read(source: Source, texts: list[TextList], wanted: Wanted, problems: Problems) -> Parsed:
    rows = [row for one in texts for row in one.rows]
    cells = {cell for row in rows for cell in row.cells}
    numeric, width = all(map(_numeric, texts)), texts[0].width
    whole = all(cell.removeprefix("-").isdecimal() for cell in cells)
    if numeric and (wanted.plain_numbers or source.choices.get(NUMBERS) == VALUES or (width == 1 and not whole)):
        return _with_reader(numbers_csv, "number", source, texts, wanted, problems)
    if numeric and width > 1 and cells <= {"0", "1", "-1"} and COLUMN not in source.choices:
        return _with_reader(onehot_csv, "01", source, texts, wanted, problems)
    if COLUMN in source.choices:
        place = _column(source, width)
        return _with_labels(source, texts, [row.cells[place : place + 1] for row in rows], wanted, problems)
    if all(_BOX.fullmatch(cell) for row in rows[:_MANY] for cell in row.cells):
        boxes = [[_BOX.fullmatch(cell) for cell in row.cells] for row in rows]
        labels = [[box["label"] for box in one if box] if all(one) else [] for one in boxes]
        return _with_labels(source, texts, labels, wanted, problems)
    if width == 1 or (not numeric and all(one.spaced for one in texts)):
        reading = label_cells.Reading.of([" ".join(row.cells) for row in rows], "class", wanted, source.choices)
        parsed = _with_labels(source, texts, [reading.labels[" ".join(row.cells)] for row in rows], wanted, problems)
        parsed.fixes += label_cells.questions(reading, wanted)
        return parsed
    if numeric and _names_breeds(rows):
        parsed = _with_labels(source, texts, [row.cells[:1] for row in rows], wanted, problems, _breeds(rows))
        question = f"{texts[0].file}: of {width} numbers a line the first, the breed in the file names, is the class."
        parsed.fixes.append(Fix("", question, COLUMN, "2", "Read the second number, the species"))
        return parsed
    raise _which_column(texts, width)


def _column(source: Source, width: int) -> int:
    chosen = source.choices[COLUMN]
    if not chosen.isdecimal() or not 0 < int(chosen[:9]) <= width:
        raise refusal(COLUMN, chosen, f"a number from 1 to {width}")
    return int(chosen) - 1


def _which_column(texts: Sequence[TextList], width: int) -> UnsureError:
    first = texts[0].rows[0]
    if width > _CELLS and all(map(_numeric, texts)):
        question = (
            f"{texts[0].file}, line {first.number:,}: {width} numbers beside a file name, expected one class, or x "
            "and y "
            "of each point and nothing else. Remove the numbers that are no places, or say that all are to be "
            "predicted."
        )
        return UnsureError(question, [Fix("", question, NUMBERS, VALUES, "All are numbers to predict")])
    question = (
        f"{texts[0].file}, line {first.number:,}: {width} cells beside a file name "
        f"({sentences.listed(first.cells, 4, show=repr)}), expected one class. Say which cell is the class."
    )
    fixes = [
        Fix("", question, COLUMN, str(place + 1), f"Cell {place + 1}, such as {describe(texts[0].column(place)[0])}")
        for place in range(min(width, _SHOWN))
    ]
    if all(map(_numeric, texts)):
        fixes.append(Fix("", question, NUMBERS, VALUES, "All are numbers to predict"))
    return UnsureError(question, fixes)


def _breeds(rows: Sequence[Row]) -> dict[str, str]:
    """Return the name before the number in each file name, by the first cell: Abyssinian_100 is an Abyssinian."""
    return {row.cells[0]: PurePosixPath(row.name).stem.rpartition("_")[0] for row in rows if row.cells}


def _names_breeds(rows: Sequence[Row]) -> bool:
    """Return whether file names and the first of three cells say the same, as in the Oxford pets' lists."""
    pairs = {(row.cells[0], PurePosixPath(row.name).stem.rpartition("_")[0]) for row in rows if len(row.cells) == 3}
    breeds = _breeds(rows)
    return len(pairs) == len(breeds) == len(set(breeds.values())) and all(breeds.values())


# --- labels -----------------------------------------------------------------------------------------------------


def _with_labels(
    source: Source,
    texts: Sequence[TextList],
    labels: Sequence[Sequence[str]],
    wanted: Wanted,
    problems: Problems,
    named: dict[str, str] | None = None,
) -> Parsed:
    """Return the labels of each picture: ``labels`` are those of each line, ``named`` what they are called."""
    sources: list[str] = []
    if named is None:
        known = class_names.for_keys(source.tree, sorted({label for line in labels for label in line}))
        named, sources = (known[1], [known[0]]) if known else ({}, [])
    labels_of, fixes = _of_pictures(source, texts, labels, problems)
    shown = {picture: [named.get(label, label) for label in each] for picture, each in labels_of.items()}
    names = _order({label for each in labels_of.values() for label in each}, named)
    place = {name: label for label, name in enumerate(names)}
    files = list(shown)
    if not wanted.several_labels and all(len(each) == 1 for each in shown.values()):
        targs = np.array([place[each[0]] for each in shown.values()], dtype=np.int64)  # (N,)
        return Parsed(NAME, "single-label", names, files, targs, None, problems, sources=sources, fixes=fixes)
    if wanted.one_label:
        several = next(picture for picture, each in shown.items() if len(each) > 1)
        raise UserError(
            f"{texts[0].file}: {several} has {len(shown[several]):,} classes, expected one. Choose multi-label."
        )
    names, targs = label_matrix(names, [{place[label] for label in each} for each in shown.values()], problems)
    return Parsed(
        NAME, "multi-label", names, files, targs, None, problems, sources=sources, fixes=fixes, check=note_no_label
    )


def _order(keys: set[str], named: dict[str, str]) -> list[str]:
    """Return the names of classes in the order of their numbers, 2 before 10, else sorted."""
    order = sorted(keys, key=lambda key: (0, int(key), "") if key.isdecimal() and len(key) < 20 else (1, 0, key))
    return list(dict.fromkeys(named.get(key, key) for key in order))


def _of_pictures(
    source: Source, texts: Sequence[TextList], labels: Sequence[Sequence[str]], problems: Problems
) -> tuple[dict[str, list[str]], list[Fix]]:
    """Return the labels of each picture; several lines of one list are united, two lists have to agree."""
    chosen = answer(source.choices, ROWS, (UNION, FIRST)) or UNION
    labels_of: dict[str, list[str]] = {}
    first: dict[str, tuple[str, int]] = {}
    united = []
    lines = [(one.file, row) for one in texts for row in one.rows]
    for (file, row), line in zip(lines, labels, strict=True):
        where = f"{file}, line {row.number:,}"
        if row.picture is None:
            problems.add("row-without-image", f"{where}: {row.name or '(no name)'}")
        elif not line:
            problems.add("missing-value", f"{where}: {row.name}")
        elif row.picture not in labels_of:
            labels_of[row.picture], first[row.picture] = list(dict.fromkeys(line)), (file, row.number)
        elif first[row.picture][0] != file and set(line) != set(labels_of[row.picture]):
            other, number = first[row.picture]
            raise UserError(
                f"{where}: {row.picture} has the class {', '.join(line)}, but {', '.join(labels_of[row.picture])} in "
                f"{other}, line {number:,}: expected lists that agree. Remove the list that is wrong."
            )
        elif new := [label for label in line if label not in labels_of[row.picture]]:
            united.append(row.picture)
            if chosen == UNION:
                labels_of[row.picture] += dict.fromkeys(new)
    fixes = []
    if united and ROWS not in source.choices:
        count = sentences.count(len(set(united)), "image has", "images have")
        question = f"{count} several lines with different classes, such as {united[0]}: each has all of its classes."
        fixes = [Fix("", question, ROWS, FIRST, "Use the first line of each")]
    return labels_of, fixes


def _with_reader(
    reader: Reader, role: str, source: Source, texts: Sequence[TextList], wanted: Wanted, problems: Problems
) -> Parsed:
    """Return what the reader of columns of one role makes of the numbers, which have no names but those of a file."""
    width = texts[0].width
    known = class_names.for_keys(source.tree, [str(place) for place in range(width)]) if width > 1 else None
    columns = [known[1][str(place)] if known else f"column {place + 1}" for place in range(width)]
    with_names = [replace(one, header=tuple(columns)) for one in texts]
    table = text_tables.table_of(with_names, problems, wanted, roles=dict.fromkeys(columns, role))
    parsed = reader.read(Source(source.tree, table, source.choices), wanted)
    problems.take(parsed.problems)
    parsed.problems, parsed.format, parsed.sources = problems, NAME, [known[0]] if known else []
    return parsed
