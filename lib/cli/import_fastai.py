"""Options of ``import --fastai NAME``: downloads one of fastai's own datasets and imports it."""

from __future__ import annotations

import argparse
from pathlib import Path

from lib.cli.common import progress_line
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.importing import importer
from lib.importing.fastai import urls


def option(command: argparse.ArgumentParser) -> None:
    """Add the option."""
    command.add_argument(
        "--fastai",
        metavar="NAME",
        help="instead of a path: one of fastai's datasets, downloaded to where fastai keeps them; "
        f"{', '.join(urls.DATASETS)}",
    )


def resolve(chosen: argparse.Namespace) -> None:
    """Download what ``--fastai`` names, and set path, name and answers in ``chosen``, as if they had been given.

    Parameters
    ----------
    chosen : argparse.Namespace
        ``choice`` is a mapping already; its answers win.

    Raises
    ------
    UserError
        If there is neither or both of a path and a name, or the dataset cannot be had.
    """
    if (chosen.path is None) == (chosen.fastai is None):
        raise UserError(
            "Expected one source, a folder, zip or Parquet file or --fastai NAME, "
            f"found {'neither' if chosen.path is None else 'both'}: for instance --fastai PLANET_SAMPLE."
        )
    if chosen.fastai is None:
        return
    one = urls.find(chosen.fastai)
    chosen.name = chosen.name or urls.dataset_name(chosen.fastai)
    importer.named(Workspace.find(chosen.workspace), Path.cwd(), chosen.name)  # before a download of hours
    chosen.choice = {**one.choices, **chosen.choice}
    chosen.path = urls.fetch(chosen.fastai, progress_line())
    chosen.copy = not chosen.in_place  # as the page does: fastai's folder may be emptied by anybody
