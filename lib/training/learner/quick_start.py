"""Starting from the quick model, and never ending below it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

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
from lib.training.learner import fit


@dataclass(frozen=True)
class Kept:
    """Which model a run keeps: ``trained`` or ``quick``, its predictions, and the sentence about the choice."""

    model: str
    splits: dict[str, Predictions]
    message: str


#: The run's model is the trained one.
TRAINED = f"{TRAIN}ed"


def put_in(folder: Path, learn: Learner, weight: torch.Tensor, bias: torch.Tensor) -> None:
    """Let ``learn`` begin with a head fitted on its frozen body, and write that model down for the comparison.

    Parameters
    ----------
    folder : pathlib.Path
        The run's.
    learn : Learner
        Its head ends in a linear layer.
    weight, bias : Tensor of shape (n_out, n_in), (n_out,)
    """
    layer = last_layer(learn.model)
    with torch.no_grad():
        layer.weight.copy_(torch.as_tensor(weight))
        layer.bias.copy_(torch.as_tensor(bias))
    files.write_atomic(folder / events.BEGUN, pack(fit.weights(learn)))


def last_layer(model: nn.Module) -> nn.Linear:
    """Return the last linear layer of a network."""
    return [module for module in model.modules() if isinstance(module, nn.Linear)][-1]


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
    except (OSError, RuntimeError, SafetensorError) as error:
        raise UserError(
            f"The quick model {folder / events.BEGUN} that the training began with is damaged ({error}): train again."
        ) from error
    is_better = False
    try:
        quick = predict()
        after, before = (task.headline(one["valid"], config.thresh) for one in (splits, quick))
        is_better = before is None or (
            after is not None and (after > before if task.larger_is_better else after < before)
        )
    finally:
        if is_better or "quick" not in locals():
            learn.model.load_state_dict(trained)
    words = [f"{task.format(value, dataset.names)}" for value in (after, before)]
    if is_better:
        said = f"{task.metric_title} of the validation images: {words[0]}, of the quick model that it began with {words[1]}."
        return Kept(TRAINED, splits, said)
    said = (
        f"The training did not beat the quick model that it began with on the validation images ({task.metric_title} "
        f"{words[0]}, quick model {words[1]}): the run keeps the quick model. Since they chose, their number is "
        "slightly too good; the test images' is not."
    )
    return Kept(QUICK, quick, said)
