"""What tests in a browser share beside the server and the browser of `tests.served_pages`."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page

from benchmarks.page_content import still
from lib.core.workspace import Workspace
from tests.served_pages import ROOT as ROOT
from tests.served_pages import Server as Server


def type_number(page: Page, name: str, value: int) -> None:
    """Type a number and leave the field; Streamlit then runs the page again."""
    field = page.get_by_role("spinbutton", name=name, exact=True)
    field.fill(str(value))
    field.press("Tab")
    still(page)


def in_middle(place: Locator) -> None:
    """Scroll until ``place`` is in the middle, and wait for the end of it: a list closes when the page below scrolls.

    What is typed into, or clicked, out of sight is scrolled to by the browser, and that is told to the page a frame
    later, when the list may be open already.
    """
    place.evaluate(
        """one => {
          one.scrollIntoView({ block: "center", behavior: "instant" })
          return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
        }"""
    )


def sideways(page: Page) -> int:
    """Return by how many pixels the page is wider than the window; not the document scrolls but what is in it."""
    scrolling = "[document.documentElement, document.getElementById('stMain')]"
    return page.evaluate(f"Math.max(...{scrolling}.map((one) => one.scrollWidth - one.clientWidth))")


@pytest.fixture(scope="session")
def once(tmp_path_factory) -> Callable[[Callable[[Workspace], object], Workspace], None]:
    """A function that fills a workspace with what another one made in an empty workspace, once for all tests."""
    filled: dict[Callable[[Workspace], object], Workspace] = {}

    def fill(draw: Callable[[Workspace], object], workspace: Workspace) -> None:
        if draw not in filled:
            filled[draw] = Workspace(tmp_path_factory.mktemp("drawn"))
            draw(filled[draw])
        shutil.copytree(filled[draw].root, workspace.root, dirs_exist_ok=True)

    return fill
