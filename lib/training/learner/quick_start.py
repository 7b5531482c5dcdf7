"""Starting from the quick model, and never ending below it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from fastai.learner import Learner
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as pack
from torch import nn

from lib.core import files
from lib.core.config import QUICK, TRAIN, TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.tasks.base import Task
from lib.tasks.types import Predictions
from lib.training import events
from lib.training.learner import closed_form, data, fit
from lib.training.learner.stopping import Halted


@dataclass(frozen=True)
class Kept:
    """Which model a run keeps: ``trained`` or ``quick``, its predictions, the quick one's, and a sentence about it."""

    model: str
    splits: dict[str, Predictions]
    quick: dict[str, Predictions]
    message: str


#: The run's model is the trained one.
TRAINED = f"{TRAIN}ed"


def begin(folder: Path, learn: Learner, config: TrainConfig, dataset: Dataset, task: Task, scale: dict) -> None:
    """Let ``learn`` begin as the quick model, whose head is fitted on the frozen body, and keep that for the comparison.

    Parameters
    ----------
    folder : pathlib.Path
        The run's.
    learn : Learner
        Pretrained, with the linear head, on its device.
    config : TrainConfig
    dataset : Dataset
    task : Task
    scale : dict
        From `Task.fit_scale`.
    """
    rows = dataset.index("train")
    pooled = nn.Sequential(learn.model[0], learn.model[1][0]).eval()
    features = []
    with torch.no_grad():
        for (pixels,) in data.split_dl(learn.dls, dataset, "train"):
            features.append(data.as_numpy(pooled(pixels)))
    targets = task.linear_targets(dataset.targs[rows], dataset.sizes[rows], scale)
    groups = np.arange(len(rows))
    problem = closed_form.Problem(np.concatenate(features), targets, groups, tuple(dataset.names), task.pool_grid**2)
    head = closed_form.fit(task.linear_fit, problem)
    put_in(folder, learn, torch.from_numpy(head.weight), torch.from_numpy(head.bias))


def put_in(folder: Path, learn: Learner, weight: torch.Tensor, bias: torch.Tensor) -> None:
    """Put the weights of a linear head in, and write the model down that ``learn`` begins as."""
    layer = learn.model[1][-1]
    with torch.no_grad():
        layer.weight.copy_(torch.as_tensor(weight))
        layer.bias.copy_(torch.as_tensor(bias))
    files.write_atomic(folder / events.BEGUN, pack(fit.weights(learn)))


def keep_better(
    folder: Path,
    learn: Learner,
    task: Task,
    config: TrainConfig,
    dataset: Dataset,
    splits: dict[str, Predictions],
    predict: Callable[[], dict[str, Predictions]],
) -> Kept:
    """Compare the trained model with the quick one that it began as, on valid, and leave the better one in ``learn``.

    Parameters
    ----------
    folder : pathlib.Path
        The run's.
    learn : Learner
        With the trained weights.
    task : Task
    config : TrainConfig
    dataset : Dataset
    splits : dict of str to Predictions
        Of the trained model.
    predict : callable
        Return the same of the model in ``learn``; what it raises leaves the trained weights there.
    """
    trained = {name: tensor.clone() for name, tensor in learn.model.state_dict().items()}
    try:
        learn.model.load_state_dict(load_file(folder / events.BEGUN))
        quick = predict()
    except (OSError, RuntimeError, SafetensorError) as error:
        raise UserError(
            f"The quick model {folder / events.BEGUN} that the training began with is damaged ({error}): train again."
        ) from error
    except Halted:
        learn.model.load_state_dict(trained)
        raise
    after, before = (task.headline(one["valid"], config.thresh) for one in (splits, quick))
    words = [task.format(value, dataset.names) for value in (after, before)]
    if is_better(after, before, task):
        learn.model.load_state_dict(trained)
        said = f"{task.metric_title} of the validation images is {words[0]}; the quick model that it began with: {words[1]}."
        return Kept(TRAINED, splits, quick, said)
    said = (
        f"The training did not beat the quick model that it began with on the validation images ({task.metric_title} "
        f"{words[0]}, quick model {words[1]}): the run keeps the quick model. The validation images made that choice, "
        "the test images had no part in it."
    )
    return Kept(QUICK, quick, quick, said)


def is_better(after: float | None, before: float | None, task: Task) -> bool:
    """Return whether the headline metric is better after a training than before it; not where it is not defined."""
    if after is None or before is None:
        return before is None
    return after > before if task.larger_is_better else after < before
