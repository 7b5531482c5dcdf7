"""What a run needs to go on that is not there: it was moved to another workspace or machine, or its dataset was."""

from __future__ import annotations

from lib.core.dataset import UnknownRevisionError
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.journal import journal
from lib.training.runs import Run


def check(run: Run) -> None:
    """Look whether the dataset is there that ``run`` was started on, in the state that it had then.

    Raises
    ------
    UserError
        If it is not: what is missing, and how it gets there. Nothing of the run is changed by that.
    """
    workspace, config = Workspace(run.folder.parent.parent), run.config
    what = f"The run {run.id} cannot go on here"
    try:
        dataset = store.load(workspace, config.dataset, config.revision)
    except UnknownRevisionError as error:
        now = store.load(workspace, config.dataset)
        raise UserError(
            f"{what}: the dataset {config.dataset} of this workspace was never in the state that the run was started "
            f"on (expected revision {config.revision}, found {now.revision}). Bring that one, with its {journal.FILE}, "
            "from where the run comes from, or start the training again."
        ) from error
    except UserError as error:
        if config.dataset in workspace.dataset_names():  # damaged, which is said as everywhere
            raise
        raise UserError(f"{what}: {missing(workspace, run)}.") from error
    if dataset.root is not None and not dataset.root.is_dir():
        raise UserError(
            f"{what}: the images of {dataset.name} are used where they are, in {dataset.root}, which is no folder of "
            "this machine. Put them there, or import them again, under the same name, from where they are now."
        )


def missing(workspace: Workspace, run: Run) -> str:
    """Say that there is no dataset of the name of the one that ``run`` was started on, and how it gets there."""
    name, revision = run.config.dataset, run.config.revision
    twin = next((other for other in workspace.dataset_names() if _has(workspace, other, revision)), None)
    if twin is not None:
        return (
            f"there is no dataset {name} in this workspace, but {twin} is the same (revision {revision}): rename its "
            f"folder {workspace.dataset(twin)} to {name}"
        )
    return (
        f"there is no dataset {name} in this workspace (revision {revision}): import it again under this name, or copy "
        f"its folder to {workspace.dataset(name)} from the workspace that the run comes from"
    )


def _has(workspace: Workspace, name: str, revision: str) -> bool:
    """Return whether a dataset was ever in the state ``revision``."""
    try:
        return store.load(workspace, name, revision).revision == revision
    except UserError:  # another one, or damaged
        return False
