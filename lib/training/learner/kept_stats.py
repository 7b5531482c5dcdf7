"""The callback that keeps the batch-norm statistics of a pretrained body while it learns."""

from __future__ import annotations

from fastai.callback.core import Callback, TrainEvalCallback
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


class KeptStats(Callback):
    """Lets the batch norms of the body, ``model[0]``, normalize by the statistics that they have, and keep them.

    Their weights and biases learn as before, in both fits. The head's own batch norms are left as they are: they have
    no statistics before the training.
    """

    order = TrainEvalCallback.order + 1  # that one puts the whole model into training mode, every epoch

    def before_train(self) -> None:
        """Take the body's batch norms out of training mode."""
        for module in body_norms(self.model):
            module.eval()


def body_norms(model: nn.Sequential) -> list[nn.Module]:
    """Return the batch norms of the body of a model that is body and head in a row."""
    return [module for module in model[0].modules() if isinstance(module, _BatchNorm)]
