"""Every head trains with every loss that its task offers, on targets with gaps, and the rest is rejected."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from lib import tasks
from lib.core import json_files
from lib.core.config import CHOICES, DEFAULT, TrainConfig
from lib.core.errors import UserError
from lib.training import options
from lib.training.learner import build, data, inference

EVERY = [
    (name, head, loss)
    for name, task in tasks.TASKS.items()
    for head, loss in itertools.product(task.heads, task.losses)
]
TASKS = pytest.mark.parametrize("name", list(tasks.TASKS))
QUICK = {"pretrained": False, "size": 32, "bs": 8, "epochs": 1}


def _learn(dataset, **chosen):
    """Return an untrained Learner on ``dataset``, and its configuration."""
    task, config = tasks.get(dataset.task), options.configure(dataset, {**QUICK, **chosen})
    scale = task.fit_scale(dataset.targs[dataset.index("train")])
    pics = data.Pictures(dataset, config.size)
    dls = data.make_dls(dataset, task, config, scale, pics, torch.device("cpu"))
    return build.build(dls, dataset, task, config, scale), config


@pytest.mark.slow
@pytest.mark.parametrize(("name", "head", "loss"), EVERY)
def test_every_head_learns_with_every_loss(name, head, loss, make_dataset):
    """A step makes losses and weights finite numbers, missing points or not, and points stay within their picture."""
    dataset = make_dataset(name)
    if name == "keypoints":
        dataset.targs[np.random.default_rng(1).random(dataset.targs.shape[:2]) < 0.3] = np.nan
        dataset.targs[dataset.index("train")[:8]] = np.nan
    learn, config = _learn(dataset, head=head, loss=loss)
    options.check(config, dataset)
    before = [part.clone() for part in learn.model.parameters()]
    with learn.no_bar(), learn.no_logging():
        learn.fit(1, 1e-2)
        preds, _ = learn.get_preds()
    assert np.isfinite(list(learn.recorder.values[-1])).all()
    assert all(torch.isfinite(part).all() for part in learn.model.parameters())
    assert any(not torch.equal(part, was) for part, was in zip(learn.model.parameters(), before, strict=True))
    assert preds.shape == (len(dataset.index("valid")), tasks.get(name).n_out(dataset.names))
    if tasks.get(name).y_range:
        assert preds.abs().max() <= 1


@TASKS
def test_words_say_what_is_minimised_and_how_it_answers(name, make_dataset):
    """Each loss has its own words beside the learner's own, and so has each head; the default's are the task's."""
    dataset, task = make_dataset(name), tasks.get(name)
    by_loss = {loss: options.configure(dataset, {**QUICK, "loss": loss}) for loss in task.losses}
    loss_words = {task.loss_words(config, dataset.targs) for config in by_loss.values()}
    assert len(loss_words) == len(set(task.losses) - {"mse"})  # which is the default
    assert task.loss_words(by_loss["default"], dataset.targs) == task.loss_title
    by_head = [options.configure(dataset, {**QUICK, "head": head}) for head in task.heads]
    assert len({task.output_words(config) for config in by_head}) == len(task.heads)
    assert task.output_words(by_head[0]) == task.activation


def test_the_head_brings_its_own_loss(make_dataset):
    """Without a choice of loss heat maps are taught by L1, points from one layer as in the book."""
    dataset = make_dataset("keypoints")
    named = {head: type(_learn(dataset, head=head)[0].loss_func.func).__name__ for head in tasks.get("keypoints").heads}
    assert named == {"default": "MSELoss", "heatmap": "MaskedL1Loss"}


@TASKS
@pytest.mark.parametrize("field", ["head", "loss"])
def test_what_a_task_does_not_know_is_refused(name, field, make_dataset):
    """Another task's head or loss, or one that nobody knows, is one sentence that names what there is."""
    dataset, known = make_dataset(name), getattr(tasks.get(name), f"{field}s" if field == "head" else "losses")
    for value in {*CHOICES[field].options, "no such"}:
        config = options.configure(dataset, {**QUICK, field: value})
        if value in known:
            options.check(config, dataset)
        else:
            way = "leave out" if len(known) == 1 else "expected one of default"
            with pytest.raises(UserError, match=f"{field} '{value}' was chosen for made.*{way}"):
                options.check(config, dataset)


@TASKS
def test_older_runs_have_the_defaults(name, make_dataset):
    """A configuration that was written before there was a choice is the one with the defaults."""
    config = options.configure(make_dataset(name), QUICK)
    older = {key: value for key, value in config.to_json().items() if key not in ("head", "loss")}
    assert (
        json_files.decode(json.dumps(older).encode(), TrainConfig)
        == replace(config, head=DEFAULT, loss=DEFAULT)
        == config
    )


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["small", "lite0", "resnet18", "resnet10t"])
def test_the_network_is_put_together_again(arch, make_dataset):
    """What predicts for a finished run has the very weights and answers of the learner, whatever the body."""
    dataset = make_dataset("keypoints")
    learn, config = _learn(dataset, head="heatmap", arch=arch)
    task = tasks.get("keypoints")
    net = inference._network(config, task, task.n_out(dataset.names)).eval()
    net.load_state_dict(learn.model.state_dict())
    picture = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(net(picture), learn.model.eval()(picture))


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["small", "resnet18", "resnet10t"])
def test_the_linear_head_is_put_together_again(arch, make_dataset):
    """It answers like the baseline before it has learned, has a bias and a map under it, and is rebuilt alike."""
    dataset, task = make_dataset("multi-label"), tasks.get("multi-label")
    learn, config = _learn(dataset, head="linear", arch=arch)
    net = inference._network(config, task, task.n_out(dataset.names)).eval()
    net.load_state_dict(learn.model.state_dict())
    shares = (dataset.targs[dataset.index("train")] == 1).mean(axis=0)
    with torch.no_grad():
        picture = torch.rand(2, 3, 64, 64)
        np.testing.assert_allclose(net(picture).sigmoid().numpy(), [shares, shares], atol=1e-5)
        assert net[0](picture).ndim == 4


@pytest.mark.parametrize("arch", ["small", "resnet18", "resnet10t"])
def test_only_the_head_learns_while_the_body_is_frozen(arch, make_dataset):
    """The first fit of fine_tune leaves a pretrained body as it is; its batch normalizations may follow the data."""
    learn, _ = _learn(make_dataset("keypoints"), head="heatmap", arch=arch)
    learn.freeze()
    trained = {name for name, part in learn.model.named_parameters() if part.requires_grad}
    norms = {
        f"{name}.{part}"
        for name, module in learn.model.named_modules()
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm)
        for part, _ in module.named_parameters()
    }
    assert {name for name in trained if name.startswith("0.")} <= norms
    assert {name for name, _ in learn.model[1].named_parameters()} <= {name.removeprefix("1.") for name in trained}
