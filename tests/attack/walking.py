"""A walk through everything that the app shows: it finds pages, tabs, sections, dialogs and downloads by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, TimeoutError, expect

from benchmarks.page_content import begin

#: All that chooses a view: a tab, or a section in the line of its tab.
_CHOOSERS = "[data-testid=stMain] :is([role=tab], [class*=st-key-][class*=-section-] [role=radio])"
#: Those that can be clicked: place among all, words, whether chosen, and the place of the first of its group.
_VIEWS = f"""() => {{
  const choosers = [...document.querySelectorAll(`{_CHOOSERS}`)]
  const group = (one) => one.closest("[role=tablist], [role=radiogroup]")
  return choosers.flatMap((one, place) => {{
    if (!one.checkVisibility()) return []
    const chosen = (one.getAttribute("aria-selected") ?? one.getAttribute("aria-checked")) === "true"
    const first = choosers.findIndex((other) => group(other) === group(one))
    return [{{ place, words: one.innerText.trim(), chosen, first }}]
  }})
}}"""
_RUNS = """() => {
  const app = document.querySelector("[data-testid=stApp]")
  const busy = app?.dataset.testScriptState !== "notRunning" || document.querySelector("[data-testid=stSkeleton]")
  const nothingRan = performance.now() - window.began > 3000 // as of a click on what is chosen already
  if (busy || (window.hasRun === false && !nothingRan)) window.quietSince = undefined
  else window.quietSince ??= performance.now()
  return performance.now() - window.quietSince > 60
}"""
#: What opens in place, with what is shown then: lists, what is folded into a button, and dialogs.
_FOLDED = "details:not([open]) > summary"
_OPENS = {
    "[data-testid=stMain] [data-testid=stPopoverButton]": "[data-testid=stPopoverBody]",
    "[data-testid=stMain] :is([data-testid=stSelectbox], [data-testid=stMultiSelect]) input": "[role=listbox]",
    "[data-testid=stMain] .st-key-add button": "[role=dialog]",
    "[data-testid=stMain] button:has-text('\N{HORIZONTAL ELLIPSIS}')": "[role=dialog]",
    ".gallery .card .opener": "[role=dialog], dialog[open]",
}
_SAVES, _LINKS = "[data-testid=stDownloadButton] button", "a[href*='/api/']"


@dataclass
class Walk:
    """Somebody who looks at everything once.

    Attributes
    ----------
    page : Page
    look : callable
        Called with where it is, wherever something new is shown.
    about : str
        What kind of dataset is shown: its pictures, tables and downloads are opened again for another kind.
    views : list of str
        Where it was.
    downloads : dict of str to bytes
        What could be saved, by file name.
    opened : set of str
        What was opened already, also by walks before, and is not opened again.
    """

    page: Page
    look: Callable[[str], None]
    about: str = ""
    views: list[str] = field(default_factory=list)
    downloads: dict[str, bytes] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)

    def pages(self) -> list[str]:
        """Return the paths of all pages, as the app's own navigation has them."""
        links = self.page.get_by_test_id("stTopNavLink")
        links.first.wait_for()
        return links.evaluate_all("links => links.map((link) => new URL(link.href).pathname)")

    def through(self, where: str) -> None:
        """Look at all views of the page that is shown, the innermost first."""
        seen: set[tuple[str, ...]] = set()
        self.see(where)
        while True:
            chosen: dict[int, str] = {}
            ways = {}
            views = self.page.evaluate(_VIEWS)
            for one in views:
                if one["chosen"]:
                    chosen[one["first"]] = one["words"]
            for one in views:
                above = [words for first, words in chosen.items() if first < one["first"]]
                ways[one["place"]] = (*above, one["words"])
                if one["chosen"]:
                    seen.add(ways[one["place"]])
            new = [place for place, way in ways.items() if way not in seen]
            if not new:
                return
            seen.add(ways[new[-1]])
            begin(self.page)
            self.page.locator(_CHOOSERS).nth(new[-1]).click()
            self.see(f"{where}: {' > '.join(ways[new[-1]])}")

    def see(self, where: str) -> None:
        """Look at the view that is shown, and at all that opens in it."""
        quiet(self.page)
        self.views.append(where)
        self.unfold()
        self.look(where)
        for selector, content in _OPENS.items():
            for control in self._new(selector):
                self._open(control, where, content)
        for button in self._new(_SAVES):
            with self.page.expect_download() as saved:
                button.click()
            self.downloads[saved.value.suggested_filename] = saved.value.path().read_bytes()
        for href in self.page.locator(_LINKS).evaluate_all("links => links.map((link) => link.href)"):
            if (key := self.about + href) not in self.opened:
                self.opened.add(key)
                answer = self.page.request.get(href)
                name = re.fullmatch('attachment; filename="([^"]+)"', answer.headers["content-disposition"])
                assert answer.ok and name, (href, answer.headers)
                self.downloads[name[1]] = answer.body()

    def unfold(self) -> None:
        """Open all that is folded."""
        if self.page.locator(_FOLDED).evaluate_all("all => all.map((one) => one.click())"):
            quiet(self.page)

    def _new(self, selector: str) -> list[Locator]:
        """Return what was not opened yet, by its name: of a gallery's pictures the first of a page."""
        new = []
        for one in self.page.locator(selector).all():
            name = "" if "gallery" in selector else one.get_attribute("aria-label") or one.inner_text()
            shared = name and selector in _OPENS  # a list or dialog of one name is the same for all kinds
            key = f"{selector} {name} {'' if shared else self.about + urlsplit(self.page.url).path}"
            if key not in self.opened and one.is_visible() and one.is_enabled():
                self.opened.add(key)
                new.append(one)
        return new

    def _open(self, control: Locator, where: str, content: str) -> None:
        shown = self.page.locator(content).locator("visible=true")
        for left in reversed(range(5)):
            control.click()
            try:
                shown.first.wait_for(timeout=3000 if left else 30_000)
                break
            except TimeoutError:  # it closes when the page below it is drawn anew
                if not left:
                    raise
        quiet(self.page)
        self.look(f"{where}, opened {content}")
        self.page.keyboard.press("Escape")
        expect(shown).to_have_count(0)


def quiet(page: Page) -> None:
    """Wait until the page's script has run."""
    page.evaluate("delete window.quietSince")
    page.wait_for_function(_RUNS, polling=20, timeout=60_000)
