"""Ray's Jobs REST API by HTTP, without ray: every call has a time limit, a size limit, and types that are checked."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypedDict, TypeVar
from urllib.parse import urlsplit

import requests
from msgspec import Meta

from lib.core import json_files
from lib.core.errors import UserError
from lib.training.launchers.base import Resources
from lib.training.launchers.launched import JOB

#: Where Ray's own tools read the address of its dashboard and the token, and where they keep the latter by default.
ADDRESS, TOKEN, TOKEN_PATH = "RAY_API_SERVER_ADDRESS", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"
_TOKEN_FILE = "~/.ray/auth_token"

#: Seconds until a connection is there, until the next part of an answer is, and until all of a small one is.
_CONNECT, _READ, _WHOLE = 2.0, 4.0, 6.0
#: Seconds that the start of a job, and the sending of code, may take: Ray answers when its machinery is up.
SUBMIT_SECONDS, _SEND_SECONDS = 30.0, 60.0
#: Bytes of an answer that are read; a job is one or two thousand.
MOST_BYTES = 32_000_000
_AT_A_TIME = 2**16

#: Scheme, host, port: no user or password before an @, no path, nothing that is no letter.
_PLAIN = re.compile(r"https?://[\w.:\[\]-]{1,300}", re.ASCII)
#: What requests raises; of some names of machines it lets through what its parts do.
_FAILURES = (requests.RequestException, requests.packages.urllib3.exceptions.HTTPError)  # type: ignore[attr-defined]
T = TypeVar("T")
_Amount = Annotated[float, Meta(ge=0)]


class JobInfo(TypedDict):
    """What Ray says of a job; it says more."""

    submission_id: str
    status: Literal["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "STOPPED"]
    message: NotRequired[str | None]
    driver_exit_code: NotRequired[int | None]


class _Listed(TypedDict):
    """What tells a job of this program from a foreign one."""

    type: NotRequired[str]
    submission_id: NotRequired[str | None]


class _Submitted(TypedDict):
    submission_id: str


class _Log(TypedDict):
    logs: str | None


class _Load(TypedDict):
    usage: dict[str, tuple[_Amount, _Amount]]
    usageByNode: dict[str, Any]


class _Cluster(TypedDict):
    loadMetricsReport: _Load


class _Data(TypedDict):
    clusterStatus: _Cluster


class _Status(TypedDict):
    data: _Data


class RayError(UserError):
    """Ray cannot be asked, or refuses."""


class UnreachableError(RayError):
    """Ray does not answer, or something else does."""


def configured() -> str:
    """Return the address of Ray that the environment states, "" where it states none.

    Raises
    ------
    UserError
        If it is no address.
    """
    address = os.environ.get(ADDRESS, "").strip().rstrip("/")
    return checked(address) if address else ""


def checked(address: str) -> str:
    """Return ``address`` if it is one of HTTP: scheme, host, port, and nothing else.

    Raises
    ------
    UserError
        If it is not; what may be a password in it is not repeated.
    """
    try:
        parts = urlsplit(address)
        is_plain = bool(_PLAIN.fullmatch(address) and parts.hostname) and parts.port != 0
    except ValueError:
        is_plain = False
    if not is_plain:
        raise UserError(
            f"The address of Ray ({ADDRESS}) is no address of HTTP: expected that of its dashboard, as "
            "http://127.0.0.1:8265, without user, password or path."
        )
    return address


def token() -> str:
    """Return the token that the environment gives, "" where it gives none.

    Raises
    ------
    UserError
        If its file cannot be read, or it is none that can be sent.
    """
    given, path = os.environ.get(TOKEN, "").strip(), os.environ.get(TOKEN_PATH, "").strip()
    if not given:
        try:
            given = Path(path or _TOKEN_FILE).expanduser().read_text("utf-8").strip()
        except (OSError, ValueError, RuntimeError) as error:
            if path:
                raise UserError(
                    f"The token of Ray cannot be read from the file that {TOKEN_PATH} names: expected a text file that "
                    "this account may read; name another, or allow reading it."
                ) from error
    if given and not re.fullmatch(r"[\x21-\x7e]{1,4096}", given):
        raise UserError(
            f"The token of Ray ({TOKEN} or its file) has spaces or other marks: expected letters and digits."
        )
    return given


class RayClient:
    """Asks one Ray.

    Parameters
    ----------
    address : str
        Of its dashboard, see `checked`.
    """

    def __init__(self, address: str):
        self.address = checked(address)

    def jobs(self) -> dict[str, JobInfo]:
        """Return the jobs of this program by their ids; raises as all here: `RayError`."""
        own: dict[str, JobInfo] = {}
        for job in self._decoded(self._ask("GET", "/api/jobs/"), list[Any]):
            listed = self._converted(job, _Listed)
            name = listed.get("submission_id") or ""
            if listed.get("type", "SUBMISSION") == "SUBMISSION" and re.fullmatch(JOB, name):
                own[name] = self._converted(job, JobInfo)
        return own

    def submit(self, name: str, entrypoint: str, **more: Any) -> None:
        """Start a job called ``name``; ``more`` are other fields of Ray's request, such as ``entrypoint_num_cpus``."""
        asked = {"submission_id": name, "entrypoint": entrypoint, **more}
        answer = self._ask("POST", "/api/jobs/", seconds=SUBMIT_SECONDS, json=asked)
        if self._decoded(answer, _Submitted)["submission_id"] != name:
            raise self._is_garbage(f"it started another job than {name}")

    def stop(self, name: str) -> None:
        """Ask for the end of a job; one that is not there is none."""
        self._ask("POST", f"{_path(name)}/stop", missing=True)

    def log(self, name: str) -> str:
        """Return what a job printed; "" where it is not there."""
        answer = self._ask("GET", f"{_path(name)}/logs", missing=True)
        return (self._decoded(answer, _Log)["logs"] or "") if answer is not None else ""

    def has_package(self, package: str) -> bool:
        """Return whether Ray has a package of code, which it keeps for some minutes more then."""
        return self._ask("GET", f"/api/packages/gcs/{package}", seconds=_SEND_SECONDS, missing=True) is not None

    def send_package(self, package: str, content: bytes) -> None:
        """Send a package of code."""
        self._ask("PUT", f"/api/packages/gcs/{package}", seconds=_SEND_SECONDS, data=content)

    def resources(self) -> Resources:
        """Return what Ray has, and what is free."""
        load = self._decoded(self._ask("GET", "/api/cluster_status"), _Status)["data"]["clusterStatus"]
        usage, nodes = load["loadMetricsReport"]["usage"], load["loadMetricsReport"]["usageByNode"]
        (used_cpus, cpus), (used_gpus, gpus) = usage.get("CPU", (0, 0)), usage.get("GPU", (0, 0))
        return Resources(cpus, max(0.0, cpus - used_cpus), gpus, max(0.0, gpus - used_gpus), len(nodes))

    def _decoded(self, content: bytes | None, kind: type[T]) -> T:
        return self._typed(lambda: json_files.decode(content or b"", kind))

    def _converted(self, value: Any, kind: type[T]) -> T:
        return self._typed(lambda: json_files.convert(value, kind))

    def _typed(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except ValueError as error:
            raise self._is_garbage(str(error)[:200]) from error

    def _is_garbage(self, why: str) -> UnreachableError:
        return UnreachableError(
            f"What answers at {self.address} is not what Ray's Jobs answer ({why}): expected the address of Ray's "
            f"dashboard, version 2.60; correct {ADDRESS}, or start the run on this machine."
        )

    def _ask(
        self, method: str, path: str, *, seconds: float = _WHOLE, missing: bool = False, **more: Any
    ) -> bytes | None:
        """Return the answer; None where something is not there, if it may be ``missing``."""
        until = time.monotonic() + seconds
        secret = token()
        try:
            with requests.Session() as session:
                session.trust_env = False  # no proxy sees the token, and no other account's netrc takes its place
                if secret:
                    session.headers["Authorization"] = f"Bearer {secret}"
                timeout = (_CONNECT, _READ if seconds == _WHOLE else seconds)
                with session.request(
                    method, self.address + path, timeout=timeout, allow_redirects=False, stream=True, **more
                ) as response:
                    status, content = response.status_code, self._content(response, until)
        except _FAILURES as error:
            raise self._does_not_answer(error) from None  # what it holds may be the header
        if status == 404 and missing:
            return None
        if status in (401, 403):
            given = "the token that was sent is another" if secret else "no token was sent"
            raise RayError(
                f"Ray at {self.address} lets nobody in without its token, and {given}: set {TOKEN}, or {TOKEN_PATH} to "
                "a file that holds it."
            )
        if status != 200:  # of one that starts, or of what stands before it, it is its own fault, and may pass
            kind = UnreachableError if status >= 500 else RayError
            raise kind(f"Ray at {self.address} refused ({status}: {_last_line(content, secret)}).")
        return content

    def _content(self, response: requests.Response, until: float) -> bytes:
        """Return the body, as long as it has time and no more than `MOST_BYTES`."""
        parts, length = [], 0
        try:
            while part := response.raw.read1(_AT_A_TIME, decode_content=True):
                parts.append(part)
                length += len(part)
                if length > MOST_BYTES:
                    raise self._is_garbage(f"more than {MOST_BYTES:,} bytes")
                if time.monotonic() > until:
                    raise self._does_not_answer(requests.Timeout())
        except (OSError, *_FAILURES) as error:
            raise self._does_not_answer(error) from None
        return b"".join(parts)

    def _does_not_answer(self, error: Exception) -> UnreachableError:
        why = "it takes too long" if "imeout" in type(error).__name__ else "there is no connection, or it broke off"
        return UnreachableError(
            f"Ray at {self.address} does not answer ({why}): expected a Ray that was started there; start it, correct "
            f"{ADDRESS}, or start the run on this machine."
        )


def _path(job: str) -> str:
    """Return the path of a job of this program; raises ValueError if it is none, so that nobody else's is asked for."""
    if not re.fullmatch(JOB, job):
        raise ValueError(f"{job!r} is no job of this program")
    return f"/api/jobs/{job}"


def _last_line(content: bytes, secret: str) -> str:
    """Return the line of an answer that says why, which is the last of a traceback, without the token."""
    lines = [line.strip() for line in content[-20_000:].decode(errors="replace").splitlines()]
    said = [line for line in lines if line.strip(" .")]
    line = said[-1] if said else "without a word"
    return (line.replace(secret, "…") if secret else line)[:300].rstrip(".")
