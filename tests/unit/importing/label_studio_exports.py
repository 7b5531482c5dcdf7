"""Exports as Label Studio writes them, for the tests of their reader."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

from lib.importing.parsed import Parsed
from lib.importing.tree import Tree
from tests.unit.importing.sources import make_tree

_ids = count(1)


def choice(*choices, name="choice", **extra) -> dict:
    """Return the result of choices."""
    value = {"choices": list(choices)} | extra
    return {"value": value, "id": "XnZ", "from_name": name, "to_name": "image", "type": "choices", "origin": "manual"}


def point(label, x, y, size=(200, 100), rotation=0) -> dict:
    """Return the result of one key point, placed in per cent of ``size``."""
    return {
        "original_width": size[0],
        "original_height": size[1],
        "image_rotation": rotation,
        "value": {"x": x, "y": y, "width": 0.34, "keypointlabels": [label]},
        "id": "tQn",
        "from_name": "kp-1",
        "to_name": "img-1",
        "type": "keypointlabels",
        "origin": "manual",
    }


def box(*labels) -> dict:
    """Return the result of a labeled box."""
    value = {"x": 1, "y": 2, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": list(labels)}
    return {"value": value, "from_name": "label", "to_name": "image", "type": "rectanglelabels"}


def annotation(*results, **extra) -> dict:
    """Return a finished annotation."""
    dates = {"created_at": "2024-05-01T10:00:00.000000Z", "updated_at": "2024-05-01T10:00:00.000000Z"}
    return {"id": next(_ids), "completed_by": 1, "result": list(results), "was_cancelled": False} | dates | extra


def task(image: str, *annotations, **data) -> dict:
    """Return a task as the export writes it, with everything around that is of no interest."""
    number = next(_ids)
    return {
        "id": number,
        "annotations": list(annotations),
        "file_upload": image.rsplit("/", 1)[-1],
        "drafts": [],
        "predictions": [{"result": [choice("predicted")], "score": 0.9}],
        "data": {"image": image} | data,
        "meta": {},
        "total_annotations": len(annotations),
    }


def upload(name: str) -> str:
    """Return what an uploaded picture is called."""
    return f"/data/upload/1/{next(_ids):08x}-{name}"


def export(root: Path, tasks: list, pictures: list[str], name="project-1-at-2024-05-01-10-33-ab12cd34.json") -> Tree:
    """Write an export beside empty pictures."""
    make_tree(root, pictures)
    (root / name).write_text(json.dumps(tasks), encoding="utf-8")
    return Tree(root)


def targets(parsed: Parsed) -> dict:
    """Return the target of each picture."""
    return dict(zip(parsed.files, parsed.targs.tolist(), strict=True))
