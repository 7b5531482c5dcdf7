"""The command line predicts new images as the run did, and says what it cannot."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lib.cli import main
from tests.worker.test_inference import CLOSE

pytestmark = pytest.mark.slow


def test_the_command_says_what_the_run_predicted(make_dataset, worked, workspace, tmp_path, capsys):
    """A folder and a file: every picture's predictions at the thresholds, and what is none is named and left out."""
    dataset = make_dataset("multi-label")
    run = worked(dataset, epochs=1)
    expected = run.predictions("valid")
    folder = tmp_path / "new" / "deep"
    folder.mkdir(parents=True)
    for number, row in enumerate(expected.items[:3]):
        (folder / f"{number}.PNG").write_bytes(dataset.image_path(row).read_bytes())
    (folder / "notes.txt").write_text("not called like a picture")
    (folder / "9.jpg").write_bytes(b"no picture")
    alone = tmp_path / "alone"
    alone.write_bytes(dataset.image_path(expected.items[3]).read_bytes())
    where = ["--workspace", str(workspace.root)]
    assert main(["predict", run.id, str(folder.parent), str(alone), "--json", *where]) == 0
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    files = [str(folder / f"{number}.PNG") for number in range(3)] + [str(alone)]
    assert [one["file"] for one in answer["pictures"]] == files
    probs = [list(one["probabilities"].values()) for one in answer["pictures"]]
    np.testing.assert_allclose(probs, expected.preds[:4], atol=CLOSE)
    assert [one["file"] for one in answer["left_out"]] == [str(folder / "9.jpg")]
    assert "9.jpg is left out" in printed.err
    labels = [[dataset.names[c] for c in np.flatnonzero(row)] for row in expected.preds[:4] > 0.5]
    assert [one["predicted"] for one in answer["pictures"]] == labels
    assert main(["predict", run.id, str(alone), *where]) == 0
    assert capsys.readouterr().out.startswith(f"{alone}: ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.png"], "no picture or folder"),
        (["."], "has no pictures"),
        (["note"], "no picture among"),
        (["note", "--thresholds", "none"], "no thresholds"),
    ],
)
def test_mistakes_on_the_command_line_are_sentences(
    arguments, words, make_dataset, worked, workspace, tmp_path, monkeypatch, capsys
):
    """Exit code 2 and one sentence for paths without pictures and names without thresholds."""
    run = worked(make_dataset("multi-label"), epochs=1, freeze_epochs=0)
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "note").write_text("no picture")
    monkeypatch.chdir(empty)
    assert main(["predict", run.id, *arguments, "--workspace", str(workspace.root)]) == 2
    assert words in capsys.readouterr().err
