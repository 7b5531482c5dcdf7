"""Networks with the same tensors that compute something else, such as TensorFlow's padding: a file cannot tell them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from lib.core.errors import UserError
from lib.training import architectures, bundled

#: What stands in the names of networks that differ in nothing else, and what is different then.
_TF, _QUICK = "tf_", "_quickgelu"
_DIFFERENCE = {_TF: "pads pictures as TensorFlow does", _QUICK: "has another activation (QuickGELU)"}
#: Hugging Face's description of a network, beside its weights; a larger one is none.
_DESCRIPTION, _LARGEST = "config.json", 2**20


def of(arch: str) -> list[str]:
    """Return the networks that have the tensors of ``arch`` and are not the same.

    Examples
    --------
    >>> of("efficientnet_lite0"), of("tf_mixnet_s.in1k"), of("resnet18")
    (['tf_efficientnet_lite0'], ['mixnet_s'], [])
    """
    name = _bare(arch)
    return [one for one in _families().get(_family(name), ()) if one != name]


def check(arch: str, file: Path, published: Mapping[str, str]) -> None:
    """Refuse a weights file that is known to be of a network with the same tensors.

    It is known by its digest, by the description that lies beside what was downloaded, or by its name.

    Parameters
    ----------
    arch : str
    file : pathlib.Path
    published : mapping
        First digits of the digests of published files, and what each is of.

    Raises
    ------
    UserError
        If it is another network's.
    """
    twins, name = of(arch), _bare(arch)
    if not twins:
        return
    known = _by_digest(file, published) or _by_description(file, [name, *twins]) or _by_name(file, [name, *twins])
    if known in twins:
        difference = f"has the same tensors but {_difference(known, name)}"
        raise UserError(
            f"The weights file {file} is of {known}, and {name} {difference}: choose {known}.", lasting=True
        )


def hint(arch: str) -> str:
    """Say what a file of weights for ``arch`` may be mistaken for; "" if nothing is like it.

    Examples
    --------
    >>> hint("mixnet_s")
    'tf_mixnet_s has the same tensors and pads pictures as TensorFlow does: be sure that the file is not of it.'
    """
    name = _bare(arch)
    words = [
        f"{twin} has the same tensors and {_difference(name, twin)}: be sure that the file is not of it."
        for twin in of(arch)
    ]
    return " ".join(words)


def _bare(arch: str) -> str:
    return architectures.built_as(arch).partition(".")[0]


def _family(name: str) -> str:
    return name.removeprefix(_TF).replace(_QUICK, "")


@lru_cache(maxsize=1)
def _families() -> dict[str, list[str]]:
    families: dict[str, list[str]] = {}
    for name in architectures.timm_names():
        families.setdefault(_family(name), []).append(name)
    return {family: members for family, members in families.items() if len(members) > 1}


def _difference(name: str, twin: str) -> str:
    part = _TF if twin.startswith(_TF) != name.startswith(_TF) else _QUICK
    if part in twin:
        return _DIFFERENCE[part]
    return "pads pictures as PyTorch does" if part == _TF else "has the usual activation (GELU)"


def _by_digest(file: Path, published: Mapping[str, str]) -> str:
    digest = bundled.digest_of(file)
    return next((whose for digits, whose in published.items() if digest.startswith(digits)), "")


def _by_description(file: Path, names: list[str]) -> str:
    beside = file.parent / _DESCRIPTION
    try:
        if beside.stat().st_size > _LARGEST:
            return ""
        content = json.loads(beside.read_bytes())
    except (OSError, ValueError, RecursionError):  # there need be none, and it need not be about a network
        return ""
    named = content.get("architecture") if isinstance(content, dict) else None
    return named if isinstance(named, str) and named in names else ""


def _by_name(file: Path, names: list[str]) -> str:
    """Return whose name stands in a file's path; the longest, because one is part of the other."""
    words = f"{file.parent.parent.parent.name}/{file.name}" if file.parent.parent.name == "snapshots" else file.name
    return next((name for name in sorted(names, key=len, reverse=True) if name in words), "")
