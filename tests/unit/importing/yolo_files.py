"""YOLO sources: a configuration, pictures and their label files."""

from __future__ import annotations

import yaml

from tests.unit.importing.sources import make_tree

BOX = "0.5 0.5 0.2 0.1"


def yolo_config(**entries):
    return yaml.safe_dump({"names": ["cat", "dog"], "train": "images/train", "val": "images/val"} | entries)


def yolo_tree(tmp_path, labels=None, pictures=("images/train/a.jpg", "images/val/b.jpg"), **entries):
    """Return a source of two pictures with one box each, entries of data.yaml and .txt files as said."""
    labels = {"labels/train/a.txt": f"0 {BOX}\n", "labels/val/b.txt": f"1 {BOX}\n"} if labels is None else labels
    texts = {name.replace("/", "___").replace(".", "__"): text for name, text in labels.items()}
    return make_tree(tmp_path, list(pictures), data__yaml=yolo_config(**entries), **texts)
