"""The Train page accepts a weights file, and says what to do where weights are not available."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from safetensors.numpy import save

from lib.core import processes
from lib.core.errors import UserError
from lib.core.questions import json_answers, requests, serve
from lib.core.workspace import Workspace
from lib.importing import uploads
from lib.training import architectures, events, weights_questions, weights_worker
from lib.training.weights_questions import WeightsFolder
from tests.pages.conftest import ROOT, checked, opened, texts
from tests.pages.train_form import by_the_book, choose, click_train, unfolded

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


@pytest.fixture
def unanswered(monkeypatch) -> None:
    """No process that looks into weights files is started."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)


def arrive(app, workspace: Workspace, content: bytes, upload: str, name: str = "my [net].pth"):
    """Let a file arrive as the browser sends it, and draw the page until it is put."""
    upload = uploads.begin(workspace, upload * 32, name, len(content))
    upload.append(content)
    upload.finish()
    app.session_state["weights_upload"] = {"done": upload.folder.name}
    checked(app.run())
    assert not upload.folder.exists()
    return app


def archive(word: bytes = b"") -> bytes:
    """Return a file as torch writes it, which is an archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as whole:
        whole.writestr(zipfile.ZipInfo("archive/data.pkl"), bytes(100) + word)  # without the time
    return content.getvalue()


def kept_as(workspace: Workspace, content: bytes) -> Path:
    return workspace.root / "weights" / f"{hashlib.sha256(content).hexdigest()}.pth"


def answer(workspace: Workspace, monkeypatch, look) -> None:
    """Have all questions about weights files answered, with ``look`` in the place of torch's reading."""
    monkeypatch.setattr(weights_worker, "_look_into", look)
    worker = weights_worker.Worker(WeightsFolder.of(workspace))
    while (question := requests.first_waiting(worker.place, worker.kind)) is not None:
        serve.Worker.answer(worker, question)


def fits(_file, archs, _tell) -> tuple[int, dict[str, str]]:
    return 7, {arch: "The weights file does not fit resnet18" if arch == "resnet18" else "" for arch in archs}


def refused(*_) -> None:
    raise UserError("The weights file a.pth cannot be read: choose another file.")


def field(app) -> str:
    """Return what stands in the field of the path."""
    return next(one.value for one in app.text_input if str(one.key).startswith("weights-"))


def buttons(app, label: str) -> list:
    return [one for one in app.button if one.label == label]


@pytest.mark.usefixtures("unanswered")
def test_an_uploaded_weights_file_is_what_is_trained_from(make_dataset, launched, workspace, monkeypatch):
    """It is kept by its digest, described beside its path, and Train starts with it; another network is warned of."""
    make_dataset("multi-label")
    content, app = archive(), choose(opened("train"), arch="lite0")
    arrive(app, workspace, content, "0")
    click_train(app)  # while the page does not know yet
    assert "is still being checked" in app.error[0].value and not launched
    answer(workspace, monkeypatch, fits)
    path = kept_as(workspace, content)
    app = checked(app.run())
    assert path.read_bytes() == content
    assert field(app) == str(path)
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
    app = arrive(unfolded(opened("train")), workspace, b"PK\x03\x04" + bytes(96), "0", "a.pth")
    answer(workspace, monkeypatch, refused)
    app = checked(app.run())
    assert "cannot be read" in app.error[0].value
    assert [path.name for path in (workspace.root / "weights").iterdir()] == [requests.FOLDER]
    click_train(app)
    assert not launched and any("dismiss it, or upload another" in one.value for one in app.error)
    (question,) = weights_questions.uploads(workspace)
    checked(buttons(app, "Dismiss")[0].click().run())
    assert not app.error and not field(app) and not list(question.path("").parent.glob(f"{question.id}*"))


@pytest.mark.usefixtures("unanswered")
def test_an_upload_is_followed_from_any_visit_until_it_is_there(make_dataset, workspace, monkeypatch):
    """It says what it waits for and what is done; a page loaded anew goes on, another visitor is asked first."""
    make_dataset("multi-label")
    content = archive()
    app = arrive(unfolded(opened("train")), workspace, content, "0")
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
    assert not field(other) and len(buttons(other, "Use")) == 1
    checked(choose(again, pretrained=False))
    assert any("choose a pretrained architecture" in caption.value for caption in again.caption)
    checked(choose(again, pretrained=True))
    assert field(again) == str(kept_as(workspace, content)) and "weights" not in again.query_params
    assert not weights_questions.uploads(workspace)


@pytest.mark.usefixtures("unanswered")
def test_another_visitor_can_use_what_was_uploaded(make_dataset, workspace, monkeypatch):
    """By one button, not unasked: whoever trains has not uploaded it."""
    make_dataset("multi-label")
    content = archive()
    arrive(unfolded(opened("train")), workspace, content, "0")
    answer(workspace, monkeypatch, fits)
    other = checked(buttons(unfolded(opened("train")), "Use")[0].click().run())
    assert field(other) == str(kept_as(workspace, content)) and not buttons(other, "Use")


@pytest.mark.usefixtures("unanswered")
def test_one_is_canceled_while_another_is_uploaded(make_dataset, workspace, monkeypatch):
    """Each has its own button; what was canceled leaves nothing, and the other comes into the field."""
    make_dataset("multi-label")
    app, content = arrive(unfolded(opened("train")), workspace, archive(b"first"), "0", "first.pth"), archive(b"second")
    arrive(app, workspace, content, "1", "second.pth")
    assert len(buttons(app, "Cancel")) == 2
    checked(buttons(app, "Cancel")[1].click().run())  # the one in the field comes first
    checked(app.run())
    assert len(buttons(app, "Cancel")) == 1 and not app.error
    answer(workspace, monkeypatch, fits)
    checked(app.run())
    second = kept_as(workspace, content)
    assert field(app) == str(second) and not buttons(app, "Cancel")
    kept = {path for path in (workspace.root / "weights").iterdir() if path.is_file()}
    assert kept == {second, second.with_suffix(".json")}


@pytest.mark.usefixtures("unanswered")
def test_finding_out_whether_a_file_fits_can_be_canceled(make_dataset, workspace, monkeypatch):
    """It is then not asked again unless a button says so; a failure is said, with a button too."""
    make_dataset("multi-label")
    app = arrive(choose(opened("train"), arch="lite0"), workspace, archive(), "0")
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
        field = next(one for one in app.text_input if str(one.key).startswith("weights-"))
        checked(field.set_value(f"{tmp_path}/{path}").run())
        warnings = [warning.value.replace("\\", "") for warning in app.warning]
        assert len(warnings) == bool(words), path
        assert words in "".join(warnings)


@pytest.mark.usefixtures("unanswered")
@pytest.mark.parametrize("reloaded", [False, True])
@pytest.mark.parametrize("how", ["Cancel", "link", "damage"])
def test_a_file_that_is_gone_is_never_trained_without(how, reloaded, make_dataset, launched, workspace, monkeypatch):
    """Canceled or taken in another browser, or damaged on disk: it is said, and Train waits until it is dismissed."""
    make_dataset("multi-label")
    app = arrive(choose(opened("train"), arch="lite0"), workspace, archive(), "0")
    (question,) = weights_questions.uploads(workspace)
    if how == "Cancel":
        checked(buttons(opened("train"), "Cancel")[0].click().run())
    elif how == "link":
        answer(workspace, monkeypatch, fits)
        assert field(choose(opened("train", weights=question.id), arch="lite0"))
    else:
        question.path(requests.QUESTION).write_text("{")
    if reloaded:
        app = choose(opened("train", weights=question.id), arch="lite0")
    click_train(app)
    assert not launched
    assert any("is not there any more" in one.value for one in app.error)
    app = checked(app.run())
    checked(buttons(app, "Dismiss")[0].click().run())
    assert not app.error and "weights" not in app.query_params
    click_train(app)
    assert [events.read_config(folder).weights for folder in launched] == [None]


@pytest.mark.usefixtures("unanswered")
@pytest.mark.parametrize("first", ["canceled elsewhere", "refused"])
def test_another_upload_takes_the_place_of_one_that_is_gone(first, make_dataset, launched, workspace, monkeypatch):
    """As the sentence advises: nothing has to be dismissed besides, and the new file is trained from."""
    make_dataset("multi-label")
    app = arrive(choose(opened("train"), arch="lite0"), workspace, archive(), "0")
    if first == "refused":
        answer(workspace, monkeypatch, refused)
    else:
        checked(buttons(opened("train"), "Cancel")[0].click().run())
    content = archive(b"other")
    arrive(checked(app.run()), workspace, content, "1", "other.pth")
    answer(workspace, monkeypatch, fits)
    click_train(checked(app.run()))
    assert [events.read_config(folder).weights for folder in launched] == [str(kept_as(workspace, content))]


@pytest.mark.usefixtures("unanswered")
def test_an_upload_stays_with_its_dataset_and_with_every_recipe(make_dataset, launched, workspace, monkeypatch):
    """Another dataset, chosen meanwhile, does not get it; back at its own it is there, by the book's recipe too."""
    make_dataset("multi-label")
    make_dataset("multi-label", name="other")
    app = arrive(choose(opened("train", dataset="made"), arch="lite0"), workspace, archive(), "0")
    checked(app.selectbox(key="dataset").set_value("other").run())
    answer(workspace, monkeypatch, fits)
    assert not field(choose(checked(app.run()), arch="lite0")) and "weights" not in app.query_params
    checked(app.selectbox(key="dataset").set_value("made").run())
    kept = str(kept_as(workspace, archive()))
    assert field(checked(app.run())) == kept
    assert field(choose(by_the_book(app), arch="lite0", pretrained=True)) == kept
    click_train(app)
    assert [events.read_config(folder).weights for folder in launched] == [kept]


@pytest.mark.usefixtures("unanswered")
def test_of_two_uploads_the_last_is_in_the_field_and_the_other_at_hand(make_dataset, workspace, monkeypatch):
    """None is lost: a button puts the other one there, and what is in the field is not overwritten unasked."""
    make_dataset("multi-label")
    first, second = archive(b"first"), archive(b"second")
    app = choose(opened("train"), arch="lite0")
    for number, content in enumerate((first, second)):
        arrive(app, workspace, content, str(number), f"{number}.pth")
    answer(workspace, monkeypatch, fits)
    assert field(checked(app.run())) == str(kept_as(workspace, second))
    checked(buttons(app, "Use")[0].click().run())
    assert field(app) == str(kept_as(workspace, first)) and not buttons(app, "Use")


@pytest.mark.usefixtures("unanswered")
def test_a_damaged_answer_is_said_and_nothing_outside_is_named(make_dataset, launched, workspace, monkeypatch):
    """Before anything starts; and whatever the answer says, the path is one of the folder of weights."""
    make_dataset("multi-label")
    app = arrive(choose(opened("train"), arch="lite0"), workspace, archive(), "0")
    (question,) = weights_questions.uploads(workspace)
    question.path(requests.ANSWER).write_bytes(b"{")
    app = checked(app.run())
    assert "cannot be read" in app.error[0].value
    click_train(app)
    assert not launched and any("has just been checked" in one.value for one in app.error)
    outside = json_answers.pack({"file": "../../x.pth", "misfits": {}})
    question.path(requests.ANSWER).write_bytes(save(outside))
    assert field(checked(app.run())) == str(workspace.root / "weights" / "x.pth")


@pytest.mark.usefixtures("unanswered")
def test_a_path_too_long_is_said_below_its_field(make_dataset):
    """The rest of the page is drawn all the same."""
    make_dataset("multi-label")
    app = choose(opened("train"), arch="lite0")
    next(one for one in app.text_input if str(one.key).startswith("weights-")).set_value("/" + "x" * 300)
    assert "is no path" in checked(app.run()).warning[0].value and buttons(app, "Train")
