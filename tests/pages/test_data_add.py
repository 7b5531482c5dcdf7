"""How data comes onto the page: samples, uploads and folders, from any page."""

from __future__ import annotations

import pytest
from PIL import Image

from lib.datasets import store
from lib.importing import samples, uploads
from lib.importing.questions import ask
from lib.web.ui import guard
from lib.web.ui.data import add
from tests.pages import data_page
from tests.pages.conftest import ROOT
from tests.pages.data_page import brought, folder_chosen, opened, pictures, words, zipped

saved, targs = data_page.saved, data_page.targs
pytestmark = pytest.mark.usefixtures("answered_at_once")


def test_empty_workspace_offers_every_sample(workspace):
    """A first visitor sees the next step, with a button for it, and no error."""
    page = opened()
    assert not page.exception
    assert not page.error
    assert page.title[0].value
    for name, sample in samples.SAMPLES.items():
        assert page.button(key=f"sample-{name}").label == "Add sample"
        assert sample.title in words(page)
        assert any(f'alt="Pictures of {sample.title}"' in part.proto.body for part in page.get("html"))


def test_one_that_arrives_while_the_page_is_drawn_shows_no_form_twice(workspace, make_dataset, monkeypatch):
    """An import that ends after the page saw no dataset, and before its end, breaks nothing: the next run shows it."""
    show = add.fastai.show

    def arrives(workspace):
        show(workspace)
        if not workspace.dataset_names():
            make_dataset("multi-label")

    monkeypatch.setattr(add.fastai, "show", arrives)
    page = opened()
    assert workspace.dataset_names() == ["made"]
    assert not page.exception
    page.run()
    assert not page.exception
    assert page.selectbox(key="dataset").options == ["made"]


def test_sample_button_adds_and_chooses_it(workspace, monkeypatch):
    """One click takes a first visitor to a dataset that is chosen and shown."""
    monkeypatch.setattr(samples, "IMAGES", 40)
    monkeypatch.setattr(samples, "_TEST", 4)
    page = opened()
    page.button(key="sample-clocks").click().run()
    assert not page.exception
    assert workspace.dataset_names() == ["clocks"]
    assert page.selectbox(key="dataset").value == "clocks"
    assert "**40** images" in words(page)


def test_bad_zip_is_one_sentence(workspace):
    """What is no zip is answered with a sentence on the page, no traceback, and leaves nothing behind."""
    page = brought(opened(), workspace, "pictures.zip", b"PK\x03\x04 this is no archive")
    page.button(key="import_go").click().run()
    assert not page.exception
    assert [part.value for part in page.error] and "zip" in page.error[0].value
    assert workspace.dataset_names() == []
    assert {path.name for path in workspace.root.iterdir()} == {
        ask.FOLDER,
        uploads.FOLDER,
    }  # kept, for other options may help


def test_uploaded_zip_is_imported_under_its_name(workspace, tmp_path):
    """An upload becomes a dataset named after the file, chosen at once."""
    page = brought(opened(), workspace, "My pets.zip", zipped(pictures(tmp_path / "source", ["cat", "dog"])))
    page.button(key="import_go").click().run()
    assert not page.exception
    assert not page.error
    assert page.selectbox(key="dataset").value == "My-pets"
    assert store.load(workspace, "My-pets").names == ("cat", "dog")
    assert not any((workspace.root / uploads.FOLDER).iterdir())


def test_a_wrong_upload_limit_is_one_sentence(workspace, monkeypatch):
    """A setting that is no number is said in words, and everything else on the page still works."""
    monkeypatch.setenv(uploads.VARIABLE, "plenty")
    page = opened()
    assert not page.exception
    assert uploads.VARIABLE in guard.escape(page.error[0].value).replace("\\", "")
    assert page.button(key="import_go").disabled


@pytest.mark.parametrize("upload", [None, "0" * 32, "../../secret", 7, ["a"], {"id": "x"}])
def test_an_upload_that_is_none_is_none(workspace, upload):
    """Whatever the browser says of an upload, only one that has arrived can be imported."""
    page = opened()
    page.session_state["import_zip"] = {"done": upload}
    page.run()
    assert not page.exception
    assert page.button(key="import_go").disabled


@pytest.mark.parametrize("copied", [False, True])
def test_a_folder_of_ones_own_is_used_where_it_is(workspace, tmp_path, monkeypatch, copied):
    """Below the home pictures stay where they are, unless a copy is asked for; below no root nothing is read."""
    monkeypatch.setenv("HOME", str(tmp_path))
    source = pictures(tmp_path / "pets", ["cat", "dog"], each=4)
    page = folder_chosen(opened(), source)
    page.button(key="import_check").click().run()
    assert not page.exception
    page.checkbox(key="import_copy").set_value(copied).run()
    page.button(key="import_go").click().run()
    assert not page.exception
    dataset = store.load(workspace, "pets")
    assert dataset.root == (None if copied else source.resolve())
    assert dataset.image_path(0).is_relative_to(dataset.path if copied else source)
    page = opened(view="Import")
    kept = [code.value for code in page.code]
    assert kept[-1] == str(dataset.path) and (str(source.resolve()) in kept) is not copied
    monkeypatch.setenv("MANYHOT_ROOTS", str(tmp_path / "elsewhere"))
    page = opened()
    page.button(key="add").click().run()
    folder_chosen(page, source)
    assert "may not be read from this page" in page.error[0].value
    assert page.button(key="import_check").disabled and page.button(key="import_go").disabled


def test_data_is_added_over_any_page(saved, tmp_path):
    """Whoever trains stays there with what came in chosen, asked what the import has to know, and led to the images."""
    source = tmp_path / "people"
    source.mkdir()
    rows = ["file,cat,dog"]
    for person in range(10):
        for shot in range(2):
            Image.new("RGB", (40, 30), (person * 20, shot * 80, 90)).save(source / f"person_{person}_{shot}.png")
            rows.append(f"person_{person}_{shot}.png,{person % 2},{shot}")
    (source / "labels.csv").write_text("\n".join(rows))
    page = opened().switch_page(str(ROOT / "pages/train.py")).run()
    page.button(key="add").click().run()
    folder_chosen(page, source)
    page.button(key="import_go").click().run()
    first, _ = (button for button in page.button if str(button.key).startswith("ask-first-group"))
    first.click().run()
    assert not page.exception and not page.error
    assert page.selectbox(key="dataset").value == "people" and page.button(key="train-start")
    assert "**Added.** Next:" in words(page) and "See the images" in [
        link.proto.label for link in page.get("page_link")
    ]
    assert not any(one.key == "import_from" for one in page.segmented_control)
    page.button(key="arrived-dismiss").click().run()
    assert "**Added.**" not in words(page)


def test_the_form_over_a_page_closes_with_it(saved, workspace, tmp_path):
    """What was uploaded is still in the form that is opened again, on another page too; no page opens it unasked."""
    page = opened()
    page.button(key="add").click().run()
    page = brought(page, workspace, "pets.zip", zipped(pictures(tmp_path / "source", ["cat", "dog"])))
    assert not page.button(key="import_go").disabled
    for name in ("train", "data"):
        page.switch_page(str(ROOT / f"pages/{name}.py")).run()
        assert not any(one.key == "import_go" for one in page.button)
        page.button(key="add").click().run()
        assert not page.button(key="import_go").disabled
    page.button(key="import_go").click().run()
    assert not page.exception and page.selectbox(key="dataset").value == "pets"


def test_name_that_is_taken_is_one_sentence(saved, tmp_path):
    """A second dataset of the same name is refused with a sentence and the first stays."""
    before = store.load(saved, "mine").revision
    page = opened()
    page.button(key="add").click().run()
    folder_chosen(page, pictures(tmp_path / "mine", ["a", "b"]))
    page.button(key="import_go").click().run()
    assert not page.exception
    assert "mine" in page.error[0].value
    assert store.load(saved, "mine").revision == before
