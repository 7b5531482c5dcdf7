"""The four tasks: one model, four readings."""

from __future__ import annotations

from lib.core.errors import UserError
from lib.tasks.base import Task
from lib.tasks.keypoints import Keypoints
from lib.tasks.multi_label import MultiLabel
from lib.tasks.regression import Regression
from lib.tasks.single_label import SingleLabel

#: Every task by name, in the order pages list them.
TASKS: dict[str, Task] = {task.name: task for task in (MultiLabel(), SingleLabel(), Keypoints(), Regression())}


def get(name: str) -> Task:
    """Return the task called ``name``.

    Raises
    ------
    UserError
        If there is none.
    """
    if name not in TASKS:
        raise UserError(f"There is no task {name!r}: choose one of {', '.join(TASKS)}.")
    return TASKS[name]
