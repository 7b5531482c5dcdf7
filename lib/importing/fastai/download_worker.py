"""The process that answers downloads: ``python -m lib.importing.fastai.download_worker FOLDER LOCK``.

It answers `lib.importing.fastai.download.Download`: it has the dataset fetched, see `lib.importing.fastai.urls.fetch`,
and imports it as fastai's own lessons read it.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from lib.core.questions import serve
from lib.importing import importer
from lib.importing.fastai import urls
from lib.importing.fastai.download import Download, Downloads


class Worker(serve.Worker[Download]):
    """Downloads and imports one dataset after the other, and ends."""

    kind = Download
    failure = "The dataset could not be brought in"
    idle = 0.0

    @classmethod
    def place_in(cls, folder: Path) -> Downloads:
        return Downloads(folder)

    def respond(self, question: Download, request: dict[str, Any]) -> dict[str, np.ndarray]:
        signal.signal(signal.SIGTERM, _ended)
        name, tell = request["name"], serve.ProgressTeller(question)
        tell(0, 0, "Asking for it")
        folder = urls.fetch(name, tell, url=request["url"], check=question.check)
        question.check()
        report = importer.import_dataset(
            question.place.workspace,
            folder,
            name=urls.dataset_name(name),
            choices=urls.find(name).choices,
            progress=tell,
            yes=True,  # nobody is there to be asked
        )
        return {"images": np.array([report.images], dtype=np.int64)}


def _ended(*_: object) -> NoReturn:
    """End as by an exception, so that the process that fetches ends as well and nothing half imported stays."""
    raise SystemExit(128 + signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(serve.main(Worker))
