"""All statistics of a dataset: its task's, its pictures', its groups', as sections and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib.core.splits import EXCLUDED
from lib.tasks.statistics import pictures
from lib.tasks.statistics.sections import Section, Seen

if TYPE_CHECKING:
    from lib.core.dataset import Dataset
    from lib.tasks.base import Task


def sections(task: Task, dataset: Dataset) -> list[Section]:
    """Return the statistics of a dataset's included images: those of its task, of its pictures, of its groups."""
    seen = Seen.of(dataset)
    if not len(seen):
        return []
    return [*task.statistics(seen), pictures.sizes(seen), *pictures.groups(seen)]


def to_json(dataset: Dataset, sections: list[Section]) -> dict[str, Any]:
    """Return all numbers as one JSON document."""
    excluded = int((dataset.items["split"] == EXCLUDED).sum())
    counts = {"images": len(dataset) - excluded, "excluded": excluded, "splits": dataset.splits()}
    head = {"dataset": dataset.name, "revision": dataset.revision, "task": dataset.task, "names": list(dataset.names)}
    return {**head, **counts, **{section.key: section.numbers for section in sections}}
