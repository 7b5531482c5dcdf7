"""What a network sees in pictures is what its run sees, kept by picture, and nothing that is kept is trusted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from lib.core import files, processes, tensor_files
from lib.core.questions import requests, serve
from lib.inference.similar import features, maps, tsne, worker
from lib.training.learner import inference, pooled, seen
from tests import untrained_runs

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _no_process(monkeypatch) -> None:
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)


def answered(question: features.SeenQuestion) -> requests.State:
    """Answer a question in this process, where torch is loaded already, and return how it stands then."""
    serve.Worker.answer(worker.Worker(question.place), question)
    return question.state()


def test_features_are_those_of_the_run_and_are_computed_once(make_dataset, workspace, monkeypatch):
    """They are the means of the channels that predicting pools; what is unreadable is left out, damage made anew."""
    dataset = make_dataset("multi-label")
    run = untrained_runs.finished(workspace, dataset)
    dataset.image_path(5).write_bytes(b"no picture")
    assert features.read(dataset, run) is None
    assert answered(features.ask(dataset, run)).name == requests.DONE
    known = features.read(dataset, run)
    assert known.rows.tolist() == [row for row in range(len(dataset)) if row != 5]
    assert known.left_out == 1
    model = inference.load(run)
    squares = model.squares([Image.open(dataset.image_path(row)).convert("RGB") for row in known.rows])
    expected = seen.preds_and_features(model, squares)[1]
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(known.values, expected, atol=1e-3)
    np.testing.assert_allclose(known.reduced @ known.reduced.T, expected @ expected.T, atol=2e-3)

    def looked(*_: object) -> None:
        pytest.fail("the network looks at a picture again")

    for path in features.question(dataset, run).place.folder.glob("requests/*.safetensors"):
        arrays = dict(tensor_files.read(path))
        files.write_atomic(path, tensor_files.pack({**arrays, "rows": arrays["rows"][::-1].copy()}, path.name))
        assert features.read(dataset, run) is None
        question = features.ask(dataset, run)
        assert not question.settled
    with monkeypatch.context() as patched:
        patched.setattr(pooled, "_computed", lambda model, dataset, rows, tell: looked() if len(rows) > 1 else [])
        assert answered(question).name == requests.DONE
    assert features.read(dataset, run).rows.tolist() == known.rows.tolist()
    other = replace(dataset, items=dataset.items.assign(digest=""))
    assert len(pooled.of_rows(model, other, [0, 5, 7])[0]) == 2


def test_a_map_is_made_of_features_and_says_where_they_are_missing(make_dataset, workspace, monkeypatch):
    """Every picture that was seen has a place in the unit square; without features a question is refused in words."""
    dataset = make_dataset("single-label")
    run = untrained_runs.finished(workspace, dataset)
    question = maps.ask(dataset, run)
    assert "ask again" in answered(question).message
    assert answered(features.ask(dataset, run)).name == requests.DONE
    question.forget()
    monkeypatch.setattr(tsne, "_ITERATIONS", 250)
    assert answered(question).name == requests.DONE
    read = maps.read(dataset, run)
    assert read.rows.tolist() == list(range(len(dataset)))
    assert read.n_drawn == len(dataset)
    assert read.positions.max() == 1
