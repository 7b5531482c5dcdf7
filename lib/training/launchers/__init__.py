"""Launchers: where a run's worker is started, this machine or Ray; without torch and without ray."""

from __future__ import annotations

from lib.core.errors import UserError
from lib.training.launchers.base import Launcher
from lib.training.launchers.launched import LOCAL, Launch
from lib.training.launchers.local import LocalLauncher


def of(launch: Launch) -> Launcher:
    """Return the launcher that ``launch`` names.

    Raises
    ------
    UserError
        If there is none of this name here.
    """
    if launch.launcher != LOCAL:
        raise UserError(f"Nothing can be started on {launch.launcher} yet: start it on this machine.")
    return LocalLauncher()
