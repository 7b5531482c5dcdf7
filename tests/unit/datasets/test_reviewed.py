"""What was decided about findings stays decided as long as pictures and findings are the same, and no longer."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lib.cli import main
from lib.core.errors import UserError
from lib.datasets import checks
from lib.datasets.checks import fingerprints, reviewed
from lib.datasets.checks.case_keys import keys_of
from lib.datasets.edits import edits
from tests.planted import Planting
from tests.unit.datasets import clean_data
from tests.unit.datasets.clean_data import findings_of

new_dataset = clean_data.new_dataset


def _dismiss(dataset, kind, place=0):
    finding = findings_of(dataset)[kind]
    key = keys_of(dataset, finding)[place]
    reviewed.dismiss(dataset, [key])
    return key


def _open(dataset):
    review = reviewed.review(dataset, checks.run(dataset, fingerprints.read(dataset)))
    return {finding.kind: finding for finding in review.open.findings}


def test_a_dismissal_outlives_edits_and_scans_and_ends_with_what_it_was_about(new_dataset, workspace):
    """Dismissed copies stay so over edits and scans, as smaller groups too, until a split makes it another finding."""
    planting = Planting(new_dataset())
    first, second = planting.copy(5, "valid"), planting.copy(5, "valid")
    planting.items[5]["split"] = "train"
    dataset = planting.save(workspace, "planted")
    key = _dismiss(dataset, "same-in-splits")
    fingerprints.measure(dataset)
    lacks = int(dataset.targs[20].argmin())
    after = edits.set_targs(dataset, [edits.Cell(20, lacks, 0, 1)], note="another image")
    fewer = edits.exclude(after, [second], note="one copy less")
    assert not _open(dataset) and not _open(after) and not _open(fewer)
    moved = dataset.items["split"].to_numpy(dtype=object).copy()
    moved[first] = "test"
    assert "same-in-splits" in _open(edits.assign(after, moved.tolist(), how={}, note="another split"))
    reviewed.bring_back(dataset, [key])
    assert list(_open(dataset)) == ["same-in-splits"]


def test_a_dismissed_point_comes_back_when_it_is_moved(new_dataset, workspace):
    """How odd a point is changes with other images, and does not matter; where it is does."""
    planting = Planting(new_dataset("keypoints"))
    planting.targs[2][7] = (30, 50)  # the picture is 48 high
    dataset = planting.save(workspace, "planted")
    for kind in findings_of(dataset):
        _dismiss(dataset, kind)
    assert not _open(dataset)
    others = [
        edits.Cell(row, 14, float(dataset.targs[row][7][0]), float(dataset.targs[row][7][0]) + 1) for row in (8, 9)
    ]
    after = edits.set_targs(dataset, others, note="another image")
    assert not _open(after)
    farther = edits.set_targs(after, [edits.Cell(2, 14, 30, 33)], note="the point itself")
    assert "point-outside" in _open(farther)


def test_sentences_are_about_what_is_open(new_dataset):
    """With one of three labels dismissed the sentence counts and names the other two, then in the singular the last."""
    targs = np.ones((clean_data.N_IMAGES, 4), dtype=np.int8)
    targs[:, 1:] = 0
    dataset = new_dataset(names=["there", "a", "b", "c"], targs=targs)
    assert findings_of(dataset)["unused-label"].sentence.startswith("3 labels are on no image ('a', 'b', 'c'): they")
    _dismiss(dataset, "unused-label", 1)
    assert _open(dataset)["unused-label"].sentence.startswith("2 labels are on no image ('a', 'c'): they cannot")
    _dismiss(dataset, "unused-label", 0)
    assert _open(dataset)["unused-label"].sentence.startswith("1 label is on no image ('c'): it cannot")


def _counts(dataset):
    review = reviewed.review(dataset, checks.run(dataset))
    return review.done, review.total


@pytest.fixture
def accepted(new_dataset, workspace):
    """A dataset with a copy in another split that was accepted and excluded, and the copy's row."""
    planting = Planting(new_dataset())
    new = planting.copy(5, "valid")
    dataset = planting.save(workspace, "planted")
    (finding,) = findings_of(dataset).values()
    after = edits.exclude(dataset, [new], note="copy")
    reviewed.accept(after, {keys_of(dataset, finding)[0]: finding.rows})
    return after, new


def test_accepted_ones_count_as_long_as_their_edit_stands(accepted):
    """An accepted finding counts as reviewed until its edit is undone, and again once it is made again."""
    after = accepted[0]
    assert _counts(after) == (1, 1)
    other = edits.set_targs(after, [edits.Cell(20, 0, float(after.targs[20, 0]), -1)], note="another image")
    assert _counts(other) == (1, 1)
    undone = edits.undo(edits.undo(other))
    assert _counts(undone) == (0, 1)
    redone = edits.redo(undone)
    assert redone.revision == after.revision and _counts(redone) == (1, 1)
    assert _counts(edits.restore(redone)) == (0, 1)


def _undone(after, new):
    return edits.undo(after)


def _included(after, new):
    return edits.include(after, [new], note="in again")


@pytest.mark.parametrize("take_back", [_undone, _included])
def test_what_was_taken_back_is_not_reviewed_though_it_is_another_finding(accepted, take_back):
    """A fix that was taken back in any way counts no more, also where a move makes another finding of the copies."""
    after, new = accepted
    apart = take_back(after, new)
    splits = apart.items["split"].to_numpy(dtype=object).copy()
    splits[new] = splits[5]
    together = edits.assign(apart, splits.tolist(), how={}, note="together")
    assert list(_open(together)) == ["same-in-split"] and list(_open(apart)) == ["same-in-splits"]
    assert _counts(apart) == _counts(together) == (0, 1)


def test_a_swap_that_was_swapped_back_is_not_reviewed(new_dataset):
    """Points moved on by hand leave an accepted swap reviewed, points set back do not."""
    dataset = new_dataset("keypoints")
    x = dataset.targs[3, :2, 0].tolist()
    case = ("left-right", frozenset(["gone"]))
    after = edits.set_targs(dataset, [edits.Cell(3, 0, x[0], x[1]), edits.Cell(3, 2, x[1], x[0])], note="swapped")
    reviewed.accept(after, {case: (3,)})
    assert _counts(after)[0] == 1
    moved = edits.set_targs(after, [edits.Cell(3, 0, x[1], x[1] + 1)], note="moved")
    assert _counts(moved)[0] == 1
    back = edits.set_targs(moved, [edits.Cell(3, 0, x[1] + 1, x[0]), edits.Cell(3, 2, x[0], x[1])], note="back")
    assert back.revision == dataset.revision and _counts(back) == (0, 0)


def test_a_damaged_file_is_said(new_dataset):
    """What cannot be read is not taken for nothing, and not written over."""
    dataset = new_dataset()
    path = dataset.path / reviewed.FILE
    path.write_text('{"format": 1, "reviewed": [{"kind": 3}]}')
    with pytest.raises(UserError, match=r"What was reviewed.*cannot be read.*move the file elsewhere"):
        reviewed.review(dataset, checks.run(dataset))
    with pytest.raises(UserError):
        reviewed.dismiss(dataset, [("same-in-split", frozenset(["a"]))])
    assert '"kind": 3' in path.read_text()


def test_the_command_says_what_was_dismissed(new_dataset, workspace, capsys):
    """``check`` leaves dismissed findings out and says how many; ``--all`` prints them, JSON has them apart."""
    planting = Planting(new_dataset())
    planting.copy(5, "valid")
    dataset = planting.save(workspace, "planted")
    kind = next(iter(findings_of(dataset)))
    _dismiss(dataset, kind)
    command = ["check", "planted", "--no-pictures", "--workspace", str(workspace.root)]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "Nothing found." in printed and "0 accepted, 1 dismissed; --all prints them too" in printed
    assert main([*command, "--all"]) == 0
    assert "dismissed: 1 image is" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["findings"] == [] and [one["kind"] for one in printed["dismissed"]] == [kind]
    assert printed["reviewed"] == {"accepted": 0, "dismissed": 1}
