"""Pictures that are unlike those of the training are flagged, and few of those that are like them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib.core import checksums, digests, files, tensor_files
from lib.inference.many import reference
from lib.metrics import unlike
from lib.training.learner import inference, seen
from tests import untrained_runs
from tests.worker.many_pictures import brought, out

pytestmark = pytest.mark.slow


def test_what_is_unlike_the_training_is_flagged(make_dataset, workspace, tmp_path, monkeypatch):
    """Distances are those of the mean features, computed anew; above the validation images' quantile is unlike."""
    monkeypatch.setattr(unlike, "FALSE_ALARMS", 0.2)
    dataset = make_dataset("multi-label")
    run = untrained_runs.finished(workspace, dataset)
    paths = brought(dataset, tmp_path / "new", n=6)
    Image.new("RGB", (48, 40), "white").save(tmp_path / "new" / "zz.png")
    assert out(workspace, run, tmp_path / "a.csv", tmp_path / "new") == 0
    model = inference.load(run)

    def features(paths: list[Path]) -> np.ndarray:
        maps = model.net[0](model.batch([Image.open(path).convert("RGB") for path in paths])).detach().numpy()
        means = maps.reshape(*maps.shape[:2], -1).mean(axis=2).astype(np.float64)
        return means / np.linalg.norm(means, axis=1, keepdims=True)

    train, valid = (features([dataset.image_path(row) for row in dataset.index(s)]) for s in ("train", "valid"))
    new = features([*paths, tmp_path / "new" / "zz.png"])
    tenth = [np.sort(np.linalg.norm(one[:, None] - train, axis=2), axis=1)[:, 9] for one in (valid, new)]
    boundary = np.sort(tenth[0])[8]  # of 10: ceil(11 * 0.8)
    table = pd.read_csv(tmp_path / "a.csv")
    np.testing.assert_allclose(table["distance"], tenth[1], atol=1e-4)
    assert table["unlike training"].tolist() == (tenth[1] > boundary).astype(int).tolist()
    assert table["unlike training"].tolist()[-1] == 1
    kept = reference.of(run, model, lambda *_: pytest.fail("it is kept"))
    assert isinstance(kept, reference.Reference)
    path = run.folder / reference.FILE
    arrays = dict(tensor_files.read(path, run.id))
    for name, other in (("train", arrays["train"][:, :3]), ("valid", arrays["valid"].ravel()), ("more", np.ones(1))):
        files.write_atomic(path, tensor_files.pack({**arrays, name: other}, checksums.name_of(path, run.id)))
        tell = Mock()
        np.testing.assert_array_equal(reference.of(run, model, tell).features, kept.features)
        assert tell.called, name  # computed anew
    rows = dataset.index("train").tolist()
    assert len(seen.of_dataset(model, dataset, rows)) == len(rows)
    hashes = [digests.of(dataset.image_path(row).read_bytes()) for row in range(len(dataset))]
    changed = replace(dataset, items=dataset.items.assign(digest=hashes))
    Image.new("RGB", (48, 40)).save(dataset.image_path(rows[0]))
    assert len(seen.of_dataset(model, changed, rows)) == len(rows) - 1


def test_false_alarms_are_as_rare_as_is_said():
    """Over many draws, pictures like the validation images are above the boundary in 5 % of cases at most."""
    rng, alarms = np.random.default_rng(0), []
    for _ in range(2000):
        drawn = rng.exponential(size=60)
        alarms.append((rng.exponential(size=50) > unlike.boundary(drawn)).mean())
    assert 0.03 < np.mean(alarms) <= 0.052
