"""A bundle's numbers are those of its model: compared where it is made, and computed anew where it is read."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from lib import tasks
from lib.core.errors import UserError
from lib.export.bundle import examples, headline, parity
from lib.tasks.types import Predictions

SCALE = {"mean": [0.0, 0.0], "std": [1000.0, 0.01]}
PREDS = {
    "multi-label": np.array([[0.2, 0.7], [0.6, 0.1]], dtype=np.float32),
    "keypoints": np.array([[[3.0, 4.0]], [[5.0, 6.0]]], dtype=np.float32),
    "regression": np.array([[500.0, 0.02], [900.0, 0.01]]),
}
NAMES = {"multi-label": ("cat", "dog"), "keypoints": ("nose",), "regression": ("load (N)", "width")}


def report(
    task: str, onnx: object = 0.0, recorded: object = 0.0, *, device: str = "CPU (2 threads)", mixed: bool = False
) -> dict:
    """Return the report where the ONNX model and the record differ from the model's predictions by so much."""
    preds, sizes = PREDS[task], np.full((2, 2), 9.0)
    kept = Predictions(np.arange(2), preds + recorded, preds, sizes, NAMES[task], preds)
    times = parity.times_rounding(device, SimpleNamespace(mixed_precision=mixed))
    return parity.compared(tasks.get(task), "valid", preds, preds + onnx, kept, 0.5, SCALE, times=times)


@pytest.mark.parametrize("task", PREDS)
def test_no_number_is_a_difference(task):
    """One NaN, in the ONNX model's predictions or in the recorded ones, is refused."""
    one = np.zeros_like(PREDS[task])
    one.flat[-1] = np.nan
    with pytest.raises(UserError, match="The ONNX model differs by nan"):
        report(task, onnx=one)
    with pytest.raises(UserError, match=r"differs by nan .* from what the run recorded"):
        report(task, recorded=one)


def test_values_are_compared_in_standard_deviations():
    """Of values with unlike scales the report and the refusal are of one number, whichever value it is of."""
    found = report("regression", onnx=np.array([0.05, 0.0]), recorded=np.array([0.0, 5e-6]))
    assert (found["onnx"], found["recorded"]) == pytest.approx((5e-5, 5e-4))
    assert (found["unit"], found["allowed"]) == ("standard deviations", 1e-4)
    with pytest.raises(UserError, match=r"by 0\.0002 standard deviations .* expected 0\.0001 at most"):
        report("regression", onnx=np.array([0.0, 2e-6]))


@pytest.mark.parametrize(("task", "limit", "unit"), [("multi-label", 1e-3, "in probability"), ("keypoints", 0.1, "px")])
def test_what_was_recorded_is_of_this_model(task, limit, unit):
    """Above rounding the run's numbers are another model's; with fewer bits a number, rounding is more."""
    assert report(task, recorded=0.9 * limit)["recorded"] == pytest.approx(0.9 * limit, rel=1e-3)
    with pytest.raises(UserError, match=rf"{unit} from what the run recorded.*expected {limit:g} at most"):
        report(task, recorded=1.1 * limit)
    for times, trained in ((50, {"device": "NVIDIA H200"}), (200, {"mixed": True})):
        assert report(task, recorded=0.9 * times * limit, **trained)["recorded_allowed"] == pytest.approx(times * limit)
        with pytest.raises(UserError, match="train again"):
            report(task, recorded=1.1 * times * limit, **trained)


@pytest.mark.parametrize("wrong", ["metrics", "record.metrics"])
def test_a_headline_is_that_of_the_predictions(wrong):
    """A manifest, or the record in it, that states another number than its predictions give is refused."""
    preds, truth = PREDS["multi-label"], np.array([[0, 1], [1, 1]], dtype=np.float32)
    kept = {"valid": Predictions(np.arange(2), preds, truth, np.full((2, 2), 9.0), NAMES["multi-label"], preds)}

    def manifest(**stated: float) -> dict:
        one, record = (
            {"valid": {"accuracy_multi": stated.get(part, 0.75)}}  # three of four are right
            for part in ("metrics", "record.metrics")
        )
        config = SimpleNamespace(thresh=0.5)
        about = {"task": "multi-label", "config": config, "names": list(NAMES["multi-label"])}
        return {**about, "metrics": one, "record": {"metrics": record}}

    headline.check(manifest(), kept)
    with pytest.raises(ValueError, match=rf"^{wrong}.valid.accuracy_multi: expected .* 0\.75, found 0\.8"):
        headline.check(manifest(**{wrong: 0.8}), kept)


def test_an_example_is_still_by_what_is_in_it(tmp_path):
    """An animated picture whose name ends in .jpg is no example, which an import would refuse."""
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "green")]
    frames[0].save(tmp_path / "moves.jpg", "GIF", save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "still.jpg", "JPEG")
    for name, expected in (("moves.jpg", False), ("still.jpg", True)):
        dataset = SimpleNamespace(image_path=lambda _, name=name: tmp_path / name)
        assert examples._is_still(dataset, 0) is expected
