"""Every edit can be seen and undone on the page, and an old training run is shown as it was."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from lib.core import people
from lib.core.dataset import Dataset
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.edits import Cell
from lib.datasets.edits.history import history, next_undo
from lib.datasets.journal import journal
from lib.web.server.routes import pictures_address
from tests.pages.conftest import RUN, checked, opened

NOTE = "<b>box</b> set on *a* :red[picture]"


@pytest.fixture
def edited(make_dataset) -> Dataset:
    """A dataset with an edit of a target and an excluded image."""
    dataset = make_dataset("multi-label")
    was = int(dataset.targs[0, 1])
    after = edits.set_targs(dataset, [Cell(0, 1, was, 1 - was)], note=NOTE)
    return edits.exclude(after, [1], note="Excluded: picture 1.png")


def _words(app: AppTest) -> str:
    return "\n".join(element.value for kind in (app.markdown, app.caption, app.info) for element in kind)


def test_edits_are_undone_and_made_again_from_the_page(edited, workspace):
    """Undo and Redo say how many edits there are and what they would do, letter for letter; both work."""
    app = opened("data")
    assert "2 edits since the import" in app.button(key="edits-undo").proto.help
    assert "31 / 10 / 6 (−1)" in _words(app) and "31 train / 10 valid / 6 test, 1 excluded" in _words(app)
    assert app.button(key="edits-redo").disabled
    checked(app.button(key="edits-undo").click().run())
    assert store.load(workspace, "made").included.tolist() == list(range(48))
    help = app.button(key="edits-undo").proto.help
    assert r"\<b\>box\</b\> set on \*a\* \:red\[picture\]" in help
    checked(app.button(key="edits-undo").click().run())
    assert app.button(key="edits-undo").disabled
    assert "As imported" in app.button(key="edits-redo").proto.help
    checked(app.button(key="edits-redo").click().run())
    assert store.load(workspace, "made").revision == history(edited)[0].revision


def test_without_an_edit_there_is_no_line(make_dataset):
    """A dataset as it was imported has no line, and its history says what would be in it."""
    make_dataset("multi-label")
    app = opened("data", view="History")
    assert not [button.key for button in app.button if str(button.key).startswith("edits-")]
    assert "No edit yet" in _words(app)


def test_history_names_runs_and_goes_back(edited, workspace, write_run, monkeypatch):
    """Every edit is listed with the runs that saw its state; going back is one edit more, with the name of who did."""
    write_run(store.load(workspace, "made", edited.base))
    app = opened("data", view="History")
    table = app.dataframe[0].value
    assert table["what"].tolist() == ["Excluded: picture 1.png", NOTE, "Imported"]
    assert table["trained on it"].map(list).tolist() == [[], [], [RUN]]
    assert "user" not in table
    monkeypatch.setattr(people, "_ask", lambda: "ann")
    app = checked(app.button(key="edits-restore").click().run())
    assert app.dataframe[0].value["user"].tolist() == ["ann", "", "", ""]
    assert "Logged in as ann" in _words(app)
    now = store.load(workspace, "made")
    assert now.revision == edited.base
    assert next_undo(now) == "Back to the import"


def test_undo_of_what_another_one_edited_since_is_refused(edited, workspace):
    """A click on a page that is out of date undoes nothing and says why."""
    app = opened("data")
    later = edits.exclude(store.load(workspace, "made"), [5], note="another")
    checked(app.button(key="edits-undo").click().run())
    assert "Somebody else edited made meanwhile" in app.error[0].value
    assert store.load(workspace, "made").revision == later.revision


def test_a_damaged_journal_is_a_sentence(edited):
    """A journal that cannot be read is named on the page, without a traceback."""
    path = edited.path / journal.FILE
    path.write_bytes(path.read_bytes().replace(b'{"kind"', b"[", 1))
    assert "damaged" in opened("data").error[0].value


@pytest.mark.parametrize("page", ["analyze", "train"])
def test_an_old_run_is_shown_as_it_was(make_dataset, write_run, workspace, page):
    """After edits a run keeps its pictures and targets, with a line that says so."""
    dataset = make_dataset("multi-label")
    write_run(dataset, previews=True)
    edits.exclude(dataset, [33], note="out")
    app = opened(page)
    assert "was edited since this training" in _words(app)
    sent = [json.loads(part.proto.json) for part in app.get("bidi_component") if part.proto.json]
    sent += [one["beside"]["gallery"] for one in sent if "beside" in one]  # of the lab, beside its chart
    galleries = [one for one in sent if "cards" in one or "frames" in one]
    assert galleries
    assert {one["pictures"] for one in galleries} == {pictures_address(dataset.name, dataset.base)}
    assert not app.warning


def test_changes_are_shown_between_two_revisions(edited, workspace):
    """The changed images, counts and tables are those of the import against now, or of what the address names."""
    app = opened("data", view="Changes")
    assert r"1 image removed and 1 label of 1 image \(1 changed\)" in _words(app)
    changes = app.dataframe[2].value
    assert changes["row"].tolist() == [0, 1] and changes["after"].tolist()[1] == "excluded"
    app.selectbox(key="changes-before").set_value(history(edited)[0].revision)
    checked(app.run())
    assert app.query_params["before"] == history(edited)[0].revision
    assert "**1 image removed" in _words(app)
    app = opened("data", view="Changes", before="0123456789ab")
    assert "cannot be shown at revision 0123456789ab" in app.warning[0].value
