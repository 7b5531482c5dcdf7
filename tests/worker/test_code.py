"""A run's script or notebook in plain fastai, run without this project, makes the run's predictions again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from lib import tasks
from lib.cli import main
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.edits import Cell
from lib.export.code.facts import Facts
from lib.importing import samples
from lib.training import events, launch, options, runs, worker
from lib.training.launchers import local
from lib.training.learner import quick_start, record
from tests import unsealed
from tests.conftest import build_dataset

pytestmark = pytest.mark.slow

BOOK = {"recipe": "book", "pretrained": False, "size": 32, "bs": 8, "freeze_epochs": 1, "epochs": 1}
OURS = BOOK | {"recipe": "recommended"}
LITE0 = {"arch": "lite0", "pretrained": True, "head": "linear", "bs": 16}
START = OURS | LITE0 | {"quick_start": True, "freeze_epochs": 0}
#: Dataset, what is unknown in it, and the choices of a run, by what is special of it; together they need all that a
#: script may have. None instead of choices is a quick model.
RUNS = {
    "book-multi": (
        "multi-label",
        False,
        BOOK
        | {
            "arch": "resnet18",
            "flip": True,
            "bs": 16,
            "freeze_epochs": 0,
            "class_weights": True,
            "label_smoothing": 0.1,
        },
    ),
    "book-single": (
        "single-label",
        False,
        BOOK | {"augment": False, "freeze_epochs": 0, "label_smoothing": 0.1, "mixed_precision": True},
    ),
    "book-points": (
        "keypoints",
        False,
        BOOK | {"flip": True, "wd": 0.1, "progressive": True, "epochs": 2, "loss": "wing"},
    ),
    "book-values": ("regression", False, BOOK | {"ema_decay": 0.9, "patience": 1, "epochs": 3, "loss": "huber"}),
    "ours-multi": (
        "multi-label",
        True,
        OURS | LITE0 | {"quick_start": False, "keep_stats": True, "focal_gamma": 2.0, "lr_mult": 10.0},
    ),
    "ours-points": ("keypoints", True, OURS | {"head": "heatmap", "flip": True}),
    "start-single": ("single-label", False, START | {"class_weights": True, "augment": False, "focal_gamma": 2.0}),
    "kept-multi": ("multi-label", True, START),
    "quick-multi": ("multi-label", False, None),
    "quick-single": ("single-label", False, None),
    "quick-points": ("keypoints", False, None),
    "quick-values": ("regression", False, None),
    # Every sample as it comes, but for fewer pictures and epochs, and three batches in an epoch.
    **{name: (name, False, {"epochs": 1, "bs": 9}) for name in samples.SAMPLES},
}
#: Which say no penalties, as those of earlier versions: the code has to find them.
WITHOUT_PATH = {"quick-multi", "quick-single"}
#: Which are run as a notebook: one in many cells, one that reads a head from beside itself.
NOTEBOOKS = {"ours-points", "start-single"}
#: Runs all scripts and notebooks in one process, a notebook as Jupyter does: in its folder, a cell after the other;
#: leaves what they predicted.
_DRIVER = """\
import json, os, runpy, sys
from importlib.util import find_spec

assert find_spec("lib") is None and find_spec("manyhot") is None
bare = {}
exec("from fastai.vision.all import *", bare)
with open("fastai.json", "w") as file:
    json.dump(sorted(bare), file)


def run(path):
    if not path.endswith(".ipynb"):
        return runpy.run_path(path)
    with open(path) as file:
        cells = json.load(file)["cells"]
    left, here = {"__name__": "__main__"}, os.getcwd()
    os.chdir(os.path.dirname(path))
    for cell in cells:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), cell["id"], "exec"), left)
    os.chdir(here)
    return left


for path in sys.argv[1:]:
    left = run(path)
    preds = {split: left.get("pixels", lambda rows, preds: left.get("values", lambda preds: preds)(preds))(
        left["labels"][left["labels"]["split"] == split], values) for split, values in left["preds"].items()}
    scores = {split: float(left["score"](left["labels"][left["labels"]["split"] == split], values))
              for split, values in left["preds"].items()}
    with open(path + ".json", "w") as file:
        json.dump({"preds": {split: values.tolist() for split, values in preds.items()}, "scores": scores}, file)
assert not [name for name in sys.modules if name.partition(".")[0] in ("lib", "manyhot", "streamlit")]
"""


@pytest.fixture
def rerun(tmp_path):
    """The runs by their names in `RUNS`, what their code predicts in a process that knows no ``lib``, and its flaws."""
    folder, workspace = tmp_path, Workspace(tmp_path / "workspace")
    datasets = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(local, "spawn_worker", lambda path: worker.main(path, has_lock=False))
        patched.setattr(record, "git_state", lambda _: None)  # asked twice a run, no code depends on it
        patched.setattr(record, "version", cache(record.version))
        patched.setattr(samples, "IMAGES", 40)
        patched.setattr(samples, "_TEST", 6)
        made = {}
        for name, (source, is_partly_unknown, chosen) in RUNS.items():
            key = f"{source}-{is_partly_unknown}"
            if key not in datasets:
                datasets[key] = _dataset(workspace, source, key, is_partly_unknown)
            dataset = datasets[key]
            patched.setattr(quick_start, "is_better", lambda *_, keeps=name != "kept-multi": keeps)
            if chosen is None:
                (run_id,) = launch.start_quick(workspace, dataset.name, {"size": 32})
            else:
                run_id = launch.start(workspace, options.configure(dataset, chosen))
            made[name] = runs.load(workspace, run_id)
            if name in WITHOUT_PATH:
                path = made[name].folder / events.MANIFEST
                path.write_text(json.dumps({key: value for key, value in unsealed.read(path).items() if key != "path"}))
                made[name] = runs.load(workspace, run_id)
    paths = {name: folder / (f"{name}.ipynb" if name in NOTEBOOKS else f"{name}.py") for name in made}
    for name, run in made.items():
        option = "--notebook" if name in NOTEBOOKS else "--script"
        assert main(["export", run.id, option, str(paths[name]), "--workspace", str(workspace.root)]) == 0
    (folder / "elsewhere").mkdir()
    done = subprocess.run(
        [sys.executable, "-I", "-P", "-c", _DRIVER, *map(str, paths.values())],
        cwd=folder / "elsewhere",
        env={"PATH": "", "HOME": str(folder), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    again = {name: json.loads(path.with_name(f"{path.name}.json").read_text()) for name, path in paths.items()}
    fastais = set(json.loads((folder / "elsewhere" / "fastai.json").read_text()))
    return made, again, list(_flaws(paths.values(), fastais))


def _dataset(workspace, task, name, is_partly_unknown):
    """Return the sample ``task``, or else a dataset of that task."""
    if task in samples.SAMPLES:
        samples.ensure(workspace, task)
        return store.load(workspace, task)
    dataset = build_dataset(workspace, task, name)
    if task == "keypoints":
        dataset = edits.declare(dataset, flip_pairs=[("nose", "tail")], note="pairs")
    if is_partly_unknown:
        flat = dataset.targs.reshape(len(dataset), -1)
        columns, value = ((0, 1), None) if task == "keypoints" else ((1,), -1)
        cells = [Cell(row, column, float(flat[row, column]), value) for row in (3, 5, 34, 44) for column in columns]
        dataset = edits.set_targs(dataset, cells, note="unknown")
    return dataset


def test_scripts_make_the_predictions_of_their_runs_again(rerun):
    """Every choice: the same bits from fastai's own parts as from the run; scikit-learn comes as near as is said.

    No name is defined twice, unused, or there only by chance: what is not defined comes from fastai. One test, because
    all scripts are run by one process.
    """
    runs_made, again, flaws = rerun
    wrong = [f"{name}: {what}" for name, run in runs_made.items() for what in _differences(name, run, again[name])]
    assert not wrong + flaws, "\n".join(wrong + flaws)


def _flaws(paths, fastais) -> Iterator[str]:
    """Return what ruff says of the code but for names that a star import of fastai brings, the set ``fastais``."""
    rules = ["--isolated", "--select", "F,E7,E9", "--ignore", "F403,E701", "--output-format", "json"]
    done = subprocess.run([sys.executable, "-m", "ruff", "check", *rules, *paths], capture_output=True)
    for one in json.loads(done.stdout):
        words = one["message"].split("`")
        is_fastais = one["code"] == "F405" and words[1] in fastais
        is_dispatched = one["code"] == "F811" and words[1] == "encodes"  # by its types, as fastai's transforms are
        if not (is_fastais or is_dispatched):
            yield f"{one['filename']}: {one['message']}"


def _differences(name, run, again) -> Iterator[str]:
    is_near = name.startswith(("quick", "kept"))
    if run.state != events.FINISHED or bool(Facts.of(run).differences) != is_near:
        yield f"{run.state}, says {Facts.of(run).differences}"
    for split in ("valid", "test"):
        expected, found = run.predictions(split).preds, np.array(again["preds"][split], dtype=np.float32)
        headline = run.result()["metrics"][split][tasks.get(run.config.task).metric]
        score = again["scores"][split]
        if is_near:
            is_same = np.allclose(found, expected, rtol=0, atol=1e-3) and score == pytest.approx(headline, rel=1e-4)
        else:
            is_same = np.array_equal(found, expected) and score == headline
        if not is_same:
            yield f"{split} off by {np.abs(found - expected).max():.3g}, {score} instead of {headline}"
