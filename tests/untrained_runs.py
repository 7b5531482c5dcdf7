"""Finished runs whose model was drawn and not trained: all that a worker leaves, in a fraction of a second."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from lib import tasks
from lib.core import depth, files
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.tasks.types import Predictions
from lib.training import events, options, runs
from lib.training.learner import data, inference, normalization, results
from lib.training.runs import Run

RUN = "20260102-030405-abcd"


def finished(
    workspace: Workspace, dataset: Dataset, *, run: str = RUN, end: str = events.FINISHED, **chosen: Any
) -> Run:
    """Return a finished run on ``dataset`` whose model answers differently to different pictures."""
    config = options.configure(dataset, {"pretrained": False, "size": 32, "bs": 8, "arch": "small", **chosen})
    folder, task = workspace.run(run), tasks.get(dataset.task)
    folder.mkdir(parents=True)
    files.write_json(folder / events.CONFIG, config.to_json(), run)
    write = events.EventWriter(folder)
    rows = dataset.index("valid")[:3]
    predicted = {"preview": np.zeros((3, *task.pred_shape(dataset.names))).tolist()}
    write("started", device="CPU (2 threads)", n_train=32, n_valid=10, n_batches=4, preview=rows.tolist())
    write("fit", phase="unfrozen", epochs=1, step=0)
    write("batch", step=1, loss=0.5, lr=0.01, mom=0.9)
    numbers = {"train_loss": 0.4, "valid_loss": 0.5, "metrics": {task.metric: 0.25}}
    write("epoch", phase="unfrozen", epoch=1, step=1, **numbers, **predicted)
    write(end)
    write.close()
    scale = task.fit_scale(dataset.targs[dataset.index("train")])
    net = drawn(inference._network(config, task, task.n_out(dataset.names)))
    model = inference.Model(
        net, task, dataset.names, scale, config, value_range=dataset.value_range, stats=normalization.of(config)
    )
    pics, splits = data.Pictures(dataset, config.size), {}
    for split in results.SPLITS:
        if len(items := dataset.index(split)):
            splits[split] = results.decoded(task, dataset, split, model.preds(pics.batch(items)), scale)
    facts = {"names": list(dataset.names), "scale": scale, "normalize": normalization.to_json(config), "seconds": 1.0}
    results.save(
        folder, SimpleNamespace(model=net), task, config, splits, {**facts, **depth.to_json(model.value_range)}
    )
    return runs.load(workspace, run)


def drawn(net: torch.nn.Module) -> torch.nn.Module:
    """Return a network with statistics and biases of its own, in evaluation mode: no part of it does nothing."""
    draw = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, part in [*net.named_parameters(), *net.named_buffers()]:
            if part.is_floating_point() and name.rpartition(".")[2] != "gain":
                noise = torch.randn(part.shape, generator=draw)
                if name.endswith("running_var"):
                    part.copy_(1 + noise.abs())
                elif part.ndim < 2:
                    part.add_(0.3 * noise)
                else:
                    part.copy_(noise / np.sqrt(part[0].numel()))
    return net.eval()


def same(one: Predictions, other: Predictions, *, but_items: bool = False) -> None:
    """Compare two predictions to the bit."""
    for name, array in one.arrays().items():
        if not (but_items and name == "items"):
            np.testing.assert_array_equal(other.arrays()[name], array, err_msg=name)
