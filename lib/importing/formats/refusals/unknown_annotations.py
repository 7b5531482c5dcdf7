"""Names the tool that wrote a JSON, XML or other file of annotations which no reader takes, and what to export."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lib.core import sentences
from lib.importing.tree import Tree, suffix
from lib.importing.untrusted import read_start

_HEAD = 2**14  # bytes in which a tool shows
_FILES = 20  # of each ending
_COCO = "Export as COCO (JSON) or YOLO"
_TAG = re.compile(r"<([A-Za-z_][\w.\-]{0,60})[\s/>]")


@dataclass(frozen=True)
class _Tool:
    """A tool, the words of which all are in the start of its files, and what to export instead."""

    name: str
    words: tuple[str, ...]
    advice: str


_JSON = (
    _Tool("VIA 3 (VGG Image Annotator)", ('"project"', '"view"', '"vid'), "Export with VIA 2 as CSV or COCO"),
    _Tool("VIA (VGG Image Annotator)", ('"regions"', '"shape_attributes"'), "Export as COCO, or as VIA CSV"),
    _Tool("Supervisely", ('"classTitle"', '"geometryType"'), _COCO),
    _Tool("Supervisely", ('"classTitle"',), _COCO),
    _Tool("LabelMe", ('"shapes"', '"imagePath"'), "Convert with labelme2coco, or export as COCO or Pascal VOC"),
    _Tool("V7 Darwin", ('"item"', '"slots"'), _COCO),
    _Tool("V7 Darwin", ('"dataset"', '"annotations"', '"workview_url"'), _COCO),
    _Tool("Datumaro", ('"categories"', '"items"', '"annotations"'), "Convert with: datum convert -f coco"),
    _Tool("Labelbox", ('"data_row"',), "Convert with Labelbox's exporter to COCO"),
    _Tool("Labelbox", ('"Labeled Data"',), "Convert with Labelbox's exporter to COCO"),
    _Tool("Label Studio, without finished annotations", ('"annotations"', '"data"', '"project"'), "Export as JSON"),
    _Tool("Prodigy", ('"_input_hash"',), "Write a CSV with the columns file and label"),
    _Tool("VoTT", ('"asset"', '"regions"'), "Export as Pascal VOC, or as CSV"),
    _Tool("Amazon SageMaker Ground Truth", ('"source-ref"',), "Write a CSV with the columns file and label"),
    _Tool("Google Vertex AI", ('"imageGcsUri"',), "Export as CSV, with the images beside it"),
    _Tool("SuperAnnotate", ('"instances"', '"className"'), "Export as COCO"),
    _Tool("OpenPose", ('"people"', '"pose_keypoints_2d"'), "Label one person an image, or export as COCO key points"),
    _Tool("BDD100K or Scalabel", ('"labels"', '"name"', '"attributes"'), "Convert with scalabel.label.to_coco"),
    _Tool("CreateML", ('"annotations"', '"coordinates"', '"image"'), _COCO),
    _Tool("Scale AI", ('"task_id"', '"response"'), _COCO),
    _Tool("Encord", ('"label_hash"',), "Export as COCO"),
    _Tool("COCO captions or panoptic segments", ('"images"', '"annotations"'), "Export COCO instances"),
)  # fmt: skip
_XML = (
    _Tool("CVAT for video", ("<annotations", "<track"), "Export as 'CVAT for images', COCO or YOLO"),
    _Tool("CVAT", ("<annotations", "<image"), "Export as COCO or YOLO"),
    _Tool("dlib's imglab", ("<dataset", "<images"), "Convert the points to a CSV with x and y of each"),
    _Tool("LabelMe (the web tool)", ("<annotation", "<polygon"), "Export as COCO or Pascal VOC"),
    _Tool("Pascal VOC", ("<annotation", "<filename"), "Put the XML files beside the images they name"),
)


def explain(tree: Tree) -> str | None:
    """Return which tool seems to have written a file of annotations, or what is in one; None if there is none."""
    several = _several_animals(tree)
    if several is not None:
        return several
    for endings, tools, entries in (
        ((".json", ".jsonl", ".ndjson", ".manifest"), _JSON, _keys),
        ((".xml",), _XML, _tags),
    ):
        starts = {file: read_start(tree, file, _HEAD) for file in tree.with_suffix(*endings)[:_FILES]}
        for tool in tools:
            file = next((file for file, text in starts.items() if all(word in text for word in tool.words)), None)
            if file is not None:
                contents = sentences.listed([word.strip('"<') for word in tool.words], 3, show=repr)
                return (
                    f"{file} looks like annotations of {tool.name} (it has {contents}), but not in a form that is "
                    "read: "
                    f"expected labels, points or numbers of images that are there. {tool.advice}, and import again."
                )
        for file, text in starts.items():
            names = entries(text)
            contents = f"the entries {sentences.listed(names, 6, show=repr)}" if names else "no entry that is known"
            kind = suffix(file)[1:].upper()
            return (
                f"{file} may be annotations, of a form that is not known: expected the {kind} of a labeling tool, "
                "found "
                f"{contents}. Export as COCO, YOLO or a CSV with the columns file and label."
            )
    return None


def _several_animals(tree: Tree) -> str | None:
    files = [file for file in tree.with_suffix(".slp", ".h5") if file.endswith(".slp") or "CollectedData" in file]
    if not files:
        return None
    tool = "SLEAP" if suffix(files[0]) == ".slp" else "DeepLabCut"
    csv = "the CollectedData CSV beside it" if tool == "DeepLabCut" else "a CSV with x and y of every point"
    return (
        f"{files[0]} holds labels of {tool}, maybe of several animals an image: expected {csv}, found a file that "
        "packs "
        "them (HDF5). Export one animal an image as CSV or as COCO key points."
    )


def _keys(text: str) -> Sequence[str]:
    """Return the names of the outermost entries of JSON, as far as it was read."""
    names, depth = [], 0
    base = 2 if text.lstrip().startswith("[") else 1
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', text):
        token = match[0]
        if token in "{[":
            depth += 1
        elif token in "}]":
            depth -= 1
        elif depth == base and text[match.end() : match.end() + 8].lstrip().startswith(":") and len(token) < 62:
            names.append(token[1:-1])
    return list(dict.fromkeys(names))


def _tags(text: str) -> Sequence[str]:
    return list(dict.fromkeys(_TAG.findall(text)))
