"""Reads Pascal VOC: one XML file per image, whose objects become its labels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element

import numpy as np

from lib.core.splits import split_of_folders
from lib.importing.formats.source import Source, note_no_label
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems
from lib.importing.tree import Tree
from lib.importing.untrusted import parse_xml, read_bytes, read_text
from lib.tasks.wanted import Wanted

NAME = "Pascal VOC"
EXPECTED = "Pascal VOC XML files, one per image"
TASKS = ("multi-label", "single-label")
_SAMPLE = 20


@dataclass(frozen=True)
class _Annotation:
    file: str
    picture: str
    labels: list[str]


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether the first XML files are VOC annotations."""
    files = source.tree.with_suffix(".xml")[:_SAMPLE]
    return source.table is None and any(_root(source.tree, file, Problems()) is not None for file in files)


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return which kinds of object each picture shows, one row of 0 and 1 each."""
    tree, problems = source.tree, Problems()
    annotation_of: dict[str, _Annotation] = {}
    for file in tree.with_suffix(".xml"):
        annotation = _annotation(tree, file, problems)
        if annotation is not None and annotation.picture in annotation_of:
            problems.add(
                "duplicate-row", f"{file}: {annotation.picture} (first in {annotation_of[annotation.picture].file})"
            )
        elif annotation is not None:
            annotation_of[annotation.picture] = annotation
    annotations = list(annotation_of.values())
    splits, given = None, _splits(tree, annotations, problems)
    if given is not None:
        annotations = [one for one, split in zip(annotations, given, strict=True) if split]
        splits = [split for split in given if split]
    names = sorted({label for annotation in annotations for label in annotation.labels})
    targs = np.zeros((len(annotations), len(names)), dtype=np.int8)  # (N, C)
    for row, annotation in enumerate(annotations):
        targs[row, [names.index(label) for label in annotation.labels]] = 1
    files = [one.picture for one in annotations]
    return Parsed(NAME, "multi-label", names, files, targs, splits, problems, check=note_no_label)


def _root(tree: Tree, file: str, problems: Problems) -> Element | None:
    """Return the ``annotation`` element of an XML file, None if it is something else or damaged."""
    try:
        root = parse_xml(read_bytes(tree, file))
    except ValueError as error:
        problems.add("missing-value", f"{file}: not readable as XML ({error})")
        return None
    return root if root.tag == "annotation" else None


def _annotation(tree: Tree, file: str, problems: Problems) -> _Annotation | None:
    root = _root(tree, file, problems)
    if root is None:
        return None
    folder, _, own = file.rpartition("/")
    stem, name = own.rpartition(".")[0] or own, (root.findtext("filename") or "").strip()
    # The file's own name first: ``filename`` is often left from another picture when files were renamed.
    picture = tree.find(stem, folder) or (tree.find(name, folder) if name else None)
    if picture is None:
        problems.add("row-without-image", f"{file}: {name or stem}")
        return None
    labels = [(one.findtext("name") or "").strip() for one in root.iter("object")]
    return _Annotation(file, picture, list(dict.fromkeys(label for label in labels if label)))


def _splits(tree: Tree, annotations: list[_Annotation], problems: Problems) -> list[str | None] | None:
    """Return the split of each picture by ``ImageSets/Main/*.txt``, else by the folder it lies in, else None."""
    listed = _image_sets(tree, problems)
    if listed:
        return [listed.get(PurePosixPath(one.picture).stem) for one in annotations]
    folders = [split_of_folders(one.picture) for one in annotations]
    return folders if folders and all(folders) else None


def _image_sets(tree: Tree, problems: Problems) -> dict[str, str]:
    """Return the split of each picture's stem; what only ``trainval`` names is for training.

    Names without a picture are noted, and those that two lists of different splits hold: the first one counts.
    """
    splits: dict[str, str] = {}
    there = {PurePosixPath(picture).stem for picture in tree.pictures}
    for list_name, split in (("train", "train"), ("val", "valid"), ("test", "test"), ("trainval", "train")):
        for file in tree.with_suffix(".txt"):
            path = PurePosixPath(file)
            if path.stem == list_name and path.parts[-3:-1] == ("ImageSets", "Main"):
                lines = read_text(tree, file).splitlines()
                for stem in dict.fromkeys(line.split()[0] for line in lines if line.split()):
                    if stem in splits and list_name != "trainval" and splits[stem] != split:
                        problems.add("duplicate-row", f"{file}: {stem} (first in {splits[stem]})")
                    elif stem not in splits and stem not in there:
                        problems.add("row-without-image", f"{file}: {stem}")
                    splits.setdefault(stem, split)
    return splits
