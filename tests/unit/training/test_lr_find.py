"""The learning rate finder gives the same result as fastai's, and leaves the model as it was."""

from __future__ import annotations

import pytest
import torch
from fastai.callback.schedule import LRFinder, minimum, slide, steep, valley

from lib import tasks
from lib.core.errors import UserError
from lib.training import events, options
from lib.training.events import EventWriter
from lib.training.learner import fit, lr_find, train
from lib.training.learning_rates import SUGGESTIONS

CPU = torch.device("cpu")
CHOSEN = {"pretrained": False, "size": 32, "bs": 8}


pytestmark = pytest.mark.slow


def _prepared(dataset, folder, **chosen):
    config = options.configure(dataset, {**CHOSEN, **chosen})
    learn, _ = train.prepare(config, dataset, tasks.get(dataset.task), CPU, load_weights=True)
    return learn, config


@pytest.mark.parametrize("freeze_epochs", [0, 1])
def test_suggestions_are_fastais_and_the_weights_stay(make_dataset, tmp_path, freeze_epochs):
    """The four rates are those of ``learn.lr_find`` on the same seed, and every weight is afterwards as before."""
    dataset = make_dataset("multi-label")
    learn, config = _prepared(dataset, tmp_path, freeze_epochs=freeze_epochs)
    before = {name: tensor.clone() for name, tensor in fit.weights(learn).items()}
    follower = lr_find.Follower(EventWriter(tmp_path), tmp_path)
    with learn.no_bar(), learn.no_logging():
        suggested = lr_find.suggest(learn, config, tmp_path, follower)
    assert all(torch.equal(before[name], tensor) for name, tensor in fit.weights(learn).items())
    assert not [path for path in tmp_path.iterdir() if path.is_dir() and path.name != "workspace"]

    theirs, _ = _prepared(dataset, tmp_path, freeze_epochs=freeze_epochs)
    theirs.path, theirs.model_dir = tmp_path, "."
    theirs.freeze() if freeze_epochs else theirs.unfreeze()
    with theirs.no_bar():
        expected = theirs.lr_find(show_plot=False, suggest_funcs=(valley, slide, minimum, steep))
    assert suggested == {name: pytest.approx(rate, rel=0.01) for name, rate in expected._asdict().items()}
    assert list(suggested) == list(SUGGESTIONS)


def test_a_loss_that_explodes_at_once_is_said(make_dataset, tmp_path, monkeypatch):
    """Too few batches for a curve end in a sentence, not in an index error."""
    learn, config = _prepared(make_dataset("multi-label"), tmp_path)
    monkeypatch.setattr(lr_find, "LRFinder", lambda num_it: LRFinder(num_it=8))
    with learn.no_bar(), learn.no_logging(), pytest.raises(UserError, match="exploded after 8 of 100"):
        lr_find.suggest(learn, config, tmp_path, lr_find.Follower(EventWriter(tmp_path), tmp_path))


def test_stopping_the_finder_gives_no_suggestions(make_dataset, tmp_path):
    """Stopped early there is no curve to read, and that is no mistake."""
    learn, config = _prepared(make_dataset("multi-label"), tmp_path)
    (tmp_path / events.STOP).write_text(events.NOW)
    follower = lr_find.Follower(EventWriter(tmp_path), tmp_path)
    with learn.no_bar(), learn.no_logging():
        assert lr_find.suggest(learn, config, tmp_path, follower) is None
    assert follower.stopped
