"""Runs on Ray: each a job, started over HTTP; their order and their room are Ray's resources."""

from __future__ import annotations

import dataclasses
import math
import os
import secrets
import shlex
from pathlib import Path
from typing import Any

from lib.core import ages, processes, sentences
from lib.core.errors import UserError
from lib.training import events
from lib.training.launchers import code, job, ray_client, ray_listing
from lib.training.launchers.base import Job, Launcher, Resources, Standing
from lib.training.launchers.launched import PREFIX, RAY, SHARE, Launch
from lib.training.launchers.ray_client import JobInfo, RayClient

#: Variables of this environment that a job has as well: none of them is a secret.
_PASSED_ON = (
    "MANYHOT_ROOTS", "MANYHOT_DECODING_MB", "MANYHOT_PICTURES_GIB", "MANYHOT_NODE_CACHE", "MANYHOT_NODE_CACHE_GIB",
    "HF_HUB_OFFLINE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION",
)  # fmt: skip
#: CPUs of a process where nobody chooses.
CPUS = 1.0
#: Seconds in which a job is on its way to Ray: one that Ray does not know yet is not lost.
_ON_ITS_WAY = ray_client.SUBMIT_SECONDS + 5.0
_ELSEWHERE = "resume it where you like, or start it again"
_ENDED = {
    "SUCCEEDED": "ended without a word in the run's folder",
    "STOPPED": "was stopped on Ray before its worker began",
    "FAILED": "ended before its worker began",
}


class RayLauncher(Launcher):
    """Starts workers as jobs of the Ray that the environment names.

    An address in a run's folder is compared with that one and never asked: the token goes to no other.
    """

    name = RAY

    @property
    def address(self) -> str:
        return address()

    @property
    def is_followed(self) -> bool:
        return bool(os.environ.get(SHARE))

    def prepare(self, launch: Launch) -> Launch:
        client = RayClient(self.address)
        gpus = launch.gpus
        if gpus is None:
            gpus = 1.0 if client.resources().gpus else 0.0
        cpus = CPUS if launch.cpus is None else launch.cpus
        send_code(client)
        name = f"{PREFIX}{secrets.token_hex(8)}"
        return dataclasses.replace(launch, launcher=RAY, cpus=cpus, gpus=gpus, job=name, address=client.address)

    def start(self, folder: Path, launch: Launch) -> bool:
        if self.is_followed:  # who stands for the worker here, and submits the job
            return processes.spawn("lib.training.remote.follower", folder, lock_in=folder, log=folder / events.LOG)
        self.submit(folder.name, at_work(folder, launch), job.__name__, str(folder), launch.job)
        return True

    def submit(self, run: str, launch: Launch, module: str, *arguments: str) -> None:
        """Submit the job of ``launch``, which runs ``module``.

        Raises
        ------
        UserError
            If Ray does not take it.
        """
        RayClient(self.address).submit(
            launch.job,
            shlex.join(["exec", "python", "-m", module, *arguments]),
            runtime_env=runtime_env(),
            metadata={"run": run},
            entrypoint_num_cpus=_of_job(launch, launch.cpus),
            entrypoint_num_gpus=_of_job(launch, launch.gpus),
        )
        ray_listing.of(self.address).forget()

    def job(self, folder: Path, launch: Launch) -> Job:
        try:
            known = ray_client.configured()
        except UserError as error:
            return Job(Standing.UNREACHABLE, str(error))
        if launch.address != known:
            here = f"knows the one at {known}" if known else "was told of none"
            return Job(
                Standing.UNREACHABLE,
                f"It was started by Ray at {launch.address}, and this program {here}: set {ray_client.ADDRESS} to that "
                "address, or stop the run.",
            )
        listing = ray_listing.of(known).look()
        if listing.why:
            return Job(Standing.UNREACHABLE, listing.why)
        info = listing.jobs.get(launch.job)
        if info is None:
            if _age(folder) < _ON_ITS_WAY:
                return Job(Standing.PENDING, f"On its way to Ray at {known}")
            why = f"Ray at {known} does not know its job {launch.job} any more: {_ELSEWHERE}."
            return Job(Standing.UNKNOWN, why)
        if info["status"] == "PENDING":
            return Job(Standing.PENDING, _waiting(at_work(folder, launch), listing.resources))
        if info["status"] == "RUNNING":
            return Job(Standing.RUNNING, "Ray starts its worker")
        return Job(Standing.ENDED, _ending(known, info))

    def stop(self, folder: Path, launch: Launch) -> None:
        if launch.address != ray_client.configured():
            return
        if self.job(folder, launch).standing is Standing.PENDING:
            RayClient(launch.address).stop(launch.job)
            ray_listing.of(launch.address).forget()

    def log(self, folder: Path, launch: Launch) -> str:
        return RayClient(self.address).log(launch.job) if launch.address == self.address else ""

    def resources(self) -> Resources:
        return RayClient(self.address).resources()


def address() -> str:
    """Return the address of the Ray that the environment names.

    Raises
    ------
    UserError
        If it names none.
    """
    known = ray_client.configured()
    if not known:
        raise UserError(
            f"Nothing says where Ray is: set {ray_client.ADDRESS} to the address of its dashboard, as "
            "http://127.0.0.1:8265, or start the run on this machine."
        )
    return known


def at_work(folder: Path, launch: Launch) -> Launch:
    """Return ``launch`` with what the run in ``folder`` needs of it now: one process where it shall only predict."""
    is_alone = (folder / events.FINISH).exists()
    return dataclasses.replace(launch, processes=1, nodes=1) if is_alone else launch


def send_code(client: RayClient) -> None:
    """Have Ray keep the code as it is now, if it does not yet: what `runtime_env` asks for."""
    package = code.package()
    if not client.has_package(package.name):
        client.send_package(package.name, package.content)


def _of_job(launch: Launch, amount: float | None) -> float:
    """Return what a job itself is kept of a resource: of several nodes it only waits for workers, which ask for it."""
    return 0.0 if launch.nodes > 1 else launch.processes * (amount or 0)


def runtime_env() -> dict[str, Any]:
    """Return the code of a job, and its variables: those of every worker, and what is stated here of pictures."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {"working_dir": code.package().uri, "env_vars": {**processes.ENVIRONMENT, **passed_on}}


def _age(folder: Path) -> float:
    """Return how many seconds ago the run in ``folder`` was launched, however the clock was set since."""
    try:
        return abs(ages.since((folder / events.LAUNCH).stat().st_mtime))
    except OSError:
        return float("inf")


def _waiting(launch: Launch, resources: Resources | None) -> str:
    """Return what a job waits for, in words."""
    cpus, gpus = (_of_job(launch, amount) for amount in (launch.cpus, launch.gpus))
    amounts = ((cpus, "CPU"), (gpus, "GPU"))
    asked = " and ".join(f"{amount:g} {sentences.word(math.ceil(amount), kind)}" for amount, kind in amounts if amount)
    if resources is None:
        return f"Waiting for {asked or 'its start'} on Ray"
    has = f"{resources.free_cpus:g} of {resources.cpus:g} CPUs"
    if resources.gpus or gpus:
        has += f" and {resources.free_gpus:g} of {resources.gpus:g} GPUs"
    return f"Waiting for {asked or 'its start'} on Ray: {has} are free"


def _ending(address: str, info: JobInfo) -> str:
    """Return why a job ended before its worker wrote a word, in one sentence."""
    message = info.get("message") or ""
    if refusal := job.refusal_in(message):
        return refusal
    if "failed to start within" in message:
        return (
            f"Ray at {address} found no room for it in time: ask for fewer CPUs or GPUs, or let Ray wait longer "
            "(RAY_JOB_START_TIMEOUT_SECONDS where Ray was started); then resume it."
        )
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    last = f" ({lines[-1][:200].rstrip('.')})" if lines and info["status"] == "FAILED" else ""
    return f"Its job {info['submission_id']} of Ray at {address} {_ENDED[info['status']]}{last}: {_ELSEWHERE}."
