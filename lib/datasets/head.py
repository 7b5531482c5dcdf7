"""The head of a dataset on disk, the file that says what it is: its form, read by its types."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NotRequired, TypedDict, get_type_hints

from msgspec import Meta

from lib.core import depth, json_files
from lib.core.config import TrainConfig
from lib.core.errors import DamagedError

FORMAT = 1
FILE = "dataset.json"


class _Format(TypedDict):
    format: json_files.Count


class Problem(TypedDict):
    """What was noticed at import."""

    kind: str
    count: json_files.Count
    sentence: str
    examples: list[str]


#: Pairs of names.
_Pairs = list[Annotated[list[str], Meta(min_length=2, max_length=2)]]


class _Extra(TypedDict, total=False):
    flip_pairs: _Pairs
    skeleton: _Pairs


class _Source(TypedDict, total=False):
    """Where a dataset came from: the name of a sample, or an import and what was asked for.

    ``together`` is shown where it is a record, see `lib.datasets.splits.kept`, and whatever else it is ignored.
    ``revision`` is that of the dataset that this one stands in for, where it came with a bundle.
    """

    kind: str
    name: str
    revision: str
    format: str
    together: object
    valid: float | None
    seed: int
    group: str | None
    task: str | None
    choices: dict[str, str]
    columns: dict[str, str]
    stratify: bool


class Sums(TypedDict):
    """Checksums of the other files, by name, and when they were written; earlier versions kept none."""

    written: str
    files: dict[str, str]


class Head(TypedDict):
    """`FILE`, see `lib.core.dataset.Dataset`; defaults are fields of `TrainConfig`."""

    task: str
    names: tuple[str, ...]
    revision: str
    problems: list[Problem]
    source: _Source
    defaults: dict[str, Any]
    extra: NotRequired[_Extra]
    root: NotRequired[str | None]
    value_range: NotRequired[depth.Written]
    checksums: NotRequired[Sums]


def read(folder: Path) -> Head:
    """Return the head of the dataset in ``folder``.

    Raises
    ------
    DamagedError
        If it is of another version.
    ValueError, OSError
        If it is none: where, expected, found; or cannot be read.
    """
    try:
        content = json_files.content(folder / FILE)
        version = json_files.decode(content, _Format)["format"]
        if version != FORMAT:
            raise DamagedError(
                f"The dataset in {folder} has format {version}, this version reads {FORMAT}: import it again."
            )
        head = json_files.decode(content, Head)
        types = get_type_hints(TrainConfig)
        for name, value in head["defaults"].items():
            json_files.convert(value, types.get(name, Any), f"defaults.{name}")
    except ValueError as error:
        raise ValueError(f"{FILE}: {error}") from error
    return head
