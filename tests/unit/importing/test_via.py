"""VGG Image Annotator files are read the way their users mean them, from each of its exports."""

from __future__ import annotations

import json

import pytest

from lib.core.errors import UserError
from lib.importing import formats
from lib.importing.parsed import UnsureError
from tests.unit.importing.sources import kinds, make_tree
from tests.unit.importing.tool_exports import PICTURES, labels_of, points_of, via_csv, via_json, via_point, via_region

ENTRIES = {
    "0.jpg": ({}, [via_region({"type": "car"}), via_region({"type": "bike"}), via_region({"type": "car"})]),
    "1.jpg": ({}, [via_region({"type": "car"})]),
    "2.jpg": ({}, []),
}
#: Each of VIA's ways to write the same: file name and text.
FORMS = {
    "CSV": ("v.csv", via_csv(ENTRIES)),
    "CSV of VIA 1": ("v.csv", "#" + via_csv(ENTRIES)),
    "JSON": ("v.json", via_json(ENTRIES)),
    "JSON of VIA 1": (
        "v.json",
        json.dumps(
            {
                key: entry | {"regions": {str(n): one for n, one in enumerate(entry["regions"])}}
                for key, entry in json.loads(via_json(ENTRIES)).items()
            }
        ),
    ),
    "project": ("v.json", via_json(ENTRIES, _via_attributes={"region": {}, "file": {}})),
}


@pytest.mark.parametrize("form", FORMS)
def test_regions_are_labels(tmp_path, form):
    """The same in every form, and a CSV of VIA's is no table."""
    name, text = FORMS[form]
    parsed = formats.parse(make_tree(tmp_path, PICTURES, **{name.replace(".", "__"): text}))
    assert (parsed.format, parsed.task) == ("VGG Image Annotator (VIA)", "multi-label")
    assert labels_of(parsed) == {"0.jpg": ["bike", "car"], "1.jpg": ["car"], "2.jpg": []}
    assert kinds(parsed) == {} and parsed.fixes == []


def test_file_attributes_are_labels(tmp_path):
    """Check boxes give several, a drop-down list one; the project's options are their order."""
    boxes = {
        "0.jpg": ({"shows": {"cat": True, "dog": True}}, []),
        "1.jpg": ({"shows": {"cat": True, "dog": False}}, []),
    }
    options = {"file": {"shows": {"type": "checkbox", "options": {"dog": "", "cat": "", "owl": ""}}}}
    parsed = formats.parse(make_tree(tmp_path / "a", PICTURES[:2], v__json=via_json(boxes, _via_attributes=options)))
    assert (parsed.task, parsed.names) == ("multi-label", ["dog", "cat"])
    assert labels_of(parsed) == {"0.jpg": ["dog", "cat"], "1.jpg": ["cat"]}
    assert parsed.problems.examples == {"unused-name": ["owl"]}
    one = {"0.jpg": ({"breed": "pug"}, []), "1.jpg": ({"breed": "collie"}, []), "2.jpg": ({"breed": ""}, [])}
    parsed = formats.parse(make_tree(tmp_path / "b", PICTURES, v__csv=via_csv(one)))
    assert (parsed.task, parsed.names, parsed.targs.tolist()) == ("single-label", ["collie", "pug"], [1, 0])
    assert kinds(parsed) == {"not-annotated": 1} and parsed.left_out == {"2.jpg"}


def test_several_attributes_are_asked(tmp_path):
    """None has a usual name: nothing is guessed. One that has is read, and the others are a click away."""
    entries = {
        "0.jpg": ({}, [via_region({"color": "red", "hurt": "no"})]),
        "1.jpg": ({}, [via_region({"color": "blue"})]),
    }
    tree = make_tree(tmp_path / "a", PICTURES[:2], v__csv=via_csv(entries))
    with pytest.raises(UnsureError, match=r"v\.csv: each of the attributes 'color', 'hurt' could be") as error:
        formats.parse(tree)
    assert [(fix.choice, fix.value) for fix in error.value.fixes] == [("attribute", "color"), ("attribute", "hurt")]
    assert labels_of(formats.parse(tree, choices={"attribute": "color"})) == {"0.jpg": ["red"], "1.jpg": ["blue"]}
    with pytest.raises(UserError, match="one of 'color', 'hurt'"):
        formats.parse(tree, choices={"attribute": "x"})
    named = {"0.jpg": ({}, [via_region({"Class": "car", "hurt": "no"})]), "1.jpg": ({}, [via_region({"Class": "bus"})])}
    parsed = formats.parse(make_tree(tmp_path / "b", PICTURES[:2], v__csv=via_csv(named)))
    assert parsed.names == ["bus", "car"]
    assert [(fix.choice, fix.value) for fix in parsed.fixes] == [("attribute", "hurt")]


@pytest.mark.parametrize("write", [via_csv, via_json])
def test_points_are_keypoints(tmp_path, write):
    """Named by their attribute; one that nobody set is missing, one without a name leaves its picture out."""
    entries = {
        "0.jpg": ({}, [via_point(1, 2.5, name="eye"), via_point(3, 4, name="nose")]),
        "1.jpg": ({}, [via_point(5, 6, name="nose")]),
        "2.jpg": ({}, [via_point(5, 6, name="nose"), via_point(7, 8)]),
    }
    name = "v__csv" if write is via_csv else "v__json"
    parsed = formats.parse(make_tree(tmp_path, PICTURES, **{name: write(entries)}))
    assert (parsed.task, parsed.names) == ("keypoints", ["eye", "nose"])
    assert points_of(parsed) == {"0.jpg": [(1, 2.5), (3, 4)], "1.jpg": [None, (5, 6)]}
    assert kinds(parsed) == {"missing-value": 1} and parsed.left_out == {"2.jpg"}


def test_points_without_names_are_numbered(tmp_path):
    """As they come; a picture with another number of them is left out and told."""
    entries = {
        "0.jpg": ({}, [via_point(1, 2), via_point(3, 4)]),
        "1.jpg": ({}, [via_point(5, 6), via_point(7, 8)]),
        "2.jpg": ({}, [via_point(5, 6)]),
    }
    parsed = formats.parse(make_tree(tmp_path, PICTURES, v__csv=via_csv(entries)))
    assert parsed.names == ["point 1", "point 2"] and kinds(parsed) == {"other-points": 1}
    assert points_of(parsed) == {"0.jpg": [(1, 2), (3, 4)], "1.jpg": [(5, 6), (7, 8)]}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "v__json",
            '{"project": {"pid": "__VIA_PROJECT_ID__", "creator": "(http://www.robots.ox.ac.uk/~vgg/software/via)"}, '
            '"config": {}, "attribute": {}, "file": {"1": {"fname": "0.jpg"}}, "metadata": {}, "view": {}}',
        ),
        (
            "v__csv",
            "# Exported using VGG Image Annotator\n# CSV_HEADER = metadata_id,file_list,flags,temporal_coordinates,"
            'spatial_coordinates,metadata\n"1_a","[""0.jpg""]",0,"[]","[2,1,1,5,5]","{}"\n',
        ),
    ],
)
def test_version_3_is_refused_by_name(tmp_path, name, text):
    """It says what to export."""
    with pytest.raises(UserError, match=r"is of VIA 3 \(VGG Image Annotator\).*as COCO"):
        formats.parse(make_tree(tmp_path, PICTURES, **{name: text}))


def test_a_cell_that_is_no_json_is_named(tmp_path):
    """File, line and column."""
    text = via_csv(ENTRIES).replace('"{""type"": ""bike""}"', '"{""type"": "')
    with pytest.raises(UserError, match=r"v\.csv, line 3, region_attributes: expected JSON"):
        formats.parse(make_tree(tmp_path, PICTURES, v__csv=text))
