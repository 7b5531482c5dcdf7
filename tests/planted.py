"""A dataset with faults that are known: copies of its own pictures, other targets, damaged files."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from lib import tasks
from lib.core import digests, pictures
from lib.core.dataset import Dataset
from lib.core.files import new_folder
from lib.core.workspace import Workspace
from lib.datasets import store


class Planting:
    """Takes a dataset, lets faults be planted in it, and writes it as another."""

    def __init__(self, dataset: Dataset):
        self.dataset = dataset
        self.items = dataset.items.to_dict("records")
        for row, item in enumerate(self.items):
            if "digest" not in item:
                item["digest"] = digests.of(dataset.image_path(row).read_bytes())
        self.targs = list(dataset.targs.copy())
        self.new: dict[str, bytes] = {}

    def copy(self, row: int, split: str, how: str = "bytes", targ: np.ndarray | None = None) -> int:
        """Add the picture of ``row`` again and return the new row.

        ``how`` is ``bytes``, ``jpeg`` (saved at quality 60), ``half``, ``large``, ``crop`` (1 % a side) or ``gray``.
        """
        data = self.dataset.image_path(row).read_bytes()
        suffix = Path(self.items[row]["file"]).suffix
        width, height = (int(side) for side in self.dataset.sizes[row])
        new = np.array(self.dataset.targs[row] if targ is None else targ)
        if how != "bytes":
            image = pictures.open_image(io.BytesIO(data))
            if how == "crop":
                edge = (round(width / 100), round(height / 100))
                image = image.crop((*edge, width - edge[0], height - edge[1]))
            factor = {"half": 0.5, "large": 1.5}.get(how, 1.0)
            if factor != 1:
                image = image.resize((round(image.width * factor), round(image.height * factor)))
            if how == "gray":
                image = image.convert("L")
            points = tasks.get(self.dataset.task).coordinates(new[None])
            if points is not None:
                new = points[0] * factor
            out = io.BytesIO()
            image.save(out, "JPEG", quality=60 if how == "jpeg" else 85)
            data, suffix, (width, height) = out.getvalue(), ".jpg", image.size
        name = f"planted-{len(self.new)}{suffix}"
        self.new[name] = data
        more = {"file": name, "original": f"planted/{name}", "split": split, "digest": digests.of(data)}
        self.items.append(self.items[row] | more | {"width": width, "height": height})
        self.targs.append(new)
        return len(self.items) - 1

    def save(self, workspace: Workspace, name: str) -> Dataset:
        """Write it all as dataset ``name``."""
        old = self.dataset
        with new_folder(workspace.dataset(name)) as folder:
            shutil.copytree(old.path / "images", folder / "images")
            for file, data in self.new.items():
                (folder / "images" / file).write_bytes(data)
            head = {"task": old.task, "names": list(old.names), "problems": [], "source": {}, "defaults": {}}
            targs = np.array(self.targs, dtype=old.targs.dtype)
            store.save(folder, {"name": name, **head, "extra": old.extra}, pd.DataFrame(self.items), targs)
        return store.load(workspace, name)


def cut_off(dataset: Dataset, row: int) -> None:
    """Keep the first half of a picture's file only."""
    path = dataset.image_path(row)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
