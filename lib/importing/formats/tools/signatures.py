"""Signatures of labeling tools: words by which a JSON or XML of theirs is known, and what to export instead."""

from __future__ import annotations

from dataclasses import dataclass

from lib.importing.tree import Tree
from lib.importing.untrusted import read_start

HEAD = 2**14  # bytes in which a tool shows
_COCO = "Export as COCO (JSON) or YOLO"


@dataclass(frozen=True)
class Tool:
    """A tool, the words of which all are in the start of its files, and what to export instead."""

    name: str
    words: tuple[str, ...]
    advice: str
    sure: bool = False  # no other JSON has these words


JSON_TOOLS = (
    Tool("VIA 3 (VGG Image Annotator)", ('"project"', '"view"', '"vid'), "Export with VIA 2 as CSV or COCO", True),
    Tool("VIA (VGG Image Annotator)", ('"regions"', '"shape_attributes"'), "Export as COCO, or as VIA CSV"),
    Tool("Supervisely", ('"classTitle"', '"geometryType"'), _COCO),
    Tool("Supervisely", ('"classTitle"',), _COCO),
    Tool("LabelMe", ('"shapes"', '"imagePath"'), "Convert with labelme2coco, or export as COCO or Pascal VOC"),
    Tool("V7 Darwin", ('"item"', '"slots"'), _COCO),
    Tool("V7 Darwin", ('"dataset"', '"annotations"', '"workview_url"'), _COCO),
    Tool("Datumaro", ('"categories"', '"items"', '"annotations"'), "Convert with: datum convert -f coco"),
    Tool("Labelbox", ('"data_row"',), "Convert with Labelbox's exporter to COCO", True),
    Tool("Labelbox", ('"Labeled Data"',), "Convert with Labelbox's exporter to COCO", True),
    Tool("Label Studio, without finished annotations", ('"annotations"', '"data"', '"project"'), "Export as JSON"),
    Tool("Prodigy", ('"_input_hash"',), "Write a CSV with the columns file and label", True),
    Tool("VoTT", ('"asset"', '"regions"'), "Export as Pascal VOC, or as CSV"),
    Tool("Amazon SageMaker Ground Truth", ('"source-ref"',), "Write a CSV with the columns file and label", True),
    Tool("Google Vertex AI", ('"imageGcsUri"',), "Export as CSV, with the images beside it"),
    Tool("SuperAnnotate", ('"instances"', '"className"'), "Export as COCO"),
    Tool("OpenPose", ('"people"', '"pose_keypoints_2d"'), "Label one person an image, or export as COCO", True),
    Tool("BDD100K or Scalabel", ('"labels"', '"name"', '"attributes"'), "Convert with scalabel.label.to_coco"),
    Tool("CreateML", ('"annotations"', '"coordinates"', '"image"'), _COCO),
    Tool("Scale AI", ('"task_id"', '"response"'), _COCO),
    Tool("Encord", ('"label_hash"',), "Export as COCO", True),
    Tool("COCO captions or panoptic segments", ('"images"', '"annotations"'), "Export COCO instances"),
)  # fmt: skip
XML_TOOLS = (
    Tool("CVAT for video", ("<annotations", "<track"), "Export as 'CVAT for images', COCO or YOLO"),
    Tool("CVAT", ("<annotations", "<image"), "Export as COCO or YOLO"),
    Tool("dlib's imglab", ("<dataset", "<images"), "Convert the points to a CSV with x and y of each"),
    Tool("LabelMe (the web tool)", ("<annotation", "<polygon"), "Export as COCO or Pascal VOC"),
    Tool("Pascal VOC", ("<annotation", "<filename"), "Put the XML files beside the images they name"),
)


def is_of_tool(tree: Tree, file: str) -> bool:
    """Return whether a JSON file is surely one of a tool whose form is not read."""
    start = read_start(tree, file, HEAD)
    return any(tool.sure and all(word in start for word in tool.words) for tool in JSON_TOOLS)
