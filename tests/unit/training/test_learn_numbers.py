"""What the Learn page's figures are compared with is what fastai computes."""

from __future__ import annotations

import json

import pytest

from tests.unit.training import learn_numbers


def _flat(value: object) -> list[float]:
    if isinstance(value, dict):
        return [one for key in sorted(value) for one in _flat(value[key])]
    return [one for part in value for one in _flat(part)] if isinstance(value, list) else [float(value)]


def test_the_recorded_numbers_are_fastais():
    """A figure that passes its test in node shows what this version of fastai does; else record them anew."""
    recorded, now = json.loads(learn_numbers.FILE.read_text(encoding="utf-8")), learn_numbers.everything()
    assert recorded.keys() == now.keys()
    for part in now:
        assert _flat(recorded[part]) == pytest.approx(_flat(now[part]), abs=1e-7), learn_numbers.__doc__
