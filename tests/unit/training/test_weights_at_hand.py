"""Whether weights can be had is known at once where a file or a setting tells it, and never waits for a host."""

from __future__ import annotations

import threading

import pytest

from lib.training import architectures, weights_at_hand
from lib.training.weights_at_hand import ASKED, HERE, MISSING, ONLINE


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(weights_at_hand, "_hosts", {})
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def test_files_tell_it_without_a_host(tmp_path, monkeypatch):
    """What came with the installation or was downloaded is here; small has no weights."""
    monkeypatch.setattr(architectures, "check_host", lambda _: pytest.fail("asked a host"))
    cached = tmp_path / "hub/checkpoints" / architectures.TORCHVISION["resnet18"]
    cached.parent.mkdir(parents=True)
    cached.touch()
    states = [weights_at_hand.state(arch) for arch in ("lite0", "resnet18", "small")]
    assert states == [HERE, HERE, MISSING]


def test_a_host_is_asked_once_and_not_waited_for(monkeypatch):
    """While it has not answered that is said; then its answer is, to whoever asks again."""
    answer, asked = threading.Event(), []

    def check(arch: str) -> None:
        asked.append(arch)
        answer.wait(30)

    monkeypatch.setattr(architectures, "check_host", check)
    assert [weights_at_hand.state("convnext_tiny") for _ in range(3)] == [ASKED] * 3
    answer.set()
    assert weights_at_hand.state("convnext_tiny", patience=30) == ONLINE
    assert asked == ["convnext_tiny"]


def test_downloads_that_are_switched_off_are_not_tried(monkeypatch):
    """With Hugging Face's own setting timm's weights cannot be had, whether or not the host would answer."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: pytest.fail("asked a host"))
    assert weights_at_hand.state("convnext_tiny", patience=30) == MISSING
    with pytest.raises(architectures.NoWeightsError, match="are switched off \\(HF_HUB_OFFLINE\\)"):
        architectures.check_weights("convnext_tiny", None)
