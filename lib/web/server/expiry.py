"""Removal of uploads and drops that nobody went on with, every minute while the server runs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from lib.core.workspace import Workspace
from lib.importing import uploads
from lib.inference import drops

EVERY_S = 60.0
_LOG = logging.getLogger(__name__)


def start(workspace: Workspace) -> None:
    """Begin to remove them, in a thread that ends with the process."""
    threading.Thread(target=_prune_always, args=(workspace,), daemon=True, name="expiry").start()


def _prune_always(workspace: Workspace, wait: Callable[[float], None] = time.sleep) -> None:
    while True:
        for prune in (uploads.prune, drops.prune):
            try:
                prune(workspace)
            except OSError:  # a disk that is away for a moment: it may be there the next time
                _LOG.exception("Uploads in %s cannot be looked through", workspace.root)
        wait(EVERY_S)
