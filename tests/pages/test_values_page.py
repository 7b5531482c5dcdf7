from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import load_file
from sklearn import metrics as sklearn_metrics

from lib.training import events
from tests.pages import conftest
from tests.pages.conftest import checked, metric, opened, texts

OTHER = "20260103-030405-abcd"


@pytest.fixture
def run(make_dataset, write_run) -> dict[str, np.ndarray]:
    """What a finished run on two values left."""
    return load_file(write_run(make_dataset("regression")) / events.PREDS)


def tab(app, title: str):
    app.query_params["tab"] = title
    return checked(app.run())


@pytest.mark.parametrize("value", [0, 1])
def test_the_numbers_of_a_value_are_scikit_learns_with_unit_interval_and_baseline(run, value):
    """MAE, RMSE and R² of the chosen value equal scikit-learn's; the mean value's stand beside, the unit behind."""
    app = opened("analyze", dataset="made", value=str(value))
    true, pred = (run[f"valid.{name}"][:, value].astype(np.float64) for name in ("targs", "preds"))
    assert metric(app, "MAE") == f"{sklearn_metrics.mean_absolute_error(true, pred):#.3g} cm"
    assert metric(app, "RMSE") == f"{sklearn_metrics.root_mean_squared_error(true, pred):#.3g} cm"
    assert metric(app, "R²") == f"{sklearn_metrics.r2_score(true, pred):#.3g}"
    beside = next(one.delta for one in app.metric if one.label == "MAE")
    mean_value = np.abs(run["valid.baseline"][:, value] - true).mean()
    assert beside.endswith(f"mean value {mean_value:#.3g} cm") and " to " in beside
    off, base = (np.abs(run[f"valid.{name}"][:, value].astype(np.float64) - true) for name in ("preds", "baseline"))
    assert conftest.stands_to_baseline(off, base) in texts(app)


def test_every_value_has_a_row_and_every_tab_opens(run):
    """The table equals numpy value by value; without a second run nothing is compared."""
    app = tab(opened("analyze", dataset="made"), "Per value")
    table = app.dataframe[0].value
    off = run["valid.preds"].astype(np.float64) - run["valid.targs"]
    np.testing.assert_allclose(table["MAE"], np.abs(off).mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(table["largest error"], np.abs(off).max(axis=0), rtol=1e-6)
    np.testing.assert_allclose(table["bias"], off.mean(axis=0), rtol=1e-6)
    tab(app, "Residuals")
    assert [one.label for one in app.tabs] == ["Values", "Errors", "Metrics"]


def test_images_come_worst_first_by_the_chosen_value(run):
    """The first card is the image with the largest error of the value, said with sign and unit."""
    app = opened("analyze", dataset="made", value="1")
    assert any("absolute error of width" in one.value for one in app.caption)


def test_nonsense_in_the_address_is_no_choice(run):
    """A value that is none falls back to the first one."""
    app = opened("analyze", dataset="made", value="99")
    assert "height: MAE" in texts(app)
