"""Architectures and where their pretrained weights are, known without loading torch."""

from __future__ import annotations

import difflib
import importlib.util
import os
import re
import ssl
import urllib.error
import urllib.request
from functools import lru_cache
from pathlib import Path

from lib.core.errors import UserError
from lib.training import bundled, weights_kind


class NoWeightsError(UserError):
    """Pretrained weights were asked for and cannot be had."""


#: The project's own network for small data and few pixels; it has no pretrained weights.
SMALL = "small"
#: The network whose ImageNet weights a requirement carries, so that nothing is downloaded; timm's name of it.
LITE0, LITE0_TIMM = "lite0", "tf_efficientnet_lite0"
#: torchvision's networks that fastai knows how to cut, with the file of the weights that fastai asks for.
TORCHVISION = {
    "resnet18": "resnet18-f37072fd.pth",
    "resnet34": "resnet34-b627a593.pth",
    "resnet50": "resnet50-11ad3fa6.pth",
}
#: Mean and standard deviation of red, green and blue, where black is 0 and white 1.
Stats = tuple[tuple[float, ...], tuple[float, ...]]
#: Those of ImageNet, as fastai has them in ``imagenet_stats``.
IMAGENET_STATS: Stats = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
#: What to do where no weights can be had.
WAYS_OUT = (
    "train lite0, whose weights came with the installation, or train from scratch (without Pretrained) or from a "
    "weights file (More choices)."
)
_WAYS_OUT_FLAGS = "--arch lite0, --no-pretrained or --weights FILE"
_TORCHVISION_HOST = "https://download.pytorch.org/models/"
_HUB = "https://huggingface.co"
_TIMEOUT = 4.0
#: The variable by which Hugging Face's library is told to download nothing, and its values that do.
_OFFLINE, _ON = "HF_HUB_OFFLINE", ("1", "ON", "YES", "TRUE")
_REGISTERED = re.compile(r"^@register_model\s*\ndef (\w+)\(", re.MULTILINE)


@lru_cache(maxsize=1)
def timm_names() -> tuple[str, ...]:
    """Return every architecture that the installed timm registers, sorted, read from its source files.

    Importing timm would load torch, which takes seconds and a gigabyte.
    """
    spec = importlib.util.find_spec("timm")
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError("timm is not installed")
    registered: set[str] = set()
    for folder in spec.submodule_search_locations:
        for path in (Path(folder) / "models").glob("*.py"):
            registered.update(_REGISTERED.findall(path.read_text(encoding="utf-8")))
    return tuple(sorted(registered))


def names() -> list[str]:
    """Return the architectures to choose from: the two that need no download, torchvision's, then timm's."""
    own = [SMALL, LITE0, *TORCHVISION]
    return own + [name for name in timm_names() if name not in own]


def title(arch: str) -> str:
    """Return what a list of architectures calls one.

    Examples
    --------
    >>> title("lite0"), title("resnet18")
    ('lite0 (comes with the app)', 'resnet18')
    """
    return f"{LITE0} (comes with the app)" if arch == LITE0 else arch


def check(arch: str) -> None:
    """Check that ``arch`` is known.

    Raises
    ------
    UserError
        If it is not, with the names that are most like it.
    """
    # A timm name may carry the tag of its weights: resnet50.a1_in1k.
    if arch in (SMALL, LITE0, *TORCHVISION) or arch.partition(".")[0] in timm_names():
        return
    close = difflib.get_close_matches(arch, names(), n=3)
    hint = (
        f"did you mean {' or '.join(close)}?"
        if close
        else "choose small, lite0, resnet18, resnet34, resnet50 or a timm name."
    )
    raise UserError(f"There is no architecture {arch[:80]!r} in torchvision's resnets or timm: {hint}")


def built_as(arch: str) -> str:
    """Return what torchvision or timm calls an architecture."""
    return LITE0_TIMM if arch == LITE0 else arch


def check_weights(arch: str, weights: str | None) -> None:
    """Check within seconds that pretrained weights of ``arch`` can be had.

    They can if they are in a file, were downloaded before, or their host answers.

    Parameters
    ----------
    arch : str
    weights : str or None
        Path of a weights file, else they are looked for in torch's and Hugging Face's caches.

    Raises
    ------
    UserError
        If they cannot, with what to do instead.
    """
    if arch == SMALL:
        raise UserError("The architecture 'small' has no pretrained weights: train it from scratch (Pretrained off).")
    if weights is not None:
        weights_kind.check(Path(weights))
        return
    if arch == LITE0:
        bundled.path()
        return
    if not is_downloaded(arch):
        check_host(arch)


def is_downloaded(arch: str) -> bool:
    """Return whether pretrained weights of ``arch`` are in torch's or in Hugging Face's cache."""
    if arch in TORCHVISION:
        return (_torch_home() / "hub" / "checkpoints" / TORCHVISION[arch]).is_file()
    stem = arch if "." in arch else f"{arch}.*"
    return any(_hub_cache().glob(f"models--timm--{stem}/snapshots/*/*"))


def address(arch: str) -> str:
    """Return from where pretrained weights of ``arch`` would be downloaded."""
    if arch in TORCHVISION:
        return _TORCHVISION_HOST + TORCHVISION[arch]
    return os.environ.get("HF_ENDPOINT", _HUB)


def check_host(arch: str) -> None:
    """Check within seconds that the host answers from which weights of ``arch`` would be downloaded.

    Raises
    ------
    NoWeightsError
        If it does not, or downloads from it are switched off.
    """
    url = address(arch)
    if arch not in TORCHVISION and os.environ.get(_OFFLINE, "").upper() in _ON:
        raise _no_weights(arch, f"downloads from {url} are switched off ({_OFFLINE})")
    request = urllib.request.Request(url, method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT):
            return
    except OSError as error:  # a URLError is one
        why = f"{url} {_trouble(error)}"
    raise _no_weights(arch, why)


def _no_weights(arch: str, why: str) -> NoWeightsError:
    return NoWeightsError(
        f"The pretrained weights of {arch} are not on this machine and {why}: {WAYS_OUT}", flags=_WAYS_OUT_FLAGS
    )


def _trouble(error: OSError) -> str:
    """Return what a host did that could not be asked; what the operating system says of it helps nobody."""
    if isinstance(error, urllib.error.HTTPError):
        return f"refused the download (HTTP status {error.code})"
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return f"did not answer within {_TIMEOUT:g} seconds"
    if isinstance(cause, ssl.SSLError):
        return "could not be reached safely, as its certificate was not accepted"
    return "could not be reached from this machine"


def _torch_home() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return Path(os.environ.get("TORCH_HOME", f"{cache}/torch")).expanduser()


def _hub_cache() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = os.environ.get("HF_HOME", f"{cache}/huggingface")
    return Path(os.environ.get("HF_HUB_CACHE", f"{home}/hub")).expanduser()
