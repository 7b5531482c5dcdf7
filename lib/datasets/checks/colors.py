"""Check for pictures of one color, grayscale among color, and rare color modes."""

from __future__ import annotations

import numpy as np

from lib.core.depth import UPPER, Rule, ValueRange
from lib.datasets.checks import near_duplicates
from lib.datasets.checks.finding import EXCLUDE, INFO, WARNING, Finding, Subject, counted, ints
from lib.datasets.checks.fingerprints import CHANGED, GOOD

#: Mean distance between a picture's color channels, of 255, below which it is gray.
GRAY = 2.0
_DEEP, _DEEP_TITLE = "deep-picture", "More than 8 bits per channel"
#: What so many pictures are is not odd.
_SHARE = 0.2


def run(subject: Subject) -> list[Finding]:
    """Look at what was seen of the pictures."""
    prints = subject.scanned
    readable = np.isin(prints.state[subject.rows], (GOOD, CHANGED))
    rows = subject.rows[readable]
    modes, chroma = prints.modes[rows], prints.chroma[rows]
    flat = (
        prints.contrast[rows] < near_duplicates.FLAT
    )  # not of gray alone: a red ring on a green of equal brightness is there
    gray = (chroma < GRAY) & ~flat
    rule = subject.dataset.value_range
    findings = []
    if flat.any():
        findings.append(
            _finding(
                "flat-picture", "Images of one color", WARNING, rows[flat],
                ("image shows", "images show"),
                "hardly anything but one color: black, white, or failed. Exclude what shows nothing.",
                "one color",
            )
        )  # fmt: skip
    share = gray.mean() if len(gray) else 0.0
    words = {"gray": "grayscale", "colored": "in color"}
    titles = {"gray": "Grayscale among color images", "colored": "Color among grayscale images"}
    few, other = (gray, "gray") if share <= 0.5 else (~gray & ~flat, "colored")
    if 0 < few.sum() <= _SHARE * len(rows):
        findings.append(
            _finding(
                f"{other}-picture", titles[other], INFO, rows[few],
                (f"image is {words[other]}", f"images are {words[other]}"),
                "among others that are not: the model may learn the source instead of what is shown.",
                words[other],
            )
        )  # fmt: skip
    deep = np.char.startswith(modes, "I") | (modes == "F") | np.char.endswith(modes, ";16")
    alpha = np.isin(modes, ("RGBA", "LA", "PA", "La", "RGBa", "RGBA;16", "LA;16")) | np.char.endswith(modes, "+alpha")
    for kind, title, mask, many, rest in (
        ("alpha-picture", "Images with transparency", alpha, "may have transparent parts", "these are shown on white"),
        ("cmyk-picture", "CMYK images", modes == "CMYK", "are in CMYK", "colors may differ a bit"),
        (_DEEP, _DEEP_TITLE, deep & (rule != UPPER), "have more than 8 bits per channel", _stretched(rule)),
    ):
        if 0 < mask.sum() <= _SHARE * len(rows):
            one = many.replace("are in", "is in").replace("have", "has", 1) if not many.startswith("may") else many
            findings.append(
                _finding(kind, title, INFO, rows[mask], (f"image {one}", f"images {many}"),
                         f"and the others do not: {rest}.", "")
            )  # fmt: skip
    if rule == UPPER and deep.any():
        findings.append(
            _finding(
                _DEEP, _DEEP_TITLE, INFO, rows[deep],
                ("image has more than 8 bits per channel", "images have more than 8 bits per channel"),
                "of which the upper 8 are used, as when this dataset was imported: values of 12 bits look black. "
                "Import it again to have them stretched by their range.",
                "",
            )
        )  # fmt: skip
    return [
        _with_modes(finding, prints.modes) if not any(finding.details.values()) else finding for finding in findings
    ]


def _stretched(rule: Rule) -> str:
    values = f"the values {rule.words()}" if isinstance(rule, ValueRange) else "their values"
    return f"{values} are stretched to 0 to 255"


def _finding(
    kind: str, title: str, severity: str, rows: np.ndarray, words: tuple[str, str], rest: str, detail: str
) -> Finding:
    details = dict.fromkeys(ints(rows), detail)
    return Finding(kind, title, counted(*words, rest), severity, ints(rows), details=details, fixes=(EXCLUDE,))


def _with_modes(finding: Finding, modes: np.ndarray) -> Finding:
    """Return it with how each file keeps its colors as its detail."""
    from dataclasses import replace

    return replace(finding, details={row: str(modes[row]) for row in finding.rows})
