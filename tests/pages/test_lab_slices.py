"""The slices tab reports what the numbers are, for any number of labels and any metadata of the images."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import hamming_loss

from lib.datasets import brightness
from tests import unsealed
from tests.pages.conftest import checked
from tests.pages.lab_contents import HTML, arrays, figures, opened, texts


@pytest.mark.parametrize("n_labels", [1, 80, 600])
def test_slices_are_told_for_any_number_of_labels(n_labels):
    """By number of labels: every slice's accuracy in the table and as a dot, the whole's as a line."""
    data = arrays(n_labels, unknown=0)
    data["truth"][:12] = 0
    data["truth"][12:24] = 1
    app = opened("slices", {"valid": data}, n_labels)
    table = app.dataframe[0].value
    assert table["slice"][0] == "all images"
    assert table["images"][0] == table["images"][1:].sum() == 120
    predicted, count = data["probs"] > np.float32(0.5), data["truth"].sum(axis=1)
    assert table["accuracy_multi"][0] == pytest.approx(1 - hamming_loss(data["truth"], predicted))
    first = table[table["slice"] == "no label"].iloc[0]
    assert first["accuracy_multi"] == pytest.approx(1 - hamming_loss(data["truth"][count == 0], predicted[count == 0]))
    dots = [x for trace in figures(app)[0]["data"] if "error_x" in trace for x in trace["x"]]
    assert sorted(dots) == pytest.approx(sorted(table["accuracy_multi"][1:]))
    assert set(table["clear?"]) <= {"", "worse", "better", "may be chance", "not defined"}


def test_slices_of_one_label_and_of_one_class():
    """What the accuracy and the baseline are called says what they are."""
    app = opened("slices", {"valid": arrays(3)}, 3, label=0)
    assert f"share of images right about {HTML[0]} is" in texts(app)
    assert not any(HTML[0] in element.value for element in app.markdown)
    assert "never predict it" in app.dataframe[0].value
    rng = np.random.default_rng(0)
    probs, truth = rng.dirichlet(np.ones(3), 40).astype(np.float32), np.eye(3, dtype=np.int8)[rng.integers(0, 3, 40)]
    one = {"probs": probs, "truth": truth, "groups": np.arange(40)}
    app = opened("slices", {"valid": one}, 3, activation="softmax")
    assert "not defined, because every image has exactly one class" in texts(app)


def test_a_dataset_that_changed_tells_labels_only():
    """Sizes, brightness and groups of other pictures would be wrong."""
    app = opened("slices", {"valid": arrays(3)}, 3)
    for way in ("size", "brightness", "group"):
        checked(app.button_group[0].set_value(way).run())
        assert "not defined, because the dataset changed" in texts(app)


def with_items(make_dataset, **columns):
    """Return a dataset whose items say something else."""
    dataset = make_dataset("multi-label")
    items = dataset.items.assign(**columns)
    items.to_parquet(dataset.path / "items.parquet", index=False)
    unsealed.renew_dataset(dataset.path)
    return dataset


def test_slices_by_size_and_group(make_dataset):
    """Pictures of two sizes and people of two names are told apart; equal ones are not defined."""
    data = arrays(3, 48, unknown=0)
    make_dataset("multi-label", name="same")
    app = opened("slices", {"valid": data}, 3, dataset="same")
    checked(app.button_group[0].set_value("size").run())
    assert "not defined, because every image is 48 px long" in texts(app)
    checked(app.button_group[0].set_value("group").run())
    assert "not defined, because the images have no groups" in texts(app)
    groups = [f"<i>{'ab'[k % 2]}</i>" for k in range(48)]
    with_items(make_dataset, width=[40 + 60 * (k % 2) for k in range(48)], group=groups)
    app = opened("slices", {"valid": data}, 3, dataset="made")
    for way, expected in (("size", ["40 px", "100 px"]), ("group", ["<i>a</i>", "<i>b</i>"])):
        checked(app.button_group[0].set_value(way).run())
        table = app.dataframe[0].value
        assert sorted(table["slice"][1:]) == sorted(expected)
        assert table["images"][1:].tolist() == [24, 24]
        for name, accuracy in zip(table["slice"][1:], table["accuracy_multi"][1:], strict=True):
            rows = np.arange(48) % 2 == (name in ("100 px", "<i>b</i>"))
            right = (data["probs"][rows] > np.float32(0.5)) == data["truth"][rows]
            assert accuracy == pytest.approx(right.mean())


def test_brightness_is_measured_only_when_asked_for(make_dataset):
    """A button measures it once; from then on it is there."""
    dataset = make_dataset("multi-label")
    app = opened("slices", {"valid": arrays(3, 48)}, 3, dataset="made")
    checked(app.button_group[0].set_value("brightness").run())
    assert brightness.read(dataset) is None
    assert not len(app.dataframe)
    checked(app.button[0].click().run())
    values = brightness.read(dataset)
    table = app.dataframe[0].value
    assert len(table) == 5
    assert table["slice"][1].startswith(f"{values.min():,.0f} to ")
    again = opened("slices", {"valid": arrays(3, 48)}, 3, dataset="made")
    checked(again.button_group[0].set_value("brightness").run())
    assert not len(again.button)
