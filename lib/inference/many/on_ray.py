"""Answering many pictures here or on a cluster, where a job of Ray writes missing shards, which are watched on disk."""

from __future__ import annotations

import contextlib
import secrets
import shlex
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from lib.core import sentences
from lib.core.errors import UserError
from lib.inference.many import plans, shards, work
from lib.inference.many.sources import Entry
from lib.inference.many.work import Asked
from lib.training.launchers import launched, ray_client, ray_jobs, ray_listing
from lib.training.launchers.launched import RAY
from lib.training.launchers.ray_client import RayClient

#: Seconds between looks at the shards, and that Ray may not answer before that ends the work.
POLL_S, PATIENCE_S = 0.5, 120.0
#: What the job runs: the only module here that imports ray, which this process does without.
_MODULE = "lib.inference.many.ray_data"


def answer_on(
    launcher: str,
    asked: Asked,
    entries: Sequence[Entry],
    folder: Path,
    tell: Callable[[int, int, str], None],
    *,
    n_actors: int = 0,
) -> list[Path]:
    """Do what `answer_all` does where ``launcher`` says: `launched.RAY`, or `launched.LOCAL`, which is this process."""
    if launcher == RAY:
        return answer_all(asked, entries, folder, tell, n_actors=n_actors)
    return work.answer_all(asked, entries, folder, lambda done, total: tell(done, total, "Predicting"))


def answer_all(
    asked: Asked,
    entries: Sequence[Entry],
    folder: Path,
    tell: Callable[[int, int, str], None],
    *,
    n_actors: int = 0,
) -> list[Path]:
    """Do what `lib.inference.many.work.answer_all` does on the Ray that the environment names.

    Shards are the same: what was begun on this machine can be gone on with by Ray, and the other way round. A job that
    an earlier call has left behind, as its process was killed, is stopped; its shards count.

    Parameters
    ----------
    asked : Asked
    entries : sequence of Entry
    folder : pathlib.Path
        From `shards.opened`; all machines of the cluster see it, the run and the pictures by the same paths.
    tell : callable
        Is told how many are done, of how many, and what is waited for. What it raises ends the work and stops the job;
        shards stay.
    n_actors : int
        How many processes answer at most; 0 is one for each GPU, or for each CPU where there is none.

    Raises
    ------
    UserError
        If Ray cannot be asked, or some pictures cannot be answered.
    """
    client = RayClient(ray_jobs.address())
    stop(folder)
    every = [(shards.path_of(folder, asked.key, part), part) for part in shards.parts(entries)]
    missing = [(path, part) for path, part in every if not shards.is_there(path)]
    if missing:
        for path, _ in missing:
            path.unlink(missing_ok=True)  # a damaged one is no answer
        place = plans.write(folder, asked, missing)
        job = f"{launched.PREFIX}predict-{secrets.token_hex(8)}"
        plans.note_job(place, client.address, job)
        try:
            _start(client, job, place, n_actors)
            _follow(client.address, job, place, {path.name: len(part) for path, part in missing}, len(entries), tell)
        except BaseException:
            with contextlib.suppress(UserError):  # it cannot be reached, which is what is being told
                client.stop(job)
            raise
        gone = sum(not shards.is_there(path) for path, _ in missing)
        if gone:
            raise UserError(
                f"{sentences.count(gone, 'shard')} of the answers in {folder} are damaged: go on from there."
            )
    return [path for path, _ in every]


def stop(folder: Path) -> None:
    """Stop the jobs of earlier calls that may still be at work in the ``folder`` of shards; those of another Ray go on.

    Raises
    ------
    UserError
        If Ray cannot be asked.
    """
    for address, job in plans.jobs(folder):
        if address == ray_client.configured():
            RayClient(address).stop(job)


def _start(client: RayClient, job: str, place: Path, n_actors: int) -> None:
    ray_jobs.send_code(client)
    client.submit(
        job,
        shlex.join(["exec", "python", "-m", _MODULE, str(place), str(n_actors)]),
        runtime_env=ray_jobs.runtime_env(),
        metadata={"answers": str(place.parent)},
        entrypoint_num_cpus=0,  # it waits for its actors, to which the CPUs belong
    )
    ray_listing.of(client.address).forget()


def _follow(
    address: str, job: str, place: Path, sizes: dict[str, int], total: int, tell: Callable[[int, int, str], None]
) -> None:
    """Wait until the shards called as in ``sizes``, of so many pictures, are there."""
    waiting, heard = dict(sizes), time.monotonic()
    while True:
        listing = ray_listing.of(address).look()  # before the folder: what was written until its end is there then
        for name in _there(place.parent, waiting):
            del waiting[name]
        text = "Predicting on Ray" if len(waiting) < len(sizes) else "Waiting for Ray"
        tell(total - sum(waiting.values()), total, text)
        if not waiting:
            return
        info = None if listing.why else listing.jobs.get(job)
        status = info["status"] if info is not None else ""
        if info is not None and status in ("FAILED", "STOPPED"):
            raise UserError(plans.failure(place) or _ending(info, address))
        if status in ("PENDING", "RUNNING"):
            heard = time.monotonic()
        elif time.monotonic() - heard > PATIENCE_S:  # a shared folder may show late what other machines wrote
            why = listing.why or (
                f"This machine does not see in {place.parent} what Ray has answered there."
                if status
                else f"Ray at {address} does not know the job {job} any more."
            )
            raise UserError(f"{why} What is answered is kept: the same command goes on from there.")
        time.sleep(POLL_S)


def _there(folder: Path, names: Collection[str]) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name in names]


def _ending(info: ray_client.JobInfo, address: str) -> str:
    lines = [line.strip() for line in (info.get("message") or "").splitlines() if line.strip()]
    last = f" ({lines[-1][:300].rstrip('.')})" if lines and info["status"] == "FAILED" else ""
    how = "was stopped" if info["status"] == "STOPPED" else "ended"
    return (
        f"The job {info['submission_id']} of Ray at {address} {how}{last} before all pictures were answered: what is "
        "answered is kept, the same command goes on from there."
    )
