"""The space of a search: which choices of a training vary, and between what."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lib.core import sentences
from lib.core.choices import Choice
from lib.core.config import CHOICES
from lib.core.errors import UserError

#: Choices that are not searched, and why.
NOT_SEARCHED = {
    "seed": "what differs between seeds is luck: ask for several seeds of the best choice instead",
    "thresh": "thresholds are chosen after a training, on its predictions",
    "weights": "choose one file for all trials",
}
_EXPECTED = "expected NAME=LOW..HIGH for numbers between two, or NAME=A,B,C for one of several"
#: How often the highest is the lowest for a number to be drawn on a logarithmic scale.
_LOG_FROM = 10
#: Significant digits of drawn numbers.
_DIGITS = 3
#: Options of one choice, and letters of one, at most.
_MOST, _LETTERS = 50, 200
_WORDS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
Value = bool | int | float | str


@dataclass(frozen=True)
class Dimension:
    """What one choice may be in a search: one of ``options``, or with none of these a number from ``low`` to ``high``.

    Attributes
    ----------
    low, high : float
        In the unit of the choice, both included.
    options : tuple
        In the order in which they were given, each once.
    """

    low: float = 0.0
    high: float = 0.0
    options: tuple[Value, ...] = ()

    @property
    def is_range(self) -> bool:
        """Whether it is numbers between two."""
        return not self.options

    def is_log(self, choice: Choice) -> bool:
        """Return whether numbers are drawn evenly by their logarithm: rates that span a factor of ten or more."""
        is_wide = self.low > 0 and self.high >= _LOG_FROM * self.low
        return self.is_range and is_wide and choice.kind is float

    def step(self, choice: Choice) -> int:
        """Return by how much whole numbers differ: what the form adds, where that divides the range, else 1."""
        step = int(choice.step or 1)
        return step if (self.high - self.low) % step == 0 else 1

    def count(self, choice: Choice) -> float:
        """Return how many values there are, infinity of a range of ``float``."""
        if self.options:
            return len(self.options)
        return math.inf if choice.kind is float else (self.high - self.low) // self.step(choice) + 1

    def words(self) -> str:
        """Return it as it is typed behind ``NAME=``.

        Examples
        --------
        >>> Dimension(1e-4, 0.1).words(), Dimension(options=(128, 224)).words(), Dimension(options=(True,)).words()
        ('0.0001..0.1', '128,224', 'yes')
        """
        if self.is_range:
            return f"{self.low:.10g}..{self.high:.10g}"
        return ",".join({True: "yes", False: "no"}[one] if isinstance(one, bool) else str(one) for one in self.options)


Space = dict[str, Dimension]


def parse(texts: Iterable[str]) -> Space:
    """Return the space that texts such as ``base_lr=1e-4..1e-1`` and ``size=128,224`` say, by name, sorted.

    Raises
    ------
    UserError
        If one cannot be read, is no choice that can be searched, or is outside of its bounds; or there is none.

    Examples
    --------
    >>> parse(["size=64,128", "base-lr=1e-4..1e-1"])["base_lr"]
    Dimension(low=0.0001, high=0.1, options=())
    """
    space: Space = {}
    for text in texts:
        written, is_there, values = text.partition("=")
        name = written.strip().replace("-", "_")
        if not is_there or not values.strip():
            raise UserError(f"What varies, {text[:80]!r}, cannot be read: {_EXPECTED}, such as base_lr=1e-4..1e-1.")
        if name in space:
            raise UserError(f"The choice {name} varies twice: write all that it may be behind one {name}=.")
        space[name] = _dimension(_choice(name), values)
    check(space)
    return dict(sorted(space.items()))


def _choice(name: str) -> Choice:
    if name in NOT_SEARCHED:
        raise UserError(f"The choice {name} cannot vary in a search: {NOT_SEARCHED[name]}.")
    if name not in CHOICES:
        known = sentences.listed([one for one in CHOICES if one not in NOT_SEARCHED], len(CHOICES))
        raise UserError(f"There is no choice {name[:80]!r} that could vary: expected one of {known}.")
    return CHOICES[name]


def _dimension(choice: Choice, text: str) -> Dimension:
    low, is_range, high = text.partition("..")
    if is_range:
        if choice.kind not in (int, float):
            raise UserError(f"The choice {choice.name} has no numbers in between ({text[:80]!r}): {_EXPECTED}.")
        return Dimension(float(_value(choice, low)), float(_value(choice, high)))
    return Dimension(options=tuple(dict.fromkeys(_value(choice, one) for one in text.split(","))))


def _value(choice: Choice, text: str) -> Any:
    """Return what a text says of a choice, in its type."""
    text = text.strip()
    try:
        if choice.kind is bool:
            return _WORDS[text.lower()]
        return choice.kind(text)
    except (ValueError, KeyError) as error:
        expected = {bool: "yes or no", int: "a whole number", float: "a number"}.get(choice.kind, "a name")
        raise UserError(f"{choice.title} ({choice.name}): expected {expected}, found {text[:40]!r}.") from error


def check(space: Mapping[str, Dimension]) -> None:
    """Look whether a space can be searched, whoever wrote it.

    Raises
    ------
    UserError
        If nothing varies, or a choice cannot be what it says.
    """
    if not space:
        raise UserError("Nothing varies: say which choices the search may change.", flags="--vary base_lr=1e-4..1e-1")
    for name, dimension in space.items():
        choice = _choice(name)
        ends = (dimension.low, dimension.high) if dimension.is_range else dimension.options
        if dimension.is_range and not dimension.low < dimension.high:
            raise UserError(
                f"{choice.title} ({name}) goes from {dimension.low:g} to {dimension.high:g}: expected the lower number "
                "first."
            )
        if len(dimension.options) > _MOST:
            raise UserError(f"{choice.title} ({name}) has {len(dimension.options)} options: expected {_MOST} at most.")
        for value in ends:
            try:
                _check_kind(choice, value, is_end=dimension.is_range)
                choice.check(value)
            except ValueError as error:
                raise UserError(f"What varies cannot be tried: {error}.") from error


def _check_kind(choice: Choice, value: Value, *, is_end: bool) -> None:
    """Look whether a value is of the choice's type; the ends of a range of whole numbers are whole as well."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{choice.name}: expected a finite number, found {value}")
    if is_end and choice.kind is int and value != int(value):
        raise ValueError(f"{choice.name}: expected whole numbers, found {value:g}")
    kinds = (int, float) if choice.kind is float or is_end else (choice.kind,)
    if isinstance(value, bool) != (choice.kind is bool) or not isinstance(value, kinds):
        raise ValueError(f"{choice.name}: expected {choice.kind.__name__}, found {str(value)[:40]!r}")
    if isinstance(value, str) and not 0 < len(value) <= _LETTERS:
        raise ValueError(f"{choice.name}: expected 1 to {_LETTERS} letters, found {len(value)}")


def count(space: Mapping[str, Dimension]) -> float:
    """Return how many combinations there are, infinity where a rate varies.

    Examples
    --------
    >>> count(parse(["size=64,96,128", "augment=yes,no"])), count(parse(["size=64..128", "wd=0..0.1"]))
    (6, inf)
    """
    return math.prod(dimension.count(CHOICES[name]) for name, dimension in space.items())


def typed(name: str, dimension: Dimension, value: Any) -> Any:
    """Return a drawn value as the configuration has it: options as they were given, whole numbers whole.

    Numbers of a range have three significant digits, or, where its ends are closer than that tells apart, three of
    the distance between them; none leaves the range.

    Examples
    --------
    >>> rate, decay = Dimension(1e-4, 0.1), Dimension(0.99, 0.9999)
    >>> typed("base_lr", rate, 0.00123456), typed("ema_decay", decay, 0.998765), typed("ema_decay", decay, 0.99989)
    (0.00123, 0.99877, 0.99989)
    >>> typed("base_lr", Dimension(options=(0.0012345, 0.1)), 0.0012345), typed("size", Dimension(64, 128), 128.0)
    (0.0012345, 128)
    """
    kind = CHOICES[name].kind
    if kind is not float or dimension.options:
        return kind(value)
    digits = max(
        _DIGITS - 1 - math.floor(math.log10(abs(one))) for one in (value, dimension.high - dimension.low) if one
    )
    return min(max(round(float(value), digits), dimension.low), dimension.high)


def first(name: str, dimension: Dimension) -> Any:
    """Return the first option of a choice, or the lowest number."""
    return ends(name, dimension)[0]


def ends(name: str, dimension: Dimension) -> list[Any]:
    """Return all options of a choice, or the lowest and the highest number."""
    return [CHOICES[name].kind(one) for one in dimension.options or (dimension.low, dimension.high)]


def searchable(task: object) -> list[Choice]:
    """Return the choices that can vary for a task."""
    return [
        choice
        for name, choice in CHOICES.items()
        if name not in NOT_SEARCHED
        and (len(choice.known(task)) > 1 if choice.options else not choice.task or getattr(task, choice.task))
    ]


def around(choice: Choice, value: Any, task: object) -> str:
    """Return what is worth trying around the ``value`` of a choice, as it is typed: to begin with, and to be changed.

    Examples
    --------
    >>> [around(CHOICES[name], value, None) for name, value in (("base_lr", 0.003), ("size", 128), ("wd", 0.0))]
    ['0.0003..0.03', '64,128,256', '0..0.1']
    """
    if choice.kind is bool:
        return "yes,no"
    if choice.options:
        return ",".join(choice.known(task))
    if choice.kind is str:
        return str(value)
    if choice.kind is int:
        several = {max(int(choice.low), value // 2), value, min(int(choice.high), value * 2 or 3)}
        return ",".join(map(str, sorted(several)))
    low, high = (value / 10, value * 10) if value else (0.0, 10 * (choice.step or 0.01))
    return Dimension(max(choice.low, low), min(choice.high, high)).words()
