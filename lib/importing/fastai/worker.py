"""The process that downloads one of fastai's datasets.

``python -m lib.importing.fastai.worker URL`` prints JSON lines on stdout. A line is
``{"done", "total", "text"}`` while it works, and at last ``{"path"}`` or ``{"error"}``, a sentence.

fastai checks what it knows of each archive (size and hash of the first megabyte) and unpacks it with everything that is
in it. Here every entry passes `_Guard` first: names outside the folder, links that lead out, devices and archives that
unpack to absurd sizes are refused before a byte of them is written.
"""

from __future__ import annotations

import configparser
import contextlib
import gzip
import json
import os
import shutil
import signal
import socket
import sys
import tarfile
import tempfile
import threading
import urllib.error
import urllib.request
import zlib
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import NoReturn

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing import archive

#: Seconds in which a server has to answer at first, and between two pieces of a download.
ANSWER, STALLED = 8, 60
EVERY = 0.3  # seconds between two lines

_MB = 10**6
_DAMAGED = (tarfile.TarError, shutil.ReadError, gzip.BadGzipFile, zlib.error, EOFError)
_UNANSWERED = (403, 405, 501)  # what a server says that knows no HEAD


def main(url: str) -> int:
    """Fetch the archive at ``url`` and print where its folder is; return the exit status."""
    signal.signal(signal.SIGTERM, _interrupted)  # so that temporary folders go
    socket.setdefaulttimeout(STALLED)
    answers = sys.stdout

    def say(**line: object) -> None:
        try:
            print(json.dumps(line), file=answers, flush=True)
        except BrokenPipeError:  # whoever asked was killed
            os.kill(os.getpid(), signal.SIGTERM)

    try:
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):  # fastai prints as it likes
            path = _fetch(url, say)
    except UserError as error:
        say(error=str(error))
        return 2
    say(path=str(path))
    return 0


def _interrupted(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # so that nothing interrupts the tidying
    raise SystemExit(143)


def _fetch(url: str, say) -> Path:
    name = PurePosixPath(url).name
    data, archives = fastai_folders()
    if there := _there(data, name):
        return there
    say(done=0, total=0, text=f"Asking for {name}")
    size = _size(url, name)
    _check_room(size, data, archives, name)
    say(done=0, total=0, text="Starting fastai")
    from fastai.data.external import fastai_cfg, untar_data

    data, archives = fastai_cfg().path("data"), fastai_cfg().path("archive")
    if there := _there(data, name):
        return there
    data.mkdir(parents=True, exist_ok=True)
    # Unpacked where it will stay: else it is copied over at the end, and a cut copy passes for the whole next time.
    tempfile.tempdir = str(data)
    tarfile.TarFile.extraction_filter = staticmethod(_Guard(name, size, data, say))
    watched = threading.Event()
    watcher = threading.Thread(target=_watch, args=(archives / f"{name}.part", size, watched, say), daemon=True)
    watcher.start()
    try:
        path = untar_data(url)
    except (UserError, *_DAMAGED) as error:
        (archives / name).unlink(missing_ok=True)  # else it would be taken for good the next time
        raise _bad(name, error) from error
    except (OSError, HTTPException) as error:
        raise _unreachable(url, error) from error
    except Exception as error:
        # fastdownload raises plain exceptions: of a hash that does not fit, and fastcore of what a server answers.
        if "corrupt" in str(error) or "HTTP" in type(error).__name__:
            raise _unreachable(url, error) from error
        raise
    finally:
        watched.set()
        watcher.join()
        _sweep(archives, name)
    _check_came_out(path, data, name)
    return path


def _sweep(archives: Path, name: str) -> None:
    """Delete the part of a download that was broken off, unless another process is at it."""
    with contextlib.suppress(OSError, ImportError):
        import fcntl  # not on Windows

        with (archives / f"{name}.lock").open("w") as lock:  # fastdownload's own
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            (archives / f"{name}.part").unlink(missing_ok=True)


def fastai_folders() -> tuple[Path, Path]:
    """Return where fastai keeps unpacked datasets and archives, without importing it; it may be elsewhere by now."""
    home = Path(os.environ.get("FASTAI_HOME", "~/.fastai")).expanduser().absolute()
    config = configparser.ConfigParser()
    try:
        config.read(home / "config.ini", encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        raise UserError(
            f"{home / 'config.ini'} cannot be read: expected fastai's settings. Correct or delete it."
        ) from error
    return home / config["DEFAULT"].get("data", "data"), home / config["DEFAULT"].get("archive", "archive")


def _there(data: Path, name: str) -> Path | None:
    """Return the folder of a dataset that fastai has unpacked already."""
    folder = data / name.removesuffix(".tgz").removesuffix(".gz").removesuffix(".tar")
    return folder if folder.is_dir() and any(folder.iterdir()) else None


def _size(url: str, name: str) -> int:
    """Return the size of the download in bytes, 0 if the server does not say; a quick no where there is no network."""
    answer: list[int | BaseException] = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=ANSWER) as response:
                answer.append(int(response.headers.get("Content-Length") or 0))
        except urllib.error.HTTPError as error:
            answer.append(0 if error.code in _UNANSWERED else error)
        except (OSError, HTTPException, ValueError) as error:
            answer.append(error)

    asking = threading.Thread(target=ask, daemon=True)  # looking a name up knows no timeout
    asking.start()
    asking.join(ANSWER + 2)
    size = answer[0] if answer else TimeoutError("no answer")
    if isinstance(size, BaseException):
        raise _unreachable(url, size)
    return size


def _unreachable(url: str, error: BaseException) -> UserError:
    name, host = PurePosixPath(url).name, url.split("/")[2]
    reason = getattr(error, "reason", None) or error
    if "corrupt" in str(error):
        return UserError(
            f"{name} from {host} is not the file that fastai knows: expected its size and hash, found another. Try "
            "again later, or install a newer fastai."
        )
    if isinstance(error, OSError) and error.errno in (28, 122):
        return UserError(f"{name} has no room on the disk of fastai's folder: make room there, or set FASTAI_HOME.")
    if isinstance(error, OSError) and error.errno in (13, 30):
        return UserError(
            f"fastai's folder {fastai_folders()[0].parent} cannot be written to: set FASTAI_HOME to another."
        )
    words = " ".join(str(getattr(reason, "strerror", None) or reason or type(error).__name__).split())[:100]
    return UserError(
        f"{name} cannot be fetched from {host} ({words}): expected an answer within seconds. Check this computer's "
        "connection to the internet, or bring the data as a folder or zip."
    )


def _check_room(size: int, *rest) -> None:
    data, archives, name = rest
    for folder in (data, archives):
        there = next(parent for parent in (folder, *folder.parents) if parent.exists())
        free = shutil.disk_usage(there).free
        needed = 3 * size  # the archive, and what comes out of it
        if free < needed:
            wanted, left = sentences.sizes(needed, free)
            raise UserError(
                f"{name} is {sentences.size(size)} and needs about {wanted} with what comes out of it, but only {left} "
                f"are free at {there}: make room, or set FASTAI_HOME to another disk."
            )


class _Guard:
    """Looks at each entry of a tar archive before it is written, and counts."""

    def __init__(self, name: str, size: int, data: Path, say):
        self.name, self.say = name, say
        self.limit = min(archive.MAX_BYTES, max(archive.RATIO_FROM_BYTES, archive.MAX_RATIO * size))
        self.limit = min(self.limit, shutil.disk_usage(data).free + size)
        self.files, self.bytes, self.reported = 0, 0, 0

    def __call__(self, member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
        """Return the entry without odd rights, None to skip it; as `tarfile` asks a filter."""
        member = tarfile.data_filter(member, path)  # refuses what leads outside, and devices
        if member.issym() or member.islnk():
            return None  # pictures are files
        self.files += 1
        self.bytes += max(0, member.size)
        if self.files > archive.MAX_FILES or self.bytes > self.limit:
            raise UserError(
                f"{self.name} would unpack to more than {sentences.size(self.bytes)} in {self.files:,} files, far more "
                "than its images are: it was not kept."
            )
        if self.files - self.reported >= 500:
            self.reported = self.files
            self.say(done=0, total=0, text=f"Unpacking: {self.files:,} files")
        return member


def _watch(part: Path, size: int, ended: threading.Event, say) -> None:
    """Tell how much has arrived: fastai's own bar is for notebooks."""
    while not ended.wait(EVERY):
        try:
            arrived = part.stat().st_size
        except OSError:
            continue
        say(done=arrived // _MB, total=max(size, arrived) // _MB, text="Downloading (MB)")


def _bad(name: str, error: BaseException) -> UserError:
    if isinstance(error, UserError):
        return error
    if isinstance(error, tarfile.FilterError):
        return UserError(
            f"{name} holds {error.tarinfo.name[:80]!r}, which leads outside its folder: it was not unpacked."
        )
    return UserError(f"{name} arrived damaged and was deleted: expected a complete archive. Try again.")


def _check_came_out(path: Path, data: Path, name: str) -> None:
    """Refuse anything but plain files and folders inside fastai's own folder; where it is not, delete it."""
    root = data.resolve()
    for folder, folders, files in os.walk(path):
        for entry in (*folders, *files):
            one = Path(folder, entry)
            if one.is_symlink() or not (one.is_file() or one.is_dir()) or not one.resolve().is_relative_to(root):
                shutil.rmtree(path, ignore_errors=True)
                raise UserError(f"{name} held {entry[:80]!r}, which is neither a file nor a folder: it was deleted.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
