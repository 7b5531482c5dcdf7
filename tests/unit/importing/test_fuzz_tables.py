"""Random tables made from a known truth are read as it is, or asked about, or refused: never read otherwise quietly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing.columns import Column
from lib.importing.importer import import_dataset
from lib.importing.parsed import Fix, Parsed
from tests.unit.importing import fuzz_oracle, random_tables
from tests.unit.importing.fuzz_oracle import ASKED, REFUSED, RIGHT, WRONG
from tests.unit.importing.random_targets import SIZE

SAMPLE, MANY = range(40), range(1_000, 2_000)
IMPORTED = range(12)


def _outcomes(seeds: range, root: Path) -> tuple[Counter[str], Counter[str], list[str]]:
    """Return how often tables were read right, asked about, ...; the same of plain ones; and what went wrong."""
    every: Counter[str] = Counter()
    plain: Counter[str] = Counter()
    wrong = []
    for seed in seeds:
        table = random_tables.draw(seed)
        result, why = fuzz_oracle.outcome(table, table.write(root / str(seed)))
        every[result] += 1
        plain[result] += not table.tricks
        if result == WRONG:
            wrong.append(f"seed {seed}, {table.kinds}: {why}")
    return every, plain, wrong


def test_a_sample_is_never_read_otherwise_quietly(tmp_path):
    """Each random table is read as its truth, asked about by the column, or refused."""
    every, _, wrong = _outcomes(SAMPLE, tmp_path)
    assert not wrong
    assert every[RIGHT] >= 0.7 * len(SAMPLE)


@pytest.mark.slow
def test_a_thousand_tables_are_never_read_otherwise_quietly(tmp_path):
    """The same of many, of which most are read without a question, and nearly all of the plain ones."""
    every, plain, wrong = _outcomes(MANY, tmp_path)
    assert not wrong
    assert every.total() == len(MANY) and set(every) <= {RIGHT, ASKED, REFUSED}
    assert every[RIGHT] >= 0.8 * len(MANY) and every[REFUSED] <= 0.03 * len(MANY)
    assert plain.total() >= 30 and plain[RIGHT] >= 0.95 * plain.total()


def test_random_tables_are_of_all_kinds():
    """The tables that are tried differ in task, form of targets, encoding and in what stands beside."""
    tables = [random_tables.draw(seed) for seed in MANY]
    tricks = Counter(trick for table in tables for trick in table.tricks)
    assert {table.target.task for table in tables} == {"single-label", "multi-label", "regression", "keypoints"}
    assert {"utf-16", "cp1252", "headless", "decimal-comma", "comments", "windows", "url", "fractions"} <= set(tricks)
    assert all(number >= 5 for number in tricks.values())
    assert sum(table.splits is not None for table in tables) > 100 < sum(table.groups is not None for table in tables)
    assert random_tables.draw(7).content == random_tables.draw(7).content != random_tables.draw(8).content


def test_the_oracle_sees_differences(tmp_path):
    """A truth that is changed after the table was written is no longer what is read of it: nothing passes vacuously."""
    checked = Counter()
    for seed in SAMPLE:
        table = random_tables.draw(seed)
        folder = table.write(tmp_path / str(seed))
        if fuzz_oracle.outcome(table, folder)[0] != RIGHT:
            continue
        truth, task = table.target.truth, table.target.task
        picture = sorted(truth)[0]
        truth[picture] = _otherwise(task, truth[picture], table.target.names)
        assert fuzz_oracle.outcome(table, folder)[0] != RIGHT
        checked[task] += 1
    assert set(checked) == {"single-label", "multi-label", "regression", "keypoints"}


def _otherwise(task: str, value: dict | frozenset, names: set[str]) -> dict | frozenset:
    """Return another truth of a picture."""
    if isinstance(value, frozenset):
        return frozenset(names) - value
    return {name: (1.0, 1.0) if task == "keypoints" else number + 1 for name, number in value.items()}


@pytest.mark.slow
def test_what_is_imported_is_what_is_read(tmp_path):
    """A dataset in the workspace has the truth of its table, too, after pictures were opened and divided."""
    drawn = 0
    for seed in IMPORTED:
        table = random_tables.draw(seed)
        if fuzz_oracle.outcome(table, table.write(tmp_path / "read" / str(seed)))[0] != RIGHT:
            continue
        colors = iter(np.random.default_rng(seed).permutation(2**12))
        folder = table.write(tmp_path / "source" / str(seed), partial(_draw, colors))
        workspace = Workspace(tmp_path / "workspace")
        report = import_dataset(workspace, folder, name=f"t{seed}", yes=True)
        dataset = store.load(workspace, f"t{seed}")
        stored = Parsed(
            report.format,
            dataset.task,
            list(dataset.names),
            dataset.items["original"].tolist(),
            dataset.targs,
            splits=dataset.items["split"].tolist() if table.splits and not table.groups else table.splits,
            columns=[Column(**column) for column in report.columns],
            fixes=[Fix(**fix) for fix in report.fixes],
        )
        stored.groups = dataset.items["group"].tolist() if table.groups else None
        unlike = fuzz_oracle.differences(table, stored)
        assert not [text for text, _ in unlike if not (table.groups and text.startswith("splits"))], seed
        drawn += 1
    assert drawn > len(IMPORTED) / 2


def _draw(colors: Iterator[int], path: Path) -> None:
    """Draw a picture of one color of its own."""
    color = int(next(colors))
    image = Image.new("RGB", SIZE, (color // 256 * 16, color // 16 % 16 * 16, color % 16 * 16))
    image.save(path, "PNG" if path.suffix == ".png" else "JPEG")
