"""An architecture is known exactly when fastai can build it, and weights are looked for where they are."""

from __future__ import annotations

import pytest
import timm
import torch
from safetensors.torch import save_file
from torchvision import models

from lib.core.errors import UserError
from lib.training import architectures


def test_names_read_from_source_are_timms_own():
    """The list is made without loading torch, and misses or invents nothing."""
    assert list(architectures.timm_names()) == sorted(timm.list_models())


@pytest.mark.parametrize("arch", architectures.TORCHVISION)
def test_weight_files_are_those_that_fastai_asks_for(arch):
    """The file looked for in the cache is the one that torchvision would download."""
    from fastai.vision.learner import model_meta

    asked = model_meta[getattr(models, arch)]["weights"]
    url = models.get_model_weights(arch)[asked].url if isinstance(asked, str) else asked.url
    assert url.endswith("/" + architectures.TORCHVISION[arch])


@pytest.mark.parametrize("arch", ["small", "resnet18", "convnext_tiny", "resnet50.a1_in1k"])
def test_known_architectures_pass(arch):
    """Ours, torchvision's, timm's and timm's with a tag are accepted."""
    architectures.check(arch)


def test_unknown_architecture_names_the_nearest():
    """A typing error is answered with what was probably meant."""
    with pytest.raises(UserError, match=r"'resnet81'.*resnet18"):
        architectures.check("resnet81")
    with pytest.raises(UserError, match="small"):
        architectures.check("qqqqqqqqqqqq")


def test_weights_in_the_cache_need_no_network(tmp_path, monkeypatch):
    """Weights that were downloaded once are found without asking a host."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(architectures, "check_host", lambda *_: pytest.fail("asked a host"))
    for file in (
        "hub/checkpoints/resnet18-f37072fd.pth",
        "hub/models--timm--convnext_tiny.in12k/snapshots/abc/model.safetensors",
    ):
        path = tmp_path / file
        path.parent.mkdir(parents=True)
        path.touch()
    architectures.check_weights("resnet18", None)
    architectures.check_weights("convnext_tiny", None)


@pytest.mark.parametrize(("arch", "variable"), [("resnet18", None), ("convnext_tiny", "HF_ENDPOINT")])
def test_no_network_is_said_with_what_to_do(tmp_path, monkeypatch, arch, variable):
    """Without network and cache the answer comes at once and offers scratch and a file."""
    nobody = "http://127.0.0.1:9/"  # the discard port: nobody listens
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(architectures, "_TORCHVISION_HOST", nobody)
    if variable:
        monkeypatch.setenv(variable, nobody)
    with pytest.raises(UserError, match="train from scratch") as caught:
        architectures.check_weights(arch, None)
    assert "--no-pretrained" in caught.value.flags and "--weights" in caught.value.flags


def test_weights_file_is_checked(tmp_path):
    """A file that is not there or no weights file is refused before a worker starts."""
    with pytest.raises(UserError, match="no weights file"):
        architectures.check_weights("resnet18", str(tmp_path / "a.pth"))
    with pytest.raises(UserError, match=r"\.exe"):
        architectures.check_weights("resnet18", str(tmp_path / "a.exe"))
    with pytest.raises(UserError, match="no pretrained weights"):
        architectures.check_weights("small", None)


def test_a_file_of_another_kind_is_refused_without_torch(tmp_path):
    """Whole files as torch and safetensors write them pass; cut off, empty, or something else, they do not."""
    tensors = {"a": torch.arange(50.0), "b": torch.ones(3)}
    whole = {name: tmp_path / name for name in ("zip.pth", "old.pt", "a.safetensors")}
    torch.save(tensors, whole["zip.pth"])
    torch.save(tensors, whole["old.pt"], _use_new_zipfile_serialization=False)
    save_file(tensors, whole["a.safetensors"], metadata={"format": "pt"})
    for path in whole.values():
        architectures.check_weights("resnet18", str(path))
    content = {name: path.read_bytes() for name, path in whole.items()}
    broken = {
        "cut.pth": (content["zip.pth"][:-30], "no PyTorch file, or damaged"),
        "cut.safetensors": (content["a.safetensors"][:-1], "no safetensors file, or damaged"),
        "other.safetensors": (content["zip.pth"], "no safetensors file, or damaged"),
        "other.pth": (content["a.safetensors"], "no PyTorch file, or damaged"),
        "short.safetensors": (b"abc", "no safetensors file, or damaged"),
        "list.safetensors": ((2).to_bytes(8, "little") + b"[]", "no safetensors file, or damaged"),
        "text.pth": (b"hello there", "no PyTorch file, or damaged"),
        "empty.pth": (b"", "is empty"),
    }
    for name, (wrong, words) in broken.items():
        (tmp_path / name).write_bytes(wrong)
        with pytest.raises(UserError, match=rf"{name} cannot be read \(it .*{words}"):
            architectures.check_weights("resnet18", str(tmp_path / name))
