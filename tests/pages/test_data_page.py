"""The Data page imports datasets, shows what they are, and says in one sentence what is wrong."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lib.datasets import deletion
from lib.importing import importer
from lib.web.ui import guard
from tests import unsealed
from tests.pages import data_page
from tests.pages.data_page import LABELS, ROWS, opened, pictures, words

saved, targs = data_page.saved, data_page.targs


def test_filters_leave_the_rows_that_pandas_leaves(saved, targs):
    """Split and labels together leave exactly the images that have them, counted by numpy here."""
    page = opened()
    page.segmented_control(key="split").set_value("train").run()
    page.multiselect(key="has").set_value([LABELS[0], LABELS[2]]).run()
    expected = int(((targs[:20, 0] == 1) & (targs[:20, 2] == 1)).sum())
    assert expected > 0
    assert not page.exception
    assert items(page) == np.flatnonzero((targs[:20, 0] == 1) & (targs[:20, 2] == 1)).tolist()
    assert f"**{expected}** of {ROWS} images" in words(page)
    page.multiselect(key="lacks").set_value([LABELS[1]]).run()
    expected = int((targs[:20] == [1, 0, 1]).all(axis=1).sum())
    assert f"**{expected}** of {ROWS} images" in words(page)


def test_no_label_filter(saved, targs):
    """Images without any label can be looked at on their own, and are not come upon by taking a label back."""
    page = opened(exactly="true")
    expected = int((targs.sum(axis=1) == 0).sum())
    assert f"**{expected}** of {ROWS} images" in words(page)
    next(button for button in page.button if button.label == "no labels").click().run()
    assert not page.exception
    assert f"**{ROWS}** images" in words(page)
    page = opened(exactly="true", has=LABELS[0])
    next(button for button in page.button if button.label.replace("\\", "") == LABELS[0]).click().run()
    assert f"**{ROWS}** images" in words(page)  # without the label "nothing else" says nothing


def test_a_click_takes_one_filter_back(saved, targs):
    """Each filter that is set has a chip, whose click takes it back alone; Clear takes back all; others are said."""
    page = opened(split="train", has=[LABELS[0], "no*ne"], lacks=LABELS[1], order="By file name")
    (warning,) = page.warning
    assert warning.value == "The address asks for the label **no\\*ne**, which mine does not have: it is left out."

    def click(label: str) -> None:
        next(button for button in page.button if button.label.replace("\\", "") == label).click().run()
        assert not page.exception

    click(f"not {LABELS[1]}")
    assert not page.warning
    assert f"**{(targs[:20, 0] == 1).sum()}** of {ROWS} images" in words(page)
    click("train")
    assert f"**{(targs[:, 0] == 1).sum()}** of {ROWS} images" in words(page)
    click("Clear")
    assert f"**{ROWS}** images" in words(page) and page.selectbox(key="order").value == "given"


def test_empty_filter_result_can_be_cleared(saved):
    """Filters that leave nothing say so and are taken back with one click."""
    page = opened()
    page.text_input(key="find").set_value("no such file").run()
    assert "No image passes these filters" in words(page)
    next(button for button in page.button if button.label == "Clear the filters").click().run()
    assert not page.exception
    assert f"**{ROWS}** images" in words(page) and len(items(page)) == 24


def items(page: AppTest) -> list[int]:
    """Return the rows of the pictures that the gallery shows."""
    contents = [json.loads(part.proto.json) for part in page.get("bidi_component") if part.proto.json]
    return [card["item"] for data in contents for card in data.get("cards", [])]


def matrix(page: AppTest) -> dict:
    """Return what the one-hot matrix is told."""
    contents = [json.loads(part.proto.json) for part in page.get("bidi_component") if part.proto.json]
    return next(data for data in contents if "csv" in data)


def test_address_keeps_dataset_view_filter_and_order(saved):
    """A link opens what it was copied from, also an order by a label."""
    order = f"With {LABELS[1]} first"
    page = opened(dataset="mine", split="valid", view="One-hot matrix", order=order, columns="Most frequent first")
    assert not page.exception
    assert page.selectbox(key="dataset").value == "mine"
    shown = matrix(page)
    assert shown["rows"] == 10 and shown["by"] == [1, True]
    asked = parse_qs(urlsplit(shown["url"]).query)
    assert (asked["split"], asked["order"], asked["sort"]) == (["valid"], ["has:1"], ["count"])


def test_matrix_counts_what_is_shown(saved, targs):
    """Each column says on how many of the images shown its label is, and on how many of all."""
    shown = matrix(opened(view="One-hot matrix", split="train"))
    assert [column[1] for column in shown["columns"]] == list(LABELS)
    assert [column[2] for column in shown["columns"]] == (targs[:20] == 1).sum(axis=0).tolist()
    assert [column[4] for column in shown["columns"]] == (targs == 1).sum(axis=0).tolist()


def test_unknown_labels_are_neither_present_nor_absent(saved, targs):
    """A label that nobody knows is neither 1 nor 0: no filter's match, and not in the share of ones."""
    targs[:4, 0] = -1
    np.save(saved.dataset("mine") / "targs.npy", targs)
    unsealed.renew_dataset(saved.dataset("mine"))
    page = opened(view="One-hot matrix")
    assert not page.exception
    ones, known = (targs == 1).sum(), (targs >= 0).sum()
    assert f"Ones: {ones} ({100 * ones / known:.3g} % of the known cells)" in words(page)
    assert matrix(page)["columns"][0][2:4] == [(targs[:, 0] == 1).sum(), 4]
    page.multiselect(key="has").set_value([LABELS[0]]).run()
    assert matrix(page)["rows"] == (targs[:, 0] == 1).sum()
    page.multiselect(key="has").set_value([]).run()
    page.toggle(key="exactly").set_value(True).run()
    assert matrix(page)["rows"] == (targs == 0).all(axis=1).sum() > 0
    for view in ("Images", "Statistics", "Import"):
        assert not opened(view=view).exception


def test_points_have_a_table_of_targets(make_dataset):
    """Where there are no labels the same tab has the numbers, and no filter by label."""
    dataset = make_dataset("keypoints")
    page = opened(dataset="made", view="Target table", split="valid", order="By file name")
    assert not page.exception
    rows = dataset.items["original"][dataset.items["split"] == "valid"].sort_values().index
    shown = page.dataframe[0].value
    np.testing.assert_allclose(shown.to_numpy(), dataset.targs[rows].reshape(10, -1), rtol=1e-6)
    assert [file for file, _ in shown.index] == dataset.items["original"][rows].tolist()
    assert not page.multiselect


def test_page_past_the_end_shows_the_last_state(saved):
    """A page number that no longer exists, as in an old link, shows pictures instead of an error."""
    page = opened(page="99")
    assert not page.exception
    assert items(page) == list(range(24))


def test_import_tab_says_what_was_skipped(saved):
    """What import left out stays readable, with count, sentence and examples, letter for letter."""
    page = opened(view="Import")
    assert "30 other files were ignored" in words(page).replace("\\", "")
    assert "a_b.txt" in [code.value for code in page.code]


def test_gallery_data_is_the_same_on_every_run(saved):
    """The gallery's data does not change between reruns, so that the browser keeps its pictures and its place."""
    page = opened()

    def sent() -> list[str]:
        protos = [part.proto for part in page.get("bidi_component")]
        assert protos
        return [proto.json or str(proto.mixed) for proto in protos]

    first = sent()
    page.run()
    assert sent() == first
    assert LABELS[0] in "".join(first)


def test_delete_removes_the_dataset_and_nothing_else(saved, tmp_path):
    """Deleting leaves no half dataset and does not touch the others."""
    importer.import_dataset(saved, pictures(tmp_path / "other", ["a", "b"]))
    deletion.delete(saved, "mine")
    assert saved.dataset_names() == ["other"]
    assert [path.name for path in saved.datasets.iterdir()] == ["other"]


@pytest.mark.parametrize(
    "text",
    [
        "a*b*c",
        "<img src=x onerror=alert(1)>",
        ":red[x]",
        "$x^2$",
        "`code`",
        "[a](http://b)",
        "www.a.de",
        "PCK@0.1 a@b.de",
    ],
)
def test_escape_leaves_no_markdown(text):
    """Names from a user's data never become formatting: every special letter is escaped, no letter is lost."""
    escaped = guard.escape(text)
    assert escaped.replace("\\", "").replace("\N{WORD JOINER}", "") == text
    assert not re.search(r"https?\\?://|www\\?\.|\w@\w+\\\.\w*[a-z]", escaped)  # of which it would make links
    for index, letter in enumerate(escaped):
        if letter in "*<>[]()`$:":
            assert escaped[index - 1] == "\\"
