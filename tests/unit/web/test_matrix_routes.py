"""The matrix's URLs return its cells, in the order requested, and a sentence for everything else."""

from __future__ import annotations

import io
import json
import struct

import numpy as np
import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from benchmarks.synthetic import multi_label_dataset
from lib.core.dataset import Dataset
from lib.core.workspace import VARIABLE
from lib.datasets import query
from lib.datasets.edits import edits
from lib.datasets.query import Query
from lib.web.server import matrices, routes

NAMES = ['"quoted", comma', "<b>bold</b>", "🐱", "plain"]


@pytest.fixture
def dataset(workspace, monkeypatch) -> Dataset:
    """200 images of four labels with unknown cells."""
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    rng = np.random.default_rng(8)
    targs = rng.choice([1, 0, -1], (200, 4), p=[0.3, 0.6, 0.1]).astype(np.int8)
    return multi_label_dataset(workspace, NAMES, targs, np.resize(["train", "valid"], 200))


@pytest.fixture
def client() -> TestClient:
    """Return a client of the routes alone."""
    return TestClient(Starlette(routes=routes.routes("/labs")))


def unpacked(content: bytes) -> tuple[dict, np.ndarray]:
    """Return the head and the cells of an answer."""
    (length,) = struct.unpack_from("<I", content)
    head = json.loads(content[4 : 4 + length])
    cells = np.frombuffer(content[4 + length :], dtype=np.int8)
    return head, cells.reshape(len(head["rows"]), -1 if len(cells) else 0)


ASKED = Query(split="train", has_not=(NAMES[2],), order=query.first(NAMES[1]))


@pytest.mark.parametrize("first,left", [(0, 0), (17, 2), (10_000, 0)])
def test_a_window_is_cut_out_of_the_ordered_matrix(dataset, client, first, left):
    """Rows and columns are those of the query, in its order; the answer may be kept for good."""
    url = matrices.window_url(dataset, ASKED, "count")
    answer = client.get(f"/labs{url}&first={first}&rows=20&left={left}&columns=2")
    assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    head, cells = unpacked(answer.content)
    rows = query.rows(dataset, ASKED)[first : first + 20]
    columns = query.columns(dataset, "count")[left : left + 2]
    assert head["rows"] == rows.tolist()
    assert head["files"] == [f"from/picture {row}.png" for row in rows]
    assert head["splits"] == ["train"] * len(rows)
    assert head["labels"] == (dataset.targs[rows] == 1).sum(axis=1).tolist()
    assert head["unknown"] == (dataset.targs[rows] == -1).sum(axis=1).tolist()
    np.testing.assert_array_equal(cells, dataset.targs[rows][:, columns] if len(rows) else np.zeros((0, 0)))


def test_classes_are_made_one_hot_for_the_window(make_dataset, workspace, monkeypatch, client):
    """A single-label dataset has the matrix that it does not store."""
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    dataset = make_dataset("single-label")
    _, cells = unpacked(client.get("/labs" + matrices.window_url(dataset, Query(), "given")).content)
    np.testing.assert_array_equal(cells, np.eye(3)[np.arange(48) % 3])


def test_an_old_page_gets_the_state_that_it_shows(dataset, client):
    """After an edit elsewhere a page goes on with its own state, a new page sees the new one."""
    url = matrices.window_url(dataset, Query(has=("plain",)), "given")
    before = unpacked(client.get("/labs" + url).content)[0]["rows"]
    edited = edits.set_targs(dataset, [edits.Cell(before[0], 3, 1, 0)], note="not plain")
    assert unpacked(client.get("/labs" + url).content)[0]["rows"] == before
    new = matrices.window_url(edited, Query(has=("plain",)), "given")
    assert unpacked(client.get("/labs" + new).content)[0]["rows"] == before[1:]


def test_the_csv_is_the_matrix_as_it_is_shown(dataset, client, monkeypatch):
    """Every image and label that is shown, in order, over several pieces; what nobody knows is empty."""
    monkeypatch.setattr(matrices, "_CSV_ROWS", 7)
    answer = client.get("/labs" + matrices.csv_url(dataset, ASKED, "name"))
    assert answer.headers["content-disposition"] == 'attachment; filename="made-targets.csv"'
    table = pd.read_csv(io.BytesIO(answer.content))
    rows, columns = query.rows(dataset, ASKED), query.columns(dataset, "name")
    assert list(table.columns) == ["file", "split", *(NAMES[c] for c in columns)]
    assert table["file"].tolist() == [f"from/picture {row}.png" for row in rows]
    np.testing.assert_array_equal(table.iloc[:, 2:].fillna(-1).to_numpy(), dataset.targs[rows][:, columns])


@pytest.mark.parametrize(
    "path",
    [
        "gone/matrix",
        "made/matrix?has=4",
        "made/matrix?has=-1",
        "made/matrix?has=²",
        "made/matrix?order=has:9",
        "made/matrix?order=size",
        "made/matrix?sort=size",
        "made/matrix?split=night",
        "made/matrix?rows=100000",
        "made/matrix?first=-1",
        "made/matrix?v=0123456789ab",
        "made/matrix.csv?lacks=x",
    ],
)
def test_what_is_not_there_is_said(dataset, client, path):
    """No dataset, label, order or window that does not exist is answered with cells, or with an error of ours."""
    answer = client.get(f"/labs/api/datasets/{path}")
    assert answer.status_code == 404 and 0 < len(answer.text) < 500


def test_targets_that_are_no_labels_have_no_matrix(make_dataset, workspace, monkeypatch, client):
    """Points have no one-hot matrix: the address says so."""
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    make_dataset("keypoints")
    answer = client.get("/labs/api/datasets/made/matrix")
    assert answer.status_code == 404 and "no labels" in answer.text
