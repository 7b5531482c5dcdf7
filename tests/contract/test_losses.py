"""Tasks use the loss that was chosen, and unknown values count nowhere in training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from fastai.metrics import AccumMetric
from fastai.vision.all import accuracy_multi

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.training import options
from lib.training.learner import build, data

TASKS = pytest.mark.parametrize("name", list(tasks.TASKS))
LABELS = pytest.mark.parametrize("name", [name for name, task in tasks.TASKS.items() if task.has_labels])
HOLES = {"multi-label": -1, "keypoints": np.nan}
WITH_HOLES = pytest.mark.parametrize("name", list(HOLES))
QUICK = {"pretrained": False, "size": 32, "bs": 8, "epochs": 1}


@pytest.fixture
def make_holes(make_dataset) -> Callable[[str], Dataset]:
    """A function that makes a dataset of a task of which about a third is unknown, and one batch altogether."""

    def make(name: str) -> Dataset:
        dataset = make_dataset(name)
        known = np.random.default_rng(1).random(dataset.targs.shape[:2]) > 0.3
        known[dataset.index("train")[:8]] = False
        dataset.targs[~known] = HOLES[name]
        return dataset

    return make


def _learn(dataset, **chosen):
    """Return an untrained Learner on ``dataset``, and its configuration."""
    task, config = tasks.get(dataset.task), options.configure(dataset, {**QUICK, **chosen})
    scale = task.fit_scale(dataset.targs[dataset.index("train")])
    pics = data.Pictures(dataset, config.size)
    dls = data.make_dls(dataset, task, config, scale, pics, torch.device("cpu"))
    return build.build(dls, dataset, task, config, scale), config


@TASKS
def test_the_blocks_loss_is_kept_where_it_does(name, make_dataset):
    """With nothing unknown and nothing chosen the task brings no loss of its own, and the words are the block's."""
    dataset, task = make_dataset(name), tasks.get(name)
    config = options.configure(dataset, QUICK)
    assert task.loss_for(config, dataset.targs, dataset.index("train"), dataset.names) is None
    assert task.loss_words(config, dataset.targs) == task.loss_title


@LABELS
@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"class_weights": True}, ["weighted"]),
        ({"focal_gamma": 1.5}, ["gamma 1.5"]),
        ({"class_weights": True, "focal_gamma": 2.0}, ["weighted", "gamma 2"]),
        ({"class_weights": True, "label_smoothing": 0.1}, ["weighted", "smoothed by 0.1"]),
    ],
)
def test_the_caption_says_what_is_minimised(name, chosen, words, make_dataset):
    """The chosen loss is the learner's, for validation too, has the chosen numbers in it, and the words say so."""
    dataset, task = make_dataset(name), tasks.get(name)
    learn, config = _learn(dataset, **chosen)
    func = learn.loss_func.func
    assert type(func).__name__.endswith(task.loss)
    assert func.gamma == config.focal_gamma
    assert func.smoothing == config.label_smoothing
    assert (func.weight is not None) == config.class_weights
    caption = task.loss_words(config, dataset.targs)
    assert caption.startswith(task.loss_title)
    assert all(word in caption for word in words)
    with learn.no_bar():
        preds, targs = learn.get_preds()
        valid_loss = learn.validate()[0]
    acts = preds.logit() if name == "multi-label" else preds.log()
    assert valid_loss == pytest.approx(float(learn.loss_func(acts, targs)), rel=0.2)  # a mean of batches


@LABELS
def test_weights_know_the_training_set_only(name, make_dataset):
    """Validation targets change no weight: the loss must not know them."""
    dataset, task = make_dataset(name), tasks.get(name)
    config = options.configure(dataset, {**QUICK, "class_weights": True})
    train, targs = dataset.index("train"), dataset.targs.copy()
    before = task.loss_for(config, targs, train, dataset.names).weight
    targs[dataset.index("valid")] = 1
    targs[dataset.index("test")] = 0
    assert np.array_equal(before, task.loss_for(config, targs, train, dataset.names).weight)
    targs[train[: len(train) // 2]] = 1
    assert not np.array_equal(before, task.loss_for(config, targs, train, dataset.names).weight)


@TASKS
def test_only_labels_have_class_weights_focus_and_smoothing(name, make_dataset):
    """Chosen where there are no labels they get one sentence instead of being left out silently."""
    dataset = make_dataset(name)
    for chosen in ({"class_weights": True}, {"focal_gamma": 2.0}, {"label_smoothing": 0.1}):
        config = options.configure(dataset, {**QUICK, **chosen})
        if tasks.get(name).has_labels:
            options.check(config, dataset)
        else:
            with pytest.raises(UserError, match="made has none"):
                options.check(config, dataset)


@WITH_HOLES
def test_unknown_is_nan_for_the_model(name, make_holes):
    """What is unknown in the dataset reaches the loss as NaN through block and augmentation, the rest as it is."""
    dataset = make_holes(name)
    learn, config = _learn(dataset)
    encoded = torch.cat([yb for _, yb in learn.dls.valid]).as_subclass(torch.Tensor).numpy()
    decoded = tasks.get(name).decode(encoded, dataset.sizes[dataset.index("valid")], {})
    expected = dataset.targs[dataset.index("valid")].astype(np.float32)
    np.testing.assert_allclose(decoded, np.where(expected == -1, np.nan, expected), rtol=1e-4, atol=1e-4)
    seen = np.concatenate([yb.isnan().numpy() for _, yb in learn.dls.train])
    holes = np.where(dataset.targs == -1, np.nan, dataset.targs)[dataset.index("train")]
    assert seen.sum() == np.isnan(holes).sum()
    assert "of what is known" in tasks.get(name).loss_words(config, dataset.targs)


@pytest.mark.slow
@WITH_HOLES
def test_a_training_with_holes_is_a_training(name, make_holes):
    """Losses, metric and weights are numbers although some cells, and all of some images, are unknown."""
    learn, _ = _learn(make_holes(name))
    with learn.no_bar(), learn.no_logging():
        learn.fit(2, 1e-3)
    assert np.isfinite(list(learn.recorder.values[-1])).all()
    assert all(torch.isfinite(part).all() for part in learn.model.parameters())


@WITH_HOLES
def test_fastais_metric_counts_the_known_only(name, make_holes):
    """The metric during training is fastai's or numpy's own, by hand, on the known cells of all batches together."""
    dataset = make_holes(name)
    learn, config = _learn(dataset)
    valid = dataset.index("valid")
    targs, sizes = dataset.targs[valid], dataset.sizes[valid]
    with learn.no_bar():
        preds, _ = learn.get_preds()
        metric = float(learn.validate()[1])
    if name == "multi-label":
        known = torch.as_tensor(targs != -1)
        expected = accuracy_multi(preds[known], torch.as_tensor(targs)[known], thresh=config.thresh, sigmoid=False)
    else:
        decoded = tasks.get(name).decode(preds.numpy(), sizes, {})
        expected = np.nanmean(np.hypot(*np.moveaxis(decoded - targs, -1, 0)))
    assert metric == pytest.approx(float(expected), rel=1e-5)
    assert learn.recorder.metrics[0].name == tasks.get(name).metric


def test_accuracy_multi_stays_fastais_where_all_is_known(make_dataset):
    """With nothing unknown the metric is fastai's accuracy_multi at the threshold, not something of ours."""
    dataset = make_dataset("multi-label")
    metric = tasks.get("multi-label").fastai_metric(0.3, dataset.targs, dataset.sizes, {})
    assert not isinstance(metric, AccumMetric)
    assert (metric.func, metric.keywords) == (accuracy_multi, {"thresh": 0.3})


@WITH_HOLES
def test_a_metric_of_nothing_is_not_defined(name, make_holes):
    """With all of the validation split unknown the metric is NaN, which is written as not defined, and no error."""
    dataset = make_holes(name)
    dataset.targs[dataset.index("valid")] = HOLES[name]
    learn, _ = _learn(dataset)
    with learn.no_bar():
        loss, metric = learn.validate()
    assert float(loss) == 0
    assert np.isnan(float(metric))


@WITH_HOLES
def test_the_bias_is_the_mean_of_the_known(name, make_holes):
    """An untrained model answers the mean of what is known, and a column without anything known breaks nothing."""
    dataset, task = make_holes(name), tasks.get(name)
    dataset.targs[:, 1] = HOLES[name]
    train = dataset.index("train")
    targs = np.where(dataset.targs == -1, np.nan, dataset.targs)[train]
    bias = torch.tensor(task.bias(dataset.targs[train], dataset.sizes[train], dataset.names))
    assert torch.isfinite(bias).all()
    if name == "multi-label":
        means, expected = bias.sigmoid()[[0, 2]].numpy(), np.nanmean(targs[:, [0, 2]], axis=0)
    else:
        means = bias.sigmoid()[:2].numpy()  # 0 to 1, from edge to edge
        expected = np.nanmean(targs[:, 0] / dataset.sizes[train], axis=0)
    np.testing.assert_allclose(means, expected, rtol=1e-5)
