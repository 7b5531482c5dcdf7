"""The recipe benchmark pairs training runs as it says, and gives the effect of a rule the right sign."""

from __future__ import annotations

import pytest

from benchmarks import recipes
from lib.training import launch
from lib.training.launchers import local


def _one(way: str, seed: int, value: float | None, *, trained: float | None = None, metric: str = "f1_macro"):
    metrics = {"test": {metric: value}}
    one = {"dataset": "d", "way": way, "seed": seed, "metrics": metrics, "kept": "trained", "cpu": 1.0}
    one |= {"in one go": True, "quick": {}, "trained": {"test": {metric: trained}} if trained is not None else {}}
    return ("d", way, seed), one


def _table(*ones) -> dict[str, str]:
    return recipes._table(dict(ones), ["d"])


def test_what_a_rule_brings_is_seed_by_seed_and_of_what_was_trained():
    """Left out it costs, added it gains; a seed that one of both lacks is left out, and a kept quick model too."""
    lines = _table(
        _one("recommended", 0, 0.9, trained=0.8), _one("recommended", 1, 0.7), _one("recommended", 2, 0.1),
        _one("without:bs", 0, 0.7), _one("without:bs", 1, 0.5), _one("recommended+flip=true", 0, 0.85),
        _one("small", 0, 0.4), _one("small+bs=16", 0, 0.3),
        _one("recommended+size=96", 0, 0.6), _one("without:bs+size=96", 0, 0.5),
    )  # fmt: skip
    assert lines["d, what bs brings"] == "test f1_macro +0.150 ± 0.071, seeds 2"
    assert lines["d, what flip=true brings besides recommended"] == "test f1_macro +0.050, seeds 1"
    assert lines["d, what bs=16 brings besides small"] == "test f1_macro -0.100, seeds 1"
    assert lines["d, what bs brings+size=96"] == "test f1_macro +0.100, seeds 1"
    assert lines["d, recommended"].startswith("test f1_macro 0.567 ± 0.416")


def test_an_error_that_falls_is_a_gain():
    """Of pixels fewer are better."""
    metric = "error_px"
    lines = _table(_one("recommended", 0, 1.5, metric=metric), _one("without:bs", 0, 2.0, metric=metric))
    assert lines["d, what bs brings"] == "test error_px +0.500, seeds 1"


def test_a_metric_that_is_not_defined_loses_no_result():
    """A seed without the metric is left out of it; without any the line says so."""
    lines = _table(_one("recommended", 0, None), _one("without:bs", 0, 0.5))
    assert lines["d, what bs brings"] == "test f1_macro not defined, seeds 1"


def test_what_was_measured_uncached_is_compared_with_its_like():
    """With no cached training beside it the line would compare two things at once."""
    lines = _table(
        _one("recommended", 0, 0.8), _one("recommended uncached", 0, 0.5), _one("without:bs uncached", 0, 0.6)
    )
    assert lines["d, what bs brings uncached"] == "test f1_macro -0.100, seeds 1"


def test_another_choice_is_the_only_thing_that_differs(make_dataset):
    """Each way has the choices of its base but the one that is named, which is of the choice's own type."""
    dataset = make_dataset("multi-label")
    for base, word, name, value in (
        ("recommended", "flip=true", "flip", True),
        ("small", "bs=4", "bs", 4),
        ("without:bs", "augment=false", "augment", False),
        ("quick", "size=128", "size", 128),
    ):
        plain, other = (recipes.config_of(dataset, way, 3).to_json() for way in (base, f"{base}+{word}"))
        assert other == plain | {name: value} and plain[name] != value


@pytest.mark.parametrize(
    "way", ["without:flip", "recommended+bs", "recommended+nosuch=1", "small+bs=x", "recommended+flip=false", "nothing"]
)
def test_a_way_that_there_is_not_is_a_sentence(way, make_dataset):
    """No training begins, and no traceback is all that is said."""
    with pytest.raises(SystemExit, match=r"no such rule|no other choice|no way"):
        recipes.config_of(make_dataset("multi-label"), way, 0)


def test_what_is_kept_is_not_measured_again(make_dataset, workspace, monkeypatch):
    """The run's folder is found beside what else lies there; a result of other choices is refused."""
    dataset = make_dataset("multi-label")
    monkeypatch.setattr(local, "spawn_worker", lambda _: True)
    launch.start(workspace, recipes.config_of(dataset, "small", 0))
    assert len(list(workspace.runs.iterdir())) > 1, "nothing lies beside the run"
    (workspace.root / recipes._RESULT).write_text("{}")
    monkeypatch.setattr(launch, "start", None)
    recipes._one(workspace.root, workspace.root, dataset.name, "small", 0, uncached=False)
    with pytest.raises(SystemExit, match="other choices"):
        recipes._one(workspace.root, workspace.root, dataset.name, "small", 1, uncached=False)
