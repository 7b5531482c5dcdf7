"""What a case of a finding is known by over revisions and scans: its pictures or labels, and what is said of them."""

from __future__ import annotations

import hashlib

import numpy as np

from lib.core.dataset import Dataset
from lib.datasets.cache import remember
from lib.datasets.checks.finding import Finding

_DIGITS = 16  # of a hash: of a million parts two are alike with a probability of 3e-8

#: Which case it is: the finding's kind, and a hash of each picture or label with what is said of it.
Key = tuple[str, frozenset[str]]


def keys_of(dataset: Dataset, finding: Finding) -> list[Key]:
    """Return what each case of a finding is known by."""
    if not finding.rows and not finding.columns:
        return [(finding.kind, frozenset([_hashed(finding.sentence)]))]
    texts = finding.about or finding.details
    if finding.rows:
        pictures = remember(dataset, "reviewed-pictures", lambda: _pictures(dataset))
        part = {row: _hashed(pictures[row], texts.get(row, "")) for row in finding.rows}
    else:
        part = {column: _hashed(dataset.names[column], texts.get(column, "")) for column in finding.columns}
    return [(finding.kind, frozenset(part[one] for one in case)) for case in finding.cases]


def _pictures(dataset: Dataset) -> np.ndarray:
    """Return the name of each picture, and a hash of its file where that is known."""
    names = dataset.items["original"].to_numpy(dtype=str)
    if "digest" not in dataset.items:
        return names
    return np.char.add(np.char.add(names, "\0"), dataset.items["digest"].fillna("").to_numpy(dtype=str))


def _hashed(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
