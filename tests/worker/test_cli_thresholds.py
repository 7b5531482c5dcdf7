"""The commands for thresholds and exports do what they say, in one JSON document or one sentence."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from lib.cli import main
from lib.metrics import counts
from lib.thresholds import objectives, sets, sets_file, tuning
from lib.thresholds.sets_file import ThresholdSet
from lib.training import events, run_metrics, runs
from tests import unsealed
from tests.pages import conftest as pages
from tests.worker import test_cli
from tests.worker.test_cli import read

#: The fixture that writes runs by hand: nothing is trained here.
write_run = pages.write_run


@pytest.fixture
def make_run(make_dataset, write_run, workspace):
    """A function that returns a finished run on a dataset of a task, by default multi-label."""
    return lambda task="multi-label": runs.load(workspace, write_run(make_dataset(task)).name)


@pytest.fixture
def run(workspace, capsys):
    """A function that does what ``python -m lib`` does, in this process."""

    def done(*arguments: object) -> subprocess.CompletedProcess:
        capsys.readouterr()
        code = main([*map(str, arguments), "--workspace", str(workspace.root)])
        return subprocess.CompletedProcess(arguments, code, *capsys.readouterr())

    return done


def refused(done, words: str) -> None:
    """Expect exit code 2, nothing on stdout, and one sentence with ``words``."""
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert words in done.stderr


def test_choose_save_use_and_delete(make_run, run):
    """From choosing on the validation images to evaluating on the test images and deleting, each as JSON."""
    finished = make_run()
    spec = ("--objective", "precision:least=0.6", "--save", "safe", "--note", "for the <b>boss</b>", "--json")
    chosen = read(run("thresholds", finished.id, *spec))
    expected = objectives.choose(run_metrics.decisions(finished, "valid"), "precision", least=0.6)
    threshs = counts.grid()[expected.index]
    assert [np.float32(label["thresh"]) for label in chosen["labels"]] == threshs.tolist()
    assert [label["label"] for label in chosen["labels"]] == list(finished.names())
    assert [label["labeled"] for label in chosen["labels"]] == finished.predictions("valid").targs.sum(axis=0).tolist()
    assert [label["borrowed"] for label in chosen["labels"]] == expected.pooled.tolist()
    assert [label["reached"] for label in chosen["labels"]] == expected.reached.tolist()
    assert (chosen["objective"], chosen["options"], chosen["saved"]) == ("precision", {"least": 0.6}, "safe")

    kept = sets.get(finished, "safe")
    assert (kept.note, kept.split, kept.objective) == ("for the <b>boss</b>", "valid", "precision")
    assert (kept.thresh == threshs).all()

    evaluated = read(run("evaluate", finished.id, "--thresholds", "safe", "--split", "test", "--json"))
    test = finished.predictions("test")
    assert evaluated["metrics"]["f1_micro"] == pytest.approx(
        sk.f1_score(test.targs, test.preds > threshs, average="micro", zero_division=np.nan)
    )
    assert evaluated["thresholds"]["name"] == "safe"
    assert evaluated["thresholds"]["labels"] == {label["label"]: label["thresh"] for label in chosen["labels"]}
    assert "thresh" not in evaluated

    listed = read(run("thresholds", finished.id, "--json"))
    assert [one["name"] for one in listed["sets"]] == ["default", "safe"]
    assert listed["sets"][1]["metrics"]["test"]["f1_micro"] == evaluated["metrics"]["f1_micro"]
    assert listed["sets"][1]["thresholds"] == evaluated["thresholds"]["labels"]

    deleted = read(run("thresholds", finished.id, "--delete", "safe", "--json"))
    assert (deleted["deleted"], deleted["thresholds"]) == ("safe", evaluated["thresholds"]["labels"])
    assert list(sets.read_all(finished)) == ["default"]


def test_the_numbers_beside_the_tuned_ones_are_honest(make_run, run):
    """With test images these are reported; without any, cross-fitted numbers; beside them those of the same images."""
    finished = make_run()
    spec = ("--objective", "f_beta", "--json")
    chosen = read(run("thresholds", finished.id, *spec))
    assert (chosen["report"]["kind"], chosen["report"]["images"], chosen["chosen_on"]["images"]) == ("test", 6, 10)
    threshs = np.array([label["thresh"] for label in chosen["labels"]], dtype=np.float32)
    for part, split in ((chosen["report"], "test"), (chosen["chosen_on"], "valid")):
        truth = finished.predictions(split)
        expected = sk.f1_score(truth.targs, truth.preds > threshs, average="micro")
        assert part["numbers"]["f1_micro"] == pytest.approx(expected)

    manifest = unsealed.read(finished.folder / events.MANIFEST)
    del manifest["splits"]["test"], manifest["metrics"]["test"]
    (finished.folder / events.MANIFEST).write_text(json.dumps(manifest))
    chosen = read(run("thresholds", finished.id, *spec))
    expected = tuning.report(run_metrics.decisions(finished, "valid"), None, "f_beta")
    assert chosen["report"]["kind"] == expected.kind == "cross-fitted"
    assert chosen["report"]["numbers"]["f1_micro"] == pytest.approx(expected.numbers["f1_micro"])
    assert chosen["report"]["sentence"] == expected.sentence


def test_one_threshold_for_all_labels(make_run, run):
    """``--one`` gives every label the same threshold, and nothing is kept without ``--save``."""
    finished = make_run()
    chosen = read(run("thresholds", finished.id, "--objective", "accuracy", "--one", "--json"))
    index, _ = objectives.choose_one(run_metrics.decisions(finished, "valid"), "accuracy")
    assert {label["thresh"] for label in chosen["labels"]} == {round(index / 1000, 3)}
    assert chosen["saved"] is None
    assert not (finished.folder / sets_file.FILE).exists()


def test_what_people_read(make_run, run):
    """Without ``--json``: the labels with their thresholds, both columns of numbers, the sentence, the next command."""
    finished = make_run()
    text = run("thresholds", finished.id, "--objective", "precision:least=1", "--save", "sure")
    assert text.returncode == 0, text.stderr
    assert "<b>box</b>" in text.stdout
    assert "borrowed from all labels together" in text.stdout
    assert "test (6)" in text.stdout
    assert "chosen on these, too good (10)" in text.stdout
    assert f"python -m lib evaluate {finished.id} --thresholds sure" in text.stdout
    listed = run("thresholds", finished.id).stdout.splitlines()
    assert [line.split()[0] for line in listed[1:3]] == ["default", "sure"]
    assert "too good" in listed[-1]
    evaluated = run("evaluate", finished.id, "--thresholds", "sure").stdout
    assert "'sure'" in evaluated
    assert "chosen on these images" in evaluated
    assert "chosen on these images" not in run("evaluate", finished.id, "--thresholds", "default").stdout


def test_a_label_cannot_command_the_terminal(make_run, run):
    """Escape sequences and line ends in a label's name are shown as signs."""
    finished = make_run()
    path = finished.folder / events.MANIFEST
    path.write_text(json.dumps({**unsealed.read(path), "names": ["\x1b[31mred", "two\nlines", "x" * 200]}))
    spec = ("--objective", "f_beta", "--save", "x")
    for done in (
        run("thresholds", finished.id, *spec),
        run("evaluate", finished.id, "--thresholds", "x"),
    ):
        assert done.returncode == 0, done.stderr
        assert "[31mred" in done.stdout
        assert "\x1b" not in done.stdout
        assert "two\nlines" not in done.stdout
        assert "x" * 41 not in done.stdout


def test_a_name_that_is_taken_needs_replace(make_run, run):
    """A second set of one name is refused and printed nowhere; ``--replace`` lets it in."""
    finished = make_run()
    spec = ("thresholds", finished.id, "--objective", "f_beta", "--save", "x")
    read(run(*spec, "--json"))
    before = (finished.folder / sets_file.FILE).read_bytes()
    refused(run(*spec, "--json"), "--replace")
    assert (finished.folder / sets_file.FILE).read_bytes() == before
    read(run(*spec, "--one", "--replace", "--json"))
    assert (finished.folder / sets_file.FILE).read_bytes() != before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("thresholds", "--save", "x"), "--objective"),
        (("thresholds", "--one"), "--objective"),
        (("thresholds", "--replace", "--objective", "f_beta"), "--save"),
        (("thresholds", "--note", "x", "--objective", "f_beta"), "--save"),
        (("thresholds", "--objective", "best"), "f_beta"),
        (("thresholds", "--objective", "precision:least=2"), "least"),
        (("thresholds", "--objective", "f_beta", "--save", "a/b"), "name"),
        (("thresholds", "--objective", "f_beta", "--save", "default"), "default"),
        (("thresholds", "--delete", "default"), "cannot be deleted"),
        (("thresholds", "--delete", "x"), "has no thresholds 'x'"),
        (("evaluate", "--thresholds", "defautl"), "did you mean 'default'"),
        (("export", "--thresholds", "x"), "There are default"),
        (("export", "--output", "/nowhere/at/all.csv"), "/nowhere/at/all.csv"),
        (("export", "--output", "/"), "cannot be written"),
        (("export", "--output", "-", "--json"), "stdout"),
    ],
)
def test_bad_choices_get_one_sentence(make_run, run, arguments, words):
    """A choice that cannot work: exit code 2, one sentence, and the run's folder as it was."""
    finished = make_run()
    before = sorted(finished.folder.iterdir())
    refused(run(arguments[0], finished.id, *arguments[1:]), words)
    assert [path for path in sorted(finished.folder.iterdir()) if path.name != sets_file.LOCK] == before


@pytest.mark.parametrize(
    "arguments",
    [("thresholds",), ("thresholds", "--objective", "f_beta"), ("evaluate", "--thresholds", "default"),
     ("export", "--format", "thresholds")],
)  # fmt: skip
def test_points_have_no_thresholds(make_run, run, arguments):
    """A task without thresholds says so."""
    refused(run(arguments[0], make_run("keypoints").id, *arguments[1:]), "keypoints")


@pytest.mark.slow
def test_thresh_and_thresholds_exclude_each_other(make_run, workspace):
    """One threshold and a set of them at once is a mistake of the command line."""
    done = test_cli.run("evaluate", make_run().id, "--thresh", 0.3, "--thresholds", "default", workspace=workspace)
    assert (done.returncode, "not allowed with" in done.stderr) == (2, True)


def test_a_damaged_file_is_said_and_the_default_works(make_run, run, workspace):
    """The list says where the damage is; what needs no file goes on."""
    finished = make_run()
    (finished.folder / sets_file.FILE).write_text("{")
    refused(run("thresholds", finished.id), "thresholds.json")
    read(run("evaluate", finished.id, "--thresholds", "default", "--json"))
    read(run("export", finished.id, "--output", workspace.root / "x.csv", "--json"))


@pytest.mark.slow
def test_export_writes_a_file_named_by_what_is_in_it(make_run, workspace, tmp_path):
    """By default here, named by run, images and thresholds; the document says where; the table is the run's."""
    finished = make_run()
    threshs = np.array([0.2, 0.5, 0.8], dtype=np.float32)
    sets.save(finished, ThresholdSet("mine", threshs))
    here = {"cwd": str(tmp_path), "workspace": workspace}
    told = read(test_cli.run("export", finished.id, "--thresholds", "mine", "--split", "test", "--json", **here))
    path = tmp_path / f"{finished.id}-test-mine.csv"
    assert told == {
        "run": finished.id,
        "format": "csv",
        "split": "test",
        "images": 6,
        "thresholds": "mine",
        "file": str(path),
    }
    table = pd.read_csv(path)
    decided = table[[f"{name} predicted" for name in finished.names()]].to_numpy()
    assert (decided == (finished.predictions("test").preds > threshs)).all()

    test_cli.run("export", finished.id, "--thresholds", "mine", "--format", "thresholds", **here)
    alone = json.loads((tmp_path / f"{finished.id}-thresholds-mine.json").read_text(encoding="utf-8"))
    assert list(alone["thresholds"].values()) == [0.2, 0.5, 0.8]
    test_cli.run("export", finished.id, "--format", "json", **here)
    full = json.loads((tmp_path / f"{finished.id}-valid-default.json").read_text(encoding="utf-8"))
    assert full["thresholds"]["name"] == "default"
    assert len(full["rows"]) == 10
    assert len(list(tmp_path.glob("*-*.*"))) == 3


@pytest.mark.slow
def test_export_to_stdout_to_a_device_and_over_a_file(make_run, workspace, tmp_path):
    """``-`` is stdout; a device stays a device; a file is replaced whole and readable as other files are."""
    finished = make_run("regression")
    printed = test_cli.run("export", finished.id, "--output", "-", workspace=workspace).stdout
    assert len(pd.read_csv(io.StringIO(printed))) == 10
    assert test_cli.run("export", finished.id, "--output", "/dev/null", workspace=workspace).returncode == 0
    assert Path("/dev/null").is_char_device()
    old, link, plain = tmp_path / "old.csv", tmp_path / "link.csv", tmp_path / "plain"
    old.write_text("old")
    link.symlink_to(old)
    plain.touch()
    assert test_cli.run("export", finished.id, "--output", link, workspace=workspace).returncode == 0
    assert link.is_symlink()
    assert len(pd.read_csv(old)) == 10
    assert old.stat().st_mode == plain.stat().st_mode


def test_costs_of_each_label_are_kept_and_reported(make_run, run, tmp_path):
    """Costs from a file and from options decide; what they cost on test images is counted by hand; they stay kept."""
    finished = make_run()
    names = finished.names()
    (tmp_path / "costs.csv").write_text(f"label,miss,alarm\n{names[0]},9,1\n{names[1]},2,2\n")
    spec = ("--costs", tmp_path / "costs.csv", "--cost-of", names[1], 3, 4, "--objective", "cost:miss=5,alarm=2")
    chosen = read(run("thresholds", finished.id, *spec, "--reviews", 800, "--save", "cheap", "--json"))
    by_label = dict.fromkeys(names, (5.0, 2.0)) | {names[0]: (9.0, 1.0), names[1]: (3.0, 4.0)}
    assert {one["label"]: (one["miss"], one["alarm"]) for one in chosen["labels"]} == by_label
    threshs = np.array([label["thresh"] for label in chosen["labels"]], dtype=np.float32)
    miss, alarm = np.array([by_label[name] for name in names]).T
    test, valid = finished.predictions("test"), finished.predictions("valid")

    def cost(predicted: np.ndarray) -> float:
        wrong = np.where(predicted, alarm * (test.targs == 0), miss * (test.targs == 1))
        return 1000 * wrong.sum() / len(test.targs)

    assert chosen["report"]["cost"]["value"] == pytest.approx(cost(test.preds > threshs))
    assert 1000 * (valid.preds > threshs).sum() / len(valid.preds) == pytest.approx(chosen["chosen_on"]["predictions"])
    assert chosen["chosen_on"]["predictions"] <= 800
    saved = chosen["against"]["default, 0.5"]["saved"]["value"]
    assert saved == pytest.approx(cost(test.preds > np.float32(0.5)) - cost(test.preds > threshs))

    kept = sets.get(finished, "cheap")
    assert (kept.costs, kept.options, kept.thresh.tolist()) == (by_label, {"reviews": 800.0}, threshs.tolist())
    assert "at most 800 predictions" in read(run("thresholds", finished.id, "--json"))["sets"][1]["words"]
    exported = read(run("export", finished.id, "--thresholds", "cheap", "--format", "thresholds", "--output", "-"))
    assert exported["costs"] == {name: list(pair) for name, pair in by_label.items()}
    refused(run("thresholds", finished.id, "--cost-of", "no such label", 1, 2), "is no label of this run")
    refused(run("thresholds", finished.id, "--cost-of", names[0], 1, 2, "--objective", "f_beta"), "exclude each other")
