"""A run in TensorBoard, MLflow and W&B is the run that the app shows: every value once, whatever interrupts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path

import numpy as np
import pytest

from lib.cli import main
from lib.core import locks
from lib.core.errors import UserError
from lib.export.mirror import target
from lib.export.mirror.following import mirror
from lib.export.mirror.names import safe
from lib.training import events, run_names
from tests.unit.export.mirror_readers import READERS
from tests.unit.export.test_mirror_names import ODD
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[3]
RUN = "20260102-030405-abcd"
CONFIG = {
    "dataset": "vehicles/of:the-city",
    "revision": "81ec44cfd021",
    "task": "multi-label",
    "arch": "small",
    "pretrained": False,
    "weights": None,
    "size": 64,
    "bs": 32,
    "augment": True,
    "freeze_epochs": 1,
    "epochs": 2,
    "base_lr": 0.01,
    "lr_mult": 1.0,
    "thresh": 0.5,
    "seed": 42,
    "kind": "train",
}
FINDING = "The label '![x](http://127.0.0.1:9/x)' is never predicted.\nTrain longer."
METRICS = {"accuracy_multi": 0.7, "map": None}
MANIFEST = {
    "names": ["car"],
    "splits": {"valid": 3},
    "metrics": {"valid": {"accuracy_multi": 1 / 3, "map": None}},
    "baseline": {"valid": {"accuracy_multi": 0.1}},
}


class Training:
    """Writes a run's events as a worker does; ``expected`` is what must be mirrored, by hand."""

    def __init__(self, workspace):
        self.folder = workspace.run(RUN)
        self.folder.mkdir(parents=True)
        (self.folder / events.CONFIG).write_text(json.dumps(CONFIG))
        self.write = events.EventWriter(self.folder)
        self.expected: dict[tuple[str, int], float] = {}
        self.write("started", device="CPU", n_train=20, notes=[], versions={"torch": "2.14.1"}, preview=[1])

    def expect(self, step, group, values):
        self.expected |= {(f"{group}/{name}", step): value for name, value in values.items() if value is not None}

    def batches(self, first, last, factor=1.0):
        for step in range(first, last + 1):
            values = {"loss": factor / step, "lr": 1e-3 / step, "mom": 0.9}
            self.write("batch", step=step, **values)
            self.expect(step, "batch", values)

    def epoch(self, epoch, step):
        odd = {name: step + place / 7 for place, name in enumerate(ODD)}
        losses = {"train_loss": 1 / epoch, "valid_loss": None if epoch == 1 else 2 / epoch}
        findings = FINDING.splitlines() if epoch == 1 else []
        self.write(
            "epoch", phase="frozen", epoch=epoch, step=step, metrics={**METRICS, **odd}, findings=findings, **losses
        )
        self.expect(step, "epoch", {"epoch": epoch, **losses, **METRICS} | {safe(name): odd[name] for name in odd})

    def resume(self, step, epochs):
        self.write("resuming")
        self.write("resumed", step=step, epochs=epochs)

    def finish(self):
        (self.folder / events.MANIFEST).write_text(json.dumps(MANIFEST))
        for part in ("metrics", "baseline"):
            self.expect(30, f"{part}/valid", MANIFEST[part]["valid"])
        self.write(events.FINISHED, message="", retry={})


@pytest.fixture
def training(workspace):
    return Training(workspace)


@pytest.fixture
def copy(workspace, tmp_path):
    """Mirror what is there, and return what was done."""

    def copy(to, once=True):
        return mirror(workspace, RUN, to, tmp_path / "out", once=once, stop=threading.Event())

    return copy


def compare(found, expected):
    """Every value once, to the last digit of a float32, and no other value."""
    values = {(name, step): value for name, steps in found.values.items() for step, value in steps.items()}
    assert set(values) == set(expected)
    assert {len(value) for value in values.values()} == {1}
    for which, (value,) in values.items():
        assert value == expected[which] or np.float32(value) == np.float32(expected[which]), which


def as_number(value):
    """Return a choice as a number where it is one: one tool keeps texts, another floats only."""
    try:
        return float(str(value))
    except ValueError:
        return str(value)


@pytest.mark.parametrize("to", READERS)
def test_every_value_is_mirrored_once(training, copy, tmp_path, to):
    """Cut lines, a death, a resume that repeats steps and starts of the mirror in between leave each value once."""
    run_names.write(training.folder, "straße <b>/1")
    training.batches(1, 10)
    training.epoch(1, 10)
    training.batches(11, 14)
    path = training.folder / events.EVENTS
    with path.open("ab") as file:
        file.write(b'{"event": "batch", "st')
    assert copy(to).state == events.DIED
    assert copy(to).values == 0
    training.write = events.EventWriter(training.folder)
    training.resume(10, 1)
    training.batches(11, 20)
    training.epoch(2, 20)
    copy(to)
    training.batches(21, 30)
    training.epoch(3, 30)
    training.finish()
    done = copy(to, once=False)
    assert (done.state, done.step, done.others, copy(to).values) == ("finished", 30, set(), 0)
    found = READERS[to](tmp_path / "out", RUN)
    compare(found, training.expected)
    assert found.findings == {10: FINDING}
    facts = {"state": "finished", "dataset": CONFIG["dataset"], "revision": CONFIG["revision"], "name": "straße <b>/1"}
    assert facts.items() <= found.facts.items()
    assert found.facts["versions/torch"] == "2.14.1"
    assert {name: as_number(found.config[name]) for name, value in CONFIG.items() if value is not None} == {
        name: as_number(value) for name, value in CONFIG.items() if value is not None
    }
    assert found.ends[-1] == {"tensorboard": "1", "mlflow": "FINISHED", "wandb": "0"}[to]


@pytest.mark.parametrize("to", READERS)
def test_a_folder_that_was_cut_is_mended(training, copy, tmp_path, to):
    """What a killed mirror or a full disk left of a value goes, and the value comes again, once."""
    training.batches(1, 30)
    copy(to)
    pattern = {"tensorboard": "**/*.tfevents*", "mlflow": "**/metrics/batch/*", "wandb": "**/*.wandb"}[to]
    files = [path for path in (tmp_path / "out").glob(pattern) if path.is_file()]
    assert files
    for path in files:
        os.truncate(path, path.stat().st_size * 2 // 3)
    assert copy(to).values > 10
    compare(READERS[to](tmp_path / "out", RUN), training.expected)


def test_values_that_a_resume_changed_are_told(workspace, training, tmp_path, capsys):
    """Where the tool has values from before a resume that came out otherwise, it is said; a new folder has the new."""
    training.batches(1, 10)
    training.epoch(1, 10)
    training.batches(11, 15)
    words = ["--workspace", str(workspace.root), "mirror", RUN, "--to", "tensorboard"]
    assert main([*words, str(tmp_path / "old"), "--once"]) == 0
    training.resume(10, 1)
    training.batches(11, 13, factor=2)
    training.write(events.STOPPED)
    capsys.readouterr()
    assert main([*words, str(tmp_path / "old")]) == 0
    told = capsys.readouterr()
    # three losses of steps 11 to 13, and three values of each of steps 14 and 15, which the run has no more
    assert "Of steps 11 to 15, 9 values in the folder are not those that the run has now" in told.err
    assert main([*words, str(tmp_path / "new"), "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["others"], done["state"], done["step"]) == (0, "stopped", 13)
    expected = {which: value for which, value in training.expected.items() if which[1] < 14}
    compare(READERS["tensorboard"](tmp_path / "new", RUN), expected)


def test_damage_is_said_and_what_stands_before_it_goes_over(workspace, training, tmp_path, capsys):
    """A damaged line ends what can be read, as on the page: the sentence of the app, and no value behind it."""
    training.batches(1, 9)
    path = training.folder / events.EVENTS
    lines = path.read_bytes().splitlines(keepends=True)
    lines[5] = lines[5].replace(b"0.2", b"0.3")
    path.write_bytes(b"".join(lines))
    out = tmp_path / "out"
    assert main(["--workspace", str(workspace.root), "mirror", RUN, "--to", "tensorboard", str(out)]) == 0
    assert "The events of this run are damaged" in capsys.readouterr().err
    found = READERS["tensorboard"](out, RUN)
    compare(found, {which: value for which, value in training.expected.items() if which[1] < 5})
    assert found.facts["state"] == "failed"


def test_a_running_run_is_followed(workspace, training, tmp_path):
    """New values come within seconds while the worker lives, another mirror is refused, and the end ends the mirror."""
    stop, done = threading.Event(), []
    with locks.held(training.folder / "alive.lock"):
        training.batches(1, 3)
        out = tmp_path / "out"
        thread = threading.Thread(
            target=lambda: done.append(mirror(workspace, RUN, "tensorboard", out, stop=stop)), daemon=True
        )
        thread.start()

        def steps():
            return list(READERS["tensorboard"](out, RUN).values["batch/loss"]) if (out / RUN).exists() else []

        until(lambda: steps() == [1, 2, 3], 20)
        with pytest.raises(UserError, match="Another mirror writes the run"):
            mirror(workspace, RUN, "tensorboard", out, stop=stop)
        training.batches(4, 5)
        until(lambda: steps() == [1, 2, 3, 4, 5], 20)
        training.write(events.FAILED, message="The disk is full.", lasting=True)
    thread.join(10)
    assert done[0].state == "failed"
    found = READERS["tensorboard"](out, RUN)
    assert (found.facts["message"], found.ends) == ("The disk is full.", ["2"])


@pytest.mark.slow
def test_ctrl_c_leaves_whole_files(workspace, training, tmp_path):
    """Ctrl+C reaches W&B's own process as well: what was mirrored is whole, and the next start goes on behind it."""
    training.batches(1, 200)
    command = [sys.executable, "-m", "lib", "--workspace", workspace.root, "mirror", RUN, "--to", "wandb", tmp_path]
    with locks.held(training.folder / "alive.lock"):
        process = subprocess.Popen(
            [str(word) for word in command], cwd=ROOT, start_new_session=True, stdout=subprocess.PIPE
        )
        try:
            until(lambda: list(tmp_path.glob("wandb/*/*.wandb")), 60)
            time.sleep(0.2)
            os.killpg(process.pid, signal.SIGINT)
            printed, _ = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, b"running" in printed) == (0, True)
    found = READERS["wandb"](tmp_path, RUN)
    steps = list(found.values["batch/loss"])
    assert steps == list(range(1, len(steps) + 1))  # none is lost between others
    compare(found, {which: value for which, value in training.expected.items() if which[1] <= len(steps)})
    assert found.ends == ["0"]
    training.batches(201, 203)
    mirror(workspace, RUN, "wandb", tmp_path, once=True, stop=threading.Event())
    compare(READERS["wandb"](tmp_path, RUN), training.expected)


@pytest.mark.parametrize("to", READERS)
def test_a_missing_package_is_named(training, copy, monkeypatch, to):
    """Where the extra is not installed, one sentence says what to install, in the version that was tried."""
    for name in [name for name in sys.modules if name.partition(".")[0] == to]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, to, None)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    (requirement,) = extras[to]
    with pytest.raises(UserError, match=f"`pip install {requirement}`"):
        copy(to)
    assert set(target.TARGETS) < set(extras)


def test_a_folder_that_cannot_be_written_is_said(workspace, training, tmp_path):
    """A file in the folder's place is one sentence."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"Nothing can be written to .*file \("):
        mirror(workspace, RUN, "tensorboard", tmp_path / "file", stop=threading.Event())


def test_workers_do_not_load_wandb(tmp_path):
    """Timm loads W&B where it is installed: a worker that loads timm goes without, and what comes later may have it."""
    (tmp_path / "timm.py").write_text("try:\n    import wandb\nexcept ImportError:\n    print('without')\n")
    (tmp_path / "wandb.py").write_text("print('loaded')\n")
    code = "import lib.training.learner; print('then'); import wandb"
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    ran = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, capture_output=True)
    assert ran.stdout.split() == [b"without", b"then", b"loaded"]
