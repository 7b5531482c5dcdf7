"""Are chosen thresholds kept as they are, by one writer at a time, and is nothing of a file believed unread?"""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics as sk

from lib import objectives, protocol, runs, threshold_file, threshold_sets, thresholds
from lib.data import dataset as ds
from lib.decimals import plain
from lib.errors import UserError
from lib.threshold_sets import ThresholdSet
from tests.pages import conftest as pages

ROOT = Path(__file__).resolve().parents[2]
#: The fixture that writes runs by hand.
write_run = pages.write_run
NAMES = ("car", "bus", "truck")


@pytest.fixture
def made(make_dataset, write_run, workspace):
    """A function that returns a finished run on a dataset of a task, by default multi-label."""

    def make(task: str = "multi-label", names: tuple[str, ...] | None = None) -> runs.Run:
        folder = write_run(make_dataset(task))
        run = runs.load(workspace, folder.name)
        if names is not None:
            rename(run, names)
        return run

    return make


def a_set(name: str = "safe", thresh=(0.25, 0.5, 0.75), **more) -> ThresholdSet:
    """Return a set of three thresholds."""
    return ThresholdSet(name, np.array(thresh, dtype=np.float32), **more)


def same(one: ThresholdSet, other: ThresholdSet) -> bool:
    """Return whether two sets are equal in all but the predictions that they were chosen on."""
    keys = ("name", "split", "objective", "options", "created", "note")
    equal = all(getattr(one, key) == getattr(other, key) for key in keys)
    return equal and one.thresh.dtype == other.thresh.dtype == np.float32 and (one.thresh == other.thresh).all()


def test_what_is_saved_is_read_again(made):
    """Everything of a set comes back, the default stands first and the others stand by date."""
    run = made()
    first = a_set("b.1", objective="precision", options={"least": 0.9}, note="for the <b>boss</b> ☕")
    earlier = a_set("a_2", split="test", created="2020-01-02T03:04:05+02:00")
    for one in (first, earlier):
        threshold_sets.save(run, one)
    found = threshold_sets.read_all(run)
    assert list(found) == ["default", "a_2", "b.1"]
    assert same(found["b.1"], first)
    assert same(found["a_2"], earlier)
    assert same(threshold_sets.get(run, "b.1"), first)


@pytest.mark.parametrize(("task", "start"), [("multi-label", 0.5), ("single-label", 0.0)])
def test_the_default_is_what_the_run_began_with(made, task, start):
    """Without a file there is one set, with the threshold of the configuration, or 0 where an image has one class."""
    found = threshold_sets.read_all(made(task))
    assert list(found) == ["default"]
    assert found["default"].thresh.tolist() == [start] * 3
    assert found["default"].thresh.dtype == np.float32


def test_any_float32_and_any_name_of_a_label_come_back(made):
    """Thresholds return bit for bit, under names with markup, quotes, emoji, line ends and 200 characters."""
    run, rng = made(), np.random.default_rng(1)
    letters = list("abc<>&\"'\\/{}[]:,;=+-@ \n\r\t\u2028é中😀\u202e\0")
    for trial in range(60):
        made_up = {"".join(rng.choice(letters, rng.integers(1, 200))) for _ in range(rng.integers(1, 12))}
        names = tuple(sorted(made_up | {"😀" * 200, "<script>alert(1)</script>", ""}))
        rename(run, names)
        values = (rng.random(len(names)) ** rng.integers(1, 6)).astype(np.float32)
        values[:3] = 0, 1, np.nextafter(np.float32(0.3), np.float32(1))
        threshold_sets.save(run, ThresholdSet(f"s{trial}", values, note="😀\n"))
        assert threshold_sets.get(run, f"s{trial}").thresh.tobytes() == values.tobytes()
        assert threshold_sets.delete(run, f"s{trial}").thresh.tobytes() == values.tobytes()


def test_every_threshold_of_the_grid_is_written_as_people_write_it():
    """The grid's thresholds have at most three decimals in the file, and comparing decimals compares the float32."""
    grid = thresholds.grid()
    assert [plain(value) for value in grid] == [round(step / 1000, 3) for step in range(1001)]
    near = np.concatenate([np.nextafter(grid, np.float32(towards)) for towards in (-1, 2)] + [grid])
    short = np.array([plain(value) for value in near])
    assert (short.astype(np.float32) == near).all()
    assert ((short[:, None] > short) == (near[:, None] > near)).all()


def test_the_file_is_for_people(made):
    """Each threshold stands beside its label's name, in decimals."""
    run = made(names=NAMES)
    threshold_sets.save(run, a_set(thresh=(0.1, 0.2, 0.3)))
    found = json.loads((run.folder / threshold_file.FILE).read_text(encoding="utf-8"))
    assert found["sets"]["safe"]["thresholds"] == {"car": 0.1, "bus": 0.2, "truck": 0.3}


def test_the_order_of_labels_in_the_file_does_not_matter(made):
    """A file whose labels stand in another order gives each label its own threshold."""
    run = made(names=NAMES)
    threshold_sets.save(run, a_set())
    change(run, lambda one: one.update(thresholds=dict(reversed(one["thresholds"].items()))))
    assert threshold_sets.get(run, "safe").thresh.tolist() == [0.25, 0.5, 0.75]


@pytest.mark.parametrize(
    "name", ["", "x" * 65, "a b", "../up", "a/b", ".hidden", "é", "<b>", "a\n", "default", "Default"]
)
def test_names_that_cannot_be_used(made, name):
    """A name that could be a path, is empty, too long, or is the default's, is refused in a sentence."""
    run = made()
    with pytest.raises(UserError, match="name"):
        threshold_sets.save(run, a_set(name))
    assert not (run.folder / threshold_file.FILE).exists()


@pytest.mark.parametrize("bad", [-0.01, 1.01, np.nan, np.inf, -np.inf])
def test_thresholds_are_probabilities(made, bad):
    """What is no number from 0 to 1 is refused with its label's name."""
    with pytest.raises(UserError, match="'bus'"):
        threshold_sets.save(made(names=NAMES), a_set(thresh=(0.5, bad, 0.5)))


def test_one_threshold_a_label(made):
    """A set of another length is a mistake of ours, not of the user's."""
    with pytest.raises(ValueError, match="3 labels"):
        threshold_sets.save(made(), a_set(thresh=(0.5, 0.5)))


def test_a_name_that_is_taken_stays_until_it_is_replaced(made):
    """A second set of one name is refused and changes nothing; with ``replace`` it takes the place."""
    run = made()
    threshold_sets.save(run, a_set())
    with pytest.raises(UserError, match="'safe' already"):
        threshold_sets.save(run, a_set(thresh=(1, 1, 1)))
    assert threshold_sets.get(run, "safe").thresh.tolist() == [0.25, 0.5, 0.75]
    threshold_sets.save(run, a_set(thresh=(1, 1, 1)), replace=True)
    assert threshold_sets.get(run, "safe").thresh.tolist() == [1, 1, 1]


def test_deleting_can_be_undone(made):
    """What `delete` returns can be saved again: the file is then as it was, order included."""
    run = made()
    for name, created in (("a", "2026-01-01T00:00:00+00:00"), ("b", "2026-01-02T00:00:00+00:00")):
        threshold_sets.save(run, a_set(name, created=created))
    before = threshold_sets.read_all(run)
    gone = threshold_sets.delete(run, "a")
    assert list(threshold_sets.read_all(run)) == ["default", "b"]
    threshold_sets.save(run, gone)
    after = threshold_sets.read_all(run)
    assert list(after) == list(before)
    assert all(same(after[name], before[name]) and after[name].preds == before[name].preds for name in before)


def test_what_is_not_there_is_said_with_what_is(made):
    """A wrong name lists the sets and the nearest one; the default cannot be deleted."""
    run = made()
    threshold_sets.save(run, a_set("careful"))
    with pytest.raises(UserError, match=r"did you mean 'careful'.*default, careful"):
        threshold_sets.get(run, "carefull")
    with pytest.raises(UserError, match="has no thresholds 'other'"):
        threshold_sets.delete(run, "other")
    with pytest.raises(UserError, match="cannot be deleted"):
        threshold_sets.delete(run, "default")


ONE = {
    "split": "valid",
    "objective": "",
    "options": {},
    "created": "2026-01-02T03:04:05+00:00",
    "note": "",
    "preds": "",
    "thresholds": {"car": 0.5, "bus": 0.5, "truck": 0.5},
}
DAMAGED = {
    "empty": "",
    "no json": "{",
    "no text": "\udcff\udcfe",
    "too deep": "[" * 100_000,
    "a list": "[]",
    "another format": json.dumps({"format": 2, "sets": {}}),
    "no sets": json.dumps({"format": 1, "sets": []}),
    "too many": json.dumps({"format": 1, "sets": {f"s{n}": ONE for n in range(101)}}),
    "a number for a set": json.dumps({"format": 1, "sets": {"x": 3}}),
    "a bad name": json.dumps({"format": 1, "sets": {"../x": ONE}}),
    "the default": json.dumps({"format": 1, "sets": {"default": ONE}}),
    **{
        words: json.dumps({"format": 1, "sets": {"x": {**ONE, **change}}})
        for words, change in {
            "no date": {"created": "yesterday"},
            "no zone": {"created": "2026-01-02T03:04:05"},
            "a long note": {"note": "x" * 2001},
            "a note of numbers": {"note": 3},
            "nested options": {"options": {"a": [1]}},
            "options that are no numbers": {"options": {"a": float("nan")}},
            "half a letter": {"note": "\ud800"},
            "foreign labels": {"thresholds": {"car": 0.5, "bus": 0.5, "boat": 0.5}},
            "a label less": {"thresholds": {"car": 0.5, "bus": 0.5}},
            "a list of thresholds": {"thresholds": [0.5, 0.5, 0.5]},
            "text for a threshold": {"thresholds": {"car": "0.5", "bus": 0.5, "truck": 0.5}},
            "true for a threshold": {"thresholds": {"car": True, "bus": 0.5, "truck": 0.5}},
            "none for a threshold": {"thresholds": {"car": None, "bus": 0.5, "truck": 0.5}},
            "no number for a threshold": {"thresholds": {"car": float("nan"), "bus": 0.5, "truck": 0.5}},
            "an infinite threshold": {"thresholds": {"car": float("inf"), "bus": 0.5, "truck": 0.5}},
            "a large threshold": {"thresholds": {"car": 10**400, "bus": 0.5, "truck": 0.5}},
            "a negative threshold": {"thresholds": {"car": -0.1, "bus": 0.5, "truck": 0.5}},
        }.items()
    },
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_or_foreign_file_is_said_and_stays(made, text):
    """One sentence with the file's place; nothing is written over it, and the default is there all the same."""
    run = made(names=NAMES)
    path = run.folder / threshold_file.FILE
    path.write_bytes(text.encode(errors="surrogateescape"))
    before = path.read_bytes()
    for use in (
        threshold_sets.read_all,
        lambda run: threshold_sets.get(run, "x"),
        lambda run: threshold_sets.save(run, a_set(), replace=True),
        lambda run: threshold_sets.delete(run, "x"),
    ):
        with pytest.raises(UserError, match=r"thresholds\.json cannot be used"):
            use(run)
        assert path.read_bytes() == before
    assert threshold_sets.get(run, "default").thresh.tolist() == [0.5] * 3


def test_foreign_labels_are_named(made):
    """A file of another run says which labels it lacks and which it has instead."""
    run = made(names=NAMES)
    (run.folder / threshold_file.FILE).write_text(DAMAGED["foreign labels"])
    with pytest.raises(UserError, match="lacks 'truck' and has 'boat'"):
        threshold_sets.read_all(run)


def test_what_could_not_be_read_is_not_written(made):
    """A set whose date or options the file could not give back is a mistake of ours; the file stays as it was."""
    run = made()
    threshold_sets.save(run, a_set())
    before = (run.folder / threshold_file.FILE).read_bytes()
    for bad in ({"created": ""}, {"options": {"a": [1]}}, {"options": {"a": float("nan")}}):
        with pytest.raises(ValueError):
            threshold_sets.save(run, a_set("other", **bad))
    with pytest.raises(UserError, match="note"):
        threshold_sets.save(run, a_set("other", note="x" * 2001))
    assert (run.folder / threshold_file.FILE).read_bytes() == before


def test_a_run_keeps_at_most_a_hundred(made):
    """One set more is refused in a sentence; one of them can still be replaced."""
    run = made(names=NAMES)
    sets = {f"s{n}": ONE for n in range(100)}
    (run.folder / threshold_file.FILE).write_text(json.dumps({"format": 1, "sets": sets}))
    with pytest.raises(UserError, match="100 sets"):
        threshold_sets.save(run, a_set())
    threshold_sets.save(run, a_set("s7"), replace=True)
    assert len(threshold_sets.read_all(run)) == 101


def test_two_labels_of_one_name(made):
    """Names that say nothing are refused before anything is written; the default works."""
    run = made(names=("car", "bus", "car"))
    with pytest.raises(UserError, match="two labels called 'car'"):
        threshold_sets.save(run, a_set())
    assert list(threshold_sets.read_all(run)) == ["default"]


@pytest.mark.parametrize("task", ["keypoints", "regression"])
def test_a_task_without_labels_keeps_none(made, task):
    """Where no threshold changes a prediction, none is kept and none is compared."""
    run = made(task)
    with pytest.raises(UserError, match=task):
        threshold_sets.save(run, replace(a_set(), thresh=np.full(len(run.names()), 0.5)))
    with pytest.raises(UserError, match=task):
        threshold_sets.compared(run)


def test_a_run_without_a_result_is_said(make_dataset, write_run, workspace):
    """A run that has not finished has no labels to keep thresholds for."""
    folder = write_run(make_dataset("multi-label"), end=None)
    with pytest.raises(UserError, match="has no predictions"):
        threshold_sets.read_all(runs.load(workspace, folder.name))


# --- several at once -------------------------------------------------------------------------------------------


def test_threads_that_save_at_once_lose_nothing(made):
    """Tabs of one server: each of 32 sets that are saved at the same time is there in the end."""
    run = made()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: threshold_sets.save(run, a_set(f"s{n}")), range(32)))
    assert set(threshold_sets.read_all(run)) == {"default", *(f"s{n}" for n in range(32))}


def test_processes_that_save_at_once_lose_nothing(made, workspace):
    """The command line beside the server: what several processes save at the same time is all there."""
    run = made()
    code = (
        "import sys; import numpy as np; from pathlib import Path; from lib import runs, threshold_sets as t\n"
        "run = runs.Run(Path(sys.argv[1]))\n"
        "for n in range(12): t.save(run, t.ThresholdSet(f'{sys.argv[2]}{n}', np.full(3, n / 12)))"
    )
    command = [sys.executable, "-c", code, str(run.folder)]
    started = [subprocess.Popen([*command, letter], cwd=ROOT) for letter in "abc"]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    found = threshold_sets.read_all(run)
    assert set(found) == {"default", *(f"{letter}{n}" for letter in "abc" for n in range(12))}
    assert all(found[f"b{n}"].thresh.tolist() == [np.float32(n / 12)] * 3 for n in range(12))


def test_a_save_that_is_refused_of_two_at_once(made):
    """Of threads that save one name without ``replace`` exactly one succeeds."""
    run = made()

    def save(n: int) -> bool:
        try:
            threshold_sets.save(run, a_set(thresh=(n / 8,) * 3))
        except UserError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(save, range(8)))
    assert sum(done) == 1
    assert threshold_sets.get(run, "safe").thresh.tolist() == [done.index(True) / 8] * 3


# --- what they are worth ---------------------------------------------------------------------------------------


def test_evaluate_takes_one_threshold_a_label(made):
    """Metrics at one threshold a label are scikit-learn's, of the known cells; a float gives what it always gave."""
    run = made()
    found = run.predictions("valid")
    cuts = np.array([0.2, 0.5, 0.8], dtype=np.float32)
    evaluated = runs.evaluate(run, "valid", cuts)
    decided = found.preds > cuts
    assert evaluated["metrics"]["accuracy_multi"] == pytest.approx(1 - sk.hamming_loss(found.targs, decided))
    for average in ("micro", "macro"):
        expected = sk.f1_score(found.targs, decided, average=average, zero_division=np.nan)
        assert evaluated["metrics"][f"f1_{average}"] == pytest.approx(expected)
    assert evaluated["metrics"]["subset_accuracy"] == pytest.approx(sk.accuracy_score(found.targs, decided))
    for name, score in (("precision", sk.precision_score), ("recall", sk.recall_score)):
        expected = score(found.targs, decided, average="micro")
        assert evaluated["decided"][f"{name}_micro"] == pytest.approx(expected)
    assert evaluated["decided"]["predicted_per_image"] == pytest.approx(decided.sum(axis=1).mean())
    assert evaluated["thresholds"] == dict(zip(found.names, (0.2, 0.5, 0.8), strict=True))
    assert "thresh" not in evaluated
    everywhere = runs.evaluate(run, "valid", np.full(3, 0.3))
    assert everywhere["metrics"] == runs.evaluate(run, "valid", 0.3)["metrics"] != evaluated["metrics"]
    json.dumps(evaluated, allow_nan=False)


def test_evaluate_leaves_out_what_nobody_knows(make_dataset, write_run, workspace):
    """Unknown cells count nowhere at one threshold a label either, and a number of nothing is None."""
    dataset = pages.with_gaps(make_dataset("multi-label"), -1)
    run = runs.load(workspace, write_run(dataset).name)
    found, cuts = run.predictions("valid"), np.array([0.2, 0.5, 0.8], dtype=np.float32)
    known = found.targs >= 0
    assert not known.all()
    right = ((found.preds > cuts) == (found.targs == 1))[known]
    assert runs.evaluate(run, "valid", cuts)["metrics"]["accuracy_multi"] == pytest.approx(right.mean())
    assert runs.evaluate(run, "valid", np.ones(3))["decided"]["precision_micro"] is None


def test_evaluate_of_one_class_an_image(made):
    """Below its threshold the most probable class is not predicted; accuracy, which has none, is as before."""
    run = made("single-label")
    found, cuts = run.predictions("valid"), np.array([0.9, 0.4, 0.5], dtype=np.float32)
    evaluated = runs.evaluate(run, "valid", cuts)
    top = found.preds.argmax(axis=1)
    answered = found.preds.max(axis=1) > cuts[top]
    assert 0 < answered.sum() < len(top)
    assert evaluated["decided"]["precision_micro"] == pytest.approx((top == found.targs)[answered].mean())
    assert evaluated["decided"]["recall_micro"] == pytest.approx((answered & (top == found.targs)).mean())
    assert evaluated["metrics"] == runs.evaluate(run, "valid")["metrics"]


def test_evaluate_refuses_other_shapes(made):
    """Another number of thresholds than of labels is a mistake of ours."""
    with pytest.raises(ValueError, match="3 labels"):
        runs.evaluate(made(), "valid", np.full(2, 0.5))


def test_evaluate_refuses_thresholds_of_points(made):
    """Thresholds for a task without labels get a sentence."""
    with pytest.raises(UserError, match="keypoints"):
        runs.evaluate(made("keypoints"), "valid", np.full(2, 0.5))


def test_sets_are_compared_on_every_split(made):
    """Each set stands with its numbers on both splits: those of the thresholds themselves, counted by hand."""
    run = made()
    threshold_sets.save(run, a_set(objective="f_beta", options={"beta": 2.0}))
    rows = threshold_sets.compared(run)
    assert [row["name"] for row in rows] == ["default", "safe"]
    assert (rows[1]["lowest"], rows[1]["highest"], rows[1]["words"]) == (0.25, 0.75, "highest F2")
    for row, cuts in zip(rows, (0.5, np.array([0.25, 0.5, 0.75], dtype=np.float32)), strict=True):
        assert set(row["metrics"]) == {"valid", "test"}
        for split, numbers in row["metrics"].items():
            found = run.predictions(split)
            expected = sk.f1_score(found.targs, found.preds > cuts, average="micro")
            assert numbers["f1_micro"] == pytest.approx(expected)
    json.dumps(rows, allow_nan=False)


def test_a_set_that_was_chosen_on_other_predictions_is_marked(made):
    """After a stopped run goes on, its earlier thresholds are said to be of other predictions."""
    run = made()
    threshold_sets.save(run, a_set())
    assert [row["outdated"] for row in threshold_sets.compared(run)] == [False, False]
    path = run.folder / protocol.PREDS
    content = bytearray(path.read_bytes())
    content[-1] ^= 1  # one bit of one prediction
    path.write_bytes(content)
    assert [row["outdated"] for row in threshold_sets.compared(run)] == [False, True]


def test_a_run_without_its_predictions_is_said(made):
    """Thresholds are not kept for predictions that are gone."""
    run = made()
    (run.folder / protocol.PREDS).unlink()
    for use in (threshold_sets.compared, lambda run: threshold_sets.save(run, a_set())):
        with pytest.raises(UserError, match="damaged"):
            use(run)


def test_an_objective_of_a_later_version_is_said_by_its_name():
    """A file of another version is compared all the same."""
    assert threshold_sets.words(a_set(objective="best_of_all", options={"objective": 1})) == "best_of_all"
    assert threshold_sets.words(a_set(objective="f_beta", options={"objective": 1})) == "f_beta"


# --- decisions -------------------------------------------------------------------------------------------------


def test_decisions_keep_groups_together(make_dataset, write_run, workspace):
    """Images of one group share a number, images without one are alone, a changed dataset groups nothing."""
    dataset = make_dataset("multi-label")
    items = dataset.items.copy()
    valid = dataset.index("valid")
    items.loc[valid[[0, 3, 7]], "group"] = "anna"
    items.loc[valid[[1, 2]], "group"] = "7"
    head = {"name": "made", "task": "multi-label", "names": list(dataset.names), "problems": [], "source": {}}
    ds.save(dataset.path, {**head, "defaults": {}}, items, dataset.targs)
    run = runs.load(workspace, write_run(ds.load(workspace, "made")).name)
    groups = runs.decisions(run, "valid").groups
    assert np.issubdtype(groups.dtype, np.integer)
    assert len(set(groups.tolist())) == len(valid) - 3
    assert groups[0] == groups[3] == groups[7] != groups[1] == groups[2]
    assert len(set(runs.decisions(run, "test").groups.tolist())) == 6

    ds.save(dataset.path, {**head, "defaults": {}}, items.assign(group="all"), dataset.targs)
    assert len(set(runs.decisions(run, "valid").groups.tolist())) == len(valid)


@pytest.mark.parametrize("task", ["multi-label", "single-label"])
def test_chosen_thresholds_are_kept_and_decide_the_same(made, task):
    """From choosing to file and back every cell is decided the same."""
    run = made(task)
    found = runs.decisions(run, "valid")
    chosen = objectives.choose(found, "f_beta", beta=1.0)
    threshold_sets.save(run, ThresholdSet("x", chosen.thresh, objective="f_beta", options={"beta": 1.0}))
    again = threshold_sets.get(run, "x").thresh
    assert (thresholds.grid()[chosen.index] == again).all()
    assert ((found.scores > chosen.thresh) == (found.scores > again)).all()


def rename(run: runs.Run, names: tuple[str, ...]) -> None:
    """Let the run have learned labels of other names."""
    path = run.folder / protocol.MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), "names": list(names)}))


def change(run: runs.Run, how) -> None:
    """Change the one set in the run's file by hand."""
    path = run.folder / threshold_file.FILE
    found = json.loads(path.read_text())
    how(next(iter(found["sets"].values())))
    path.write_text(json.dumps(found))
