"""The code that travels to Ray: `lib` as a zip, called by the hash of what is in it."""

from __future__ import annotations

import functools
import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

#: The folder of all code.
_LIB = Path(__file__).resolve().parents[2]
#: Pages and their JavaScript: nothing that a worker imports.
_STAYS = ("web", "cli")
#: The first date that a zip knows, and a plain file that anybody may read: the same code is the same bytes.
_DATE, _MODE = (1980, 1, 1, 0, 0, 0), 0o100644 << 16


@dataclass(frozen=True)
class Package:
    """A zip of code, and the name by which Ray keeps it."""

    name: str
    content: bytes

    @property
    def uri(self) -> str:
        """How a job says that it wants the package."""
        return f"gcs://{self.name}"


def files(folder: Path = _LIB) -> list[Path]:
    """Return the files of ``folder`` that travel, sorted: all but pages, commands and what Python compiled."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.relative_to(folder).parts[0] not in _STAYS
        and "__pycache__" not in path.parts
        and not path.name.startswith(".")
    )


def package(folder: Path = _LIB) -> Package:
    """Return the code in ``folder`` as it is now; made anew only where a file has changed."""
    stamps = tuple((path, status.st_mtime_ns, status.st_size) for path in files(folder) if (status := path.stat()))
    return _package(folder, stamps)


@functools.lru_cache(maxsize=1)
def _package(folder: Path, stamps: tuple[tuple[Path, int, int], ...]) -> Package:
    digest, archive = hashlib.sha256(), io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for path, *_ in stamps:
            name, content = f"{folder.name}/{path.relative_to(folder).as_posix()}", path.read_bytes()
            digest.update(f"{len(name)} {name} {len(content)} ".encode() + content)
            entry = zipfile.ZipInfo(name, _DATE)
            entry.external_attr, entry.compress_type = _MODE, zipfile.ZIP_DEFLATED
            written.writestr(entry, content)
    return Package(f"_ray_pkg_{digest.hexdigest()[:32]}.zip", archive.getvalue())
