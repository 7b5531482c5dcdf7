"""One run on several machines: workers of Ray Train, each of which takes part as a process of one machine does.

With `lib.inference.many.ray_data` the only module that imports ray; nothing but a job of Ray imports it.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import os
import shutil
import socket
import struct
from pathlib import Path
from typing import Any

import ray
from ray import train
from ray.train.torch import TorchConfig, TorchTrainer, get_device

from lib.core import processes
from lib.core.errors import UserError
from lib.training import ends, events
from lib.training.ends import End
from lib.training.events import EventWriter
from lib.training.launchers.launched import Launch

#: So often workers are started anew, and Ray Train itself; where there is no room for them, that counts as well.
MAX_RESTARTS = 3
#: Seconds that workers wait for their room each time, where the environment of Ray's nodes says no other: for a node
#: that comes back, not for good.
_ROOM = 60
#: Seconds between Ray's looks at the workers, and those before one of them tells of an error of its own, in which Ray
#: finds that another has died.
_LOOK, _PATIENCE = 1, 30.0
#: Seconds that workers wait for each other at work on a batch.
_TIMEOUT = 15 * 60
#: Seconds that the first worker waits for one before it to end, whose node may live on a minute without its cluster.
_MEMBER_WAIT = 90
#: What Ray Train keeps: nothing but that it has begun. Checkpoints are the run's own.
_FOLDER, _BEGUN = "ray", "begun"
_SIOCGIFADDR = 0x8915


def work(folder: Path, launch: Launch, write: EventWriter, *, again: bool, member: str) -> End:
    """Train the run in ``folder`` by workers on several nodes, and return how that ended, as `lib.training.group.work`.

    Parameters
    ----------
    folder : pathlib.Path
        Which all nodes see.
    launch : Launch
    write : EventWriter
        Of this process; the first worker writes while they work.
    again : bool
        Whether a worker was at work on this run before.
    member : str
        The module whose ``take_part`` each worker calls.

    Raises
    ------
    MemberFailedError
        If it failed in one of them.
    UserError
        If workers, or their nodes, die again and again, or there is no room for them.
    """
    ends.forget(folder)
    shutil.rmtree(folder / _FOLDER, ignore_errors=True)
    (folder / _FOLDER).mkdir()
    task = {"again": again, "seconds": write.seconds, "member": member, "folder": str(folder)}
    write("note", note="Waiting for the workers of Ray")
    write.close()
    try:
        why = _fit(_trainer(folder, launch, task))
    finally:
        with processes.member_lock(folder):
            pass  # on a node that the cluster has lost the first worker may write still: the run is at work till then
        write.reopen()
        shutil.rmtree(folder / _FOLDER, ignore_errors=True)
    if (end := ends.take(folder, write)) is not None:
        return end
    raise UserError(
        f"The workers of this run could not go on after {MAX_RESTARTS} new starts ({why}): resume it where there is "
        f"room, or on this machine; its log is {folder / events.LOG}."
    )


def _trainer(folder: Path, launch: Launch, task: dict[str, Any]) -> TorchTrainer:
    os.environ.setdefault("RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S", str(_ROOM))
    os.environ.setdefault("RAY_TRAIN_HEALTH_CHECK_INTERVAL_S", str(_LOOK))
    if not ray.is_initialized():
        ray.init(runtime_env={"worker_process_setup_hook": talk_on_own_address})
    resources = {"CPU": launch.cpus or 0.0, "GPU": launch.gpus or 0.0}
    return TorchTrainer(
        _take_part,
        train_loop_config=task,
        torch_config=TorchConfig(backend="cpu:gloo,cuda:nccl" if launch.gpus else "gloo", timeout_s=_TIMEOUT),
        scaling_config=train.ScalingConfig(
            num_workers=launch.nodes * launch.processes,
            use_gpu=bool(launch.gpus),
            resources_per_worker={kind: amount for kind, amount in resources.items() if amount},
            placement_strategy="SPREAD",  # on as many nodes as there are: where one is lost, the others may have room
        ),
        run_config=train.RunConfig(
            name=_FOLDER,
            storage_path=str(folder),
            failure_config=train.FailureConfig(max_failures=MAX_RESTARTS, controller_failure_limit=MAX_RESTARTS),
        ),
    )


def _fit(trainer: TorchTrainer) -> str:
    """Train; return why it ended where that is not because the run did."""
    try:
        trainer.fit()
    except train.TrainingFailedError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return lines[-1][:300].rstrip(".") if lines else type(error).__name__
    return "they ended without a word"


def _take_part(task: dict[str, Any]) -> None:
    """Be one of the workers."""
    folder = Path(task["folder"])
    if not (folder / _FOLDER).is_dir():
        raise FileNotFoundError(
            f"The machine {socket.gethostname()} of Ray does not see the folder {folder}: mount the workspace at the "
            "same path there"
        )
    if (folder / events.END).exists():  # one of them failed for good, and all were started anew
        return
    context, lost = train.get_context(), ""
    rank = context.get_world_rank()
    begun = folder / _FOLDER / _BEGUN
    if rank == 0:
        lost = "A worker or its node was lost" if begun.exists() else ""
        begun.touch()
    name = f"Process {rank + 1} of {context.get_world_size()}"
    print(f"{name} is process {os.getpid()} of {socket.gethostname()} ({ray.util.get_node_ip_address()})", flush=True)
    own = {"rank": rank, "count": context.get_world_size(), "again": task["again"] or bool(lost)}
    # It alone writes, also when the machine of the run's worker is gone: nobody else may then.
    with processes.member_lock(folder).acquire(timeout=_MEMBER_WAIT) if rank == 0 else contextlib.nullcontext():
        took = importlib.import_module(task["member"]).take_part(
            folder, {**own, "seconds": task["seconds"], "store": "", "lost": lost}, get_device(), _PATIENCE
        )
    if not took:
        os._exit(1)  # the others wait for this one: Ray ends and starts them, and they find how it ended


def talk_on_own_address() -> None:
    """Let torch's processes talk on the network of the node's own address, by which Ray's nodes know each other."""
    for name, value in processes.ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    address = ray.util.get_node_ip_address()
    for _, interface in socket.if_nameindex():
        if _address_of(interface) == address:
            os.environ.setdefault("GLOO_SOCKET_IFNAME", interface)
            os.environ.setdefault("NCCL_SOCKET_IFNAME", interface)


def _address_of(interface: str) -> str:
    """Return the address of a network interface, "" where it has none."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        answer = fcntl.ioctl(any_socket.fileno(), _SIOCGIFADDR, struct.pack("256s", interface.encode()[:15]))
        return socket.inet_ntoa(answer[20:24])
    return ""
