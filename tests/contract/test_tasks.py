"""What every task must keep, one suite over all of them: a fifth task passes this or is none."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
import torch

from benchmarks import synthetic
from lib import tasks
from lib.core.errors import UserError
from lib.tasks import summary
from lib.tasks.types import Predictions
from lib.training import options

TASKS = pytest.mark.parametrize("name", list(tasks.TASKS))
SIZES = np.array([[48.0, 40.0]])


def _config(dataset, **chosen):
    return options.configure(dataset, {"pretrained": False, "size": 32, "bs": 8, "epochs": 1, **chosen})


def _learn(dataset, **chosen):
    """Return an untrained Learner on ``dataset`` with its task, configuration and scale."""
    from lib.training.learner import build, data

    task, config = tasks.get(dataset.task), _config(dataset, **chosen)
    scale = task.fit_scale(dataset.targs[dataset.index("train")])
    pics = data.Pictures(dataset, config.size)
    dls = data.make_dls(dataset, task, config, scale, pics, torch.device("cpu"))
    return build.build(dls, dataset, task, config, scale), scale


def _predictions(dataset, preds=None):
    return synthetic.predictions(dataset, "valid", synthetic.baseline(dataset, "valid") if preds is None else preds)


@TASKS
def test_names_and_words_are_there(name):
    """Every task says what it is, its loss, metric and baseline; pages show them as they are."""
    task = tasks.get(name)
    assert task.name == name
    for word in ("title", "question", "noun", "loss", "loss_title", "activation", "metric", "metric_title"):
        assert getattr(task, word)
    assert task.loss in task.loss_title
    assert task.baseline_title
    assert task.error_title


@TASKS
def test_labels_make_a_matrix_of_zeros_and_ones(name, make_dataset):
    """What a task calls labels is shown as a one-hot matrix, and nothing else is."""
    dataset = make_dataset(name)
    matrix = tasks.get(name).matrix(dataset.targs, dataset.names).to_numpy()
    assert tasks.get(name).has_labels == bool(np.isin(matrix, (0, 1)).all())


def test_unknown_task_is_refused():
    """A task that is not there is the user's mistake and the message lists those there are."""
    with pytest.raises(UserError, match="multi-label"):
        tasks.get("segmentation")


@TASKS
@pytest.mark.parametrize("arch", ["small", "resnet18"])
def test_caption_is_the_loss_that_the_block_picked(name, arch, make_dataset):
    """The loss on the page is the learner's: nobody sets it, the block brings it."""
    dataset = make_dataset(name)
    learn, _ = _learn(dataset, arch=arch)
    assert type(learn.loss_func.func).__name__ == tasks.get(name).loss


@TASKS
def test_preds_are_what_the_caption_says(name, make_dataset):
    """Preds are acts after the activation that the page names."""
    dataset = make_dataset(name)
    learn, _ = _learn(dataset)
    preds, targs = learn.get_preds()
    with torch.no_grad():
        acts = torch.cat([learn.model(xb.as_subclass(torch.Tensor)) for xb, _ in learn.dls.valid])
    expected = {
        "softmax": lambda: acts.softmax(dim=1),
        "sigmoid": lambda: acts.sigmoid(),
        "none": lambda: acts,
        "sigmoid scaled to (−1, 1)": lambda: acts,  # the model's last layer does it
    }[tasks.get(name).activation]()
    np.testing.assert_allclose(preds.numpy(), expected.numpy(), atol=1e-5)
    assert len(targs) == len(dataset.index("valid"))
    if tasks.get(name).y_range:
        assert acts.min() > -1
        assert acts.max() < 1


@TASKS
def test_targets_survive_encoding_and_decoding(name, make_dataset):
    """What the model is taught, decoded, is what the dataset says: in pixels and in the target's own unit."""
    dataset = make_dataset(name)
    learn, scale = _learn(dataset)
    task, valid = tasks.get(name), dataset.index("valid")
    encoded = torch.cat([yb for _, yb in learn.dls.valid]).as_subclass(torch.Tensor).numpy()
    decoded = task.decode(encoded, dataset.sizes[valid], scale)
    np.testing.assert_allclose(decoded, dataset.targs[valid], rtol=1e-4, atol=1e-4)


@TASKS
def test_fastais_metric_equals_ours(name, make_dataset):
    """The number that grows during training is the number on the analysis page."""
    dataset = make_dataset(name)
    learn, scale = _learn(dataset)
    task, valid = tasks.get(name), dataset.index("valid")
    preds, _ = learn.get_preds()
    decoded = task.decode(preds.float().numpy(), dataset.sizes[valid], scale)
    ours = task.metrics(Predictions.of(dataset, valid, decoded), _config(dataset).thresh)[task.metric]
    with learn.no_bar():
        theirs = learn.validate()[1]
    assert ours == pytest.approx(float(theirs), rel=1e-5)
    assert learn.recorder.metrics[0].name == task.metric


@TASKS
def test_untrained_model_answers_like_the_baseline(name, make_dataset):
    """The last layer's bias is such that a model that sees nothing gives the training set's mean answer."""
    dataset = make_dataset(name)
    task, train = tasks.get(name), dataset.index("train")
    bias = torch.tensor(task.bias(dataset.targs[train], dataset.sizes[train], dataset.names))[None]
    scale = task.fit_scale(dataset.targs[train])
    preds = {
        "softmax": lambda: bias.softmax(dim=1),
        "sigmoid": lambda: bias.sigmoid(),
        "none": lambda: bias,
        "sigmoid scaled to (−1, 1)": lambda: bias.sigmoid() * 2 - 1,
    }[task.activation]()
    answer = task.decode(preds.numpy(), SIZES, scale)[0]
    targs = dataset.targs[train]
    share = np.bincount(targs) / len(targs) if name == "single-label" else targs.mean(axis=0)
    np.testing.assert_allclose(answer, share, rtol=1e-4, atol=1e-3)


@TASKS
def test_baseline_knows_the_training_set_only(name, make_dataset):
    """A baseline that saw the validation targets would be too good: it answers the same for every image."""
    baseline = _predictions(make_dataset(name)).baseline
    assert len(baseline) == 10
    assert (baseline == baseline[0]).all()


@TASKS
def test_perfect_predictions_are_perfect(name, make_dataset):
    """Predicting the truth gives the best metric there is and no error; the baseline is worse."""
    dataset = make_dataset(name)
    task, valid = tasks.get(name), dataset.index("valid")
    targs = dataset.targs[valid]
    perfect = np.eye(3, dtype=np.float32)[targs] if name == "single-label" else targs.astype(np.float32)
    predictions = _predictions(dataset, perfect)
    value, base = (task.metrics(one, 0.5)[task.metric] for one in (predictions, predictions.by_baseline))
    assert value == (1 if task.larger_is_better else 0)
    assert value > base if task.larger_is_better else value < base
    assert (task.errors(predictions, 0.5) == 0).all()
    assert (task.errors(predictions.by_baseline, 0.5) > 0).any()


@TASKS
def test_pages_get_cards_panels_and_tables(name, make_dataset):
    """Everything that a page draws can be drawn, as plain JSON, with names as they are."""
    dataset = make_dataset(name)
    task, predictions = tasks.get(name), _predictions(dataset)
    card = task.card(0, "0.png", dataset.targs[0], dataset.sizes[0], dataset.names)
    pred_card = task.pred_card(predictions, 0, "32.png", 0.5)
    assert card.item == 0
    assert pred_card.item == predictions.items[0]
    json.dumps([dataclasses.asdict(card), dataclasses.asdict(pred_card)], allow_nan=False)
    for panel in task.panels(predictions, 0.5):
        assert isinstance(panel.content, (pd.DataFrame, go.Figure))
    for section in summary.sections(task, dataset):
        json.dumps(section.numbers, allow_nan=False)
        assert all(title and value and help for title, value, help in section.facts)
        assert all(isinstance(panel.content, (pd.DataFrame, go.Figure)) for panel in section.draw({}))
    assert len(task.matrix(dataset.targs, dataset.names)) == len(dataset)
    assert all(
        title and value
        for title, value, _ in task.facts(
            dataset.targs, dataset.names, dataset.sizes, dataset.items["split"].to_numpy()
        )
    )


@TASKS
def test_good_data_passes_and_data_without_names_does_not(name, make_dataset):
    """A dataset that can be learned is accepted, one that has nothing to learn gets a sentence."""
    dataset = make_dataset(name)
    task = tasks.get(name)
    assert task.check(dataset.names, dataset.targs) is None
    sentence = task.check([], dataset.targs[:0])
    assert "expected" in sentence
    assert "found" in sentence


def test_matrix_has_a_one_where_the_label_is(make_dataset):
    """Rows are images, columns are labels, and a 1 means that the label is present."""
    single, multi = make_dataset("single-label", "single"), make_dataset("multi-label", "multi")
    matrix = tasks.get("single-label").matrix(single.targs, single.names)
    assert (matrix.to_numpy() == pd.get_dummies(single.targs).astype(int).to_numpy()).all()
    matrix = tasks.get("multi-label").matrix(multi.targs, multi.names)
    assert (matrix.to_numpy() == multi.targs).all()
    assert list(matrix.columns) == list(multi.names)


def test_one_class_is_nothing_to_learn_for_single_label():
    """One class only is refused for single-label, where nothing is left to choose, with its name."""
    sentence = tasks.get("single-label").check(["cat"], np.zeros(9, dtype=np.int64))
    assert "'cat'" in sentence


def test_unit_of_regression_comes_from_the_names():
    """A unit in brackets is the metric's unit where all values share it, and values never mix units."""
    task = tasks.get("regression")
    assert task.unit_of(["pressure (bar)"]) == "bar"
    assert task.unit_of(["height (cm)", "width (cm)"]) == "cm"
    assert task.unit_of(["height (cm)", "weight (kg)"]) == ""
    assert task.format(1.23456, ["pressure (bar)"]) == "1.23 bar"


@pytest.mark.parametrize("flip", [False, True])
def test_pictures_are_mirrored_only_if_asked_for(make_dataset, flip):
    """Of pictures that are white on the left about half are white on the right with flip, none without."""
    from fastai.vision.all import Pipeline, TensorImage

    from lib.training.learner import augment

    dataset = make_dataset("multi-label")
    pictures = torch.zeros(200, 3, 32, 32)
    pictures[..., :16] = 1
    torch.manual_seed(0)
    pipeline = Pipeline(augment.transforms(tasks.get("multi-label"), _config(dataset, flip=flip)), split_idx=0)
    changed = pipeline(TensorImage(pictures))
    mirrored = (changed[..., 16:].mean(dim=(1, 2, 3)) > changed[..., :16].mean(dim=(1, 2, 3))).sum()
    assert 70 < mirrored < 130 if flip else mirrored == 0


def test_the_error_of_the_mean_shape_is_of_valid_by_train(make_dataset):
    """What a model has to beat is fitted on train and measured on valid, as the model is; by numpy, image by image."""
    task, dataset = tasks.get("keypoints"), make_dataset("keypoints")
    splits = dataset.items["split"].to_numpy()
    relative = dataset.targs.astype(np.float64) / dataset.sizes[:, None]
    shape = relative[splits == "train"].mean(axis=0)
    off = dataset.targs - shape * dataset.sizes[:, None]
    errors = [np.hypot(*off[row].T).mean() for row in np.flatnonzero(splits == "valid")]
    shown = {title: value for title, value, _ in task.facts(dataset.targs, dataset.names, dataset.sizes, splits)}
    assert float(shown["Mean shape"].split()[0]) == pytest.approx(np.mean(errors), rel=5e-3)
