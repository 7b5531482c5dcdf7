"""A column called group says which images belong together, and nothing else."""

from __future__ import annotations

import pytest

from lib.importing import formats
from tests.unit.importing.sources import make_tree

FILES = ["a.jpg", "b.jpg", "c.jpg"]


@pytest.mark.parametrize(
    ("header", "rows", "names", "groups"),
    [
        ("file,label,group", ["x,ann", "y,ann", "x,"], ["x", "y"], ["ann", "ann", ""]),
        ("file,cat,dog,group", ["1,0,ann", "0,1,bo", "1,1,bo"], ["cat", "dog"], ["ann", "bo", "bo"]),
        ("file,cat,dog,Group", ["1,0,7", "0,1,7", "1,1,8"], ["cat", "dog"], ["7", "7", "8"]),
        ("file,cat,group", ["1,0", "0,1", "1,"], ["cat", "group"], None),
        ("file,cat,group,group_name", ["1,0,1", "0,1,1", "1,1,0"], ["cat", "group"], ["1", "1", "0"]),
        ("file,nose_x,nose_y,group", ["1,2,ann", "2,3,bo", "3,4,bo"], ["nose"], ["ann", "bo", "bo"]),
        ("file,age,group", ["1.5,ann", "2,bo", "3,bo"], ["age"], ["ann", "bo", "bo"]),
        ("file,group", ["red", "blue", "red"], ["blue", "red"], None),
        ("file,group", ["1.5", "2.5", "3"], ["group"], None),
    ],
)
def test_group_columns(tmp_path, header, rows, names, groups):
    """Texts and numbers beside a target are groups; 0 and 1 are a label's; a column that is alone is the target."""
    text = "".join(f"{file},{row}\n" for file, row in zip(FILES, rows, strict=True))
    parsed = formats.parse(make_tree(tmp_path, FILES, d__csv=f"{header}\n{text}"))
    assert (parsed.names, parsed.groups) == (names, groups)
