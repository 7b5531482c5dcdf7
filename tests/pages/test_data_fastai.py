"""The Data page imports one of fastai's own datasets, whatever else is clicked, and says what is wrong."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from safetensors.numpy import save
from streamlit.testing.v1 import AppTest

from lib.core import processes
from lib.core.questions import requests
from lib.importing.fastai import download
from tests.pages.conftest import ROOT, checked, opened
from tests.unit.importing.fastai_server import held, offer, serving, slowly

pytestmark = pytest.mark.usefixtures("warm")


@pytest.fixture
def planet_tiny(tmp_path) -> Path:
    """Return a look-alike of PLANET_TINY: ten pictures and their table."""
    source = tmp_path / "made"
    (source / "train").mkdir(parents=True)
    for number in range(10):
        Image.new("RGB", (20, 20), (number * 20, 0, 0)).save(source / f"train/train_{number}.jpg")
    tags = [(f"train_{number}", ("clear primary", "cloudy")[number % 2]) for number in range(10)]
    pd.DataFrame(tags, columns=["image_name", "tags"]).to_csv(source / "labels.csv", index=False)
    return source


@pytest.fixture
def server(tmp_path, monkeypatch) -> Iterator:
    """A server on this computer that takes the place of fastai's."""
    with serving(tmp_path, monkeypatch) as server:
        yield server


@pytest.fixture
def download_processes() -> Iterator[list]:
    """Processes of downloads, the last one last; what is left at the end is killed."""
    before = list(processes._started)

    def started() -> list:
        new = [one for one in processes._started if one not in before]
        return [one for one in new if "lib.importing.fastai.download_worker" in one.args]

    yield started
    for process in started():
        process.terminate()
        process.wait()


def drawn_until(page, true: Callable[[], bool], seconds: float = 60):
    """Draw the page again and again, as its fragment does, until something is true of it."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, [element.value for element in page.error]
        time.sleep(0.2)
        checked(page.run(timeout=60))
    return page


def clicked(page):
    """Ask for PLANET_TINY, in the form of the page that has no dataset or in that over the page."""
    if not any(one.key == "fastai_name" for one in page.selectbox):
        page.button(key="add").click().run()
    page.selectbox(key="fastai_name").select("PLANET_TINY").run()
    return checked(page.button(key="fastai_go").click().run())


def stops(page) -> list:
    """Return the buttons that stop a download."""
    return [button for button in page.button if button.key.startswith("fastai-stop-")]


def errors(page) -> list[str]:
    """Return what is said to be wrong, without the backslashes of Markdown."""
    return [element.value.replace("\\", "") for element in page.error]


def toasts(page) -> list[str]:
    """Return what is said for a moment, without the backslashes of Markdown."""
    return [element.value.replace("\\", "") for element in page.toast]


@pytest.mark.slow
def test_a_download_goes_on_whatever_is_clicked(server, monkeypatch, workspace, planet_tiny, download_processes):
    """One button; another button, another page, a new visit: the dataset comes, read as its lesson does."""
    free = held(monkeypatch)
    offer(server, monkeypatch, "PLANET_TINY", planet_tiny)
    page = clicked(opened("data"))
    assert len(stops(page)) == 1 and not page.error
    checked(page.button(key="sample-shapes").click().run(timeout=200))  # another button
    checked(page.switch_page(str(ROOT / "pages/train.py")).run())
    visit = clicked(opened("data"))  # as after a reload; asked for once more, it just goes on
    assert len(stops(visit)) == 1 and not visit.error
    assert len(download_processes()) == 1
    free.set()
    page = checked(page.switch_page(str(ROOT / "pages/data.py")).run())
    drawn_until(page, lambda: not download.asked(workspace))
    assert page.selectbox(key="dataset").value == "planet_tiny" and not page.error
    assert toasts(page) == ["planet_tiny was added with 10 images and is chosen."]
    assert server.asked == ["/planet_tiny.tgz"]
    clicked(page)  # it is there: said before anything is asked for
    assert len(page.error) == 1 and "another name" in page.error[0].value
    assert server.asked == ["/planet_tiny.tgz"] and not download.asked(workspace)


def test_what_came_while_nobody_looked_is_announced_and_not_chosen(workspace, make_dataset, monkeypatch):
    """A visitor who did not wait for it keeps what he has chosen."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    question = download.start(workspace, "PLANET_TINY")
    make_dataset("multi-label", name="planet_tiny", n=24)
    make_dataset("regression", name="other", n=24)
    question.path(requests.ANSWER).write_bytes(save({"images": np.array([24])}))
    page = AppTest.from_file(str(ROOT / "lib/web/ui/router.py"), default_timeout=60)
    page.query_params["dataset"] = "other"
    assert toasts(checked(page.run())) == ["planet_tiny was added with 24 images."]
    assert page.selectbox(key="dataset").value == "other" and not page.error
    assert not checked(page.run()).toast and not download.asked(workspace)


@pytest.mark.slow
def test_a_download_is_stopped(server, monkeypatch, workspace, tmp_path, download_processes):
    """One button: the server is left soon, nothing stays, and it can be asked for again."""
    left = slowly(monkeypatch)
    offer(server, monkeypatch, "PLANET_TINY", None)
    page = clicked(opened("data"))
    (question,) = download.asked(workspace)
    drawn_until(page, lambda: question.state().message == "Downloading (MB)")
    checked(stops(page)[0].click().run())
    checked(page.run())
    assert not stops(page) and not page.error
    assert left.wait(20)
    (process,) = download_processes()
    assert process.wait(30) == 0
    assert not list((tmp_path / "fastai").rglob("*.part")) and workspace.dataset_names() == []
    assert len(stops(clicked(page))) == 1


@pytest.mark.slow
def test_a_download_that_was_killed_is_said(server, monkeypatch, workspace, tmp_path, download_processes):
    """With -9 in the middle: one sentence with its log and a button to try again, and no process is left behind."""
    left = slowly(monkeypatch)
    offer(server, monkeypatch, "PLANET_TINY", None)
    page = clicked(opened("data"))
    (question,) = download.asked(workspace)
    drawn_until(page, lambda: question.state().message == "Downloading (MB)")
    (process,) = download_processes()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert left.wait(20)  # what fetched for it has ended as well
    drawn_until(page, lambda: bool(page.error))
    assert "The download of PLANET_TINY crashed" in errors(page)[0] and "worker.log" in errors(page)[0]
    again = next(button for button in page.button if button.key.startswith("fastai-again-"))
    assert len(stops(checked(again.click().run()))) == 1
    assert not page.error


@pytest.mark.slow
def test_no_network_is_one_sentence(server, monkeypatch, workspace):
    """A server that cannot be reached is a sentence on the page until it is dismissed, and nothing is left."""
    offer(server, monkeypatch, "PLANET_TINY", None, port=1)
    page = clicked(opened("data"))
    drawn_until(page, lambda: bool(page.error))
    assert len(page.error) == 1 and "cannot be fetched" in errors(page)[0] and "connection" in errors(page)[0]
    assert len(checked(page.run()).error) == 1  # it stays
    dismiss = next(button for button in page.button if button.key.startswith("fastai-dismiss-"))
    assert not checked(dismiss.click().run()).error
    assert workspace.dataset_names() == [] and not download.asked(workspace)
