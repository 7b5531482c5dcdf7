"""Whatever things are called, no table that leaves is computed by a spreadsheet, and each comes back as it was."""

from __future__ import annotations

import ast
import csv
import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib.core import formulas
from lib.core.dataset import Dataset
from lib.core.workspace import VARIABLE, Workspace
from lib.datasets import store
from lib.datasets.query import Query
from lib.export import dataset as dataset_export
from lib.importing.importer import import_dataset
from lib.web.server import matrices, routes

ROOT = Path(__file__).resolve().parents[2]
#: Names of things, and what a spreadsheet would do with them.
NAMES = (
    "=1+1",
    "+2",
    "-3",
    "@SUM(A1)",
    "'=4",
    "''+5",
    "=cmd' /C calc'!A0",
    "it's",
    "＝6",
    '=HYPERLINK("http://x","y")',
)
#: How a cell looks that a spreadsheet computes.
FORMULA = re.compile(r"[\s\"]*[=+\-@＝＋－＠]")


def _cells(content: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def _named(dataset: Dataset, names: tuple[str, ...], targs: np.ndarray) -> Dataset:
    """Return the dataset with other targets, and groups and files with the names of formulas."""
    originals = [f"{NAMES[row % len(NAMES)].replace('/', '')}/{row}.png" for row in range(len(dataset))]
    items = dataset.items.assign(original=originals, group=[NAMES[row % 3] for row in range(len(dataset))])
    head = {"name": "made", "task": dataset.task, "names": names, "problems": [], "source": {}, "defaults": {}}
    store.save(dataset.path, head, items, targs)
    store._load.cache_clear()
    return store.load(Workspace(dataset.path.parent.parent), "made")


def _check_back(workspace: Workspace, dataset: Dataset, path: Path, task: str) -> None:
    """Import a table with its pictures again, and compare."""
    import_dataset(workspace, path, name="back", task=task)
    back = store.load(workspace, "back")
    assert sorted(back.names) == sorted(dataset.names)
    order = [back.items["original"].tolist().index(name) for name in dataset.items["original"]]
    targs = back.targs[order]
    if dataset.task == "multi-label":
        targs = targs[:, [back.names.index(name) for name in dataset.names]]
    np.testing.assert_array_equal(targs, dataset.targs)


@given(st.text("'\"=+-@\t\r\n; a＝|", max_size=12))
def test_a_text_made_safe_is_known_again(text):
    """No program finds a formula in a text that was made safe, and the text can be had back, apostrophes and all."""
    safe = formulas.safe(text)
    assert formulas.plain(safe) == text
    assert not any(FORMULA.match(cell) for cell in re.split(r"[;\t\r\n]", safe))


@pytest.mark.parametrize("form", ["labels-csv", "onehot-csv", "matrix"])
def test_tables_of_labels_come_back(form, workspace, make_dataset, tmp_path, monkeypatch):
    """Labels, files and groups with the names of formulas leave harmless and come back as they were."""
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    plain = make_dataset("multi-label")
    targs = np.random.default_rng(0).integers(0, 2, (len(plain), len(NAMES))).astype(np.int8)
    dataset = _named(plain, NAMES, targs)
    if form == "matrix":
        client = TestClient(Starlette(routes=routes.routes()))
        content = client.get(matrices.csv_url(dataset, Query(), "given")).content
        with zipfile.ZipFile(tmp_path / "made.zip", "w") as archive:
            archive.writestr("labels.csv", content)
            for row, name in enumerate(dataset.items["original"]):
                archive.writestr(name, dataset.image_path(row).read_bytes())
    else:
        dataset_export.write(dataset_export.prepare(dataset, form), tmp_path / "made.zip")
        content = zipfile.ZipFile(tmp_path / "made.zip").read("labels.csv")
    assert [cell for row in _cells(content) for cell in row if FORMULA.match(cell)] == []
    _check_back(workspace, dataset, tmp_path / "made.zip", "multi-label")
    kinds = {problem["kind"] for problem in store.load(workspace, "back").problems}
    assert "apostrophes" in kinds


def test_numbers_stay_numbers(workspace, make_dataset, tmp_path):
    """A negative number gets no apostrophe, its column's name does."""
    plain = make_dataset("regression")
    dataset = _named(plain, ("=height", "-width"), plain.targs - 100)
    assert (dataset.targs < 0).any()
    dataset_export.write(dataset_export.prepare(dataset, "labels-csv"), tmp_path / "made.zip")
    table = pd.read_csv(io.BytesIO(zipfile.ZipFile(tmp_path / "made.zip").read("labels.csv")))
    assert list(table.columns[:3]) == ["file", "'=height", "'-width"]
    np.testing.assert_array_equal(table.iloc[:, 1:3].to_numpy().astype(np.float32), dataset.targs)
    _check_back(workspace, dataset, tmp_path / "made.zip", "regression")


def test_one_place_writes_tables():
    """No other code of the product writes CSV, by the standard library or by pandas."""
    writing = {
        f"{path.relative_to(ROOT).as_posix()}: {ast.unparse(node)}"
        for folder in ("lib", "pages")
        for path in (ROOT / folder).rglob("*.py")
        if re.search("csv", text := path.read_text(encoding="utf-8"), re.IGNORECASE)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute)
        and node.attr in ("writer", "DictWriter", "to_csv", "to_excel", "to_clipboard")
    }
    assert writing == {"lib/export/tables.py: csv.writer", "lib/export/tables.py: frame.to_csv"}
