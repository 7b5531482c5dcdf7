"""The tab that shows what is wrong with a dataset, one finding at a time, and what its buttons do."""

from __future__ import annotations

import itertools

import pytest
from PIL import Image

from lib.core import processes
from lib.datasets import checks, store
from lib.datasets.checks import fingerprints, reviewed, scan
from lib.datasets.checks.near_duplicates import StoppedError
from lib.datasets.edits import edits
from lib.datasets.edits.history import history
from tests.pages.conftest import checked, opened
from tests.planted import Planting


@pytest.fixture
def planted(workspace, make_dataset):
    """Return a dataset with three pictures in two splits, one named as nobody should name one, and their rows twice."""
    planting = Planting(make_dataset("multi-label", n=24))
    rows = [row for row in range(24) if planting.targs[row].any() and planting.items[row]["split"] == "train"][:3]
    copies = [planting.copy(row, "valid") for row in rows]
    planting.items[rows[0]]["original"] = "<b>*a*</b> 🐶 " + "n" * 200
    return planting.save(workspace, "planted"), rows, copies


def _words(page):
    return "\n".join(text.value for text in (*page.markdown, *page.caption)).replace("\\", "")


def _button(page, words):
    return next(button for button in page.button if button.label.startswith(words))


def _count(dataset):
    return reviewed.review(dataset, checks.run(dataset)).open.cases


def test_findings_are_reviewed_one_by_one_and_taken_back(planted, workspace):
    """Accepting excludes one copy, dismissing is kept on disk and asks no more, each undo takes back one decision."""
    dataset, rows, copies = planted
    total = _count(dataset)
    page = opened("data", dataset="planted", view="Checks")
    checked(page)
    assert f"**0 of {total}** reviewed" in _words(page) and "1 image is in train and valid" in _words(page)
    _button(page, "Keep one, exclude the other").click().run()
    checked(page)
    now = store.load(workspace, "planted")
    assert set(range(len(dataset))) - set(now.included.tolist()) == {rows[0]} and copies[0] in now.included
    assert f"**1 of {total}** reviewed" in _words(page)
    for step, reviewed_ in (("undo", 0), ("redo", 1)):  # those of the frame
        checked(page.button(key=f"edits-{step}").click().run())
        assert f"**{reviewed_} of {total}** reviewed" in _words(page)
    _button(page, "Dismiss").click().run()
    checked(page)
    assert f"**2 of {total}** reviewed" in _words(page)
    assert _count(store.load(workspace, "planted")) == total - 2
    for left in (1, 0):
        _button(page, "Undo: ").click().run()
        checked(page)
        assert f"**{left} of {total}** reviewed" in _words(page)
    assert store.load(workspace, "planted").revision == dataset.revision and _count(dataset) == total
    assert not [button for button in page.button if button.key == "review-undo"]


def test_an_undo_after_anothers_edit_reopens_nothing(planted, workspace):
    """Where another tab's edits cancel each other, Undo is refused and the finding stays accepted, by its edit only."""
    page = opened("data", dataset="planted", view="Checks")
    total = _count(planted[0])
    _button(page, "Keep one, exclude the other").click().run()
    accepted = store.load(workspace, "planted")
    other = edits.include(edits.exclude(accepted, [20], note="out"), [20], note="in again")
    _button(page, "Undo: ").click().run()
    checked(page)
    assert "“in again”, now" in page.error[0].value and f"**1 of {total}** reviewed" in _words(page)
    assert store.load(workspace, "planted").chain == other.chain
    assert not [button for button in page.button if button.key == "review-undo"]
    gone = sorted(set(range(len(accepted))) - set(accepted.included.tolist()))
    by_hand = edits.exclude(edits.undo(edits.undo(edits.undo(other))), gone, note="by hand")
    assert by_hand.revision == accepted.revision
    assert f"**0 of {total - 1}** reviewed" in _words(checked(page.run()))


def test_all_of_a_kind_at_once_is_one_undo(planted, workspace):
    """All findings of a kind are accepted or dismissed at once, with words that say how many; one undo each."""
    dataset = planted[0]
    page = opened("data", dataset="planted", view="Checks", finding="same-in-splits")
    assert "3 groups of 6 images" in _words(page)
    _button(page, "Keep one of each, exclude 3 images").click().run()
    checked(page)
    assert len(store.load(workspace, "planted").included) == len(dataset) - 3 and len(history(dataset)) == 1
    _button(page, "Undo: ").click().run()
    assert store.load(workspace, "planted").revision == dataset.revision
    _button(page, "Dismiss 3 findings").click().run()
    checked(page)
    assert "same-in-splits" not in {f.kind for f in reviewed.review(dataset, checks.run(dataset)).open.findings}
    page.session_state["checks-planted-dismissed"] = True
    page.run()
    assert "3 dismissed findings" in "".join(one.label for one in page.expander)
    _button(page, "Bring back").click().run()
    checked(page)
    assert "2 dismissed findings" in "".join(one.label for one in page.expander)
    _button(page, "Undo: ").click().run()
    assert _count(dataset) == checks.run(dataset).cases


def test_what_was_excluded_is_included_again(planted, workspace):
    """Excluded images are listed below the findings, and one click includes them all."""
    dataset = planted[0]
    page = opened("data", dataset="planted", view="Checks")
    _button(page, "Keep one, exclude the other").click().run()
    page.session_state["checks-planted-excluded"] = True
    page.run()
    _button(page, "Include them again").click().run()
    checked(page)
    assert store.load(workspace, "planted").revision == dataset.revision


def test_skipping_walks_through_the_findings_and_the_kinds(planted):
    """Skip and Back show the next finding and the one before, and the chosen kind stands in the address."""
    page = opened("data", dataset="planted", view="Checks")
    titles = [page.session_state.get("checks-at")]
    for _ in range(3):
        _button(page, "Skip").click().run()
        titles.append(page.session_state["checks-at"])
    assert len(set(titles)) == 4
    _button(page, "Back").click().run()
    assert page.session_state["checks-at"] == titles[2]
    choice = next(one for one in page.selectbox if one.key == "review-kind")
    assert "Byte for byte the same, in several splits (3)" in choice.options
    choice.set_value("same-in-splits").run()
    assert page.query_params["finding"] in ("same-in-splits", ["same-in-splits"])


def test_all_reviewed_says_the_next_step(make_dataset, workspace):
    """With the last finding decided the checks run anew, and the page offers to train."""
    planting = Planting(make_dataset("regression", n=24))
    planting.copy(2, "valid")
    planting.save(workspace, "planted")
    page = opened("data", dataset="planted", view="Checks")
    _button(page, "Keep one, exclude the other").click().run()
    checked(page)
    assert "All reviewed: 1 finding in 24 images" in _words(page) and _button(page, "Train")


def test_nothing_found_says_what_was_checked(make_dataset):
    """With nothing to find the page says so and names what it looked for; a damaged picture then shows up."""
    dataset = make_dataset("regression", n=24)
    fingerprints.measure(dataset)
    page = opened("data", dataset="made", view="Checks")
    assert "Nothing found" in _words(page) and "Checked: missing, changed or truncated files" in _words(page)
    dataset.image_path(3).unlink()
    Image.new("RGB", (48, 40)).save(dataset.image_path(4))
    _button(page, "Check again").click().run()
    checked(page)
    assert "The file of 1 image is missing" in _words(page)


def test_a_killed_scan_says_what_it_kept_and_goes_on(make_dataset, monkeypatch):
    """The page says that it crashed and how many images are done; the button continues, another one stops."""
    dataset = make_dataset("regression", n=24)
    asked = itertools.count()
    with monkeypatch.context() as patched, pytest.raises(StoppedError):
        patched.setattr(fingerprints, "_CHUNK", 1)
        patched.setattr(fingerprints, "_THREADS", 1)
        fingerprints.measure(dataset, stop=lambda: next(asked) >= 5)
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    scan.start(dataset)
    scan._scan(dataset).tell(7, 24, text="Scanning images")  # as a process that is not there any more
    page = opened("data", dataset="made", view="Checks")
    assert "The scan crashed" in page.error[0].value and "5 are done already" in _words(page)
    checked(_button(page, "Continue scanning images").click().run())
    assert not page.error and scan.state(dataset).name == scan.WORKING
    checked(_button(page, "Stop").click().run())
    assert scan.state(dataset) == scan.State(scan.PARTLY, 5, 24)
