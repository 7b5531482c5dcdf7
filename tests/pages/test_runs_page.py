"""The Runs page: every run is a row with what its own files say, and is deleted, put back, named and compared there."""

from __future__ import annotations

import json

import plotly.graph_objects as go
import pytest

from lib.core import files, processes
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets.edits import edits
from lib.evaluation import run_intervals
from lib.training import events, run_entries, run_ids, run_notes, run_table, run_trash, runs
from lib.web.charts import live
from tests.pages.conftest import checked, complete, headline, opened, texts

GOOD, QUICK, GONE, BAD = (f"2026010{day}-030405-abcd" for day in (1, 2, 3, 4))


@pytest.fixture
def four(make_dataset, write_run) -> None:
    """Four runs on ``made``: two that finished, one that failed, one whose configuration is damaged."""
    dataset = make_dataset("multi-label")
    write_run(dataset, run=GOOD)
    write_run(dataset, run=QUICK, kind="quick")
    write_run(dataset, run=GONE, end=events.FAILED, message="The <disk> is full.")
    (write_run(dataset, run=BAD) / events.CONFIG).write_text("{")


def rows(app) -> dict[str, dict]:
    """Return the rows of the table by what their runs are called, of those without a name the time they began."""
    return {row["run"].removeprefix("★ "): row for row in app.dataframe[0].value.to_dict("records")}


def test_the_table_says_what_the_files_of_runs_say(four, workspace):
    """Value and seconds are the manifest's, best is that of manifest and epochs, a damaged run is a row with why."""
    files.write_json(workspace.run(GOOD) / events.NOTES, {"note": "a *note*", "tags": ["x"], "pinned": True}, GOOD)
    table = rows(opened("runs", dataset="made"))
    assert list(table) == [f"0{day} Jan 2026, 03:04" for day in (1, 4, 3, 2)]  # the pinned one first
    for run in (GOOD, QUICK):
        folder, row = workspace.run(run), table[f"{run[6:8]} Jan 2026, 03:04"]
        manifest = json.loads((folder / events.MANIFEST).read_text())
        lines = [json.loads(line) for line in (folder / events.EVENTS).read_text().splitlines()]
        value = manifest["metrics"]["valid"]["accuracy_multi"]
        epochs = [line["metrics"]["accuracy_multi"] for line in lines if line["event"] == "epoch"]
        assert (row["accuracy_multi"], row["s"]) == (value, manifest["seconds"])
        assert row["best"] == max([value, *epochs])
        low, high = map(float, row["95 % interval"].split(" to "))
        assert low < value < high and row["kind"] == manifest["config"]["kind"]
    first, damaged, failed = list(table.values())[:3]
    assert (first["run"][:2], first["note"], first["tags"]) == ("★ ", "a *note*", "x")
    assert damaged["state"] == "damaged" and events.CONFIG in damaged["what is wrong"]
    assert (failed["state"], failed["what is wrong"]) == ("failed", "The <disk> is full.")


def test_a_run_that_was_stopped_has_the_newest_epochs_value(make_dataset, write_run):
    """It has no predictions: that is no damage, its value has no interval, and its seconds are those of the epoch."""
    folder = write_run(make_dataset("multi-label"), run=GOOD, end=events.STOPPED)
    app = opened("runs", dataset="made")
    ((_, row),) = rows(app).items()
    last = [json.loads(line) for line in (folder / events.EVENTS).read_text().splitlines() if '"epoch"' in line][-1]
    assert (row["state"], row["accuracy_multi"], row["95 % interval"]) == ("stopped", 0.25, "")
    assert row["s"] == last["seconds"] and "what is wrong" not in row and not app.warning


def test_the_address_keeps_what_is_searched_and_chosen(four, workspace):
    """A link shows the same rows and the same comparison: curves, and only the choices that differ."""
    app = opened("runs", dataset="made", compare=f"{GOOD}.{QUICK}.nonsense", **{"runs-states": "finished"})
    assert list(rows(app)) == ["02 Jan 2026, 03:04", "01 Jan 2026, 03:04"]
    assert app.table[0].value["choice"].tolist() == ["kind"] and app.get("bidi_component")
    assert "No run passes" in texts(opened("runs", dataset="made", **{"runs-find": "nobody"}))


def test_what_changed_between_the_revisions_of_two_runs_is_said(make_dataset, write_run):
    """Of runs that saw different images it is said how these differ, with the way to them."""
    dataset = make_dataset("multi-label")
    write_run(dataset, run=GOOD)
    write_run(edits.exclude(dataset, [0, 1], note="n"), run=QUICK)
    app = opened("runs", dataset="made", compare=f"{GOOD}.{QUICK}")
    assert [row["choice"] for row in app.table[0].value.to_dict("records")] == ["revision"]
    assert "2 images" in texts(app) and app.get("page_link")


@pytest.mark.parametrize(("axis", "field"), [("epoch", "epoch"), ("batch", "step"), ("seconds", "seconds")])
def test_the_curves_are_those_of_the_events(four, workspace, monkeypatch, axis, field):
    """Each ticked run is a line through its epochs' values against the axis that the address names."""
    drawn: list = []
    monkeypatch.setattr(live, "overlay", lambda curves, *_: drawn.append(curves) or go.Figure())
    opened("runs", dataset="made", compare=f"{GOOD}.{QUICK}", **{"runs-axis": axis, "runs-curve": "valid_loss"})
    for (_, x, y, _), run in zip(drawn[-1], (QUICK, GOOD), strict=True):
        lines = [json.loads(line) for line in (workspace.run(run) / events.EVENTS).read_text().splitlines()]
        epochs = [line for line in lines if line["event"] == "epoch"]
        assert x.tolist() == [epoch[field] for epoch in epochs] and len(x) == 3
        assert y.tolist() == [epoch["valid_loss"] for epoch in epochs]


def test_a_run_opens_on_the_page_that_shows_it(four):
    """One click leads to its numbers; a damaged one is said there."""
    app = checked(opened("runs", dataset="made", compare=GOOD).button(key="runs-open").click().run())
    assert dict(app.query_params) == {"dataset": "made", "run": GOOD} and headline(app)
    app = opened("runs", dataset="made", compare=BAD)
    assert "is damaged" in app.warning[0].value
    assert "is damaged" in checked(app.button(key="runs-open").click().run()).error[0].value


def test_a_run_is_deleted_and_put_back_as_it_was(four, workspace: Workspace):
    """What is deleted is in no list, comes back whole by one click, and is gone from the disk only when asked."""
    (workspace.run(GOOD) / processes.ALIVE).touch()  # as every worker leaves it
    before = {path.name: path.read_bytes() for path in workspace.run(GOOD).iterdir() if path.is_file()}
    app = opened("runs", dataset="made", compare=GOOD)
    app = checked(app.button(key="runs-delete").click().run())
    assert GOOD not in [run.id for run in runs.list_runs(workspace)] and len(rows(app)) == 3
    assert not app.query_params.get("compare")
    app = checked(app.button(key="runs-undo").click().run())
    assert len(rows(app)) == 4 and "deleted" not in texts(app)
    assert {path.name: path.read_bytes() for path in workspace.run(GOOD).iterdir() if path.is_file()} == before
    with pytest.MonkeyPatch.context() as patched, processes.inheritable_lock(workspace.run(QUICK)):
        patched.setattr(processes, "is_alive", lambda _: False)  # somebody resumes it just after that was asked
        patched.setattr(processes, "LINGERING", 0)
        with pytest.raises(UserError, match="still goes on"):
            run_trash.delete(workspace, QUICK)
    run_trash.delete(workspace, BAD)  # a damaged one as well
    run_trash.remove(workspace, BAD)
    assert run_trash.listed(workspace) == [] and not list(workspace.deleted_runs.iterdir())


def test_a_deleted_run_keeps_its_id(four, workspace):
    """As long as it can be put back no other run gets it, be the clock what it may."""
    run_trash.delete(workspace, BAD)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(run_ids.time, "time", lambda: 1767409445.0)  # some hours before that run
        assert run_ids.new(workspace) > BAD and not run_ids.is_free(workspace, BAD)


def test_numbers_below_each_other_keep_three_digits_of_the_smallest(make_dataset, write_run, workspace):
    """A run that diverged does not round the others to the same number; units are those of the targets."""
    dataset = make_dataset("regression")
    for run, value in ((GOOD, 2.31), (QUICK, 350.0), (GONE, 2.44)):
        with (write_run(dataset, run=run) / events.MANIFEST).open("r+") as file:
            manifest = json.load(file)
            manifest["metrics"]["valid"]["mae"] = value
            file.seek(0)
            file.write(json.dumps(manifest))
            file.truncate()
    stopped = write_run(dataset, run=BAD, end=events.STOPPED)  # 0.25 cm after its last epoch
    assert not (stopped / events.MANIFEST).exists()
    (table,) = opened("runs", dataset="made").dataframe
    (column,) = [name for name in table.value if name.startswith("MAE") or name.startswith("Mean absolute")]
    assert column.endswith("(cm)")
    assert json.loads(table.proto.columns)[column]["type_config"]["format"] == "%.3f"


def test_an_interval_that_knows_no_groups_is_not_shown(four, workspace):
    """Where the journal of the dataset is damaged nobody knows which images belong together: that is said instead."""
    run = runs.load(workspace, GOOD)
    assert run_intervals.known([run], 1.0)[GOOD].interval.is_defined
    (workspace.dataset("made") / "edits.jsonl").write_text("damaged\n")
    known = run_intervals.known([run], 1.0)[GOOD]  # not what was computed before
    assert not known.interval.is_defined and "edits.jsonl" in known.damage


def test_name_note_tags_and_pin_are_kept(four, workspace):
    """What is entered for one run stands in its folder; damaged notes are said and not overwritten."""
    app = opened("runs", dataset="made", compare=GOOD)
    checked(app.text_input(key=f"runs-note-{GOOD}").set_value("<b> why").run())
    checked(app.text_input(key=f"runs-tags-{GOOD}").set_value("a, b,a").run())
    checked(app.text_input(key=f"runs-name-{GOOD}").set_value("first").run())
    app = checked(app.button(key="runs-pin").click().run())
    assert run_notes.read(workspace.run(GOOD)) == run_notes.Notes("<b> why", ("a", "b"), True)
    assert runs.load(workspace, GOOD).name == "first" == next(iter(rows(app)))
    kept = workspace.run(GOOD) / events.NOTES
    kept.write_text(kept.read_text().replace("why", "who"))
    app = checked(app.button(key="runs-pin").click().run())
    assert "damaged" in app.error[0].value and "who" in kept.read_text()
    assert rows(app)["first"]["note"] == run_notes.DAMAGED


def test_seeds_of_one_choice_are_one_line(make_dataset, write_run, workspace):
    """Its number is the mean; a click shows its runs, and it is ticked, deleted and put back as a whole."""
    dataset = make_dataset("multi-label")
    for seed, run in enumerate((GOOD, GONE, BAD)):
        config = write_run(dataset, run=run) / events.CONFIG
        config.write_text(json.dumps({**json.loads(config.read_text()), "seed": seed}))
        manifest = config.with_name(events.MANIFEST)
        whole = json.loads(manifest.read_text())
        whole["metrics"]["valid"]["accuracy_multi"] = (0.5, 0.25, 0.75)[seed]
        manifest.write_text(json.dumps(whole))
    write_run(dataset, run=QUICK, kind="quick")
    app = opened("runs", dataset="made", **{"runs-sorted": "best first"})
    quick, seeds = sorted(rows(app).values(), key=lambda row: row["kind"] == "train")
    assert (seeds["accuracy_multi"], seeds["n"], seeds["over seeds"]) == (0.5, 3, "SD 0.250, 0.250 to 0.750")
    assert (quick["n"], quick.get("Epochs")) == (1, None)  # which has no part in it
    (entry,) = [one for one in run_entries.entries(run_table.rows(workspace)) if one.is_several]
    app = opened("runs", dataset="made", compare=entry.key, unfolded=entry.key)
    assert [name[0] for name in rows(app)] == ["▾", "└", "└", "└", "0"]
    app = checked(app.button(key="runs-delete").click().run())
    assert [run.id for run in runs.list_runs(workspace)] == [QUICK]
    app = checked(app.button(key="runs-undo").click().run())
    assert len(runs.list_runs(workspace)) == 4 and len(rows(app)) == 5


def test_a_seed_that_was_stopped_early_is_not_averaged(make_dataset, write_run, workspace):
    """It differs from those that finished by more than luck; where none finished, those that came farthest count."""
    dataset = make_dataset("multi-label")
    folders = [write_run(dataset, run=run, end=events.STOPPED) for run in (GOOD, GONE, BAD)]
    for seed, (folder, value) in enumerate(zip(folders, (0.5, 0.75, 0.125), strict=True)):
        config = folder / events.CONFIG
        config.write_text(json.dumps({**json.loads(config.read_text()), "seed": seed}))
        complete(folder)
        manifest = json.loads((folder / events.MANIFEST).read_text())
        manifest["metrics"]["valid"]["accuracy_multi"] = value
        (folder / events.MANIFEST).write_text(json.dumps(manifest))
    (entry,) = run_entries.entries(run_table.rows(workspace))
    assert (entry.reached.n, entry.value) == (3, pytest.approx(1.375 / 3))
    for folder in (folders[0], folders[2]):
        write = events.EventWriter(folder)
        write(events.RESUMING)
        numbers = {"train_loss": 0.4, "valid_loss": 0.5, "metrics": {"accuracy_multi": 0.25}}
        write("epoch", phase="unfrozen", epoch=4, step=12, **numbers)
        write(events.STOPPED)
        write.close()
    (entry,) = run_entries.entries(run_table.rows(workspace))
    assert (entry.reached.n, entry.value) == (2, pytest.approx(0.3125))
    write = events.EventWriter(folders[0])
    write(events.FINISHED)
    write.close()
    (entry,) = run_entries.entries(run_table.rows(workspace))
    assert (entry.reached.n, entry.value, [row.id for row in entry.counted]) == (1, 0.5, [GOOD])


def test_without_runs_the_next_step_is_said(make_dataset):
    """An empty list leads to training."""
    make_dataset("multi-label")
    assert "No run of made yet" in texts(opened("runs", dataset="made"))
