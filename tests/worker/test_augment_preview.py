"""A real process makes the copies that training makes, once for each request, and its death is reported."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
from PIL import Image

from lib import tasks
from lib.core import processes
from lib.core.questions import asking, requests, serve
from lib.inference import augment_preview, augment_worker
from lib.inference.augment_preview import PreviewRequest, Studio
from lib.training import options
from lib.training.learner import copies

pytestmark = pytest.mark.slow


def settled(question: requests.Question, seconds: float = 90) -> requests.State:
    """Wait for an answer or an error, and return which."""
    end = time.monotonic() + seconds
    while (state := question.state()).active and time.monotonic() < end:
        time.sleep(0.02)
    return state


def worker() -> object:
    """Return the process that was started last."""
    return next(one for one in reversed(processes._started) if "lib.inference.augment_worker" in one.args)


@pytest.mark.cold
def test_a_process_answers_keeps_torch_and_its_death_is_said(make_dataset):
    """The copies are those of `copies`; a second question goes to the same process; its death is told."""
    dataset = make_dataset("keypoints")
    question = augment_preview.ask(dataset, PreviewRequest(row=2, size=64, seed=5))
    started = worker()
    try:
        assert settled(question).name == requests.DONE, question.state()
        shown_copies = augment_preview.copies(dataset, question)
        config = options.configure(dataset, {"pretrained": False, "size": 64})
        expected = copies.copies(dataset, tasks.get("keypoints"), config, 2, seed=5)
        assert len(shown_copies) == 8
        for one, pixels, targ in zip(shown_copies, expected.pictures, expected.targs, strict=True):
            shown = np.asarray(Image.open(io.BytesIO(one.picture))).astype(int)
            assert np.abs(shown - pixels).mean() < 12  # noise, as a JPEG
            inside = ((targ >= 0) & (targ <= 64)).all(axis=1)
            there = [place is not None for place in one.card.true_points]
            assert there == inside.tolist()
            shown_points = [place for place in one.card.true_points if place]
            np.testing.assert_allclose(shown_points, targ[inside] / 64, atol=1e-5)
            assert one.outside == tuple(np.array(dataset.names)[~inside])
        assert augment_preview.ask(dataset, PreviewRequest(row=2, size=64, seed=5)) == question
        other = augment_preview.ask(dataset, PreviewRequest(row=3, size=64, seed=5))
        assert settled(other).name == requests.DONE
        assert worker() is started
    finally:
        started.kill()
        started.wait()
    third = augment_preview.Preview(Studio.of(dataset), "0" * 16)
    third.path(requests.QUESTION).write_text("{}")
    third.tell(0, 8)  # it was at work on this one
    assert "makes copies crashed" in third.state().message


def test_a_question_that_cannot_be_answered_gets_a_sentence(make_dataset, monkeypatch):
    """A mirror nobody declared pairs for, and a state that the dataset never had, are refused in words."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    dataset = make_dataset("keypoints")
    mirrored = augment_preview.ask(dataset, PreviewRequest(row=0, size=32, flip=True))
    answering_ = augment_worker.Worker(mirrored.place)
    answering_.answer(mirrored)
    assert "declare the pairs" in mirrored.state().message
    content = mirrored.request() | {"revision": "ffffffffffff", "flip": False}
    asking._put(mirrored, content)
    mirrored.forget()
    answering_.answer(mirrored)
    assert "no state of revision" in mirrored.state().message
    assert serve.serve(augment_worker.Worker, mirrored.place, idle=0.0) == 0


def test_few_copies_are_kept(make_dataset, monkeypatch):
    """Stepping through a dataset does not fill the disk: the oldest answers go."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    monkeypatch.setattr(augment_preview.Preview, "most", 3)
    dataset = make_dataset("multi-label")
    copy_worker = augment_worker.Worker(Studio.of(dataset))
    for row in range(6):
        question = augment_preview.ask(dataset, PreviewRequest(row=row, size=32))
        copy_worker.answer(question)
        assert (
            augment_preview.copies(dataset, question)[0].card.chips
            == augment_preview.copies(dataset, question)[7].card.chips
        )
    assert len(list((dataset.path / "requests").glob("*.safetensors"))) <= 4
