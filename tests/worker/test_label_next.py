"""Pictures that wait for labels are ranked by what the run's model says of them, from import to the command."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from PIL import Image
from scipy import stats

from lib.cli import main
from lib.core import processes
from lib.core.errors import UserError
from lib.core.questions import serve
from lib.core.workspace import VARIABLE
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.edits import Cell
from lib.evaluation.label_next import ranking
from lib.importing import importer
from lib.inference import worker as of_model
from lib.inference.similar import features
from lib.inference.similar import worker as of_pictures
from lib.training.learner import inference
from tests import untrained_runs
from tests.pages.conftest import checked, opened

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _no_process(monkeypatch) -> None:
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    monkeypatch.setattr(features, "SMALL", 32)


def answered(asked: ranking.Asked) -> None:
    """Answer both questions in this process, where torch is loaded already."""
    for question, kind in ((asked.predictions, of_model.Worker), (asked.features, of_pictures.Worker)):
        serve.Worker.answer(kind(question.place), question)


@pytest.fixture
def waiting_dataset(tmp_path, workspace):
    """A function that imports 24 pictures of which the last ten have no row of their table, or an empty one."""

    def made(head: list[str], row) -> None:
        rng = np.random.default_rng(0)
        source = tmp_path / "source"
        source.mkdir()
        for i in range(24):
            Image.fromarray(rng.integers(0, 255, (20, 30, 3), dtype=np.uint8)).save(source / f"{i:02d}.png")
        with (source / "table.csv").open("w", newline="") as file:
            table = csv.writer(file)
            table.writerow(head)
            for i in range(18):
                table.writerow([f"{i:02d}.png", *(row(i, rng) if i < 14 else [""] * (len(head) - 1))])
        importer.import_dataset(workspace, source, name="made", valid=0.3, choices={"unlabeled": "keep"}, yes=True)
        return store.load(workspace, "made")

    return made


LABELS = (["file", "car", "bus"], lambda i, rng: [i % 2, i // 2 % 2])
POINTS = (["file", "a_x", "a_y", "b_x", "b_y"], lambda i, rng: rng.integers(2, 18, 4).tolist())


def test_points_wait_until_they_are_placed(waiting_dataset, workspace):
    """Pictures without points are kept in train and ranked; one whose points were placed waits no more."""
    dataset = waiting_dataset(*POINTS)
    names = dataset.items["original"].tolist()
    waits = ranking.waiting(dataset)
    assert sorted(names[row] for row in waits) == [f"{i:02d}.png" for i in range(14, 24)]
    assert set(dataset.items["split"].iloc[waits]) == {"train"}
    run = untrained_runs.finished(workspace, dataset)
    for question in vars(ranking.ask(dataset, run)).values():
        question.refuse("The disk was full.")
    assert ranking.ask(dataset, run).state().active  # whoever asks again has made room
    answered(ranking.ask(dataset, run))
    ranked = ranking.read(dataset, run)
    assert sorted(ranked.rows) == waits.tolist()
    assert (np.diff(ranked.uncertainty) <= 0).all()
    first = int(ranked.batch(dataset, 4)[0])
    after = edits.set_targs(dataset, [Cell(first, column, None, 5.0) for column in range(4)], note="placed")
    assert ranking.labeled(after, [first]) == 1
    again = ranking.read(after, run).batch(after, 10)  # the model is not asked anew
    assert len(again) == 9
    assert first not in again


def test_page_and_command_give_the_batch_or_say_why_there_is_none(
    waiting_dataset, workspace, monkeypatch, capsys, make_dataset
):
    """The page opens the batch in the editor, the command prints it, by independent entropies; else the next step."""
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    dataset = waiting_dataset(*LABELS)
    command = ["next", "made", "--count", "3", "--json", "--workspace", str(workspace.root)]
    assert main(command) == 2
    assert "train a quick one" in capsys.readouterr().err
    run = untrained_runs.finished(workspace, dataset)
    assert ranking.able(workspace, dataset) == [run]
    ask = ranking.ask

    def asked(*about) -> ranking.Asked:
        questions = ask(*about)
        answered(questions)
        return questions

    app = opened("data", dataset="made", view="Label next")
    assert "**10** images wait" in " ".join(one.value for one in app.markdown)
    monkeypatch.setattr(ranking, "ask", asked)
    app.number_input(key="label-next-count").set_value(3)
    checked(app.button(key="label-next-go").click().run())
    ranked = ranking.read(dataset, run)
    preds, _, _ = inference.predict(inference.load(run), [dataset.image_path(row) for row in ranked.rows])
    bits = stats.entropy(np.stack([preds, 1 - preds]), base=2, axis=0).sum(axis=1)
    np.testing.assert_allclose(ranked.uncertainty, bits, atol=1e-4)
    rows = ranked.batch(dataset, 3)
    assert app.query_params["batch"] == ".".join(map(str, rows))
    assert "**0 of 3** labeled" in [one.value for one in app.markdown]
    checked(app.button(key="label-next-open").click().run())
    assert app.query_params["item"] == str(rows[0])
    assert main(command) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["run"], said["waiting"], len(said["pictures"])) == (run.id, 10, 3)
    assert [one["row"] for one in said["pictures"]] == rows.tolist()
    other = make_dataset("single-label", "classes")
    with pytest.raises(UserError, match="other targets"):
        ask(other, run)
    assert main(["next", "classes", "--workspace", str(workspace.root)]) == 2
    assert "has its class" in capsys.readouterr().err
