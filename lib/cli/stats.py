"""The command ``stats``: prints a dataset's statistics."""

from __future__ import annotations

import argparse

import pandas as pd

from lib import tasks
from lib.cli import common
from lib.core import sentences
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.splits.kept import split_words
from lib.tasks import summary

_ROWS = 20  # of a table without --json


def stats_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``stats``."""
    command.add_argument("dataset", help="name of a dataset")


def run_stats(chosen: argparse.Namespace) -> int:
    """Print the statistics of a dataset's included images: the numbers of the page's Statistics tab."""
    dataset = store.load(Workspace.find(chosen.workspace), chosen.dataset)
    sections = summary.sections(tasks.get(dataset.task), dataset)
    if not sections:
        raise UserError(f"Every image of {dataset.name!r} is excluded: include some, or undo it.")
    if chosen.json:
        return common.print_json(summary.to_json(dataset, sections))
    excluded = len(dataset) - len(dataset.included)
    more = f", {excluded:,} excluded and not counted" if excluded else ""
    groups = f"; {words}" if (words := split_words(dataset)) else ""
    print(f"{dataset.name}: {len(dataset.included):,} images{more}{groups}")
    for section in sections:
        print(f"\n{section.title}: {section.help}")
        for title, value, help in section.facts:
            print(f"  {title}: {value} ({help.rstrip('.')})")
        for words in section.words:
            print(f"  {words}")
        for panel in section.draw({}):
            if isinstance(panel.content, pd.DataFrame):
                rest = f"  … {sentences.more(len(panel.content) - _ROWS)}" if len(panel.content) > _ROWS else ""
                print(f"\n  {panel.title}. {panel.help}")
                print(panel.content.head(_ROWS).to_string(index=False, float_format="{:.3g}".format), rest, sep="\n")
    return 0
