"""Draws what random tables say of their pictures: labels, numbers or points, and the columns they stand in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

WORDS = ("cat", "dog", "horse", "bird", "frog", "truck", "ship", "plane", "deer", "train", "barn owl", "guinea pig")
TWO_WORDS = ("golden retriever", "great dane", "border collie", "basset hound", "irish setter", "shih tzu")
SIGNED = ("T-shirt/top", "Ankle-boot", "normal (healthy)", "grade 1-2", "dress & skirt", "no finding")
COMMAS = ("apple, red", "apple, green", "pear, green", "plum, blue")
DIGITS = (("0", "1", "2", "3", "4"), ("0", "1"), ("1", "2"))
ACCENTED = ("épagneul", "bärtig", "señal", "øre", "façade", "Übung")
FINDINGS = ("edema", "nodule", "mass", "effusion", "hernia", "fibrosis", "pneumonia", "emphysema")
SINGLE = ("label", "class", "Class", "category", "target", "breed", "species", "dx", "diagnosis", "class_name", "Label")
FOREIGN_SINGLE = ("Klasse", "étiquette", "clase", "rasse", "Befund", "soort")
SEVERAL = ("labels", "tags", "classes", "Finding Labels", "categories", "Labels")
POINTS = ("nose", "left_eye", "right_eye", "tail", "tip", "left_ear_inner", "elbow")
NUMBERS = ("score", "temperature", "angle", "boneage", "steering", "price", "volume", "ph_value", "Gewicht", "hauteur")
FLAGS = (("0", "1"), ("False", "True"), ("no", "yes"), ("", "x"), ("0.0", "1.0"), ("N", "Y"), ("-1", "1"), ("f", "t"))
SIZE = (320, 240)  # of every picture

Row = tuple[str, list[str]]  # a picture, and its cells


@dataclass
class Target:
    """Columns of targets, and what they say.

    Attributes
    ----------
    task : str
    columns, roles : list of str
    rows : list of (str, list of str)
        Picture and cells, in order; a picture may come several times.
    truth : dict of str to value
        What each picture has: a set of labels, a number by name, or a place, or None, by point. Pictures of which
        nothing is known are not there.
    names : set of str
        Labels, numbers or points.
    unknown : dict of str to set of str
        Labels of which nobody knows whether they are there.
    tricks : set of str
        What makes the table harder than most.
    headless : bool
        Whether it can be told without a header.
    """

    task: str
    columns: list[str]
    roles: list[str]
    rows: list[Row]
    truth: dict
    names: set[str]
    unknown: dict[str, frozenset[str]] = field(default_factory=dict)
    tricks: set[str] = field(default_factory=set)
    headless: bool = False


def single(rng: Random, pictures: list[str]) -> Target:
    """One label in one column."""
    foreign = rng.random() < 0.15
    column = rng.choice(FOREIGN_SINGLE if foreign else SINGLE)
    pool = rng.choice((WORDS, WORDS, TWO_WORDS, SIGNED, ACCENTED, COMMAS, *DIGITS))
    names = rng.sample(pool, min(len(pool), rng.randint(2, 5)))
    truth = _one_each(rng, pictures, names)
    tricks = {"foreign"} if foreign else set()
    tricks |= {"numbers-as-classes"} if pool[0].isdecimal() else set()
    without = rng.sample(pictures, 2) if rng.random() < 0.1 and len(pictures) > 2 * len(names) + 4 else []
    rows = [(picture, ["" if picture in without else truth[picture]]) for picture in pictures]
    sets = {picture: frozenset((name,)) for picture, name in truth.items() if picture not in without}
    tricks |= {"gaps"} if without else set()
    used = {name for own in sets.values() for name in own}
    if column in ("class", "label") and not pool[0].isdecimal() and rng.random() < 0.3:
        rows = [(picture, [*cells, str(names.index(cells[0])) if cells[0] else ""]) for picture, cells in rows]
        return Target("single-label", [column, f"{column}_id"], ["labels", "ignore"], rows, sets, used, tricks=tricks)
    return Target("single-label", [column], ["labels"], rows, sets, used, tricks=tricks, headless=True)


def listed(rng: Random, pictures: list[str]) -> Target:
    """Several labels in one cell."""
    names = list(FINDINGS) if rng.random() < 0.6 else rng.sample(WORDS[:10], 6)
    sets = _sets(rng, pictures, names)
    style = rng.choice((" ", ",", "|", ";", ", ", "python", "json"))
    join: Callable[[list[str]], str] = {
        "python": str,
        "json": lambda labels: str(labels).replace("'", '"'),
    }.get(style, style.join)
    order = {picture: sorted(labels, key=lambda _: rng.random()) for picture, labels in sets.items()}
    rows = [(picture, [join(order[picture])]) for picture in pictures]
    column = rng.choice(SEVERAL if style != ";" else (*SEVERAL, "label"))
    return Target("multi-label", [column], ["labels"], rows, sets, set().union(*sets.values()))


def flags(rng: Random, pictures: list[str]) -> Target:
    """A column of yes and no for each label."""
    pool = rng.choice((FINDINGS, FINDINGS, WORDS, ("Wasser", "Straße", "Wald", "Acker", "Haus")))
    names = rng.sample(pool, min(len(pool), rng.randint(2, 7)))
    no, yes = rng.choice(FLAGS)
    sets = _sets(rng, pictures, names)
    unknown: dict[str, frozenset[str]] = {}
    if no and rng.random() < 0.2:
        for picture in rng.sample(pictures, 3):
            known = rng.choice(names)
            unknown[picture] = frozenset((known,))
            sets[picture] = sets[picture] - unknown[picture]
    cells = {p: ["" if n in unknown.get(p, ()) else yes if n in sets[p] else no for n in names] for p in pictures}
    tricks = {"gaps"} if unknown else set()
    rows = [(picture, cells[picture]) for picture in pictures]
    return Target("multi-label", names, ["01"] * len(names), rows, sets, set(names), unknown, tricks)


def label_columns(rng: Random, pictures: list[str]) -> Target:
    """Labels in columns beside each other, as many as a picture has."""
    sets = _sets(rng, pictures, list(FINDINGS), most=3)
    stem = rng.choice(("label_{}", "label{}", "class_{}", "tag {}", "Label {}"))
    order = {picture: [*sorted(labels), "", "", ""][:3] for picture, labels in sets.items()}
    columns = [stem.format(number) for number in (1, 2, 3)]
    names = set().union(*sets.values())
    return Target("multi-label", columns, ["labels"] * 3, [(p, order[p]) for p in pictures], sets, names)


def numbers(rng: Random, pictures: list[str]) -> Target:
    """One number or several."""
    columns = rng.sample(NUMBERS, rng.choice((1, 1, 1, 2, 3)))
    low, high = rng.choice(((0, 1), (-20, 20), (0, 240), (1000, 9000)))
    digits = rng.choice((1, 2, 4)) if high > 1 else 4
    whole = high > 20 and rng.random() < 0.3
    truth = {
        picture: {c: float(f"{rng.uniform(low, high):.{0 if whole else digits}f}") for c in columns}
        for picture in pictures
    }
    text = (lambda value: f"{value:.0f}") if whole else (lambda value: f"{value:.{digits}f}")
    rows = [(picture, [text(truth[picture][c]) for c in columns]) for picture in pictures]
    return Target("regression", columns, ["number"] * len(columns), rows, truth, set(columns), headless=True)


def points(rng: Random, pictures: list[str]) -> Target:
    """The x and the y of each point in a row."""
    style = rng.choice(("{p}_x {p}_y", "x_{p} y_{p}", "{p}_X {p}_Y", "{p}.x {p}.y", "{p}-x {p}-y", "numbered", "cell"))
    names = rng.sample(POINTS, rng.randint(2, 5))
    if style == "numbered":
        names = [str(number) for number in range(1, len(names) + 1)]
        style = "x{p} y{p}"
    beside = rng.choice(("", "", "seen", "coco", "likelihood")) if style != "cell" else ""
    places = _places(rng, pictures, names, gaps=beside not in ("seen", "coco") and rng.random() < 0.3)
    width, height = SIZE if style != "cell" and rng.random() < 0.15 else (1, 1)
    columns: list[str] = []
    roles: list[str] = []
    for name in names:
        if style == "cell":
            columns.append(name)
            roles.append("x")
            continue
        columns += style.format(p=name).split(" ")
        roles += ["x", "y"]
        if beside:
            columns.append(f"{name}_{'likelihood' if beside == 'likelihood' else rng.choice(('v', 'visible'))}")
            roles.append("ignore" if beside == "likelihood" else "visible")
    rows = []
    for picture in pictures:
        cells: list[str] = []
        for name in names:
            place = places[picture][name]
            if style == "cell":
                cells.append("" if place is None else f"({place[0]:g}, {place[1]:g})")
                continue
            cells += ["", ""] if place is None else [f"{place[0] / width:.8g}", f"{place[1] / height:.8g}"]
            if beside == "likelihood":
                cells.append(f"{rng.uniform(0.2, 1):.3f}")
            elif beside == "seen":
                cells.append("1")
            elif beside == "coco":
                seen = rng.choice(("0", "1", "2", "2"))
                if seen == "0":
                    cells[-2:] = ["0", "0"]
                    places[picture][name] = None
                cells.append(seen)
        rows.append((picture, cells))
    tricks = {"fractions"} if width > 1 else set()
    return Target("keypoints", columns, roles, rows, _known(places), set(names), tricks=tricks)


def point_rows(rng: Random, pictures: list[str]) -> Target:
    """A row for each point."""
    names = rng.sample(POINTS, rng.randint(2, 4))
    places = _places(rng, pictures, names, gaps=rng.random() < 0.3)
    column = rng.choice(("landmark", "keypoint", "part", "point", "joint", "bodypart"))
    told = [(p, name, place) for p in pictures for name in names if (place := places[p][name]) is not None]
    rows = [(p, [name, f"{place[0]:g}", f"{place[1]:g}"]) for p, name, place in told]
    columns, roles = [column, "x", "y"], ["point", "x", "y"]
    if rng.random() < 0.3:
        columns, roles = [*columns, "visible"], [*roles, "visible"]
        rows = [(picture, [*cells, "1"]) for picture, cells in rows]
    return Target("keypoints", columns, roles, rows, places, set(names))


def object_rows(rng: Random, pictures: list[str]) -> Target:
    """A row for each object, with its box and class."""
    names = rng.sample(WORDS, rng.randint(2, 5))
    corners = rng.choice(("xmin ymin xmax ymax", "x1 y1 x2 y2", "left top right bottom", "bbox_x bbox_y bbox_w bbox_h"))
    column = rng.choice(("class", "label", "class_name", "category", "LabelName"))
    sets = {picture: frozenset(rng.sample(names, rng.randint(1, 2))) for picture in pictures}
    rows = []
    for picture in pictures:
        for name in [*sorted(sets[picture]), *rng.choices(sorted(sets[picture]), k=rng.randint(0, 2))]:
            x, y, w, h = rng.randint(0, 150), rng.randint(0, 100), rng.randint(5, 150), rng.randint(5, 100)
            box = (x, y, w, h) if corners.startswith("bbox") else (x, y, x + w, y + h)
            rows.append((picture, [name, *map(str, box)]))
    used = set().union(*sets.values())
    return Target("multi-label", [column, *corners.split()], ["labels", *["box"] * 4], rows, sets, used)


def label_rows(rng: Random, pictures: list[str]) -> Target:
    """A row for each label of a picture."""
    sets = {p: frozenset(rng.sample(FINDINGS, rng.choice((1, 2, 2, 3)))) for p in pictures}
    rows = [(picture, [name]) for picture in pictures for name in sorted(sets[picture])]
    column = rng.choice(("label", "class", "finding", "category", "tag"))
    return Target("multi-label", [column], ["labels"], rows, sets, set().union(*sets.values()))


def raters(rng: Random, pictures: list[str]) -> Target:
    """Annotators who say the same, a row each."""
    names = rng.sample(rng.choice((WORDS, TWO_WORDS)), 3)
    truth = _one_each(rng, pictures, names)
    who = rng.sample(("anna", "ben", "chris", "dora"), rng.randint(2, 3))
    columns = [rng.choice(("label", "diagnosis", "class")), rng.choice(("rater", "annotator", "reader_id"))]
    rows = [(picture, [truth[picture], one]) for picture in pictures for one in who]
    sets = {picture: frozenset((name,)) for picture, name in truth.items()}
    return Target("single-label", columns, ["labels", "annotator"], rows, sets, set(names), tricks={"annotators"})


#: Every kind of targets, the more usual ones several times.
KINDS = (
    *(single,) * 4,
    *(listed,) * 2,
    *(flags,) * 3,
    label_columns,
    *(numbers,) * 2,
    *(points,) * 3,
    point_rows,
    object_rows,
    label_rows,
    raters,
)


def _one_each(rng: Random, pictures: list[str], names: list[str]) -> dict[str, str]:
    """Give each picture one of the names, each to two pictures at least."""
    cells = [*names, *names, *rng.choices(names, k=len(pictures))][: len(pictures)]
    rng.shuffle(cells)
    return dict(zip(pictures, cells, strict=True))


def _sets(rng: Random, pictures: list[str], names: list[str], most: int = 4) -> dict[str, frozenset[str]]:
    """Give each picture some of the names, the first ones each of them alone."""
    sets = {p: frozenset(rng.sample(names, rng.randint(0, min(most, len(names) - 1)))) for p in pictures}
    alone = {picture: frozenset((name,)) for picture, name in zip(rng.sample(pictures, len(names)), names, strict=True)}
    return sets | alone


def _known(places: dict) -> dict:
    """Return the places without the pictures of which no point is known, which teach nothing."""
    return {picture: own for picture, own in places.items() if any(place is not None for place in own.values())}


def _places(rng: Random, pictures: list[str], names: list[str], *, gaps: bool) -> dict:
    """Place each point inside the picture; the first always, others not where there are ``gaps``."""
    width, height = SIZE
    return {
        p: {
            name: None
            if gaps and place and rng.random() < 0.2
            else (round(rng.uniform(2, width - 2), 1), round(rng.uniform(2, height - 2), 1))
            for place, name in enumerate(names)
        }
        for p in pictures
    }
