"""The threshold lab's page chooses thresholds by an objective, reports what they are worth, and saves them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from benchmarks.synthetic import RUN
from lib.evaluation import results
from lib.metrics import counts
from lib.thresholds import costs, objectives, sets, tuning
from lib.thresholds.sets_file import ThresholdSet
from tests.pages.conftest import checked, opened
from tests.pages.lab_runs import lab_run, tab


def test_thresholds_by_an_objective_are_used_and_honestly_reported(workspace):
    """The click takes the objective's thresholds; the numbers beside it are of test images, equal to scikit-learn's."""
    run = lab_run(workspace)
    app = tab(opened("analyze"), "Choose and keep")
    tune, test = (results.decisions(run, split) for split in ("valid", "test"))
    chosen = objectives.choose(tune, "f_beta", beta=1.0)
    numbers = app.table[0].value.set_index("")
    predicted = test.probs > chosen.thresh
    assert numbers.loc["Micro F1"].iloc[0] == f"{sk.f1_score(test.truth, predicted, average='micro'):#.3g}"
    assert numbers.loc["Subset accuracy"].iloc[0] == f"{sk.accuracy_score(test.truth, predicted):#.3g}"
    again = tune.probs > chosen.thresh
    assert numbers.loc["Micro F1"].iloc[1] == f"{sk.f1_score(tune.truth, again, average='micro'):#.3g}"
    checked(app.button(key="use-objective").click().run())
    table = tab(app, "Per label").dataframe[0].value
    np.testing.assert_allclose(table["threshold"], chosen.thresh, atol=5e-4)


def test_kept_thresholds_come_back(workspace):
    """Kept under a name they are with the run, can be used again, deleted, and brought back."""
    run = lab_run(workspace)
    app = tab(opened("analyze", threshs="100-250-333-500-905"), "Choose and keep")
    app.text_input(key="keep-name").set_value("mine")
    checked(app.button(key="FormSubmitter:keep-Keep the thresholds shown").click().run())
    kept = sets.get(run, "mine")
    np.testing.assert_array_equal(kept.thresh, counts.grid()[[100, 250, 333, 500, 905]])

    app = tab(opened("analyze"), "Choose and keep")
    checked(app.selectbox(key=f"kept-{RUN}").set_value("mine").run())
    checked(app.button(key="use-kept").click().run())
    assert tab(app, "Per label").dataframe[0].value["threshold"].tolist() == [0.1, 0.25, 0.333, 0.5, 0.905]

    app = tab(opened("analyze"), "Choose and keep")
    checked(app.selectbox(key=f"kept-{RUN}").set_value("mine").run())
    checked(app.button(key="delete-kept").click().run())
    assert list(sets.read_all(run)) == ["default"]
    checked(app.button(key="undo-kept").click().run())
    np.testing.assert_array_equal(sets.get(run, "mine").thresh, kept.thresh)


def test_a_name_that_is_taken_is_not_lost(workspace):
    """A second set of the same name is refused with a sentence, unless it is said to replace the first."""
    run = lab_run(workspace)
    for thresh, replace, expected in ((0.3, False, 0.3), (0.6, False, 0.3), (0.6, True, 0.6)):
        app = tab(opened("analyze", thresh=str(thresh)), "Choose and keep")
        app.text_input(key="keep-name").set_value("mine")
        app.checkbox(key="keep-replace").set_value(replace)
        checked(app.button(key="FormSubmitter:keep-Keep the thresholds shown").click().run())
        assert sets.get(run, "mine").thresh[0] == pytest.approx(expected)
        assert bool(app.error) == (expected != thresh)


def test_comparison_is_of_images_that_had_no_part(workspace):
    """With test images every row is of them, equal to scikit-learn's; without, tuned ones are cross-fitted."""
    run = lab_run(workspace)
    rows = tab(opened("analyze", thresh="0.2"), "Compare rules").table[0].value
    tune, test = (results.decisions(run, split) for split in ("valid", "test"))
    threshs = [0.5, counts.grid()[objectives.choose_one(tune, "f_beta")[0]]]
    threshs += [objectives.choose(tune, "f_beta").thresh, np.float32(0.2)]
    for row, thresh in zip(rows.to_dict("records"), threshs, strict=True):
        predicted = test.probs > thresh
        cells = {name.replace("\\", ""): str(value).replace("\\", "") for name, value in row.items()}
        assert cells["images"] == "on test images"
        assert cells["Micro F1"] == f"{sk.f1_score(test.truth, predicted, average='micro'):#.3g}"
        assert cells["accuracy_multi"] == f"{1 - sk.hamming_loss(test.truth, predicted):#.3g}"


def test_without_test_images_the_page_warns(workspace):
    """Numbers of the images that were tuned on are called too good, and an objective's are cross-fitted."""
    run = lab_run(workspace, test=False)
    app = tab(opened("analyze", thresh="0.2"), "Compare rules")
    assert any("no test images" in caption.value for caption in app.caption)
    assert "too good" in app.warning[0].value
    rows = app.table[0].value.map(lambda cell: str(cell).replace("\\", ""))
    assert [kind.split(" ")[0] for kind in rows["images"]] == ["on", "on", "on", "on"]
    assert rows["images"].str.contains("cross-fitted").tolist() == [False, True, True, False]
    expected = tuning.report(results.decisions(run, "valid"), None, "f_beta").numbers["f1_micro"]
    assert rows["Micro F1"].iloc[2] == f"{expected:#.3g}"


def test_a_kept_set_that_says_nonsense_can_still_be_deleted(workspace):
    """Options in the file that no objective takes are not told, and nothing else is lost."""
    run = lab_run(workspace)
    sets.save(run, ThresholdSet("odd", np.full(5, 0.2), objective="f_beta", options={"beta": -1}))
    app = tab(opened("analyze"), "Choose and keep")
    checked(app.selectbox(key=f"kept-{RUN}").set_value("odd").run())
    assert not app.error
    checked(app.button(key="delete-kept").click().run())
    assert list(sets.read_all(run)) == ["default"]


def test_costs_of_each_label_choose_and_are_kept(workspace):
    """Pasted costs and a budget choose thresholds that cost what is counted by hand on test images; both are kept."""
    run = lab_run(workspace)
    app = tab(opened("analyze", objective="Cost per label"), "Choose and keep")
    pasted = f"{run.names()[1]}\t30\t2\n{run.names()[2]}\t1\t4,5\n"
    app.text_area(key=f"costs-pasted-{RUN}").set_value(pasted)
    app = checked(app.button(key=f"FormSubmitter:costs-paste-{RUN}-Take these costs").click().run())
    checked(app.number_input(key=f"costs-reviews-{RUN}").set_value(1200.0).run())
    app = tab(tab(app, "Per label"), "Choose and keep")  # the budget stays, as the costs do
    miss, alarm = np.array([1, 30, 1, 1, 1.0]), np.array([1, 2, 4.5, 1, 1])
    tune, test = (results.decisions(run, split) for split in ("valid", "test"))
    chosen = costs.choose(tune, costs.Costs(miss, alarm, 1200.0))
    wrong = [
        np.where(test.probs > thresh, alarm * (test.truth == 0), miss * (test.truth == 1)).sum(axis=1)
        for thresh in (chosen.thresh, np.float32(0.5))
    ]
    rows = app.table[0].value.map(lambda cell: cell.replace("\\", "")).set_index("thresholds")
    cost = rows["cost per 1,000 images"]
    for row, paid in zip(cost, wrong, strict=False):
        assert row.startswith(f"{1000 * paid.mean():,.0f} (")
    save = 1000 * (wrong[1] - wrong[0]).mean()
    assert rows["these save"].iloc[1].startswith("the same" if save == 0 else f"{save:,.0f} (")
    assert chosen.predicted <= 1200

    checked(app.button(key="use-objective").click().run())
    app.text_input(key="keep-name").set_value("cheap")
    checked(app.button(key="FormSubmitter:keep-Keep the thresholds shown").click().run())
    kept = sets.get(run, "cheap")
    assert kept.costs == dict(zip(run.names(), zip(miss, alarm, strict=True), strict=True))
    assert (kept.objective, kept.options) == (costs.NAME, {"reviews": 1200.0})
    app = tab(opened("analyze"), "Choose and keep")
    checked(app.selectbox(key=f"kept-{RUN}").set_value("cheap").run())
    checked(app.button(key="use-kept").click().run())
    assert app.selectbox(key="objective").value == costs.NAME
    assert app.number_input(key=f"costs-reviews-{RUN}").value == 1200
    assert app.table[0].value.iloc[0, 1].startswith(cost.iloc[0].split(" ")[0])
