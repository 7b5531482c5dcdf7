"""Networks with the same tensors are told apart, where a weights file of one fits the other."""

from __future__ import annotations

import pytest
import timm
import torch

from lib.core.errors import UserError
from lib.training import architectures, bundled, twins
from lib.training.learner import lite0, loaded, loading
from tests.unit.training.saved_networks import body_of, config_of, saved


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_twins_file_is_refused_where_it_can_be_told(tmp_path, monkeypatch):
    """By its digest, by its name, or by the description that is downloaded with it; the network's own is taken."""
    tensors = lite0.tensors()
    plain = saved(tmp_path / "a.pth", tensors)
    body_of(config_of("efficientnet_lite0", plain))  # nobody can tell
    named = saved(tmp_path / "tf_efficientnet_lite0-0aa007d2.pth", tensors)
    described = tmp_path / "models--timm--x" / "snapshots" / "1" / "model.pth"
    described.parent.mkdir(parents=True)
    saved(described, tensors)
    (described.parent / "config.json").write_text('{"architecture": "tf_efficientnet_lite0"}')
    known = tmp_path / "known.pth"
    known.write_bytes(plain.read_bytes() + b"!")
    monkeypatch.setattr(loading, "_published", lambda _: {bundled.digest_of(known)[:8]: "tf_efficientnet_lite0"})
    for file in (named, described, known):
        with pytest.raises(UserError, match=r"is of tf_efficientnet_lite0, and efficientnet_lite0 .* pads"):
            loading.architecture(config_of("efficientnet_lite0", file), pretrained=True)
        loading.architecture(config_of("lite0", file), pretrained=True)
    (described.parent / "config.json").write_text('{"architecture": ["tf_efficientnet_lite0"]}')
    loading.architecture(config_of("efficientnet_lite0", described), pretrained=True)


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["lite0", "tf_efficientnet_lite0"])
def test_the_file_that_comes_along_may_be_named_too(arch, tmp_path):
    """It is known by its digest, wherever it lies, and the network is the same as without a file."""
    file = tmp_path / "mine.pth"
    file.write_bytes(bundled.path().read_bytes())
    expected = body_of(config_of("lite0")).state_dict()
    for name, tensor in body_of(config_of(arch, file)).state_dict().items():
        torch.testing.assert_close(tensor, expected[name], rtol=0, atol=0)
    with pytest.raises(UserError, match=r"choose tf_efficientnet_lite0\.$"):
        body_of(config_of("efficientnet_lite0", file))


def test_published_digests_are_read_off_timms_addresses():
    """Timm names its files after their digests: those of both twins are known, the package's own file too."""
    published = loading._published("efficientnet_b0")
    assert published["3dd342df"] == "efficientnet_b0" and published["0af12548"] == "tf_efficientnet_b0"
    assert published[bundled.DIGEST] == architectures.LITE0_TIMM
