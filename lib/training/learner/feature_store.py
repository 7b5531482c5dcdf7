"""What a network saw in a picture, kept on disk for whoever asks again: one bounded SQLite file a workspace.

Every run of a workspace reads and writes it at the same time. It is a cache and nothing more: where it cannot be used,
a note says why, and features are computed as without it.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from lib.core.errors import reason
from lib.core.workspace import Workspace

#: Of what is in the file, and of how features come about: another version has a file of its own.
VERSION = 1
#: Bytes that the file may have; the oldest quarter of the features goes when there are more.
LIMIT = 1024**3
#: Bytes that stay free on the disk.
_LEFT_FREE = 512 * 1024**2
_PATIENCE = 10.0  # seconds that another run may take to write
_AT_A_TIME = 500  # keys a query
_TABLE = "CREATE TABLE IF NOT EXISTS features (number INTEGER PRIMARY KEY, key BLOB UNIQUE, value BLOB, sum INTEGER)"


def file_of(workspace: Workspace) -> Path:
    """Return where the features of a workspace are kept."""
    return workspace.root / "cache" / "features" / f"features-{VERSION}.sqlite3"


class FeatureStore:
    """Features by key.

    Parameters
    ----------
    path : pathlib.Path
        Of the file; it need not exist yet.
    tell : callable
        Is told in a sentence why the file cannot be used, once.
    limit : int
        Bytes that it may have.
    """

    def __init__(self, path: Path, tell: Callable[[str], None], limit: int = LIMIT):
        self.path, self.limit, self._tell = path, limit, tell
        self._opened: sqlite3.Connection | None = None
        with self._closed_on_failure():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._opened = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
            self._opened.execute("PRAGMA journal_mode = WAL")
            self._opened.execute("PRAGMA synchronous = NORMAL")  # a lost commit is computed again
            self._opened.execute(_TABLE)
            (version,) = self._opened.execute("PRAGMA user_version").fetchone()
            if version not in (0, VERSION):
                raise sqlite3.DatabaseError(f"it is of version {version}, this one writes {VERSION}")
            if version != VERSION:
                self._opened.execute(f"PRAGMA user_version = {VERSION}")

    @contextlib.contextmanager
    def _closed_on_failure(self) -> Iterator[None]:
        """Say why the file cannot be used, and use it no more."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            self.close()
            self._tell(
                f"Features are not kept, because {self.path} cannot be used ({reason(error)}); they are computed each "
                "time. Delete it if it is damaged, or make room."
            )

    def close(self) -> None:
        """Close the file."""
        opened, self._opened = self._opened, None
        if opened is not None:
            with contextlib.suppress(sqlite3.Error):  # it was damaged before
                opened.close()

    def read(self, keys: Sequence[bytes], width: int) -> dict[bytes, np.ndarray]:
        """Return those of the features that are kept whole, float32 of shape (width,) each."""
        kept: dict[bytes, np.ndarray] = {}
        opened = self._opened
        if opened is None:
            return kept
        with self._closed_on_failure():
            for start in range(0, len(keys), _AT_A_TIME):
                part = keys[start : start + _AT_A_TIME]
                asked = ",".join("?" * len(part))
                rows = opened.execute(f"SELECT key, value, sum FROM features WHERE key IN ({asked})", part)
                for key, value, checksum in rows:
                    if isinstance(value, bytes) and len(value) == 4 * width and zlib.crc32(value) == checksum:
                        kept[bytes(key)] = np.frombuffer(value, dtype=np.float32)
        return kept

    def write(self, features: Mapping[bytes, np.ndarray]) -> None:
        """Keep features, all of them or, where that cannot be, none."""
        if self._opened is None or not features:
            return
        with self._closed_on_failure():
            values = {key: np.ascontiguousarray(one, dtype=np.float32).tobytes() for key, one in features.items()}
            size = sum(map(len, values.values()))
            if shutil.disk_usage(self.path.parent).free < size + _LEFT_FREE:
                raise OSError("the disk is nearly full")
            with self._transaction() as opened:
                self._make_room(opened, size)
                opened.executemany(
                    "INSERT OR REPLACE INTO features (key, value, sum) VALUES (?, ?, ?)",
                    [(key, value, zlib.crc32(value)) for key, value in values.items()],
                )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        assert self._opened is not None
        self._opened.execute("BEGIN IMMEDIATE")
        try:
            yield self._opened
        except BaseException:
            self._opened.execute("ROLLBACK")
            raise
        self._opened.execute("COMMIT")

    def _make_room(self, opened: sqlite3.Connection, size: int) -> None:
        """Delete the oldest until ``size`` bytes more fit; the file keeps the room and fills it again."""
        used, free, page = (
            opened.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        count = opened.execute("SELECT count(*) FROM features").fetchone()[0]
        while count and (used - free) * page + size > self.limit:
            oldest = max(1, count // 4)
            opened.execute(
                "DELETE FROM features WHERE number IN (SELECT number FROM features ORDER BY number LIMIT ?)", (oldest,)
            )
            count -= oldest
            free = opened.execute("PRAGMA freelist_count").fetchone()[0]
