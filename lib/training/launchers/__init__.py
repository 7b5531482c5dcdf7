"""Launchers: where a run's worker is started, this machine or Ray; without torch and without ray.

What is imported here is imported by the first module of a job, on a machine that may lack packages: nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lib.training.launchers.base import Launcher


def of(name: str) -> Launcher:
    """Return the launcher called ``name``, `launched.LOCAL` or `launched.RAY`."""
    from lib.training.launchers.launched import RAY

    if name == RAY:
        from lib.training.launchers.ray_jobs import RayLauncher

        return RayLauncher()
    from lib.training.launchers.local import LocalLauncher

    return LocalLauncher()
