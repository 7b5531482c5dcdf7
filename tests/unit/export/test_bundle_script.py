"""The script in a bundle opens pictures to the bit as the app does, whatever they are, and knows nothing of the app."""

from __future__ import annotations

import ast
import io
import json
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.core import picture_files, pictures
from lib.core.depth import ValueRange
from lib.core.picture_files import UnreadableImageError
from lib.export.bundle import predict
from tests.unit.deep_files import png16, tiff16

#: Rules as the app has them and as the manifest writes them.
RULES = [("own", "own"), ("upper", None), (ValueRange(0, 4095), [0, 4095])]


def saved(image: Image.Image, kind: str, **options) -> bytes:
    """Return a picture's file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def every_mode(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    """Yield picture files of every mode that formats have, turned by EXIF and transparent ones among them."""
    height, width = rng.integers(20, 90, 2)
    smooth = np.linspace(0, 255, height * width * 4).reshape(height, width, 4)
    pixels = (smooth + rng.integers(0, 60, (height, width, 4))).clip(0, 255).astype(np.uint8)
    rgb, rgba = Image.fromarray(np.ascontiguousarray(pixels[..., :3])), Image.fromarray(pixels)
    exif = Image.Exif()
    exif[0x0112] = int(rng.integers(1, 9))
    for mode in ("RGB", "L", "CMYK"):
        yield f"{mode}.jpg", saved(rgb.convert(mode), "JPEG", exif=exif)
    for mode in ("RGB", "L", "P", "1"):
        yield f"{mode}.png", saved(rgb.convert(mode), "PNG", exif=exif)
        yield f"{mode}.gif", saved(rgb.convert(mode), "GIF")
        yield f"{mode}.bmp", saved(rgb.convert(mode), "BMP")
    yield "RGBA.png", saved(rgba, "PNG", exif=exif)
    yield "LA.png", saved(rgba.convert("LA"), "PNG")
    yield "clear.png", saved(rgb.convert("P"), "PNG", transparency=3)
    yield "clear.gif", saved(rgb.convert("P"), "GIF", transparency=7)
    yield "RGBA.webp", saved(rgba, "WEBP", lossless=True, exif=exif)
    yield "CMYK.tif", saved(rgb.convert("CMYK"), "TIFF")
    yield "RGB.tif", saved(rgb, "TIFF", exif=exif)
    most = int(rng.choice([1000, 4095, 60_000]))
    values = rng.integers(0, most, (height, width, 4)).astype(np.uint16)
    for channels in (1, 2, 3, 4):
        yield f"{channels}.png", png16(values[..., :channels] if channels > 1 else values[..., 0])
    for order in "<>":
        yield f"gray{order}.tif", tiff16(values[..., 0], order, white_is_0=order == "<" and bool(rng.integers(2)))
        yield f"color{order}.tif", tiff16(values[..., :3], order, deflated=order == "<")
    yield "F.tif", saved(Image.fromarray(rng.normal(0.4, 0.2, (height, width)).astype(np.float32)), "TIFF")
    yield "I.tif", saved(Image.fromarray(rng.integers(-900, 3000, (height, width)).astype(np.int32)), "TIFF")


def outcome(opened, *asked) -> np.ndarray | str:
    """Return the pixels of a picture, or that it is refused."""
    try:
        return np.asarray(opened(*asked))
    except (UnreadableImageError, OSError, ValueError):
        return "refused"


@pytest.mark.parametrize(("rule", "written"), RULES)
def test_pictures_are_opened_as_the_app_does(tmp_path, rule, written):
    """Of every mode and rule each pixel is the same, and what the app refuses is refused."""
    rng, n_refused, n = np.random.default_rng(3), 0, 0
    for number in range(3):
        for name, content in every_mode(rng):
            path = tmp_path / f"{number}-{name}"
            path.write_bytes(content)
            expected, found = outcome(pictures.open_image, path, rule), outcome(predict.open_image, path, written)
            assert np.array_equal(found, expected), path.name
            n, n_refused = n + 1, n_refused + isinstance(expected, str)
    assert n >= 67 and (n_refused > 0) == isinstance(rule, ValueRange)


def test_colors_in_planes_are_refused(tmp_path):
    """Pillow takes planes of 16 bits for 8: script and app say so."""
    path = tmp_path / "planes.tif"
    path.write_bytes(tiff16(np.full((4, 5, 3), 4000, dtype=np.uint16), planar=True))
    assert outcome(pictures.open_image, path) == outcome(predict.open_image, path) == "refused"


class Silent(predict.Model):
    """A model of one label that answers NaN."""

    def __init__(self, folder: Path = Path(), thresholds: str = "default"):
        self.about = {"files": {}, "has_labels": True, "has_several_labels": True, "has_points": False}
        self.names, self.thresh = ["cat"], np.full(1, 0.5, dtype=np.float32)

    def preds(self, images: list[Image.Image]) -> np.ndarray:
        """Return no number."""
        return np.full((len(images), 1), np.nan, dtype=np.float32)


def test_no_number_is_no_match(tmp_path, monkeypatch, capsys):
    """An answer of NaN is not the expected one, and neither is an example that is no picture."""
    monkeypatch.setattr(predict, "Model", Silent)
    (tmp_path / "examples").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "examples/1.png")
    (tmp_path / "examples/2.png").write_bytes(b"none")
    answer = {"predicted": [], "probabilities": {"cat": 0.2}}
    expected = [{"file": f"examples/{number}.png", "answer": answer} for number in (1, 2)]
    (tmp_path / "examples/expected.json").write_text(json.dumps(expected))
    assert predict.self_test(tmp_path) == 2
    printed = capsys.readouterr()
    assert "largest difference nan" in printed.out and "examples/2.png: it cannot be read" in printed.err


def test_a_damaged_picture_is_one_of_many(tmp_path, monkeypatch, capsys):
    """Whatever Pillow raises, a sentence names the picture, the next one is answered, and the exit code says it."""
    assert set(picture_files._BROKEN) <= set(predict.BROKEN)
    monkeypatch.setattr(predict, "Model", Silent)
    whole = tmp_path / "whole.png"
    Image.new("RGB", (4, 4)).save(whole)
    opened = predict.open_image

    def opens(path: Path, rule: object) -> Image.Image:
        if path.name == "damaged.png":
            raise struct.error("unpack requires a buffer of 4 bytes")
        return opened(path, rule)

    monkeypatch.setattr(predict, "open_image", opens)
    monkeypatch.setattr(sys, "argv", ["predict.py", "damaged.png", str(whole)])
    assert predict.main() == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["file"] == str(whole)
    assert printed.err == "damaged.png: it cannot be read (unpack requires a buffer of 4 bytes)\n"


def test_it_needs_three_packages():
    """Nothing but Python's own modules, numpy, Pillow and onnxruntime is imported by it."""
    tree = ast.parse(Path(predict.__file__).read_text(encoding="utf-8"))
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported - set(sys.stdlib_module_names) == {"numpy", "PIL", "onnxruntime"}
