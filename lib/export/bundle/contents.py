"""What lies in a bundle: names of files, the manifest as it is written and read."""

from __future__ import annotations

import importlib.metadata
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from lib.core import depth, json_files, sentences
from lib.core.config import TrainConfig
from lib.core.errors import UserError
from lib.core.json_files import Count
from lib.training.run_files import Manifest, Normalize, Origin, Split

#: The version of what is described here; what a later one writes is refused.
FORMAT = 1
KIND = "manyhot-bundle"
MANIFEST, MODEL, ONNX = "manifest.json", "model.safetensors", "model.onnx"
PREDICTIONS, PICTURES, EVENTS = "predictions.safetensors", "pictures.json", "events.jsonl"
#: Of tasks with labels only; the name is the Hugging Face community's.
THRESHOLDS = "threshold.json"
CARD, FIGURE, SCRIPT = "README.md", "errors.svg", "predict.py"
#: Below it the example pictures, and their expected answers.
EXAMPLES, EXPECTED = "examples", "examples/expected.json"
#: Without these it is no bundle.
NEEDED = (MODEL, ONNX, PREDICTIONS, PICTURES, EVENTS, CARD, SCRIPT, EXPECTED)
#: How many example pictures there are, at most.
N_EXAMPLES = 6
#: Bytes of a file that is read as a whole, and of the weights, at most.
MOST_TEXT, MOST_BYTES = json_files.MOST_BYTES, 8 * 2**30
#: What a bundle is made with, besides the application: the extra ``export``.
PACKAGES = ("onnx", "onnxscript", "onnxruntime")

_Name = Annotated[str, Meta(max_length=1000)]
_Sha256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]


class Kind(TypedDict):
    """What is read first: whether it is a bundle, and of which version."""

    kind: str
    format: Count


class Resize(TypedDict):
    """How a picture becomes what the network sees."""

    rule: Literal["squish"]
    filter: Literal["bilinear"]
    words: str


class Interval(TypedDict):
    """The headline metric with its 95 % interval; None where there are too few images for one."""

    metric: str
    value: float | None
    low: float | None
    high: float | None


class Parity(TypedDict):
    """By how much predictions differ at most: ONNX from torch, and torch from what the run recorded.

    ``unit`` is that of the differences: in probability, pixels of the original picture, or standard deviations.
    """

    split: Split
    images: Count
    unit: str
    onnx: float
    allowed: float
    recorded: float
    recorded_allowed: NotRequired[float]
    decided_alike: Count | None


class Points(TypedDict, total=False):
    """Points that change places in a mirror, and those that are joined by a line."""

    flip_pairs: list[Annotated[list[str], Meta(min_length=2, max_length=2)]]
    skeleton: list[Annotated[list[str], Meta(min_length=2, max_length=2)]]


class BundleManifest(Kind):
    """`MANIFEST`: all that is needed to use the model, and the run's own record in ``record``.

    ``thresholds`` is the set that metrics are measured at, where there are labels; ``files`` are the SHA-256 of all
    other files by name.
    """

    made: str
    origin: Origin
    task: str
    architecture: str
    size: Annotated[int, Meta(ge=1, le=4096)]
    names: list[_Name]
    has_labels: bool
    has_several_labels: bool
    has_points: bool
    resize: Resize
    normalize: Normalize
    value_range: NotRequired[depth.Written]
    scale: dict[str, list[float]]
    points: NotRequired[Points]
    units: dict[str, str]
    thresholds: NotRequired[str]
    metrics: dict[Split, dict[str, float | None]]
    baseline: dict[Split, dict[str, float | None]]
    intervals: dict[Split, Interval]
    parity: Parity
    onnx: dict[str, Any]
    versions: dict[str, str]
    config: TrainConfig
    preds: str
    record: Manifest
    files: dict[str, _Sha256]


class Thresholds(TypedDict):
    """`THRESHOLDS`: the sets by name as the run keeps them, and the values of the default one by label."""

    format: Count
    thresholds: dict[str, float]
    sets: dict[str, dict[str, Any]]


class Picture(TypedDict):
    """What is known of a predicted image beside its prediction: where it came from, and what is kept together."""

    original: _Name
    group: _Name
    digest: NotRequired[str | None]


class Example(TypedDict):
    """An example picture: its file, which image of ``split`` it is, what is expected of the model.

    ``preds`` are the numbers of ``answer``, in the order of the names.
    """

    file: _Name
    split: Split
    row: Count
    words: str
    preds: list[float | list[float]]
    answer: dict[str, Any]


def name_of(run: str) -> str:
    """Return what the bundle of the run with the id ``run`` is called."""
    return f"{run}-bundle"


def check_packages() -> dict[str, str]:
    """Return the versions of what a bundle is made with.

    Raises
    ------
    UserError
        If one is not installed.
    """
    versions, missing = {}, []
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        raise UserError(
            f"A bundle is made with {', '.join(PACKAGES)}, of which {', '.join(missing)} "
            f"{sentences.word(len(missing), 'is', 'are')} not installed: install what is missing with "
            f"`pip install {' '.join(missing)}`, then export again."
        )
    return versions
