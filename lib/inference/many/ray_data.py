"""Many pictures on a cluster, as a job of Ray: ``python -m lib.inference.many.ray_data PLAN [ACTORS]``.

What is asked is a plan (`lib.inference.many.plans`). Each missing shard is a block of its own in a data set; actors
that keep the model answer one after the other and write its file.
"""

from __future__ import annotations

import contextlib
import sys
import traceback
from pathlib import Path

import ray
from ray.data import ActorPoolStrategy, DataContext

from lib.core.errors import UserError
from lib.inference.many import plans
from lib.inference.many.actors import Answers

#: Shards that an actor has before it, so that it does not wait for the next.
_AT_HAND = 2


def answer(place: Path, n_actors: int = 0) -> list[str]:
    """Have the shards that are missing answered by a cluster; return why some were not.

    Parameters
    ----------
    place : pathlib.Path
        The folder of the plan.
    n_actors : int
        How many at most; 0 is one for each GPU, or for each CPU where there is none.

    Raises
    ------
    UserError
        If no further shard can be answered; those that were stay.
    """
    plan, there = plans.read(place), ray.cluster_resources()
    if not plan.lines:
        return []
    n_gpus = int(there.get("GPU", 0))
    n_actors = min(n_actors or n_gpus or int(there.get("CPU", 1)), len(plan.lines))
    context = DataContext.get_current()
    context.enable_progress_bars = False
    # A block each: one has to be done before another is begun, and an actor that dies has no more than its own undone.
    asked = ray.data.from_items([vars(line) for line in plan.lines], override_num_blocks=len(plan.lines))
    answered = asked.map_batches(
        Answers,
        fn_constructor_args=(str(place), n_gpus > 0),
        batch_size=1,
        compute=ActorPoolStrategy(
            min_size=1, max_size=n_actors, initial_size=n_actors, max_tasks_in_flight_per_actor=_AT_HAND
        ),
        num_cpus=1,
        num_gpus=1 if n_gpus else 0,
    )
    errors = []
    for told in answered.iter_rows():
        if told["is_lasting"]:
            raise UserError(told["error"])
        if told["error"]:
            errors.append(told["error"])
    return errors


def main(words: list[str]) -> int:
    """Run the job; return its exit code. Why it ended is left beside the shards, where that can be written."""
    place, n_actors = Path(words[0]), int(words[1]) if len(words) > 1 else 0
    try:
        ray.init(address="auto", log_to_driver=False)  # never one of its own, which would listen to everybody
        message = " ".join(answer(place, n_actors)[:3])
    except UserError as error:
        message = str(error)
    except Exception as error:  # of Ray or an actor: the log has all of it, the client says the last line
        traceback.print_exc()
        message = f"The job that answers ended: {(str(error).strip() or type(error).__name__).splitlines()[-1][:300]}"
    if not message:
        return 0
    print(message, file=sys.stderr, flush=True)
    with contextlib.suppress(OSError):  # no machine of the cluster may see the folder
        plans.fail(place, message)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
