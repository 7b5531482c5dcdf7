"""Values of more than 8 bits become the 8 bits that their range implies, whatever file they come from."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from lib.core import deep, depth, pictures
from lib.core.depth import OWN, UPPER, Extent, ValueRange
from lib.core.picture_files import UnreadableImageError
from tests.unit.deep_files import chunk, png16, tiff16

TWELVE = ValueRange(0, 4095)


def _values(high: int, *shape: int) -> np.ndarray:
    values = np.random.default_rng(high).integers(0, high + 1, shape)
    values.flat[0], values.flat[1] = 0, high
    return values


def _file(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _open(data: bytes, rule: depth.Rule = OWN) -> np.ndarray:
    return np.asarray(pictures.open_image(io.BytesIO(data), rule))


def _stretched(values: np.ndarray, black: float, white: float) -> np.ndarray:
    """Return what is to be seen: by hand, number by number."""
    return np.array([round(255 * (float(v) - black) / (white - black)) for v in values.flat]).reshape(values.shape)


GRAY = {
    "png": lambda values: png16(values),
    "tiff": lambda values: tiff16(values),
    "big-endian tiff": lambda values: tiff16(values, ">"),
    "tiff of 32 bits": lambda values: _file(Image.fromarray(values.astype(np.int32)), "TIFF"),
    "tiff of floats": lambda values: _file(Image.fromarray(values.astype(np.float32)), "TIFF"),
    "pgm": lambda values: b"P5 20 30 65535\n" + values.astype(">u2").tobytes(),
}


@pytest.mark.parametrize("form", GRAY)
@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_gray_values_are_stretched_by_their_bits(form, bits):
    """Values of 10 to 16 bits in any file of gray reach from black to white, and their mean is numpy's by hand."""
    values = _values(2**bits - 1, 30, 20)
    data = GRAY[form](values)
    shown = _open(data, ValueRange(0, 2**bits - 1))
    assert shown.shape == (30, 20, 3)
    np.testing.assert_array_equal(shown, np.repeat(_stretched(values, 0, 2**bits - 1)[..., None], 3, axis=2))
    assert shown.mean() == pytest.approx(values.mean() * 255 / (2**bits - 1), abs=0.1)
    np.testing.assert_array_equal(_open(data), shown)  # these values call for the same range on their own


COLOR = {
    "png": lambda values: png16(values),
    "tiff": lambda values: tiff16(values),
    "big-endian tiff": lambda values: tiff16(values, ">"),
    "deflated tiff": lambda values: tiff16(values, deflated=True),
    "deflated big-endian tiff": lambda values: tiff16(values, ">", deflated=True),
}


@pytest.mark.parametrize("form", COLOR)
def test_colors_keep_all_their_bits(form):
    """RGB of 12 bits, of which the upper byte alone has 16 shades, is stretched channel by channel."""
    values = _values(4095, 30, 20, 3)
    data = COLOR[form](values)
    shown = _open(data, TWELVE)
    np.testing.assert_array_equal(shown, _stretched(values, 0, 4095))
    assert len(np.unique(shown)) > 200
    np.testing.assert_array_equal(_open(data, UPPER), values >> 8)  # as it was before ranges were kept


@pytest.mark.parametrize("opaque", [4095, 65535])
@pytest.mark.parametrize("channels", [2, 4])
def test_transparency_of_16_bits(channels, opaque):
    """What is transparent is white, what is opaque as it is, be that 4,095 as of some writers of 12 bits or 65,535."""
    values = _values(4095, 30, 20, channels)
    values[..., -1] = opaque
    values[:, :10, -1] = 0
    shown = _open(png16(values), TWELVE)
    assert (shown[:, :10] == 255).all()
    expected = _stretched(values[:, 10:, :-1], 0, 4095)
    np.testing.assert_array_equal(shown[:, 10:], np.broadcast_to(expected, (30, 10, 3)))


@pytest.mark.parametrize("values", [_values(4095, 20, 40), _values(4095, 20, 40, 3)], ids=["gray", "rgb"])
def test_deep_pictures_are_upright(values):
    """The EXIF orientation turns 16 bits as it turns 8, and the size is that of the picture as shown."""
    exif = Image.Exif()
    exif[0x0112] = 6
    data = png16(values)
    turned = data[:33] + chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")) + data[33:]
    np.testing.assert_array_equal(_open(turned, TWELVE), np.rot90(_open(data, TWELVE), -1))


FLOATS = {
    "0 to 1": (0.0, 1.0, ValueRange(0, 1)),
    "0 to 0.7": (0.0, 0.7, ValueRange(0, 1)),
    "a little more than 1": (0.0, 1.02, ValueRange(0, 2)),
    "0 to 4,000": (0.0, 4000.0, ValueRange(0, 4095)),
    "-1 to 1": (-1.0, 1.0, ValueRange(-1, 1)),
    "CT": (-1000.0, 3000.0, ValueRange(-1024, 4095)),
}


@pytest.mark.parametrize("case", FLOATS)
def test_floats(case):
    """Floats of any usual range, negative ones too, are stretched by it; NaN is black and spoils nothing."""
    low, high, expected = FLOATS[case]
    values = np.linspace(low, high, 600, dtype=np.float32).reshape(20, 30)
    values[3, 4], values[3, 5], values[3, 6] = np.nan, np.inf, -3.4e38
    data = _file(Image.fromarray(values), "TIFF")
    seen = depth.extent(values)
    assert depth.covering([seen]) == expected and not seen.whole
    shown = _open(data, expected)[..., 0]
    assert shown[3, 4:7].tolist() == [0, 255, 0]
    usable = np.isfinite(values) & (np.abs(values) < 1e30)
    np.testing.assert_allclose(shown[usable], _stretched(values[usable], expected.black, expected.white), atol=1)


def test_what_has_no_values():
    """A picture of zeros is black, one of NaN too, and neither divides by zero."""
    assert (_open(png16(np.zeros((8, 8)))) == 0).all()
    assert (_open(_file(Image.fromarray(np.full((8, 8), np.nan, dtype=np.float32)), "TIFF")) == 0).all()
    assert depth.covering([Extent(0, 0)]) == ValueRange(0, 255)


def test_one_range_for_all():
    """The brightest picture decides for all, in any order; without a deep picture each is on its own."""
    some = [Extent(0, 900), Extent(5, 3000), Extent(-3, 70)]
    assert depth.covering(some) == depth.covering(some[::-1]) == ValueRange(-4, 4095)
    assert depth.covering([]) == OWN
    dim, bright = _values(900, 9, 9), _values(3000, 9, 9)
    assert _open(png16(dim), TWELVE).mean() < _open(png16(bright), TWELVE).mean() / 2


def test_values_outside_are_refused():
    """A picture of 16 bits is no picture for a model of 12: it would be cut off, so it is refused with both ranges."""
    with pytest.raises(UnreadableImageError, match=r"0 to 60,000, expected 0 to 4,095 \(12 bits\)"):
        _open(png16(_values(60_000, 9, 9)), TWELVE)
    assert _open(png16(_values(4096, 9, 9)), TWELVE).max() == 255  # by less than a step of the 8 bits


def test_before_ranges_were_kept():
    """What was imported before is opened as it was then: the upper 8 of 16 bits, floats up to 1 times 255."""
    values = _values(4095, 9, 9)
    np.testing.assert_array_equal(_open(png16(values), UPPER)[..., 0], values >> 8)
    floats = np.linspace(0, 1, 80, dtype=np.float32).reshape(8, 10)
    expected = np.array([round(255 * float(v)) for v in floats.flat]).reshape(8, 10)
    np.testing.assert_array_equal(_open(_file(Image.fromarray(floats), "TIFF"), UPPER)[..., 0], expected)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr"])
def test_8_bits_do_not_change(mode):
    """A picture of 8 bits is the same to the byte by any rule, and no values are noted of it."""
    noise = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    image = Image.fromarray(noise).convert(mode)
    data = _file(image, "JPEG" if mode == "YCbCr" else "TIFF" if mode == "CMYK" else "PNG")
    with Image.open(io.BytesIO(data)) as plain:
        over = Image.new("RGBA", plain.size, "white")
        over.alpha_composite(plain.convert("RGBA"))
        expected = np.asarray(over.convert("RGB") if "A" in mode else plain.convert("RGB"))
    for rule in (OWN, UPPER, TWELVE, ValueRange(0, 1)):
        np.testing.assert_array_equal(_open(data, rule), expected)


def test_probe_says_what_values_there_are(tmp_path):
    """Lowest and highest value of deep pictures; of a layout of which half is lost only that."""
    values = np.clip(_values(3870, 9, 9, 3), 12, None)
    path = tmp_path / "any.png"
    for data, expected in (
        (png16(values), (Extent(12, 3870), False)),
        (tiff16(values[..., 0]), (depth.extent(values[..., 0]), False)),
        (tiff16(values, planar=True, deflated=True), (None, True)),
        (_file(Image.new("RGB", (9, 9)), "PNG"), (None, False)),
    ):
        path.write_bytes(data)
        probe = pictures.probe(path)
        assert (probe.extent, probe.is_cut) == expected
        assert (probe.width, probe.height) == (9, 9)


def test_planes_are_refused(tmp_path):
    """Pillow takes planes of 16 bits for planes of 8 and shows noise: refused, with what to do."""
    with pytest.raises(UnreadableImageError, match="save it as PNG"):
        _open(tiff16(_values(4095, 9, 9, 3), planar=True), TWELVE)


def test_where_0_is_white():
    """An X-ray that is stored with 0 for white is shown so, but not where it was imported before ranges were kept."""
    values = _values(4095, 9, 9)
    data = tiff16(values, white_is_0=True)
    np.testing.assert_array_equal(_open(data, TWELVE)[..., 0], 255 - _stretched(values, 0, 4095))
    np.testing.assert_array_equal(_open(data, UPPER)[..., 0], values >> 8)


def test_modes_are_named():
    """What Pillow calls RGB is told apart by its 16 bits."""
    for channels, expected in ((2, "LA;16"), (3, "RGB;16"), (4, "RGBA;16")):
        assert deep.mode(Image.open(io.BytesIO(png16(_values(4095, 4, 4, channels))))) == expected


def test_rules_as_json():
    """Every rule comes back as it was, and a range that is none is refused."""
    for rule in (TWELVE, OWN, UPPER):
        assert depth.from_json(depth.to_json(rule).get("value_range")) == rule
    for bad in ([5, 5], [0, float("inf")]):
        with pytest.raises(ValueError, match="range of values"):
            depth.from_json(bad)
