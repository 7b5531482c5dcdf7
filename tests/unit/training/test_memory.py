"""A worker's memory: what its allocator keeps is given back, now and then in a training."""

from __future__ import annotations

import ctypes
import dataclasses
import platform
from types import SimpleNamespace

import pytest

from lib.core.errors import UserError
from lib.training.learner import callbacks, memory
from lib.training.learner.data import best_device
from tests.unit.training.test_progress import CONFIG

_PIECE, _COUNT = 100_000, 2_000  # below what glibc takes from the system for itself


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator")
def test_what_is_free_between_lasting_pieces_is_given_back():
    """200 MB that were freed below something small that lasts, as a loss does, are the system's again."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.free.argtypes = [ctypes.c_void_p]
    memory.give_back()
    pieces, lasting = [], []
    for _ in range(_COUNT):
        pieces.append(libc.malloc(_PIECE))
        ctypes.memset(pieces[-1], 1, _PIECE)
        lasting.append(libc.malloc(_PIECE // 10))
    for piece in pieces:
        libc.free(piece)
    before = memory.own()
    memory.give_back()
    assert before - memory.own() > 0.8 * _PIECE * _COUNT
    for piece in lasting:
        libc.free(piece)


def test_a_training_looks_now_and_then_and_gives_back_what_it_grew_by(monkeypatch):
    """Every training has it; nothing is given back before memory has grown by much, and then it is measured anew."""
    (give_back,) = [
        one for one in callbacks.of_config(CONFIG, best_device(), done=lambda: 0) if isinstance(one, memory.GiveBack)
    ]
    held = SimpleNamespace(bytes=10**9, given=0)

    def drop() -> None:
        held.given += 1
        held.bytes = 10**9

    monkeypatch.setattr(memory, "own", lambda: held.bytes)
    monkeypatch.setattr(memory, "give_back", drop)
    give_back.before_fit()
    given = []
    for _ in range(160):
        held.bytes += 3 * 2**20
        give_back.after_batch()
        given.append(held.given)
    assert given[47] == 1 and given[46] == 0  # 144 MB at the third look
    assert given[-1] == 3


@pytest.mark.parametrize(
    ("bs", "processes", "retry"), [(8, 1, {"bs": 4}), (8, 2, {"bs": 4}), (5, 2, {"bs": 4}), (4, 2, {"size": 64})]
)
def test_what_to_try_is_what_the_processes_can_share(bs, processes, retry):
    """Half the batch, but two images for each process at least, then smaller pictures."""
    config = dataclasses.replace(CONFIG, bs=bs)
    with (
        pytest.raises(UserError, match=f"choose .* {next(iter(retry.values()))}") as error,
        memory.out_of_memory_explained(config, best_device(), processes),
    ):
        raise MemoryError
    assert error.value.retry == retry
