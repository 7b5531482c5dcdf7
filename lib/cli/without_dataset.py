"""What a command says where the dataset of a run cannot be read, which it does without."""

from __future__ import annotations

from lib.cli.common import say
from lib.core.errors import UserError
from lib.training.runs import Run


def say_why(run: Run, consequence: str) -> None:
    """Say ``consequence``, a sentence, and why the dataset is not there as ``run`` saw it; nothing where it is."""
    try:
        run.load_dataset()
    except UserError as error:
        say(f"{consequence} {error}")
