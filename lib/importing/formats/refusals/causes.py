"""Known causes why pictures, tables and lists cannot be used, and what to do; only starts of files are read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from lib.core import sentences
from lib.core.splits import key
from lib.importing.formats.lists import text_lists
from lib.importing.tables import pool
from lib.importing.tables.table import Table
from lib.importing.tree import Tree, is_picture
from lib.importing.untrusted import describe, read_start, to_number

_HEAD = 2**17  # bytes of a table; a line of pixels of 96 x 96 takes 37,000
_SAMPLE = 20
_LFS = "version https://git-lfs"
_LFS_BYTES = 1024  # a pointer has about 130
_PIXELS = 64  # numbers of a cell, or columns of a table, that are pixels
_PIXEL_COLUMN = re.compile(r"(pixel|px|pix|p)[ _.\-]?\d+|\d+x\d+", re.IGNORECASE)
_ROWS = 20
_KITTI = (15, 16, 17)  # cells of a line: class, 14 numbers, score, track
_MASKS = re.compile(r"(^|[_\-. ])(masks?|segmentations?|seg|labels?|gt|annotations?|groundtruth|pred)($|[_\-. ])")


def pointers(tree: Tree) -> str | None:
    """Return that the pictures are Git LFS pointers: texts of a few lines in place of pictures, if they are."""
    step = max(1, len(tree.pictures) // _SAMPLE)
    sample = tree.pictures[::step][:_SAMPLE]
    if not all(_is_pointer(tree, file) for file in sample):
        return None
    return (
        f"{sample[0]} is a Git LFS pointer: expected an image, found a text of a few lines that only says where the "
        "image is. Run 'git lfs pull' in the repository, then import again."
    )


def _is_pointer(tree: Tree, file: str) -> bool:
    return tree.path(file).stat().st_size <= _LFS_BYTES and read_start(tree, file, _LFS_BYTES).startswith(_LFS)


# --- tables -----------------------------------------------------------------------------------------------------


def in_tables(tree: Tree) -> str | None:
    """Return what a table holds that is no name of a picture: pixels, folders, several animals, Git LFS pointers."""
    for file in tree.with_suffix(*pool.SUFFIXES)[:_SAMPLE]:
        if read_start(tree, file, 64).startswith(_LFS):
            return (
                f"{file} is a Git LFS pointer: expected a table, found a text that only says where it is. Run "
                "'git lfs pull' in the repository, then import again."
            )
        rows = head_of_table(tree, file)
        cause = rows and (_pixels(file, rows) or _individuals(file, rows) or _folders(tree, file, rows))
        if cause:
            return cause
    return None


def studies(tree: Tree) -> str | None:
    """Return that the rows of a table name folders of pictures, if they do."""
    for file in tree.with_suffix(*pool.SUFFIXES)[:_SAMPLE]:
        if (cause := _folders(tree, file, head_of_table(tree, file))) is not None:
            return cause
    return None


def pixels(tree: Tree, table: Table) -> str | None:
    """Return that a table holds pixels, whose numbers only seem to name pictures such as 1.png, if it does."""
    if any(map(is_picture, table.names[:_ROWS])):
        return None
    return next((cause for file in table.sources if (cause := _pixels(file, head_of_table(tree, file)))), None)


def head_of_table(tree: Tree, file: str) -> list[list[str]]:
    """Return the first rows of a table as they stand, as far as they are read; one empty row of an empty table."""
    text = read_start(tree, file, _HEAD)
    if "\0" in text:  # UTF-16, of which the names that matter are in ASCII
        text = text.replace("\0", "").replace("\ufffd", "")
    line = text.partition("\n")[0]
    separator = max(",;\t|", key=line.count)
    rows: list[list[str]] = []
    # A cell may be longer than what is read; csv's own limit is as long as this.
    for raw in csv.reader(io.StringIO(text[: csv.field_size_limit() - 1], newline=None), delimiter=separator):
        if any(cell.strip() for cell in raw):
            rows.append([cell.strip() for cell in raw])
        if len(rows) == _ROWS:
            break
    return rows or [[]]


def _pixels(file: str, rows: Sequence[Sequence[str]]) -> str | None:
    header, first = rows[0], rows[1] if len(rows) > 1 else []
    advice = (
        "Write each row's pixels to an image (in Python: Image.fromarray(pixels.reshape(height, width)).save(name)) "
        "and "
        "put the file names into the table."
    )
    for place, cell in enumerate(first):
        if len(re.findall(r"\d+", cell[: 8 * _PIXELS])) >= _PIXELS and re.fullmatch(r"[\d\s.,\[\]]+", cell):
            column = header[place] if place < len(header) else f"{place + 1}"
            return (
                f"{file} holds the pixels of the images themselves, in the column {column!r}: expected names of "
                f"image files, found numbers ({cell[:20]} ...). {advice}"
            )
    columns = [name for name in header if _PIXEL_COLUMN.fullmatch(name)]
    if len(columns) >= _PIXELS:
        return (
            f"{file} holds the pixels of the images themselves, in {len(columns):,} columns such as {columns[0]!r}: "
            f"expected names of image files. {advice}"
        )
    return None


def _individuals(file: str, rows: Sequence[Sequence[str]]) -> str | None:
    if len(rows) < 2 or rows[0][0].lower() != "scorer" or rows[1][0].lower() not in ("individuals", "individual"):
        return None
    return (
        f"{file} has a row 'individuals': it labels several animals an image (multi-animal DeepLabCut), expected the "
        "three rows scorer, bodyparts and coords. Cut out one image an animal and label those."
    )


def _folders(tree: Tree, file: str, rows: Sequence[Sequence[str]]) -> str | None:
    """Return that rows name folders of pictures, as studies are, if most do in one column."""
    ends = {key("/".join(parts[start:])) for parts in _picture_folders(tree) for start in range(len(parts))}
    if not ends:
        return None
    for place in range(min(len(row) for row in rows)):
        cells = [row[place].replace("\\", "/").strip("/") for row in rows]
        hits = [cell for cell in cells if "/" in cell and _is_folder(cell, ends)]
        if hits and len(hits) >= (len(rows) - 1) / 2:
            return (
                f"{file} names folders of images, such as {hits[0]!r}: expected the name of one image a row, found "
                "a folder, such as a study of several images. Write a row for each image in it, with the study or "
                "patient in a column named group."
            )
    return None


def _picture_folders(tree: Tree) -> list[list[str]]:
    folders = {str(PurePosixPath(file).parent) for file in tree.pictures}
    return [folder.split("/") for folder in folders if folder != "."]


def _is_folder(cell: str, ends: set[str]) -> bool:
    parts = key(cell).split("/")
    return not is_picture(cell) and any("/".join(parts[start:]) in ends for start in range(len(parts)))


# --- text lists and folders -------------------------------------------------------------------------------------


def in_lists(tree: Tree) -> str | None:
    """Return what text files are that name pictures, or that lie beside each: lists of no class, labels of YOLO."""
    stems = {PurePosixPath(file).stem for file in tree.pictures}
    texts = tree.with_suffix(*text_lists.SUFFIXES)
    labels = [file for file in texts if PurePosixPath(file).stem in stems]
    for file in labels[:_SAMPLE]:
        cells = read_start(tree, file, 4096).partition("\n")[0].split()
        if len(cells) >= 5 and all(to_number(cell) is not None for cell in cells):
            return (
                f"{file} looks like labels of YOLO ({sentences.count(len(labels), 'such file')}): expected a "
                "data.yaml or "
                "classes.txt that names the classes, found none. Add the one that was exported with them."
            )
        if len(cells) in _KITTI and all(to_number(cell) is not None for cell in cells[1:]):
            return (
                f"{file} looks like labels of KITTI ({sentences.count(len(labels), 'such file')}), which are not read: "
                "expected COCO, YOLO or Pascal VOC, found a word and numbers a line. Convert them to one of these."
            )
    for one in text_lists.lists(tree):
        row = one.rows[0]
        line = f"{one.file}, line {row.number:,}"
        if not one.width:
            return (
                f"{one.file} names images and says nothing of them: expected a class, points or numbers after each "
                f"name, found {describe(row.name)} alone. Add the list or table that labels them."
            )
        if is_picture(row.cells[0]):
            return (
                f"{line}: an image and a second one, {describe(row.cells[0])}: expected a class, found what may be "
                "a mask "
                "or a pair. Segmentation masks and pairs of images cannot be read."
            )
        return (
            f"{line}: {describe(' '.join(row.cells))} after the name of an image, which is different in nearly every "
            "line: expected a class or numbers. Save the list as a CSV with the columns file and label."
        )
    return None if tree.with_suffix(*pool.SUFFIXES) else _absent(tree, texts)


def _absent(tree: Tree, texts: Sequence[str]) -> str | None:
    """Return that a text names pictures, none of which is there."""
    for file in texts[:_SAMPLE]:
        lines = [line.split() for line in read_start(tree, file, 4096).splitlines()[:_ROWS] if line.strip()]
        named = [name for cells in lines if (name := next(filter(is_picture, (cells[0], cells[-1])), None))]
        if named and len(named) >= len(lines) / 2:
            return (
                f"No line of {file} names an image that is there: it names {describe(named[0])}, the images found "
                "are "
                f"such as {tree.pictures[0]!r}. Correct the names or add the images."
            )
    return None


def masks(tree: Tree) -> str | None:
    """Return that the pictures of one folder are masks of another's: the names are the same, if they are."""
    stems: dict[str, set[str]] = {}
    for file in tree.pictures:
        path = PurePosixPath(file)
        stems.setdefault(str(path.parent), set()).add(path.stem.lower())
    for folder, names in stems.items():
        if not _MASKS.search(PurePosixPath(folder).name.lower()):
            continue
        for other, others in stems.items():
            bare = {re.sub(r"[_\-](masks?|seg|segmentation|label|gt)$", "", name) for name in names}
            if other != folder and len(bare & others) >= max(1, len(names) / 2):
                return (
                    f"{folder}/ seems to hold masks of the images in {other}/, because their names are the same: "
                    "expected labels, points or numbers, found segmentation masks, which cannot be read. Export a "
                    "list of "
                    "the labels in each image, or of its points."
                )
    return None
