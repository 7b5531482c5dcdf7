"""Files of a workspace as versions before checksums wrote them, so that tests can change what is in them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from lib.core import checksums, files, in_place, times
from lib.datasets import store
from lib.datasets.journal import journal

_SUM = re.compile(rb', "sum": "[0-9a-f]{16}"\}$', re.MULTILINE)


def read(path: Path) -> dict[str, Any]:
    """Return what is in a JSON file, without its checksum and those that it has of others."""
    content = checksums.opened(path.read_bytes(), checksums.name_of(path, path.parent.name))
    return {key: value for key, value in json.loads(content).items() if key != "checksums"}


def strip(path: Path) -> None:
    """Take the checksums out of a JSON file, or of the lines of a journal or of events."""
    if path.suffix == ".jsonl":
        path.write_bytes(_SUM.sub(b"}", path.read_bytes()))
    else:
        path.write_text(json.dumps(read(path)))


def renew_dataset(folder: Path, **facts: Any) -> None:
    """Take a dataset's checksums anew, of files that were replaced, and write other ``facts`` into its head."""
    paths = (path for name in (store.ITEMS, store.TARGS, in_place.STAMPS) if (path := folder / name).exists())
    sums = {path.name: checksums.of(path.read_bytes()) for path in paths}
    head = {**read(folder / store.HEAD), **facts, "checksums": {"written": times.utc(), "files": sums}}
    files.write_json(folder / store.HEAD, head)


def strip_dataset(folder: Path) -> None:
    """Take the checksums out of a dataset, as earlier versions wrote it."""
    strip(folder / store.HEAD)
    if (folder / journal.FILE).exists():
        strip(folder / journal.FILE)
        (folder / journal.END).unlink()
