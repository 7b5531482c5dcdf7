"""Draws random tables in the forms that people have, each from a truth that is known."""

from __future__ import annotations

import csv
import io
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.unit.importing.random_columns import DESCRIBING, TELLING, random_code
from tests.unit.importing.random_targets import KINDS, Target

FILE_COLUMNS = ("file", "filename", "image", "Image", "file_name", "fname", "img", "image_name", "Path", "image_path")
FOREIGN_FILES = ("Bild", "fichier", "imagen", "Dateiname", "afbeelding", "Bildname")
SPLIT_COLUMNS = ("split", "set", "data set", "dataset", "subset", "Usage", "phase", "partition", "data_split", "Split")
SPLITS = (
    ("train", "valid", "test"),
    ("train", "val", "test"),
    ("Training", "PublicTest", "PrivateTest"),
    ("TRAIN", "VALIDATION", "TEST"),
    ("training", "dev", "testing"),
    ("train", "validation", "holdout"),
)
GROUP_COLUMNS = ("patient_id", "subject", "lesion_id", "PatientID", "person", "video", "session_id", "Patient ID")


@dataclass
class RandomTable:
    """A table and the truth that it was made from.

    Attributes
    ----------
    seed : int
    target : Target
    pictures : list of str
        Paths below the folder of the table.
    content : bytes
    name : str
        Of the table's file.
    header : list of str
        Names of its columns as they are read.
    kinds : dict of str to str
        What each column really holds.
    splits, groups : dict of str to str, or None
        Of each picture.
    tricks : set of str
    """

    seed: int
    target: Target
    pictures: list[str]
    content: bytes = b""
    name: str = "table.csv"
    header: list[str] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    splits: dict[str, str] | None = None
    groups: dict[str, str] | None = None
    tricks: set[str] = field(default_factory=set)

    def write(self, root: Path, draw: Callable[[Path], None] | None = None) -> Path:
        """Write it and its pictures, which ``draw`` may make, else empty ones, and return the folder."""
        root.mkdir(parents=True)
        for folder in {picture.rpartition("/")[0] for picture in self.pictures} - {""}:
            (root / folder).mkdir(parents=True, exist_ok=True)
        for picture in self.pictures:
            draw(root / picture) if draw else (root / picture).touch()
        (root / self.name).write_bytes(self.content)
        return root


BOX = ("xmin", "ymin", "xmax", "ymax")


def draw(seed: int) -> RandomTable:
    """Return the random table of a seed."""
    rng = Random(seed)
    pictures, called, tricks = _pictures(rng, rng.randint(14, 40))
    target = rng.choice(KINDS)(rng, pictures)
    table = RandomTable(seed, target, pictures, tricks=tricks | target.tricks)
    if rng.random() < 0.1:
        target.rows += rng.sample(target.rows, 2)  # written twice
        table.tricks.add("repeats")
    columns, roles = _columns(rng, table, called)
    if rng.random() < 0.15:
        _add_strangers(rng, table, columns, roles)
    _write(rng, table, columns, roles)
    return table


def _add_strangers(rng: Random, table: RandomTable, columns: dict[str, list[str]], roles: dict[str, str]) -> None:
    """Add a row whose picture is not there, and a picture without a row."""
    table.pictures = [*table.pictures, f"{table.pictures[0].rpartition('/')[0]}/stranger_77.png".lstrip("/")]
    row = rng.randrange(len(table.target.rows))
    for name, cells in columns.items():
        cells.append("gone_4711.png" if roles[name] == "file" else cells[row])
    table.tricks.add("strangers")


def _pictures(rng: Random, count: int) -> tuple[list[str], dict[str, str], set[str]]:
    """Return pictures, what rows call them, and tricks."""
    style = rng.choice(("hex", "hex", "IMG", "words", "digits", "dotted", "accents"))
    numbers = rng.sample(range(1, 10_000), count)
    stems = {
        "hex": [f"{random_code(rng, 6)}{number:04x}" for number in numbers],
        "IMG": [f"IMG_{number:05}" for number in numbers],
        "words": [f"my photo {number}" for number in numbers],
        "digits": [f"{number:06}" for number in numbers],
        "dotted": [f"scan.v2.{number}" for number in numbers],
        "accents": [f"Größe_{number}" for number in numbers],
    }[style]
    folder = rng.choice(("", "images/", "images/", "data/photos/", "my pictures/"))
    ending = rng.choice((".jpg", ".png", ".jpeg", ".JPG"))
    way = rng.choice(("bare", "bare", "bare", "bare", "path", "stem", "absolute", "windows", "url", "number"))
    if (way == "number" and style != "digits") or (way == "stem" and style == "dotted"):
        way = "bare"
    tricks = {style} if style in ("dotted", "accents") else set()
    tricks |= {way} if way not in ("bare", "path") else set()
    pictures = [f"{folder}{stem}{ending}" for stem in stems]
    ways: dict[str, Callable[[str, str], str]] = {
        "bare": lambda picture, stem: stem + ending,
        "path": lambda picture, stem: picture,
        "stem": lambda picture, stem: stem,
        "absolute": lambda picture, stem: f"/home/ana/study/{picture}",
        "windows": lambda picture, stem: f"C:\\Users\\Ana\\{picture}".replace("/", "\\"),
        "url": lambda picture, stem: f"https://example.org/{picture}".replace(" ", "%20"),
        "number": lambda picture, stem: str(int(stem)),
    }
    return pictures, {p: ways[way](p, stem) for p, stem in zip(pictures, stems, strict=True)}, tricks


def _columns(rng: Random, table: RandomTable, called: dict[str, str]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the cells and the true role of every column, in some order; note splits, groups and tricks."""
    target = table.target
    rows = [picture for picture, _ in target.rows]
    by_number = {"stem", "number"} & table.tricks
    foreign = rng.random() < 0.15 and not by_number
    names = ("image_id", "id", "image", "filename") if by_number else FOREIGN_FILES if foreign else FILE_COLUMNS
    file_column = rng.choice(names)
    table.tricks |= {"foreign"} if foreign else set()
    parts: list[dict[str, list[str]]] = [{file_column: [called[picture] for picture in rows]}]
    roles = {file_column: "file"} | dict(zip(target.columns, target.roles, strict=True))
    own = {name: [cells[place] for _, cells in target.rows] for place, name in enumerate(target.columns)}
    parts += [own] if rng.random() < 0.7 else [{name: cells} for name, cells in own.items()]
    for name, cells in _splits_and_groups(rng, table).items():
        roles[name] = "split" if name in SPLIT_COLUMNS or name.startswith("is_") else "group"
        parts.append({name: [cells[picture] for picture in rows]})
    for name, cells in _extras(rng, table, rows, {*roles}).items():
        roles[name] = "ignore"
        parts.append({name: cells})
    if rng.random() < 0.4:
        first, *others = parts
        rng.shuffle(others)
        parts = [first, *others]
    elif rng.random() < 0.5:
        rng.shuffle(parts)
    return {name: cells for part in parts for name, cells in part.items()}, roles


def _splits_and_groups(rng: Random, table: RandomTable) -> dict[str, dict[str, str]]:
    columns = {}
    if rng.random() < 0.3:
        drawn = [*("train", "valid", "test") * 2, *rng.choices(("train", "valid", "test"), (6, 2, 2), k=50)]
        given = dict(zip(table.pictures, drawn, strict=False))
        style = rng.random()
        if style < 0.7:
            words = dict(zip(("train", "valid", "test"), rng.choice(SPLITS), strict=True))
            name = rng.choice(SPLIT_COLUMNS)
        elif style < 0.85:
            words, name = {"train": "0", "valid": "1", "test": "2"}, rng.choice(("partition", "split", "set"))
        else:
            given = {picture: "train" if split == "test" else split for picture, split in given.items()}
            words, name = {"train": "False", "valid": "True"}, "is_valid"
        if style < 0.7 and rng.random() < 0.2:
            unassigned = set(rng.sample(table.pictures, 2))
            words[""] = rng.choice(("", "UNASSIGNED"))
            columns[name] = {p: words["" if p in unassigned else split] for p, split in given.items()}
            given = {p: "train" if p in unassigned else split for p, split in given.items()}
            table.tricks.add("unassigned")
        table.splits = given
        columns.setdefault(name, {picture: words[split] for picture, split in given.items()})
    if rng.random() < 0.25:
        many = max(3, len(table.pictures) // 3)
        known = [str(place % many) for place in range(len(table.pictures))]
        rng.shuffle(known)
        prefix = rng.choice(("P", "", "person ", "HAM_00"))
        table.groups = {p: f"{prefix}{number}" for p, number in zip(table.pictures, known, strict=True)}
        columns[rng.choice(GROUP_COLUMNS)] = table.groups
    return columns


def _extras(rng: Random, table: RandomTable, rows: list[str], taken: set[str]) -> dict[str, list[str]]:
    count = rng.choice((0, 0, 1, 1, 2, 3, 4))
    pool = DESCRIBING if rng.random() < 0.6 else DESCRIBING | TELLING
    names = [name for name in rng.sample(sorted(pool), count) if name.lower() not in {one.lower() for one in taken}]
    table.tricks |= {"telling"} if any(name in TELLING for name in names) else set()
    columns = {}
    for name in names:
        # What describes a picture is the same in all of its rows; row numbers are not.
        if name in ("Unnamed: 0", "index", "id", ""):
            columns[name] = pool[name](rng, len(rows))
        else:
            cells = dict(zip(table.pictures, pool[name](rng, len(table.pictures)), strict=True))
            columns[name] = [cells[picture] for picture in rows]
    one_row = len(set(rows)) == len(rows)
    if one_row and table.target.roles == ["labels"] and not taken & set(BOX) and rng.random() < 0.1:
        corners = [(rng.randint(0, 100), rng.randint(0, 100)) for _ in rows]
        for place, name in enumerate(BOX):
            columns[name] = [str(corner[place % 2] + (60 if place > 1 else 0)) for corner in corners]
    return columns


def _write(rng: Random, table: RandomTable, columns: dict[str, list[str]], roles: dict[str, str]) -> None:
    target = table.target
    separator = rng.choice((",", ",", ",", ";", "\t", "|"))
    if separator == "|" and any("|" in cell for cells in columns.values() for cell in cells):
        separator = ","
    decimal = separator in ";\t" and target.task != "keypoints" and rng.random() < 0.4
    if decimal:
        point = str.maketrans(".", ",")
        numeric = {name for name, cells in columns.items() if roles[name] in ("number", "ignore") and _decimals(cells)}
        columns = {n: [c.translate(point) for c in cells] if n in numeric else cells for n, cells in columns.items()}
        table.tricks |= {"decimal-comma"} if numeric else set()
    headless = target.headless and rng.random() < 0.12
    table.header = [f"column {place}" for place in range(1, len(columns) + 1)] if headless else list(columns)
    table.header = [name or f"column {place}" for place, name in enumerate(table.header, 1)]
    table.kinds = dict(zip(table.header, (roles[name] for name in columns), strict=True))
    if headless:
        table.tricks.add("headless")
        table.groups = None  # nothing names them
        _rename(table, dict(zip(columns, table.header, strict=True)))
    rows = [*([] if headless else [list(columns)]), *map(list, zip(*columns.values(), strict=True))]
    text = _text(rng, table, rows, separator)
    encoding = rng.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16"))
    table.tricks |= {encoding} if encoding in ("cp1252", "utf-16") else set()
    table.content = text.encode(encoding)
    table.name = rng.choice(("labels.csv", "annotations.csv", "data.csv", "metadata_all.csv", "list.tsv"))


def _decimals(cells: list[str]) -> bool:
    numbers = [cell for cell in cells if cell]
    return bool(numbers) and all(cell.lstrip("-").replace(".", "", 1).isdecimal() for cell in numbers)


def _rename(table: RandomTable, names: dict[str, str]) -> None:
    """Call numbers as the columns are, of a table without a header."""
    target = table.target
    if target.task == "regression":
        target.names = {names[name] for name in target.names}
        target.truth = {p: {names[n]: v for n, v in values.items()} for p, values in target.truth.items()}


def _text(rng: Random, table: RandomTable, rows: list[list[str]], separator: str) -> str:
    quoting = rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC))
    end = rng.choice(("\n", "\r\n"))
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=separator, quoting=quoting, lineterminator="\n")
    writer.writerows(rows)
    lines = written.getvalue().splitlines()
    way = rng.choice(("", "", "", "", "comments", "blank", "spaces", "trailing", "sep"))
    if way == "comments" and "headless" not in table.tricks:
        lines = ["# exported from the archive", f"# {rng.choice(string.ascii_uppercase)}: version 3", *lines]
    elif way == "blank":
        lines = [part for line in lines for part in ((line, "") if rng.random() < 0.3 else (line,))]
    elif way == "spaces" and separator in ",;" and quoting != csv.QUOTE_MINIMAL:
        lines = [line.replace(f'"{separator}"', f'"{separator} "') for line in lines]
    elif way == "sep":
        lines = [f"sep={separator}", *lines]
    elif way == "trailing":
        lines = [line + separator for line in lines]
    table.tricks |= {way} if way else set()
    return end.join(lines) + rng.choice(("", end))
