"""Statistics of real data against pandas on the imported targets, and against the files as they came."""

from __future__ import annotations

from xml.etree import ElementTree

import pandas as pd
import pytest
from PIL import Image

from tests import statistics_oracles as oracles


def test_multi_label_statistics_equal_pandas(real):
    """Every number of vehicles and of blood smears is pandas' own on the imported targets."""
    for name in ("vehicles", "bccd"):
        dataset = real(name)
        printed = oracles.printed(dataset)
        oracles.check_labels(printed, dataset)
        oracles.check_pictures(printed, dataset)


def test_keypoint_statistics_equal_numpy(real):
    """Every number of the faces is numpy's own on the imported points."""
    dataset = real("faces")
    printed = oracles.printed(dataset)
    oracles.check_points(printed, dataset)
    oracles.check_pictures(printed, dataset)


def test_vehicles_as_the_csv_files_say(real, real_data):
    """Counts per label and split, label sets and cardinality are those of the one-hot CSV files read by pandas."""
    parts = []
    for folder, split in (("train", "train"), ("valid", "valid"), ("test_data", "test")):
        part = pd.read_csv(real_data / "vehicles" / folder / "_classes.csv", skipinitialspace=True)
        there = part["filename"].map(lambda name, folder=folder: (real_data / "vehicles" / folder / name).is_file())
        parts.append(part[there].drop(columns="filename").assign(split=split))
    frame = pd.concat(parts)
    labels = frame.drop(columns="split")
    printed = oracles.printed(real("vehicles"))
    counts = frame.groupby("split").sum()
    assert printed["images"] == len(frame)
    for label in printed["frequencies"]["labels"]:
        for split, part in label["splits"].items():
            assert part["images"] == counts.loc[split, label["label"]]
    assert printed["labels_per_image"]["cardinality"] == pytest.approx(labels.sum(axis=1).mean())
    assert printed["labels_per_image"]["images_without_label"] == (labels.sum(axis=1) == 0).sum()
    assert printed["label_sets"]["distinct"] == len(labels.drop_duplicates())
    both = ((labels["motorbike"] == 1) & (labels["person"] == 1)).sum()
    place = {name: c for c, name in enumerate(printed["names"])}
    assert printed["together"]["images"][place["motorbike"]][place["person"]] == both


def test_blood_smears_as_the_xml_files_say(real, real_data):
    """On how many images each kind of cell is, and the sizes, are those of the annotations."""
    has: list[set[str]] = []
    for path in (real_data / "bccd" / "Annotations").glob("*.xml"):
        if (real_data / "bccd" / "JPEGImages" / f"{path.stem}.jpg").is_file():
            has.append({node.text.strip() for node in ElementTree.parse(path).iterfind("object/name")})
    counts = pd.Series([cell for cells in has for cell in cells]).value_counts()
    printed = oracles.printed(real("bccd"))
    assert {label["label"]: label["images"] for label in printed["frequencies"]["labels"]} == counts.to_dict()
    assert printed["labels_per_image"]["cardinality"] == pytest.approx(sum(map(len, has)) / len(has))


def test_faces_as_the_csv_says(real, real_data):
    """The mean shape, the number of persons and the picture sizes are those of the CSV and the pictures themselves."""
    table = pd.read_csv(real_data / "faces" / "keypoints.csv", index_col=0)
    sizes = {}
    for name in table.index:
        with Image.open(real_data / "faces" / "images" / name) as picture:
            sizes[name] = picture.size
    shape = pd.DataFrame.from_dict(sizes, orient="index", columns=["width", "height"])
    printed = oracles.printed(real("faces"))
    for k in (0, 33, 67):
        x, y = table[str(2 * k)] / shape["width"], table[str(2 * k + 1)] / shape["height"]
        assert printed["shape"]["points"][k]["mean"] == pytest.approx([x.mean(), y.mean()], rel=1e-5)
    assert printed["groups"]["groups"] == table.index.str.rsplit("_", n=1).str[0].nunique()
    assert printed["pictures"]["distinct"] == len(shape.drop_duplicates())
    assert printed["groups"]["in_several_splits"] == 0
