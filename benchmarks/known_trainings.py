"""Trainings whose fault is known because it was put in: datasets altered on purpose, choices wrong on purpose.

What each of them is an example of was written down before any of them was trained.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: Causes; the first two call for no advice.
FINE, TOO_EARLY = "fine", "too early"
UNDERFITTING, OVERFITTING, UNSTABLE = "underfitting", "overfitting", "unstable"
LABEL_NOISE, FEW_IMAGES = "label noise", "too few images"
CAUSES = (FINE, TOO_EARLY, UNDERFITTING, OVERFITTING, UNSTABLE, LABEL_NOISE, FEW_IMAGES)


@dataclass(frozen=True)
class KnownTraining:
    """A training to be recorded.

    Attributes
    ----------
    name : str
    dataset : str
        A sample, or a folder of the data.
    cause : str
        One of `CAUSES`.
    choices : dict
        What differs from the recommended recipe, by the names of `lib.core.config.TrainConfig`.
    images : int
        So many images of train and valid together are left, chosen by chance; 0 leaves all.
    shuffled : float
        This share of the images of train and valid exchanged their targets among each other.
    stop_after : int
        Stopped after so many epochs; 0 never is.
    resumed : bool
        Whether it then went on.
    also : frozenset of str
        Causes that are true of it too, and would be no wrong advice.
    """

    name: str
    dataset: str
    cause: str
    choices: dict[str, Any] = field(default_factory=dict)
    images: int = 0
    shuffled: float = 0.0
    stop_after: int = 0
    resumed: bool = False
    also: frozenset[str] = frozenset()


_SCRATCH = {"arch": "small", "pretrained": False, "size": 64}
_RESNET = {**_SCRATCH, "arch": "resnet18"}
_PRETRAINED = {"arch": "lite0", "pretrained": True, "size": 64}
_AT_96 = {**_PRETRAINED, "size": 96}
_PLAIN = {"augment": False}
_TINY, _HUGE = {"base_lr": 1e-5}, {"base_lr": 1.0}
_LONG = {"epochs": 60, **_PLAIN}
_OVERFITTED, _UNDERFITTED, _OF_FEW = frozenset({OVERFITTING}), frozenset({UNDERFITTING}), frozenset({FEW_IMAGES})
_NOISY = {"cause": LABEL_NOISE, "also": _OVERFITTED}


def _few(dataset: str) -> KnownTraining:
    return KnownTraining(f"{dataset}-40", dataset, FEW_IMAGES, _SCRATCH, images=40, also=_OVERFITTED)


#: In turns for making the rules (the first, the third, ...) and for judging them (the second, the fourth, ...).
TRAININGS = (
    KnownTraining("shapes-recommended", "shapes", FINE),
    KnownTraining("gauges-recommended", "gauges", FINE),
    KnownTraining("clocks-recommended", "clocks", FINE),
    KnownTraining("glyphs-recommended", "glyphs", FINE),
    KnownTraining("vehicles-quick-start", "vehicles", FINE, _AT_96),
    KnownTraining("glyphs-quick-start", "glyphs", FINE, _PRETRAINED),
    KnownTraining("faces-heatmap", "faces", FINE, {**_SCRATCH, "head": "heatmap", "epochs": 16}),
    KnownTraining("faces-pretrained", "faces", FINE, _PRETRAINED),
    KnownTraining("shapes-progressive", "shapes", FINE, {"progressive": True}),
    KnownTraining("gauges-progressive", "gauges", FINE, {"progressive": True}),
    KnownTraining("shapes-resumed", "shapes", FINE, {"seed": 1}, stop_after=8, resumed=True),
    KnownTraining("clocks-resumed", "clocks", FINE, {"seed": 1}, stop_after=12, resumed=True),
    KnownTraining("shapes-focal", "shapes", FINE, {"focal_gamma": 2.0}),
    KnownTraining("glyphs-class-weights", "glyphs", FINE, {"class_weights": True}),
    KnownTraining("shapes-early-stopping", "shapes", FINE, {"patience": 4, "epochs": 40}),
    KnownTraining("glyphs-early-stopping", "glyphs", FINE, {"patience": 4, "epochs": 40}),
    KnownTraining("shapes-stopped", "shapes", TOO_EARLY, {"seed": 2}, stop_after=6),
    KnownTraining("clocks-stopped", "clocks", TOO_EARLY, {"seed": 2}, stop_after=6),
    KnownTraining("gauges-one-epoch", "gauges", TOO_EARLY, {"epochs": 1, "freeze_epochs": 0}, also=_UNDERFITTED),
    KnownTraining("faces-two-epochs", "faces", TOO_EARLY, {**_SCRATCH, "epochs": 1}, also=_UNDERFITTED),
    KnownTraining("shapes-few-epochs", "shapes", UNDERFITTING, {"epochs": 4}),
    KnownTraining("gauges-few-epochs", "gauges", UNDERFITTING, {"epochs": 5}),
    KnownTraining("clocks-few-epochs", "clocks", UNDERFITTING, {"epochs": 4}),
    KnownTraining("faces-few-epochs", "faces", UNDERFITTING, {**_SCRATCH, "epochs": 4}),
    KnownTraining("glyphs-tiny-rate", "glyphs", UNDERFITTING, _TINY),
    KnownTraining("clocks-tiny-rate", "clocks", UNDERFITTING, _TINY),
    KnownTraining("shapes-tiny-rate", "shapes", UNDERFITTING, _TINY),
    KnownTraining("vehicles-tiny-rate", "vehicles", UNDERFITTING, {**_SCRATCH, **_TINY}),
    KnownTraining("vehicles-scratch", "vehicles", OVERFITTING, {**_SCRATCH, **_PLAIN}),
    KnownTraining("vehicles-resnet18", "vehicles", OVERFITTING, {**_RESNET, **_PLAIN, "epochs": 20}),
    KnownTraining("shapes-240", "shapes", OVERFITTING, _LONG, images=240, also=_OF_FEW),
    KnownTraining("glyphs-240", "glyphs", OVERFITTING, _LONG, images=240, also=_OF_FEW),
    KnownTraining("faces-240", "faces", OVERFITTING, {**_SCRATCH, **_LONG}, images=240, also=_OF_FEW),
    KnownTraining("clocks-240", "clocks", OVERFITTING, _LONG, images=240, also=_OF_FEW),
    KnownTraining("vehicles-scratch-augmented", "vehicles", OVERFITTING, {**_SCRATCH, "epochs": 50}),
    KnownTraining("gauges-240", "gauges", OVERFITTING, _LONG, images=240, also=_OF_FEW),
    KnownTraining("shapes-huge-rate", "shapes", UNSTABLE, _HUGE),
    KnownTraining("gauges-huge-rate", "gauges", UNSTABLE, _HUGE),
    KnownTraining("glyphs-huge-rate", "glyphs", UNSTABLE, _HUGE),
    KnownTraining("clocks-huge-rate", "clocks", UNSTABLE, _HUGE),
    KnownTraining("vehicles-huge-rate", "vehicles", UNSTABLE, {**_SCRATCH, **_HUGE}),
    KnownTraining("faces-huge-rate", "faces", UNSTABLE, {**_SCRATCH, **_HUGE, "epochs": 10}),
    KnownTraining("vehicles-pretrained-huge-rate", "vehicles", UNSTABLE, {**_PRETRAINED, "base_lr": 0.3}),
    KnownTraining("glyphs-pretrained-huge-rate", "glyphs", UNSTABLE, {**_PRETRAINED, "base_lr": 0.3}),
    KnownTraining("glyphs-shuffled-40", "glyphs", shuffled=0.4, **_NOISY),
    KnownTraining("shapes-shuffled-40", "shapes", shuffled=0.4, **_NOISY),
    KnownTraining("shapes-shuffled-30-plain", "shapes", choices={**_PLAIN, "epochs": 40}, shuffled=0.3, **_NOISY),
    KnownTraining("glyphs-shuffled-35-plain", "glyphs", choices={**_PLAIN, "epochs": 40}, shuffled=0.35, **_NOISY),
    KnownTraining("glyphs-shuffled-30-pretrained", "glyphs", choices=_PRETRAINED, shuffled=0.3, **_NOISY),
    KnownTraining("vehicles-shuffled-40-pretrained", "vehicles", choices=_AT_96, shuffled=0.4, **_NOISY),
    KnownTraining("gauges-shuffled-35", "gauges", shuffled=0.35, **_NOISY),
    KnownTraining("clocks-shuffled-35", "clocks", shuffled=0.35, **_NOISY),
    *map(_few, ("vehicles", "faces", "shapes", "glyphs", "gauges", "clocks")),
)  # fmt: skip
