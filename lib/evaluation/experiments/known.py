"""The experiments: what is asked, between what one chooses, and which tasks each is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.tasks.learning import CLASSES, LABELS, SHAPE, VALUES

_ANY = (LABELS, CLASSES, VALUES, SHAPE)
#: Pictures to learn from and to be judged by, at most; and the fewest of which anything is said.
TRAIN, VALID = 200, 150
FEWEST_TRAIN, FEWEST_VALID = 40, 20
#: Side of the pictures in pixels, small as it is for seconds; and where that is the question, the larger one.
SIZE, LARGE = 64, 128


@dataclass(frozen=True)
class Experiment:
    """A question that a small training answers.

    Attributes
    ----------
    question : str
    options : sequence of str
        What is tried, in the order of `lib.training.learner.trials`.
    does : str
        What is done for the answer.
    fits : sequence of str
        Kinds of targets that it can be asked of, see `lib.tasks.learning.Learned.linear_fit`.
    """

    question: str
    options: Sequence[str]
    does: str
    fits: Sequence[str] = _ANY


EXPERIMENTS: dict[str, Experiment] = {
    "threshold": Experiment(
        "Which threshold is better for accuracy_multi?",
        ("0.2", "0.5"),
        "Fits one head, then reads its probabilities at both thresholds.",
        (LABELS,),
    ),
    "activation": Experiment(
        "Pictures with several labels: which activation gets more of them right?",
        ("softmax", "sigmoid"),
        "Fits a head for each, and gives each the threshold that suits it best on pictures set aside.",
        (LABELS,),
    ),
    "weights": Experiment(
        "Which body sees more, with the same head on top?",
        ("pretrained", "random weights"),
        "Sends the pictures through both bodies, neither of which learns, and fits a head to each.",
    ),
    "rate": Experiment(
        "A new head, five epochs of Adam: which learning rate is best?",
        ("1e-5", "0.003", "3"),
        "Trains three heads that begin alike.",
        (LABELS, CLASSES, VALUES),
    ),
    "pictures": Experiment(
        "Which is worth more: twice the pictures or twice their side?",
        ("twice the pictures", "twice the side"),
        f"Fits a head to all pictures of {SIZE} px, and one to half of them at {LARGE} px.",
    ),
    "few": Experiment(
        "Twenty pictures to learn from: does the model beat the baseline?",
        ("the model", "the baseline"),
        "Fits a head to twenty pictures; the baseline sees none.",
    ),
}
