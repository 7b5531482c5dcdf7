"""Predictions of this bundle's model for pictures of any size and kind; needs onnxruntime, numpy and Pillow only.

python predict.py PICTURE ... [--thresholds NAME]   prints one line of JSON a picture
python predict.py --self-test                       compares files and examples with what is expected of them
"""

from __future__ import annotations

import argparse
import hashlib
import json
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM")
BATCH = 16
#: How Pillow calls 16 bits a channel in color or with transparency, where all of them can be had.
DEEP = {"LA;16B", *(f"{channels};16{order}" for channels in ("RGB", "RGBA", "RGBX") for order in "BLN")}
#: By how much an answer may differ from the expected one: probabilities and standardized values, and pixels.
CLOSE, CLOSE_PX = 1e-3, 0.5
#: What Pillow raises on damaged pictures.
BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError, RuntimeError,
    struct.error, Image.DecompressionBombError,
)  # fmt: skip


class Model:
    """The model in the folder of a bundle; ``model(paths)`` returns an answer a picture."""

    def __init__(self, folder: Path = HERE, thresholds: str = "default"):
        import onnxruntime

        self.about: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self.names: list[str] = self.about["names"]
        self.thresh = np.zeros(len(self.names), dtype=np.float32)
        if self.about["has_labels"]:
            sets = json.loads((folder / "threshold.json").read_text(encoding="utf-8"))["sets"]
            if thresholds not in sets:
                raise SystemExit(f"There are no thresholds {thresholds!r}: choose one of {', '.join(sets)}.")
            self.thresh[:] = [sets[thresholds]["thresholds"][name] for name in self.names]
        self.session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])

    def __call__(self, paths: list[Path]) -> list[dict[str, Any]]:
        """Return what is predicted of each picture; points are pixels of the picture itself, origin top left."""
        answers: list[dict[str, Any]] = []
        for start in range(0, len(paths), BATCH):
            images = [open_image(path, self.about.get("value_range")) for path in paths[start : start + BATCH]]
            for image, pred in zip(images, self.preds(images), strict=True):
                answers.append({"width": image.width, "height": image.height, **self.read(pred, image.size)})
        return answers

    def preds(self, images: list[Image.Image]) -> np.ndarray:
        """Return what the network says of pictures, float32 of shape (n, n_out): all of each squished to a square."""
        side = self.about["size"]
        squares = [np.asarray(image.resize((side, side), Image.Resampling.BILINEAR)) for image in images]
        preds: np.ndarray = self.session.run(["preds"], {"pixels": np.stack(squares)})[0]
        return preds

    def read(self, pred: np.ndarray, size: tuple[int, int]) -> dict[str, Any]:
        """Return a row of predictions by name: points from -1 to 1 as pixels, standardized values in their unit."""
        if self.about["has_points"]:
            points = ((pred.reshape(-1, 2) + 1) / 2 * np.array(size, dtype=np.float64)).astype(np.float32)
            return {"points": {name: point.tolist() for name, point in zip(self.names, points, strict=True)}}
        if not self.about["has_labels"]:
            scale = self.about["scale"]
            values = (pred.astype(np.float64) * scale["std"] + scale["mean"]).astype(np.float32)
            return {"values": dict(zip(self.names, values.tolist(), strict=True))}
        above = pred > self.thresh
        if not self.about["has_several_labels"]:
            above &= np.arange(len(pred)) == pred.argmax()
        predicted = [name for name, there in zip(self.names, above, strict=True) if there]
        return {"predicted": predicted, "probabilities": dict(zip(self.names, pred.tolist(), strict=True))}


def open_image(path: Path, rule: Any = "own") -> Image.Image:
    """Return a picture as the model was taught: upright, in 8-bit RGB, what is transparent on white.

    More than 8 bits a channel become 8 by ``rule``: the range of values [black, white] of the training's pictures,
    "own" for the picture's own range, None for the upper 8 bits.
    """
    image: Image.Image = Image.open(path, formats=FORMATS)
    tags, raw = getattr(image, "tag_v2", {}), _raw_mode(image)
    is_gray = image.mode == "F" or image.mode.startswith("I")
    if image.format == "TIFF" and not is_gray and max(tags.get(258, (8,))) > 8 and len(raw) < 2:
        raise ValueError(f"{path}: 16 bits a channel, one channel after the other: save it as PNG")
    is_color = raw in DEEP and tags.get(284, 1) == 1 and rule is not None
    if is_color and raw == "LA;16B":
        values = np.asarray(ImageOps.exif_transpose(_decoded_as(path, "RGBA"))).view(">u2").astype(np.uint16)
        image = _with_alpha(values[..., 0], values[..., 1], rule)
    elif is_color:  # Pillow keeps the upper byte of each value; read in the other byte order it keeps the lower one
        own = raw[-1] if raw[-1] != "N" else "L" if sys.byteorder == "little" else "B"
        upper, lower = (
            np.asarray(ImageOps.exif_transpose(_decoded_as(path, raw[:-1] + order)))
            for order in (own, "BL".replace(own, ""))
        )
        values = upper.astype(np.uint16) << 8 | lower
        image = _with_alpha(values[..., :3], values[..., 3] if values.shape[2] == 4 else None, rule)
    else:
        image = ImageOps.exif_transpose(image)
    if is_gray:
        kind = np.float32 if image.mode == "F" else np.int32 if image.mode == "I" else np.uint16
        shown = eight_bits(np.asarray(image).astype(kind), rule)
        image = Image.fromarray(255 - shown if rule is not None and tags.get(262) == 0 else shown)
    if image.has_transparency_data:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    return image.convert("RGB")


def _raw_mode(image: Image.Image) -> str:
    """Return what Pillow calls the layout of the values of a file that is not decoded yet, "" where it does not say."""
    tiles = getattr(image, "tile", None)
    if not tiles or not image.mode.startswith(("RGB", "CMYK")):
        return ""
    args = tiles[0][3]
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""


def _decoded_as(path: Path, raw: str) -> Image.Image:
    image = Image.open(path, formats=FORMATS)
    tiles: Any = image.tile  # type: ignore[attr-defined]
    image.tile = [  # type: ignore[attr-defined]
        one._replace(args=(raw, *one.args[1:]) if isinstance(one.args, tuple) else raw) for one in tiles
    ]
    image.load()
    return image


def _with_alpha(values: np.ndarray, alpha: np.ndarray | None, rule: Any) -> Image.Image:
    image = Image.fromarray(eight_bits(values, rule))
    if alpha is not None:
        image = image.convert("RGB")
        image.putalpha(Image.fromarray(eight_bits(alpha, "own")))
    return image


def eight_bits(values: np.ndarray, rule: Any) -> np.ndarray:
    """Return values of more than 8 bits as 8, see `open_image`."""
    is_whole = values.dtype.kind != "f"
    known = values[np.abs(values) <= 2.0**32] if not is_whole else values
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    if rule is None and is_whole:
        return (values >> (8 if high < 2**16 else 24)).clip(0, 255).astype(np.uint8)
    if rule is None:
        scale = 1.0 if float(np.fmax.reduce(values, axis=None)) > 1 else 255.0
        return (np.nan_to_num(values.astype(np.float64)) * scale).clip(0, 255).round().astype(np.uint8)
    black, white = rule if rule != "own" else _range(low, high, is_whole)
    if rule != "own" and not black - (white - black) / 255 < low <= high < white + (white - black) / 255:
        raise ValueError(f"its values are {low:g} to {high:g}, expected {black:g} to {white:g}")
    scaled = (values.astype(np.float64) - black) * (255 / (white - black))
    return np.rint(np.nan_to_num(scaled, nan=0, posinf=255, neginf=0).clip(0, 255)).astype(np.uint8)


def _range(low: float, high: float, is_whole: bool) -> tuple[float, float]:
    """Return the smallest round range that holds the values of one picture."""
    black = 0.0 if low >= 0 else -(2.0 ** np.ceil(np.log2(max(-low, 1 if is_whole else 2.0**-10))))
    if not is_whole and high <= 128:
        return black, 2.0 ** max(0, np.ceil(np.log2(high))) if high > 1 else 1.0
    return black, 2.0 ** next(bits for bits in range(8, 34, 2) if 2**bits > high or bits == 32) - 1


def self_test(folder: Path = HERE) -> int:
    """Compare every file with its hash and every example with its expected answer; return how many differ."""
    model = Model(folder)
    wrong = []
    for name, expected in model.about["files"].items():
        if not (folder / name).is_file() or hashlib.sha256((folder / name).read_bytes()).hexdigest() != expected:
            wrong.append(f"{name}: it is not the file that the bundle was made with")
    examples = json.loads((folder / "examples/expected.json").read_text(encoding="utf-8"))
    differences = []
    for one in examples:
        try:
            answer = model([folder / one["file"]])[0]
        except BROKEN as error:
            wrong.append(f"{one['file']}: it cannot be read ({str(error) or type(error).__name__})")
            continue
        apart = _difference(answer, one["answer"], model.about.get("scale", {}).get("std"))
        limit = CLOSE_PX if model.about["has_points"] else CLOSE
        same = answer.get("predicted") == one["answer"].get("predicted")
        differences.append(apart)
        if not (apart <= limit and same):  # also NaN
            wrong.append(f"{one['file']}: expected {json.dumps(one['answer'])}, found {json.dumps(answer)}")
    for line in wrong:
        print(line, file=sys.stderr)
    unit = (
        "px" if model.about["has_points"] else "in probability" if model.about["has_labels"] else "standard deviations"
    )
    result = f"{len(wrong)} wrong" if wrong else "as expected"
    print(f"{len(examples)} examples, largest difference {np.max(differences, initial=0):.2g} {unit}: {result}")
    return len(wrong)


def _difference(answer: dict[str, Any], expected: dict[str, Any], std: list[float] | None) -> float:
    """Return the largest difference of two answers, of values in standard deviations of the training's."""
    key = next(key for key in ("probabilities", "points", "values") if key in expected)
    apart = np.abs(np.array(list(answer[key].values())) - np.array([expected[key][name] for name in answer[key]]))
    return float((apart / std if std else apart).max())


def main() -> int:
    """Do what the command line asks for."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("pictures", nargs="*", type=Path)
    reader.add_argument("--thresholds", default="default", help="a set of threshold.json (labels only)")
    reader.add_argument("--self-test", action="store_true")
    asked = reader.parse_args()
    if asked.self_test:
        return 1 if self_test() else 0
    model, failed = Model(thresholds=asked.thresholds), 0
    for path in asked.pictures:
        try:
            print(json.dumps({"file": str(path), **model([path])[0]}, ensure_ascii=False), flush=True)
        except BROKEN as error:
            failed += 1
            print(f"{path}: it cannot be read ({str(error) or type(error).__name__})", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
