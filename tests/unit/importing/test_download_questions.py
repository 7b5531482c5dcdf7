"""An invalid download request is left out, and the others are listed."""

from __future__ import annotations

import json

import pytest

from lib.core.questions import requests
from lib.importing.fastai import download

GOOD = {"kind": "fastai", "name": "MNIST_TINY", "url": "https://example.org/mnist_tiny.tgz"}


@pytest.mark.parametrize("content", [json.dumps({**GOOD, "name": 5}), json.dumps(GOOD)[:-9], "[]", "{}", ""])
def test_a_damaged_question_is_not_listed(workspace, content):
    """A page that lists the downloads is drawn without it."""
    folder = download.Downloads.of(workspace).folder / requests.FOLDER
    folder.mkdir(parents=True)
    (folder / f"{'0' * 16}{requests.QUESTION}").write_text(content)
    (folder / f"{'1' * 16}{requests.QUESTION}").write_text(json.dumps(GOOD))
    assert [(one.id, one.name) for one in download.asked(workspace)] == [("1" * 16, "MNIST_TINY")]
