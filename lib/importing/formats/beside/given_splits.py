"""Splits that a source gives beside its labels: folders above the pictures, second tables and lists of names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from lib.core import sentences
from lib.core.splits import split_in, split_of
from lib.importing.choices import answer
from lib.importing.columns import CHOICE as CHOICE_OF_COLUMN
from lib.importing.columns import CHOSEN
from lib.importing.formats.beside import split_files
from lib.importing.formats.lists import list_splits, text_lists, text_tables
from lib.importing.formats.lists.text_lists import TextList
from lib.importing.parsed import Fix, Parsed
from lib.importing.problems import Problems
from lib.importing.split_folders import splits_of_folders
from lib.importing.tables.table import Table
from lib.importing.tables.words import is_fold, words
from lib.importing.tree import Tree

#: The answers that say which source of splits is right, and what images are that none of them names.
CHOICE, UNLISTED = "split-source", "unlisted"
TABLE, FOLDERS, LISTS, CAREFUL = "table", "folders", "lists", "careful"
LEAVE_OUT, TRAIN = "leave-out", "train"
CHOICES = (CHOICE, UNLISTED)

_STRICT = ("test", "valid", "train")
_TITLES = {TABLE: "The table of labels is right", FOLDERS: "The folders are right", LISTS: "The lists are right"}


def give(parsed: Parsed, tree: Tree, tables: Sequence[Table], choices: Mapping[str, str]) -> None:
    """Give each row the split that folders, tables and lists say; ask where they contradict each other.

    Lists are more exact than the table of labels, and that than folders: what one calls train may be divided by the
    next. An image that none of them names is left out, and noted, if they name images to train on.

    Parameters
    ----------
    parsed : Parsed
    tree : Tree
    tables : sequence of Table
        Tables that say splits only.
    choices : mapping
        Answers of the user.

    Raises
    ------
    UserError
        If an answer is none.
    """
    chosen = answer(choices, CHOICE, (TABLE, FOLDERS, LISTS, CAREFUL))
    problems = Problems()
    split_of_picture, files = split_lists(tree, tables, problems)
    sources = {
        LISTS: {file: split_of_picture[file] for file in parsed.files if file in split_of_picture},
        TABLE: dict(zip(parsed.files, parsed.splits or (), strict=False)),
        FOLDERS: _folders(parsed.files, tree),
    }
    sources = {name: splits for name, splits in sources.items() if splits}
    if chosen in sources:
        sources = {chosen: sources[chosen]}
    elif chosen is None:
        _prefer_column(parsed, sources)
    if set(sources) <= {TABLE}:
        _without_test_alone(parsed)
        _without_folds(parsed)
        return
    contradicting = _contradicting(sources)
    split = {}
    for file in parsed.files:
        named = [splits[file] for splits in sources.values() if file in splits]
        if named:
            split[file] = min(named, key=_STRICT.index) if file in contradicting else named[0]
    if contradicting and chosen is None:
        parsed.fixes += _questions(sources, contradicting)
    if LISTS in sources:
        parsed.sources += files
        problems.add("split-source", f"{', '.join(files)}: {_counts(sources[LISTS].values())}")
        parsed.problems.take(problems)
    _keep(parsed, split, choices)
    _without_test_alone(parsed)
    _without_folds(parsed)


def _prefer_column(parsed: Parsed, sources: dict[str, dict[str, str]]) -> None:
    """Where a column of the table says the split of each row, take it, and note which images lie in other folders."""
    stated = any(column.role == "split" for column in parsed.columns) and len(set(parsed.splits or ())) > 1
    if not stated or not {TABLE, FOLDERS} <= set(sources):
        return
    folders = sources.pop(FOLDERS)
    elsewhere = _contradicting({TABLE: sources[TABLE], FOLDERS: folders})
    for file in elsewhere:
        parsed.problems.add("split-folder", f"{file}: {sources[TABLE][file]} by its row, {folders[file]} by its folder")
    if elsewhere:
        question = (
            f"{sentences.count(len(elsewhere), 'image lies', 'images lie')} in the folder of another split than its "
            "row says. The column is used."
        )
        careful = Fix("split-folder", question, CHOICE, CAREFUL, "Hold back what one of them holds back")
        parsed.fixes += [careful, Fix("split-folder", question, CHOICE, FOLDERS, _TITLES[FOLDERS])]


def split_lists(tree: Tree, tables: Sequence[Table], problems: Problems) -> tuple[dict[str, str], list[str]]:
    """Return the split of each picture that second tables and lists name, and the files that say so.

    A picture in the lists of two splits is held back, and noted in ``problems``.
    """
    split_of_picture: dict[str, str] = {}
    further: list[str] = []
    for table in tables:
        for picture, split, where in zip(table.pictures, table.splits or (), table.where, strict=False):
            if picture is None:
                continue
            before = split_of_picture.setdefault(picture, split)
            if before != split:
                split_of_picture[picture] = min(before, split, key=_STRICT.index)
                problems.add(
                    "several-splits", f"{where}: {picture} (in {before} too; kept in {split_of_picture[picture]})"
                )
    for file, of_file in split_files.read(tree).items():
        for picture, split in of_file.items():
            split_of_picture.setdefault(picture, split)
        further.append(file)
    partitions = text_tables.partition_lists(tree)
    texts = [one for one in text_lists.lists(tree) if one not in partitions and _says_split(one)]
    files = [file for table in tables for file in table.sources] + further + [one.file for one in (*partitions, *texts)]
    return {**list_splits.splits(texts, problems), **text_tables.partition(partitions), **split_of_picture}, files


def _says_split(text: TextList) -> bool:
    return split_in(text.stem) is not None or "trainval" in list_splits.words(text.stem)


def _folders(files: Sequence[str], tree: Tree) -> dict[str, str]:
    """Return the splits that folders say, if they tell these files apart; else of those called ``test`` alone."""
    of_folders = splits_of_folders(tree.pictures)
    here = {file: of_folders[file] for file in files if file in of_folders}
    if len(set(here.values())) > 1:
        return here
    homes = {file.rpartition("/")[0] for file in files}
    test_homes = {home for home in homes if "test" in map(split_of, home.split("/"))}
    test = {file: "test" for file in files if file.rpartition("/")[0] in test_homes}
    return test if len(test) < len(set(files)) else {}


def _contradicting(sources: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, str]]:
    """Return the pictures of which two sources say different splits, and these sources.

    What a folder calls train, or a table as a whole, a more exact source may divide into train and valid.
    """
    contradicting = {}
    names = list(sources)
    for place, exact in enumerate(names):
        for coarse in names[place + 1 :]:
            divides = coarse == FOLDERS or set(sources[coarse].values()) == {"train"}
            for file, split in sources[exact].items():
                other = sources[coarse].get(file, split)
                if other != split and not (divides and (other, split) == ("train", "valid")):
                    contradicting[file] = exact, coarse
    return contradicting


def _questions(sources: Mapping[str, Mapping[str, str]], contradicting: Mapping[str, tuple[str, str]]) -> list[Fix]:
    file, (exact, coarse) = next(iter(contradicting.items()))
    question = (
        f"{sentences.count(len(contradicting), 'image has', 'images have')} two splits, such as {file}: "
        f"{sources[exact][file]} by the {exact}, {sources[coarse][file]} by the {coarse}. Each is held back where one "
        "of them says so."
    )
    careful = Fix("", question, CHOICE, CAREFUL, "Hold back what one of them holds back", safe=True, blocks=True)
    return [careful, *(Fix("", question, CHOICE, name, _TITLES[name], blocks=True) for name in sources)]


def _keep(parsed: Parsed, split: Mapping[str, str], choices: Mapping[str, str]) -> None:
    """Give the rows their splits; those that nothing names are trained on only where nothing says what to train on."""
    unlisted = [file for file in parsed.files if file not in split]
    chosen = answer(choices, UNLISTED, (LEAVE_OUT, TRAIN))
    if unlisted and chosen != TRAIN and (chosen == LEAVE_OUT or "train" in split.values()):
        for file in unlisted:
            parsed.problems.add("without-split", file)
            parsed.left_out.add(file)
        if chosen is None:
            count = sentences.count(len(unlisted), "image is", "images are")
            question = f"{count} in no split that is given, such as {unlisted[0]}, and left out."
            parsed.fixes.append(Fix("without-split", question, UNLISTED, TRAIN, "Train on them as well"))
        parsed.keep(np.array([file in split for file in parsed.files], dtype=bool))
    parsed.splits = [split.get(file, "train") for file in parsed.files]


def _without_test_alone(parsed: Parsed) -> None:
    """Note that there is nothing but a test part, which then is divided as if nothing were said."""
    if parsed.splits and set(parsed.splits) == {"test"}:
        for file in parsed.files:
            parsed.problems.add("only-test", file)
        parsed.splits = None


def _without_folds(parsed: Parsed) -> None:
    """Forget groups that are folds of a cross-validation where splits are given that divide them."""
    folds = next((one for one in parsed.columns if one.role == "group" and is_fold(words(one.name))), None)
    if folds is None or folds.why == CHOSEN or parsed.splits is None or parsed.groups is None:
        return
    if len(set(zip(parsed.groups, parsed.splits, strict=True))) == len(set(parsed.groups)):
        return
    parsed.groups = None
    ignored = replace(folds, role="ignore", why="it numbers folds, and the splits are given")
    parsed.columns = [ignored if one is folds else one for one in parsed.columns]
    parsed.fixes = [fix for fix in parsed.fixes if fix.choice != CHOICE_OF_COLUMN + folds.name]
    parsed.problems.examples.pop("group-column", None)
    parsed.problems.add("unused-column", f"{folds.name!r} ({ignored.why})")


def _counts(splits: Iterable[str]) -> str:
    counts = Counter(splits)
    return ", ".join(f"{counts[split]:,} {split}" for split in reversed(_STRICT) if counts[split])
