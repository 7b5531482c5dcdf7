"""What a page looks like beyond Streamlit's own: its frame, the order of columns where it is narrow."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.web.components.focus import focus

#: What is chosen is read as easily as what is not, by its weight and border, in light and dark; what stands below a
#: number goes on in a second line; a line runs below the header while the server works; where it is narrow the menu at
#: the right of the logo has no width that it does not fill. Content begins right below the navigation. In the line of
#: what is chosen the run gives way first; narrower, the kind of task and words on buttons go, then the dataset and the
#: run have a line of their own. Numbers come after the picture below them, which stays where it is. Tables are not
#: saved by Streamlit's own button: it writes names that a spreadsheet would compute. The keyboard finds no links in the
#: menu at the side while that is folded away.
_FRAME = """<style>
[data-testid="stButtonGroup"] button[data-selected="true"] { color: inherit !important }
[data-testid="stButtonGroup"] button[data-selected="true"] p { font-weight: 600 }
[data-testid="stTabs"] [role="tab"][aria-selected="true"] { color: inherit !important }
[data-testid="stTabs"] [role="tab"][aria-selected="true"] p { font-weight: 600 }
[data-testid="stMetricDelta"], [data-testid="stMetricDelta"] * { white-space: normal !important }
[data-testid="stElementToolbarButton"]:has([aria-label="Download as CSV"]) { display: none }
[data-testid="stMainBlockContainer"] { padding: 4rem 2.5rem }
[data-testid="stHeader"] :is(a, button):focus-visible,
[data-testid="stSidebarNavLink"]:focus-visible, [data-testid="stPageLink-NavLink"]:focus-visible,
[data-testid="stSelectbox"] [role="group"]:has(:focus-visible) { outline: 2px solid !important; outline-offset: 1px }
[data-testid="stSidebar"][data-collapsed="true"] { visibility: hidden }
.st-key-keyboard, .st-key-history, .st-key-plotly { position: absolute; width: 0 !important }
[data-test-script-state="running"] [data-testid="stHeader"]::after { content: ""; position: absolute; inset: auto 0 0 0;
  height: 2px; opacity: 0; pointer-events: none; animation: busy-shown 0s 0.15s forwards, busy 1.2s linear infinite;
  background: linear-gradient(90deg, transparent, light-dark(#0B6E75, #5CC9C8), transparent) 0 / 40% no-repeat }
@keyframes busy-shown { to { opacity: 1 } }
@keyframes busy { from { background-position-x: -70% } to { background-position-x: 170% } }
@media (prefers-reduced-motion: reduce) {
  [data-test-script-state="running"] [data-testid="stHeader"]::after { animation: busy-shown 0s 0.15s forwards;
    background-size: 100% }
}
.skip-to-picture { position: fixed; left: 0.5rem; top: -9rem; z-index: 1000001; padding: 0.6rem 1rem;
  border-radius: 0.5rem; outline: 2px solid; outline-offset: 2px; background: light-dark(#fff, #111);
  color: light-dark(#111, #fff) !important }
.skip-to-picture:focus { top: 0.5rem }
[data-testid="stElementContainer"][tabindex="-1"]:focus-visible { outline: 2px solid; outline-offset: 2px }
:has(> .st-key-view-line) { margin-bottom: -0.5rem }
.st-key-headline { min-height: 1.75rem }
.st-key-frame { flex-wrap: nowrap }
.st-key-frame > :has(> .st-key-frame-dataset) { flex: 0 1 220px; width: 220px; min-width: 110px }
.st-key-frame > :has(> .st-key-frame-run) { flex: 0 2 400px; width: 400px; min-width: 140px }
.st-key-frame-dataset, .st-key-frame-run { width: 100% }
.st-key-frame > [data-testid="stElementContainer"]:has([data-testid="stMarkdown"]) { flex: none; white-space: nowrap }
.st-key-frame > .st-key-add { margin-left: auto }
.st-key-frame-more [data-testid="stPopoverButton"] > div > [aria-hidden] { display: none }
.st-key-edits button { padding: 0 0.6rem; min-height: 2.5rem }
.st-key-edits button [data-testid="stMarkdownContainer"],
.st-key-frame-more button [data-testid="stMarkdownContainer"] { position: absolute; clip-path: inset(50%) }
body:has(.st-key-frame [aria-expanded="true"]) [data-testid="stSelectboxVirtualDropdown"] { min-width: 34rem }
@media (max-width: 640px) {
  .st-key-train-choices:has([data-testid="stPopoverButton"][aria-expanded="true"]) { padding-bottom: 22rem }
}
@media (max-width: 1100px) {
  .st-key-frame .stMarkdownBadge { display: none !important }
  .st-key-add button [data-testid="stMarkdownContainer"] { position: absolute; clip-path: inset(50%) }
}
@media (max-width: 900px) {
  .st-key-frame { flex-wrap: wrap }
  .st-key-frame > :has(> .st-key-frame-dataset), .st-key-frame > :has(> .st-key-frame-run) { flex: 1 1 40% }
}
@media (max-width: 640px) {
  [data-testid="stMainBlockContainer"] { padding: 4rem 1rem 3rem }
  body:has(.st-key-frame [aria-expanded="true"]) [data-testid="stSelectboxVirtualDropdown"] {
    left: 0 !important; min-width: calc(100vw - 2rem)
  }
  .st-key-frame { gap: 0.5rem }
  .st-key-frame:not(:has(.st-key-frame-run .stSelectbox)) > :has(> .st-key-frame-dataset) { flex-basis: 36% }
  .st-key-frame .stMarkdownColoredText,
  .st-key-frame:has(.st-key-edits) > [data-testid="stElementContainer"]:has(.stMarkdownBadge) {
    display: none !important
  }
  [data-testid="stToolbar"] > div > div:last-child { flex: 1 1 0; min-width: 0; width: auto; justify-content: flex-end }
}
</style>"""

#: What takes the focus in a container where a button of it is gone: what was done can be undone at once.
_INSTEAD = {"bulk": "bulk-undo"}


def frame() -> None:
    """Style what is around every page and in all of them, and let the keyboard find its way."""
    st.html(_FRAME)
    focus(_INSTEAD, key="keyboard")


#: Widths of what stands side by side in `opening`: of three columns of pictures, and of a chart.
WIDE, BESIDE = 13, 12


def last_first_where_narrow(key: str) -> DeltaGenerator:
    """Return a container whose parts are shown last first where the page is narrow, to the keyboard as well."""
    order = "flex-direction: column-reverse; reading-flow: flex-visual"
    st.html(f"<style>@media (max-width: 640px) {{ .st-key-{key} {{ {order} }} }}</style>")
    return st.container(key=key)


def opening(key: str, widths: Sequence[int]) -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """Return three containers: a line of numbers and, below it, a picture on the left and another one on the right.

    Where it is narrow the left picture comes first, then the line, then the other picture. ``widths`` are those of the
    two pictures against each other: at `WIDE` the gallery has three columns, at `BESIDE` a chart has room.
    """
    line, left_key, right_key = (f"{key}-{part}" for part in ("line", "left", "right"))
    columns = " ".join(f"minmax(0, {width}fr)" for width in widths)
    # The page has them as the keyboard goes where it is narrow; where it is wide, reading-flow says how.
    st.html(
        f"<style>.st-key-{line} strong {{ white-space: nowrap }} "  # a number and its unit stay together
        f".st-key-{key} {{ display: grid; grid-template-columns: minmax(0, 1fr); align-items: start }} "
        "@media (min-width: 640.02px) { "
        f".st-key-{key} {{ grid-template-columns: {columns}; reading-flow: grid-rows }} "
        f".st-key-{key} > :has(> .st-key-{line}) {{ grid-area: 1 / 1 / auto / -1 }} "
        f".st-key-{key} > :has(> .st-key-{left_key}) {{ grid-area: 2 / 1 }} "
        "} @media (max-width: 640px) { "
        f".st-key-{line} > :first-child {{ flex: 1 0 100% }} "
        "}</style>"
    )
    with st.container(key=key):
        left = st.container(key=left_key)
        above = st.container(horizontal=True, vertical_alignment="center", key=line)
        right = st.container(key=right_key)
    return above, left, right
