"""Left and right are found in names, and nothing is found that is not there."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from lib import tasks
from lib.cli import main
from lib.datasets import store
from lib.datasets.edits import edits
from lib.metrics import faces_68
from lib.tasks import mirror
from lib.tasks.mirror import guess


@pytest.mark.parametrize(
    "pair",
    [
        ("left_eye", "right_eye"), ("Left Eye", "Right Eye"), ("LEFT-EYE", "RIGHT-EYE"), ("eye.left", "eye.right"),
        ("lefteye", "righteye"), ("eyeleft", "eyeright"), ("leftEye", "rightEye"), ("eyeLeft", "eyeRight"),
        ("l_eye", "r_eye"), ("L_eye", "R_eye"), ("eye_l", "eye_r"), ("eye.L", "eye.R"), ("LEye", "REye"),
        ("eyeL", "eyeR"), ("l", "r"), ("left", "right"), ("Leftmost point", "rightmost point"),
        ("upper left leg 2", "upper right leg 2"), ("bright left spot", "bright right spot"), ("l1", "r1"),
    ],
)  # fmt: skip
def test_a_pair_is_found_however_it_is_written(pair):
    """The ways in which people write left and right, one side after the other and among other points."""
    assert guess(["nose", pair[1], "mouth", pair[0]]) == [(1, 3)]
    assert guess([pair[0], "a tail", pair[1]]) == [(0, 2)]


@pytest.mark.parametrize(
    "names",
    [
        ["nose", "tail"], [], ["left eye"], ["bright", "light"], ["left eye", "right ear"], ["1", "2"],
        list("abcdefghijklmnopqrstuvwxyz"), [f"vertex {letter}" for letter in "jklmnopqrs"], ["lip", "rip"],
        ["left eye", "Left Eye", "right eye"],  # which of the two?
        ["left eye left", "left eye right", "right eye left", "right eye right"],  # two partners each
        ["left eye", "r eye"], ["<b>left</b>"], ["left " * 30, "right " * 30],
    ],
)  # fmt: skip
def test_what_is_not_certain_is_not_guessed(names):
    """A wrong pair would teach wrong places; no pair only refuses the mirror."""
    assert guess(names) == []


def test_no_point_is_paired_twice_and_the_order_does_not_matter():
    """Over random names of few words each point has at most one partner, the same however the points are ordered."""
    rng = np.random.default_rng(0)
    words, some = ["left", "right", "l", "r", "eye", "Left", "lefteye", "k", "2"], 0
    for _ in range(300):
        names = sorted({"_".join(rng.choice(words, rng.integers(1, 4))) for _ in range(rng.integers(2, 14))})
        guessed = guess(names)
        used = [place for pair in guessed for place in pair]
        assert len(used) == len(set(used))
        shuffled = rng.permutation(len(names))
        again = guess([names[place] for place in shuffled])
        assert {frozenset(pair) for pair in guessed} == {frozenset(shuffled[list(pair)].tolist()) for pair in again}
        some += len(guessed)
    assert some > 50


def test_declared_wins_over_guessed_and_nothing_is_not_none(make_dataset):
    """What a person says counts; saying that there are no pairs is not the same as saying nothing."""
    dataset = replace(make_dataset("keypoints"), names=("left eye", "right eye"))
    task = tasks.get("keypoints")
    assert mirror.declared(dataset) is None
    assert mirror.pairs(dataset) == [(0, 1)]
    assert task.flip_order(dataset).tolist() == [1, 0]
    none = replace(dataset, extra={"flip_pairs": []})
    assert mirror.pairs(none) == []
    assert task.can_flip(none)
    assert task.flip_order(none) is None
    unnamed = make_dataset("keypoints", name="unnamed")
    assert mirror.pairs(unnamed) is None
    assert not task.can_flip(unnamed)


def test_68_points_without_telling_names_are_a_face_if_they_look_like_one(make_dataset):
    """Numbered points of a symmetric mean face get the pairs of 300-W, shuffled ones none."""
    rng = np.random.default_rng(1)
    face = rng.uniform(10, 90, (68, 2))
    for one, other in faces_68.FLIP_PAIRS:
        left, right = sorted((face[one - 1].copy(), face[other - 1].copy()), key=lambda place: place[0])
        face[one - 1], face[other - 1] = left, (100 - left[0], left[1]) if left[0] < 50 else right
        face[one - 1, 0] = min(face[one - 1, 0], 100 - face[one - 1, 0])
        face[other - 1] = (100 - face[one - 1, 0], face[one - 1, 1])
    paired = {place - 1 for pair in faces_68.FLIP_PAIRS for place in pair}
    face[[k for k in range(68) if k not in paired], 0] = 50
    names = tuple(str(k) for k in range(68))
    targs = (face + rng.normal(0, 0.5, (20, 68, 2))).astype(np.float32)
    dataset = make_dataset("keypoints")
    suggested = mirror.suggested(replace(dataset, names=names, targs=targs, revision="face"))
    assert sorted(suggested) == sorted((one - 1, other - 1) for one, other in faces_68.FLIP_PAIRS)
    shuffled = replace(dataset, names=names, targs=targs[:, rng.permutation(68)], revision="shuffled")
    assert mirror.suggested(shuffled) == []


def test_pairs_are_declared_on_the_command_line(workspace, make_dataset, capsys):
    """--set, --none and --guess declare, a plain call shows; a name may have = in it; a wrong one is a sentence."""
    dataset = make_dataset("keypoints")
    asked = ["pairs", "made", "--workspace", str(workspace.root), "--json"]

    def told(*more: str) -> dict:
        assert main([*asked, *more]) == 0
        return json.loads(capsys.readouterr().out)

    first = told()
    assert (first["declared"], first["pairs"], first["can_flip"]) == (False, [], False)
    second = told("--set", "nose=tail")
    assert (second["declared"], second["pairs"], second["can_flip"]) == (True, [["nose", "tail"]], True)
    assert second["revision"] != dataset.revision
    assert told() == second
    assert told("--none") | {"revision": ""} == second | {"pairs": [], "revision": ""}
    assert main([*asked, "--set", "nose=ear"]) == 2
    assert "expected A=B" in capsys.readouterr().err
    assert main([*asked, "--guess"]) == 2
    assert "Nothing can be guessed" in capsys.readouterr().err
    edits.undo(store.load(workspace, "made"))
    assert told() == second
