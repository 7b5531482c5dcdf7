"""Of several uploaded weights files, or of several people, none is lost and nothing is trained without its own."""

from __future__ import annotations

import pytest

from lib.core.questions import requests
from lib.training import events, weights_questions
from tests.pages import uploaded_weights
from tests.pages.conftest import checked, opened
from tests.pages.train_form import choose, click_train, unfolded
from tests.pages.uploaded_weights import answer, archive, buttons, field, fits, refused, uploaded, weights_path

unanswered = uploaded_weights.unanswered
pytestmark = pytest.mark.usefixtures("unanswered")


def test_another_visitor_can_use_what_was_uploaded(make_dataset, workspace, monkeypatch):
    """By one button, not unasked: whoever trains has not uploaded it."""
    make_dataset("multi-label")
    content = archive()
    uploaded(unfolded(opened("train")), workspace, content, "0")
    answer(workspace, monkeypatch, fits)
    other = checked(buttons(unfolded(opened("train")), "Use")[0].click().run())
    assert field(other).value == str(weights_path(workspace, content)) and not buttons(other, "Use")


def test_one_is_canceled_while_another_is_uploaded(make_dataset, workspace, monkeypatch):
    """Each has its own button; what was canceled leaves nothing, and the other comes into the field."""
    make_dataset("multi-label")
    app = uploaded(unfolded(opened("train")), workspace, archive(b"first"), "0", "first.pth")
    content = archive(b"second")
    uploaded(app, workspace, content, "1", "second.pth")
    assert len(buttons(app, "Cancel")) == 2
    checked(buttons(app, "Cancel")[1].click().run())  # the one in the field comes first
    checked(app.run())
    assert len(buttons(app, "Cancel")) == 1 and not app.error
    answer(workspace, monkeypatch, fits)
    checked(app.run())
    second = weights_path(workspace, content)
    assert field(app).value == str(second) and not buttons(app, "Cancel")
    kept = {path for path in (workspace.root / "weights").iterdir() if path.is_file()}
    assert kept == {second, second.with_suffix(".json")}


@pytest.mark.parametrize("reloaded", [False, True])
@pytest.mark.parametrize("how", ["Cancel", "link", "damage"])
def test_a_file_that_is_gone_is_never_trained_without(how, reloaded, make_dataset, launched, workspace, monkeypatch):
    """Canceled or taken in another browser, or damaged on disk: it is said, and Train waits until it is dismissed."""
    make_dataset("multi-label")
    app = uploaded(choose(opened("train"), arch="lite0"), workspace, archive(), "0")
    (question,) = weights_questions.uploads(workspace)
    if how == "Cancel":
        checked(buttons(opened("train"), "Cancel")[0].click().run())
    elif how == "link":
        answer(workspace, monkeypatch, fits)
        assert field(choose(opened("train", weights=question.id), arch="lite0")).value
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


@pytest.mark.parametrize("first", ["canceled elsewhere", "refused"])
def test_another_upload_takes_the_place_of_one_that_is_gone(first, make_dataset, launched, workspace, monkeypatch):
    """As the sentence advises: nothing has to be dismissed besides, and the new file is trained from."""
    make_dataset("multi-label")
    app = uploaded(choose(opened("train"), arch="lite0"), workspace, archive(), "0")
    if first == "refused":
        answer(workspace, monkeypatch, refused)
    else:
        checked(buttons(opened("train"), "Cancel")[0].click().run())
    content = archive(b"other")
    uploaded(checked(app.run()), workspace, content, "1", "other.pth")
    answer(workspace, monkeypatch, fits)
    click_train(checked(app.run()))
    assert [events.read_config(folder).weights for folder in launched] == [str(weights_path(workspace, content))]


def test_of_two_uploads_the_last_is_in_the_field_and_the_other_at_hand(make_dataset, workspace, monkeypatch):
    """None is lost: a button puts the other one there, and what is in the field is not overwritten unasked."""
    make_dataset("multi-label")
    first, second = archive(b"first"), archive(b"second")
    app = choose(opened("train"), arch="lite0")
    for number, content in enumerate((first, second)):
        uploaded(app, workspace, content, str(number), f"{number}.pth")
    answer(workspace, monkeypatch, fits)
    assert field(checked(app.run())).value == str(weights_path(workspace, second))
    checked(buttons(app, "Use")[0].click().run())
    assert field(app).value == str(weights_path(workspace, first)) and not buttons(app, "Use")
