"""What it means, in words, that images in several splits are the same or alike: which splits, and which numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence, Set

from lib.core import sentences
from lib.core.splits import SPLITS

#: How the images of one split are to those of another, after "validation images".
SAME, NEAR, RELATED = "are also", "have near copies", "have images of the same group"
_WORDS = {"train": "training", "valid": "validation", "test": "test"}


def where(parts: Sequence[Set[str]]) -> str:
    """Return which splits the parts are in, such as groups of copies; how many in which, where they differ.

    Parameters
    ----------
    parts : sequence of set of str
        The splits of each part, two or more.

    Examples
    --------
    >>> where([{"test", "train"}])
    'in train and test'
    >>> where([{"train", "valid"}, {"valid", "test"}, {"valid", "train"}])
    'in several splits (2 in train and valid, 1 in valid and test)'
    """
    counts = Counter(tuple(split for split in SPLITS if split in part) for part in parts)
    named = {splits: sentences.joined(splits, len(SPLITS)) for splits in sorted(counts, key=_order)}
    if len(named) == 1:
        return f"in {next(iter(named.values()))}"
    return f"in several splits ({', '.join(f'{counts[splits]:,} in {words}' for splits, words in named.items())})"


def effect(parts: Collection[Set[str]], how: str) -> str:
    """Return which numbers are too good for it, and why.

    Parameters
    ----------
    parts : collection of set of str
        As `where` takes them.
    how : str
        `SAME`, `NEAR` or `RELATED`.

    Examples
    --------
    >>> effect([{"train", "valid"}], SAME)
    'validation images are also in training, so the validation metrics are too good'
    >>> effect([{"train", "valid", "test"}], NEAR)
    'validation and test images have near copies in training, so the validation and test metrics are too good'
    >>> effect([{"valid", "test"}], SAME)
    'test images are also in validation, which chooses epochs and thresholds, so the test metrics may be too good'
    """
    effects = []
    learned = [split for split in SPLITS[1:] if any({"train", split} <= part for part in parts)]
    if learned:
        words = sentences.joined([_WORDS[split] for split in learned], len(SPLITS))
        effects.append(f"{words} images {how} in training, so the {words} metrics are too good")
    if any(set(part) == {"valid", "test"} for part in parts):
        so = "" if "test" in learned else ", so the test metrics may be too good"
        effects.append(f"test images {how} in validation, which chooses epochs and thresholds{so}")
    return "; ".join(effects)


def _order(splits: tuple[str, ...]) -> list[int]:
    return [SPLITS.index(split) for split in splits]
