"""Large pictures decoded some rows at a time: what is made of the rows is all that is ever there as a whole.

Where a format allows it (`lib.core.png_parts`), a file is read as several small ones of the same kind. Any other is
decoded as Pillow does, in the bytes that it has for a pixel, and what is made of it is made row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from PIL import Image

from lib.core import deep, depth, png_parts
from lib.core.deep import Layout
from lib.core.depth import OWN, UPPER, Extent, Rule, ValueRange

#: Pixels that are converted at a time, and up to which a picture is decoded as a whole in any case.
BAND, WHOLE = 1 << 18, 1 << 22
UPRIGHT = 1
#: EXIF's tag.
ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
#: Turns that swap width and height.
SIDEWAYS = tuple(_TURNS[orientation] for orientation in (5, 6, 7, 8))
_Images = tuple[Image.Image, ...]


@dataclass
class Picture:
    """A picture of which rows can be had.

    Attributes
    ----------
    size : tuple of int
        (width, height) of what the rows make together.
    orientation : int
        EXIF's, 1 to 8, as it is stored.
    turn : PIL.Image.Transpose, optional
        What makes it upright once its rows are together; None where the rows are upright already.
    layout : Layout, optional
        Of its values, if it is deep and its rule is not `UPPER` of color.
    whole : PIL.Image.Image, optional
        It all, upright, where it is 8-bit RGB, nothing transparent, and decoded as a whole.
    """

    size: tuple[int, int]
    orientation: int
    turn: Image.Transpose | None
    layout: Layout | None
    whole: Image.Image | None
    _rows: Callable[[int], Iterator[_Images]]
    _extents: list[Extent] = field(default_factory=list)

    def rows(self, rule: Rule) -> Iterator[Image.Image]:
        """Yield it from top to bottom in 8-bit RGB, `n_rows` at a time.

        Raises
        ------
        lib.core.depth.OutsideError
            If its values lie outside of the range of ``rule``.
        """
        if isinstance(rule, ValueRange) and self.layout is not None and not self.layout.has_alpha:
            yield from self._checked_rows(rule, self.layout)
            return
        is_cut_off = rule == UPPER and self.layout is not None and self.layout.raw  # where no value has to be known
        extents = [] if is_cut_off else self._measured()
        for images in self._rows(self.n_rows()):
            yield _rgb(images, self.layout, rule, extents)

    def _checked_rows(self, rule: ValueRange, layout: Layout) -> Iterator[Image.Image]:
        """Yield it, and check in the end whether its values lie in the range: so it is decoded once."""
        seen, inside = depth.Measure(), [Extent(rule.black, rule.white)]
        for images in self._rows(self.n_rows()):
            seen.add(deep.read(images, layout).values)
            yield _rgb(images, layout, rule, inside)
        rule.check(seen.extent())

    def release(self) -> None:
        """Let go of what is decoded, once its rows were had."""
        self.whole, self._rows = None, lambda _: iter(())

    def n_rows(self) -> int:
        """Return how many rows are had at a time."""
        return n_rows(self.size[0])

    def extent(self) -> Extent | None:
        """Decode it all; return what values it has, if it is deep."""
        if self.layout is not None:
            return self._measured()[0]
        for _ in self._rows(self.n_rows()):
            pass
        return None

    def _measured(self) -> list[Extent]:
        """Return what values it has, and what values say how opaque it is."""
        if not self._extents and self.layout is not None:
            values, alpha = depth.Measure(), depth.Measure()
            for images in self._rows(self.n_rows()):
                part = deep.read(images, self.layout)
                values.add(part.values)
                if part.alpha is not None:
                    alpha.add(part.alpha)
            self._extents = [values.extent(), alpha.extent()]
        return self._extents


def of(image: Image.Image, file: BinaryIO, rule: Rule = OWN) -> Picture:
    """Return the rows of a picture, which is decoded here or as they are asked for.

    Parameters
    ----------
    image : PIL.Image.Image
        Opened and not yet decoded; perhaps a draft.
    file : binary file
        The whole file, open until the last row was had.
    rule : Rule
        What the rows will be asked for.
    """
    if (parts := in_parts(image, file)) is not None:
        orientation = parts.head().getexif().get(ORIENTATION, UPRIGHT)
        return Picture(image.size, _known(orientation), _TURNS.get(orientation), parts.layout, None, parts.rows)
    layout = None if rule == UPPER and image.mode.startswith("RGB") else deep.layout(image)
    if image.format == "WEBP":
        _let_go_of_canvases(image)
    if image.format == "TIFF":  # which Pillow turns as it decodes it
        orientation = image.getexif().get(ORIENTATION, UPRIGHT)
        images = deep.planes(image, file, layout)
    else:
        images = deep.planes(image, file, layout)
        orientation = images[0].getexif().get(ORIENTATION, UPRIGHT)
    turn = _TURNS.get(images[0].getexif().get(ORIENTATION, UPRIGHT))
    if turn is not None:
        images = tuple(one.transpose(turn) for one in images)
    first = images[0]
    is_plain = layout is None and first.mode == "RGB" and not first.has_transparency_data

    def rows(count: int) -> Iterator[_Images]:
        width, height = first.size
        for top in range(0, height, count):
            yield tuple(one.crop((0, top, width, min(top + count, height))) for one in images)

    return Picture(first.size, _known(orientation), None, layout, first if is_plain else None, rows)


def _let_go_of_canvases(image: Image.Image) -> None:
    """Let a WebP drop its decoder, with two canvases, before its pixels are copied: of twelve bytes a pixel eight."""
    prepare = image.load_prepare  # type: ignore[attr-defined]

    def dropping() -> None:
        image._decoder = None  # type: ignore[attr-defined]
        prepare()

    image.load_prepare = dropping  # type: ignore[attr-defined]


def n_rows(width: int) -> int:
    """Return how many rows of a picture are converted at a time."""
    return max(1, BAND // width)


def in_parts(image: Image.Image, file: BinaryIO) -> png_parts.Parts | None:
    """Return the parts in which a picture is decoded, None where it is decoded as a whole."""
    return png_parts.of(image, file) if image.width * image.height > WHOLE else None


def _known(orientation: object) -> int:
    return orientation if isinstance(orientation, int) and orientation in range(1, 9) else UPRIGHT


def _rgb(images: _Images, layout: Layout | None, rule: Rule, extents: list[Extent]) -> Image.Image:
    """Return 8-bit RGB of any mode; `Image.convert` alone would clip 16 bits and show what is transparent."""
    image = images[0]
    if layout is not None and rule == UPPER and image.mode.startswith("RGB"):
        image = deep.upper(images, layout)
    elif layout is not None:
        pixels = deep.read(images, layout)
        shown = depth.eight_bits(pixels.values, rule, extents[0])
        image = Image.fromarray(255 - shown if pixels.inverted and rule != UPPER else shown)
        if pixels.alpha is not None:  # a file of 12 bits has 4,095 where nothing shines through
            image = image.convert("RGB")
            image.putalpha(Image.fromarray(depth.eight_bits(pixels.alpha, OWN, extents[1])))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")
