"""Export, image serving, the command line, and old runs all account for edits."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib.cli import main
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.workspace import VARIABLE
from lib.datasets import brightness, store
from lib.datasets.edits import edits
from lib.datasets.edits.edits import Cell
from lib.export import dataset
from lib.importing import importer
from lib.training import events, options, run_metrics, runs
from lib.web.server import routes
from tests import unsealed

RUN = "20260102-030405-abcd"


@pytest.fixture
def edited(make_dataset) -> Dataset:
    """A dataset with one label set and two images excluded."""
    dataset = make_dataset("multi-label")
    was = int(dataset.targs[3, 2])
    return edits.exclude(edits.set_targs(dataset, [Cell(3, 2, was, 1 - was)], note="set"), [0, 40], note="out")


def test_an_export_has_the_edits_and_no_excluded_images(make_dataset, workspace, tmp_path):
    """What leaves is the state as it is; imported again it has the same targets, splits and pictures."""
    imported = make_dataset("single-label")
    cell = Cell(3, 0, int(imported.targs[3]), (int(imported.targs[3]) + 1) % 3)
    edited = edits.exclude(edits.set_targs(imported, [cell], note="set"), [0, 40], note="out")
    export = dataset.prepare(edited, "labels-csv")
    assert any("Excluded images are left out: 2 of 48" in note for note in export.notes)
    dataset.write(export, tmp_path / "out.zip")
    importer.import_dataset(workspace, tmp_path / "out.zip", name="back", task=export.task)
    back, kept = store.load(workspace, "back"), edited.included
    rows = back.items["original"].map({name: row for row, name in enumerate(edited.items["original"])}).to_numpy()
    assert sorted(rows) == kept.tolist()
    named = [back.names[label] for label in back.targs]
    assert named == [edited.names[label] for label in edited.targs[rows]]
    assert back.items["split"].tolist() == edited.items["split"].iloc[rows].tolist()
    first = int(rows[0])
    assert back.image_path(0).read_bytes() == edited.image_path(first).read_bytes()


def test_pictures_have_one_address_through_edits(edited, monkeypatch, workspace):
    """An edit changes no picture: its address, its ETag and what was measured of it stay; excluded ones are shown."""
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    client = TestClient(Starlette(routes=routes.routes()))
    answer = client.get(f"/api/datasets/made/items/0?size=128&v={edited.base}")
    assert "immutable" in answer.headers["cache-control"]
    assert edited.base in answer.headers["etag"]
    measured = brightness.measure(edited)
    np.testing.assert_array_equal(brightness.read(edits.undo(edited)), measured)


def test_a_run_finds_the_state_that_it_saw(edited, workspace):
    """A run of any state since the import has its dataset, also after undo; of another import it has none."""
    for number, state in enumerate((store.load(workspace, "made", edited.base), edited)):
        folder = workspace.run(f"{RUN[:-1]}{number}")
        folder.mkdir(parents=True)
        (folder / events.CONFIG).write_text(json.dumps(options.configure(state, {}).to_json()))
    edits.restore(edited)
    first, second = (runs.load(workspace, f"{RUN[:-1]}{number}").dataset() for number in range(2))
    assert len(first.included) == 48
    assert second.revision == edited.revision
    assert second.targs[3, 2] != first.targs[3, 2]


def test_groups_of_a_run_are_those_it_saw(make_dataset, workspace):
    """Groups assigned after a training are not those of its images."""
    dataset = make_dataset("multi-label")
    after = edits.assign(dataset, dataset.items["split"].tolist(), ["one"] * 48, how={}, note="groups")
    items = dataset.index("valid")
    assert len(set(run_metrics.groups(store.load(workspace, "made", dataset.revision), items))) == len(items)
    assert len(set(run_metrics.groups(after, items))) == 1


def _told(capsys, *arguments: str) -> dict:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_command_line_edits(edited, workspace, capsys, monkeypatch):
    """Exclude by row and by file, undo, redo, include and the list; a wrong name is a sentence."""
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    assert _told(capsys, "exclude", "made", "5", "picture 6.png", "from/picture 7.png")["excluded"] == 5
    assert _told(capsys, "undo", "made")["excluded"] == 2
    assert _told(capsys, "redo", "made")["excluded"] == 5
    told = _told(capsys, "include", "made", "6", "--note", "fine after all")
    assert told["undo"] == "Included again: from/picture 6.png (fine after all)"
    assert told["splits"] == {"train": 29, "valid": 9, "test": 6}
    listed = _told(capsys, "edits", "made")
    assert [edit["note"] for edit in listed["edits"]][:2] == ["set", "out"]
    assert listed["revision"] == store.load(workspace, "made").revision
    assert main(["edits", "made"]) == 0
    assert "fine after all" in capsys.readouterr().out
    for arguments, words in (
        (["exclude", "made", "nobody.png"], "no image is called 'nobody.png'"),
        (["exclude", "made", "48"], "rows 0 to 47"),
        (["redo", "made"], "no edit of made to redo"),
    ):
        assert main(arguments) == 2
        assert words in capsys.readouterr().err


def test_two_images_of_one_name_are_told_apart(make_dataset, workspace, monkeypatch, capsys):
    """A name that several images have is refused, with what to give instead."""
    dataset = make_dataset("multi-label")
    dataset.items["original"] = [f"{row}/same.png" for row in range(48)]
    pd.DataFrame(dataset.items).to_parquet(dataset.path / "items.parquet", index=False)
    unsealed.renew_dataset(dataset.path)
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    assert main(["exclude", "made", "same.png"]) == 2
    assert "48 images are called" in capsys.readouterr().err
    assert main(["exclude", "made", "9/same.png"]) == 0


def test_configurations_name_the_edited_state(edited):
    """A training started now records the revision of the edits."""
    assert options.configure(edited, {}).revision == edited.revision != edited.base


def test_an_unknown_revision_is_a_sentence(edited, workspace):
    """A state that never was is refused with what there is."""
    with pytest.raises(UserError, match=r"no state of revision 000.*edited 2 times"):
        store.load(workspace, "made", "000000000000")
