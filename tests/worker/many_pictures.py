"""Pictures that are new to a run, and the command that answers them to a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lib.cli import main
from lib.core.dataset import Dataset
from lib.training.learner import inference, new_pictures
from lib.training.runs import Run


def brought(dataset: Dataset, folder: Path, n: int = 12) -> list[Path]:
    """Return ``n`` pictures of a dataset, copied into a folder and one below it."""
    (folder / "in").mkdir(parents=True)
    paths = []
    for row in range(n):
        paths.append(folder / ("in" if row % 3 else ".") / f"{row}.png")
        paths[-1].write_bytes(dataset.image_path(row).read_bytes())
    return sorted(paths, key=lambda path: path.relative_to(folder).as_posix())


def out(workspace, run: Run, target: Path, *arguments: object) -> int:
    """Give the command; return its exit code."""
    where = ["--out", str(target), "--workspace", str(workspace.root)]
    return main(["predict", run.id, *map(str, arguments), *where])


def page_table(run: Run, paths: list[Path], thresh: float | np.ndarray) -> pd.DataFrame:
    """Return the table that the Predict page makes of pictures."""
    model = inference.load(run)
    arrays = new_pictures.answer(model, paths, None, copies=2)
    return model.task.new_table(arrays["preds"], model.names, thresh)
