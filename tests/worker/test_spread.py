"""The worker answers how far a model scatters, for a run that was really trained."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core import processes
from lib.core.questions import requests
from lib.export import answers
from lib.inference import ask, worker
from lib.inference.ask import Picture, Predict, Spread

pytestmark = pytest.mark.slow


def test_a_trained_model_is_asked_about_copies_and_the_answer_is_kept(make_dataset, worked, monkeypatch):
    """Row for row with the run's predictions, which the first copy is; found again without being asked again."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    run = worked(make_dataset("keypoints"), epochs=1, freeze_epochs=0, recipe="book")
    request = Spread("valid")
    assert ask.existing(run, request) is None
    question = ask.ask(run, request)
    assert ask.existing(run, request) == question
    seen = []
    tell = requests.Question.tell
    monkeypatch.setattr(requests.Question, "tell", lambda self, *a, **k: (seen.append(a), tell(self, *a, **k)))
    worker.Worker(run).answer(question)
    assert question.state().name == requests.DONE, question.state()
    assert seen == [(0, 10), (0, 10), (10, 10)]
    answer, expected = question.result(), run.predictions("valid")
    np.testing.assert_allclose(answer["first"], expected.preds, atol=1e-2)
    assert answer["mean"].shape == expected.preds.shape
    assert answer["spread"].shape == expected.preds.shape[:2]
    assert (answer["spread"] > 0).all()
    assert (answer["spread"] < np.linalg.norm([48, 40])).all()
    assert (answer["mean"] != answer["first"]).any()
    brought = [7, 0, 3]  # as new pictures, in another order and company
    paths = [run.dataset().image_path(expected.items[row]) for row in brought]
    asked = ask.ask(run, Predict(tuple(Picture.of(path, path.name) for path in paths)))
    worker.Worker(run).answer(asked)
    predicted = answers.of_question(asked)
    np.testing.assert_allclose(predicted.preds, answer["first"][brought], atol=1e-2)
    np.testing.assert_allclose(predicted.spread, answer["spread"][brought], rtol=1e-3)
    assert asked.part() == {}
    question.cancel()
    assert ask.existing(run, request) is None
