"""A run's script, notebook and table of labels, as texts and as a zip."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors.numpy import save

from lib.export.code import cells, quick, training
from lib.export.code.facts import Facts
from lib.export.tables import as_csv
from lib.training import run_metrics

#: What the file of the head is called in a zip, and how its name ends elsewhere.
HEAD = "head.safetensors"


def table(facts: Facts) -> bytes:
    """Return the table of labels: file, digest, split, group, size in pixels, then the targets, an image a row."""
    dataset = facts.dataset.only_included()
    digests = dataset.digests or [""] * len(dataset)
    head = {
        "file": pd.Series(dataset.files, dtype=object),
        "digest": pd.Series([one or "" for one in digests], dtype=object),
        "split": pd.Series(dataset.items["split"].tolist(), dtype=object),
        "group": run_metrics.groups(dataset, np.arange(len(dataset))),
        "width": dataset.items["width"].astype(int),
        "height": dataset.items["height"].astype(int),
    }
    return as_csv(pd.concat([pd.DataFrame(head), facts.task.code_table(dataset.targs, dataset.names)], axis=1))


def head(facts: Facts) -> bytes:
    """Return the head that the training began at, as safetensors; b"" where it began at none."""
    start = facts.start
    return save(start) if start else b""


def script(facts: Facts, table_name: str, head_name: str = HEAD) -> bytes:
    """Return the script, which finds the table and the head of these names beside itself."""
    script_cells = _cells(facts, *(f"Path(__file__).with_name({name!r})" for name in (table_name, head_name)))
    return cells.script(facts.title(), facts.head(), script_cells).encode()


def notebook(facts: Facts, table_name: str, head_name: str = HEAD) -> bytes:
    """Return the notebook, which finds them in the folder that it is opened in."""
    return cells.notebook(facts.title(), facts.head(), _cells(facts, repr(table_name), repr(head_name))).encode()


def _cells(facts: Facts, table: str, head: str) -> list[cells.Cell]:
    return (quick if facts.is_quick else training).cells(facts, table, head)


def zipped(facts: Facts) -> bytes:
    """Return a zip with script, notebook and table."""
    name = facts.run.id
    texts = {
        f"{name}/train.py": script(facts, "labels.csv"),
        f"{name}/train.ipynb": notebook(facts, "labels.csv"),
        f"{name}/labels.csv": table(facts),
        **({f"{name}/{HEAD}": began} if (began := head(facts)) else {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for path, content in texts.items():
            entry = zipfile.ZipInfo(path)  # of 1980, so that equal content is equal bytes
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            file.writestr(entry, content)
    return out.getvalue()


def beside(path: Path) -> tuple[Path, Path]:
    """Return where the table and the head of a script or notebook at ``path`` lie."""
    return path.with_name(f"{path.stem}-labels.csv"), path.with_name(f"{path.stem}-{HEAD}")
