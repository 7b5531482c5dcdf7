"""Checks of a dataset before training, one module a kind of check; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from lib.core.dataset import Dataset
from lib.datasets.checks import colors, duplicates, files, groups, labels, outliers, sizes, split_sizes, swapped
from lib.datasets.checks.finding import SEVERITIES, Finding, Subject
from lib.datasets.checks.fingerprints import Fingerprints


@dataclass(frozen=True)
class Check:
    """One kind of check.

    Attributes
    ----------
    title : str
        What it looks for, in a few words.
    run : callable
        Takes `Subject` and returns findings.
    needs_pictures : bool
        Whether it says nothing before the images were scanned.
    applies : callable
        Whether there is anything to check, which the task or the items say.
    """

    title: str
    run: Callable[[Subject], list[Finding]]
    needs_pictures: bool = False
    applies: Callable[[Subject], bool] = lambda subject: True


#: By name, in the order in which findings of equal severity are told.
CHECKS: dict[str, Check] = {
    "files": Check("missing, changed or truncated files", files.run),
    "duplicates": Check("duplicates, in several splits or with different targets", duplicates.run_exact),
    "near_duplicates": Check("near duplicates: saved again, resized, slightly cropped", duplicates.run_near, True),
    "groups": Check("groups divided between splits", groups.run, applies=groups.applies),
    "swapped": Check("left and right points swapped", swapped.run, applies=swapped.applies),
    "outliers": Check(
        "points outside their image or far from their usual place", outliers.run, applies=outliers.applies
    ),
    "labels": Check("labels on nearly all or hardly any images, or in no image of a split", labels.run),
    "split_sizes": Check("too few train or valid images", split_sizes.run),
    "sizes": Check("tiny images and odd sizes and shapes", sizes.run),
    "colors": Check("images of one color, grayscale among color, transparent, CMYK, 16 bits", colors.run, True),
}


@dataclass(frozen=True)
class Result:
    """The findings of all checks that ran, and what did not run.

    Attributes
    ----------
    findings : list of Finding
        Worst first.
    checked, waiting : list of str
        What was checked, and what was not because the images were not scanned; see `CHECKS`.
    """

    findings: list[Finding]
    checked: list[str]
    waiting: list[str]

    def counts(self) -> dict[str, int]:
        """Return how many cases there are of each severity, worst first."""
        return {one: sum(f.count for f in self.findings if f.severity == one) for one in SEVERITIES}

    @property
    def cases(self) -> int:
        """How many cases the findings have."""
        return sum(finding.count for finding in self.findings)

    def kept(self, keeps: Callable[[Finding, int], bool]) -> Result:
        """Return it with those cases only, by finding and place in it, of which ``keeps`` says so."""
        findings = []
        for finding in self.findings:
            positions = [place for place in range(finding.count) if keeps(finding, place)]
            if positions:
                findings.append(finding.only(positions))
        return replace(self, findings=findings)

    def without(self, rows: Collection[int]) -> Result:
        """Return it without the cases that are about any of ``rows``, such as those that were just edited."""
        gone = set(rows)
        return self.kept(lambda finding, place: not finding.rows or gone.isdisjoint(finding.cases[place]))


def run(dataset: Dataset, prints: Fingerprints | None = None, only: Sequence[str] | None = None) -> Result:
    """Check the images of ``dataset`` that are not excluded.

    Parameters
    ----------
    dataset : Dataset
    prints : Fingerprints, optional
        What was seen of the pictures; without it, or with a part of it, what needs it is left out.
    only : sequence of str, optional
        Which of `CHECKS`; all by default.
    """
    subject = Subject(dataset, prints if prints is not None and prints.complete else None)
    findings, checked, waiting = [], [], []
    for name, check in CHECKS.items():
        if (only is not None and name not in only) or not len(subject.rows) or not check.applies(subject):
            continue
        if check.needs_pictures and subject.prints is None:
            waiting.append(name)
            continue
        findings += check.run(subject)
        checked.append(name)
    findings.sort(key=lambda finding: SEVERITIES.index(finding.severity))  # stable
    return Result(findings, checked, waiting)
