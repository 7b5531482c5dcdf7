"""What decoding a picture takes of memory, estimated from its header before anything is decoded.

The numbers a pixel were measured with Pillow 13 on files of the largest size (`python -m benchmarks decoding`).
"""

from __future__ import annotations

from typing import BinaryIO

from PIL import Image

from lib.core import bands, deep, resizing

#: Bytes a pixel that decoders need besides the picture: canvases to compose on, planes of brightness and color.
_CANVASES = {"WEBP": 12, "AVIF": 8}
_MODES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}  # all others have 4
#: Bytes a pixel while a band of rows is made 8 bits, and for each byte that its file has of a pixel.
_BAND, _BAND_EACH = 10, 13
_PIXEL = 4  # bytes of one in a picture of colors, as Pillow keeps it
_START_OF_SCAN = 0xDA
_BITS, _ROWS_PER_STRIP, _TILE_WIDTH = 258, 278, 322  # tags of TIFF


def of(image: Image.Image, file: BinaryIO, n_bytes: int, scale: int = 1) -> int:
    """Return how many bytes `lib.core.bands` needs of memory for a picture, besides what is made of it.

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
    """
    n_pixels, layout = image.width * image.height, deep.layout(image)
    each = _MODES.get(image.mode, _PIXEL)
    if layout is not None and layout.raw:
        each *= 2  # decoded once for the upper and once for the lower byte
    part = min(n_pixels, image.width * bands.n_rows(image.width)) * (_BAND + _BAND_EACH * each)
    if bands.in_parts(image, file) is not None:
        return part
    needed = n_pixels * each
    if image.format in ("JPEG", "MPO"):
        needed += _coefficients(image, file, scale)
    elif image.format == "TIFF":
        needed += _strip(image)
    elif image.format in _CANVASES:
        needed += n_pixels * _CANVASES[image.format] + 2 * n_bytes
    return needed + part


def made(size: tuple[int, int], longest: int = 0) -> int:
    """Return the bytes of what is made of a picture of ``size``: all of it in RGB, or the longer side ``longest``."""
    width, height = size
    scale = int(max(size) / longest / resizing.GAP) if longest else 0
    if scale < 2:
        return width * height * _PIXEL
    blocks = width * min(height, max(scale, bands.n_rows(width)))
    return (width * height // scale**2 + blocks + 2 * longest**2) * _PIXEL


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


def _strip(image: Image.Image) -> int:
    """Return the bytes of one strip of a TIFF, which are decompressed at once; tiles are small."""
    tags = getattr(image, "tag_v2", {})
    if _TILE_WIDTH in tags:
        return 0
    rows = min(image.height, tags.get(_ROWS_PER_STRIP, image.height))
    return int(rows * image.width * sum(tags.get(_BITS, (8,))) // 8)
