"""What was decided about findings stays decided as long as pictures and findings are the same, and no longer."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lib.cli import main
from lib.core.errors import UserError
from lib.datasets import checks
from lib.datasets.checks import fingerprints, reviewed
from lib.datasets.checks.reviewed import ACCEPTED, DISMISSED
from lib.datasets.edits import edits
from tests.planted import Planting
from tests.unit.datasets import clean_data
from tests.unit.datasets.clean_data import findings_of

new_dataset = clean_data.new_dataset


def _decide(dataset, kind, place=0, decision=DISMISSED):
    finding = findings_of(dataset)[kind]
    key = reviewed.keys_of(dataset, finding)[place]
    reviewed.decide(dataset, [key], decision)
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
    key = _decide(dataset, "same-in-splits")
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
        _decide(dataset, kind)
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
    _decide(dataset, "unused-label", 1)
    assert _open(dataset)["unused-label"].sentence.startswith("2 labels are on no image ('a', 'c'): they cannot")
    _decide(dataset, "unused-label", 0)
    assert _open(dataset)["unused-label"].sentence.startswith("1 label is on no image ('c'): it cannot")


def test_accepted_ones_count_until_they_are_found_again(new_dataset, workspace):
    """An accepted finding counts as reviewed while it is gone; an undo opens it again."""
    planting = Planting(new_dataset())
    new = planting.copy(5, "valid")
    dataset = planting.save(workspace, "planted")
    _decide(dataset, next(iter(findings_of(dataset))), decision=ACCEPTED)
    after = edits.exclude(dataset, [new], note="copy")
    done = reviewed.review(after, checks.run(after))
    assert (done.done, done.total) == (1, 1)
    again = edits.undo(after)
    review = reviewed.review(again, checks.run(again))
    assert (review.done, review.total) == (0, 1)


def test_a_damaged_file_is_said(new_dataset):
    """What cannot be read is not taken for nothing, and not written over."""
    dataset = new_dataset()
    path = dataset.path / reviewed.FILE
    path.write_text('{"format": 1, "reviewed": [{"kind": 3}]}')
    with pytest.raises(UserError, match=r"What was reviewed.*cannot be read.*delete the file"):
        reviewed.review(dataset, checks.run(dataset))
    with pytest.raises(UserError):
        reviewed.decide(dataset, [("same-in-split", frozenset(["a"]))], DISMISSED)
    assert '"kind": 3' in path.read_text()


def test_the_command_says_what_was_dismissed(new_dataset, workspace, capsys):
    """``check`` leaves dismissed findings out and says how many; ``--all`` prints them, JSON has them apart."""
    planting = Planting(new_dataset())
    planting.copy(5, "valid")
    dataset = planting.save(workspace, "planted")
    kind = next(iter(findings_of(dataset)))
    _decide(dataset, kind)
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
