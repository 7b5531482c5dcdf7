"""A bundle that is not what it says is refused in one sentence, and nothing of it is kept."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
import torch
from PIL import Image
from safetensors.numpy import load_file, save_file
from safetensors.torch import save

from lib.core import tensor_files
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.export.bundle import contents, making, taking
from lib.export.bundle.questions import BundlesFolder
from lib.export.bundle.worker import Worker
from lib.training import events
from lib.training.learner import inference, onnx_export
from tests import unsealed, untrained_runs
from tests.conftest import build_dataset
from tests.unit.deep_files import chunk

pytestmark = pytest.mark.slow


def changed(folder: Path, **facts) -> None:
    """Write other facts into the manifest."""
    path = folder / contents.MANIFEST
    path.write_text(json.dumps({**unsealed.read(path), **facts}))


def written(folder: Path, name: str, content: bytes) -> None:
    """Put a file into the bundle as whoever makes one can: with its hash."""
    (folder / name).write_bytes(content)
    files = unsealed.read(folder / contents.MANIFEST)["files"]
    changed(folder, files={**files, name: hashlib.sha256(content).hexdigest()})


def rewritten(folder: Path, name: str, change: Callable) -> None:
    """Change what is in a JSON file of the bundle, hash included."""
    content = json.loads((folder / name).read_text())
    change(content)
    written(folder, name, json.dumps(content).encode())


def other_example(folder: Path, content: bytes) -> None:
    """Put other bytes in the place of the first example."""
    written(folder, json.loads((folder / contents.EXPECTED).read_text())[0]["file"], content)


def picture(folder: Path, kind: str, n_frames: int = 1, size: tuple[int, int] = (48, 40)) -> bytes:
    """Return a picture's file."""
    frames = [Image.new("RGB", size, (40 * number, 9, 9)) for number in range(n_frames)]
    frames[0].save(folder / "new", kind, save_all=n_frames > 1, append_images=frames[1:])
    content = (folder / "new").read_bytes()
    (folder / "new").unlink()
    return content


def other_weights(folder: Path) -> None:
    """Let the model have other weights than those that gave the examples."""
    weights = load_file(folder / contents.MODEL)
    save_file({name: part * 2 if part.ndim > 1 else part for name, part in weights.items()}, folder / "new")
    written(folder, contents.MODEL, (folder / "new").read_bytes())


def names_of_others(folder: Path) -> None:
    """Let the manifest have one label less than the model, wherever names stand."""
    manifest = unsealed.read(folder / contents.MANIFEST)
    names = manifest["names"][:2]
    changed(folder, names=names, record={**manifest["record"], "names": names})


def huge_png() -> bytes:
    """Return the header of a PNG of 20,000 by 20,000 pixels."""
    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(bytes(99))), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def numbers_of_torch(folder: Path) -> None:
    """Let the predictions be of a type that torch knows."""
    arrays = {name: torch.from_numpy(one.copy()) for name, one in load_file(folder / contents.PREDICTIONS).items()}
    written(folder, contents.PREDICTIONS, save({**arrays, "valid.preds": arrays["valid.preds"].bfloat16()}))


def linked(folder: Path) -> None:
    """Let the model be a link to a file elsewhere."""
    shutil.move(folder / contents.MODEL, folder.with_name("elsewhere"))
    (folder / contents.MODEL).symlink_to(folder.with_name("elsewhere"))


CASES = {
    "a byte of the model is another": (
        lambda folder: (folder / contents.MODEL).write_bytes((folder / contents.MODEL).read_bytes()[:-1] + b"\x07"),
        "expected the file with the hash",
    ),
    "a file is missing": (lambda folder: (folder / contents.ONNX).unlink(), "model.onnx: No such file"),
    "the manifest was changed": (
        lambda folder: (folder / contents.MANIFEST).write_bytes(
            (folder / contents.MANIFEST).read_bytes().replace(b'"size": 32', b'"size": 64')
        ),
        "it is not what was written",
    ),
    "a newer version": (lambda folder: changed(folder, format=contents.FORMAT + 1), "newer version (format 2"),
    "no bundle": (lambda folder: (folder / contents.MANIFEST).unlink(), "no bundle of a run"),
    "another JSON": (lambda folder: changed(folder, kind="cake"), "found 'cake'"),
    "a pickle": (lambda folder: (folder / "weights.PTH").write_bytes(b"\x80\x04."), "a pickle by its ending"),
    "safetensors that are a pickle": (
        lambda folder: written(folder, contents.MODEL, b"\x80\x04\x95" + b"x" * 40),
        "model.safetensors",
    ),
    "an ONNX that is none": (lambda folder: written(folder, contents.ONNX, b"<html></html>"), "expected an ONNX model"),
    "an ONNX cut off": (
        lambda folder: written(folder, contents.ONNX, (folder / contents.ONNX).read_bytes()[:-9]),
        "cut off",
    ),
    "a file elsewhere": (
        lambda folder: changed(
            folder, files={**unsealed.read(folder / contents.MANIFEST)["files"], "../secret": "0" * 64}
        ),
        "leads elsewhere",
    ),
    "a link": (linked, "leads elsewhere"),
    "a vocabulary that does not fit": (names_of_others, "expected"),
    "an unknown network": (
        lambda folder: changed(
            folder,
            architecture="nothing",
            config={**unsealed.read(folder / contents.MANIFEST)["config"], "arch": "nothing"},
        ),
        "There is no architecture 'nothing'",
    ),
    "a threshold of another label": (
        lambda folder: rewritten(
            folder,
            contents.THRESHOLDS,
            lambda read: read["sets"].update(x={**read["sets"]["default"], "thresholds": {}}),
        ),
        "threshold.json",
    ),
    "no picture": (lambda folder: other_example(folder, b"GIF8nothing"), "expected a picture, found none"),
    "an animated picture": (
        lambda folder: other_example(folder, picture(folder, "GIF", 3)),
        "expected a single picture, found 3 frames",
    ),
    "a gigantic picture": (lambda folder: other_example(folder, huge_png()), "more than 180 million pixels"),
    "a picture of another size": (
        lambda folder: other_example(folder, picture(folder, "PNG", size=(9, 9))),
        "expected [48.0, 40.0] pixels, found [9, 9]",
    ),
    "numbers that numpy has not": (
        numbers_of_torch,
        "predictions.safetensors: it holds numbers of a type that numpy has not",
    ),
    "events of no run": (lambda folder: written(folder, contents.EVENTS, b'{"event": 3}\n'), "events.jsonl: line 1"),
    "a better number": (
        lambda folder: changed(folder, metrics={"valid": {"accuracy_multi": 1.0}, "test": {"accuracy_multi": 1.0}}),
        "metrics.valid.accuracy_multi: expected that of the predictions",
    ),
    "other weights": (other_weights, "its model's answer differs by"),
}


def test_it_is_refused(workspace, tmp_path, monkeypatch):
    """One sentence says what is wrong and what to do; the workspace stays as it was, also where its disk fills up."""
    whole, elsewhere = tmp_path / "whole", Workspace(tmp_path / "elsewhere")
    run = untrained_runs.finished(workspace, build_dataset(workspace, "multi-label"))
    making.write(run, whole)
    for case, (damage, expected) in CASES.items():
        folder = tmp_path / "damaged" / "bundle"
        shutil.copytree(whole, folder)
        damage(folder)
        with pytest.raises(UserError) as refused:
            taking.take(elsewhere, folder)
        sentence = str(refused.value)
        assert expected in sentence and "\n" not in sentence and sentence.endswith("."), case
        assert not any(path.is_file() for path in elsewhere.root.rglob("*")), case
        shutil.rmtree(folder.parent)

    shutil.copytree(whole, folder)
    arrays = dict(tensor_files.read(folder / contents.PREDICTIONS))
    arrays["valid.targs"] = 1 - arrays["valid.targs"]
    written(folder, contents.PREDICTIONS, tensor_files.pack(arrays, contents.PREDICTIONS))
    manifest = unsealed.read(folder / contents.MANIFEST)
    for stated in (manifest["metrics"], manifest["record"]["metrics"]):  # else it is refused for its numbers
        stated["valid"]["accuracy_multi"] = 1 - stated["valid"]["accuracy_multi"]
    changed(folder, metrics=manifest["metrics"], record=manifest["record"])
    with pytest.raises(UserError, match=r"what the dataset says of the image, .*in made of the same revision"):
        taking.take(workspace, folder)
    assert len(list(workspace.runs.glob("2*"))) == 1

    swapped, third, check = tmp_path / "swapped", Workspace(tmp_path / "third"), taking._check_model
    shutil.copytree(whole, swapped)
    with monkeypatch.context() as meanwhile:  # whoever brings a folder writes to it after it was checked
        meanwhile.setattr(taking, "_check_model", lambda bundle: (check(bundle), other_weights(swapped)))
        kept = load_file(third.run(taking.take(third, swapped).run) / events.MODEL)
    assert all((kept[name] == part).all() for name, part in load_file(whole / contents.MODEL).items())

    with monkeypatch.context() as smaller:
        smaller.setattr(onnx_export, "export", lambda _, path: shutil.copyfile(whole / contents.ONNX, path))
        smaller.setattr(contents, "MOST_TEXT", (whole / contents.PREDICTIONS).stat().st_size - 1)
        with pytest.raises(UserError, match=r"No bundle that could be imported .*expected [\d,]+ bytes at most"):
            making.write(run, tmp_path / "too-large")
    assert not list(tmp_path.glob("*too-large*"))

    for kind in (TypeError, IndexError, AttributeError):
        with monkeypatch.context() as patched, pytest.raises(UserError, match=r"model.safetensors: expected .*: odd"):
            patched.setattr(inference, "assembled", Mock(side_effect=kind("odd")))
            taking.take(elsewhere, whole)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(taking, "_write_events", full)
    with pytest.raises(UserError, match=r"cannot be kept .*No space left on device"):
        taking.take(elsewhere, whole)
    assert not list(elsewhere.root.glob("*/*/*"))

    monkeypatch.setattr(taking, "shutil", SimpleNamespace(rmtree=lambda *_, **__: None))  # as one that is killed
    with pytest.raises(UserError):
        taking.take(elsewhere, whole)
    assert elsewhere.dataset_names()
    Worker(BundlesFolder.of(elsewhere)).ended()
    assert not elsewhere.dataset_names()


@pytest.mark.parametrize(
    ("name", "mode", "expected"),
    [("../evil", 0o100644, "outside its own folder"), ("model.safetensors", 0o120777, "a link or device")],
)
def test_hostile_zips(tmp_path, name, mode, expected):
    """Names outside and links in a zip are refused before anything is unpacked, as in a zip of images."""
    source, entry = tmp_path / "bundle.zip", zipfile.ZipInfo(f"bundle/{name}" if mode != 0o100644 else name)
    entry.external_attr = mode << 16
    with zipfile.ZipFile(source, "w") as zipped:
        zipped.writestr("bundle/manifest.json", "{}")
        zipped.writestr(entry, b"/etc/passwd")
    with pytest.raises(UserError, match=expected):
        taking.take(Workspace(tmp_path / "workspace"), source)
    assert [path.name for path in tmp_path.iterdir()] == ["bundle.zip"]
