"""Exports of annotation tools as they write them, of pictures with these names, to be changed by tests."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from lib.importing.parsed import Parsed

#: A picture in each line of the forms below, whose annotation gives the labels or points that tests expect.
PICTURES = ["0.jpg", "1.jpg", "2.jpg"]


def labels_of(parsed: Parsed) -> dict[str, list[str]]:
    """Return the labels of each picture."""
    return {
        file: [name for name, there in zip(parsed.names, row, strict=True) if there]
        for file, row in zip(parsed.files, parsed.targs, strict=True)
    }


def points_of(parsed: Parsed) -> dict[str, list[tuple[float, ...] | None]]:
    """Return the points of each picture, None where missing."""
    return {
        file: [None if np.isnan(point).any() else tuple(point) for point in row.tolist()]
        for file, row in zip(parsed.files, parsed.targs, strict=True)
    }


CVAT_LABELS = """<labels><label><name>night</name></label><label><name>day</name></label><label><name>sun</name></label>
<label><name>person</name><type>skeleton</type><svg>
&lt;circle data-node-id="1" data-label-name="nose"&gt;&lt;/circle&gt;
&lt;circle data-node-id="2" data-label-name="tail"&gt;&lt;/circle&gt;&lt;line data-type="edge" data-node-from="1"
data-node-to="2"&gt;&lt;/line&gt;</svg></label>
<label><name>nose</name><type>points</type><parent>person</parent></label>
<label><name>tail</name><type>points</type><parent>person</parent></label></labels>"""


def cvat(*images: str, meta: str = f"<task><name>t</name>{CVAT_LABELS}</task>") -> str:
    """Return CVAT for images 1.1."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version><meta>{meta}</meta>'
        f"{''.join(images)}</annotations>"
    )


def cvat_image(name: str, content: str = "", **more: str) -> str:
    """Return an entry of it."""
    attributes = {"id": "0", "name": name, "width": "40", "height": "30"} | more
    return _element("image", attributes, content)


def cvat_shape(kind: str, label: str, content: str = "", **more: str) -> str:
    """Return a tag, box, points, ...."""
    attributes = {"label": label, "source": "manual"} | more
    return _element(kind, attributes, content)


def _element(kind: str, attributes: dict[str, str], content: str) -> str:
    return "".join([f"<{kind}", *(f' {key}="{value}"' for key, value in attributes.items()), f">{content}</{kind}>"])


def labelme(
    picture: str, shapes: list[dict[str, Any]] | None = None, flags: dict[str, bool] | None = None, **more: Any
) -> str:
    """Return LabelMe's JSON of a picture."""
    data = {"version": "5.4.1", "flags": flags or {}, "shapes": shapes or [], "imagePath": picture, "imageData": None}
    return json.dumps(data | {"imageHeight": 30, "imageWidth": 40} | more)


def labelme_shape(label: str, kind: str, *points: tuple[float, float], group: int | None = None) -> dict[str, Any]:
    """Return a shape of it."""
    pairs = [list(point) for point in points]
    return {"label": label, "points": pairs, "group_id": group, "description": "", "shape_type": kind, "flags": {}}


def via_region(attributes: dict[str, Any], **shape: Any) -> dict[str, Any]:
    """Return a region of VIA, by default a rectangle."""
    box = {"name": "rect", "x": 1, "y": 2, "width": 3, "height": 4}
    return {"shape_attributes": shape or box, "region_attributes": attributes}


def via_point(x: float, y: float, **attributes: Any) -> dict[str, Any]:
    """Return a point of VIA."""
    return via_region(attributes, name="point", cx=x, cy=y)


def via_json(entries: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]], **project: Any) -> str:
    """Return VIA 2's annotations, a project with further entries, of attributes and regions by picture."""
    data = {
        f"{name}99": {"filename": name, "size": 99, "regions": regions, "file_attributes": attributes}
        for name, (attributes, regions) in entries.items()
    }
    return json.dumps({"_via_settings": {}, "_via_img_metadata": data} | project if project else data)


def via_csv(entries: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]) -> str:
    """Return VIA's CSV."""

    def cell(value: dict[str, Any]) -> str:
        return '"' + json.dumps(value).replace('"', '""') + '"'

    lines = ["filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes"]
    for name, (attributes, regions) in entries.items():
        for number, region in enumerate(regions or [{"shape_attributes": {}, "region_attributes": {}}]):
            parts = cell(region["shape_attributes"]), cell(region["region_attributes"])
            lines.append(",".join([name, "99", cell(attributes), str(len(regions)), str(number), *parts]))
    return "\n".join(lines) + "\n"


def dlib(*images: str) -> str:
    """Return imglab's XML."""
    head = "<?xml version='1.0' encoding='ISO-8859-1'?><?xml-stylesheet type='text/xsl' href='x.xsl'?>"
    return f"{head}<dataset><name>n</name><comment>c</comment><images>{''.join(images)}</images></dataset>"


def dlib_image(name: str, *boxes: str) -> str:
    """Return an image of it."""
    return f"<image file='{name}' width='40' height='30'>{''.join(boxes)}</image>"


def dlib_box(parts: dict[str, tuple[int, int]], label: str = "", box=(2, 3, 20, 10), **more: str) -> str:
    """Return a box, (left, top, width, height)."""
    left, top, width, height = box
    inside = f"<label>{label}</label>" if label else ""
    inside += "".join(f"<part name='{name}' x='{x}' y='{y}'/>" for name, (x, y) in parts.items())
    extra = "".join(f" {key}='{value}'" for key, value in more.items())
    return f"<box top='{top}' left='{left}' width='{width}' height='{height}'{extra}>{inside}</box>"


def supervisely(*objects: dict[str, Any], tags: tuple[dict[str, Any], ...] = ()) -> str:
    """Return Supervisely's JSON of a picture."""
    size = {"height": 30, "width": 40}
    return json.dumps({"description": "", "tags": list(tags), "size": size, "objects": list(objects)})


def supervisely_box(label: str) -> dict[str, Any]:
    """Return an object of it."""
    outline = {"exterior": [[1, 2], [20, 30]], "interior": []}
    return {"classTitle": label, "geometryType": "rectangle", "points": outline, "tags": []}


def supervisely_graph(label: str, nodes: dict[str, tuple[float, float]], disabled: tuple[str, ...] = ()) -> dict:
    """Return an object with points."""
    places = {key: {"loc": list(place), "disabled": key in disabled} for key, place in nodes.items()}
    return {"classTitle": label, "geometryType": "graph", "nodes": places, "tags": []}


SUPERVISELY_META = json.dumps(
    {
        "classes": [
            {
                "title": "person",
                "shape": "graph",
                "geometry_config": {
                    "nodes": {"u1": {"label": "nose", "loc": [1, 1]}, "u2": {"label": "tail", "loc": [2, 2]}},
                    "edges": [{"src": "u1", "dst": "u2", "color": "#f00"}],
                },
            },
            {"title": "cat", "shape": "rectangle"},
        ],
        "tags": [],
    }
)
