"""The types of what a run's worker leaves as JSON: its events, a line each, and the manifest at the end.

A field that is not required is one that some event of that kind, or some earlier version, goes without.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from lib.core import depth, json_files
from lib.core.config import TrainConfig
from lib.core.json_files import Count
from lib.training import events

Metrics = dict[str, float | None]
#: By the names of `lib.core.splits.SPLITS`.
Split = Annotated[str, Meta(pattern=r"\A(train|valid|test)\Z")]
#: What a run does in a fit: one of the phases of fine_tune, a quick model, or the finder.
Phase = Literal["frozen", "unfrozen", "quick", "lr_find"]
_Seconds = Annotated[float, Meta(ge=0)]
_Above0 = Annotated[float, Meta(gt=0)]
_Step = Annotated[int, Meta(ge=1, le=2**63 - 1)]
#: Red, green and blue.
_Rgb = Annotated[list[float], Meta(min_length=3, max_length=3)]
_RgbAbove0 = Annotated[list[_Above0], Meta(min_length=3, max_length=3)]
#: Predictions of one image: numbers, or points.
_Row = float | list[float | list[float]]


class Event(TypedDict):
    """What every event has: its name, the clock on the wall; and what the run is doing, where it says so."""

    event: str
    time: NotRequired[float]
    note: NotRequired[str]


class Note(Event):
    """What the run is doing, how long it has worked, and, of one that a launcher started, on which machine."""

    seconds: NotRequired[_Seconds]
    host: NotRequired[Annotated[str, Meta(max_length=300)]]


class Git(TypedDict):
    """The commit of the project's own code, and whether files were changed since."""

    commit: str
    changed: bool


#: Change with what a training computes from the same choices, pictures and chance: scripts of runs of before say so.
#: 2: a picture's augmented pixels do not depend on its place in the batch; 1, which nothing tells: by a quarter level.
NUMERICS = 2


class Machine(TypedDict):
    """On what a run was trained, as `lib.training.learner.record.record` tells it; ``numerics`` is `NUMERICS` then."""

    device: NotRequired[str]
    threads: NotRequired[Count]
    platform: NotRequired[str]
    machine: NotRequired[str]
    python: NotRequired[str]
    versions: NotRequired[dict[str, str]]
    git: NotRequired[Git | None]
    numerics: NotRequired[Count]


class Weights(TypedDict):
    """Where pretrained weights came from: a file and its ``entry``, the installation, torchvision or timm.

    ``others`` are entries of the file with other networks, which were not taken.
    """

    source: str
    name: str
    sha256: NotRequired[str]
    entry: NotRequired[str]
    others: NotRequired[list[str]]


class Started(Event, Machine):
    """The worker has data and network ready; ``preview`` are the rows of the images that epochs predict.

    ``split_by`` says which series of images were kept in one split, see `lib.datasets.splits.kept`. ``notes`` are
    sentences for people that stay true to the end. ``free_norms`` are kinds of layers of the body that learn while the
    rest of it is frozen.
    """

    notes: NotRequired[list[str]]
    seconds: NotRequired[_Seconds]
    split_by: NotRequired[str]
    n_train: NotRequired[Count]
    n_valid: NotRequired[Count]
    n_batches: NotRequired[Count]
    n_params: NotRequired[Count]
    n_steps: NotRequired[Count]
    free_norms: NotRequired[list[str]]
    loss: NotRequired[str]
    processes: NotRequired[Count]
    preview: NotRequired[list[Count]]
    weights: NotRequired[Weights]


class Fit(Event):
    """A fit begins, after ``step`` batches."""

    seconds: NotRequired[_Seconds]
    phase: Phase
    epochs: Count
    step: Count


class Batch(Event):
    """A batch was trained."""

    seconds: _Seconds
    step: _Step
    loss: float
    lr: Annotated[float, Meta(ge=0)]
    mom: float


class Epoch(Event):
    """An epoch was trained and validated."""

    seconds: NotRequired[_Seconds]
    phase: Phase
    epoch: _Step
    step: Count
    train_loss: float | None
    valid_loss: float | None
    metrics: Metrics
    findings: NotRequired[list[str]]
    preview: NotRequired[list[_Row]]


class Device(Event):
    """What the GPU does."""

    seconds: NotRequired[_Seconds]
    step: Count
    memory: Count
    memory_total: NotRequired[Count]
    use: float | None


class Resumed(Event):
    """The run goes on from a checkpoint after ``step`` batches and so many epochs."""

    step: Count
    epochs: Count


class Suggestions(Event):
    """Learning rates that the finder suggests."""

    suggestions: dict[str, _Above0]


class Retry(TypedDict, total=False):
    """Choices of a new run that may do better than one that failed or was stopped."""

    bs: Count
    size: Count
    base_lr: float


class End(Event):
    """The run ended: finished, stopped or failed; ``lasting`` says that it would fail again as it did."""

    message: NotRequired[str]
    user_mistake: NotRequired[bool]
    lasting: NotRequired[bool]
    retry: NotRequired[Retry]


class Normalize(TypedDict):
    """Mean and standard deviation of red, green and blue that pictures are normalized with; white is 1."""

    mean: _Rgb
    std: _RgbAbove0


class PathStep(TypedDict):
    """A penalty that was tried, and the mean loss of held-out training images; None where no image could tell."""

    penalty: _Above0
    score: float | None


class PathPart(TypedDict):
    """What of a quick model has a penalty of its own: a label, all classes, a value, or the shape of the points.

    ``penalty`` is the chosen one, None where the mean was better than any model. The shape has ``components`` with a
    penalty each, of which ``fitted`` beat their mean: ``penalty`` is the lower median of theirs, one of those chosen;
    earlier versions wrote the plain median of all and neither count.
    """

    name: str
    penalty: _Above0 | None
    steps: list[PathStep]
    components: NotRequired[Count]
    fitted: NotRequired[Count]


class Path(TypedDict):
    """How a quick model came about: ``score`` is what was measured, in words, on ``folds`` parts of the training part.

    ``images`` are those that the head was fitted to, ``cached`` of how many of all images the features were known.
    """

    score: str
    folds: Count
    images: Count
    cached: Count
    parts: list[PathPart]
    notes: list[str]
    seconds: _Seconds


class Origin(TypedDict):
    """Where a run came from that was imported: its id and name there, its dataset's name and revision."""

    run: Annotated[str, Meta(max_length=200)]
    name: NotRequired[Annotated[str, Meta(max_length=200)]]
    dataset: Annotated[str, Meta(max_length=200)]
    revision: Annotated[str, Meta(max_length=200)]


class Manifest(Machine):
    """What a complete run records at its end.

    ``quick`` are the metrics of a quick model of the same network beside a training's own, ``path`` how a quick model
    came about.

    ``trained`` are the metrics of the trained model, also where the quick one is kept.
    ``kept`` says whether the run's model is the trained one or the quick one that it began with; without it the former.

    ``splits`` counts the images that it predicted; ``split_by`` is as in `Started`; ``value_range`` is that of
    `lib.core.depth` and has to be applied to whatever the model is asked about, and so has ``normalize``, which is
    ImageNet's in earlier versions. ``events`` are the bytes that the run's events had by then. ``origin`` is there
    where the run was imported.
    """

    config: NotRequired[TrainConfig]
    names: list[str]
    splits: Annotated[dict[Split, Count], Meta(min_length=1)]
    split_by: NotRequired[str]
    metrics: dict[Split, Metrics]
    baseline: NotRequired[dict[Split, Metrics]]
    quick: NotRequired[dict[Split, Metrics]]
    path: NotRequired[Path]
    scale: NotRequired[dict[str, list[float]]]
    value_range: NotRequired[depth.Written]
    normalize: NotRequired[Normalize]
    weights: NotRequired[Weights]
    kept: NotRequired[Literal["trained", "quick"]]
    trained: NotRequired[dict[Split, Metrics]]
    epochs_done: NotRequired[Count]
    epoch: NotRequired[Count]
    seconds: NotRequired[_Seconds]
    events: NotRequired[Count]
    origin: NotRequired[Origin]


#: What each event is read as; one that is not here, of another version, as `Event`.
KINDS: dict[str, type] = {
    "note": Note,
    "started": Started,
    "fit": Fit,
    "batch": Batch,
    "epoch": Epoch,
    "device": Device,
    "resumed": Resumed,
    "suggestions": Suggestions,
    events.FINISHED: End,
    events.STOPPED: End,
    events.FAILED: End,
}


def event(line: bytes) -> Any:
    """Return the event in a line of a run's event file, as one of `KINDS`.

    Raises
    ------
    ValueError
        If it is none, with what is wrong and where.
    """
    return json_files.decode(line, KINDS.get(json_files.decode(line, Event)["event"], Event))
