"""Report of an import: counts, classes, splits and problems."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Report:
    """What an import found, and kept unless it was a dry run.

    Attributes
    ----------
    dataset, task, format, revision : str
        Name in the workspace, name of the task, what the source was taken for, id of the content.
    images : int
        Images kept.
    classes : list of str
        Labels, points or numbers.
    splits : dict of str to int
        Images of each split.
    problems : list of dict
        See `lib.importing.problems.Problems.to_json`.
    dry_run : bool
        True if nothing was written.
    fixes : list of dict
        Other ways to read it that may be meant, see `lib.importing.parsed.Fix`.
    columns : list of dict
        What each column of the table holds, see `lib.importing.columns.Column`; empty without a table.
    answered : list of dict
        Safe answers that were taken where nobody was asked, each a `lib.importing.parsed.Fix`.
    """

    dataset: str
    task: str
    images: int
    classes: list[str]
    splits: dict[str, int]
    problems: list[dict]
    format: str
    revision: str
    dry_run: bool = False
    fixes: list[dict] = field(default_factory=list)
    columns: list[dict] = field(default_factory=list)
    answered: list[dict] = field(default_factory=list)

    def to_json(self) -> dict:
        """Return the report as plain JSON."""
        return asdict(self)
