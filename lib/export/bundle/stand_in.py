"""The dataset of an imported run: the one it was trained on where that is here, else what the bundle knows of it."""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from lib.core import depth, digests, files
from lib.core.dataset import STAND_IN, Dataset
from lib.core.errors import UserError
from lib.core.workspace import Workspace, slug
from lib.datasets import deletion, store
from lib.export.bundle.contents import Example
from lib.export.bundle.reading import Bundle
from lib.inference import ask
from lib.training import result_files, run_ids
from lib.training.runs import Run

#: Names the run that such a dataset is made for, until that is there.
_UNFINISHED = ".unfinished"


def dataset_of(run: Run) -> Dataset:
    """Return the dataset of ``run`` with its pictures, of which a bundle is made.

    Raises
    ------
    UserError
        If it is gone, or only stands in for it.
    """
    dataset = ask.dataset_of(run)
    if dataset.is_stand_in:
        raise UserError(
            f"The run {run.id} came in a bundle, and the pictures that another is made with are not here: hand on the "
            "one that it came in, or import its dataset, then the bundle again."
        )
    return dataset


def find_dataset(workspace: Workspace, bundle: Bundle) -> Dataset | None:
    """Return the dataset that the bundle's run was trained on, by its revision, None where it is not here.

    If it is not, what stands in for it since another bundle of that revision came does so for this one as well, as long
    as the two say the same of the same images: then their runs can be compared.
    """
    origin = bundle.manifest["origin"]
    names = sorted(workspace.dataset_names(), key=lambda one: one != origin["dataset"])  # that of the same name first
    for name in names:
        with contextlib.suppress(UserError):  # of another revision, or damaged
            return store.load(workspace, name, origin["revision"])
    for name in names:
        with contextlib.suppress(UserError):
            if _fits(dataset := store.imported(workspace.dataset(name)), bundle):
                return dataset
    return None


def _fits(dataset: Dataset, bundle: Bundle) -> bool:
    """Return whether a dataset stands in for that of ``bundle``, with just the images that its run predicted."""
    manifest, targs = bundle.manifest, np.concatenate([one.targs for one in bundle.predictions.values()])
    if (
        not dataset.is_stand_in
        or dataset.source.get("revision") != manifest["origin"]["revision"]
        or (dataset.task, dataset.names) != (manifest["task"], tuple(manifest["names"]))
        or dataset.extra != manifest.get("points", {})
        or dataset.value_range != result_files.value_range(bundle.record)
        or not np.array_equal(dataset.targs, targs, equal_nan=True)
    ):
        return False
    rows, known = _rows(bundle), dataset.items
    told = ["original", "split", "group", "width", "height"]
    are_others = (rows["digest"] != known["digest"]) & (rows["digest"] != "") & (known["digest"] != "")
    return rows[told].to_numpy().tolist() == known[told].to_numpy().tolist() and not are_others.any()


def free_name(workspace: Workspace, wanted: str) -> str:
    """Return a name that no dataset has, as near to ``wanted`` as may be."""
    plain = slug(wanted)
    return next(
        name
        for name in itertools.chain([plain], (f"{plain[:58]}-{number}" for number in itertools.count(2)))
        if not workspace.dataset(name).exists()
    )


def build(workspace: Workspace, bundle: Bundle, name: str, run: str) -> Dataset:
    """Make a dataset of what the bundle knows: the predicted images' names, sizes, groups and targets; six pictures.

    It is unfinished until ``run`` is there, see `finish`.

    Raises
    ------
    UserError
        If the workspace cannot be written to.
    FileExistsError
        If there is one of this name by now.
    """
    manifest, rows = bundle.manifest, _rows(bundle)
    with files.new_folder(workspace.dataset(name)) as folder:
        (folder / "images").mkdir()
        (folder / _UNFINISHED).write_text(run)
        for example in bundle.examples:
            row = _row(rows, example)
            content = bundle.path(example["file"]).read_bytes()
            file = f"{row:06d}{PurePosixPath(example['file']).suffix}"
            (folder / "images" / file).write_bytes(content)
            rows.loc[row, ["file", "digest"]] = [file, digests.of(content)]
        store.save(
            folder,
            {
                "name": name,
                "task": manifest["task"],
                "names": manifest["names"],
                "problems": [],
                "source": {
                    "kind": STAND_IN,
                    "name": manifest["origin"]["run"],
                    "revision": manifest["origin"]["revision"],
                },
                "defaults": {},
                "extra": dict(manifest.get("points", {})),
                **depth.to_json(result_files.value_range(bundle.record)),
            },
            rows.drop(columns="place"),
            np.concatenate([bundle.predictions[split].targs for split in bundle.predictions]),
        )
    return store.load(workspace, name)


def finish(dataset: Dataset) -> None:
    """Let a dataset stay, now that its run is there."""
    (dataset.path / _UNFINISHED).unlink(missing_ok=True)


def add_examples(dataset: Dataset, bundle: Bundle) -> None:
    """Give a stand-in the examples that another bundle did not have."""
    if not dataset.is_stand_in:
        return
    rows = _rows(bundle)
    for example in bundle.examples:
        row, content = _row(rows, example), bundle.path(example["file"]).read_bytes()
        path = dataset.path / "images" / dataset.files[row]
        if not path.exists() and digests.of(content) == dataset.items["digest"].iloc[row]:
            files.write_atomic(path, content)


def remove_unfinished(workspace: Workspace) -> None:
    """Delete what a killed process made for a run that never came; called under the lock that runs start with."""
    for name in workspace.dataset_names():
        mark = workspace.dataset(name) / _UNFINISHED
        with contextlib.suppress(FileNotFoundError):
            run = mark.read_text()
            if run_ids.is_id(run) and workspace.run(run).is_dir():
                mark.unlink()
            else:
                deletion.delete(workspace, name)


def _rows(bundle: Bundle) -> pd.DataFrame:
    """Return a row an image, split after split; ``place`` is which of its split's predictions it has."""
    parts = []
    for split, one in bundle.predictions.items():
        known = bundle.pictures[split]
        parts.append(
            pd.DataFrame(
                {
                    "original": [picture["original"] for picture in known],
                    "split": split,
                    "group": [picture["group"] for picture in known],
                    "width": one.sizes[:, 0].astype(np.int64),
                    "height": one.sizes[:, 1].astype(np.int64),
                    "digest": [picture.get("digest") or "" for picture in known],
                    "place": np.arange(len(known)),
                }
            )
        )
    rows = pd.concat(parts, ignore_index=True)
    rows.insert(0, "file", [f"{row:06d}{_ending(name)}" for row, name in enumerate(rows["original"])])
    return rows


def _row(rows: pd.DataFrame, example: Example) -> int:
    """Return which of `_rows` an example is of."""
    return int(rows.index[(rows["split"] == example["split"]) & (rows["place"] == example["row"])][0])


def _ending(name: str) -> str:
    ending = Path(name).suffix.lower()
    return ending if ending[1:].isalnum() and len(ending) <= 5 else ".jpg"
