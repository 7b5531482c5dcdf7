"""Columns that describe a picture and tell nothing of the target, drawn as people have them beside it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

_TEXT = ("checked twice", "taken at noon; windy", "see also the second one", "blurred, but usable", 'the "old" one')


Extra = Callable[[Random, int], list[str]]


def _each(draw: Callable[[Random], str]) -> Extra:
    return lambda rng, count: [draw(rng) for _ in range(count)]


def _numbered(first: int) -> Extra:
    return lambda rng, count: [str(first + row) for row in range(count)]


def random_code(rng: Random, length: int = 8) -> str:
    return "".join(rng.choices("0123456789abcdef", k=length))


def _constant(value: str) -> Extra:
    return lambda rng, count: [value] * count


#: Columns beside the targets, which nobody wants to predict, by name.
DESCRIBING: dict[str, Extra] = {
    "age": _each(lambda rng: str(rng.randint(1, 95))),
    "Patient Age": _each(lambda rng: str(rng.randint(1, 95))),
    "sex": _each(lambda rng: rng.choice("MF")),
    "Patient Gender": _each(lambda rng: rng.choice(("male", "female"))),
    "site": _each(lambda rng: rng.choice(("back", "arm", "leg", "face"))),
    "hospital": _each(lambda rng: rng.choice(("North", "South", "St. Mary"))),
    "url": _each(lambda rng: f"https://example.org/photos/{random_code(rng)}"),
    "uuid": _each(lambda rng: random_code(rng, 24)),
    "md5": _each(lambda rng: random_code(rng, 32)),
    "date": _each(lambda rng: f"20{rng.randint(10, 24)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"),
    "timestamp": _each(lambda rng: str(rng.randint(1_500_000_000, 1_700_000_000))),
    "year": _each(lambda rng: str(rng.randint(2010, 2024))),
    "width": _constant("320"),
    "height": _constant("240"),
    "latitude": _each(lambda rng: f"{rng.uniform(-60, 60):.5f}"),
    "longitude": _each(lambda rng: f"{rng.uniform(-180, 180):.5f}"),
    "license": _constant("CC-BY 4.0"),
    "version": _constant("2"),
    "notes": _each(lambda rng: rng.choice((*_TEXT, "", "")) + rng.choice(("", f" ({rng.randint(1, 999)})"))),
    "comment": _each(lambda rng: rng.choice((*_TEXT, "", "", ""))),
    "photographer": _each(lambda rng: rng.choice(("A. Lee", "B. Ruiz", "C. Ito"))),
    "camera": _each(lambda rng: rng.choice(("cam1", "cam2"))),
    "confidence": _each(lambda rng: f"{rng.uniform(0.3, 1):.3f}"),
    "likelihood": _each(lambda rng: f"{rng.uniform(0.3, 1):.4f}"),
    "quality": _each(lambda rng: rng.choice(("good", "fair", "poor"))),
    "Unnamed: 0": _numbered(0),
    "index": _numbered(1),
    "id": _numbered(1),
    "": _numbered(0),
    "remarks": _constant(""),
}
#: Columns whose names do not tell that nobody wants to predict them.
TELLING: dict[str, Extra] = {
    "weather": _each(lambda rng: rng.choice(("sunny", "rain", "fog"))),
    "brightness": _each(lambda rng: f"{rng.uniform(0, 255):.2f}"),
    "contrast": _each(lambda rng: f"{rng.uniform(0, 2):.3f}"),
    "distance_m": _each(lambda rng: f"{rng.uniform(0, 30):.1f}"),
    "reviewed": _each(lambda rng: rng.choice(("yes", "no"))),
    "is_augmented": _each(lambda rng: rng.choice("01")),
    "Alter": _each(lambda rng: str(rng.randint(1, 95))),
    "Datum": _each(lambda rng: f"{rng.randint(1, 28):02}.{rng.randint(1, 12):02}.20{rng.randint(10, 24)}"),
    "commentaire": _each(lambda rng: rng.choice((*_TEXT, ""))),
    "batch": _each(lambda rng: str(rng.randint(1, 4))),
    "legacy": _constant(""),
    "project": _constant("alpine"),
}
