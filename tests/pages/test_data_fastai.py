"""Does the Data page bring in one of fastai's own datasets, and say what is wrong in one sentence?"""

from __future__ import annotations

import pandas as pd
import pytest
from PIL import Image

from tests.pages.conftest import checked, opened
from tests.unit.importing.fastai_server import offer, serving


@pytest.mark.slow
@pytest.mark.usefixtures("warm")
def test_a_dataset_is_downloaded_and_chosen(tmp_path, monkeypatch, workspace):
    """Its name and one button take a visitor to the dataset, read as fastai's lesson reads it."""
    source = tmp_path / "made"
    (source / "train").mkdir(parents=True)
    for number in range(10):
        Image.new("RGB", (20, 20), (number * 20, 0, 0)).save(source / f"train/train_{number}.jpg")
    tags = [(f"train_{number}", ("clear primary", "cloudy")[number % 2]) for number in range(10)]
    pd.DataFrame(tags, columns=["image_name", "tags"]).to_csv(source / "labels.csv", index=False)
    with serving(tmp_path, monkeypatch) as server:
        offer(server, monkeypatch, "PLANET_TINY", source)
        page = opened("data")
        page.selectbox(key="fastai_name").select("PLANET_TINY").run()
        checked(page.button(key="fastai_go").click().run(timeout=200))
        assert workspace.dataset_names() == ["planet_tiny"] and not page.error
        assert page.selectbox(key="dataset").value == "planet_tiny"
        checked(page.button(key="fastai_go").click().run(timeout=200))  # it is there: said before anything is asked for
        assert len(page.error) == 1 and "another name" in page.error[0].value
        assert server.asked == ["/planet_tiny.tgz"]


def test_no_network_is_one_sentence(tmp_path, monkeypatch, workspace):
    """A server that cannot be reached is a sentence on the page, and nothing is left."""
    with serving(tmp_path, monkeypatch) as server:
        offer(server, monkeypatch, "PLANET_TINY", None, port=1)
        page = opened("data")
        page.selectbox(key="fastai_name").select("PLANET_TINY").run()
        checked(page.button(key="fastai_go").click().run(timeout=60))
        assert len(page.error) == 1 and "cannot be fetched" in page.error[0].value.replace("\\", "")
        assert workspace.dataset_names() == []
