"""What decoding a picture takes of memory, estimated from its header before anything is decoded.

The numbers a pixel were measured with Pillow 13 on files of the largest size (`python -m benchmarks decoding`).
"""

from __future__ import annotations

from typing import BinaryIO

from PIL import Image

from lib.core import bands, deep, resizing

#: Bytes a pixel that decoders need besides the picture: canvases to compose on, planes of brightness and color.
_CANVASES = {("WEBP", "RGB"): 8, ("WEBP", "RGBA"): 8, ("AVIF", "RGB"): 8, ("AVIF", "RGBA"): 10}
_MODES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}  # all others have 4
#: Bytes a pixel while a band of rows is made 8 bits, and for each byte that its file has of a pixel; of plain RGB.
_BAND, _BAND_EACH, _BAND_PLAIN = 10, 13, 16
_PIXEL = 4  # bytes of one in a picture of colors, as Pillow keeps it
_START_OF_SCAN = 0xDA
_BITS, _COMPRESSION, _ROWS_PER_STRIP, _TILE_WIDTH = 258, 259, 278, 322  # tags of TIFF
_PLAIN = 1  # of its compression


def of(image: Image.Image, file: BinaryIO, n_bytes: int, scale: int = 1, longest: int | None = 0) -> int:
    """Return how many bytes it takes to decode a picture by `lib.core.bands` and to make something of it.

    Parameters
    ----------
    image : PIL.Image.Image
        Opened and not yet decoded; of a draft the size is that of the draft.
    file : binary file
        The whole file; where it is read does not change.
    n_bytes : int
        Its length.
    scale : int
        By how much the draft of a JPEG is smaller.
    longest : int, optional
        Longer side in pixels of what is made of it; 0 for all of it, None for nothing.
    """
    n_pixels, layout = image.width * image.height, deep.layout(image)
    each = _MODES.get(image.mode, _PIXEL)
    if layout is not None and layout.raw:
        each *= 2  # decoded once for the upper and once for the lower byte
    in_parts = bands.in_parts(image, file) is not None
    is_plain = image.mode == "RGB" and layout is None and not image.has_transparency_data and not in_parts
    a_pixel = _BAND_PLAIN if is_plain else _BAND + _BAND_EACH * each
    output = _rows(image.size, a_pixel) + (0 if longest is None else _output(image.size, longest, is_plain=is_plain))
    if in_parts:
        return output
    held, decoder = n_pixels * each, 0
    if image.format in ("JPEG", "MPO"):
        decoder = _coefficients(image, file, scale)
    elif image.format == "TIFF":
        decoder = _strip(image, n_bytes)
    elif canvases := _CANVASES.get((image.format or "", image.mode)):
        decoder = n_pixels * canvases + 2 * n_bytes
    if image.format != "PNG" and image.getexif().get(bands.ORIENTATION, bands.UPRIGHT) != bands.UPRIGHT:
        decoder = max(decoder, held)  # turned, it is there twice for a moment
        output += held if image.format != "TIFF" else 0
    return held + max(decoder, output)  # the decoder has gone when something is made


def in_rows(size: tuple[int, int], longest: int | None = 0) -> int:
    """Return how many bytes it takes to decode a picture of ``size`` as a PNG that is read some rows at a time."""
    return _rows(size, _BAND + _BAND_EACH * _PIXEL) + (0 if longest is None else _output(size, longest, is_plain=False))


def _rows(size: tuple[int, int], a_pixel: int) -> int:
    """Return what it takes to make rows 8 bits, as many as are converted at a time."""
    return min(size[0] * size[1], size[0] * bands.n_rows(size[0])) * a_pixel


def _output(size: tuple[int, int], longest: int, *, is_plain: bool) -> int:
    """Return the bytes of what is made of a picture on the way to RGB of ``longest`` pixels, and of that."""
    (width, height), fitted = size, resizing.fit(size, longest) if longest else size
    if fitted == size:
        return 0 if is_plain else width * height * _PIXEL
    _, down = resizing.factors(size, longest)
    block = width * min(height, max(down, bands.n_rows(width)))
    return (2 * block + fitted[0] * (height // down + 1) + fitted[0] * fitted[1]) * _PIXEL


def _coefficients(image: Image.Image, file: BinaryIO, scale: int) -> int:
    """Return what a JPEG keeps of all of its coefficients, whatever its draft: two bytes each, if it has many scans."""
    layers = getattr(image, "layer", [])
    if not image.info.get("progressive") and _n_components(file) == len(layers):
        return 0
    factors = [(across, down) for _, across, down, *_ in layers]
    most = max(across for across, _ in factors) * max(down for _, down in factors)
    n_pixels = image.width * image.height * scale**2
    return sum(2 * n_pixels * across * down // most for across, down in factors)


def _n_components(file: BinaryIO) -> int:
    """Return how many color components the first scan of a JPEG has, 0 where there is none."""
    at = file.tell()
    try:
        file.seek(2)
        while len(marker := file.read(4)) == 4 and marker[0] == 0xFF:
            if marker[1] == _START_OF_SCAN:
                return file.read(1)[0]
            file.seek(int.from_bytes(marker[2:]) - 2, 1)
        return 0
    except IndexError:
        return 0
    finally:
        file.seek(at)


def _strip(image: Image.Image, n_bytes: int) -> int:
    """Return what a compressed TIFF takes besides: its file, and one strip, which is decompressed at once."""
    tags = getattr(image, "tag_v2", {})
    if tags.get(_COMPRESSION, _PLAIN) == _PLAIN:
        return 0
    if _TILE_WIDTH in tags:  # tiles are small
        return n_bytes
    rows = min(image.height, tags.get(_ROWS_PER_STRIP, image.height))
    return n_bytes + int(rows * image.width * sum(tags.get(_BITS, (8,))) // 8)
