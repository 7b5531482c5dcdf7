"""Where runs are started: the options of commands that start one, and the command ``launchers``, what is free."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from lib.cli.common import print_json
from lib.core.errors import UserError
from lib.training import launchers
from lib.training.launchers import launched
from lib.training.launchers.base import Resources
from lib.training.launchers.launched import LAUNCHERS, LOCAL, VARIABLE, Launch

_WORDS = {launched.LOCAL: "this machine", launched.RAY: "Ray"}


def launch_options(command: argparse.ArgumentParser, *, several: bool = False) -> None:
    """Add the options that say where runs are at work; with ``several`` those of a run in several processes too."""
    command.add_argument(
        "--on",
        choices=LAUNCHERS,
        help=f"where: this machine or Ray, see `launchers`; default: ${VARIABLE}, else where the run was, else local",
    )
    command.add_argument("--cpus", type=float, metavar="N", help="CPUs that Ray keeps for a process; default: 1")
    command.add_argument(
        "--gpus", type=float, metavar="N", help="GPUs that Ray keeps for a process; default: 1 where it has any, else 0"
    )
    if several:
        command.add_argument(
            "--processes",
            type=int,
            metavar="N",
            help="processes, on each machine, that train the run together, each on its part of every batch and, where "
            "there are GPUs, on one of its own: the batch size stays that of the whole; default: 1",
        )
        command.add_argument(
            "--nodes", type=int, metavar="N", help="machines of Ray that train the run together; default: 1"
        )


def where(chosen: argparse.Namespace) -> Launch | None:
    """Return where a run shall be at work, as the options say; None where they do not.

    Raises
    ------
    UserError
        If that cannot be.
    """
    amounts = {"cpus": chosen.cpus, "gpus": chosen.gpus}
    for name, amount in amounts.items():
        if amount is not None and not 0 <= amount <= launched.MOST_AMOUNT:
            raise UserError(f"--{name} is {amount:g}: expected a number from 0 to {launched.MOST_AMOUNT:g}.")
    counts = {}
    for name, most in (("processes", launched.MOST_PROCESSES), ("nodes", launched.MOST_NODES)):
        if (count := getattr(chosen, name, None)) is not None:
            if not 1 <= count <= most:
                raise UserError(f"--{name} is {count}: expected a number from 1 to {most}.")
            counts[name] = count
    is_said = any(amount is not None for amount in amounts.values())
    if chosen.on is None and not is_said and not counts:
        return None
    launch = dataclasses.replace(launched.usual() if chosen.on is None else Launch(chosen.on), **counts)
    if is_said and launch.launcher == LOCAL:
        raise UserError("--cpus and --gpus are for Ray: add --on ray, or leave them out; here a run has what there is.")
    return dataclasses.replace(launch, **amounts)


def launchers_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``launchers``: none of its own."""


def run_launchers(chosen: argparse.Namespace) -> int:
    """Print where runs can be started and what is free there; the exit status is 0 also where Ray does not answer."""
    usual = launched.usual().launcher
    known: list[dict[str, Any]] = []
    for name in LAUNCHERS:
        launcher = launchers.of(name)
        facts: dict[str, Any] = {"launcher": name, "usual": name == usual}
        try:
            known.append({**facts, "address": launcher.address, **dataclasses.asdict(launcher.resources())})
        except UserError as error:
            known.append({**facts, "message": str(error)})
    if chosen.json:
        return print_json({"launchers": known})
    for facts in known:
        mark = " (the usual one)" if facts["usual"] else ""
        print(f"{facts['launcher']:<6} {_words(facts)}{mark}")
    return 0


def _words(facts: dict[str, Any]) -> str:
    if "message" in facts:
        return str(facts["message"])
    has = Resources(**{field.name: facts[field.name] for field in dataclasses.fields(Resources)})
    at = f" at {facts['address']}" if facts["address"] else ""
    return f"{_WORDS[facts['launcher']]}{at}: {has.words}"
