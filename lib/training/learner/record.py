"""The record that reproduces a run: versions, machine, data, state of the project's own code."""

from __future__ import annotations

import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from lib.training.learner import data
from lib.training.run_files import NUMERICS

_PACKAGES = ("torch", "torchvision", "fastai", "timm", "numpy", "pillow")
_PROJECT = Path(__file__).resolve().parents[3]


def record(device: torch.device) -> dict[str, Any]:
    """Return device, threads, operating system, Python, package versions and the project's commit."""
    return {
        "device": data.describe(device),
        "threads": torch.get_num_threads(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in _PACKAGES},
        "git": git_state(_PROJECT),
        "numerics": NUMERICS,
    }


def git_state(folder: Path) -> dict[str, Any] | None:
    """Return ``commit`` and whether files were ``changed`` since, None where the project is no git checkout."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True, timeout=10
        )
        return done.stdout.strip()

    try:
        if Path(git("rev-parse", "--show-toplevel")).resolve() != folder.resolve():
            return None  # a checkout around it is not the project's
        return {"commit": git("rev-parse", "HEAD"), "changed": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None
