"""A check and an import of data: asked once, followed, stopped, refused, and their questions answered."""

from __future__ import annotations

import pytest
from PIL import Image

from lib.core import processes
from lib.core.questions import serve
from lib.datasets import store
from lib.importing.questions import ask
from lib.importing.questions import worker as importing
from tests.pages.conftest import ROOT
from tests.pages.data_page import brought, folder_chosen, opened, pictures, words, zipped

pytestmark = pytest.mark.usefixtures("answered_at_once")


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
    page = folder_chosen(opened(), source, "pets")
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


def test_check_writes_nothing_and_import_uses_the_options(workspace, tmp_path):
    """The dry run says what was understood without writing; the import then follows name and fraction."""
    source = pictures(tmp_path / "source", ["cat", "dog", "emu"], each=6)
    page = folder_chosen(opened(), source, "pets")
    page.number_input(key="import_valid").set_value(0.5).run()
    page.button(key="import_check").click().run()
    assert not page.exception
    assert {part.label: part.value for part in page.metric}["Images"] == "18"
    assert workspace.dataset_names() == []
    page.button(key="import_go").click().run()
    assert not page.exception
    assert store.load(workspace, "pets").splits() == {"train": 9, "valid": 9}


def test_an_answer_is_one_click_and_can_be_taken_back(workspace, tmp_path):
    """A question has a button that reads the source that way at once; the import then follows the answer."""
    source = tmp_path / "points"
    source.mkdir()
    for row in range(8):
        Image.new("RGB", (40, 20), (row * 30, 0, 0)).save(source / f"{row}.png")
    rows = "".join(f"{row}.png,0.5,{row / 10}\n" for row in range(8))
    (source / "points.csv").write_text("file,eye_x,eye_y\n" + rows)
    page = folder_chosen(opened(), source)
    page.button(key="import_check").click().run()
    assert not page.exception
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
    page = folder_chosen(opened(), source)
    page.button(key="import_go").click().run()
    assert not page.exception
    assert "empty cell" in page.error[0].value and workspace.dataset_names() == []
    page.button(key="fix-empty-absent").click().run()
    assert not page.error
    page.button(key="import_go_checked").click().run()
    assert not page.exception
    assert store.load(workspace, "pets").targs.sum() == 4
