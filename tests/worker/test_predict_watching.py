"""Many pictures are answered as they arrive, and on from where a killed command was."""

from __future__ import annotations

import csv
import io
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.core import processes
from lib.export.many import watching
from lib.export.many.table import Reading
from lib.inference.many import work
from lib.training.learner import inference
from tests import untrained_runs, waiting
from tests.warm import Code
from tests.worker.many_pictures import brought, out, page_table

pytestmark = pytest.mark.slow

#: The command line, which never ends its second shard.
_HANGS_AT_THE_SECOND = Code("""\
import sys, time
from lib.cli import main
from lib.inference.many import work

answer = work.answer

def once(*words):
    work.answer = lambda *_: time.sleep(600)
    return answer(*words)

work.answer = once
sys.exit(main(sys.argv[1:]))
""")


def test_a_killed_command_goes_on_where_it_was(make_dataset, workspace, tmp_path, warm, monkeypatch):
    """Killed after its first shard it predicts the others only, and ends with the bytes of one that was not killed."""
    dataset = make_dataset("multi-label")
    run, new, target = untrained_runs.finished(workspace, dataset), tmp_path / "new", tmp_path / "a.csv"
    new.mkdir()
    content = [dataset.image_path(row).read_bytes() for row in range(40)]
    for number in range(520):
        (new / f"{number:03}.png").write_bytes(content[number % 40])
    command = [sys.executable, "-c", _HANGS_AT_THE_SECOND, "predict", run.id, str(new), "--out", str(target)]
    process = subprocess.Popen([*command, "--workspace", str(workspace.root)], env=processes.environment())
    parts = tmp_path / ".a.csv.parts"
    waiting.until(lambda: list(parts.glob("*.safetensors")), 60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not target.exists() and len(list(parts.glob("*.safetensors"))) == 1
    asked, answer = [], work.answer
    monkeypatch.setattr(work, "answer", lambda *words: asked.append(words) or answer(*words))
    assert out(workspace, run, target, new) == 0
    assert len(asked) == 2 and not parts.exists()
    assert out(workspace, run, tmp_path / "whole.csv", new) == 0
    assert target.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_what_arrives_is_answered_once_it_is_whole(make_dataset, workspace, tmp_path, monkeypatch):
    """Half a file waits, a torn line is taken off, nothing is answered twice; names that are no text end nothing."""
    monkeypatch.setattr(watching, "POLL_S", 0.01)
    monkeypatch.setattr(watching, "SETTLED_S", 0.05)
    dataset = make_dataset("multi-label")
    run, target = untrained_runs.finished(workspace, dataset), tmp_path / "a.csv"
    paths = brought(dataset, tmp_path / "new", n=3)
    model = inference.load(run)
    asked = work.Asked(run, model, None)
    reading = Reading(run.id, model.task, model.names, 0.5, "default")
    whole = dataset.image_path(5).read_bytes()
    target.touch()  # all that was written to a full disk

    def watched(until: str, then=lambda: None) -> list[str]:
        stop, failed = threading.Event(), []

        def act() -> None:
            try:
                watching.watch(asked, tmp_path / "new", target, reading, stop)
            except Exception as error:
                failed.append(error)

        thread = threading.Thread(target=act)
        thread.start()
        end = time.monotonic() + 30
        while until not in rows(target) and time.monotonic() < end and not failed:
            time.sleep(0.01)
        then()
        stop.set()
        thread.join()
        assert not failed, failed
        return rows(target)

    def rows(path: Path) -> list[str]:
        if not path.exists():
            return []
        return [row[0] for row in list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))[1:]]

    late = tmp_path / "new" / "9\udcff.png"
    late.write_bytes(whole[: len(whole) // 2])
    names = [path.relative_to(tmp_path / "new").as_posix() for path in paths]
    assert watched(names[-1], lambda: time.sleep(0.2)) == names
    late.write_bytes(whole)
    with target.open("ab") as file:
        file.write(b"8.png,torn")
    assert watched(r"9\udcff.png") == [*names, r"9\udcff.png"]
    assert not (tmp_path / ".a.csv.parts").exists()
    expected = page_table(run, [*paths, dataset.image_path(5)], 0.5)
    written = pd.read_csv(target)
    np.testing.assert_allclose(written["ball probability"], expected["ball probability"], atol=1e-4)
