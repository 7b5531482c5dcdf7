"""The verdict and what it rests on, in sentences; names in them are not escaped."""

from __future__ import annotations

import numpy as np

from lib.core import sentences
from lib.evaluation.verdicts.disagreements import Disagreements
from lib.evaluation.verdicts.sides import Side
from lib.evaluation.verdicts.verdicts import Gain, Verdict
from lib.metrics import intervals
from lib.metrics.paired import FEWEST_SAME, most_differing
from lib.metrics.resampling import FEWEST
from lib.tasks.types import three_digits

#: With fewer runs of both sides together Student's t is far from the normal distribution.
_FEW_RUNS = 6


def sentence(verdict: Verdict) -> str:
    """Return the verdict in one sentence with its uncertainty, and what would be needed where it is open."""
    gain, on = verdict.headline, on_words(verdict)
    size = f"{with_unit(verdict, gain, abs(gain.gain.value))} {title(gain)}"
    if gain.better:
        letter = gain.better.upper()
        low, high = sorted(abs(end) for end in gain.gain.ends)
        between = f"{three_digits(low)} to {with_unit(verdict, gain, high)}"
        return f"{letter} is better by {size} (95 % interval {between}) on {on}."
    if gain.judged == intervals.SAME:
        most = 100 * float(most_differing(verdict.images.n_groups))
        return (
            f"A and B are the same by {title(gain)} on {on}: none sets them apart, and so {most:.2g} % of such "
            f"{_drawn(verdict)} at most do (95 % bound)."
        )
    if gain.judged == intervals.UNKNOWN:
        return f"It cannot be told whether B is better: {title(gain)} is not defined on {on}."
    if gain.judged == intervals.TOO_FEW:
        what, differing = _drawn(verdict), int(gain.difference.differing)
        tail = (
            f"they differ on too few {what} (at least {FEWEST} are needed)"
            if 0 < differing < FEWEST
            else f"none sets them apart, of too few {what} to call them the same (at least {FEWEST_SAME} are needed)"
        )
        return (
            f"It cannot be told whether B is better: B minus A is {signed(verdict, gain)} {title(gain)} on {on}, and "
            f"{tail}."
        )
    between = gain.interval.words(lambda end: three_digits(end) if end else "0")
    apart = f"{signed(verdict, gain)} {title(gain)}"
    open_ = f"It cannot be told whether B is better: B minus A is {apart} (95 % interval {between}) on {on}"
    if needed := verdict.images_needed:
        return f"{open_}; if that is the true difference, about {_rounded(needed)} images would be needed to show it."
    return f"{open_}."


def _drawn(verdict: Verdict) -> str:
    return "groups" if verdict.images.n_groups < len(verdict.images) else "images"


def others_sentence(verdict: Verdict) -> str:
    """Return which of the other metrics say otherwise than the verdict, "" if none does."""
    others = [gain for gain in verdict.metrics.values() if gain is not verdict.headline and gain.better]
    apart = [gain for gain in others if gain.better != verdict.better]
    parts = [
        f"{side.upper()} is better by {sentences.joined(named, len(named))}"
        for side in ("a", "b")
        if (named := [title(gain) for gain in apart if gain.better == side])
    ]
    return f"Other metrics say otherwise: {' and '.join(parts)}." if parts else ""


def seeds_sentence(verdict: Verdict) -> str:
    """Return in a sentence whether the luck of the seed is in the interval."""
    counts = [len(side.runs) for side in (verdict.a, verdict.b)]
    if not verdict.has_seeds:
        return (
            "The interval holds for other images, not for other seeds: with one run a side the luck of the seed is not "
            "in it. Train several seeds of each to have it there."
        )
    words = f"{sentences.count(counts[0], 'run')} of A and {sentences.count(counts[1], 'run')} of B"
    lone = " The side with one run is taken to scatter as the other." if 1 in counts else ""
    wide = " So few runs make it wide: train more seeds." if sum(counts) < _FEW_RUNS else ""
    return f"The interval holds for other images and for other seeds: {words}.{lone}{wide}"


def detectable_sentence(verdict: Verdict) -> str:
    """Return which differences these images would show, "" where that is open."""
    size = verdict.detectable
    if size is None or not size:
        return ""
    gain = verdict.headline
    what = "images and runs" if verdict.has_seeds else "images"
    return f"A true difference of {with_unit(verdict, gain, size)} would show on such {what} in four of five cases."


def labels_sentence(verdict: Verdict) -> str:
    """Return how many labels are better with which side, and how that was judged."""
    task, n = verdict.task, len(verdict.labels)
    counts = [sum(row.better == side for row in verdict.labels) for side in ("a", "b")]
    many = f"A is better at {counts[0]:,} and B at {counts[1]:,} of {sentences.count(n, task.noun, task.nouns)}"
    opposed = [row.name for row in verdict.labels if row.is_opposed]
    tail = f" By another metric it is the other way round at {sentences.listed(opposed, 3)}." if opposed else ""
    return f"{many}, the others may be chance ({verdict.test}, corrected for {n:,} by Holm).{tail}"


def summary(verdict: Verdict) -> list[str]:
    """Return all that is to be said of the sides together, a sentence or two each, the verdict first."""
    flattered = (
        "Thresholds were chosen on these images, so the numbers at them are too good." if verdict.flattered else ""
    )
    written = (
        sentence(verdict),
        others_sentence(verdict),
        seeds_sentence(verdict),
        detectable_sentence(verdict),
        verdict.images.words(),
        flattered,
    )
    return [one for one in written if one]


def disagreements_sentence(verdict: Verdict, differ: Disagreements) -> str:
    """Return in how many images which side is the better one, and which come first."""
    task, (a, b) = verdict.task, (f"{len(differ.of(side)):,}" for side in "ab")
    if task.is_decided:
        what = f"has more {task.nouns} right" if task.has_several_labels else "alone is right"
        return (
            f"A {what} in {a} images, B in {b}; those come first in which one is surely wrong and the other surely "
            "right."
        )
    return f"A is nearer in {a} images, B in {b}; the largest differences come first."


def gap(verdict: Verdict, size: float) -> str:
    """Return by how much the better side is nearer: a loss in nats where there are labels, else an error."""
    task = verdict.task
    if task.is_decided:
        return f"a loss of {three_digits(size)} less"
    return f"{three_digits(size)} {task.unit_of(verdict.names)}".strip()


def answer(verdict: Verdict, differ: Disagreements, place: int, side: Side) -> str:
    """Return what a side answered about one of the images that differ; of several runs their mean, and its worth."""
    card = verdict.task.pred_card(side.mean, int(differ.rows[place]), "", side.threshs[0])
    chips = [chip for chip in card.chips if chip.kind != "plain" or chip.value is None]
    parts = [
        f"{_OUTCOMES.get(chip.kind, '')}{chip.text}" + ("" if chip.value is None else f" {three_digits(chip.value)}")
        for chip in chips
    ]
    note, n = card.note, len(side.runs)
    if n > 1:
        note = f"{worth(verdict, differ, place, side)}; mean of {n} runs"
    return "; ".join(part for part in (note, ", ".join(parts)) if part)


def worth(verdict: Verdict, differ: Disagreements, place: int, side: Side, label: int | None = None) -> str:
    """Return what a side's answer about one of the images that differ is worth: how many runs, or labels, are right.

    Parameters
    ----------
    verdict : Verdict
    differ : Disagreements
        Of ``label``.
    place : int
        Which of ``differ``.
    side : Side
    label : int, optional
        Which of ``verdict.names``; default is the whole image.
    """
    task, is_a, row = verdict.task, side is verdict.a, int(differ.rows[place])
    right, off = (part[place] for part in ((differ.right_a, differ.a) if is_a else (differ.right_b, differ.b)))
    if not task.is_decided:
        unit = task.unit_of(verdict.names if label is None else (verdict.names[label],), verdict.headline.name)
        nearer = ", nearer" if differ.better[place] == side.letter.lower() else ""
        return f"{three_digits(float(off))} {unit} off".replace("  ", " ") + nearer
    n = len(side.runs)
    if label is not None:
        return _right_in(float(right), n)
    if not task.uses_thresh:
        whole = [task.right(answer, thresh)[0][row] for answer, thresh in zip(side.answers, side.threshs, strict=True)]
        return _right_in(float(np.mean(whole)), n)
    known = int(np.count_nonzero(~np.isnan(task.right(side.answers[0], side.threshs[0])[1][row])))
    return f"{right:.3g} of {sentences.count(known, task.noun, task.nouns)} right"


def _right_in(share: float, n: int) -> str:
    """Return how many of n runs are right.

    Examples
    --------
    >>> _right_in(1.0, 1), _right_in(2 / 3, 3)
    ('right', 'right in 2 of 3 runs')
    """
    return ("right" if share else "wrong") if n == 1 else f"right in {round(share * n)} of {n} runs"


#: What a chip of a card is, before its text.
_OUTCOMES = {"alarm": "wrongly ", "miss": "misses "}


def on_words(verdict: Verdict) -> str:
    """Return on what: "140 valid images that neither trained on"."""
    images, kind = verdict.images, {"either": "held-out"}.get(verdict.split, verdict.split)
    grouped = f" of {sentences.count(images.n_groups, 'group')}" if images.n_groups < len(images) else ""
    return f"{sentences.count(len(images), f'{kind} image')}{grouped} that neither trained on"


def title(gain: Gain) -> str:
    """Return what a metric is called within a sentence.

    Examples
    --------
    >>> from lib.metrics.scores import METRICS
    >>> [title(Gain(name, METRICS[name], None)) for name in ("mae", "map", "f1_micro", "pck_05")]
    ['mean absolute error', 'mAP', 'micro F1', 'PCK@0.05 of the image diagonal']
    """
    plain = gain.about.title
    return plain[0].lower() + plain[1:] if plain[1:2].islower() else plain


def with_unit(verdict: Verdict, gain: Gain, value: float) -> str:
    """Return a value of a metric with three significant digits and its unit."""
    unit = verdict.task.unit_of(verdict.names, gain.name) if gain.name in verdict.task.compared else gain.about.unit
    return f"{three_digits(value) if value else '0'} {unit or ''}".strip()


def signed(verdict: Verdict, gain: Gain) -> str:
    """Return B minus A with its sign and unit."""
    value = gain.interval.value
    return f"{'+' if value > 0 else ''}{with_unit(verdict, gain, value)}"


def _rounded(n: int) -> str:
    """Return a number with two significant digits: it is a rough one.

    Examples
    --------
    >>> _rounded(1234), _rounded(87)
    ('1,200', '87')
    """
    step = 10 ** max(0, len(str(n)) - 2)
    return f"{round(n / step) * step:,}"
