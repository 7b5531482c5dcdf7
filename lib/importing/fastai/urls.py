"""fastai's own datasets by name: where they come from, how each is read, and how one is fetched.

They are fetched by fastai's ``untar_data`` in a process of its own (`lib.importing.fastai.worker`), so that neither
the web process nor the command line imports fastai. They land where fastai keeps them, and are found there again: below
``~/.fastai``, or ``$FASTAI_HOME``.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from lib.core import json_files
from lib.core.errors import UserError

S3 = "https://s3.amazonaws.com/fast-ai-"

Progress = Callable[[int, int, str], None]

_SILENT = 0.3  # seconds without a line after which whoever waits is asked whether to go on
_PROJECT = Path(__file__).resolve().parents[3]
_VISION = "models/*"
_NOISY = "noisy_*.csv"


@dataclass(frozen=True)
class FastaiDataset:
    """One of ``fastai.data.external.URLs``.

    Attributes
    ----------
    url : str
    title : str
    task : str
        Name of the task that it is usually for.
    megabytes : int
        Size of the download.
    choices : mapping
        Answers with which it is read as fastai's own lessons do, see `lib.importing.importer.import_dataset`.
    """

    url: str
    title: str
    task: str
    megabytes: float
    choices: Mapping[str, str] = field(default_factory=dict)


def _ignoring(*patterns: str) -> dict[str, str]:
    return {"ignore": ";".join(patterns)}


_S, _M, _K = "single-label", "multi-label", "keypoints"
DATASETS: dict[str, FastaiDataset] = {
    "PASCAL_2007": FastaiDataset(
        f"{S3}imagelocal/pascal_2007.tgz",
        "Pascal VOC 2007: what is in the photograph (20 labels)",
        _M,
        1638,
        _ignoring("*.json", "segmentation/*"),
    ),
    "PLANET_SAMPLE": FastaiDataset(
        f"{S3}sample/planet_sample.tgz", "Planet: the Amazon from above, 1,000 tiles (17 labels)", _M, 15.5
    ),
    "PLANET_TINY": FastaiDataset(f"{S3}sample/planet_tiny.tgz", "Planet, 200 tiles", _M, 1),
    "COCO_TINY": FastaiDataset(f"{S3}coco/coco_tiny.tgz", "COCO, small photographs with objects", _M, 0.8),
    "COCO_SAMPLE": FastaiDataset(f"{S3}coco/coco_sample.tgz", "COCO, a part: photographs with objects", _M, 3246),
    "PASCAL_2012": FastaiDataset(
        f"{S3}imagelocal/pascal_2012.tgz", "Pascal VOC 2012", _M, 2619, _ignoring("segmentation/*")
    ),
    "BIWI_HEAD_POSE": FastaiDataset(
        f"{S3}imagelocal/biwi_head_pose.tgz", "Biwi: the center of the head, 24 recordings", _K, 452
    ),
    "PETS": FastaiDataset(
        f"{S3}imageclas/oxford-iiit-pet.tgz",
        "Oxford-IIIT Pet: 37 breeds of cats and dogs",
        _S,
        812,
        {"label-pattern": r"^(.*)_\d+\.[A-Za-z]+$", **_ignoring("annotations/*")},
    ),
    "MNIST_TINY": FastaiDataset(
        f"{S3}sample/mnist_tiny.tgz", "MNIST, a few threes and sevens", _S, 0.3, _ignoring("test/*", "*.csv", _VISION)
    ),
    "MNIST_SAMPLE": FastaiDataset(
        f"{S3}sample/mnist_sample.tgz", "MNIST, threes and sevens", _S, 3.2, _ignoring("*.csv", _VISION)
    ),
    "MNIST": FastaiDataset(f"{S3}imageclas/mnist_png.tgz", "MNIST, 70,000 digits", _S, 15.7),
    "CIFAR": FastaiDataset(f"{S3}sample/cifar10.tgz", "CIFAR-10: 60,000 tiny photographs", _S, 168),
    "DOGS": FastaiDataset(
        f"{S3}sample/dogscats.tgz", "Dogs and cats", _S, 839, _ignoring("sample/*", "test1/*", _VISION)
    ),
    "IMAGENETTE_160": FastaiDataset(
        f"{S3}imageclas/imagenette2-160.tgz", "Imagenette: ten easy classes, 160 px", _S, 99, _ignoring(_NOISY)
    ),
    "IMAGENETTE_320": FastaiDataset(
        f"{S3}imageclas/imagenette2-320.tgz", "Imagenette, 320 px", _S, 342, _ignoring(_NOISY)
    ),
    "IMAGENETTE": FastaiDataset(f"{S3}imageclas/imagenette2.tgz", "Imagenette, full size", _S, 1557, _ignoring(_NOISY)),
    "IMAGEWOOF_160": FastaiDataset(
        f"{S3}imageclas/imagewoof2-160.tgz", "Imagewoof: ten breeds of dogs, 160 px", _S, 93, _ignoring(_NOISY)
    ),
    "IMAGEWOOF_320": FastaiDataset(
        f"{S3}imageclas/imagewoof2-320.tgz", "Imagewoof, 320 px", _S, 328, _ignoring(_NOISY)
    ),
    "IMAGEWOOF": FastaiDataset(f"{S3}imageclas/imagewoof2.tgz", "Imagewoof, full size", _S, 1344, _ignoring(_NOISY)),
    "CALTECH_101": FastaiDataset(f"{S3}imageclas/caltech_101.tgz", "Caltech 101: 101 kinds of things", _S, 132),
    "CUB_200_2011": FastaiDataset(f"{S3}imageclas/CUB_200_2011.tgz", "Birds: 200 species", _S, 1151),
    "FOOD": FastaiDataset(f"{S3}imageclas/food-101.tgz", "Food: 101 dishes", _S, 5687, _ignoring("*.json")),
}


def find(name: str) -> FastaiDataset:
    """Return the dataset called ``name``, in capitals or not, with or without ``URLs.`` in front.

    Raises
    ------
    UserError
        If it is not one of those that are read here.

    Examples
    --------
    >>> find("URLs.planet_sample").megabytes
    15.5
    """
    dataset = DATASETS.get(_key(name))
    if dataset is None:
        raise UserError(
            f"fastai's dataset {name[:60]!r} is not read here: expected one of {', '.join(DATASETS)}. Choose one of "
            "them, or fetch it yourself and import its folder."
        )
    return dataset


def dataset_name(name: str) -> str:
    """Return what the dataset is called in the workspace without being asked.

    Examples
    --------
    >>> dataset_name("URLs.PASCAL_2007")
    'pascal_2007'
    """
    return _key(name).lower()


def _key(name: str) -> str:
    return name.strip().removeprefix("URLs.").upper()


def fetch(
    name: str,
    progress: Progress | None = None,
    *,
    url: str | None = None,
    check: Callable[[], None] | None = None,
) -> Path:
    """Download and unpack a dataset, unless fastai has it already, and return its folder.

    Leaving this function early, for instance by an exception in ``progress`` or ``check``, ends the download.

    Parameters
    ----------
    name : str
    progress : callable, optional
        Told how many megabytes, or files, are done, how many there are, and what is being done.
    url : str, optional
        Where it comes from; by default from where fastai has it.
    check : callable, optional
        Called a few times a second also while nothing is told.

    Raises
    ------
    UserError
        If there is no such dataset, no network, no room, or what arrived cannot be trusted.
    """
    # No question: the command line asks too, and only a process that hears a signal tidies up amid fastai's work.
    path = os.pathsep.join(filter(None, [str(_PROJECT), os.environ.get("PYTHONPATH")]))
    with tempfile.TemporaryFile("w+", errors="replace") as log:  # a pipe that nobody reads would fill up
        process = subprocess.Popen(
            [sys.executable, "-m", "lib.importing.fastai.worker", url or find(name).url],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            errors="replace",
            env={**os.environ, "PYTHONPATH": path},
        )
        try:
            answer = _listen(process, progress, check)
        finally:
            _end(process)
        if "path" in answer:
            return Path(answer["path"])
        if "error" in answer:
            raise UserError(answer["error"])
        log.seek(0)
        raise RuntimeError(f"The process that fetches {name} ended without an answer: {log.read()[-2000:]}")


class _Told(TypedDict, total=False):
    """A line of `lib.importing.fastai.worker`."""

    path: str
    error: str
    done: int
    total: int
    text: str


def _listen(process: subprocess.Popen, progress: Progress | None, check: Callable[[], None] | None) -> _Told:
    """Pass the worker's progress on until it answers; return the answer, empty if it ends without one."""
    for line in _lines(process):
        if check:
            check()
        try:
            told = json_files.decode(line.encode(), _Told)
        except ValueError:  # anything that fastai prints itself
            continue
        if "path" in told or "error" in told:
            return told
        if progress and "text" in told:
            progress(told["done"], told["total"], told["text"])
    return {}


def _lines(process: subprocess.Popen) -> Iterator[str]:
    """Yield what a process prints, line by line, and "" whenever it was silent for a moment."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    printed = process.stdout
    if printed is None:
        raise ValueError("the process prints to no pipe")

    def read() -> None:
        with printed:
            for line in printed:
                lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()  # ends with the process
    while True:
        try:
            line = lines.get(timeout=_SILENT)
        except queue.Empty:
            yield ""
            continue
        if line is None:
            return
        yield line


def _end(process: subprocess.Popen) -> None:
    """End the worker; it takes what is half unpacked with it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
