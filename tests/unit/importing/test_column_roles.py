"""User-specified column roles are applied, kept, and rejected where they are not possible."""

from __future__ import annotations

import pytest

from lib.cli import main
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing.dry_run import dry_run
from lib.importing.importer import import_dataset
from tests.unit.importing.test_dry_run import _folder


def test_roles_that_cannot_be(tmp_path):
    """A role that is none, and a column that is in no table, are refused with what there is."""
    workspace = Workspace(tmp_path / "w")
    folder = _folder(tmp_path / "p", "file,label\n" + "".join(f"{n}.png,{'ab'[n % 2]}\n" for n in range(30)))
    with pytest.raises(UserError, match=r"'lable'.*expected one of file, labels, 01"):
        dry_run(workspace, folder, columns={"label": "lable"})
    with pytest.raises(UserError, match=r"No table has a column 'lable': the columns are 'file', 'label'"):
        dry_run(workspace, folder, columns={"lable": "labels"})


def test_a_role_changes_what_is_imported_and_is_kept(tmp_path):
    """Dry run and import read a column as said, report every column's role, and record what was said."""
    workspace = Workspace(tmp_path / "w")
    table = "file,label,kind\n" + "".join(f"{n}.png,{'ab'[n % 2]},{'uvw'[n % 3]}\n" for n in range(30))
    folder = _folder(tmp_path / "p", table)
    assert dry_run(workspace, folder).classes == ["a", "b"]
    chosen = {"label": "ignore", "kind": "labels"}
    trial = dry_run(workspace, folder, columns=chosen)
    report = import_dataset(workspace, folder, columns=chosen)
    assert trial.classes == report.classes == ["u", "v", "w"] and trial.columns == report.columns
    assert [(column["name"], column["role"], column["values"]) for column in report.columns] == [
        ("file", "file", ["0.png", "1.png", "2.png", "3.png", "4.png"]),
        ("label", "ignore", ["a", "b"]),
        ("kind", "labels", ["u", "v", "w"]),
    ]
    assert store.load(workspace, "p").source["columns"] == chosen


def test_the_command_line_takes_roles(tmp_path, capsys):
    """--column is understood by dry run and import; the roles stand on one line, and a word that is none is refused."""
    table = "file,label,kind\n" + "".join(f"{n}.png,{'ab'[n % 2]},{'uvw'[n % 3]}\n" for n in range(30))
    folder = str(_folder(tmp_path / "p", table))
    command = ["import", folder, "--dry-run", "--workspace", str(tmp_path / "w")]
    assert main([*command, "--column", "label=ignore", "--column", "kind=labels"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("columns:"))
    assert line.startswith("columns: file: file; ignore: label; labels: kind ")
    assert main([*command, "--column", "label"]) == 2 and "expected NAME=ROLE" in capsys.readouterr().err
    assert main([*command, "--column", "label=lable"]) == 2 and "expected one of file" in capsys.readouterr().err
