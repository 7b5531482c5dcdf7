"""What a page shows first, as the browser sees it: its first picture, the tab stops before it, when it is there."""

from __future__ import annotations

from playwright.sync_api import JSHandle, Page

#: A picture is an image, a chart or a drawing that is large enough to see something in. ``firstPicture()`` returns the
#: topmost one of the page's body that is loaded, undefined while there is none.
_FIRST = """() => {
  const SMALLEST = 48
  const pictures = (root) => [...root.querySelectorAll("*")].flatMap((one) => [
    ...(one.matches("img, canvas, svg") ? [one] : []),
    ...(one.shadowRoot ? pictures(one.shadowRoot) : []),
  ])
  const shown = (one) => {
    const { x, y, width, height } = one.getBoundingClientRect()
    const isThere = x + width > 0 && y + height > 0 && width >= SMALLEST && height >= SMALLEST
    return isThere && one.checkVisibility({ opacityProperty: true })
  }
  const loaded = (one) => one.tagName !== "IMG" || (one.complete && one.naturalWidth > 0)
  const figures = (root) => [...root.querySelectorAll("*")].flatMap((one) => [
    ...(one.matches("[role=figure]") ? [one] : []),
    ...(one.shadowRoot ? figures(one.shadowRoot) : []),
  ])
  window.chartsAreDrawn = () => figures(document).every((one) =>
    one.matches(".js-plotly-plot") || one.getBoundingClientRect().top > innerHeight)
  window.firstPicture = () => {
    const body = document.querySelector("[data-testid=stMainBlockContainer]")
    const top = (one) => one.getBoundingClientRect().top
    return body && pictures(body).filter((one) => shown(one) && loaded(one)).sort((a, b) => top(a) - top(b))[0]
  }
  const outermost = (one) => (one.getRootNode() instanceof ShadowRoot ? outermost(one.getRootNode().host) : one)
  window.content = () => outermost(window.firstPicture()).closest("[data-testid=stElementContainer]")
  window.hasFocus = (content) => {
    const active = document.activeElement
    return content.contains(active) || !!(content.compareDocumentPosition(active) & Node.DOCUMENT_POSITION_FOLLOWING)
  }
}"""
_TOP = """() => {
  const main = document.querySelector("[data-testid=stMain]")
  return firstPicture().getBoundingClientRect().top + main.scrollTop
}"""
#: Resolves with the ms since the page was asked for when its first picture is there.
_READY = """() => window.firstPicture?.() && performance.now()"""
#: Counts from now on, and notes that the script runs: for a moment after a click it does not yet. ``firstSign`` becomes
#: the ms from the click until something shows that it was taken: what was chosen is marked, or the line below the
#: header runs, 150 ms after the script began.
_BEGIN = """() => {
  const app = document.querySelector("[data-testid=stApp]")
  window.began = performance.now()
  window.hasRun = false
  window.firstSign = null
  let pressed = window.began
  addEventListener("pointerdown", () => { pressed = performance.now() }, { capture: true, once: true })
  // A run that began and ended while the browser was busy is seen by what it brought only.
  const ELEMENT = "[data-testid=stElementContainer]"
  const isElement = (node) => node instanceof Element && (node.matches(ELEMENT) || node.querySelector(ELEMENT) !== null)
  const sign = (after) => { window.firstSign ??= performance.now() - pressed + after }
  window.runs?.disconnect()
  window.runs = new MutationObserver((records) => {
    const running = app.dataset.testScriptState === "running"
    if (records.some((one) => one.type === "attributes" && one.target !== app)) sign(0)
    else if (running) sign(150)
    window.hasRun ||= running || records.some((one) => [...one.addedNodes].some(isElement))
  })
  window.runs.observe(app, { subtree: true, childList: true,
    attributeFilter: ["data-test-script-state", "aria-selected", "aria-checked", "aria-current", "aria-expanded"] })
}"""
#: The script has run and nothing has moved or come for 250 ms; the ms from `_BEGIN` until then.
_STILL = """() => {
  const app = document.querySelector("[data-testid=stApp]")
  const boxes = [...document.querySelectorAll("[data-testid=stElementContainer]")].map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect()
    return [x, y, width, height]
  })
  const now = app?.dataset.testScriptState + JSON.stringify(boxes)
  if (window.stillSince?.now !== now) window.stillSince = { now, time: performance.now() }
  const { time } = window.stillSince
  const over = window.hasRun !== false && app?.dataset.testScriptState === "notRunning"
  return over && performance.now() - time > 250 && { ms: time - (window.began ?? 0) }
}"""
#: Without a focus the browser goes on from where the last one was: a focus in the first element, then none.
_FROM_THE_TOP = """() => {
  const first = document.createElement("span")
  first.tabIndex = -1
  document.body.prepend(first)
  first.focus()
  first.remove()
}"""
_MOST_STOPS = 80


def watch(page: Page) -> None:
    """Let every document that ``page`` opens know its first picture; called once, before it is opened."""
    page.add_init_script(f"({_FIRST})()")


def ms_to_content(page: Page, url: str) -> float:
    """Open ``url`` and return the ms until the first picture of it is there."""
    page.goto(url, wait_until="commit")
    return float(page.wait_for_function(_READY, polling="raf", timeout=60_000).json_value())


def still(page: Page) -> float:
    """Wait until the page stands still; return the ms from `begin`, else from the page's beginning, until it did."""
    page.evaluate("delete window.stillSince")
    return float(page.wait_for_function(_STILL, polling=20, timeout=60_000).json_value()["ms"])


def begin(page: Page) -> None:
    """Let `still` count from now on."""
    page.evaluate(_BEGIN)


def first_sign(page: Page) -> float:
    """Return the ms from the click after `begin` until something showed that it was taken."""
    return float(page.wait_for_function("() => window.firstSign").json_value())


def picture_top(page: Page) -> float:
    """Return where the first picture begins, in CSS pixels from the top of the page, once its charts are drawn."""
    page.wait_for_function("() => window.chartsAreDrawn()")
    return float(page.evaluate(_TOP))


def stops_before_content(page: Page) -> int:
    """Return how many things the Tab key stops at before the first picture's component, or what follows it."""
    content = _content(page)
    for stops in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("content => window.hasFocus(content)", content):
            return stops
    raise AssertionError(f"{_MOST_STOPS} tab stops and the content of {page.url} does not have the focus")


def stops_by_skip_link(page: Page) -> int:
    """Return how many things the Tab key stops at before the first picture for who takes the link that skips to it."""
    content = _content(page)
    for stops in range(1, _MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.skip-to-picture')"):
            page.keyboard.press("Enter")
            if page.evaluate("content => content.contains(document.activeElement)", content):
                return stops
            raise AssertionError(f"The link of {page.url} does not lead to its picture")
    raise AssertionError(f"{_MOST_STOPS} tab stops and none of {page.url} skips to its picture")


def _content(page: Page) -> JSHandle:
    """Return the first picture's component, and let the next Tab begin at the page's top."""
    page.wait_for_function("() => window.firstPicture()")
    page.evaluate(_FROM_THE_TOP)
    return page.evaluate_handle("window.content()")  # once: what is drawn anew is not there for a moment
