"""Which points the copies lose, and which copies are mirrored, is reported and counted correctly."""

from __future__ import annotations

from dataclasses import replace

from lib.inference import augment_preview
from lib.inference.augment_preview import Copy, lost_words, mirror_words
from lib.tasks.types import Card


def copy_of(*places: tuple[float, float], mirrored: bool = False) -> Copy:
    """Return a copy with points at ``places``, in parts of the picture."""
    names = ["<b>nose</b>", "tail", "left ear", "right ear", "back"][: len(places)]
    card = Card(0, "Copy 1", true_points=[list(place) for place in places], point_names=names)
    return augment_preview._copy(card, b"", "turned 1.0° clockwise", mirrored)


def test_points_outside_are_named_and_not_drawn():
    """The frame's edge is inside; what is beyond is drawn nowhere, the others keep their rows, and it is said first."""
    one = copy_of((0.0, 1.0), (1.01, 0.5), (0.5, 0.5), (0.2, -0.1))
    assert one.outside == ("tail", "right ear")
    assert one.card.true_points == [[0.0, 1.0], None, [0.5, 0.5], None]
    assert one.card.point_names == ["<b>nose</b>", "tail", "left ear", "right ear"]
    assert one.card.note == "outside the frame: tail, right ear · turned 1.0° clockwise"
    assert copy_of(*[(2.0, 2.0)] * 5).card.note.startswith(
        "outside the frame: <b>nose</b>, tail, left ear and 2 more ·"
    )


def test_losing_copies_are_counted():
    """Copies and points in the sentence are counted over all copies; where nothing is lost nothing is said."""
    inside, two, one = copy_of((0.5, 0.5)), copy_of((2.0, 0.5), (-1.0, 0.5)), copy_of((0.5, 1.5))
    assert lost_words([inside] * 8) == ""
    assert lost_words([inside] * 7 + [one]).startswith("1 of 8 copies loses points: 1 in all")
    assert lost_words([inside] * 5 + [two, two, one]).startswith("3 of 8 copies lose points: 5 in all")


def test_mirrored_copies_are_counted_and_pairs_named(make_dataset):
    """Labels are only mirrored; points change places by name, or are declared not to."""
    plain, turned = copy_of((0.5, 0.5)), copy_of((0.5, 0.5), mirrored=True)
    labels, points = make_dataset("multi-label", name="labels"), make_dataset("keypoints")
    assert mirror_words(labels, [plain] * 8) == ""
    assert mirror_words(labels, [plain] * 6 + [turned] * 2) == "2 of 8 copies are mirrored."
    paired = replace(points, extra={"flip_pairs": [["nose", "tail"]]})
    sentence = mirror_words(paired, [plain] * 7 + [turned])
    assert sentence == "1 of 8 copies is mirrored, and in it nose ↔ tail change places."
    assert mirror_words(replace(points, extra={"flip_pairs": []}), [turned]) == "1 of 1 copies is mirrored."
