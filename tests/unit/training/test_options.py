"""Defaults are sensible, and what cannot work is rejected before a worker starts."""

from __future__ import annotations

import dataclasses
import shlex
from dataclasses import replace
from math import inf, isfinite
from pathlib import Path

import pytest

from lib import tasks
from lib.cli import parser
from lib.core.choices import FITS, FOLDED, NETWORK, Choice, declared, with_choices
from lib.core.choices import choice as declare
from lib.core.config import CHOICES, TrainConfig
from lib.core.errors import UserError
from lib.training import launch, options
from lib.training.options import command

ROOT = Path(__file__).resolve().parents[3]


def test_book_defaults(make_dataset):
    """Pretrained training is the book's: fine_tune(3, base_lr=3e-3, freeze_epochs=4) of a resnet18."""
    config = options.configure(make_dataset("multi-label"), {"recipe": "book"})
    chosen = (config.arch, config.pretrained, config.epochs, config.base_lr, config.freeze_epochs, config.lr_mult)
    assert chosen == ("resnet18", True, 3, 3e-3, 4, 100)


def test_from_scratch_means_the_small_network(make_dataset):
    """Without pretrained weights and without a wish the network is the one for small data; a wish is kept."""
    dataset = make_dataset("multi-label")
    assert options.configure(dataset, {"pretrained": False}).arch == "small"
    assert options.configure(dataset, {"pretrained": False, "arch": "resnet34"}).arch == "resnet34"
    assert options.configure(dataset, {"arch": "small"}).pretrained is False
    assert options.configure(dataset, {"pretrained": False}).lr_mult == 1


def test_what_is_chosen_is_what_is_trained(make_dataset):
    """No default ever replaces a choice."""
    chosen = {
        "arch": "resnet34", "pretrained": False, "size": 48, "bs": 5, "augment": False, "freeze_epochs": 0,
        "epochs": 7, "base_lr": 0.125, "lr_mult": 3.0, "thresh": 0.25, "seed": 9, "wd": 0.2, "patience": 4,
        "class_weights": True, "focal_gamma": 1.5, "mixed_precision": True, "progressive": True, "flip": True,
        "head": "heatmap", "loss": "wing",
    }  # fmt: skip
    config = options.configure(make_dataset("multi-label"), chosen)
    assert {name: getattr(config, name) for name in chosen} == chosen


def test_heat_maps_see_larger_pictures_from_scratch(make_dataset):
    """The head has its own usual size where nothing is learned yet, which a choice replaces; the book's stays."""
    dataset = make_dataset("keypoints")
    sizes = {
        head: options.configure(dataset, {"pretrained": False, "head": head}).size for head in ("default", "heatmap")
    }
    assert sizes == {"default": 64, "heatmap": 96}
    assert options.configure(dataset, {"pretrained": False, "head": "heatmap", "size": 48}).size == 48
    assert options.configure(dataset, {"recipe": "book", "head": "heatmap"}).size == 128


def test_a_weights_file_means_pretrained(make_dataset):
    """Who names a weights file wants to start from it, and says so once."""
    assert options.configure(make_dataset("multi-label"), {"weights": "a.pth"}).pretrained is True


def test_every_field_but_five_is_a_choice():
    """What is trained on, what kind of run it is and its fold are given; all else is chosen, on page and terminal."""
    fields = {field.name for field in dataclasses.fields(TrainConfig)}
    assert set(CHOICES) == fields - {"dataset", "revision", "task", "kind", "fold"}


def _another(choice: Choice) -> object:
    """Return a value that is not the usual one."""
    if choice.kind is bool:
        return not choice.usual
    if choice.options:
        return list(choice.options)[-1]
    if choice.kind is str:
        return f"another {choice.name}"
    return choice.kind(choice.high if choice.usual != choice.high else choice.low)


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
def test_a_choice_is_declared_in_full(choice):
    """Form, bounds and command line find at the field what they need."""
    assert choice.title
    assert choice.help.endswith(".")
    assert [other.title for other in CHOICES.values()].count(choice.title) == 1
    assert choice.section in (NETWORK, FITS, *FOLDED)
    if choice.kind in (int, float):
        assert isfinite(choice.low)
        assert choice.step or choice.usual or choice.kind is int, "a tenth of nothing is no step"
        assert choice.low <= choice.usual <= choice.high < inf
        values = [value for value in (choice.scratch, *choice.scratch_heads.values()) if value is not None]
        assert all(choice.low <= value <= choice.high for value in values)
    if choice.options:
        assert choice.usual in choice.options
    assert bool(choice.metavar) == (choice.kind is not bool and not choice.options)
    assert bool(choice.off_help) == (choice.kind is bool and choice.usual)
    assert choice.kind is str if choice.optional else type(choice.usual) is choice.kind
    assert not choice.task or all(hasattr(task, choice.task) for task in tasks.TASKS.values())
    names = list(CHOICES)
    assert not choice.needs or names.index(choice.needs) < names.index(choice.name)


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
def test_a_choice_has_a_flag_and_a_word_to_reproduce_it(choice, make_dataset):
    """Anything but the usual value stands in the command, and typed it is that value again."""
    config = options.configure(make_dataset("multi-label"), {"pretrained": True})
    value = _another(choice)
    words = shlex.split(command(replace(config, **{choice.name: value})))
    assert choice.flag in words
    for name in ("train", "lr-find"):
        assert getattr(parser().parse_args([name, *words[4:]]), choice.name) == value
        assert getattr(parser().parse_args([name, "made"]), choice.name) is None


def test_a_declared_choice_knows_its_field():
    """Name, type and default are those of the field, and nothing without a declaration is a choice."""

    @with_choices
    class Config:
        kind: str
        depth: int = declare(title="Depth", help="", section="", usual=3, scratch=2)
        alpha: float | None = declare(default=0.5, title="Alpha", help="", section="", low=0, high=1)

    # The names of a class in a function are not found in annotations that are text.
    Config.__annotations__ = {"kind": str, "depth": int, "alpha": float | None}
    declared_choices = declared(Config)
    assert list(declared_choices) == ["depth", "alpha"]
    depth, alpha = declared_choices.values()
    assert (alpha.name, alpha.kind, alpha.optional, alpha.usual, alpha.high) == ("alpha", float, True, 0.5, 1)
    assert (depth.name, depth.kind, depth.optional) == ("depth", int, False)
    assert [depth.default(pretrained=pretrained, head=None) for pretrained in (True, False)] == [3, 2]


def test_the_readme_lists_what_the_parser_takes():
    """The README's lines of `train` name each flag and what it takes, in the parser's order."""
    commands = next(action for action in parser()._actions if action.dest == "command").choices
    wanted = []
    for action in commands["train"]._actions:
        if action.dest in CHOICES:
            value = "|".join(action.choices) if action.choices else action.metavar or ""
            wanted.append(f"[{action.option_strings[0]} {value}".strip() + "]")
    lines = (ROOT / "README.md").read_text().partition("\npython -m lib train DATASET [")[2].partition("\npython")[0]
    assert " ".join(f"[{lines}".split()) == " ".join(wanted)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"bs": 33}, r"33.*32 images.*at most 32"),
        ({"bs": 1}, r"Batch size.*1.*2 to"),
        ({"epochs": 0}, r"Epochs.*0"),
        ({"freeze_epochs": -1}, "-1"),
        ({"size": 8}, r"size.*8"),
        ({"base_lr": 0.0}, "base_lr"),
        ({"base_lr": float("nan")}, "nan"),
        ({"thresh": 1.5}, r"1\.5"),
        ({"arch": "resnet999", "pretrained": False}, "resnet999"),
        ({"arch": "small", "pretrained": True}, "no pretrained weights"),
        ({"weights": "a.pth", "pretrained": False}, "leave out one"),
        ({"focal_gamma": 2.0, "label_smoothing": 0.1}, r"focal_gamma 2\).*smoothing \(0\.1\).*one of the two"),
        ({"weights": "nowhere.pth", "arch": "resnet18", "pretrained": True}, r"nowhere\.pth"),
    ],
)
def test_what_cannot_work_is_refused_and_leaves_nothing(make_dataset, workspace, chosen, words):
    """One sentence with what was found and what to choose, and no run in the workspace."""
    dataset = make_dataset("multi-label")
    before = sorted(workspace.root.rglob("*"))
    config = options.configure(dataset, {"pretrained": False, **chosen})
    with pytest.raises(UserError, match=words):
        launch.start(workspace, config)
    assert sorted(workspace.root.rglob("*")) == before


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"pretrained": False, "arch": "small", "augment": False, "base_lr": 1 / 3, "wd": 1e-5, "seed": 7},
        {"class_weights": True, "focal_gamma": 2.0, "mixed_precision": True, "progressive": True, "flip": True},
        {"patience": 3},
        {"head": "heatmap", "loss": "huber", "pretrained": False},
        {"weights": "/a path/with 'quotes'.pth", "thresh": 0.25},
    ],
)
def test_the_command_makes_the_same_configuration(make_dataset, chosen):
    """What the page says to type, typed, gives the configuration that it was made from, to the last digit."""
    dataset = make_dataset("multi-label")
    config = options.configure(dataset, chosen)
    words = shlex.split(command(config))
    assert words[:4] == ["python", "-m", "lib", "train"]
    parsed = parser().parse_args(words[3:])
    again = {name: value for name in CHOICES if (value := getattr(parsed, name)) is not None}
    assert options.configure(dataset, again) == config


def test_mirroring_is_refused_where_nobody_knows_the_answer(make_dataset):
    """A mirrored face has its left eye's point on the right: points need pairs, values are refused, labels allowed."""
    options.check(
        options.configure(dataset := make_dataset("multi-label"), {"pretrained": False, "flip": True}), dataset
    )
    for name in ("keypoints", "regression"):
        dataset = make_dataset(name, name=name)
        with pytest.raises(UserError, match="leave out flip"):
            options.check(options.configure(dataset, {"pretrained": False, "flip": True}), dataset)
    points = make_dataset("keypoints", name="points")
    chosen = options.configure(points, {"pretrained": False, "flip": True})
    options.check(chosen, replace(points, extra={"flip_pairs": []}))
    options.check(chosen, replace(points, names=("left eye", "right eye")))
    lonely = replace(points, names=("left eye", "nose", "l ear", "r ear"), revision="another")
    with pytest.raises(UserError, match="'left eye' is on one side"):
        options.check(chosen, lonely)
