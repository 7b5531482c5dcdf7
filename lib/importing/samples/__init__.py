"""Sample datasets, drawn on first use and the same everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from lib.core import depth
from lib.core.errors import UserError
from lib.core.files import new_folder
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.splits import draw
from lib.importing import importer
from lib.importing.samples import clocks, gauges, glyphs, shapes

IMAGES = 1500
_TEST = 150  # the last ones, never trained on
#: Training options that suit pictures this small, learned without pretrained weights.
DEFAULTS = {"arch": "small", "pretrained": False, "size": 64}


@dataclass(frozen=True)
class Sample:
    """A dataset that comes along.

    Attributes
    ----------
    title, text : str
        Its name and one sentence for people.
    task : str
        Name of the task.
    names : sequence of str
        Labels, points or numbers.
    draw : callable
        From a random generator and the number of the picture: the picture and its target.
    shown : tuple of int
        Numbers of the pictures that show what it is like.
    defaults : dict
        Training options that suit it.
    extra : dict
        What else is known of the targets, see `lib.importing.parsed.Parsed`.
    """

    title: str
    task: str
    text: str
    names: Sequence[str]
    draw: Callable[[np.random.Generator, int], tuple[Image.Image, np.ndarray]]
    shown: tuple[int, ...] = (0, 1, 2)
    defaults: dict = field(default_factory=lambda: dict(DEFAULTS))
    extra: dict = field(default_factory=dict)


SAMPLES: dict[str, Sample] = {
    "shapes": Sample(
        "Colored shapes",
        "multi-label",
        "Up to three overlapping shapes per image; predict which of 6 shapes and 4 colors are there.",
        shapes.NAMES,
        shapes.draw,
        shown=(1, 2, 7),
    ),
    "glyphs": Sample(
        "Hand-drawn signs",
        "single-label",
        "One sign per image, in any ink, size and slant; predict which of 8 it is.",
        glyphs.NAMES,
        glyphs.draw,
        shown=(0, 4, 5),
    ),
    "clocks": Sample(
        "Clocks",
        "keypoints",
        "A clock somewhere in the image; predict where its center and the tips of both hands are.",
        clocks.NAMES,
        clocks.draw,
        shown=(2, 4, 9),
        extra={"skeleton": clocks.LINES},
    ),
    "gauges": Sample(
        "Pressure gauges",
        "regression",
        "A gauge somewhere in the image; predict what it reads, from 0 to 10 bar.",
        gauges.NAMES,
        gauges.draw,
        shown=(2, 5, 8),
    ),
}


def picture(name: str, index: int) -> tuple[Image.Image, np.ndarray]:
    """Draw picture number ``index`` of sample ``name``, the same everywhere; return it and its target."""
    # A generator of its own, so that a picture depends on nothing but its number.
    return SAMPLES[name].draw(np.random.default_rng((*name.encode(), index)), index)


def ensure(
    workspace: Workspace,
    name: str,
    progress: Callable[[int, int, str], None] | None = None,
    *,
    images: int | None = None,
) -> None:
    """Draw sample ``name`` into the workspace unless a dataset of that name is there.

    Two processes may do so at once: both draw, the first to finish is kept.

    Parameters
    ----------
    workspace : Workspace
    name : str
        Key of `SAMPLES`.
    progress : callable, optional
        Told how many pictures are done, how many there are, and what is being done.
    images : int, optional
        How many are drawn, none of them to test on; by default `IMAGES`, of which the last are.

    Raises
    ------
    UserError
        If there is no such sample, or the disk is full.
    """
    if name not in SAMPLES:
        raise UserError(f"There is no sample {name!r}: choose one of {', '.join(SAMPLES)}.")
    target = workspace.dataset(name)
    if (target / "dataset.json").is_file():
        return
    try:
        with importer.explain_full_disk(workspace.root), new_folder(target) as folder:
            _write(folder, name, SAMPLES[name], progress, images)
    except FileExistsError:
        if not (target / "dataset.json").is_file():
            raise


def _write(
    folder: Path,
    name: str,
    sample: Sample,
    progress: Callable[[int, int, str], None] | None,
    images: int | None,
) -> None:
    count, n_test = (IMAGES, _TEST) if images is None else (images, 0)
    (folder / "images").mkdir()
    files, targs = [f"{index:06d}.png" for index in range(count)], []
    for index, file in enumerate(files):
        image, targ = picture(name, index)
        image.save(folder / "images" / file, compress_level=1)
        targs.append(targ)
        if progress is not None:
            progress(index + 1, count, f"Drawing {sample.title.lower()}")
    given = ["train"] * (count - n_test) + ["test"] * n_test
    split, groups, _ = draw.choose(files, given)
    width, height = image.size
    items = pd.DataFrame(
        {"file": files, "original": files, "split": split, "group": groups, "width": width, "height": height}
    )
    head = {
        "name": name,
        "task": sample.task,
        "names": list(sample.names),
        "problems": [],
        "source": {"kind": "sample", "name": name},
        "defaults": sample.defaults,
        "extra": sample.extra,
        **depth.to_json(depth.OWN),
    }
    store.save(folder, head, items, np.stack(targs))
