"""Does the Train page start what was chosen, refuse what cannot work, and say how a run stands?"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import itertools
import json
import shlex
import shutil
import zipfile

import pytest

from lib import tasks
from lib.cli import parser
from lib.core import choices, processes
from lib.core.config import BOOK, CHOICES, LR_FIND, TRAIN, TrainConfig
from lib.core.errors import UserError
from lib.importing import uploads
from lib.tasks.types import Predictions
from lib.training import architectures, events, launch, options, runs, weights_files
from tests.pages.conftest import age, checked, metric, opened


@pytest.fixture
def launched(monkeypatch) -> list:
    """The folders of runs that the page started; no worker is."""
    spawned: list = []
    monkeypatch.setattr(launch, "_spawn", spawned.append)
    return spawned


def _choose(app, **values):
    for name, value in values.items():
        widget = next(w for w in [*app.number_input, *app.selectbox, *app.toggle] if str(w.key).startswith(f"{name}-"))
        widget.set_value(value).run()
    return app


def _book(app):
    return checked(next(group for group in app.button_group if group.label == "Recipe").set_value(BOOK).run())


def _train(app):
    return checked(next(button for button in app.button if button.label == "Train").click().run())


def test_without_a_dataset_the_page_leads_on():
    """The page says the next step and does not fail."""
    assert "no dataset yet" in opened("train").info[0].value


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_what_is_chosen_is_what_is_started(name, make_dataset, launched, workspace):
    """Train writes exactly the choices into the run's configuration and shows that run."""
    make_dataset(name)
    app = _choose(opened("train"), arch="small")
    _train(_choose(app, size=48, bs=4, epochs=7, freeze_epochs=2, base_lr=0.003))
    config = events.read_config(launched[0])
    assert (config.arch, config.pretrained, config.task) == ("small", False, name)
    assert (config.size, config.bs, config.epochs, config.freeze_epochs, config.base_lr) == (48, 4, 7, 2, 0.003)
    assert app.query_params["run"] == launched[0].name
    assert "starting" in " ".join(element.value for element in app.markdown)


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_the_folded_choices_are_started_too(name, make_dataset, launched):
    """More choices end in the configuration; what is for labels only, or for numbers or points, is offered there."""
    make_dataset(name)
    app = _choose(opened("train"), arch="small")
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
    _train(_choose(app, **chosen))
    config = events.read_config(launched[0])
    assert {key: getattr(config, key) for key in chosen} == chosen


def test_every_choice_has_a_widget(make_dataset):
    """The form asks for each choice, under its title and with its help, in a dataset of a task that knows it."""
    shown = {}
    for name in tasks.TASKS:
        dataset = make_dataset(name, name=name)
        app = opened("train", dataset=dataset.name)
        widgets = (app.number_input, app.selectbox, app.toggle, app.slider, app.text_input, app.button_group)
        for widget in itertools.chain(*widgets):
            shown[str(widget.key).partition("-")[0]] = widget
    for name, choice in CHOICES.items():
        assert shown[name].label == choice.title
        assert shown[name].help.startswith(choice.help)


def test_a_new_choice_is_declared_in_one_place(make_dataset, launched, monkeypatch):
    """A field that is declared a choice is in form, bounds, configuration, command and parser without further ado."""
    facts = choices.choice(
        title="Warm-up (batches)", help="It is slow.", section=choices.SPEED, low=0, high=9, metavar="N"
    )
    more = dataclasses.make_dataclass(
        "More", [("warmup", int, dataclasses.field(default=2, metadata=facts))], bases=(TrainConfig,), frozen=True
    )
    monkeypatch.setitem(CHOICES, "warmup", choices.declared(more)["warmup"])
    for module in (options, events):
        monkeypatch.setattr(module, "TrainConfig", more)
    dataset = make_dataset("regression")
    _train(_choose(_choose(opened("train"), arch="small"), warmup=5))
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
    app = _choose(opened("train"), arch="small")
    sizes = {}
    for head in ("heatmap", "default"):
        checked(_choose(app, head=head))
        sizes[head] = next(box.value for box in app.number_input if str(box.key).startswith("size-"))
        assert ("heat map" in app.caption[0].value) == ("L1Loss" in app.caption[0].value) == (head == "heatmap")
    usual = {head: options.defaults(dataset, arch="small", head=head)["size"] for head in sizes}
    assert sizes == usual
    assert usual["heatmap"] != usual["default"]
    config = options.configure(dataset, {"arch": "small", "head": "heatmap", "loss": "huber", "size": 80})
    folder = write_run(dataset)
    (folder / events.CONFIG).write_text(json.dumps(config.to_json()))
    runs._loaded.clear()
    app = opened("train")
    checked(app.button(key=f"use-{folder.name}").click().run())
    _train(app)
    assert events.read_config(launched[0]) == config


def test_the_caption_follows_the_choice_of_loss(make_dataset):
    """The line above the choices says what will be minimised, not what the block alone would."""
    make_dataset("multi-label")
    app = opened("train")
    assert "(BCEWithLogitsLoss); output" in app.caption[0].value
    app = _choose(app, focal_gamma=1.5)
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
    app = _train(_choose(opened("train"), **{"arch": "small", **chosen}))
    assert words in app.error[0].value.replace("\\", "")
    assert not launched


@pytest.mark.parametrize(("way", "taken"), [("lite0", ("lite0", True)), ("from scratch", ("small", False))])
def test_pretrained_without_network_offers_ways_out(make_dataset, launched, tmp_path, monkeypatch, way, taken):
    """Asked for weights that cannot be had, the page says so and offers those that are here, scratch and a file."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("lib.training.architectures._TORCHVISION_HOST", "http://127.0.0.1:9/")
    make_dataset("multi-label")
    app = _train(_choose(_book(opened("train")), arch="resnet18"))
    assert "train from scratch" in app.error[0].value
    assert "weights file" in app.error[0].value
    assert not launched
    ways = [button.label for button in app.button if "instead" in button.label]
    assert ways == ["Train lite0 instead, whose weights are here", "Train small from scratch instead"]
    checked(next(button for button in app.button if way in button.label).click().run())
    config = events.read_config(launched[0])
    assert (config.arch, config.pretrained) == taken


def test_an_uploaded_weights_file_is_what_is_trained_from(make_dataset, launched, workspace, monkeypatch):
    """It is kept by its digest, described beside its path, and Train starts with it; another network is warned of."""
    make_dataset("multi-label")
    misfits = {"lite0": "", "resnet18": "The weights file does not fit resnet18"}
    looked = lambda _, archs: {"n_tensors": 7, "misfits": {arch: misfits[arch] for arch in archs}}  # noqa: E731
    monkeypatch.setattr(weights_files, "_look_into", looked)
    app = _choose(opened("train"), arch="lite0")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as whole:  # what torch writes is one
        whole.writestr("archive/data.pkl", bytes(100))
    content = archive.getvalue()
    upload = uploads.begin(workspace, "0123456789abcdef" * 2, "my [net].pth", len(content))
    upload.append(content)
    upload.finish()
    app.session_state["weights_upload"] = {"done": upload.folder.name}
    checked(app.run())
    path = workspace.root / "weights" / f"{hashlib.sha256(content).hexdigest()}.pth"
    assert path.read_bytes() == content and not upload.folder.exists()
    assert next(field.value for field in app.text_input if str(field.key).startswith("weights-")) == str(path)
    assert any("7 tensors. It fits lite0" in caption.value for caption in app.caption)
    _train(app)
    config = events.read_config(launched[0])
    assert (config.arch, config.pretrained, config.weights) == ("lite0", True, str(path))
    app = checked(_choose(app, arch="resnet18"))
    assert any("does not fit resnet18" in warning.value for warning in app.warning)


def test_an_upload_that_is_no_weights_file_is_one_sentence(make_dataset, workspace, monkeypatch):
    """What cannot be read is said, and neither kept nor put into the field."""
    make_dataset("multi-label")

    def refused(*_):
        raise UserError("The weights file a.pth cannot be read: choose another file.")

    monkeypatch.setattr(weights_files, "_look_into", refused)
    app = opened("train")
    upload = uploads.begin(workspace, "0123456789abcdef" * 2, "a.pth", 100)
    upload.append(b"PK\x03\x04" + bytes(96))
    upload.finish()
    app.session_state["weights_upload"] = {"done": upload.folder.name}
    app = checked(app.run())
    assert "cannot be read" in app.error[0].value
    assert not upload.folder.exists() and not (workspace.root / "weights").exists()
    assert not next(field.value for field in app.text_input if str(field.key).startswith("weights-"))


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_a_finished_run_shows_numbers_and_a_way_on(name, make_dataset, write_run):
    """The last epoch's metric stands beside the baseline's, both with their unit."""
    dataset, task = make_dataset(name), tasks.get(name)
    write_run(dataset)
    app = opened("train")
    assert metric(app, f"{task.metric_title} (valid)") == task.format(0.25, dataset.names)
    valid, train = dataset.index("valid"), dataset.index("train")
    base = task.baseline(dataset.targs[train], dataset.sizes[train], dataset.sizes[valid], dataset.names)
    expected = task.metrics(Predictions.of(dataset, valid, base), 0.5)[task.metric]
    assert metric(app, f"Baseline: {task.baseline_title}") == task.format(expected, dataset.names)
    assert metric(app, "valid_loss") == "0.500"


def test_a_running_run_shows_progress_and_can_be_stopped(make_dataset, write_run, workspace):
    """Epoch x of y is shown while a worker lives, and Stop asks that worker to stop."""
    folder = write_run(make_dataset("multi-label"), end=None)
    with processes.alive_lock(folder):
        app = opened("train")
        assert "training" in " ".join(element.value for element in app.markdown)
        checked(app.button(key=f"stop-{folder.name}").click().run())
        assert (folder / events.STOP).exists()
        assert app.button(key=f"stop-{folder.name}").label == "Stopping…"
    age(folder, 3600)
    assert runs.load(workspace, folder.name).state == events.DIED


def test_a_run_on_a_dataset_that_became_another(make_dataset, write_run, workspace):
    """A dataset imported anew under the same name, even with another task, does not break the runs before it."""
    write_run(make_dataset("keypoints"))
    shutil.rmtree(workspace.dataset("made"))
    make_dataset("single-label")
    app = opened("train")
    assert metric(app, "Baseline: mean shape") == "not known"
    assert metric(opened("analyze"), "Images") == "10"


@pytest.mark.parametrize("key", ["stop-epoch", "stop"])
def test_both_ways_to_stop(make_dataset, write_run, workspace, key):
    """Each button asks the worker for what it says; after the gentle one the quick one is still there."""
    folder = write_run(make_dataset("multi-label"), end=None)
    with processes.alive_lock(folder):
        app = opened("train")
        checked(app.button(key=f"{key}-{folder.name}").click().run())
        assert events.asked_to_stop(folder) == {"stop-epoch": events.AFTER_EPOCH, "stop": events.NOW}[key]
        assert app.button(key=f"stop-{folder.name}").disabled == (key == "stop")


@pytest.mark.parametrize("end", [events.STOPPED, events.FAILED, None])
def test_a_run_that_did_not_finish_is_resumed_by_one_click(make_dataset, write_run, launched, end):
    """Stopped, failed or died: Resume starts a worker on the same run, once, and the page says starting."""
    folder = write_run(make_dataset("multi-label"), end=end)
    (folder / events.STOP).write_text(events.NOW)
    age(folder, 3600)
    app, tab = opened("train"), opened("train")
    checked(app.button(key=f"resume-{folder.name}").click().run())
    assert launched == [folder]
    assert not (folder / events.STOP).exists()
    assert "starting" in " ".join(element.value for element in app.markdown)
    checked(tab.button(key=f"resume-{folder.name}").click().run())
    assert "nothing to resume" in tab.error[0].value
    assert launched == [folder]


def test_a_failure_offers_what_would_have_gone_well(make_dataset, write_run, launched):
    """Out of memory: one click starts the same training with the batch size that the sentence names."""
    folder = write_run(
        make_dataset("multi-label"), end=events.FAILED, message="It does not fit.", retry={"bs": 4}, user_mistake=True
    )
    app = opened("train")
    button = app.button(key=f"retry-{folder.name}")
    assert button.label == "Train with batch size (images) 4"
    checked(button.click().run())
    config, before = events.read_config(launched[0]), events.read_config(folder)
    assert config == TrainConfig(**{**before.to_json(), "bs": 4})
    assert app.query_params["run"] == launched[0].name


def test_the_finders_suggestion_becomes_the_rate(make_dataset, write_run, launched):
    """The finder's run shows four rates; a click puts one into the form, and Train uses it."""
    dataset = make_dataset("multi-label")
    folder = write_run(dataset, kind=LR_FIND, end=None)
    rates = {"valley": 0.0021, "slide": 0.03, "minimum": 0.004, "steep": 0.0005}
    write = events.EventWriter(folder)
    write("suggestions", suggestions=rates)
    write(events.FINISHED)
    write.close()
    app = opened("train")  # whose form has another architecture
    labels = [button.label for button in app.button if str(button.key).startswith("take-")]
    assert labels == ["Valley: 0.0021", "Slide: 0.03", "Minimum / 10: 0.004", "Steep: 0.0005"]
    checked(app.button(key=f"take-valley-{folder.name}").click().run())
    _train(app)
    expected = events.read_config(folder).to_json() | {"base_lr": 0.0021, "kind": TRAIN}
    assert events.read_config(launched[0]).to_json() == expected


def test_find_a_learning_rate_starts_a_finder(make_dataset, launched):
    """The button starts a run of its own kind with the choices of the form."""
    make_dataset("keypoints")
    app = _choose(opened("train"), arch="small")
    checked(next(button for button in app.button if button.label == "Find a learning rate").click().run())
    config = events.read_config(launched[0])
    assert (config.kind, config.arch) == (LR_FIND, "small")


def test_the_same_training_twice_is_refused(make_dataset, launched):
    """A second click on Train, in this tab or another, does not start the same training again."""
    make_dataset("multi-label")
    app = _choose(opened("train"), arch="small")
    _train(app)
    assert "already" in _train(app).error[0].value
    assert len(launched) == 1


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
    app = opened("train")
    checked(app.button(key=f"use-{folder.name}").click().run())
    _train(app)
    assert events.read_config(launched[0]) == config


def test_a_wrong_weights_path_is_said_below_its_field(make_dataset, launched, tmp_path):
    """What is no file, a folder, or another kind of file is one sentence at once; a file that may fit is none."""
    make_dataset("multi-label")
    (tmp_path / "notes.txt").touch()
    (tmp_path / "cut.pth").write_bytes(b"x")
    with zipfile.ZipFile(tmp_path / "kept.pth", "w") as kept:
        kept.writestr("kept/data.pkl", b".")
    app = opened("train")
    told = {"gone.pth": "gone.pth", "": "is a folder", "notes.txt": "notes.txt", "cut.pth": "damaged", "kept.pth": ""}
    for path, words in told.items():
        field = next(one for one in app.text_input if str(one.key).startswith("weights-"))
        checked(field.set_value(f"{tmp_path}/{path}").run())
        warnings = [warning.value.replace("\\", "") for warning in app.warning]
        assert len(warnings) == bool(words), path
        assert words in "".join(warnings)


def test_a_run_that_would_fail_again_offers_to_change_the_choices(make_dataset, write_run, workspace):
    """A choice that cannot work is put into the form by the first button; Resume is not the one to click."""
    folder = write_run(make_dataset("multi-label"), end=None)
    config = dataclasses.replace(events.read_config(folder), epochs=9)
    (folder / events.CONFIG).write_text(json.dumps(config.to_json()))
    end = {"event": "failed", "message": "The weights do not fit.", "user_mistake": True}
    (folder / events.EVENTS).write_text(json.dumps(end) + "\n")
    app = opened("train")
    buttons = {button.label: button for button in app.button}
    assert buttons["Change the choices"].proto.type == "primary"
    assert "Resume" not in buttons or buttons["Resume"].proto.type == "secondary"
    checked(buttons["Change the choices"].click().run())
    assert next(box.value for box in app.number_input if str(box.key).startswith("epochs-")) == 9
