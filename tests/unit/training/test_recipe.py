"""The recommended recipe chooses what its sentences say, and only where nobody chose otherwise."""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace

import numpy as np
import pytest

from lib.core import json_files
from lib.core.config import BOOK, CHOICES, DEFAULT, HEATMAP, LINEAR, RECOMMENDED, TrainConfig
from lib.core.errors import UserError
from lib.training import options, recipe


def _dataset(task: str, n_train: int, names: tuple[str, ...] = ("car", "dog")) -> SimpleNamespace:
    """Return what the rules ask of a dataset, of any number of images."""
    return SimpleNamespace(
        name="made", revision="0" * 12, task=task, names=names, defaults={},
        index=lambda split: np.arange(n_train if split == "train" else 0),
    )  # fmt: skip


def _seen(n_train: int, *, head: str = LINEAR) -> recipe.Seen:
    return recipe.Seen(n_train, head)


@pytest.mark.parametrize("name", ["single-label", "multi-label", "regression", "keypoints"])
def test_the_recommended_network_needs_no_download(make_dataset, name):
    """Without a wish every task takes the network that comes along, with the head of the recipe, and may be trained."""
    dataset = make_dataset(name)
    config = options.configure(dataset, {})
    head = HEATMAP if name == "keypoints" else LINEAR
    assert (config.recipe, config.arch, config.pretrained, config.head) == (RECOMMENDED, "lite0", True, head)
    assert config.quick_start == (head == LINEAR)
    assert config.keep_stats
    options.check(config, dataset)


def test_the_books_recipe_is_one_word_away(make_dataset):
    """By the book nothing of the recommended recipe is on, whatever the data are."""
    config = options.configure(make_dataset("multi-label"), {"recipe": BOOK})
    assert (config.arch, config.size, config.freeze_epochs, config.epochs) == ("resnet18", 128, 4, 3)
    assert (config.base_lr, config.lr_mult, config.head) == (3e-3, 100, DEFAULT)
    assert not (config.quick_start or config.keep_stats or config.flip)


def test_an_old_run_was_trained_by_the_book(make_dataset):
    """A record without the new fields is read as what was done then, though the form now begins with another value."""
    written = options.configure(make_dataset("multi-label"), {"recipe": BOOK}).to_json()
    old = {name: value for name, value in written.items() if name not in ("recipe", "quick_start", "keep_stats")}
    assert old.keys() < written.keys()
    assert json_files.decode(json.dumps(old).encode(), TrainConfig).to_json() == written
    assert CHOICES["recipe"].usual == RECOMMENDED


@pytest.mark.parametrize(("n_train", "least"), [(60, 30), (200, 100), (479, 100), (1900, 100), (2500, 100)])
def test_few_images_get_small_batches_and_enough_steps(n_train, least):
    """Some hundred steps wherever the epochs allow it, and no epoch without a batch."""
    values = {name: value for rule in recipe.RULES for name, value in rule.values(_seen(n_train)).items()}
    assert values["epochs"] * (n_train // values["bs"]) >= least
    assert 2 <= values["bs"] <= max(2, n_train // 4)


@pytest.mark.parametrize(("head", "few"), [(LINEAR, 16), (HEATMAP, 8)])
def test_batches_grow_with_the_images_and_never_leave_too_few_steps(head, few):
    """From the smallest batches to 64 they only grow, and wherever they are larger there are 300 steps or more."""
    sizes = range(200, 12_000, 50)
    values = [
        {name: value for rule in recipe.RULES for name, value in rule.values(_seen(n, head=head)).items()}
        for n in sizes
    ]
    batches = [one["bs"] for one in values]
    assert batches == sorted(batches) and (batches[0], batches[-1]) == (few, 64)
    for n, one in zip(sizes, values, strict=True):
        assert one["bs"] == few or one["epochs"] * (n / one["bs"]) >= 300


def test_many_images_have_their_own_statistics_and_few_epochs():
    """What is for small data is off where the data are not small."""
    few, many = (
        {name: value for rule in recipe.RULES for name, value in rule.values(_seen(n)).items()} for n in (300, 50_000)
    )
    assert few["keep_stats"] and not many["keep_stats"]
    assert few["epochs"] > many["epochs"] == 3
    assert few["bs"] < many["bs"] == 64
    assert few["size"] == 224 > many["size"] == 128


def test_mirroring_is_nobodys_choice_but_the_users(make_dataset):
    """It did not pay on held-out data, and may change what a label means: neither recipe turns it on, a word does."""
    dataset = make_dataset("multi-label")
    for chosen in ({}, {"recipe": BOOK}, {"pretrained": False}):
        assert not options.configure(dataset, chosen).flip
    assert options.configure(dataset, {"flip": True}).flip


@pytest.mark.parametrize("n_train", [100, 5000])
@pytest.mark.parametrize("name", ["single-label", "multi-label"])
def test_every_reason_belongs_to_a_choice_and_tells_its_value(name, n_train):
    """One line a rule, in the words of the value that is trained with; what is changed by hand has no reason."""
    dataset = _dataset(name, n_train)
    config = options.configure(dataset, {})
    lines = recipe.reasons(config, dataset)
    assert [line.name for line in lines] == ["arch", *(rule.name for rule in recipe.RULES)]
    decided = recipe.values(dataset, head=config.head).keys()
    assert decided - {line.name for line in lines} == {"freeze_epochs"}  # of which quick_start's line tells
    for line in lines:
        value = getattr(config, line.name)
        assert (
            line.value == {True: "on", False: "off"}.get(value, str(value)) if isinstance(value, bool) else str(value)
        )
        assert line.sentence.endswith(".")
    changed = recipe.reasons(dataclasses.replace(config, bs=7), dataset)
    assert [line.name for line in lines if line not in changed] == ["bs"]


def test_the_book_has_one_reason_and_a_training_from_scratch_says_how_many_images_it_sees():
    """There is nothing that the data decide by the book; from scratch they decide the epochs."""
    dataset = _dataset("multi-label", 100)
    n_train = len(dataset.index("train"))
    (line,) = recipe.reasons(options.configure(dataset, {"recipe": BOOK}), dataset)
    assert (line.name, line.value) == ("recipe", CHOICES["recipe"].options[BOOK])
    arch, epochs = recipe.reasons(options.configure(dataset, {"pretrained": False}), dataset)
    assert (arch.name, arch.value, epochs.name, epochs.value) == ("arch", "small", "epochs", "30")
    assert f" {30 * n_train:,} images" in epochs.sentence
    (only,) = recipe.reasons(options.configure(dataset, {"pretrained": False, "epochs": 7}), dataset)
    assert only == arch


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"pretrained": False, "keep_stats": True}, "keep_stats"),
        ({"pretrained": False, "quick_start": True}, "quick_start"),
        ({"head": DEFAULT, "quick_start": True}, "choose the linear head"),
    ],
)
def test_what_a_network_does_not_have_cannot_be_kept(make_dataset, chosen, words):
    """Statistics of a pretraining and the quick model's head need a pretrained network, and the latter that head."""
    dataset = make_dataset("multi-label")
    with pytest.raises(UserError, match=words):
        options.check(options.configure(dataset, chosen), dataset)
