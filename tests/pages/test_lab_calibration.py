"""The calibration tab reports what the numbers are, for any number of labels."""

from __future__ import annotations

import numpy as np
import pytest

from lib.evaluation import calibration
from tests.pages.conftest import checked
from tests.pages.lab_contents import HTML, arrays, figures, names, opened, texts


@pytest.mark.parametrize("n_labels", [1, 80, 600])
def test_calibration_is_told_for_any_number_of_labels(n_labels):
    """The temperature fitted on the validation images and the error on the test images stand in the sentence."""
    splits = {"valid": arrays(n_labels, seed=1), "test": arrays(n_labels, 90, seed=2)}
    app = opened("calibration", splits, n_labels, thresh=0.3)
    test = calibration.pairs(splits["test"]["probs"], splits["test"]["truth"], "sigmoid")
    temperature = calibration.fit_temperature(splits["valid"]["probs"], splits["valid"]["truth"], "sigmoid")
    page_text = texts(app)
    assert f"T = {temperature:.3g}" in page_text
    assert f"{calibration.ece(calibration.reliability(*test)):.3f}" in page_text
    assert "120 validation images" in page_text
    assert "90 test images" in page_text
    table = app.dataframe[0].value
    assert table["label"].tolist() == list(names(n_labels))
    assert table["known"].sum() == len(test[0])
    np.testing.assert_allclose(table["threshold with T"], calibration.scaled_threshold(0.3, temperature))
    dots = [trace for trace in figures(app)[0]["data"] if trace.get("mode") == "lines+markers"]
    assert [trace["name"] for trace in dots] == ["model", f"with T = {temperature:.3g}"]
    assert sum(ends[2] for ends in dots[0]["customdata"]) == len(test[0])


def test_without_test_images_halves_are_crossed():
    """The page says so, and both kinds of bins can be looked at."""
    app = opened("calibration", {"valid": arrays(5)}, 5)
    assert "each half measured with the temperature of the other half" in texts(app)
    kinds = [{trace["type"] for trace in figures(app)[0]["data"]}]
    checked(app.button_group[0].set_value("mass").run())
    kinds.append({trace["type"] for trace in figures(app)[0]["data"]})
    assert kinds == [{"scatter", "bar"}, {"scatter"}]


def test_one_label_is_named_letter_for_letter():
    """Names are no Markdown and no HTML, whatever is in them."""
    for label, name in enumerate(HTML):
        app = opened("calibration", {"valid": arrays(5, seed=1), "test": arrays(5, seed=2)}, 5, label=label)
        assert f"**{name}** on 120 test images" in texts(app)
        assert not any(name in element.value for element in app.markdown)


def test_calibration_of_one_class_an_image():
    """The most probable class and its images; no thresholds move, so there is no table of them."""
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(4), 100).astype(np.float32)
    truth = np.eye(4, dtype=np.int8)[rng.integers(0, 4, 100)]
    splits = {"valid": {"probs": probs, "truth": truth, "groups": np.arange(100)}}
    for label, words in ((None, "most probable classes of 100 valid"), (2, "is the most probable class")):
        app = opened("calibration", splits, 4, activation="softmax", label=label)
        assert words in texts(app)
        assert not len(app.dataframe)


@pytest.mark.parametrize(
    ("truth", "probs", "why"),
    [
        (np.zeros((20, 2)), None, "every one of the 40 known labels is absent"),
        (np.full((20, 2), -1), None, "nothing is known"),
        (None, np.full((20, 2), 0.25), "every probability is the same, 0.25"),
        (np.array([[0, 1]]), np.array([[0.2, 0.7]]), "there is only one image"),
        (np.zeros((0, 2)), np.zeros((0, 2)), "nothing is known"),
    ],
)
def test_calibration_that_is_not_defined_says_why(truth, probs, why):
    """One truth, nothing known, one probability, one image, none: a reason and no crash."""
    data = arrays(2, 20, unknown=0)
    truth = data["truth"] if truth is None else truth.astype(np.int8)
    probs = data["probs"] if probs is None else probs.astype(np.float32)
    one = {"probs": probs, "truth": truth, "groups": np.arange(len(probs))}
    for label in (None, 1):
        page_text = texts(opened("calibration", {"valid": one}, 2, label=label))
        assert "not defined, because" in page_text
        assert why in page_text


def test_the_code_scales_as_the_page_does():
    """Who copies the code gets the same probabilities."""
    for activation in ("sigmoid", "softmax"):
        data = arrays(4, unknown=0)
        if activation == "softmax":
            data["probs"] = data["probs"] / data["probs"].sum(axis=1, keepdims=True)
            data["truth"] = np.eye(4, dtype=np.int8)[np.random.default_rng(0).integers(0, 4, len(data["truth"]))]
        app = opened("calibration", {"valid": data}, 4, activation=activation)
        scope = {"preds": data["probs"]}
        exec(app.code[0].value, scope)
        temperature = calibration.fit_temperature(data["probs"], data["truth"], activation)
        np.testing.assert_allclose(
            scope["scaled"], calibration.scaled(data["probs"], temperature, activation), atol=1e-5
        )
