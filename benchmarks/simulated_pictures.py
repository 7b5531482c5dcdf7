"""Trainings of which each picture's prediction is simulated: hard pictures, and wrong labels."""

from __future__ import annotations

import numpy as np

from benchmarks.simulated_course import Course
from lib.tasks.labels import unsure_loss
from lib.training.advice.curves import Curves


def hard_pictures(course: Course) -> Curves:
    """Labels are right, and some pictures are harder than others; the model may be surer than it should be."""
    sure = course.rng.uniform(0.8, 1.5)
    return _classified(
        course, wrong=0.0, margin=course.rng.uniform(1.5, 4), spread=course.rng.uniform(0.3, 1.2), sure=sure
    )


def wrong_labels(course: Course) -> Curves:
    """A part of the labels says another class, in training and in validation; the pictures themselves are clear."""
    return _classified(
        course,
        wrong=float(course.rng.uniform(0.25, 0.45)),
        margin=course.rng.uniform(4, 8),
        spread=course.rng.uniform(0.3, 1.2),
        sure=course.rng.uniform(0.85, 1.1),
    )


def _classified(course: Course, *, wrong: float, margin: float, spread: float, sure: float) -> Curves:
    """Return the curves of a classifier; with ``sure`` 1 it is as sure as it may be.

    The true class of each picture has a score of its own margin more than the others, whose scores are normal; the
    margin grows over the epochs. The loss and the accuracy are those of the predictions, class by class.
    """
    rng, n_classes = course.rng, int(course.rng.integers(3, 21))
    course.n_valid = int(rng.integers(150, 600))
    pictures = {
        name: _Pictures(rng, count, n_classes, wrong) for name, count in (("train", 600), ("valid", course.n_valid))
    }
    margins = margin * (1 - np.exp(-np.arange(1, course.epochs + 1) / (course.epochs / 5)))
    learned = {"train": max(1.0, sure), "valid": 1.0}  # a model is too sure of others where it knows its own by heart
    told = {
        name: [some.told(at * learned[name], spread * at / margin, sure * at) for at in margins]
        for name, some in pictures.items()
    }
    course.metric = ("accuracy", True, 1 / n_classes)
    course.unsure_loss = lambda value: unsure_loss(float(np.clip(value, 0, 1)), n_classes - 1)
    train = np.repeat([loss for loss, _ in told["train"]], course.batches)
    skill = np.array([(accuracy - 1 / n_classes) / (1 - 1 / n_classes) for _, accuracy in told["valid"]])
    course.noise = course.noise / 5  # the pictures bring their own
    return course.curves(train, np.array([loss for loss, _ in told["valid"]]), skill, skill_noise=0.0)


class _Pictures:
    """Pictures of a split with the labels that they have."""

    def __init__(self, rng: np.random.Generator, count: int, n_classes: int, wrong: float):
        self.scores, self.spread, self.wrong = rng.normal(size=(count, n_classes)), rng.normal(size=count), wrong
        others = rng.integers(0, n_classes, count)  # with its own class among them, as shuffled labels have
        self.labels = np.where(rng.random(count) < wrong, others, 0)

    def told(self, margin: float, spread: float, sure: float) -> tuple[float, float]:
        """Return loss and accuracy of a model that separates the true class, the first, by ``margin``."""
        scores = self.scores.copy()
        scores[:, 0] += margin + spread * self.spread
        odds = np.exp(sure * (scores - scores.max(axis=1, keepdims=True)))
        preds = (1 - self.wrong) * odds / odds.sum(axis=1, keepdims=True) + self.wrong / odds.shape[1]
        given = preds[np.arange(len(preds)), self.labels]
        return float(-np.log(given.clip(1e-7)).mean()), float((preds.argmax(axis=1) == self.labels).mean())
