"""How data comes onto the page: samples, uploads, folders, questions and their answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lib.core import processes
from lib.core.questions import serve
from lib.datasets import store
from lib.importing import samples, uploads
from lib.importing.questions import ask
from lib.importing.questions import worker as importing
from lib.web.ui import guard
from lib.web.ui.data import add
from tests.pages import test_data_page
from tests.pages.conftest import ROOT
from tests.pages.test_data_page import brought, opened, pictures, words, zipped

workspace = test_data_page.workspace
saved = test_data_page.saved
targs = test_data_page.targs
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


def test_a_redraw_loses_no_import_and_no_check_and_asks_once(workspace, tmp_path, answered_at_once):
    """What was clicked is asked once, however often the page is drawn anew, and stays in sight."""
    page = brought(opened(), workspace, "pets.zip", zipped(pictures(tmp_path / "source", ["cat", "dog"])))
    page.button(key="import_check").click().run()
    assert "Format:" in words(page)
    page.run()
    assert "Format:" in words(page)
    page.button(key="import_go_checked").click().run()
    assert not page.exception and not page.error
    assert workspace.dataset_names() == ["pets"]
    page.run()
    assert answered_at_once == ["check", "import"]


def test_a_check_goes_on_without_the_page_and_is_found_again(workspace, tmp_path, monkeypatch, answered_at_once):
    """A page that was left or loaded anew shows the form as it was and how far the check is, then what it found."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)  # nobody answers yet
    source = pictures(tmp_path / "source", ["cat", "dog"])
    page = opened()
    page.segmented_control(key="import_from").set_value("Folder or zip on this computer").run()
    page.text_input(key="import_path").set_value(str(source)).run()
    page.text_input(key="import_name").set_value("pets").run()
    page.number_input(key="import_seed").set_value(7).run()
    page.button(key="import_check").click().run()
    (question,) = ask.asked(workspace, ask.CHECK)
    page.switch_page(str(ROOT / "pages/train.py")).run()
    page.switch_page(str(ROOT / "pages/data.py")).run()
    again = opened(**{"import": question.id})
    for one in (page, again):
        assert not one.exception
        assert one.text_input(key="import_path").value == str(source)
        assert (one.text_input(key="import_name").value, one.number_input(key="import_seed").value) == ("pets", 7)
        assert any(button.label == "Cancel" for button in one.button)
    serve.Worker.answer(importing.Worker(question.place), question)
    for one in (page, again):
        assert "Format:" in words(one.run())
        assert not any(button.label == "Cancel" for button in one.button)
    page.text_input(key="import_name").set_value("others").run()
    assert "Format:" not in words(page)  # it was checked under another name


@pytest.mark.parametrize("ends", ["check", "import"])
def test_what_is_stopped_is_gone(workspace, tmp_path, monkeypatch, ends):
    """One button withdraws a check or an import, and the form can ask again."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    page = brought(opened(), workspace, "pets.zip", zipped(pictures(tmp_path / "source", ["cat", "dog"])))
    page.button(key={"check": "import_check", "import": "import_go"}[ends]).click().run()
    (question,) = ask.asked(workspace, ends)
    next(one for one in page.button if one.label == {"check": "Cancel", "import": "Stop"}[ends]).click().run()
    assert not page.exception and not page.error
    assert not ask.asked(workspace, ends) and not question.is_wanted
    assert not page.button(key="import_go").disabled


def test_an_import_that_crashed_is_said(workspace, tmp_path, monkeypatch):
    """A process that is gone is one sentence, with its log, until it is dismissed or asked again."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    page = brought(opened(), workspace, "pets.zip", zipped(pictures(tmp_path / "source", ["cat", "dog"])))
    page.button(key="import_go").click().run()
    (question,) = ask.asked(workspace, ask.IMPORT)
    question.tell(0, 1)  # as a process that holds no lock any more
    page.run()
    errors = [error.value.replace("\\", "") for error in page.error]
    assert len(errors) == 1 and "import of pets.zip crashed" in errors[0] and "worker.log" in errors[0]
    fresh = opened()  # another visit, which did not ask
    assert len(fresh.error) == 1
    next(one for one in fresh.button if one.label == "Dismiss").click().run()
    assert not fresh.error and not page.run().error


def test_an_import_that_is_refused_is_not_tried_again(workspace, answered_at_once):
    """A refusal ends what the click asked for: it stays in sight, and the next redraw does not begin anew."""
    page = brought(opened(), workspace, "pictures.zip", b"PK\x03\x04 this is no archive")
    page.button(key="import_go").click().run()
    assert page.error
    page.run()
    assert page.error and answered_at_once == ["import"]
    page.text_input(key="import_name").set_value("other").run()
    assert not page.error


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


def test_check_writes_nothing_and_import_uses_the_options(workspace, tmp_path):
    """The dry run says what was understood without writing; the import then follows name and fraction."""
    source = pictures(tmp_path / "source", ["cat", "dog", "emu"], each=6)
    page = opened()
    page.segmented_control(key="import_from").set_value("Folder or zip on this computer").run()
    page.text_input(key="import_path").set_value(str(source)).run()
    page.text_input(key="import_name").set_value("pets").run()
    page.number_input(key="import_valid").set_value(0.5).run()
    page.button(key="import_check").click().run()
    assert not page.exception
    assert {part.label: part.value for part in page.metric}["Images"] == "18"
    assert workspace.dataset_names() == []
    page.button(key="import_go").click().run()
    assert not page.exception
    assert store.load(workspace, "pets").splits() == {"train": 9, "valid": 9}


def _checked(source: Path) -> AppTest:
    """Return the page after a dry run of ``source``."""
    page = opened()
    page.segmented_control(key="import_from").set_value("Folder or zip on this computer").run()
    page.text_input(key="import_path").set_value(str(source)).run()
    page.button(key="import_check").click().run()
    assert not page.exception
    return page


def test_an_answer_is_one_click_and_can_be_taken_back(workspace, tmp_path):
    """A question has a button that reads the source that way at once; the import then follows the answer."""
    source = tmp_path / "points"
    source.mkdir()
    for row in range(8):
        Image.new("RGB", (40, 20), (row * 30, 0, 0)).save(source / f"{row}.png")
    rows = "".join(f"{row}.png,0.5,{row / 10}\n" for row in range(8))
    (source / "points.csv").write_text("file,eye_x,eye_y\n" + rows)
    page = _checked(source)
    assert "8 images have keypoints relative to the image size" in words(page)
    assert "eye (20, 0)" in page.get("bidi_component")[-1].proto.json
    page.button(key="fix-points-pixels").click().run()
    assert not page.exception
    assert "parts of the image" not in words(page) and "Read them as pixels" in words(page)
    page.button(key="undo-points").click().run()
    assert "8 images have keypoints relative to the image size" in words(page)
    page.button(key="fix-points-pixels").click().run()
    page.button(key="import_go_checked").click().run()
    assert not page.exception
    assert (store.load(workspace, "points").targs[:, 0, 0] == 0.5).all()
    assert "Answers: points=pixels" in words(opened(view="Import")).replace("\\", "")


def test_a_question_that_stops_the_import_is_asked(workspace, tmp_path):
    """An import that cannot be sure asks on the page, and goes on with the answer."""
    source = pictures(tmp_path / "pets", ["images"])
    rows = "".join(f"images{row}.png,{'1,' if row % 2 else ',1'}\n" for row in range(4))
    (source / "labels.csv").write_text("file,cat,dog\n" + rows)
    page = opened()
    page.segmented_control(key="import_from").set_value("Folder or zip on this computer").run()
    page.text_input(key="import_path").set_value(str(source)).run()
    page.button(key="import_go").click().run()
    assert not page.exception
    assert "empty cell" in page.error[0].value and workspace.dataset_names() == []
    page.button(key="fix-empty-absent").click().run()
    assert not page.error
    page.button(key="import_go_checked").click().run()
    assert not page.exception
    assert store.load(workspace, "pets").targs.sum() == 4


@pytest.mark.parametrize("copied", [False, True])
def test_a_folder_of_ones_own_is_used_where_it_is(workspace, tmp_path, monkeypatch, copied):
    """Below the home pictures stay where they are, unless a copy is asked for; below no root nothing is read."""
    monkeypatch.setenv("HOME", str(tmp_path))
    source = pictures(tmp_path / "pets", ["cat", "dog"], each=4)
    page = _checked(source)
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
    page.segmented_control(key="import_from").set_value("Folder or zip on this computer").run()
    page.text_input(key="import_path").set_value(str(source)).run()
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
    page.segmented_control(key="import_from").set_value("Folder or zip on this computer").run()
    page.text_input(key="import_path").set_value(str(source)).run()
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
    page.segmented_control(key="import_from").set_value("Folder or zip on this computer").run()
    page.text_input(key="import_path").set_value(str(pictures(tmp_path / "mine", ["a", "b"]))).run()
    page.button(key="import_go").click().run()
    assert not page.exception
    assert "mine" in page.error[0].value
    assert store.load(saved, "mine").revision == before
