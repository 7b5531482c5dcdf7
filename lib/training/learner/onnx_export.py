"""A trained model as ONNX: from squares of bytes to predictions, normalization and activation inside."""

from __future__ import annotations

import copy
import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from lib.core import sentences
from lib.core.errors import UserError
from lib.training.learner.inference import Model, activation

#: The version of ONNX's operators that files are written in.
OPSET = 18
#: What goes in, uint8 of shape (n, size, size, 3), and what comes out, float32 of shape (n, n_out).
INPUT, OUTPUT = "pixels", "preds"
#: Bytes of weights that one ONNX file can hold.
MOST_BYTES = 2**31 - 2**20


class Portable(nn.Module):
    """A network between bytes and predictions; what `Model.batch` and `Model.preds` do around it, in one graph.

    Parameters
    ----------
    model : Model
        On the CPU; its network is copied.
    """

    def __init__(self, model: Model):
        super().__init__()
        self.net = copy.deepcopy(model.net).to(memory_format=torch.contiguous_format).eval()
        self.activation = activation(model.task, model.names)
        self.mean: torch.Tensor
        self.std: torch.Tensor
        for name, values in zip(("mean", "std"), model.stats, strict=True):
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return predictions (n, n_out) of squares (n, size, size, 3) of bytes."""
        planes = pixels.permute(0, 3, 1, 2).float() / 255
        preds: torch.Tensor = self.activation(self.net((planes - self.mean) / self.std))
        return preds


def export(model: Model, path: Path) -> None:
    """Write ``model`` to ``path`` as ONNX of `OPSET` for batches of any size.

    Raises
    ------
    UserError
        If it is too large for one file, or has a part that ONNX does not know.
    """
    portable = Portable(model)
    n_bytes = sum(part.numel() * part.element_size() for part in portable.state_dict().values())
    if n_bytes > MOST_BYTES:
        given, most = sentences.sizes(n_bytes, MOST_BYTES)
        raise UserError(
            f"The network {model.config.arch} has {given} of weights, and an ONNX file holds {most}: train a smaller "
            "one."
        )
    pixels = torch.zeros((2, model.config.size, model.config.size, 3), dtype=torch.uint8)
    try:
        with warnings.catch_warnings(action="ignore"), _quiet(), torch.no_grad():
            program = torch.onnx.export(
                portable,
                (pixels,),
                dynamo=True,
                opset_version=OPSET,
                input_names=[INPUT],
                output_names=[OUTPUT],
                dynamic_shapes=({0: torch.export.Dim("batch")},),
                verbose=False,
            )
    except torch.onnx.OnnxExporterError as error:
        cause = str(error).strip().splitlines()[0][:200]
        raise UserError(
            f"The network {model.config.arch} cannot be written as ONNX ({cause}): train another network."
        ) from error
    assert program is not None  # with dynamo it is one
    _clear_notes(program.model)
    program.save(str(path))


def _clear_notes(model: Any) -> None:
    """Remove what the exporter notes about its work, which names folders of this machine."""
    functions = model.functions.values()
    bodies = [*model.graphs(), *functions, *(inner for one in functions for inner in one.subgraphs())]
    nodes = [node for body in bodies for node in body]
    values = [value for body in bodies for value in (*body.inputs, *getattr(body, "initializers", {}).values())]
    values += [value for node in nodes for value in node.outputs]
    tensors = [value.const_value for value in values if value.const_value is not None]
    for noted in (model, *bodies, *nodes, *values, *tensors):
        noted.metadata_props.clear()
        noted.doc_string = None


class _quiet:
    """Keep what the exporter says to itself: it is about its own versions."""

    def __enter__(self) -> None:
        self._before = logging.root.manager.disable
        logging.disable(logging.WARNING)

    def __exit__(self, *_: object) -> None:
        logging.disable(self._before)


class Session:
    """A written ONNX file, to be asked as `Model.preds` is.

    Parameters
    ----------
    path : pathlib.Path
    threads : int, optional
        Of onnxruntime; without it as many as it likes.
    """

    def __init__(self, path: Path, threads: int | None = None):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # torch's threads need the cores too
        if threads:
            options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def preds(self, squares: np.ndarray) -> np.ndarray:
        """Return predictions, shape (n, n_out), of squares (n, size, size, 3) of bytes."""
        preds: np.ndarray = self._session.run([OUTPUT], {INPUT: squares})[0]
        return preds
