"""What the address names is what is shown: what is not there is said in place of the page, with a way on."""

from __future__ import annotations

import ast
import json
import re

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from lib.core.config import LR_FIND
from lib.datasets import store
from lib.training import events
from tests.pages.conftest import ROOT, RUN, checked, opened, texts

OTHER, GONE = "20260102-030406-abcd", "20260102-030407-abcd"


@pytest.fixture
def two(make_dataset, write_run) -> None:
    """Two datasets with a run each: "first", and "second" with the newer one."""
    write_run(make_dataset("multi-label", name="first"))
    write_run(make_dataset("multi-label", name="second"), run=OTHER)


def said(app) -> str:
    """Return the one warning of the page as people read it."""
    (warning,) = app.warning
    return re.sub(r"[\\\N{WORD JOINER}]|\*\*", "", warning.value)


@pytest.mark.parametrize("page", ["data", "train", "runs", "analyze", "predict"])
def test_a_dataset_that_is_not_there_is_said_and_no_other_is_shown(two, page):
    """Whoever follows an old link is not shown another dataset for it; a click leads to one that is there."""
    app = opened(page, dataset="gone*")
    assert "There is no dataset gone* here" in said(app)
    assert not app.metric
    assert not app.tabs
    assert app.selectbox(key="dataset").value is None
    checked(app.button(key="missing-newest").click().run())
    assert not app.warning
    assert app.query_params["dataset"] == app.selectbox(key="dataset").value == "second"


def test_an_empty_workspace_says_that_what_the_address_names_is_not_there():
    """Whoever follows a link into it is told, above the ways to a dataset."""
    assert "There is no dataset gone* here" in said(opened("data", dataset="gone*"))
    assert "There is no run none here" in said(opened("train", run="none"))


def test_a_page_that_is_not_there_is_said(two, monkeypatch):
    """Its address shows no other page in its place, also when the page is drawn again."""
    monkeypatch.setattr(PagesManager, "intended_page_name", property(lambda _: "no*where"))
    app = AppTest.from_file(str(ROOT / "lib/web/ui/router.py")).run()
    assert "There is no page no*where here" in said(app) and not app.tabs
    assert "There is no page no*where here" in said(app.run())


@pytest.mark.parametrize("page", ["train", "analyze", "predict"])
@pytest.mark.parametrize("run", [GONE, "../../etc", "*"])
def test_a_run_that_is_not_there_is_said_and_no_other_is_shown(two, page, run):
    """Numbers of another run never stand under a link to one that is gone."""
    app = opened(page, dataset="first", run=run)
    assert f"There is no run {run} here" in said(app)
    assert not app.metric
    assert [box.key for box in app.selectbox] == ["dataset"]
    checked(app.button(key="missing-run").click().run())
    assert not app.warning
    assert app.query_params["run"] == RUN


@pytest.mark.parametrize("page", ["train", "analyze", "predict"])
def test_the_id_of_a_run_alone_finds_its_dataset(two, page):
    """A link with a run only shows that run with its dataset, not the newest dataset."""
    app = opened(page, run=RUN)
    assert not app.warning
    assert app.selectbox(key="dataset").value == "first"
    assert app.selectbox(key="chosen-run").value == RUN


def test_the_id_of_a_run_alone_that_is_not_there_is_said(two):
    """Without a dataset in the address either, nothing else is shown for it."""
    app = opened("analyze", run=GONE)
    assert f"There is no run {GONE} here" in said(app)
    assert app.selectbox(key="dataset").value is None


def test_a_run_of_a_dataset_that_is_gone_is_said(two, workspace):
    """The run is still there, but its dataset is not: both are named."""
    workspace.dataset("first").rename(workspace.datasets / ".first")
    assert f"no dataset first, on which the run {RUN} was trained, here" in said(opened("analyze", run=RUN))


def test_a_run_of_another_dataset_is_said_and_can_be_shown(two):
    """An address whose dataset and run do not fit shows neither one for the other."""
    app = opened("analyze", dataset="second", run=RUN)
    assert f"The run {RUN} is of the dataset first, not of second." in said(app)
    checked(app.button(key="missing-run").click().run())
    assert not app.warning
    assert (app.query_params["dataset"], app.query_params["run"]) == ("first", RUN)


def test_a_learning_rate_finder_has_no_predictions_to_analyze(two, workspace):
    """The page of predictions says so of a finder's run, and the page that shows it does."""
    folder = workspace.run(RUN)
    config = json.loads((folder / events.CONFIG).read_text())
    (folder / events.CONFIG).write_text(json.dumps(config | {"kind": LR_FIND}))
    assert "is a learning-rate finder" in said(opened("analyze", dataset="first", run=RUN))
    assert opened("train", dataset="first", run=RUN).selectbox(key="chosen-run").value == RUN


def test_another_dataset_takes_its_run_along_and_leaves_the_old_one(two):
    """After another dataset is chosen the address never names the run of the one before."""
    app = opened("analyze", dataset="first", run=RUN)
    checked(app.button_group(key="analyze-split").set_value("test").run())
    checked(app.selectbox(key="dataset").set_value("second").run())
    assert app.query_params["split"] == "test"
    assert (app.query_params["dataset"], app.query_params["run"]) == ("second", OTHER)
    assert not app.warning


def test_the_open_tab_of_a_run_is_in_the_address(two):
    """A link to a tab opens it, and what is no tab opens the first."""
    app = opened("analyze", dataset="first", run=RUN, tab="non*sense")
    assert "There is no tab or section non*sense here" in said(app) and "Calibration" not in texts(app)
    app = opened("analyze", dataset="first", run=RUN, tab="All metrics")
    assert "Every metric on the same" in texts(app)
    assert "Every metric on the same" not in texts(opened("analyze", dataset="first", run=RUN))


@pytest.mark.parametrize("page", ["data", "train", "runs", "analyze", "predict"])
def test_a_damaged_run_is_said_with_a_way_on(two, workspace, page):
    """By its id alone no dataset is known; with one, that dataset is a click away where runs are shown."""
    (workspace.run(OTHER) / events.CONFIG).write_text("{")
    app = opened(page, run=OTHER)
    assert "is damaged" in app.error[0].value
    checked(app.button(key="missing-newest").click().run())
    assert app.selectbox(key="dataset").value == "second"
    if page not in ("data", "runs"):  # of which neither shows one run
        app = opened(page, dataset="first", run=OTHER)
        assert "is damaged" in app.error[0].value and not app.metric
        checked(app.button(key="missing-run").click().run())
        assert app.query_params["run"] == RUN


def test_what_a_run_says_of_itself_is_shown_as_it_is_written(two, workspace):
    """Its kind is a word from a file that anybody may have written: it is damage, and no picture is fetched for it."""
    path = workspace.run(OTHER) / events.CONFIG
    path.write_text(json.dumps(json.loads(path.read_text()) | {"kind": "![i](http://e.test/x.png)"}))
    app = opened("analyze", dataset="second", run=OTHER)
    (error,) = app.error
    assert "![i](http://e.test/x.png)" in re.sub(r"[\\\N{WORD JOINER}]", "", error.value) and "![i]" not in error.value


def test_a_damaged_run_is_marked_and_its_reason_stands_in_place_of_it(two, workspace, write_run, launched):
    """Its list says which one it is, the page why, and leads to another, shown as ever; and a training starts."""
    other = write_run(store.load(workspace, "second"), run=GONE).name
    (workspace.run(OTHER) / events.CONFIG).write_text("null")
    for page in ("train", "analyze", "predict"):
        app = opened(page, dataset="second", run=OTHER)
        chosen = app.selectbox(key="chosen-run")
        assert [option.startswith("⚠ damaged") for option in chosen.options] == [False, True]
        assert "config.json of this run is damaged (expected object, found null)" in app.error[0].value.replace(
            "\\", ""
        )
        assert len(app.error) == 1 and not (app.metric or app.tabs)
        checked(app.button(key="missing-whole").click().run())
        assert app.query_params["run"] == other and not app.error
    app = opened("train", dataset="second", run=OTHER)
    checked(app.button(key="train-start").click().run())
    assert len(launched) == 1


def test_a_damaged_dataset_is_marked_and_another_is_opened(two, workspace):
    """Whoever opens the app is shown a dataset that can be shown; the damaged one says why, and leads there."""
    (workspace.dataset("second") / store.HEAD).write_text("[]")
    assert opened("data").query_params["dataset"] == "first"
    app = opened("data", dataset="second")
    assert app.selectbox(key="dataset").options == ["first", "⚠ damaged · second"]
    assert "dataset.json: expected object, found []" in app.error[0].value.replace("\\", "")
    checked(app.button(key="missing-newest").click().run())
    assert app.query_params["dataset"] == "first" and not app.error
    (workspace.dataset("first") / store.TARGS).unlink()
    app = opened("data", dataset="second")
    assert app.selectbox(key="dataset").options == ["⚠ damaged · first", "⚠ damaged · second"]
    assert not app.button(key="add").disabled and "missing-newest" not in [one.key for one in app.button]


@pytest.mark.parametrize("blank", ["", " "])
def test_a_blank_name_names_nothing(two, blank):
    """The newest is shown, and an empty name is not said to be missing."""
    app = opened("analyze", dataset=blank, run=blank)
    assert not app.warning and app.selectbox(key="dataset").value == "second"


def test_a_run_is_not_said_to_be_of_a_dataset_that_it_is_not_of(two):
    """Of a dataset that is not there nothing is known, whatever run stands beside it."""
    assert "trained" not in said(opened("analyze", dataset="gone", run=RUN))


def _sections() -> None:
    """Draw a page of two tabs, the second with two sections."""
    import streamlit as st

    from lib.web.ui import address, lazy_tabs

    def says(title: str):
        return lambda: st.text(title)

    tabs = {"A": says("A"), "B *": {"C": says("C"), "D *": says("D")}}
    lazy_tabs.show(tabs, key="tabs", in_address=address.TAB)


@pytest.mark.parametrize(
    ("asked", "shown"), [(None, "A"), ("A", "A"), ("B *", "C"), ("C", "C"), ("D *", "D"), ("none", "A")]
)
def test_the_address_opens_a_tab_or_its_section(asked, shown):
    """The title of a tab opens its first section, the title of a section that one, another title the first tab."""
    app = AppTest.from_function(_sections)
    if asked is not None:
        app.query_params["tab"] = asked
    assert [one.value for one in app.run().text] == [shown]


def test_a_chosen_section_is_in_the_address():
    """The section that is chosen is drawn, and the address names it as it is in the data."""
    app = AppTest.from_function(_sections)
    app.query_params["tab"] = "B *"
    app.run().button_group[0].set_value("D \\*").run()
    assert [one.value for one in app.text] == ["D"]
    assert app.query_params["tab"] == "D *"


def _views() -> None:
    """Draw a page whose first tab has two sections."""
    import streamlit as st

    from lib.web.ui import lazy_tabs

    lazy_tabs.show({"B": {"C": lambda: st.text("C"), "D": lambda: st.text("D")}}, key="views", in_address="view")


def test_an_address_without_a_section_shows_the_first():
    """Going back from a section to an address that names none shows what it showed before."""
    app = AppTest.from_function(_views).run()
    app.button_group[0].set_value("D").run()
    assert [one.value for one in app.text] == ["D"]
    del app.query_params["view"]
    assert [one.value for one in app.run().text] == ["C"]


def test_thresholds_of_labels_do_not_go_to_a_run_with_other_labels(make_dataset, write_run):
    """A label's own threshold stands in the address by its place: another run's labels may stand in other places."""
    dataset = make_dataset("multi-label")
    write_run(dataset)
    folder = write_run(dataset, run=OTHER)
    manifest = json.loads((folder / events.MANIFEST).read_text())
    (folder / events.MANIFEST).write_text(json.dumps({**manifest, "names": [*reversed(dataset.names)]}))
    own = "-".join(f"{100 + 10 * place}" for place in range(len(dataset.names)))
    app = opened("analyze", dataset="made", run=RUN, threshs=own)
    assert "threshs" in app.query_params
    app.query_params["run"] = OTHER
    assert "threshs" not in checked(app.run()).query_params


def _choices() -> None:
    """Two buttons, each of which writes a choice of its own."""
    import streamlit as st

    from lib.web.ui import address

    address.catch_up()
    st.button("both", on_click=lambda: (address.write("one", "new"), address.write("two", "new")))
    st.button("back", on_click=lambda: address.write("one", "old"))
    st.text(str(st.query_params.to_dict()))


def test_an_act_with_an_address_from_before_the_last_act_loses_neither():
    """What was chosen last stays, and with it what another act chose, though the browser had heard of nothing yet."""
    app = AppTest.from_function(_choices)
    app.query_params["one"] = "old"
    app.run().button[0].click().run()
    for button in (app.button[1], app.button[0], app.button[1]):
        app.query_params = {"one": "old"}
        button.click().run()
    assert app.query_params == {"one": "old", "two": "new"}
    app.query_params = {"one": "old", "filter": "cat"}  # that a widget of Streamlit's wrote meanwhile
    assert app.run().text[0].value == "{'filter': 'cat', 'one': 'old', 'two': 'new'}"
    app.query_params = {"one": "other"}  # gone to
    assert app.run().text[0].value == "{'one': 'other'}"
    assert app.query_params == {"one": "other"}


def test_the_address_is_written_at_one_place():
    """Whatever writes it otherwise would not be known to have been written when the browser asks with an older one."""
    writes = re.compile(r"query_params(\[[^\]]+\] = |\.(pop|update|clear|from_dict|setdefault)\()|del st\.query_params")
    others = [*ROOT.glob("lib/web/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"]
    assert [str(path) for path in others if writes.search(path.read_text(encoding="utf-8"))] == [
        str(ROOT / "lib/web/ui/address.py")
    ]


def test_a_choice_in_the_address_is_of_one_widget():
    """Two pages that write one name there would show each the other's choice, and lose it where Back is pressed."""
    calls = [
        {word.arg: ast.unparse(word.value) for word in call.keywords if word.arg}
        for path in ROOT.glob("lib/web/ui/**/*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
    ]
    keys = [call["key"] for call in calls if call.get("bind") == "'query-params'"]
    assert len(keys) > 10 and len(keys) == len(set(keys))
