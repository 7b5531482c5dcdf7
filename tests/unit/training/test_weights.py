"""Pretrained weights are those of the file, under the right names, whatever its format, and the file is recorded."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import timm
import torch
from fastai.optimizer import Adam
from safetensors.torch import save_file
from torch import nn

from lib.core.config import HEATMAP
from lib.core.errors import UserError
from lib.training import architectures
from lib.training.learner import lite0, loading, weights
from tests.unit.training.saved_networks import body_of, config_of, fastai_names, features_of, network_of, saved


def _with_optimizer(path: Path, tensors: dict[str, torch.Tensor]) -> Path:
    """A file as fastai writes it with its optimizer, whose state brings a class of fastcore along."""
    net = nn.Linear(2, 2)
    optimizer = Adam(net.parameters(), lr=1e-3)
    net(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    return saved(path, {"model": tensors, "opt": optimizer.state_dict()})


UNDERSTOOD = {
    "as it is": lambda path, arch, own: saved(path / "a.pth", own),
    "in parallel": lambda path, arch, own: saved(
        path / "a.pth", {f"module.{name}": part for name, part in own.items()}
    ),
    "in a dict": lambda path, arch, own: saved(path / "a.pt", {"epoch": 3, "state_dict": own, "best": 0.5}),
    "of lightning": lambda path, arch, own: saved(
        path / "a.pth",
        {"state_dict": {f"model.backbone.{name}": part for name, part in own.items()} | {"loss.w": torch.ones(2)}},
    ),
    "of fastai": lambda path, arch, own: saved(path / "a.pth", fastai_names(arch, own)),
    "of fastai with its optimizer": lambda path, arch, own: _with_optimizer(path / "a.pth", fastai_names(arch, own)),
    "with another head": lambda path, arch, own: saved(
        path / "a.pth",
        {name: part if part.shape[:1] != (1000,) else part[:7].clone() for name, part in own.items()},
    ),
    "without a head": lambda path, arch, own: saved(
        path / "a.pth", {name: part for name, part in own.items() if part.shape[:1] != (1000,)}
    ),
    "without counters": lambda path, arch, own: saved(
        path / "a.pth", {name: part for name, part in own.items() if "num_batches" not in name}
    ),
    "in half precision": lambda path, arch, own: saved(
        path / "a.pth", {name: part.half() if part.is_floating_point() else part for name, part in own.items()}
    ),
    "as safetensors": lambda path, arch, own: (save_file(own, path / "a.safetensors"), path / "a.safetensors")[1],
}


OF_TORCHVISION = ("in a dict", "of lightning", "of fastai")  # whose names have a path of their own
PAIRS = [("mobilenetv3_small_050", form) for form in UNDERSTOOD] + [("resnet18", form) for form in OF_TORCHVISION]


@pytest.mark.slow
@pytest.mark.parametrize(("arch", "form"), PAIRS)
def test_a_weights_file_of_any_usual_form_is_loaded(arch, form, tmp_path):
    """The body makes of a picture what the network that was saved makes of it, whatever the file's form."""
    own = {name: part.clone() for name, part in network_of(arch).state_dict().items()}
    file = UNDERSTOOD[form](tmp_path, arch, own)
    picture = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        features, expected = body_of(config_of(arch, file)).eval()(picture), features_of(arch, picture)
    close = {"rtol": 0.02, "atol": 0.02 * float(expected.abs().max())} if "half" in form else {"rtol": 1e-5, "atol": 0}
    torch.testing.assert_close(features, expected, **close)


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["lite0", "resnet18", "mobilenetv3_small_050"])
def test_the_heat_maps_body_is_loaded_too(arch, tmp_path):
    """Its last map is what the whole network sees there, of the same file."""
    file, name = None, architectures.built_as(arch)
    if arch != "lite0":
        file = saved(tmp_path / "a.pth", network_of(name).state_dict())
    picture = torch.rand(1, 3, 64, 64)
    whole = network_of(name) if arch != "lite0" else timm.create_model(name).eval()
    if arch == "lite0":
        whole.load_state_dict(lite0.tensors())
    with torch.no_grad():
        last = body_of(config_of(arch, file, HEATMAP)).eval()(picture)[-1]
        if arch == "resnet18":
            expected = features_of(name, picture)
        else:
            expected = whole.forward_intermediates(picture, intermediates_only=True)[-1]
    torch.testing.assert_close(last, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))


def test_the_entry_that_is_taken_is_recorded(tmp_path):
    """As timm does, a mean goes before the last weights; of two others none is taken silently."""
    last, mean = {"a": torch.zeros(2)}, {"a": torch.ones(2)}
    for content, taken, tensors, others in [
        ({"state_dict": last, "state_dict_ema": mean}, "state_dict_ema", mean, ["state_dict"]),
        ({"state_dict": last, "epoch": 3}, "state_dict", last, None),
        ({"state_dict": last, "teacher": mean, "loss": {"b": mean["a"]}}, "state_dict", last, ["teacher"]),
        ({"model": {"state_dict": last}, "opt": {"lr": 1.0}}, "model.state_dict", last, None),
        ({"model": last, "net": last}, "model", last, None),
    ]:
        file = saved(tmp_path / "a.pth", content)
        torch.testing.assert_close(weights.read(file), tensors, rtol=0, atol=0)
        source = loading.source(config_of("resnet18", file))
        assert (source.get("entry"), source.get("others")) == (taken, others)
        assert [taken in note for note in loading.notes({"weights": source})] == [True] * bool(others)
    with pytest.raises(UserError, match="a network in each of model, net: save one network in a file"):
        weights.read(saved(tmp_path / "b.pth", {"net": mean, "model": last}))


def test_random_numbers_are_those_of_before(tmp_path):
    """Checking a file draws nothing: the head behind it begins with the same numbers as without a check."""
    file = saved(tmp_path / "a.pth", network_of("mobilenetv3_small_050").state_dict())
    drawn = []
    for config in (config_of("mobilenetv3_small_050", file), config_of("mobilenetv3_small_050")):
        torch.manual_seed(7)
        loading.architecture(config, pretrained=config.weights is not None)
        drawn.append(torch.rand(3))
    torch.testing.assert_close(*drawn, rtol=0, atol=0)


def test_a_weights_file_is_recorded_by_its_digest(tmp_path):
    """The record of a run tells the file by what is in it, as sha256sum does."""
    file = saved(tmp_path / "a.pth", {"a": torch.ones(2)})
    expected = hashlib.sha256(file.read_bytes()).hexdigest()
    assert loading.source(config_of("resnet18", file)) == {"source": "file", "name": "a.pth", "sha256": expected}
    saved(file, {"a": torch.zeros(2000)})
    assert loading.source(config_of("resnet18", file))["sha256"] != expected
