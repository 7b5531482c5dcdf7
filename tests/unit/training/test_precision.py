"""Mixed precision really computes in bfloat16, where it should and nowhere else."""

from __future__ import annotations

import pytest
import torch
from fastai.callback import progress  # noqa: F401  (patches Learner)
from fastai.callback.core import Callback
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from fastai.learner import Learner
from torch import nn
from torch.utils.data import TensorDataset

from lib.core.errors import UserError
from lib.training.learner import nets, precision
from lib.training.learner.precision import MixedPrecision, check_mixed

CPU = torch.device("cpu")


class _Watch(Callback):
    """Keeps the types that go through the network and into the loss, of training and validation."""

    def __init__(self):
        self.body, self.head, self.losses = set(), set(), set()

    def before_fit(self) -> None:
        convolution = next(m for m in self.learn.model[0].modules() if isinstance(m, nn.Conv2d))
        linear = [m for m in self.learn.model[1].modules() if isinstance(m, nn.Linear)][-1]
        self.hooks = [
            convolution.register_forward_hook(lambda _m, _x, out: self.body.add((self.training, out.dtype))),
            linear.register_forward_hook(lambda _m, _x, out: self.head.add((self.training, out.dtype))),
        ]

    def after_loss(self) -> None:
        self.losses.add((self.training, self.learn.pred.dtype, self.learn.loss.dtype))

    def after_fit(self) -> None:
        for hook in self.hooks:
            hook.remove()


def _learner(callbacks) -> Learner:
    torch.manual_seed(0)
    data = TensorDataset(torch.rand(16, 3, 32, 32), torch.rand(16, 2))
    dls = DataLoaders(DataLoader(data, bs=8), DataLoader(data, bs=8))
    return Learner(dls, nets.small(2, None), loss_func=nn.MSELoss(), cbs=callbacks)


def _fit(learn: Learner) -> Learner:
    with learn.no_bar(), learn.no_logging():
        learn.fit(2, 1e-3)
    return learn


@pytest.mark.slow
def test_the_body_computes_in_bfloat16_and_the_rest_in_float32():
    """Convolutions give bfloat16 in training and validation, also on a CPU; head, loss, weights, state are float32."""
    watch = _Watch()
    learn = _fit(_learner([MixedPrecision(CPU), watch]))
    assert watch.body == {(True, torch.bfloat16), (False, torch.bfloat16)}
    assert watch.head == {(True, torch.float32), (False, torch.float32)}
    assert watch.losses == {(True, torch.float32, torch.float32), (False, torch.float32, torch.float32)}
    assert {part.dtype for part in learn.model.state_dict().values() if part.is_floating_point()} == {torch.float32}
    assert {state["grad_avg"].dtype for state in learn.opt.state.values() if "grad_avg" in state} == {torch.float32}


@pytest.mark.slow
def test_predictions_after_the_fit_are_float32s():
    """What is predicted at the end is what the saved weights predict anywhere else, not bfloat16's."""
    learn = _fit(_learner([MixedPrecision(CPU)]))
    with learn.no_bar():
        preds, _ = learn.get_preds()
    again = nets.small(2, None).eval()
    again.load_state_dict({name: part.contiguous() for name, part in learn.model.state_dict().items()})
    with torch.no_grad():
        expected = again(torch.stack([x for x, _ in learn.dls.valid.dataset]))
        precision.enter(again[0], CPU)
        in_bfloat16 = again(torch.stack([x for x, _ in learn.dls.valid.dataset]))
    torch.testing.assert_close(preds, expected, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(in_bfloat16, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_mixed_precision_learns_what_float32_learns():
    """Two epochs in mixed precision come close to the loss that they reach in float32."""
    plain, mixed = _fit(_learner([])), _fit(_learner([MixedPrecision(CPU)]))
    assert list(mixed.recorder.values[-1]) == pytest.approx(list(plain.recorder.values[-1]), rel=0.1)


@pytest.mark.slow
def test_a_fit_that_is_cancelled_leaves_the_network_as_it_was():
    """The end of a fit that never began does not fail, and one end undoes the beginnings of all epochs."""
    learn = _fit(_learner([MixedPrecision(CPU)]))
    assert "forward" not in vars(learn.model[0])
    learn.mixed_precision.after_fit()  # of a fit that did not begin
    for _ in range(3):
        learn.mixed_precision.before_train()
    learn.mixed_precision.after_fit()
    assert "forward" not in vars(learn.model[0])


@pytest.mark.parametrize(
    ("device", "where", "answer"),
    [
        ("cuda", "torch.cuda.is_bf16_supported", lambda including_emulation: including_emulation),
        ("cpu", "torch.cpu.get_capabilities", lambda: {"architecture": "x86_64", "avx2": True, "avx512_bf16": False}),
    ],
)
def test_a_device_that_would_emulate_is_refused(device, where, answer, monkeypatch):
    """A GPU or a processor without bfloat16 would be slower than float32: one sentence, and what to do."""
    monkeypatch.setattr(where, answer)
    with pytest.raises(UserError, match="turn mixed precision off"):
        check_mixed(torch.device(device))


def test_a_device_without_autocast_is_refused():
    """A device that torch cannot mix precisions on gets the same sentence."""
    with pytest.raises(UserError, match=r"\(meta\).*turn mixed precision off"):
        check_mixed(torch.device("meta"))


@pytest.mark.parametrize("name", ["avx512_bf16", "amx_bf16", "bf16"])
def test_a_processor_that_can_is_accepted(name, monkeypatch):
    """Processors of x86 and ARM with the instructions are accepted."""
    monkeypatch.setattr("torch.cpu.get_capabilities", lambda: {name: True})
    check_mixed(CPU)
