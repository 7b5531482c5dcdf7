"""The Data page on a dataset of a few images, and what is brought to it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import uploads

ROUTER = Path(__file__).resolve().parents[2] / "lib/web/ui/router.py"


LABELS = ("<b>bold</b>", "red [circle]", "c")


ROWS = 30


@pytest.fixture
def targs() -> np.ndarray:
    """Return a one-hot matrix with rows of none, one, two and three labels."""
    cells = np.random.default_rng(5).integers(0, 2, (ROWS, len(LABELS))).astype(np.int8)
    cells[:2] = [[0, 0, 0], [1, 1, 1]]
    return cells


@pytest.fixture
def saved(workspace, targs) -> Workspace:
    """Return the workspace with a multi-label dataset "mine": 20 images to train on, 10 to validate with."""
    folder = workspace.dataset("mine")
    (folder / "images").mkdir(parents=True)
    for row in range(ROWS):
        Image.new("RGB", (40, 30), (8 * row, 0, 0)).save(folder / f"images/{row:06d}.png")
    items = pd.DataFrame(
        {
            "file": [f"{row:06d}.png" for row in range(ROWS)],
            "original": [f"folder/picture-{row}.png" for row in range(ROWS)],
            "split": ["train"] * 20 + ["valid"] * 10,
            "group": "",
            "width": 40,
            "height": 30,
        }
    )
    problem = {"kind": "unused-file", "count": 30, "sentence": "30 other files were ignored.", "examples": ["a_b.txt"]}
    head = {"name": "mine", "task": "multi-label", "names": list(LABELS), "problems": [problem]}
    store.save(folder, head | {"source": {"kind": "sample", "name": "mine"}, "defaults": {}}, items, targs)
    return workspace


def opened(**query: str | list[str]) -> AppTest:
    """Return the Data page after its first run, with ``query`` in the address."""
    page = AppTest.from_file(str(ROUTER), default_timeout=60)
    for key, value in query.items():
        page.query_params[key] = value
    return page.run()


def words(page: AppTest) -> str:
    """Return everything that stands on the page as text."""
    parts = [*page.markdown, *page.caption, *page.info, *page.error, *page.success]
    return "\n".join(str(part.value) for part in parts) + "\n".join(part.label for part in page.expander)


def pictures(folder: Path, labels: list[str], each: int = 4) -> Path:
    """Write a folder of pictures, one folder a label, and return it."""
    for label in labels:
        (folder / label).mkdir(parents=True)
        for index in range(each):
            Image.new("RGB", (20, 10), (index * 30, len(label) * 9, 0)).save(folder / label / f"{label}{index}.png")
    return folder


def brought(page: AppTest, workspace: Workspace, name: str, content: bytes) -> AppTest:
    """Return the page after a zip was uploaded in the browser."""
    upload = uploads.begin(workspace, "0123456789abcdef" * 2, name, len(content))
    upload.append(content)
    upload.finish()
    page.session_state["import_zip"] = {"done": upload.folder.name}
    return page.run()


def zipped(folder: Path) -> bytes:
    """Return a folder as the bytes of a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(folder.rglob("*.*")):
            archive.write(path, path.relative_to(folder))
    return out.getvalue()


def folder_chosen(page: AppTest, source: Path, name: str | None = None) -> AppTest:
    """Return the page after a folder of this computer was written into the form, and a name for its dataset."""
    page.segmented_control(key="import_from").set_value("Folder or zip on this computer").run()
    page.text_input(key="import_path").set_value(str(source)).run()
    return page if name is None else page.text_input(key="import_name").set_value(name).run()
