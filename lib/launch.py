"""Starting and stopping runs: a worker process of its own that outlives page, tab and web server."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

from lib import options, protocol
from lib import workspace as ws
from lib.data import dataset as ds
from lib.protocol import TrainConfig
from lib.workspace import Workspace

#: torch's threads spin only shortly while they wait for each other, then sleep. As they come, they spin so long that
#: two trainings at once, or one beside a busy browser, slow each other down many times over
#: (`python -m benchmarks threads`).
ENVIRONMENT = {"GOMP_SPINCOUNT": "2000"}
_PROJECT = Path(__file__).resolve().parent.parent
#: Workers started by this process; kept so that an ended one is collected by the next start.
_started: list[subprocess.Popen] = []


def start(workspace: Workspace, config: TrainConfig) -> str:
    """Check ``config``, make the run's folder and start its worker.

    Returns
    -------
    str
        The run's id: date, time and four random characters, so that ids sort by age.

    Raises
    ------
    UserError
        If the configuration cannot work; nothing is left behind then.
    """
    options.check(config, ds.load(workspace, config.dataset))
    run = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
    folder = workspace.run(run)
    with ws.new_folder(folder) as temporary:
        ws.write_json(temporary / protocol.CONFIG, config.to_json())
    _spawn(folder)
    return run


def _spawn(folder: Path) -> None:
    for process in list(_started):
        if process.poll() is not None:
            _started.remove(process)
    path = os.pathsep.join(filter(None, [str(_PROJECT), os.environ.get("PYTHONPATH")]))
    with (folder / protocol.LOG).open("ab") as log:
        _started.append(
            subprocess.Popen(
                [sys.executable, "-m", "lib.worker", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**ENVIRONMENT, **os.environ, "PYTHONPATH": path},
                start_new_session=True,
            )
        )


def stop(folder: Path) -> None:
    """Ask the worker of the run in ``folder`` to stop after the batch at hand; it still leaves a model."""
    (folder / protocol.STOP).touch()
