"""The list of runs gives what each one is, when it ran, its status, and its score."""

from __future__ import annotations

import json
import shutil
import statistics

import numpy as np
import pytest

from lib.cli import main
from lib.core import picture_cache
from lib.core.config import LR_FIND, TrainConfig
from lib.training import events, options

TRAINING, QUICK, FINDER, BROKEN = (f"20260102-03040{second}-abcd" for second in range(4))


@pytest.fixture
def listed(make_dataset, workspace, capsys):
    """A function that prints the list of four runs on points: two finished, a failed finder, a damaged one."""
    dataset = make_dataset("keypoints")
    quick = options.configure_quick(dataset, {})
    trained = options.configure(dataset, {"pretrained": False, "arch": "small"})

    def write(run: str, config: TrainConfig, end: dict, manifest: str = "") -> None:
        folder = workspace.run(run)
        folder.mkdir(parents=True)
        (folder / events.CONFIG).write_text(json.dumps(config.to_json()))
        (folder / events.EVENTS).write_text(json.dumps(end) + "\n")
        if manifest:
            (folder / events.MANIFEST).write_text(manifest)

    def manifest(**metrics: float) -> str:
        of_split = {which: {"valid": {"error_px": value}} for which, value in metrics.items()}
        return json.dumps({"names": list(dataset.names), "splits": {"valid": 10}, **of_split})

    write(TRAINING, trained, {"event": "finished"}, manifest(metrics=1.234, baseline=5.678, quick=2.5))
    write(QUICK, quick, {"event": "finished"}, manifest(metrics=2.5, baseline=5.678))
    write(FINDER, TrainConfig(**{**trained.to_json(), "kind": LR_FIND}), {"event": "failed", "message": "So."})
    write(BROKEN, trained, {"event": "finished"}, "{")

    def run(*more: str) -> str:
        assert main(["runs", "--workspace", str(workspace.root), *more]) == 0
        return capsys.readouterr().out

    return run


def test_the_list_fits_a_terminal_and_marks_quick_models(listed):
    """Two lines a run, newest first, none wider than 100 letters."""
    lines = listed().splitlines()
    assert all(len(line) <= 100 for line in lines)
    assert lines == [
        f"{BROKEN}  2026-01-02 03:04  training     finished  made",
        "    small, 64 px",
        f"{FINDER}  2026-01-02 03:04  lr finder    failed    made",
        "    small, 64 px",
        f"{QUICK}  2026-01-02 03:04  quick model  finished  made",
        "    lite0, 128 px: error_px 2.50 px (mean shape: 5.68 px)",
        f"{TRAINING}  2026-01-02 03:04  training     finished  made",
        "    small, 64 px: error_px 1.23 px (mean shape: 5.68 px, quick model: 2.50 px)",
    ]


def test_the_list_as_json_has_the_same_facts(listed):
    """Numbers are not rounded, and what a run does not have is null."""
    rows = {row["run"]: row for row in json.loads(listed("--json"))["runs"]}
    facts = [(rows[run]["kind"], rows[run]["state"], rows[run]["headline"]) for run in (FINDER, BROKEN, QUICK)]
    headline = {"metric": "error_px", "unit": "px", "value": 2.5, "baseline": 5.678}
    assert facts == [("lr_find", "failed", None), ("train", "finished", None), ("quick", "finished", headline)]
    assert rows[TRAINING]["headline"]["quick"] == 2.5
    assert rows[TRAINING]["started"] == "2026-01-02T03:04:00"


@pytest.mark.parametrize(("metric", "sign"), [("error_px", 1), ("pck_05", -1)])
def test_the_best_come_first(listed, workspace, metric, sign):
    """Runs are in numpy's stable order of the recorded metric, smallest error or largest share first; no others."""
    values = np.random.default_rng(0).uniform(0, 9, 8).round()
    ids = [f"20260102-03050{number}-abcd" for number in range(8)]
    for run, value in zip(ids, values, strict=True):
        shutil.copytree(workspace.run(TRAINING), workspace.run(run))
        manifest = json.loads((workspace.run(run) / events.MANIFEST).read_text())
        manifest["metrics"] = {"valid": {"error_px": value, "pck_05": value, "error_diag": None}}
        (workspace.run(run) / events.MANIFEST).write_text(json.dumps(manifest))
    rows = json.loads(listed("--best", metric, "--json"))["runs"]
    newest, theirs = ids[::-1], sign * values[::-1]
    expected = [newest[place] for place in np.argsort(theirs, kind="stable")]
    assert [row["run"] for row in rows if row["run"] in ids] == expected
    assert [sign * row["best"] for row in rows if row["run"] in ids] == sorted(theirs)
    own = [row["run"] for row in rows if row["run"] not in ids]
    assert own == ([TRAINING, QUICK] if metric == "error_px" else [])
    assert f"{metric} {values[ids.index(expected[0])]:#.4g}" in listed("--best", metric)
    assert "No run has recorded" in listed("--best", "error_diag")


def test_seeds_of_one_choice_are_one_entry(listed, workspace):
    """Mean and spread are those of Python's `statistics` over the newest run of each seed, and decide which is best."""
    config = json.loads((workspace.run(TRAINING) / events.CONFIG).read_text())
    made = [(1, 2.0), (2, 1.1), (3, 1.7), (1, 1.5)]  # the last one is seed 1 again
    ids = [f"20260103-03050{number}-abcd" for number in range(4)]
    for run, (seed, value) in zip(ids, made, strict=True):
        shutil.copytree(workspace.run(TRAINING), workspace.run(run))
        (workspace.run(run) / events.CONFIG).write_text(json.dumps({**config, "seed": seed}))
        text = (workspace.run(run) / events.MANIFEST).read_text().replace("1.234", str(value))
        (workspace.run(run) / events.MANIFEST).write_text(text)
    counted = [1.5, 1.1, 1.7, 1.234]  # of the seeds 1, 2, 3 and, of the first run, 42
    answer = json.loads(listed("--best", "error_px", "--json"))
    (entry,) = answer["entries"]
    assert (sorted(entry["runs"]), entry["seeds"], entry["n"]) == ([TRAINING, BROKEN, *ids], [1, 2, 3, 42], 4)
    expected = (statistics.mean(counted), statistics.stdev(counted), min(counted), max(counted))
    assert tuple(entry[key] for key in ("mean", "sd", "low", "high")) == pytest.approx(expected, rel=1e-12)
    assert [row["run"] for row in answer["runs"]] == [*ids[::-1], TRAINING, QUICK]
    lines = listed("--best", "error_px").splitlines()
    words = f"error_px {expected[0]:#.4g} (mean of n=4 seeds, SD {expected[1]:#.4g}, 1.100 to 1.700)"
    assert lines[0] == f"5 runs, seeds 1, 2, 3, 42: {words}" and lines[-1].endswith("2.500 (n=1)")


@pytest.mark.parametrize("written", ["abc", "-1", "nan", "inf"])
def test_a_wrong_limit_of_the_picture_cache_starts_nothing(written, make_dataset, workspace, monkeypatch, capsys):
    """The command ends with 2 and one sentence, and there is no run."""
    make_dataset("multi-label")
    monkeypatch.setenv(picture_cache.VARIABLE, written)
    for command in (["train", "made"], ["train", "made", "--quick"], ["lr-find", "made"]):
        assert main([*command, "--workspace", str(workspace.root)]) == 2
        message = capsys.readouterr().err
        assert message.count("\n") == 1 and picture_cache.VARIABLE in message and "0 for no cache" in message
    assert not list(workspace.root.glob("runs/*/"))


def test_a_name_stands_in_the_list(listed, workspace, capsys):
    """The command names a run, the list and its JSON show it, and an empty one takes it away."""

    def named(name: str) -> str:
        assert main(["name", TRAINING, name, "--workspace", str(workspace.root), "--json"]) == 0
        return json.loads(capsys.readouterr().out)["name"]

    assert named(" words ") == "words"
    assert listed().splitlines()[-3:-1] == [f"{TRAINING}  2026-01-02 03:04  training     finished  made", "    words"]
    assert {row["run"]: row["name"] for row in json.loads(listed("--json"))["runs"]}[TRAINING] == "words"
    assert named("") == "" and "words" not in listed()
    assert main(["name", TRAINING, "a\nb", "--workspace", str(workspace.root)]) == 2
    assert "U+000A" in capsys.readouterr().err


def test_damaged_runs_are_runs(workspace, capsys):
    """Where nothing of the only run can be read, it is not said that there are none."""
    (workspace.run(BROKEN) / events.CONFIG).mkdir(parents=True)
    assert main(["runs", "--workspace", str(workspace.root)]) == 0
    told = capsys.readouterr()
    assert BROKEN in told.err and "No runs yet" not in told.out + told.err
