"""In words, by what a dataset was divided at its import: which series were kept in one split."""

from __future__ import annotations

from typing import Any

from lib.core import sentences
from lib.core.dataset import Dataset
from lib.datasets import store


def split_words(dataset: Dataset) -> str:
    """Return by what its images were divided, such as "split by person (200 groups)"; "" where there are no groups.

    What was recorded at the import counts as long as splits and groups are those of the import.
    """
    record: Any = dataset.source.get("together")
    recorded = isinstance(record, dict) and isinstance(record.get("by"), str)
    divided = ["split", "group"]
    if dataset.revision != dataset.base and not dataset.items[divided].equals(
        store.imported(dataset.path).items[divided]
    ):
        count = dataset.items["group"].replace("", None).nunique()
        groups = f" ({sentences.count(count, 'group')})" if count else ""
        return f"split again since the import{groups}" if recorded or count else ""
    if not recorded:
        return ""
    if not record["by"]:
        return "series of images divided, as chosen at import"
    count = dataset.items["group"].replace("", None).nunique()
    return f"split by {record['by']} ({sentences.count(count, 'group')})"
