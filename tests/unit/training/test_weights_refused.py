"""A weights file is rejected, in one sentence, if it is for another network, for two, or no weights file at all."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
import torch
from torch import nn

from lib.core.errors import UserError
from lib.training.learner import weights
from tests.unit.training.saved_networks import body_of, config_of, fastai_names, network_of, saved


def _without(arch: str, lacking: str) -> dict[str, torch.Tensor]:
    return {name: part for name, part in network_of(arch).state_dict().items() if name != lacking}


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
        lambda: fastai_names("resnet34", dict(network_of("resnet34").state_dict())),
        r"unexpected layer1\.2\.conv1\.weight",
    ),
    "a smaller network": ("resnet34", lambda: network_of("resnet18").state_dict(), r"missing layer1\.2\.conv1\.weight"),
    "other shapes": (
        "resnet18",
        lambda: dict(network_of("resnet18").state_dict()) | {"layer1.0.conv1.weight": torch.ones(64, 64, 1, 1)},
        r"of other shapes layer1\.0\.conv1\.weight \(64×64×1×1 instead of 64×64×3×3\)",
    ),
    "whole numbers": (
        "resnet18",
        lambda: {name: part.to(torch.int8) for name, part in network_of("resnet18").state_dict().items()},
        r"of other types conv1\.weight \(int8 instead of float32\).* more",
    ),
    "one tensor of whole numbers, timm": (
        "mobilenetv3_small_050",
        lambda: (
            dict(network_of("mobilenetv3_small_050").state_dict()) | {"bn1.bias": torch.ones(16, dtype=torch.int32)}
        ),
        r"of other types bn1\.bias \(int32 instead of float32\)\)",
    ),
    "of another network": (
        "resnet18",
        lambda: network_of("mobilenetv3_small_050").state_dict(),
        r"of other shapes bn1",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", list(MISFITS))
def test_a_weights_file_that_fits_nothing_is_refused(case, tmp_path):
    """No body is trained that is not, all of it, of the file: the first names that differ are said."""
    arch, tensors, words = MISFITS[case]
    file = saved(tmp_path / "a.pth", dict(tensors()))
    with pytest.raises(UserError, match=rf"a\.pth does not fit {arch} \(.*{words}"):
        body_of(config_of(arch, file))


def test_what_timm_has_downloaded_is_checked_alike(monkeypatch):
    """A file in the cache that lacks something, which timm itself lets pass, is refused; whole, it is taken."""
    own = dict(network_of("mobilenetv3_small_050").state_dict())
    monkeypatch.setattr("timm.models._builder.load_state_dict_from_hf", lambda *_, **__: dict(own))
    body_of(config_of("mobilenetv3_small_050"))
    del own["blocks.0.0.bn1.running_var"]
    with pytest.raises(UserError, match=r"were loaded do not fit it \(missing .*running_var\).*lite0"):
        body_of(config_of("mobilenetv3_small_050"))


def _twice(one: str, other: str, arch: str, change: float) -> dict[str, torch.Tensor]:
    """A network by two prefixes; the second is changed, and without the counters of batches."""
    own = network_of(arch).state_dict()
    second = {f"{other}{name}": part + change for name, part in own.items() if not name.endswith("batches_tracked")}
    return {**second, **{f"{one}{name}": part for name, part in own.items()}}


@pytest.mark.slow
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
    file = saved(tmp_path / "a.pth", _twice(one, other, arch, change=0.5))
    with pytest.raises(UserError, match=rf"a\.pth has several networks .*{words}.*save one network in a file"):
        body_of(config_of(arch, file))
    lacking = _twice(one, other, arch, change=0.5)
    del lacking[next(name for name in lacking if name.startswith(other))]
    with pytest.raises(UserError, match=rf"a\.pth has several networks .*{words}"):  # one that is almost complete
        body_of(config_of(arch, saved(tmp_path / "a.pth", lacking)))
    body_of(config_of(arch, saved(tmp_path / "b.pth", _twice(one, other, arch, change=0))))


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
        weights.read(saved(tmp_path / "a.pth", content))
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


def test_names_without_a_place_are_not_listed_on_the_terminal(tmp_path, monkeypatch):
    """What a file lacks or has beside the network is in the one sentence, and nowhere else."""
    logged = []
    monkeypatch.setattr(logging.Logger, "callHandlers", lambda _, record: logged.append(record.getMessage()))
    file = saved(tmp_path / "a.pth", {f"foreign{at}": torch.ones(2) for at in range(40)})
    with pytest.raises(UserError, match="missing conv_stem"):
        body_of(config_of("mobilenetv3_small_050", file))
    assert not [text for text in logged if "keys" in text]
    logging.getLogger("timm.models").warning("keys")
    assert logged[-1] == "keys", "what is logged is seen here"
