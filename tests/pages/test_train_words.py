"""The Train page says what the curves say, and what the worker found, verbatim."""

from __future__ import annotations

from lib.core import processes
from lib.training import events
from lib.training.events import EventWriter
from tests.pages.conftest import complete, opened
from tests.pages.train_form import unfolded

#: Losses of training and validation.
_OVERFITTED = [0.35, 0.3, 0.2, 0.15, 0.1, 0.05], [0.4, 0.3, 0.4, 0.5, 0.6, 0.7]


def _add(
    folder, train: list[float], valid: list[float], *, end: str | None = events.FINISHED, n_train: int = 32, **more
) -> None:
    """Add epochs to a run that goes on."""
    write = EventWriter(folder)
    write("started", n_train=n_train)
    for epoch, (t, v) in enumerate(zip(train, valid, strict=True), 4):
        losses = {"train_loss": t, "valid_loss": v, "metrics": {"accuracy_multi": 0.9}}
        write("epoch", phase="unfrozen", epoch=epoch, step=12, **losses, **more)
    if end:
        write(end)
    write.close()
    if end == events.FINISHED:
        complete(folder)


SIGNS = (":material/lightbulb:", ":material/search:", ":material/check:")


def _lines(app) -> list[str]:
    """Return what the page says of the curves, each sentence with its sign, as Markdown."""
    return [line for element in app.markdown for line in element.value.split("\n\n") if line.startswith(SIGNS)]


def _words(app) -> str:
    """Return the same as people read it."""
    return "\n".join(_lines(app)).replace("\\", "")


def test_advice_and_findings_are_listed(make_dataset, write_run):
    """A sentence about overfitting and the worker's own, each with a sign; what comes from a dataset is only text."""
    folder = write_run(make_dataset("multi-label"), end=None)
    _add(folder, *_OVERFITTED, n_train=500, findings=["never predicted: <b>box</b> **x**"])
    app = opened("train")
    page = _words(app)
    assert "Overfitting: valid_loss was lowest after epoch 5 (0.300) and has risen to 0.700" in page
    assert "never predicted: <b>box</b> **x**" in page
    assert len(_lines(app)) == 2
    assert r"\<b\>box\</b\> \*\*x\*\*" in _lines(app)[1]


def test_a_diagnosis_offers_the_choice_that_follows_it(make_dataset, write_run):
    """One click puts the run's choices with that change into the form; nothing is started."""
    folder = write_run(make_dataset("multi-label"), end=None)
    _add(folder, *_OVERFITTED, n_train=500)
    app = opened("train")
    (offer,) = (button for button in app.button if button.key == f"advice-{folder.name}")
    assert offer.label == "Choose Epochs: 4"
    unfolded(offer.click().run())
    assert next(box for box in app.number_input if box.label == "Epochs").value == 4


def test_a_finished_run_without_findings_is_said_to_be_usual(make_dataset, write_run):
    """One line, and no claim to know more than few epochs tell."""
    folder = write_run(make_dataset("multi-label"), end=None)
    _add(folder, [], [])
    app = opened("train")
    assert "no better than" in _words(app)  # 0.25 is less than predicting nothing
    _add(folder, [0.35, 0.33], [0.45, 0.44])
    assert "Nothing unusual: no reason" in _words(opened("train"))


def test_a_run_that_goes_on_is_not_praised(make_dataset, write_run):
    """Nothing unusual yet is no news; before the first epoch there is nothing at all."""
    folder = write_run(make_dataset("multi-label"), end=None)
    with processes.alive_lock(folder):
        _add(folder, [0.35], [0.45], end=None)
        assert not _lines(opened("train"))
