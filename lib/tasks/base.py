"""Task, the base class of the four tasks: the only place where they may differ."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from lib.core.config import TrainConfig
from lib.metrics.decisions import Decisions
from lib.metrics.scores import METRICS, defined
from lib.metrics.sweep import SweepCurve
from lib.tasks.audited import Audited
from lib.tasks.augmented import Copied
from lib.tasks.checks import Checked
from lib.tasks.code.base import Coded
from lib.tasks.conversion import Converted
from lib.tasks.display import Shown
from lib.tasks.editing import Edited
from lib.tasks.learning import Learned
from lib.tasks.measured import Measured
from lib.tasks.statistics.sections import Section, Seen
from lib.tasks.strata import Strata
from lib.tasks.typed import Typed
from lib.tasks.types import Predictions, three_digits
from lib.tasks.unlabeled import Unlabeled
from lib.tasks.written import Written


class Task(Learned, Shown, Copied, Edited, Checked, Written, Converted, Typed, Coded, Audited, Measured, Unlabeled):
    """One reading of the model.

    A task carries the block, the loss that the block brings, the numbers, the baseline and how all of that
    is shown. Nothing outside `lib.tasks` asks which task it has.
    """

    #: Name in files and on the command line.
    name: ClassVar[str]
    #: Name on the page.
    title: ClassVar[str]
    #: One line that says what the task answers.
    question: ClassVar[str]
    #: What one of ``names`` is called, for instance "label".
    noun: ClassVar[str]
    #: What the Hugging Face hub calls it.
    hub_task: ClassVar[str] = "image-classification"
    #: Name of the headline metric; `lib.metrics.scores.METRICS` says more about it.
    metric: ClassVar[str]
    #: Metric that decides between models whose headlines do not differ significantly; "" is the headline.
    tie_metric: ClassVar[str] = ""
    #: What the baseline does, in words.
    baseline_title: ClassVar[str]
    #: Whether the targets are labels, so that `matrix` is one-hot and rare ones can count more in the loss.
    has_labels: ClassVar[bool] = False
    #: Whether a target is any number of labels, none included.
    has_several_labels: ClassVar[bool] = False
    #: Whether a target is points in the picture, any of which may be missing.
    has_points: ClassVar[bool] = False
    #: Whether a target is numbers that mean nothing but themselves, so that none stands for a missing one.
    has_plain_numbers: ClassVar[bool] = False
    #: Whether predictions depend on a threshold.
    uses_thresh: ClassVar[bool] = False
    #: Which of `lib.metrics.decisions.numbers` are shown where thresholds are compared, by name, and their titles.
    decision_titles: ClassVar[dict[str, str]] = {}
    #: What is drawn against the threshold where there are `decisions`, the one that matters first.
    sweep_curves: ClassVar[tuple[SweepCurve, ...]] = ()
    #: Which bench of the Analyze page is for it, "" where thresholds are chosen there instead.
    bench: ClassVar[str] = ""
    #: What one value of `errors` means, with its unit.
    error_title: ClassVar[str]
    #: What the mean of `wrongness` is called: the headline metric turned so that less is better, without its unit.
    wrongness_title: ClassVar[str]

    # --- data ------------------------------------------------------------------------------------------

    @abstractmethod
    def check(self, names: Sequence[str], targs: np.ndarray) -> str | None:
        """Return a sentence if a dataset of these targets cannot be learned, else None."""

    def refuses(self, names: Sequence[str], was: np.ndarray, now: np.ndarray, sizes: np.ndarray) -> str | None:
        """Return a sentence if somebody who edits targets may not make ``was`` to ``now``, else None.

        Parameters
        ----------
        names : sequence of str
        was, now : ndarray
            Some rows of a dataset's targets before and after.
        sizes : ndarray of shape (n, 2)
            (width, height) of each image in pixels.
        """
        return "expected finite numbers, found an infinite one: correct it" if np.isinf(now).any() else None

    @abstractmethod
    def statistics(self, seen: Seen) -> list[Section]:
        """Return what there is to know about the targets of a dataset; `lib.tasks.statistics` adds what all have."""

    @abstractmethod
    def facts(
        self, targs: np.ndarray, names: Sequence[str], sizes: np.ndarray, splits: np.ndarray
    ) -> list[tuple[str, str, str]]:
        """Return the few numbers to know about a dataset: title, value with unit, one line of help.

        Parameters
        ----------
        targs, sizes, splits
            Of the images that count.
        names : sequence of str
        """

    def strata(self, targs: np.ndarray, names: Sequence[str]) -> Strata | None:
        """Return what every split should have its fair share of, None where there is nothing of the kind."""
        return None

    @property
    def nouns(self) -> str:
        """What several of ``names`` are called."""
        return f"{self.noun}es" if self.noun.endswith("s") else f"{self.noun}s"

    @property
    def metric_title(self) -> str:
        """What the headline metric is called on a page."""
        return METRICS[self.metric].title

    @property
    def larger_is_better(self) -> bool:
        """Whether a larger value of the headline metric is better."""
        return METRICS[self.metric].larger_is_better

    @property
    def unit(self) -> str:
        """Unit of the headline metric where it does not depend on the data, else ""."""
        return METRICS[self.metric].unit or ""

    def unit_of(self, names: Sequence[str], metric: str | None = None) -> str:
        """Return the unit of a metric, by default the headline, "" where it has none."""
        return METRICS[metric or self.metric].unit or ""

    def format(self, value: float | None, names: Sequence[str], metric: str | None = None) -> str:
        """Return a metric's value, by default the headline's, with three significant digits and the unit."""
        return "not defined" if value is None else f"{three_digits(value)} {self.unit_of(names, metric)}".strip()

    # --- numbers ---------------------------------------------------------------------------------------

    @abstractmethod
    def baseline(
        self, train_targs: np.ndarray, train_sizes: np.ndarray, sizes: np.ndarray, names: Sequence[str]
    ) -> np.ndarray:
        """Return what the baseline predicts for images of ``sizes``, knowing the training targets only."""

    def metrics(self, predictions: Predictions, thresh: float | np.ndarray) -> dict[str, float | None]:
        """Return the metrics by name, the headline first; None where one is not defined.

        Parameters
        ----------
        predictions : Predictions
            What is unknown in its ``targs`` counts nowhere.
        thresh : float or ndarray of shape (C,)
            One threshold for all labels, or one a label; tasks without one ignore it.

        Returns
        -------
        dict
            Names are those of `lib.metrics.scores.METRICS`.
        """
        return {name: defined(value) for name, value in self.numbers(predictions, thresh).items()}

    @abstractmethod
    def numbers(self, predictions: Predictions, thresh: float | np.ndarray) -> dict[str, float]:
        """Return what `metrics` does, NaN where a number is not defined."""

    def headline(self, predictions: Predictions, thresh: float | np.ndarray) -> float | None:
        """Return the headline metric alone: the others may take long."""
        return self.metrics(predictions, thresh)[self.metric]

    def of_label(self, predictions: Predictions, label: int) -> Predictions | None:
        """Return the predictions of one label alone, None where the headline has no meaning for it."""
        return None

    @abstractmethod
    def errors(self, predictions: Predictions, thresh: float | np.ndarray) -> np.ndarray:
        """Return how wrong each image is, shape (n,); larger is worse, NaN where nothing is known of an image."""

    @abstractmethod
    def wrongness(self, predictions: Predictions, thresh: float | np.ndarray) -> np.ndarray:
        """Return how wrong each thing is that the headline metric counts, shape (n,) or (n, K); NaN where unknown.

        The mean of all that is known is the headline, or 1 minus it where larger is better: unlike `errors`, which
        tells images apart, it never contradicts it.
        """

    def start_thresh(self, config: TrainConfig) -> float:
        """Return the threshold that a run begins with, for every label."""
        return config.thresh

    def decided_headline(self, thresh: float | np.ndarray) -> tuple[str, float | np.ndarray] | None:
        """Return which of `lib.metrics.decisions.numbers` the headline metric is, and at which threshold, if any."""
        return (self.metric, thresh) if self.metric in self.decision_titles else None

    def decisions(self, predictions: Predictions, groups: np.ndarray | None = None) -> Decisions | None:
        """Return what thresholds decide, None for a task whose predictions no threshold changes.

        Parameters
        ----------
        predictions : Predictions
        groups : ndarray of int, shape (n,), optional
            Images of one person or video share a number; without it all differ.
        """
        return None

    @abstractmethod
    def findings(self, predictions: Predictions, thresh: float) -> list[str]:
        """Return what is odd about predictions, in sentences with unescaped names, see `lib.metrics.findings`."""
