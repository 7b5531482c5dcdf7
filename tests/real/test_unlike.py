"""Real pictures of another kind are told from those of the training, and those of the same kind are not."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.cli import main
from lib.core.workspace import Workspace
from lib.training import runs

pytestmark = pytest.mark.slow


def test_blood_smears_are_unlike_street_pictures(real, real_data, tmp_path):
    """Of all blood smears 95 % are flagged at least; of the street pictures held out 10 % at most, expected are 5 %."""
    workspace = Workspace(real("vehicles").path.parent.parent)
    where = ["--workspace", str(workspace.root)]
    assert main(["train", "vehicles", "--quick", "--size", "128", *where]) == 0
    run = runs.list_runs(workspace)[0]
    flagged = {}
    for name, folder in (("smears", "bccd/JPEGImages"), ("streets", "vehicles/test_data")):
        target = tmp_path / f"{name}.csv"
        assert main(["predict", run.id, str(real_data / folder), "--out", str(target), *where]) == 0
        flagged[name] = pd.read_csv(target)["unlike training"].mean()
    assert flagged["smears"] >= 0.95 and flagged["streets"] <= 0.1
