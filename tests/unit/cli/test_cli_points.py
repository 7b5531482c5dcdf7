from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from lib.cli import main
from lib.training import events
from tests.pages.conftest import RUN, write_run  # noqa: F401

OTHER = "20260103-030405-abcd"


def test_the_command_line_says_of_each_point_what_numpy_says(make_dataset, write_run, workspace, capsys):  # noqa: F811
    """Per point and together, normalized, beside the mean shape, and which of two runs is better."""
    dataset = make_dataset("keypoints")
    arrays = load_file(write_run(dataset) / events.PREDS)
    folder = write_run(dataset, run=OTHER)
    better = {**arrays, "valid.preds": arrays["valid.targs"] + np.float32(0.01)}
    save_file(better, folder / events.PREDS)
    where = ["--workspace", str(workspace.root)]
    assert main(["points", RUN, "--norm", "diagonal", "--limit", "4", "--against", OTHER, "--json", *where]) == 0
    printed = json.loads(capsys.readouterr().out)
    diagonal = np.hypot(48, 40) / 100
    off, base = (
        np.linalg.norm(arrays[f"valid.{name}"].astype(float) - arrays["valid.targs"], axis=-1) / diagonal
        for name in ("preds", "baseline")
    )
    assert printed["all"]["model"]["mean"] == pytest.approx(off.mean())
    assert printed["all"]["model"]["pck"] == pytest.approx((off <= 4).mean())
    assert printed["all"]["model"]["failure_rate"] == pytest.approx((off.mean(axis=1) > 4).mean())
    assert printed["all"]["mean_shape"]["mean"] == pytest.approx(base.mean())
    for k, one in enumerate(printed["points"]):
        assert one["point"] == dataset.names[k]
        assert one["mean"] == pytest.approx(off[:, k].mean()) and one["mean_shape"] == pytest.approx(base[:, k].mean())
        assert one["median"] == pytest.approx(np.median(off[:, k])) and one["largest"] == pytest.approx(off[:, k].max())
    assert printed["against"]["better"] == OTHER and printed["against"]["images"] == 10
    assert printed["against"]["difference"] == pytest.approx(off.mean() - np.hypot(0.01, 0.01) / diagonal, rel=1e-4)
    assert main(["points", RUN, *where]) == 0
    assert "nose" in capsys.readouterr().out


def test_what_cannot_be_asked_is_a_sentence(make_dataset, write_run, workspace, capsys):  # noqa: F811
    """A run without points, a norm that is none and a limit of nothing are refused with what to do."""
    write_run(make_dataset("regression", name="numbers"))
    write_run(make_dataset("keypoints"), run=OTHER)
    for asked in ([RUN], [OTHER, "--norm", "nose"], [OTHER, "--limit", "0"], [OTHER, "--against", RUN]):
        assert main(["points", *asked, "--workspace", str(workspace.root)]) == 2
        assert "choose" in (refusal := capsys.readouterr().err) or "expected" in refusal
