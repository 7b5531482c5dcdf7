"""Decoded images keep to the room that they have, and go when they are not needed."""

from __future__ import annotations

import errno
import os
import shutil

import numpy as np
import pytest

from lib.core import cleanup, picture_cache, temporary
from lib.core.errors import UserError
from lib.datasets import deletion
from lib.training.learner import data, decoded, pics
from tests.unit.training import noise_pictures
from tests.unit.training.noise_pictures import SIDE, N, by_hand, on_disk

#: Fixtures.
dataset, opened = noise_pictures.dataset, noise_pictures.opened


@pytest.mark.parametrize("why", ["limit", "zero", "disk", "read-only"])
def test_without_room_pictures_are_kept_in_memory_and_it_is_said(why, dataset, monkeypatch, opened):
    """A limit, a full or a read-only disk: the training goes on, decoding once, and a sentence says why."""
    if why in ("limit", "zero"):
        monkeypatch.setenv(picture_cache.VARIABLE, "1e-6" if why == "limit" else "0")
    elif why == "disk":
        monkeypatch.setattr(picture_cache, "SPARE", 2**62)
    else:
        monkeypatch.setattr(temporary.tempfile, "mkstemp", _refusing(errno.EROFS))
    pictures = data.Pictures(dataset, SIDE)
    assert not on_disk(pictures)
    expected = {"limit": "allows", "zero": "is 0", "disk": "to spare", "read-only": "Read-only"}[why]
    assert expected in pictures.note
    assert "in memory" in pictures.note
    for _ in range(2):
        np.testing.assert_array_equal(pictures.batch(range(N)), by_hand(dataset))
    assert len(opened) == N


def test_without_room_anywhere_each_is_decoded_every_time(dataset, monkeypatch, opened):
    """Where not even memory has room, pictures are still right."""
    monkeypatch.setenv(picture_cache.VARIABLE, "0")
    monkeypatch.setattr(pics, "CACHE_LIMIT", 10)
    pictures = data.Pictures(dataset, SIDE)
    assert "slower" in pictures.note
    for _ in range(2):
        np.testing.assert_array_equal(pictures.batch([1, 1, 0]), by_hand(dataset, [1, 1, 0]))
    assert len(opened) == 4


def _refusing(number: int):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    return refuse


def test_a_disk_that_fills_up_meanwhile_is_said(dataset, monkeypatch):
    """Pictures that could not be written any more are right all the same, every time."""
    pictures = data.Pictures(dataset, SIDE)
    pictures.batch([0])
    monkeypatch.setattr(decoded, "_write", _refusing(errno.ENOSPC))
    for _ in range(2):
        np.testing.assert_array_equal(pictures.batch(range(N)), by_hand(dataset))
    assert "No space left" in pictures.note


def test_a_limit_that_is_no_number_is_a_sentence(dataset, monkeypatch):
    """A typing error in the setting stops the training before it begins."""
    monkeypatch.setenv(picture_cache.VARIABLE, "many")
    with pytest.raises(UserError, match=picture_cache.VARIABLE):
        data.Pictures(dataset, SIDE)


def test_what_was_used_longest_ago_goes_first_and_what_is_in_use_stays(dataset, workspace, monkeypatch):
    """Three sizes where two have room: the older file goes unless a process has it open."""
    for size, when in ((16, 1), (17, 2)):
        data.Pictures(dataset, size).batch([0])
        (path,) = workspace.decoded.glob(f"noise/*-{size}-*")
        os.utime(path, ns=(when, when))
    sizes = [path.stat().st_size for path in workspace.decoded.glob("noise/*")]
    monkeypatch.setenv(picture_cache.VARIABLE, str((sum(sizes) + 100) / 1024**3))

    def left() -> set[str]:
        return {path.name.split("-")[1] for path in workspace.decoded.glob("noise/*")}

    data.Pictures(dataset, 15).batch([0])
    assert left() == {"15", "17"}
    in_use = data.Pictures(dataset, 17)
    os.utime(next(workspace.decoded.glob("noise/*-17-*")), ns=(1, 1))
    data.Pictures(dataset, 14).batch([0])
    assert left() == {"14", "17"}
    np.testing.assert_array_equal(in_use.batch([0])[0].shape, (17, 17, 3))


def test_decoded_pictures_go_with_their_dataset(dataset, workspace):
    """Deleting a dataset deletes them; what a killed program left of datasets that are gone is swept."""
    data.Pictures(dataset, SIDE).batch([0])
    shutil.copytree(workspace.decoded / "noise", workspace.decoded / "gone")
    cleanup.sweep(workspace)
    assert {folder.name for folder in workspace.decoded.iterdir()} == {"noise"}
    deletion.delete(workspace, "noise")
    assert not list(workspace.decoded.iterdir())
