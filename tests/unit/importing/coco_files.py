"""COCO files as text, put together of images, annotations and categories."""

from __future__ import annotations

import json

CATEGORIES = [
    {"supercategory": "person", "id": 1, "name": "person"},
    {"supercategory": "vehicle", "id": 3, "name": "car"},
    {"supercategory": "electronic", "id": 90, "name": "tv"},
]
HAND = {
    "supercategory": "none",
    "id": 1,
    "name": "hand",
    "keypoints": ["wrist", "thumb", "tip"],
    "skeleton": [[1, 2], [2, 3]],
}


def an_image(number, name, **more):
    return {"license": 1, "file_name": name, "height": 30, "width": 40, "id": number, **more}


def a_box(image, category, number=0, **more):
    outline = [[1.0, 2.0, 3.5, 2.0, 3.5, 8.25]]
    entry = {"segmentation": outline, "area": 9.5, "iscrowd": 0, "image_id": image, "bbox": [1.0, 2.0, 3.0, 4.0]}
    return entry | {"category_id": category, "id": number} | more


def coco(images, annotations, categories=CATEGORIES, **more):
    head = {"info": {"year": 2017}, "licenses": [{"id": 1}]}
    return json.dumps(head | {"images": images, "annotations": annotations, "categories": categories} | more)


def coco_points(tmp_path, keypoints, images=None, **more):
    """Return one picture for each list of ``keypoints`` with those annotated, further entries in ``more``."""
    images = images or [an_image(n, f"{n}.jpg") for n in range(len(keypoints))]
    annotations = [
        a_box(n, 1, n, keypoints=one, num_keypoints=sum(v in (1, 2) for v in one[2::3]), **more)
        for n, one in enumerate(keypoints)
    ]
    return images, annotations
