"""A failed import says why in one sentence and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from lib.core.errors import UserError
from lib.datasets import store
from lib.importing.importer import import_dataset
from tests.unit.importing import labeled_folders
from tests.unit.importing.labeled_folders import (
    folder_of_points,
    labeled_folder,
    save_picture,
    snapshot,
    zipped,
)

workspace = labeled_folders.workspace


def _no_zip(root: Path) -> Path:
    (root / "pets.zip").write_text("no zip")
    return root / "pets.zip"


def _cut_zip(root: Path) -> Path:
    path = zipped(labeled_folder(root / "pets"))
    path.write_bytes(path.read_bytes()[:-2000])
    return path


def _with_table(text: str):
    def make(root: Path) -> Path:
        folder = labeled_folder(root / "pets")
        (folder / "labels.csv").write_text(text)
        return folder

    return make


def _all_empty(root: Path) -> Path:
    folder = labeled_folder(root / "pets")
    for path in (folder / "images").iterdir():
        path.write_bytes(b"")
    return folder


def _one_class(root: Path) -> Path:
    for i in range(5):
        save_picture(root / "pets" / "cat" / f"{i}.png")
    return root / "pets"


def _one_class_left(root: Path) -> Path:
    folder = _one_class(root)
    (folder / "dog").mkdir()
    (folder / "dog" / "1.png").write_bytes(b"")
    return folder


def _without_point(root: Path) -> Path:
    folder = folder_of_points(root, 20)
    rows = "".join(f"{i}.png,20,15,,\n" for i in range(4))
    (folder / "points.csv").write_text(f"file,nose_x,nose_y,tail_x,tail_y\n{rows}")
    return folder


def _empty_folder(root: Path) -> Path:
    (root / "empty").mkdir()
    return root / "empty"


BAD = {
    "missing": (lambda root: root / "nowhere", "nowhere"),
    "no zip": (_no_zip, r"pets\.zip"),
    "cut zip": (_cut_zip, r"pets\.zip"),
    "empty table": (_with_table(""), r"labels\.csv"),
    "unknown columns": (_with_table("foo,bar\n1.5,2\n3,4\n"), r"labels\.csv"),
    "labels for no image": (_with_table("fname,label\nx.png,cat\ny.png,dog\n"), r"labels\.csv"),
    "one image": (lambda root: labeled_folder(root / "pets", 1), "."),
    "no image opens": (_all_empty, r"None of the 20 images"),
    "one class": (_one_class, "."),
    "one class left": (_one_class_left, "."),
    "empty folder": (_empty_folder, "no image"),
    "far point": (lambda root: folder_of_points(root / "p", 200), r"2\.png.*nose.*\(200, 15\).*40 x 30"),
    "point that nobody has": (lambda root: _without_point(root / "p"), r"'tail'"),
    "label that nobody knows": (_with_table("fname,cat,dog\np0_0.png,1,\np0_1.png,0,\np0_2.png,1,\n"), r"'dog'"),
    "row without value": (_with_table("fname,age\np0_0.png,\np0_1.png,\n"), r"labels\.csv"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("used", [False, True])
def test_bad_sources_leave_the_workspace_as_it_was(tmp_path, workspace, case, used):
    """Each gets one sentence, and not a byte of the workspace changes, whether it existed or not."""
    make, sentence = BAD[case]
    (tmp_path / "source").mkdir()
    source = make(tmp_path / "source")
    if used:
        import_dataset(workspace, labeled_folder(tmp_path / "earlier"))
    before = snapshot(tmp_path / "home")
    for dry_run in (True, False):
        with pytest.raises(UserError, match=sentence) as caught:
            import_dataset(workspace, source, dry_run=dry_run)
        assert "\n" not in str(caught.value)
    assert snapshot(tmp_path / "home") == before


@pytest.mark.parametrize(
    "options",
    [{"name": "../x"}, {"name": ""}, {"valid": 1.5}, {"group": "("}, {"group": "(zebra)"}, {"task": "poetry"}],
)
def test_bad_options_leave_the_workspace_as_it_was(tmp_path, workspace, options):
    """An option that cannot be used is refused like bad data."""
    with pytest.raises(UserError):
        import_dataset(workspace, labeled_folder(tmp_path / "pets"), **options)
    assert not workspace.root.parent.exists()


def test_taken_names_are_refused(tmp_path, workspace):
    """A second import of a name changes nothing and says what to do."""
    folder = labeled_folder(tmp_path / "pets")
    import_dataset(workspace, folder)
    before = snapshot(workspace.root)
    with pytest.raises(UserError, match="another name"):
        import_dataset(workspace, folder)
    assert snapshot(workspace.root) == before
    import_dataset(workspace, folder, name="pets-2")
    assert workspace.dataset_names() == ["pets", "pets-2"]


def test_interruption_leaves_nothing(tmp_path, workspace):
    """Ctrl-C while copying removes what was written."""

    def interrupt(done: int, total: int, text: str) -> None:
        if text == "Copying the images" and done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_dataset(workspace, labeled_folder(tmp_path / "pets"), progress=interrupt)
    assert not workspace.root.parent.exists()


def test_name_taken_while_importing(tmp_path, workspace):
    """Of two imports of one name the first to finish stays whole, the second gets a sentence."""
    folder = labeled_folder(tmp_path / "pets")

    def overtake(done: int, total: int, text: str) -> None:
        if text == "Copying the images" and done == 20 and not workspace.dataset("pets").exists():
            import_dataset(workspace, folder, seed=9)

    with pytest.raises(UserError, match="another name"):
        import_dataset(workspace, folder, progress=overtake)
    assert len(store.load(workspace, "pets")) == 20
    assert [p.name for p in workspace.datasets.iterdir()] == ["pets"]


def test_one_class_to_train_on_is_refused(workspace, tmp_path):
    """Two classes of which training sees one teach nothing: refused with its name, and no workspace is made."""
    for number in range(8):
        path = tmp_path / "source" / ("train/cat", "valid/dog")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20, 20), (number, 0, 0)).save(path)
    with pytest.raises(UserError, match=r"Of the 4 training images: .*'cat'"):
        import_dataset(workspace, tmp_path / "source")
    assert not workspace.root.exists()
