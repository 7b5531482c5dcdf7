"""A picture that is decoded some rows at a time has the pixels of one that is decoded as a whole."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from lib.core import bands, pictures, png_parts
from lib.core.depth import OWN, UPPER, ValueRange
from lib.core.picture_files import UnreadableImageError
from tests.unit.deep_files import chunk, png16, tiff16

HEIGHT, WIDTH = 211, 173


def _waves(channels: int) -> np.ndarray:
    """Return smooth values of 8 bits with noise, so that files use all filters of PNG."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    smooth = np.stack([120 + 100 * np.sin(x / (9 + 4 * k) + y / (21 - 3 * k)) for k in range(channels)], axis=-1)
    return (smooth + np.random.default_rng(channels).normal(0, 9, smooth.shape)).clip(0, 255).astype(np.uint8)


def _file(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _deep(channels: int) -> np.ndarray:
    values = _waves(channels).astype(np.uint16) * 16 + 7
    if channels in (2, 4):
        values[..., -1] = np.where(np.arange(WIDTH) % 50 < 20, 4095, 1000)
    return values[..., 0] if channels == 1 else values


def _turned(data: bytes, orientation: int, *, late: bool = False) -> bytes:
    """Return a PNG with an EXIF orientation, before its pixels or after them."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    at = len(data) - 12 if late else 33
    return data[:at] + chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")) + data[at:]


def _interlaced(data: bytes) -> bytes:
    """Return a PNG whose header says that it is interlaced; its rows are not."""
    return data[:8] + chunk(b"IHDR", data[16:28] + b"\1") + data[33:]


_RGB, _RGBA = Image.fromarray(_waves(3)), Image.fromarray(_waves(4))
IN_PARTS = {
    "gray": _file(_RGB.convert("L")),
    "gray, one value transparent": _file(_RGB.convert("L"), transparency=100),
    "1 bit": _file(_RGB.convert("1")),
    "gray and alpha": _file(_RGBA.convert("LA")),
    "color": _file(_RGB),
    "color and alpha": _file(_RGBA),
    "palette": _file(_RGB.quantize(200)),
    "palette of 4 bits": _file(_RGB.quantize(15)),
    "palette of 2 bits": _file(_RGB.quantize(4)),
    "palette, transparent": _file(_RGB.quantize(200), transparency=3),
    **{f"16 bits, {channels} channels": png16(_deep(channels)) for channels in (1, 2, 3, 4)},
}
WHOLE = {
    "interlaced": _interlaced(_file(_RGB)),
    "JPEG": _file(_RGB, "JPEG"),
    "CMYK": _file(_RGB.convert("CMYK"), "JPEG"),
    "GIF": _file(_RGB.convert("P"), "GIF"),
    "WebP": _file(_RGBA, "WEBP"),
    "TIFF of 16 bits": tiff16(_deep(1), white_is_0=True),
    "TIFF of 16 bits in color": tiff16(_deep(3), deflated=True),
    "TIFF of floats": _file(Image.fromarray(_deep(1).astype(np.float32)), "TIFF"),
    "TIFF of 32 bits": _file(Image.fromarray(_deep(1).astype(np.int32) - 500), "TIFF"),
}
RULES = {"own": OWN, "upper": UPPER, "a range": ValueRange(-1024, 4095)}


@pytest.fixture
def few_rows(monkeypatch):
    """Return what makes everything be decoded in bands of 7 rows, however small it is."""

    def use() -> None:
        monkeypatch.setattr(bands, "WHOLE", 1000)
        monkeypatch.setattr(bands, "BAND", 7 * WIDTH)

    return use


def _seen(data: bytes, rule) -> list:
    source = io.BytesIO(data)
    try:
        opened = np.asarray(pictures.open_image(source, rule)).tolist()
        small = np.asarray(pictures.shrunk(source, 20, rule)).tolist()
        return [opened, small, pictures.reduced(source, 30, rule)[1]]
    except UnreadableImageError as error:
        return [str(error)]


@pytest.mark.parametrize("rule", RULES)
def test_rows_have_the_pixels_of_the_whole(few_rows, rule, tmp_path):
    """Opened, made small and probed, every kind of file gives the same bits in bands as at once, by every rule."""
    files = {name: tmp_path / str(number) for number, name in enumerate(IN_PARTS | WHOLE)}
    for name, data in (IN_PARTS | WHOLE).items():
        files[name].write_bytes(data)
    at_once = {name: _seen(data, RULES[rule]) for name, data in (IN_PARTS | WHOLE).items()}
    probes = {name: pictures.probe(files[name]) for name in IN_PARTS}
    few_rows()
    for name, data in IN_PARTS.items():
        image = Image.open(io.BytesIO(data))
        assert bands.in_parts(image, io.BytesIO(data)) is not None, name
        assert pictures.probe(files[name]) == probes[name], name
    for name, data in (IN_PARTS | WHOLE).items():
        assert _seen(data, RULES[rule]) == at_once[name], name


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("orientation", [3, 6, 7])
def test_rows_are_turned(few_rows, orientation, late):
    """What EXIF turns is upright in bands too, wherever the file says it; made small it differs by rounding at most."""
    data = _turned(_file(_RGB), orientation, late=late)
    opened, small, _ = _seen(data, OWN)
    few_rows()
    in_bands = _seen(data, OWN)
    assert in_bands[0] == opened
    np.testing.assert_allclose(np.array(in_bands[1], int), np.array(small, int), atol=6)


def test_what_is_cut_off_or_damaged_is_found(few_rows):
    """A PNG whose rows end early, or whose compressed bytes are damaged, is no picture in bands either."""
    few_rows()
    data = _file(_RGB)
    for broken in (data[: len(data) // 2], data[:500] + bytes(40) + data[540:]):
        with pytest.raises(UnreadableImageError, match="damaged"):
            pictures.open_image(io.BytesIO(broken))


def test_what_moves_or_is_interlaced_is_decoded_as_a_whole():
    """Rows of an animation or an interlaced PNG do not stand one below the other in the file."""
    moving = _file(_RGB, save_all=True, append_images=[_RGB.rotate(90)])
    for data in (moving, WHOLE["interlaced"]):
        assert png_parts.of(Image.open(io.BytesIO(data)), io.BytesIO(data)) is None
