"""Scripts and notebooks hold what is foreign as data, open pictures as the app does, and leave no choice out."""

from __future__ import annotations

import ast
import dataclasses
import io
import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageOps
from safetensors.numpy import save_file
from streamlit.testing.v1 import AppTest

from lib import tasks
from lib.core import depth, pictures
from lib.core.config import CHOICES, TrainConfig
from lib.core.dataset import STAND_IN
from lib.core.errors import UserError
from lib.export.code import cells, facts, files, opened
from lib.export.code.facts import Facts
from lib.training import events, options, result_files
from lib.training.history import History
from lib.training.progressive_sizes import sizes
from lib.training.run_files import NUMERICS
from tests.conftest import KINDS

#: Texts that end a string, a comment, a cell or a page, or that an editor or a spreadsheet would run.
HOSTILE = [
    'a"b',
    "it's",
    '"""',
    "line\nimport os  # two",
    "\\",
    "{x}",
    "=1+1",
    "</script>",
    "\u202ereversed",
    "#",
    "é 中",
]


class _Ended:
    """As much of a run as a script is written from."""

    id, state = "20260101-000000-0001", events.FINISHED

    def __init__(self, config: TrainConfig, dataset, task):
        self.history = History()
        self.config, self._dataset, self._task = config, dataset, task

    def dataset(self):
        return self._dataset

    def manifest(self):
        return self.result()

    def result(self):
        metrics = {split: {self._task.metric: 0.5} for split in ("valid", "test")}
        return {"metrics": metrics, "splits": {}, "names": [], "device": "CPU (1 thread)", "threads": 1}


def _ended(dataset, **chosen) -> _Ended:
    config = options.configure(dataset, {"pretrained": False, "size": 32, **chosen})
    return _Ended(config, dataset, tasks.get(dataset.task))


def _facts(dataset, **chosen) -> Facts:
    return Facts.of(_ended(dataset, **chosen))


def _constants(code: str) -> list[object]:
    return [node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)]


@pytest.mark.parametrize("task", list(KINDS))
def test_what_is_foreign_is_data(make_dataset, task):
    """Names and paths with quotes, ends of lines and formulas are texts of Python, and nothing in them is run."""
    made = make_dataset(task)
    names = tuple(HOSTILE[: len(made.names)] if task != "multi-label" else HOSTILE)
    targs = np.zeros((len(made), len(names)), dtype=np.int8) if task == "multi-label" else made.targs
    if task == "multi-label":
        targs[np.arange(len(made)), np.arange(len(made)) % len(names)] = 1
    hostile = dataclasses.replace(made, name='x"""\nimport os', names=names, targs=targs)
    facts = _facts(hostile, recipe="book")
    plain = _facts(made, recipe="book")
    script = files.script(facts, "it's\n.csv").decode()
    assert set(names) <= {value for value in _constants(script) if isinstance(value, str)}
    assert "it's\n.csv" in _constants(script)
    usual = {type(node).__name__ for node in ast.parse(files.script(plain, "labels.csv")).body}
    assert {type(node).__name__ for node in ast.parse(script).body} <= usual | {"Assign"}
    assert not [
        node for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Import) and node.names[0].name == "os"
    ]
    assert "\u202e" not in script
    book = json.loads(files.notebook(facts, "labels.csv"))
    assert "<" not in "".join(book["cells"][0]["source"]) and "\n" not in book["cells"][0]["source"][0].rstrip("\n")


@pytest.mark.parametrize("task", list(KINDS))
def test_a_notebook_has_the_scripts_lines(make_dataset, task):
    """Notebook and script differ in how they find the table alone, and every cell is Python of its own."""
    facts = _facts(make_dataset(task))
    script, book = files.script(facts, "labels.csv").decode(), json.loads(files.notebook(facts, "labels.csv"))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    code = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    for cell in code:
        ast.parse(cell)
    found = "\n".join(code).replace('"labels.csv"', 'Path(__file__).with_name("labels.csv")')
    assert ast.dump(ast.parse(found)) == ast.dump(ast.parse(script))


@pytest.mark.parametrize("task", list(KINDS))
def test_the_table_gives_the_targets_back(make_dataset, task):
    """What the script reads are the targets, bit for bit, in the dataset's order; unknown ones stay unknown."""
    dataset = make_dataset(task)
    targs = dataset.targs.copy()
    if task == "multi-label":
        targs[3, 1] = -1
    elif task == "keypoints":
        targs[3, 1] = np.nan
    dataset = dataclasses.replace(dataset, targs=targs)
    facts = _facts(dataset, recipe="book")
    namespace = {"pd": pd, "np": np, "SIZE": 32, "VOCAB": list(dataset.names)}
    table = pd.read_csv(io.BytesIO(files.table(facts)), **eval(f"dict({facts.target.read})"))
    namespace["labels"] = table
    if facts.target.prepare is not None:
        exec(facts.target.prepare.code, namespace)
    assert table["file"].tolist() == dataset.files
    if task == "single-label":
        assert table["label"].tolist() == [dataset.names[targ] for targ in targs]
        return
    expected = np.where(targs < 0, np.nan, targs) if task == "multi-label" else targs
    np.testing.assert_array_equal(namespace["truth"], expected)


def test_pictures_are_opened_as_the_app_does(tmp_path):
    """Turned, transparent, gray, palette, CMYK and 16-bit pictures come out with the app's own bytes."""
    rng = np.random.default_rng(0)
    rgba = Image.fromarray(rng.integers(0, 256, (20, 30, 4), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    rgba.convert("RGB").save(tmp_path / "turned.jpg", exif=exif)
    rgba.save(tmp_path / "transparent.png")
    rgba.convert("L").save(tmp_path / "gray.png")
    rgba.convert("RGB").quantize(16).save(tmp_path / "palette.png")
    rgba.convert("CMYK").save(tmp_path / "cmyk.jpg")
    Image.fromarray(rng.integers(0, 4096, (20, 30), dtype=np.uint16)).save(tmp_path / "deep.png")
    rule = depth.ValueRange(0, 4095)
    namespace = {"Image": Image, "ImageOps": ImageOps, "np": np}
    exec(opened.lines(opened.Needs(turn=True, white=True, gray=True), rule), namespace)
    for path in sorted(tmp_path.iterdir()):
        ours, theirs = pictures.open_image(path, rule), namespace["opened"](path)
        np.testing.assert_array_equal(np.asarray(theirs), np.asarray(ours), err_msg=path.name)


def test_every_choice_has_its_lines(make_dataset, tmp_path, monkeypatch):
    """A choice that is changed changes the script: none is silently left out, a new one neither."""
    monkeypatch.setattr(opened, "needs", lambda *_: opened.Needs())  # looked at once is enough
    save_file({"none": np.zeros(1)}, tmp_path / events.PREDS)
    for task, head in (("multi-label", "linear"), ("keypoints", "default")):
        dataset = make_dataset(task, name=task)
        chosen = {"pretrained": True, "arch": "lite0", "head": head, "quick_start": False, "freeze_epochs": 1}
        plain = options.configure(dataset, {**chosen, "size": 32})
        ended = [_Ended(_changed(plain, name, task), dataset, tasks.get(task)) for name in CHOICES]
        usual = files.script(Facts.of(_Ended(plain, dataset, tasks.get(task))), "labels.csv")
        same = set()
        for name, run in zip(CHOICES, ended, strict=True):
            run.folder = tmp_path
            if files.script(Facts.of(run), "labels.csv") == usual:
                same.add(name)
        # The script has the normalization that the run recorded; points have neither labels nor pairs here.
        labels = {"loss"} if task == "multi-label" else {"thresh", "class_weights", "focal_gamma", "label_smoothing"}
        assert same <= {"normalize", *labels}


def _changed(config: TrainConfig, name: str, task: str) -> TrainConfig:
    """Return ``config`` with another value of one choice."""
    others = {"arch": "resnet18", "weights": "/w.pth", "head": "heatmap" if task == "keypoints" else "default"}
    others |= {"loss": "l1", "normalize": "imagenet", "recipe": "book"}
    was = getattr(config, name)
    if name in others:
        value = others[name]
    elif isinstance(was, bool):
        value = not was
    else:
        value = was / 2 if name.endswith("lr") else was + 1
    return dataclasses.replace(config, **{name: value})


def test_a_run_of_before_is_not_promised_to_the_last_digit(make_dataset):
    """Its augmented pixels were rounded otherwise, on a CPU, by the first of those that trained it."""
    run = _ended(make_dataset("single-label"), quick_start=False)
    for steps, (numerics, is_same) in enumerate(
        [({"numerics": NUMERICS}, True), ({}, False), ({"numerics": 2}, False)]
    ):
        run.history.add({"event": "started", **numerics})
        run.history.add({"event": "batch", "step": steps + 1, "loss": 1.0, "lr": 0.1, "mom": 0.9, "seconds": 0.0})
        assert ("to the last digit, and" in " ".join(Facts.of(run).head())) == is_same
        assert any("an earlier version of Manyhot" in one for one in Facts.of(run).differences) != is_same
    assert Facts.of(_ended(run.dataset(), quick_start=False, augment=False)).differences == []


def test_comments_stay_on_their_lines():
    """A text with ends of lines becomes comment lines, however it is cut."""
    text = cells.script("title\nimport os", ["head\rimport os\u2028import os"], [cells.Cell("a = 1", "why\nb = 2")])
    assert [type(node).__name__ for node in ast.parse(text).body] == ["Assign"]


def _page(run) -> None:
    from lib.web.ui.train import code

    code.download(run)


def test_what_stands_against_a_script_is_said_on_the_page(make_dataset):
    """The click gives the zip, or says in a sentence which picture is damaged or gone; a bundle's run has a caption."""
    dataset = make_dataset("regression")
    run = _ended(dataset)
    page = AppTest.from_function(_page, kwargs={"run": run}, default_timeout=60).run()
    page.button[0].click().run()
    assert not page.error and len(page.get("download_button")) == 1
    picture = dataset.image_path(3)
    picture.write_bytes(picture.read_bytes()[:20])
    page.button[0].click().run()
    assert not page.exception and not page.get("download_button")
    assert "3\\.png" in page.error[0].value and "exclude the image and train again" in page.error[0].value
    picture.unlink()
    page.button[0].click().run()
    assert "it is missing" in page.error[0].value
    changed = dataclasses.replace(dataset, items=dataset.items.assign(digest="0"))
    with pytest.raises(UserError, match=r"0\.png of made has changed .* and train again"):
        Facts.of(_ended(changed))
    alike = make_dataset("multi-label", name="alike")
    with pytest.raises(UserError, match=r"have the same name.* and train again"):
        Facts.of(_ended(dataclasses.replace(alike, names=("a",) * len(alike.names))))
    run._dataset = dataclasses.replace(dataset, source={"kind": STAND_IN})
    page.run()
    assert not page.button and "came in a bundle" in page.caption[0].value
    with pytest.raises(UserError, match="came in a bundle without the pictures"):
        Facts.of(run)


def test_the_head_of_the_start_is_read_once(make_dataset, tmp_path, monkeypatch):
    """The file of the predictions, which may be large, is opened once for a zip, and the head in it is the run's."""
    run = _ended(make_dataset("multi-label"), arch="lite0", pretrained=True, head="linear", quick_start=True)
    start = {name: np.arange(4, dtype=np.float32) for name in result_files.START}
    save_file(start, tmp_path / events.PREDS)
    run.folder, opens = tmp_path, []
    monkeypatch.setattr(facts, "safe_open", lambda *args, real=facts.safe_open: opens.append(args) or real(*args))
    of_run = Facts.of(run)
    files.zipped(of_run)
    assert len(opens) == 1 and of_run.differences is of_run.differences
    np.testing.assert_equal(dict(of_run.start), start)


def test_pictures_grow_in_a_script_as_in_the_training(make_dataset):
    """The sides of progressive resizing are those that the training has, through both fits."""
    chosen = {"recipe": "book", "progressive": True, "size": 128, "freeze_epochs": 1, "epochs": 6}
    script = files.script(_facts(make_dataset("regression"), **chosen), "labels.csv").decode()
    assert f"SIDES = {sizes(128, 7)}" in script


def test_a_run_that_several_machines_trained_is_not_promised_again(make_dataset):
    """Where it went on elsewhere or with other threads, numbers are others; a kept quick model's are not."""
    run = _ended(make_dataset("single-label"), quick_start=False)
    for step, machine in enumerate(({"device": "CPU (2 threads)"}, {"device": "CPU (1 thread)", "processes": 3})):
        run.history.add({"event": "started", "numerics": NUMERICS, **machine})
        run.history.add({"event": "batch", "step": step + 1, "loss": 1.0, "lr": 0.1, "mom": 0.9, "seconds": 0.0})
    head = " ".join(Facts.of(run).head())
    assert "at work on CPU (2 threads), then on CPU (1 thread): random" in head and "to the last digit, and" not in head
    quick = {**run.result(), "kept": "quick"}
    run.result = lambda: quick
    assert not any("processes" in one or "then on" in one for one in Facts.of(run).differences)
