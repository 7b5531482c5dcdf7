"""Attributes of annotations: which of them, if any, says the label or what a point is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.choices import refusal
from lib.importing.parsed import Fix, UnsureError
from lib.importing.problems import Problems
from lib.importing.untrusted import describe

#: The answer that names the attribute that is read.
ATTRIBUTE = "attribute"
_OFFERED = 8
#: Attributes that are labels by their names, the likeliest first.
_USUAL = ("label", "labels", "class", "classes", "category", "categories", "type", "name", "tag", "tags")


@dataclass
class Values:
    """Values of attributes, by attribute and picture, those without a text left out."""

    pictures: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def add(self, picture: str, values: Mapping[str, str]) -> None:
        """Add what one annotation in a picture says."""
        for attribute, value in values.items():
            if value:
                self.pictures.setdefault(attribute, {}).setdefault(picture, []).append(value)

    def of(self, picture: str, attribute: str) -> list[str]:
        """Return the values in one picture."""
        return list(dict.fromkeys(self.pictures.get(attribute, {}).get(picture, [])))


def instead_of_labels(values: Values, choices: Mapping[str, str], problems: Problems) -> tuple[str | None, list[Fix]]:
    """Return the attribute that the user chose to read in place of labels, None for the labels, and what to ask.

    The attributes that are not read are noted.

    Raises
    ------
    UserError
        If the user chose one that is not there.
    """
    names = sorted(values.pictures)
    chosen = choices.get(ATTRIBUTE)
    if chosen is not None and chosen not in names:
        raise _not_there(chosen, names)
    others = [name for name in names if name != chosen]
    for name in others:
        count = sentences.count(len(values.pictures[name]), "image")
        problems.add("unread-attribute", f"{name}, such as {describe(_first(values, name))}, in {count}")
    question = "Attributes of the annotations are not read: the labels are."
    if chosen is not None:
        question = f"The labels are the values of the attribute {chosen!r}."
    return chosen, [_fix(question, name) for name in others[:_OFFERED]]


def label_attribute(
    names: Iterable[str], choices: Mapping[str, str], where: str, what: str = "the label"
) -> tuple[str | None, list[Fix]]:
    """Return the attribute that says the label, the only one or the one with a usual name, and what to ask.

    Raises
    ------
    UnsureError
        If several could be.
    UserError
        If the user chose one that is not there.
    """
    able = sorted(names)
    chosen = choices.get(ATTRIBUTE)
    if chosen is not None and chosen not in able:
        raise _not_there(chosen, able)
    if chosen is None and len(able) > 1:
        usual = [name for word in _USUAL for name in able if name.lower() == word]
        if not usual:
            listed = sentences.listed(able, _OFFERED, show=repr)
            question = f"Each of the attributes {listed} could be {what}: which one is it?"
            raise UnsureError(
                f"{where}: each of the attributes {listed} could be {what}. Choose one, for instance "
                f"{ATTRIBUTE}={able[0]}.",
                [_fix(question, name) for name in able[:_OFFERED]],
            )
        chosen = usual[0]
    chosen = chosen or (able[0] if able else None)
    question = f"{what[0].upper()}{what[1:]} is the attribute {chosen!r}; there are others."
    return chosen, [_fix(question, name) for name in able if name != chosen][:_OFFERED]


def _fix(question: str, name: str) -> Fix:
    return Fix("", question, ATTRIBUTE, name, f"Read {name!r}")


def _first(values: Values, name: str) -> str:
    return next(iter(values.pictures[name].values()))[0]


def _not_there(chosen: str, names: list[str]) -> UserError:
    shown = sentences.listed(names, _OFFERED, show=repr) or "none, there are no attributes"
    return refusal(ATTRIBUTE, chosen, f"an attribute of the data, one of {shown}")
