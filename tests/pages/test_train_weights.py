"""The Train page accepts a weights file, and says what to do where weights are not available."""

from __future__ import annotations

import zipfile

import pytest
from safetensors.numpy import save

from lib.core import processes
from lib.core.questions import json_answers, requests
from lib.training import architectures, events, weights_questions
from tests.pages import uploaded_weights
from tests.pages.conftest import ROOT, checked, opened, texts
from tests.pages.train_form import by_the_book, choose, click_train, unfolded
from tests.pages.uploaded_weights import answer, archive, buttons, field, fits, refused, uploaded, weights_path

unanswered = uploaded_weights.unanswered
_CHECK_HOST = architectures.check_host


@pytest.fixture
def offline(monkeypatch, tmp_path) -> None:
    """No weights were downloaded, and no host answers: the real question, to a port at which nobody listens."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(architectures, "_TORCHVISION_HOST", "http://127.0.0.1:9/")
    monkeypatch.setattr(architectures, "check_host", _CHECK_HOST)


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(("way", "taken"), [("Train lite0", ("lite0", True)), ("from scratch", ("small", False))])
def test_pretrained_without_network_offers_ways_out(make_dataset, launched, way, taken):
    """The network whose weights are here is chosen before a click and says why; who insists is offered ways out."""
    make_dataset("multi-label")
    app = by_the_book(opened("train"))
    for _ in range(100):  # until the host is known not to answer: the page itself looks every 0.3 s
        if "could not be downloaded: lite0 is chosen, whose weights are here" in texts(app):
            break
        checked(app.run())
    assert next(box.value for box in app.selectbox if str(box.key).startswith("arch-")) == "lite0"
    checked(next(button for button in app.button if button.label == "Choose resnet18").click().run())
    assert "The weights of resnet18 are not on this machine and could not be downloaded." in texts(app)
    app = click_train(app)
    assert "train from scratch" in app.error[0].value
    assert "weights file" in app.error[0].value
    assert "could not be reached from this machine: train lite0" in app.error[0].value.replace("\\", "")
    assert not launched
    ways = [button.label for button in app.button if "instead" in button.label]
    assert ways == ["Train lite0 instead, whose weights are here", "Train small from scratch instead"]
    checked(next(button for button in app.button if f"{way} instead" in button.label).click().run())
    config = events.read_config(launched[0])
    assert (config.arch, config.pretrained) == taken


@pytest.mark.usefixtures("unanswered")
def test_an_uploaded_weights_file_is_what_is_trained_from(make_dataset, launched, workspace, monkeypatch):
    """It is kept by its digest, described beside its path, and Train starts with it; another network is warned of."""
    make_dataset("multi-label")
    content, app = archive(), choose(opened("train"), arch="lite0")
    uploaded(app, workspace, content, "0")
    click_train(app)  # while the page does not know yet
    assert "is still being checked" in app.error[0].value and not launched
    answer(workspace, monkeypatch, fits)
    path = weights_path(workspace, content)
    app = checked(app.run())
    assert path.read_bytes() == content
    assert field(app).value == str(path)
    assert any("7 tensors. It fits lite0" in caption.value for caption in app.caption)
    click_train(app)
    config = events.read_config(launched[0])
    assert (config.arch, config.pretrained, config.weights) == ("lite0", True, str(path))
    app = checked(choose(unfolded(app), arch="resnet18"))
    assert len(buttons(app, "Cancel")) == 1 and not app.warning  # it is being found out
    answer(workspace, monkeypatch, fits)
    app = checked(app.run())
    assert any("does not fit resnet18" in warning.value for warning in app.warning)


@pytest.mark.usefixtures("unanswered")
def test_an_upload_that_is_no_weights_file_is_one_sentence(make_dataset, launched, workspace, monkeypatch):
    """What cannot be read is said, not kept, not trained with or without, and gone from the field once dismissed."""
    make_dataset("multi-label")
    app = uploaded(unfolded(opened("train")), workspace, b"PK\x03\x04" + bytes(96), "0", "a.pth")
    answer(workspace, monkeypatch, refused)
    app = checked(app.run())
    assert "cannot be read" in app.error[0].value
    assert [path.name for path in (workspace.root / "weights").iterdir()] == [requests.FOLDER]
    click_train(app)
    assert not launched and any("dismiss it, or upload another" in one.value for one in app.error)
    (question,) = weights_questions.uploads(workspace)
    checked(buttons(app, "Dismiss")[0].click().run())
    assert not app.error and not field(app).value and not list(question.path("").parent.glob(f"{question.id}*"))


@pytest.mark.usefixtures("unanswered")
def test_an_upload_is_followed_from_any_visit_until_it_is_there(make_dataset, workspace, monkeypatch):
    """It says what it waits for and what is done; a page loaded anew goes on, another visitor is asked first."""
    make_dataset("multi-label")
    content = archive()
    app = uploaded(unfolded(opened("train")), workspace, content, "0")
    (question,) = weights_questions.uploads(workspace)
    shown = lambda page: [bar.proto.text.replace("\\", "") for bar in page.get("progress")]  # noqa: E731
    assert shown(app) == ["my [net].pth · Starting …"]
    question.tell(0, 0, text="Reading")
    with processes.alive_lock(question.path("").parent):
        assert shown(checked(app.run())) == ["my [net].pth · Reading …"]
        again = unfolded(opened("train", weights=app.query_params["weights"]))
        assert shown(again) == ["my [net].pth · Reading …"]
        checked(again.switch_page(str(ROOT / "pages/data.py")).run())
        assert shown(checked(again.switch_page(str(ROOT / "pages/train.py")).run())) == ["my [net].pth · Reading …"]
    answer(workspace, monkeypatch, fits)
    other = unfolded(opened("train"))
    assert not field(other).value and len(buttons(other, "Use")) == 1
    checked(choose(again, pretrained=False))
    assert any("choose a pretrained architecture" in caption.value for caption in again.caption)
    checked(choose(again, pretrained=True))
    assert field(again).value == str(weights_path(workspace, content)) and "weights" not in again.query_params
    assert not weights_questions.uploads(workspace)


@pytest.mark.usefixtures("unanswered")
def test_finding_out_whether_a_file_fits_can_be_canceled(make_dataset, workspace, monkeypatch):
    """It is then not asked again unless a button says so; a failure is said, with a button too."""
    make_dataset("multi-label")
    app = uploaded(choose(opened("train"), arch="lite0"), workspace, archive(), "0")
    answer(workspace, monkeypatch, fits)
    app = checked(choose(checked(app.run()), arch="resnet34"))
    checked(buttons(app, "Cancel")[0].click().run())
    checked(app.run())
    assert not buttons(app, "Cancel") and any("It was not checked" in caption.value for caption in app.caption)
    checked(buttons(app, "Check")[0].click().run())
    answer(workspace, monkeypatch, refused)
    assert "cannot be read" in checked(app.run()).error[0].value
    checked(buttons(app, "Try again")[0].click().run())
    answer(workspace, monkeypatch, fits)
    assert any("It fits resnet34" in caption.value for caption in checked(app.run()).caption)


def test_a_wrong_weights_path_is_said_below_its_field(make_dataset, launched, tmp_path):
    """What is no file, a folder, or another kind of file is one sentence at once; a file that may fit is none."""
    make_dataset("multi-label")
    (tmp_path / "notes.txt").touch()
    (tmp_path / "cut.pth").write_bytes(b"x")
    with zipfile.ZipFile(tmp_path / "kept.pth", "w") as kept:
        kept.writestr("kept/data.pkl", b".")
    app = unfolded(opened("train"))
    told = {"gone.pth": "gone.pth", "": "is a folder", "notes.txt": "notes.txt", "cut.pth": "damaged", "kept.pth": ""}
    for path, words in told.items():
        checked(field(app).set_value(f"{tmp_path}/{path}").run())
        warnings = [warning.value.replace("\\", "") for warning in app.warning]
        assert len(warnings) == bool(words), path
        assert words in "".join(warnings)


@pytest.mark.usefixtures("unanswered")
def test_an_upload_stays_with_its_dataset_and_with_every_recipe(make_dataset, launched, workspace, monkeypatch):
    """Another dataset, chosen meanwhile, does not get it; back at its own it is there, by the book's recipe too."""
    make_dataset("multi-label")
    make_dataset("multi-label", name="other")
    app = uploaded(choose(opened("train", dataset="made"), arch="lite0"), workspace, archive(), "0")
    checked(app.selectbox(key="dataset").set_value("other").run())
    answer(workspace, monkeypatch, fits)
    assert not field(choose(checked(app.run()), arch="lite0")).value and "weights" not in app.query_params
    checked(app.selectbox(key="dataset").set_value("made").run())
    kept = str(weights_path(workspace, archive()))
    assert field(checked(app.run())).value == kept
    assert field(choose(by_the_book(app), arch="lite0", pretrained=True)).value == kept
    click_train(app)
    assert [events.read_config(folder).weights for folder in launched] == [kept]


@pytest.mark.usefixtures("unanswered")
def test_a_damaged_answer_is_said_and_nothing_outside_is_named(make_dataset, launched, workspace, monkeypatch):
    """Before anything starts; and whatever the answer says, the path is one of the folder of weights."""
    make_dataset("multi-label")
    app = uploaded(choose(opened("train"), arch="lite0"), workspace, archive(), "0")
    (question,) = weights_questions.uploads(workspace)
    question.path(requests.ANSWER).write_bytes(b"{")
    app = checked(app.run())
    assert "cannot be read" in app.error[0].value
    click_train(app)
    assert not launched and any("has just been checked" in one.value for one in app.error)
    outside = json_answers.pack({"file": "../../x.pth", "misfits": {}})
    question.path(requests.ANSWER).write_bytes(save(outside))
    assert field(checked(app.run())).value == str(workspace.root / "weights" / "x.pth")


@pytest.mark.usefixtures("unanswered")
def test_a_path_too_long_is_said_below_its_field(make_dataset):
    """The rest of the page is drawn all the same."""
    make_dataset("multi-label")
    app = choose(opened("train"), arch="lite0")
    field(app).set_value("/" + "x" * 300)
    assert "is no path" in checked(app.run()).warning[0].value and buttons(app, "Train")
