"""The Train page starts what was chosen, and rejects what cannot work."""

from __future__ import annotations

import dataclasses
import itertools
import json
import shlex

import pytest

from lib import tasks
from lib.cli import parser
from lib.core import choices
from lib.core.config import CHOICES, LR_FIND, TRAIN, TrainConfig
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.training import architectures, events, launch, options, runs
from lib.web.ui import guard
from tests.pages.conftest import checked, opened, texts
from tests.pages.train_form import choose, click_train, unfolded


def test_without_a_dataset_the_page_leads_on():
    """The page says the next step and does not fail."""
    assert "no dataset yet" in opened("train").info[0].value


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_what_is_chosen_is_what_is_started(name, make_dataset, launched, workspace):
    """Train writes exactly the choices into the run's configuration and shows that run."""
    make_dataset(name)
    app = choose(opened("train"), arch="small")
    click_train(choose(app, size=48, bs=4, epochs=7, freeze_epochs=2, base_lr=0.003))
    config = events.read_config(launched[0])
    assert (config.arch, config.pretrained, config.task) == ("small", False, name)
    assert (config.size, config.bs, config.epochs, config.freeze_epochs, config.base_lr) == (48, 4, 7, 2, 0.003)
    assert app.query_params["run"] == launched[0].name
    assert "starting" in " ".join(element.value for element in app.markdown)


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_the_folded_choices_are_started_too(name, make_dataset, launched):
    """More choices end in the configuration; what is for labels only, or for numbers or points, is offered there."""
    make_dataset(name)
    app = choose(opened("train"), arch="small")
    chosen = {"wd": 0.2, "patience": 3, "mixed_precision": True, "progressive": True}
    offered = {str(widget.key).partition("-")[0] for widget in [*app.number_input, *app.toggle]}
    for_labels = {"class_weights": True, "focal_gamma": 1.5}
    if tasks.get(name).has_labels:
        chosen |= for_labels
    else:
        assert not offered & set(for_labels)
    named = {str(widget.key).partition("-")[0]: widget for widget in app.selectbox}
    for field, known in (("head", tasks.get(name).heads), ("loss", tasks.get(name).losses)):
        assert (field in named) == (len(known) > 1)
        if field in named:
            assert len(named[field].options) == len(known)
            chosen[field] = known[-1]
    click_train(choose(app, **chosen))
    config = events.read_config(launched[0])
    assert {key: getattr(config, key) for key in chosen} == chosen


def test_every_choice_has_a_widget(make_dataset):
    """The form asks for each choice, under its title and with its help, in a dataset of a task that knows it."""
    shown = {}
    for name in tasks.TASKS:
        dataset = make_dataset(name, name=name)
        app = unfolded(opened("train", dataset=dataset.name))
        widgets = (app.number_input, app.selectbox, app.toggle, app.slider, app.text_input, app.button_group)
        for widget in itertools.chain(*widgets):
            shown[str(widget.key).partition("-")[0]] = widget
    for name, choice in CHOICES.items():
        assert shown[name].label == choice.title
        assert shown[name].help.startswith(choice.help)


def test_a_new_choice_is_declared_in_one_place(make_dataset, launched, monkeypatch):
    """A field that is declared a choice is in form, bounds, configuration, command and parser without further ado."""
    warmup = choices.choice(
        default=2, title="Warm-up (batches)", help="It is slow.", section=choices.SPEED, low=0, high=9, metavar="N"
    )
    more = dataclasses.make_dataclass("More", [("warmup", int, warmup)], bases=(TrainConfig,), frozen=True)
    monkeypatch.setitem(CHOICES, "warmup", choices.declared(more)["warmup"])
    for module in (options, events):
        monkeypatch.setattr(module, "TrainConfig", more)
    dataset = make_dataset("regression")
    click_train(choose(choose(opened("train"), arch="small"), warmup=5))
    config = events.read_config(launched[0])
    assert config.warmup == 5
    assert options.configure(dataset, {}).warmup == 2
    parsed = parser().parse_args(shlex.split(options.command(config))[3:])
    assert parsed.warmup == 5
    with pytest.raises(UserError, match=r"Warm-up \(batches\) \(warmup\) is 10: expected 0 to 9"):
        options.check(dataclasses.replace(config, warmup=10), dataset)


def test_the_head_brings_its_usual_numbers(make_dataset, write_run, launched):
    """With heat maps the form shows their usual size and what they minimise, and takes over a run that has them."""
    dataset = make_dataset("keypoints")
    app = choose(opened("train"), arch="small")
    sizes = {}
    for head in ("heatmap", "default"):
        checked(choose(app, head=head))
        sizes[head] = next(box.value for box in app.number_input if str(box.key).startswith("size-"))
        assert ("heat map" in app.caption[0].value) == ("L1Loss" in app.caption[0].value) == (head == "heatmap")
    usual = {head: options.defaults(dataset, arch="small", head=head)["size"] for head in sizes}
    assert sizes == usual
    assert usual["heatmap"] != usual["default"]
    config = options.configure(dataset, {"arch": "small", "head": "heatmap", "loss": "huber", "size": 80})
    folder = write_run(dataset)
    (folder / events.CONFIG).write_text(json.dumps(config.to_json()))
    runs._loaded.clear()
    app = opened("train", about="Record")
    checked(app.button(key=f"use-{folder.name}").click().run())
    click_train(app)
    assert events.read_config(launched[0]) == config


def test_the_caption_follows_the_choice_of_loss(make_dataset):
    """The line above the choices says what will be minimised, not what the block alone would."""
    make_dataset("multi-label")
    app = unfolded(opened("train"))
    assert "(BCEWithLogitsLoss); output" in app.caption[0].value
    app = choose(app, focal_gamma=1.5)
    assert "(BCEWithLogitsLoss), focal with gamma 1.5; output" in checked(app).caption[0].value


@pytest.mark.parametrize(
    ("chosen", "words"),
    [({"bs": 40}, "training set of made has 32 images"), ({"arch": "resnet81"}, "no architecture 'resnet81'")],
)
def test_what_cannot_work_gets_one_sentence(make_dataset, launched, chosen, words, monkeypatch):
    """The mistake is said on the page, nothing is started and no traceback shown."""
    # People can type any name; AppTest can only choose from a list.
    known = architectures.names()
    monkeypatch.setattr(architectures, "names", lambda: [*known, "resnet81"])
    make_dataset("multi-label")
    app = click_train(choose(opened("train"), **{"arch": "small", **chosen}))
    assert words in app.error[0].value.replace("\\", "")
    assert not launched


def test_the_finders_suggestion_becomes_the_rate(make_dataset, write_run, launched):
    """The finder's run shows four rates, valley chosen at first; a click puts one into the form, and Train uses it."""
    dataset = make_dataset("multi-label")
    folder = write_run(dataset, kind=LR_FIND, end=None)
    rates = {"valley": 0.0021, "slide": 0.03, "minimum": 0.004, "steep": 0.0005}
    write = events.EventWriter(folder)
    write("suggestions", suggestions=rates)
    write(events.FINISHED)
    write.close()
    app = opened("train")  # whose form has another architecture
    offered = ["Valley: 0.0021 · recommended", "Slide: 0.03", "Minimum / 10: 0.004", "Steep: 0.0005"]
    offered = [guard.escape(one) for one in offered]  # they are read as Markdown
    assert next(radio.options for radio in app.radio if radio.label == "Base learning rate") == offered
    assert "The form has 0.0006 now, with other choices" in texts(app)
    for number, (name, rate) in enumerate([("valley", 0.0021), ("slide", 0.03)]):
        radio = next(radio for radio in app.radio if radio.label == "Base learning rate")
        checked(radio.set_value(name).run())
        checked(app.button(key=f"take-{folder.name}").click().run())
        assert f"The form has {rate:g} now." in texts(app)
        click_train(app)
        expected = events.read_config(folder).to_json() | {"base_lr": rate, "kind": TRAIN}
        assert events.read_config(launched[number]).to_json() == expected
        app = checked(app.run()) if number else opened("train", run=folder.name)


def test_find_a_learning_rate_starts_a_finder(make_dataset, launched):
    """The button starts a run of its own kind with the choices of the form."""
    make_dataset("keypoints")
    app = choose(opened("train"), arch="small")
    checked(next(button for button in app.button if button.label == "Find a learning rate").click().run())
    config = events.read_config(launched[0])
    assert (config.kind, config.arch) == (LR_FIND, "small")


def test_the_same_training_twice_is_refused(make_dataset, launched):
    """A second click on Train, in this tab or another, does not start the same training again."""
    make_dataset("multi-label")
    app = choose(opened("train"), arch="small")
    click_train(app)
    assert "already" in click_train(app).error[0].value
    assert len(launched) == 1


def test_several_seeds_are_several_runs(make_dataset, launched):
    """They differ in the seed alone; where one of them goes on already none is started."""
    make_dataset("multi-label")
    app = choose(opened("train", dataset="made"), pretrained=False, seeds=2)
    app = checked(next(button for button in app.button if button.label == "Train 2 seeds").click().run())
    first, second = (events.read_config(folder) for folder in launched)
    assert second == dataclasses.replace(first, seed=first.seed + 1)
    for seeds in (2, 0, 21):
        with pytest.raises(UserError, match=r"already|expected 1 to 20"):
            launch.start_seeds(Workspace.find(), dataclasses.replace(first, seed=second.seed), seeds)
    assert len(launched) == 2


def test_the_choices_of_an_earlier_run_are_taken_over(make_dataset, write_run, launched):
    """Use these choices fills the form, whatever it held, and Train then starts the very same configuration."""
    dataset = make_dataset("multi-label")
    config = options.configure(
        dataset,
        {"pretrained": False, "arch": "resnet34", "size": 96, "bs": 5, "wd": 0.2, "patience": 4, "progressive": True}
        | {"class_weights": True, "focal_gamma": 1.5, "thresh": 0.3, "seed": 9, "augment": False},
    )
    folder = write_run(dataset)
    (folder / events.CONFIG).write_text(json.dumps(config.to_json()))
    runs._loaded.clear()
    app = opened("train", about="Record")
    checked(app.button(key=f"use-{folder.name}").click().run())
    click_train(app)
    assert events.read_config(launched[0]) == config
