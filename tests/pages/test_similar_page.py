"""Pictures are ordered by their likeness to one, and filtered by a lasso on their map; both stand in the address."""

from __future__ import annotations

import json
import struct
from urllib.parse import urlsplit

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from lib.core import processes
from lib.datasets import store
from lib.inference.similar import chosen, features, lasso, maps, search
from lib.web.server import routes
from tests import seen_pictures
from tests.pages import data_page
from tests.pages.data_page import LABELS, ROWS, opened, words

saved, targs = data_page.saved, data_page.targs
#: The left half of the map, and a bit.
LEFT = "-1000.-1000_55000.-1000_55000.110000_-1000.110000"


@pytest.fixture
def seen(saved):
    """The dataset, with what a network saw in its pictures and a map of them."""
    dataset, rng = store.load(saved, "mine"), np.random.default_rng(2)
    seen_pictures.put(dataset, rng.normal(size=(ROWS, 16)), rng.uniform(size=(ROWS, 2)).astype(np.float32))
    return dataset


def data_with(page: AppTest, name: str) -> dict:
    """Return what the browser is told by the component that is told ``name``."""
    contents = [json.loads(part.proto.json) for part in page.get("bidi_component") if part.proto.json]
    return next(data for data in contents if name in data)


def test_pictures_like_one_come_first_and_a_chip_takes_that_back(seen):
    """The gallery is in the order of the distances, which stand on the cards, among what the filters leave."""
    rows, apart = search.order(features.read(seen), 7)
    page = opened(like="7", split="train", item="3")
    assert not page.exception
    expected = [row for row in rows.tolist() if row < 20]
    cards = data_with(page, "cards")["cards"]
    assert [card["item"] for card in cards] == expected
    distances = dict(zip(rows.tolist(), apart, strict=True))
    assert all(card["note"].endswith(f"distance {distances[card['item']]:.2f}") for card in cards)
    matrix = data_with(opened(like="7", split="train", view="One-hot matrix"), "csv")
    table = TestClient(Starlette(routes=routes.routes())).get(matrix["csv"]).text.splitlines()
    assert [line.split(",")[0] for line in table[1:]] == [f"folder/picture-{row}.png" for row in expected]
    next(button for button in page.button if button.label.startswith("↕ like")).click().run()
    assert [card["item"] for card in data_with(page, "cards")["cards"]] == list(range(20))
    assert "like" not in page.query_params
    assert "not there" in opened(like="30").warning[0].value


def test_a_lasso_is_a_filter_as_any_other(seen, targs):
    """Inside is what numpy says; the map is told the other filters alone; a lasso of another map is said."""
    shown = maps.read(seen)
    text = lasso.written(shown, LEFT)
    expected = np.flatnonzero((shown.positions[:, 0] < 0.55) & (targs[:, 0] == 1))
    page = opened(lasso=text, has=LABELS[0])
    assert not page.exception
    assert [card["item"] for card in data_with(page, "cards")["cards"]] == expected.tolist()
    assert f"**{len(expected)}** of {ROWS} images" in words(page)
    on_map = data_with(opened(lasso=text, has=LABELS[0], view="Map", color=f"label:{LABELS[0]}"), "lasso")
    assert on_map["lasso"] == text
    client = TestClient(Starlette(routes=routes.routes()))
    positions = client.get(on_map["positions"]).content
    np.testing.assert_array_equal(np.frombuffer(positions[4 + 4 * ROWS :], "<f4").reshape(-1, 2), shown.positions)
    colors = client.get(on_map["colors"]).content
    (length,) = struct.unpack_from("<I", colors)
    codes, passes = np.frombuffer(colors[4 + length :], np.uint8).reshape(2, -1)
    assert codes.tolist() == (1 - targs[:, 0]).tolist()
    assert passes.tolist() == (targs[:, 0] == 1).astype(int).tolist()
    assert client.get(on_map["words"].replace("{row}", "4")).json() == {
        "title": "folder/picture-4.png",
        "split": "train",
    }
    cleared = opened(lasso=text, like="7").button(key="clear-filters").click().run()
    assert not cleared.exception and not {"lasso", "like"} & set(cleared.query_params)
    assert "drawn on another map" in opened(lasso=f"ffffff{text[6:]}").error[0].value
    path = urlsplit(on_map["positions"]).path
    for wrong in (
        "/colors?by=error:x",
        "/colors?by=label:x",
        "/picture?row=30",
        "?key=0",
        "?seen=../x",
        "/colors?lasso=x",
    ):
        assert client.get(path + wrong).status_code == 404, wrong


def test_a_network_looks_first_and_can_be_stopped(saved, monkeypatch):
    """Where nobody looked yet a click asks, the page says how far it is, and Stop withdraws the question."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    dataset = store.load(saved, "mine")
    page = opened(like="7", item="1")
    (start,) = [button for button in page.button if button.label == "Look at the images"]
    start.click().run()
    assert not page.exception
    assert features.question(dataset).state().active
    (stop,) = [button for button in page.button if button.label == "Stop"]
    stop.click().run()
    assert not features.question(dataset).is_wanted
    page = opened(view="Map")
    next(button for button in page.button if button.label == "Make the map").click().run()
    assert maps.question(dataset).is_wanted and features.question(dataset).is_wanted
    assert chosen.row_of(dataset, "29") == 29 and chosen.row_of(dataset, "30") is None
