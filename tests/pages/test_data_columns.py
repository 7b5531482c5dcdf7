"""The editor of a table's columns, the dialog before an import, and what stands beside new images."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lib.datasets import store
from tests.pages.data_page import folder_chosen, opened, words

pytestmark = pytest.mark.usefixtures("answered_at_once")


@pytest.fixture
def people(tmp_path) -> Path:
    """Two pictures of each of ten people, and a table with columns that are no labels."""
    root = tmp_path / "people"
    root.mkdir()
    rows = ["file,cat,dog,age"]
    for person in range(10):
        for shot in range(2):
            Image.new("RGB", (40, 30), (person * 20, shot * 80, 90)).save(root / f"person_{person}_{shot}.png")
            rows.append(f"person_{person}_{shot}.png,{person % 2},{shot},{20 + person}")
    (root / "labels.csv").write_text("\n".join([*rows, "gone.png,1,0,30"]))
    return root


def _form(source: Path, button: str) -> AppTest:
    page = folder_chosen(opened(), source)
    page.button(key=button).click().run()
    assert not page.exception
    return page


def _roles(page: AppTest) -> dict[str, str]:
    return {
        one.label.removeprefix("Role of the column "): one.value for one in page.selectbox if "Role of" in one.label
    }


def _undo(page: AppTest) -> list:
    return [button for button in page.button if button.label == "Undo"]


def test_a_role_is_changed_kept_for_the_import_and_undone(workspace, people):
    """A changed role reads the data again, alone carries an Undo, and is what the import takes and records."""
    page = _form(people, "import_check")
    assert _roles(page) == {"file": "file", "cat": "01", "dog": "01", "age": "ignore"}
    assert not _undo(page)
    next(one for one in page.selectbox if one.label == "Role of the column dog").set_value("ignore").run()
    assert not page.exception and _roles(page)["dog"] == "ignore"
    (undo,) = _undo(page)
    undo.click().run()
    assert _roles(page)["dog"] == "01" and not _undo(page)
    next(one for one in page.selectbox if one.label == "Role of the column age").set_value("number").run()
    assert not page.exception and len(_undo(page)) == 1
    assert _roles(page) == {"file": "file", "cat": "ignore", "dog": "ignore", "age": "number"}
    page.button(key="fix-group-none").click().run()
    page.button(key="import_go_checked").click().run()
    assert not page.exception and not page.error
    dataset = store.load(workspace, "people")
    assert (dataset.task, dataset.names) == ("regression", ("age",))
    assert dataset.source["choices"]["column age"] == "number"


def test_a_role_that_leaves_nothing_to_read_can_be_taken_back(workspace, people):
    """A role with which the data cannot be read is a sentence with a way back."""
    page = _form(people, "import_check")
    next(one for one in page.selectbox if one.label == "Role of the column age").set_value("split").run()
    assert not page.exception and "age" in page.error[0].value
    page.button(key="undo-column age").click().run()
    assert not page.exception and not page.error and _roles(page)["age"] == "ignore"


def test_the_safe_answer_in_the_dialog_imports(workspace, people):
    """Import asks in a dialog; its first, primary button imports with each person in one split, the form is closed."""
    page = _form(people, "import_go")
    assert workspace.dataset_names() == []
    first, other = (button for button in page.button if button.key and button.key.startswith("ask-first-group"))
    assert first.label == "Keep each series in one split" and other.label == "Divide the images at random"
    first.click().run()
    assert not page.exception and not page.error
    dataset = store.load(workspace, "people")
    assert dataset.items.groupby("group")["split"].nunique().tolist() == [1] * 10
    assert page.session_state["add-open"] == ""
    text = words(page).replace("\\", "")
    assert "split by person (10 groups)" in text and "**20** images" in text
    assert page.button(key="arrived-train") and "gone.png" in text
    page.button(key="arrived-dismiss").click().run()
    assert not page.exception and not [button for button in page.button if button.key == "arrived-train"]
