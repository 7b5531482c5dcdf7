"""The losses equal torch's in the ordinary case, and leave out unknown targets, in value and gradient."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from fastai.callback import progress  # noqa: F401  (patches Learner)
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from fastai.learner import Learner
from fastai.losses import BCEWithLogitsLossFlat, CrossEntropyLossFlat, MSELossFlat
from fastai.optimizer import SGD
from fastai.torch_core import TensorMultiCategory
from fastai.vision.core import TensorPoint
from torch import nn
from torch.nn import functional as F
from torch.utils.data import TensorDataset

from lib.training.learner import losses

NAN = float("nan")
GAMMAS = pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])


@pytest.fixture
def acts() -> torch.Tensor:
    """Acts of 16 images and 3 labels, some very sure."""
    torch.manual_seed(0)
    return (6 * torch.randn(16, 3)).requires_grad_()


@pytest.fixture
def targs() -> torch.Tensor:
    """Labels of 16 images, all known."""
    return TensorMultiCategory(torch.randint(0, 2, (16, 3), generator=torch.Generator().manual_seed(1)).float())


def _holes(targs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return ``targs`` with about a third of NaN, and where it is known."""
    known = torch.rand(targs.shape, generator=torch.Generator().manual_seed(2)) > 0.3
    return targs.clone().masked_fill(~known, NAN), known


def _gradient(loss: torch.Tensor, acts: torch.Tensor) -> torch.Tensor:
    return torch.autograd.grad(torch.as_tensor(loss), acts)[0]


def _same(loss: torch.Tensor, expected: torch.Tensor, acts: torch.Tensor) -> None:
    """Check that two losses have the same value and the same gradient."""
    np.testing.assert_allclose(float(loss.detach()), float(expected.detach()), rtol=1e-5)
    torch.testing.assert_close(_gradient(loss, acts), _gradient(expected, acts), rtol=1e-4, atol=1e-7)


def test_everything_known_is_fastais_loss(acts, targs):
    """Without holes, weights and focus value and gradient are those of fastai's own losses."""
    _same(losses.MaskedBCEFlat()(acts, targs), BCEWithLogitsLossFlat()(acts, targs), acts)
    points = TensorPoint(torch.randn(16, 3, 1))  # (N, K, 2) beside (N, 2K) in a training
    _same(losses.MaskedMSEFlat()(acts, points), MSELossFlat()(acts, points), acts)
    classes = torch.arange(16) % 3
    _same(losses.WeightedCrossEntropyFlat()(acts, classes), CrossEntropyLossFlat()(acts, classes), acts)


def test_weights_are_torchs(acts, targs):
    """Weighted losses are torch's own with the same weights."""
    weight, classes = np.array([0.5, 3.0, 40.0]), torch.arange(16) % 3
    as_tensor = torch.tensor(weight, dtype=torch.float32)
    expected = nn.BCEWithLogitsLoss(pos_weight=as_tensor)(acts, targs.as_subclass(torch.Tensor))
    _same(losses.MaskedBCEFlat(weight=weight)(acts, targs), expected, acts)
    expected = nn.CrossEntropyLoss(weight=as_tensor)(acts, classes)
    _same(losses.WeightedCrossEntropyFlat(weight=weight)(acts, classes), expected, acts)


@GAMMAS
def test_binary_focal_loss_is_the_papers_formula(acts, targs, gamma):
    """With weights, focus and holes each known cell costs -w (1 - p_t)^gamma log(p_t), computed by hand in float64."""
    weight = np.array([0.5, 3.0, 40.0])
    targs, known = _holes(targs)
    p = acts.double().sigmoid()
    p_t = torch.where(targs == 1, p, 1 - p)
    w = torch.where(targs == 1, torch.tensor(weight), 1.0)
    expected = (-w * (1 - p_t) ** gamma * p_t.log())[known].mean()
    _same(losses.MaskedBCEFlat(weight=weight, gamma=gamma)(acts, targs), expected, acts)


@GAMMAS
def test_focal_cross_entropy_is_the_papers_formula(acts, gamma):
    """With weights and focus each image costs -w (1 - p_t)^gamma log(p_t), over the sum of weights, by hand."""
    weight, classes = np.array([0.5, 3.0, 40.0]), torch.arange(16) % 3
    p_t = acts.double().softmax(dim=1)[torch.arange(16), classes]
    w = torch.tensor(weight)[classes]
    expected = (-w * (1 - p_t) ** gamma * p_t.log()).sum() / w.sum()
    _same(losses.WeightedCrossEntropyFlat(weight=weight, gamma=gamma)(acts, classes), expected, acts)


@pytest.mark.parametrize("weight", [None, np.array([0.5, 3.0, 40.0])], ids=["plain", "weighted"])
@pytest.mark.parametrize("smoothing", [0.1, 0.5])
def test_smoothed_cross_entropy_is_torchs(acts, weight, smoothing):
    """Value and gradient are those of torch's own label smoothing, with and without weights."""
    classes = torch.arange(16) % 3
    as_tensor = None if weight is None else torch.tensor(weight, dtype=torch.float32)
    expected = F.cross_entropy(acts, classes, weight=as_tensor, label_smoothing=smoothing)
    _same(losses.WeightedCrossEntropyFlat(weight=weight, smoothing=smoothing)(acts, classes), expected, acts)


@pytest.mark.parametrize("weight", [np.ones(3), np.array([0.5, 3.0, 40.0])], ids=["plain", "weighted"])
@pytest.mark.parametrize("smoothing", [0.1, 0.5])
def test_smoothed_binary_cross_entropy_is_numpys(acts, targs, weight, smoothing):
    """A label counts as q = 1 - s/2 or s/2 present: -w q log(p) - (1 - q) log(1 - p) of the known, by numpy."""
    targs, known = _holes(targs)
    p = 1 / (1 + np.exp(-acts.detach().double().numpy()))
    q = np.where(targs.numpy() == 1, 1 - smoothing / 2, smoothing / 2)
    expected = np.where(known, -weight * q * np.log(p) - (1 - q) * np.log1p(-p), 0).sum() / int(known.sum())
    slopes = np.where(known, (1 - q) * p - weight * q * (1 - p), 0) / int(known.sum())
    loss = losses.MaskedBCEFlat(weight=weight, smoothing=smoothing)(acts, targs)
    assert float(loss.detach()) == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(_gradient(loss, acts).numpy(), slopes, rtol=1e-4, atol=1e-7)


@GAMMAS
def test_a_sure_model_has_a_finite_gradient(gamma):
    """Where the truth has a probability of 1 or 0 in float32, loss and gradient are still numbers."""
    acts = torch.tensor([[200.0, -200.0, 0.0], [-200.0, 200.0, 0.0]], requires_grad=True)
    binary = losses.MaskedBCEFlat(gamma=gamma)(acts, torch.tensor([[1.0, 0.0, 1.0], [1.0, 0.0, NAN]]))
    classes = losses.WeightedCrossEntropyFlat(gamma=gamma)(acts, torch.tensor([0, 0]))
    for loss in (binary, classes):
        assert torch.isfinite(loss)
        assert torch.isfinite(_gradient(loss, acts)).all()


#: Losses of numbers, and how far the acts of these tests are from their targets: on both sides of every bend.
NUMBERS = {
    "l1": losses.MaskedL1Flat(),
    "huber": losses.MaskedHuberFlat(delta=3.0),
    "wing": losses.MaskedWingFlat(width=3.0, curve=0.5),
}
BINARY = [losses.MaskedBCEFlat(gamma=2.0), losses.MaskedBCEFlat(weight=np.ones(3), smoothing=0.2)]
MASKED = pytest.mark.parametrize("loss", [*BINARY, losses.MaskedMSEFlat(), *NUMBERS.values()])


def test_l1_and_huber_are_torchs(acts, targs):
    """Where everything is known, and at the known where it is not, L1 and Huber are torch's own of the same cells."""
    plain = targs.as_subclass(torch.Tensor)
    _same(NUMBERS["l1"](acts, targs), F.l1_loss(acts, plain), acts)
    _same(NUMBERS["huber"](acts, targs), F.huber_loss(acts, plain, delta=3.0), acts)
    _same(NUMBERS["huber"](acts, targs), 3 * F.smooth_l1_loss(acts, plain, beta=3.0), acts)
    targs, known = _holes(targs)
    plain = targs.as_subclass(torch.Tensor)[known]
    _same(NUMBERS["l1"](acts, targs), F.l1_loss(acts[known], plain), acts)
    _same(NUMBERS["huber"](acts, targs), F.huber_loss(acts[known], plain, delta=3.0), acts)


def test_wing_is_the_papers_formula(acts, targs):
    """Each known cell costs w ln(1 + |x| / e) below w and |x| - C above, by numpy in float64, with its derivative."""
    targs, known = _holes(targs)
    off = acts.detach().double().numpy() - targs.as_subclass(torch.Tensor).double().numpy()
    width, curve = 3.0, 0.5
    constant = width - width * np.log(1 + width / curve)
    near = np.abs(off) < width
    cells = np.where(near, width * np.log(1 + np.abs(off) / curve), np.abs(off) - constant)
    slopes = np.where(near, width / (curve + np.abs(off)), 1) * np.sign(off)
    assert 0.2 < near[known].mean() < 0.8
    loss = NUMBERS["wing"](acts, targs)
    assert float(loss.detach()) == pytest.approx(cells[known].mean(), rel=1e-5)
    expected = np.where(known, slopes, 0) / int(known.sum())
    np.testing.assert_allclose(_gradient(loss, acts).numpy(), expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("name", list(NUMBERS))
def test_a_perfect_or_a_hopeless_answer_has_a_finite_gradient(name):
    """Neither no error at all nor an enormous one gives a NaN or an infinite gradient; no error costs nothing."""
    acts = torch.tensor([[0.5, 1e6, -1e6]], requires_grad=True)
    loss = NUMBERS[name](acts, torch.tensor([[0.5, 0.0, 0.0]]))
    assert torch.isfinite(_gradient(loss, acts)).all()
    assert float(NUMBERS[name](acts.detach(), acts.detach())) == 0


@MASKED
def test_unknown_cells_get_no_gradient(acts, targs, loss):
    """The gradient is 0 exactly where a target is unknown, whatever the acts there."""
    targs, known = _holes(targs)
    gradient = _gradient(loss(acts, targs), acts)
    assert (gradient[~known] == 0).all()
    assert (gradient[known] != 0).any()
    with torch.no_grad():
        other = torch.where(known, acts, 99.0)
    torch.testing.assert_close(loss(other, targs), loss(acts, targs).detach())


def test_masked_mse_is_the_mean_of_the_known(acts, targs):
    """Missing numbers are neither summed nor counted."""
    targs, known = _holes(targs)
    expected = F.mse_loss(acts[known], targs.as_subclass(torch.Tensor)[known])
    _same(losses.MaskedMSEFlat()(acts, targs), expected, acts)


def test_a_batch_without_anything_known_costs_nothing(acts):
    """Nothing known, or only classes of weight 0, is a loss of 0 with zero gradients and not NaN."""
    unknown = torch.full((16, 3), NAN)
    costs = [
        losses.MaskedBCEFlat(weight=np.ones(3), gamma=2.0)(acts, unknown),
        losses.MaskedMSEFlat()(acts, unknown),
        *(loss(acts, unknown) for loss in NUMBERS.values()),
        losses.WeightedCrossEntropyFlat(weight=np.array([1.0, 1.0, 0.0]))(acts, torch.full((16,), 2)),
    ]
    for loss in costs:
        assert float(loss) == 0
        assert (_gradient(loss, acts) == 0).all()


@pytest.mark.parametrize(
    ("loss", "plain"),
    [(losses.MaskedBCEFlat(), BCEWithLogitsLossFlat()), (losses.WeightedCrossEntropyFlat(), CrossEntropyLossFlat())],
)
def test_activation_and_decoding_are_fastais(acts, loss, plain):
    """What turns acts into preds and preds into labels is what fastai's loss of the same kind does."""
    torch.testing.assert_close(loss.activation(acts), plain.activation(acts))
    torch.testing.assert_close(loss.decodes(loss.activation(acts)), plain.decodes(plain.activation(acts)))


@MASKED
def test_reductions(acts, targs, loss):
    """A loss can be asked for the cells, with 0 for the unknown, and for their sum, as fastai's protocol has it."""
    targs, known = _holes(targs)
    mean = float(loss(acts, targs))
    loss.reduction = "none"
    cells = loss(acts, targs)
    loss.reduction = "sum"
    assert cells.numel() == known.numel()
    np.testing.assert_allclose(float(cells.sum()), float(loss(acts, targs)), rtol=1e-6)
    np.testing.assert_allclose(float(cells.sum()) / int(known.sum()), mean, rtol=1e-6)
    loss.reduction = "mean"


def _fitted(targs: torch.Tensor, loss) -> tuple[torch.Tensor, list[float]]:
    """Return the weights after a fit of a small Learner, and the last losses of training and validation."""
    torch.manual_seed(0)
    x = torch.randn(48, 5)
    train, valid = TensorDataset(x[:32], targs[:32]), TensorDataset(x[32:], targs[32:])
    dls = DataLoaders(DataLoader(train, bs=8), DataLoader(valid, bs=8))
    learn = Learner(dls, nn.Linear(5, 3), loss_func=loss, opt_func=SGD)
    with learn.no_bar(), learn.no_logging():
        learn.fit(3, 0.1)
    return torch.cat([p.detach().flatten() for p in learn.model.parameters()]), learn.recorder.values[-1]


@pytest.mark.parametrize("hidden", [0.0, 1.0])
@pytest.mark.parametrize("kind", ["binary", "squared"])
def test_what_is_hidden_behind_the_mask_trains_nothing(kind, hidden):
    """A fit on holes gives the weights of a fit on any values there whose cells are left out by indexing."""
    rng = torch.Generator().manual_seed(3)
    targs, known = _holes(torch.randint(0, 2, (48, 3), generator=rng).float())
    known[:8] = False  # a whole batch of which nothing is known
    targs[:8] = NAN
    loss, plain = {
        "binary": (losses.MaskedBCEFlat(), F.binary_cross_entropy_with_logits),
        "squared": (losses.MaskedMSEFlat(), F.mse_loss),
    }[kind]

    def left_out(acts, both):
        values, counts = both[..., 0], both[..., 1] == 1
        return plain(acts[counts], values[counts]) if counts.any() else 0 * acts.sum()

    both = torch.stack([torch.where(known, targs, hidden), known.float()], dim=-1)
    weights, reported = _fitted(targs, loss)
    expected, also_reported = _fitted(both, left_out)
    torch.testing.assert_close(weights, expected, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(list(reported), list(also_reported), rtol=1e-5)


@pytest.mark.parametrize(
    "loss",
    [
        losses.MaskedBCEFlat(weight=np.array([1.0, 2.0, 5.0]), gamma=2.0, smoothing=0.1),
        losses.MaskedWingFlat(width=1.0, curve=0.5),
        BCEWithLogitsLossFlat(),
        losses.WeightedCrossEntropyFlat(weight=np.array([1.0, 2.0, 5.0]), smoothing=0.1),
        CrossEntropyLossFlat(),
    ],
    ids=lambda loss: type(loss).__name__,
)
def test_parts_of_a_batch_make_the_loss_of_the_whole(loss, acts, targs):
    """Weighted by what each is divided by, the losses of unequal parts, of one nothing known, add up to the whole's."""
    if isinstance(loss, CrossEntropyLossFlat):
        targs = torch.arange(16) ** 2 % 3
    elif not isinstance(loss, BCEWithLogitsLossFlat) or isinstance(loss, losses.MaskedBCEFlat):
        targs = _holes(targs)[0]
        targs[:3] = NAN
    parts = [slice(0, 3), slice(3, 5), slice(5, 16)]
    weights = [losses.sum_of_weights(loss, targs[part]) for part in parts]
    together = sum(loss(acts[part], targs[part]) * weight for part, weight in zip(parts, weights, strict=True))
    _same(together / sum(weights), loss(acts, targs), acts)
