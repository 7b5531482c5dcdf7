from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from lib.training import events
from tests import unsealed
from tests.pages import conftest
from tests.pages.conftest import checked, metric, opened, texts


@pytest.fixture
def run(make_dataset, write_run) -> dict[str, np.ndarray]:
    """A finished run on two points, of which one is missing in one validation image and both in another."""
    dataset = make_dataset("keypoints")
    targs = dataset.targs.copy()
    rows = dataset.index("valid")
    targs[rows[0], 0] = np.nan
    targs[rows[4]] = np.nan
    np.save(dataset.path / "targs.npy", targs)
    unsealed.renew_dataset(dataset.path)
    folder = write_run(replace(dataset, targs=targs))
    stored = load_file(folder / events.PREDS)
    kept = np.random.default_rng(1).normal(20, 5, stored["valid.preds"].shape).astype(np.float32)
    save_file(stored | {"valid.preds": kept}, folder / events.PREDS)  # no NaN in what a model says
    return load_file(folder / events.PREDS)


def errors(run: dict[str, np.ndarray], which: str = "preds") -> list[list[float]]:
    """Distances by plain Python, image by image, None where a point is missing."""
    return [
        [math.dist(a, b) if not math.isnan(b[0]) else math.nan for a, b in zip(pred, true, strict=True)]
        for pred, true in zip(run[f"valid.{which}"].tolist(), run["valid.targs"].tolist(), strict=True)
    ]


def tab(app, title: str):
    app.query_params["tab"] = title
    return checked(app.run())


def test_the_numbers_on_the_page_are_those_of_a_loop_over_the_points(run):
    """Mean error, PCK, its area and the failure rate, in pixels, equal plain Python; the mean shape stands beside.

    That it is better is said where an interval of the difference, drawn with the same images, leaves 0 out.
    """
    app = opened("analyze", dataset="made", limit="12")
    known = [value for image in errors(run) for value in image if not math.isnan(value)]
    assert metric(app, "Mean error") == f"{sum(known) / len(known):.1f} px"
    assert f"mean error **{sum(known) / len(known):.1f} px** (" in texts(app)
    within = sum(value <= 12 for value in known) / len(known)
    assert metric(app, "PCK@12 px") == f"{100 * within:.1f} %"
    area = sum(max(0.0, 1 - value / 12) for value in known) / len(known)
    assert metric(app, "Area under PCK") == f"{area:.3f}"
    images = [np.nanmean(image) for image in errors(run) if not all(map(math.isnan, image))]
    failed = sum(value > 12 for value in images) / len(images)
    assert metric(app, "Failure rate") == f"{100 * failed:.1f} %"
    base = [value for image in errors(run, "baseline") for value in image if not math.isnan(value)]
    beside = next(one for one in app.metric if one.label == "PCK@12 px").delta
    assert beside == f"mean shape {100 * sum(value <= 12 for value in base) / len(base):.1f} %"
    labeled = ~np.isnan(errors(run)).any(axis=1)
    own, mean_shape = (np.array(one)[labeled].mean(axis=1) for one in (errors(run), errors(run, "baseline")))
    assert conftest.stands_to_baseline(own, mean_shape) == "not clearly different"
    assert f"not clearly different from the mean shape ({sum(base) / len(base):.1f} px)" in texts(app)


def test_a_norm_and_a_point_in_the_address_change_every_number(run):
    """A link shows the same: errors as parts of the diagonal, of one point, and its images alone, worst first."""
    app = opened("analyze", dataset="made", norm="diagonal", point="0")
    diagonal = math.hypot(48, 40)
    known = [100 * image[0] / diagonal for image in errors(run) if not math.isnan(image[0])]
    assert metric(app, "PCK@5 %") == f"{100 * sum(value <= 5 for value in known) / len(known):.1f} %"
    assert f"The worst 6 of {len(known)} validation images, by error of point nose (% of the image diagonal)." in texts(
        app
    )
    tab(app, "Pictures")
    assert app.subheader[-1].value == "Predictions of point nose"
    assert f"Images 1 to {len(known)} of {len(known)}" in texts(app)


@pytest.mark.parametrize(
    "query", [{"norm": "nonsense"}, {"norm": "pair:0,0"}, {"point": "99"}, {"limit": "-3"}, {"limit": "x"}]
)
def test_nonsense_in_the_address_is_no_choice(run, query):
    """What a link cannot mean falls back to pixels, all points and the usual limit instead of an error."""
    app = opened("analyze", dataset="made", **query)
    assert metric(app, "PCK@3.1 px").endswith("%")  # 5 % of the diagonal of 48 x 40
    assert not app.error


def test_the_table_has_every_point_with_its_numbers(run):
    """Each row equals numpy on that point's column, the worst point first, the baseline beside it."""
    app = opened("analyze", dataset="made")
    table = app.dataframe[0].value
    off, base = np.array(errors(run)), np.array(errors(run, "baseline"))
    order = np.argsort(-np.nanmean(off, axis=0))
    assert table["point"].tolist() == [("nose", "tail")[k] for k in order]
    np.testing.assert_allclose(table["mean (px)"], np.nanmean(off, axis=0)[order], rtol=1e-5)
    np.testing.assert_allclose(table["mean shape (px)"], np.nanmean(base, axis=0)[order], rtol=1e-5)
    np.testing.assert_allclose(table["median (px)"], np.nanmedian(off, axis=0)[order], rtol=1e-5)
    assert table["missing (images)"].tolist() == [np.isnan(off[:, k]).sum() for k in order]
    assert (table["from (px)"] <= table["mean (px)"]).all() and (table["mean (px)"] <= table["to (px)"]).all()


def test_missing_points_are_counted_by_point_and_by_image(run):
    """The page says how many points are not labeled, of which point, and in which images."""
    app = tab(opened("analyze", dataset="made"), "Missing")
    assert "3 of 20 points" in app.markdown[-1].value or any("3 of 20 points" in one.value for one in app.markdown)
    by_point, by_image = (one.value for one in app.dataframe)
    assert dict(zip(by_point["point"], by_point["missing (images)"], strict=True)) == {"nose": 2, "tail": 1}
    assert by_image["missing (points)"].tolist() == [2, 1]


def test_nothing_known_at_all_is_said_and_not_a_number(make_dataset, write_run):
    """A split in which no point is labeled has no error: that is said, no number is, and no section is about errors."""
    dataset = conftest.with_gaps(make_dataset("keypoints"), np.nan, everything=True)
    folder = write_run(dataset)
    stored = load_file(folder / events.PREDS)
    stored["valid.preds"] = np.zeros_like(stored["valid.preds"])
    save_file(stored, folder / events.PREDS)
    app = opened("analyze", dataset="made")
    assert "No point is labeled in these images" in texts(app) and "not defined" not in texts(app)
    assert not app.metric and [one.label for one in app.tabs] == ["Points", "Errors", "Metrics"]
    assert "20 of 20 points" in texts(app)


def test_a_norm_can_be_chosen_where_nobody_says_what_is_left_and_right(run):
    """The distance of two points begins with two that lie apart; one point twice is a sentence and changes nothing."""
    app = opened("analyze", dataset="made")
    checked(app.selectbox(key=f"points-norm-{_key(app)}").set_value("pair").run())
    assert app.query_params["norm"] in ("pair:0,1", "pair:1,0")
    before = app.query_params["norm"]
    first = app.selectbox(key=f"points-pair-0-{_key(app)}")
    checked(first.set_value(1 - first.value).run())
    assert "two different points" in app.error[0].value
    assert app.query_params["norm"] == before


def test_the_choice_is_there_again_after_another_page_and_gone_with_another_dataset(run, make_dataset):
    """Norm, limit and point come back with the page; points of another dataset are not looked at by the same number."""
    make_dataset("keypoints", name="other")
    app = opened("analyze", dataset="made", norm="diagonal", point="1", limit="7")
    app.query_params.clear()  # as Streamlit does when another page is opened
    checked(app.switch_page(str(conftest.ROOT / "pages/train.py")).run())
    checked(app.switch_page(str(conftest.ROOT / "pages/analyze.py")).run())
    assert [app.query_params[name] for name in ("norm", "point", "limit")] == ["diagonal", "1", "7"]
    checked(app.selectbox(key="dataset").set_value("other").run())
    assert not {"norm", "point", "limit"} & set(app.query_params)


def _key(app) -> str:
    """Return what the keys of the bench's widgets end with."""
    return next(one.key for one in app.selectbox if (one.key or "").startswith("points-norm-")).removeprefix(
        "points-norm-"
    )
