"""What leaves in a bundle, against the app: ONNX against torch, the bundle's script against the app's own reading.

Networks of every kind, with weights that are drawn and statistics of the pictures, so that nothing is saturated. Each
is asked about 200 pictures of 300 to 1,200 px of every mode: gray, with alpha, palette, CMYK, RGBA, 16 bits, 1 bit,
turned by EXIF. Differences are the largest of all. Labels are compared at three thresholds each, among the
probabilities of these very pictures, which rounding may cross where one is nearer than 0.0001. Speeds are medians of
rounds by turns, one thread each, of squares that are ready.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from lib import tasks
from lib.core import depth
from lib.core.config import DEFAULT, HEATMAP, LINEAR, TrainConfig
from lib.export.bundle import predict
from lib.training.learner import inference, onnx_export
from lib.training.run_files import Manifest

#: Name, task, network, head, side in pixels.
CASES = (
    ("small", "multi-label", "small", DEFAULT, 64),
    ("resnet18", "multi-label", "resnet18", DEFAULT, 128),
    ("lite0 (timm)", "multi-label", "lite0", LINEAR, 128),
    ("heat maps on resnet18", "keypoints", "resnet18", HEATMAP, 96),
)
_PICTURES, _NAMES, _ROUNDS, _BATCH = 200, 8, 9, 16


def measure() -> dict[str, float | int | str]:
    """Return the largest differences, how many answers differ, and speeds of onnxruntime over torch's."""
    measured: dict[str, float | int | str] = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = _pictures(Path(folder, "pictures"))
        for name, task, arch, head, size in CASES:
            place = Path(folder, f"{arch}-{head}")
            place.mkdir()
            model = _model(task, arch, head, size, place, paths)
            onnx_export.export(model, place / "model.onnx")
            measured |= {f"{name}: {what}": value for what, value in _compared(model, place, paths).items()}
            measured |= {f"{name}: {what}": value for what, value in _speeds(model, place).items()}
    return measured


def _model(task: str, arch: str, head: str, size: int, folder: Path, paths: list[Path]) -> inference.Model:
    """Return a model whose weights are drawn, with the statistics that it has of some of the pictures."""
    config = TrainConfig("", "", task, arch, False, None, size, 16, False, 0, 1, 1e-3, 1.0, 0.5, 0, head=head)
    names = [f"name {number}" for number in range(_NAMES)]
    record: Manifest = {"names": names, "splits": {"valid": 1}, **depth.to_json(depth.OWN)}  # type: ignore[typeddict-item]
    torch.manual_seed(1)
    net = inference._network(config, tasks.get(task), tasks.get(task).n_out(names))
    draw = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.Linear):  # a new head of one layer answers with its bias alone
                module.weight.copy_(torch.randn(module.weight.shape, generator=draw) / module.in_features**0.5)
            elif isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.momentum = None
            elif isinstance(module, nn.Dropout):
                module.p = 0.0
        blank = inference.Model(net.train(), tasks.get(task), tuple(names), {}, config)
        squares = np.concatenate([batch.squares for batch in inference.batches(blank, paths[:64], inference._refuse)])
        net(blank.batch(squares))
    weights = {part_name: part.contiguous() for part_name, part in net.state_dict().items()}
    save_file(weights, folder / "model.safetensors")
    return inference.assembled(config, record, folder / "model.safetensors")


def _compared(model: inference.Model, folder: Path, paths: list[Path]) -> dict[str, float | int]:
    preds, sizes, _ = inference.predict(model, paths)
    squares = np.concatenate([batch.squares for batch in inference.batches(model, paths, inference._refuse)])
    by_onnx = onnx_export.Session(folder / "model.onnx").preds(squares)
    apart = np.abs(model.task.decode(by_onnx, sizes, model.scale).astype(np.float64) - preds)
    unit = model.task.unit_of(model.names) or "probability"
    measured: dict[str, float | int] = {f"ONNX from torch ({unit})": float(apart.max())}
    differ, near, script = 0, 0, 0.0
    for share in (20, 50, 80):
        thresh = np.percentile(preds.reshape(len(preds), _NAMES, -1)[..., 0], share + 0.25, axis=0)
        answers = _script(model, folder, thresh)(paths)
        for answer, pred in zip(answers, preds, strict=True):
            expected = model.task.new_json(pred, model.names, thresh.astype(np.float32))
            key = next(key for key in ("probabilities", "points") if key in expected)
            values = [np.array(list(one[key].values())) for one in (answer, expected)]
            script = max(script, float(np.abs(values[0] - values[1]).max()))
            if answer.get("predicted") != expected.get("predicted"):
                is_near = np.abs(values[1] - thresh).min() < model.task.rounding
                differ, near = differ + (not is_near), near + is_near
        if model.task.has_points:
            break
    measured[f"predict.py from the app ({unit})"] = script
    if model.task.has_labels:
        measured["predict.py, other labels, of 600 answers"] = differ
        measured["the same, a probability within 0.0001"] = int(near)
    return measured


def _script(model: inference.Model, folder: Path, thresh: np.ndarray) -> predict.Model:
    """Return the bundle's script with thresholds, as it finds them in its folder."""
    about = {
        "names": list(model.names),
        "size": model.config.size,
        "scale": model.scale,
        "value_range": "own",
        **{name: getattr(model.task, name) for name in ("has_labels", "has_several_labels", "has_points")},
    }
    (folder / "manifest.json").write_text(json.dumps(about))
    by_name = dict(zip(model.names, thresh.astype(np.float32).astype(float).tolist(), strict=True))
    (folder / "threshold.json").write_text(json.dumps({"sets": {"default": {"thresholds": by_name}}}))
    return predict.Model(folder)


def _speeds(model: inference.Model, folder: Path) -> dict[str, float]:
    """Return how many times torch's images a second onnxruntime has."""
    session = onnx_export.Session(folder / "model.onnx", threads=1)
    measured, before = {}, torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for n in (1, _BATCH):
            squares = np.random.default_rng(0).integers(0, 256, (n, model.config.size, model.config.size, 3), np.uint8)
            ratios = []
            for _ in range(_ROUNDS):
                own, other = (_seconds(ask, squares) for ask in (model.preds, session.preds))
                ratios.append(own / other)
            measured[f"speed, onnxruntime / torch, {n} at once"] = statistics.median(ratios)
    finally:
        torch.set_num_threads(before)
    return measured


def _seconds(ask: Callable[[np.ndarray], np.ndarray], squares: np.ndarray) -> float:
    ask(squares)
    began, n = time.perf_counter(), 0
    while time.perf_counter() - began < 0.3:
        ask(squares)
        n += 1
    return (time.perf_counter() - began) / n


def _pictures(folder: Path) -> list[Path]:
    """Write pictures of every mode and return where they are."""
    folder.mkdir()
    rng, paths = np.random.default_rng(0), []
    for number in range(_PICTURES):
        width, height = rng.integers(300, 1200, 2).tolist()
        coarse = rng.integers(0, 256, (*rng.integers(3, 9, 2), 4)).astype(np.uint8)
        rgba = Image.fromarray(coarse, "RGBA").resize((width, height), Image.Resampling.BICUBIC)
        kind = _KINDS[number % len(_KINDS)]
        exif = Image.Exif()
        exif[0x0112] = 1 + number % 8
        paths.append(folder / f"{number}.{kind[1]}")
        if kind[0] == "I;16":
            values = np.asarray(rgba.convert("L")).astype(np.uint16) * 16 + rng.integers(
                0, 16, (height, width), np.uint16
            )
            Image.fromarray(values).save(paths[-1])
        else:
            rgba.convert(kind[0]).save(paths[-1], **({"exif": exif} if kind[1] in ("jpg", "png", "webp") else {}))
    return paths


_KINDS = (
    ("RGB", "jpg"), ("L", "jpg"), ("CMYK", "jpg"), ("P", "png"), ("RGBA", "png"), ("LA", "png"), ("I;16", "png"),
    ("I;16", "tif"), ("1", "png"), ("P", "gif"), ("RGBA", "webp"), ("CMYK", "tif"), ("RGB", "bmp"),
)  # fmt: skip
