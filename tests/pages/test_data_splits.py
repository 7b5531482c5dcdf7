"""The Splits tab previews a split before it is made, and makes exactly that one."""

from __future__ import annotations

import pandas as pd

from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.history import history
from lib.datasets.splits import divide
from lib.datasets.splits.plan import Plan
from tests import unsealed
from tests.pages.conftest import checked, metric, opened


def _asked(app):
    """Return the page with the form for new splits unfolded."""
    app.session_state["splits-made-again"] = True
    return checked(app.run())


def test_preview_then_apply(make_dataset, workspace):
    """The preview is told from now, Apply makes it one edit, and a wrong pattern is a sentence that loses no choice."""
    dataset = make_dataset("multi-label")
    app = opened("data", dataset="made", view="Splits")
    state = "**32** train (66.7 %) · **10** valid (20.8 %) · **6** test (12.5 %) · as imported"
    assert any(state == one.value for one in app.markdown) and "splits-made-groups" not in [
        one.key for one in app.selectbox
    ]
    _asked(app)
    checked(app.selectbox(key="splits-made-test-True").select("draw").run())
    wanted = divide.divide(dataset, Plan(test=0.1))
    assert metric(app, "Test") == "5" == str((wanted.splits == "test").sum())
    table = next(one.value for one in app.dataframe if "off after" in one.value)
    assert list(table.columns[:3]) == ["all", "train before", "train after"]
    assert table.loc["ball", "all"] == 100 * dataset.targs[:, 0].mean()
    checked(app.selectbox(key="splits-made-groups").select("pattern").run())
    checked(app.text_input(key="splits-made-pattern").set_value("no group").run())
    assert any("no parentheses" in error.value for error in app.error)
    assert app.selectbox(key="splits-made-test-True").value == "draw"
    checked(app.text_input(key="splits-made-pattern").set_value(r"(\d)\.png").run())
    assert any("10 groups" in caption.value for caption in app.caption)
    wanted = divide.divide(dataset, Plan(test=0.1, group=r"(\d)\.png"))
    checked(app.button(key="splits-apply").click().run())
    now = store.load(workspace, "made")
    assert now.items["split"].tolist() == wanted.splits.tolist()
    assert now.items["group"].tolist() == [str(item % 10) for item in range(48)]
    assert "groups '(\\d)\\.png' whole" in history(now)[0].note
    assert app.button(key="splits-apply").disabled  # they are the splits it has now
    assert edits.undo(now).revision == dataset.revision


def test_leaks_and_missing_labels_are_told(make_dataset):
    """Groups that are divided and labels that a split lacks stand above the form, in words."""
    dataset = make_dataset("single-label")
    items = pd.read_parquet(dataset.path / "items.parquet")
    items["group"] = [f"<b>{item % 9}</b>" for item in range(48)]
    items.loc[32:41, "split"] = ["valid" if item % 3 else "train" for item in range(32, 42)]
    kept = ("name", "task", "names", "problems", "source", "defaults")
    head = unsealed.read(dataset.path / "dataset.json")
    store.save(dataset.path, {name: head[name] for name in kept}, items, dataset.targs)
    app = _asked(opened("data", dataset="made", view="Splits"))
    warnings = " ".join(one.value for one in app.warning)
    assert "8 of 9 groups are divided" in warnings and "'cat' is on none of the validation images" in warnings.replace(
        "\\", ""
    )
    assert metric(app, "Divided groups") == "0 of 9"
