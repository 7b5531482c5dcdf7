"""Names of labels and points become names that TensorBoard, W&B and MLflow take."""

from __future__ import annotations

import pytest

from lib.export.mirror.names import safe

#: Names that end a tool, leave its folder or nest: a slash, a dot, too many letters, one that is W&B's own.
ODD = ["a/b", "a.b", "../up", "_step", "épreuve " * 40, "名前", "", "a\nb"]


@pytest.mark.parametrize("name", ODD)
def test_names_become_ones_that_every_tool_takes(name):
    """A name is one part of a path, short, printable, and another than that of any other name."""
    one = safe(name)
    assert one.isprintable()
    assert 0 < len(one.encode()) < 140
    assert not set("/.\\:") & set(one)
    assert [safe(other) for other in ODD].count(one) == 1
