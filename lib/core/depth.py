"""How values of more than 8 bits a channel become 8 bits: by one range for all pictures of a dataset.

A file of 16 bits seldom uses them all: an X-ray has 10, 12 or 14, and its upper 8 bits are then black. So the import
looks at the values of all pictures and takes the smallest `ValueRange` of a round size that holds them. It is kept with
the dataset, in the record of every run and so beside every model, and whoever opens a picture is told it: what is shown
is what is trained on and what is predicted. Two pictures keep which of them is the brighter.

Three rules there are: a range; `OWN`, where no picture of the dataset had more than 8 bits, so that nothing is known
but the picture itself: the range that its own values call for; and `UPPER`, for what was imported or trained before
ranges were kept: as it was then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Any, Literal

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from lib.core import sentences
from lib.core.arrays import Floats

#: Rules without a range, see the module.
OWN: Literal["own"] = "own"
UPPER: Literal["upper"] = "upper"
#: A rule as JSON; nothing stands for `UPPER`.
Written = Annotated[list[float], Meta(min_length=2, max_length=2)] | Literal["own"] | None

#: Values beyond this are what stands for "no value", as in maps of heights; they are black or white.
_LARGEST = 2.0**32
_SMALLEST = 2.0**-10  # a negative range of floats is no smaller
_NARROW = 8
Bytes = NDArray[np.uint8]
_BAND = 1 << 18  # values that are made 8 bits at a time


class OutsideError(ValueError):
    """Values lie outside of the range that they should lie in; the message says so in a few words."""


@dataclass(frozen=True)
class Extent:
    """The lowest and the highest finite value of a picture, and whether its values are whole numbers by their type.

    ``is_over_1`` is whether any value is above 1, infinite ones as well: `UPPER` asks that of floats.
    """

    lowest: float
    highest: float
    whole: bool = True
    is_over_1: bool = field(default=True, compare=False, repr=False)

    def words(self) -> str:
        """Return it in words.

        Examples
        --------
        >>> Extent(12, 3870).words()
        'values 12 to 3,870'
        """
        return f"values {_number(self.lowest)} to {_number(self.highest)}"


@dataclass(frozen=True)
class ValueRange:
    """A range of values: ``black`` becomes 0, ``white`` 255, what lies between in proportion.

    Raises
    ------
    ValueError
        If white is not above black.
    """

    black: float
    white: float

    def __post_init__(self) -> None:
        if not -math.inf < self.black < self.white < math.inf:
            raise ValueError(f"expected a range of values, found {self.black} to {self.white}")

    def words(self) -> str:
        """Return it in words, with the bits where it is all values of so many.

        Examples
        --------
        >>> ValueRange(0, 4095).words(), ValueRange(-1024, 4095).words(), ValueRange(0, 1).words()
        ('0 to 4,095 (12 bits)', '-1,024 to 4,095', '0 to 1')
        """
        bits = math.log2(self.white + 1)
        named = f" ({bits:.0f} bits)" if self.black == 0 and bits >= 8 and bits.is_integer() else ""
        return f"{_number(self.black)} to {_number(self.white)}{named}"

    def check(self, extent: Extent) -> None:
        """Look whether values lie in the range, to less than a step of the 8 bits.

        Raises
        ------
        OutsideError
            If they do not: made 8 bits, they would be cut off.
        """
        step = (self.white - self.black) / 255
        if extent.lowest <= self.black - step or extent.highest >= self.white + step:
            raise OutsideError(f"its values are {extent.words().removeprefix('values ')}, expected {self.words()}")

    def is_narrow(self, extent: Extent) -> bool:
        """Return whether values use less than an eighth of the range, so that hardly anything is seen of them."""
        return (extent.highest - extent.lowest) * _NARROW < self.white - self.black

    def apply(self, values: np.ndarray) -> Bytes:
        """Return values as uint8: ``255 (v - black) / (white - black)``, rounded; outside black or white, NaN black."""
        scaled = (values.astype(np.float64) - self.black) * (255 / (self.white - self.black))
        numbers: Floats = np.nan_to_num(scaled, nan=0, posinf=255, neginf=0).clip(0, 255)
        rounded: Bytes = np.rint(numbers).astype(np.uint8)
        return rounded


#: How more than 8 bits become 8.
Rule = ValueRange | Literal["own", "upper"]


def extent(values: np.ndarray) -> Extent:
    """Return lowest and highest value; NaN, infinite and absurdly large ones are none."""
    measure = Measure()
    measure.add(values)
    return measure.extent()


class Measure:
    """Measures the `extent` of a picture whose values come part by part."""

    def __init__(self) -> None:
        self._lowest, self._highest, self._peak, self._whole = math.inf, -math.inf, 0.0, True

    def add(self, values: np.ndarray) -> None:
        """Take some values."""
        if values.dtype.kind == "f":
            self._whole = False
            self._peak = max(self._peak, float(np.fmax.reduce(values, axis=None)))
            with np.errstate(invalid="ignore"):
                values = values[np.abs(values) <= _LARGEST]
        if values.size:
            self._lowest, self._highest = (
                min(self._lowest, float(values.min())),
                max(self._highest, float(values.max())),
            )

    def extent(self) -> Extent:
        """Return that of all."""
        lowest, highest = (self._lowest, self._highest) if self._lowest <= self._highest else (0.0, 0.0)
        return Extent(lowest, highest, self._whole, is_over_1=max(self._peak, highest) > 1)


def covering(extents: Iterable[Extent]) -> Rule:
    """Return the smallest round range that holds the values of all pictures; `OWN` if there is none.

    White is that of 8, 10, 12 … bits; of floats that are no larger than 128 it is a power of two, at least 1. Black
    is 0, or minus a power of two where values are negative.

    Examples
    --------
    >>> covering([Extent(30, 900), Extent(12, 3870)])
    ValueRange(black=0.0, white=4095.0)
    >>> covering([Extent(0, 0.8, whole=False)]), covering([Extent(-1000, 3000)])
    (ValueRange(black=0.0, white=1.0), ValueRange(black=-1024.0, white=4095.0))
    """
    extents = list(extents)
    if not extents:
        return OWN
    whole = any(one.whole for one in extents)
    lowest, highest = min(one.lowest for one in extents), max(one.highest for one in extents)
    return ValueRange(_black(lowest, whole), _white(highest, whole))


def _white(highest: float, whole: bool) -> float:
    if not whole and highest <= 128:
        return 2.0 ** max(0, math.ceil(math.log2(highest))) if highest > 1 else 1.0
    bits = 8
    while 2**bits - 1 < highest and bits < 32:
        bits += 2
    return 2.0**bits - 1


def _black(lowest: float, whole: bool) -> float:
    if lowest >= 0:
        return 0.0
    return -(2.0 ** math.ceil(math.log2(max(-lowest, 1 if whole else _SMALLEST))))


def eight_bits(values: np.ndarray, rule: Rule, there: Extent | None = None) -> Bytes:
    """Return the values of a picture, or of some rows of it, as uint8.

    Parameters
    ----------
    values : ndarray
        Integers or floats of any shape.
    rule : Rule
    there : Extent, optional
        That of the whole picture, where these are some rows of it.

    Raises
    ------
    OutsideError
        If the picture's lie outside of the range that they should lie in.
    """
    there = there or extent(values)
    if rule == UPPER:
        return _upper(values, there)
    if not isinstance(rule, ValueRange):
        return _applied(values, _own(there))
    rule.check(there)
    return _applied(values, rule)


def _own(there: Extent) -> ValueRange:
    return ValueRange(_black(there.lowest, there.whole), _white(there.highest, there.whole))


def _applied(values: np.ndarray, value_range: ValueRange) -> Bytes:
    is_short = values.dtype == np.uint16
    return _banded(values, _table(value_range).__getitem__ if is_short else value_range.apply)


def _banded(values: np.ndarray, convert: Callable[[np.ndarray], np.ndarray]) -> Bytes:
    """Convert values some at a time, so that little memory is needed: as an index, 16 bits become 64."""
    flat, out = values.reshape(-1), np.empty(values.size, dtype=np.uint8)
    for start in range(0, values.size, _BAND):
        out[start : start + _BAND] = convert(flat[start : start + _BAND])
    return out.reshape(values.shape)


@lru_cache(maxsize=16)
def _table(value_range: ValueRange) -> Bytes:
    return value_range.apply(np.arange(2**16))


def _upper(values: np.ndarray, there: Extent) -> Bytes:
    """Return the upper 8 bits of integers, and of floats what they are, or 255 times that where none is above 1."""
    if values.dtype.kind == "f":
        scale = 1.0 if there.is_over_1 else 255.0
        return _banded(values, lambda part: np.clip(np.nan_to_num(part.astype(np.float64)) * scale, 0, 255).round())
    shift = 8 if there.highest < 2**16 else 24
    return _banded(values, lambda part: np.clip(part >> shift, 0, 255))


def remark(rule: Rule, n: int) -> str:
    """Return what has to be known of ``n`` deep pictures that a model is asked about; "" where it was taught such.

    Examples
    --------
    >>> remark(OWN, 1)
    '1 image has more than 8 bits a channel, as no image in training had: it is stretched by its own values.'
    >>> remark(OWN, 0), remark(ValueRange(0, 4095), 3)
    ('', '')
    """
    if not n or isinstance(rule, ValueRange):
        return ""
    if rule == OWN:
        rest = "as no image in training had: " + sentences.word(
            n, "it is stretched by its own values.", "each is stretched by its own values."
        )
    else:
        rest = "of which the upper 8 are used, as when this model was trained: values of 12 bits look black."
    return f"{sentences.count(n, 'image has', 'images have')} more than 8 bits a channel, {rest}"


def to_json(rule: Rule) -> dict[str, Any]:
    """Return the field that keeps a rule in a JSON file; none for `UPPER`, as in files of before."""
    if isinstance(rule, ValueRange):
        return {"value_range": [rule.black, rule.white]}
    return {"value_range": OWN} if rule == OWN else {}


def from_json(written: Any) -> Rule:
    """Return the rule of the field ``value_range`` of a JSON file, which was read as `Written`.

    Raises
    ------
    ValueError
        If it is no range.
    """
    if written is None:
        return UPPER
    if written == OWN:
        return OWN
    black, white = written
    return ValueRange(float(black), float(white))


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"
