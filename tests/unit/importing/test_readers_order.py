"""A source is still read by the reader for its own format, whatever other readers could make of it."""

from __future__ import annotations

import json

import pytest

from lib.core.errors import UserError
from lib.importing import formats
from tests.unit.importing import tool_exports as tools
from tests.unit.importing.sources import make_tree

_BOX = "<object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object>"
#: Form: what lies beside two pictures.
FORMS = {
    "COCO JSON": {
        "a__json": json.dumps(
            {
                "images": [{"id": n, "file_name": f"{n}.jpg", "label": "x"} for n in range(2)],
                "annotations": [{"id": n, "image_id": n, "category_id": 1, "bbox": [1, 2, 3, 4]} for n in range(2)],
                "categories": [{"id": 1, "name": "cat"}],
            }
        )
    },
    "Label Studio export": {
        "a__json": json.dumps(
            [
                {
                    "id": n,
                    "data": {"image": f"/data/upload/1/{n}.jpg"},
                    "image": f"{n}.jpg",
                    "annotations": [
                        {"result": [{"type": "choices", "from_name": "joints", "value": {"choices": ["cat"]}}]}
                    ],
                }
                for n in range(2)
            ]
        )
    },
    "Pascal VOC": {
        **{f"{n}__xml": f"<annotation><filename>{n}.jpg</filename>{_BOX}</annotation>" for n in range(2)},
        "sizes__json": '{"0.jpg": "40", "1.jpg": "30"}',
    },
    "YOLO": {
        "data__yaml": "names: [cat]\ntrain: .\nval: .\n",
        **{f"{n}__txt": "0 0.5 0.5 0.5 0.5\n" for n in range(2)},
        "sizes__json": '{"0.jpg": "40", "1.jpg": "30"}',
    },
    "table of labels": {"a__csv": "file,label\n0.jpg,cat\n1.jpg,cat\n", "sizes__json": '{"0.jpg": "40"}'},
    "CVAT for images": {
        "a__xml": tools.cvat(*(tools.cvat_image(f"{n}.jpg", tools.cvat_shape("tag", "cat")) for n in "01"))
    },
    "LabelMe": {f"{n}__json": tools.labelme(f"{n}.jpg", flags={"cat": True}) for n in range(2)},
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_has_its_reader(tmp_path, form):
    """With no task wanted and with labels; where points are wanted nothing else is read in their place."""
    tree = make_tree(tmp_path, ["0.jpg", "1.jpg"], **FORMS[form])
    for task in (None, "multi-label"):
        parsed = formats.parse(tree, task)
        assert (parsed.format, parsed.names) == (form, ["cat"])
    with pytest.raises(UserError, match="points"):
        formats.parse(tree, "keypoints")
