"""Real datasets, imported once: ``MANYHOT_TEST_DATA`` names the folder with vehicles, faces and bccd in it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing.importer import import_dataset

VARIABLE = "MANYHOT_TEST_DATA"
#: What tells images that belong together, by dataset.
_GROUPS = {"faces": "(.*)_"}


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data; without it the test is skipped."""
    named = os.environ.get(VARIABLE)
    if not named:
        pytest.skip(f"{VARIABLE} names no folder with real data")
    return Path(named)


@pytest.fixture(scope="session")
def real(real_data, tmp_path_factory) -> Callable[[str], Dataset]:
    """A function that returns a real dataset by name; each is imported once into a workspace of the session's own."""
    workspace = Workspace(tmp_path_factory.mktemp("real") / "workspace")

    @cache
    def imported(name: str) -> Dataset:
        import_dataset(workspace, real_data / name, name=name, group=_GROUPS.get(name))
        return store.load(workspace, name)

    return imported
