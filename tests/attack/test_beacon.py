"""Nothing in the app calls out, runs a script or shows markup, whatever things that came from elsewhere are called."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from google.protobuf.message import Message
from PIL import Image
from playwright.sync_api import Page
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from lib.web.ui import address
from tests.attack import sent
from tests.attack.hostile_names import RAW, TOKEN, Beacon, add_runs, names, short, spoil
from tests.attack.walking import Walk, quiet

#: Where the app may send a name as it is, because it is shown letter for letter there: lists, fields, code, heads of
#: tables, and what the app's own components set as text. All else is read as Markdown.
LITERAL = {
    ".delta.new_element.bidi_component.json",
    ".delta.new_element.code.code_text",
    ".delta.new_element.multiselect.options",
    ".delta.new_element.selectbox.options",
    ".delta.new_element.selectbox.raw_value",
    ".delta.new_element.text_input.value",
    ".navigation.app_pages.url_pathname",  # the address
    ".new_session.app_pages.page_name",
    ".new_session.app_pages.url_pathname",
}
#: Of a table's columns what is said of them, in tooltips, is Markdown.
_COLUMNS = ".delta.new_element.dataframe.columns"
#: What on the page would call the host or run something, and texts that are not as the name is, in a few words each.
_FAULTS = r"""(host) => {
  const shown = /^(title|alt|value|placeholder|content|data|class|d|id|name|for|key|aria-.*|data-.*)$/
  const asNamed = /zq(?! (!\[b\]\(|<svg onload|\$x\$ \*\*b|:smile: <a)|.{0,12}$|.{0,12}…)/g
  const faults = []
  const visit = (node) => {
    if (node.nodeType === Node.TEXT_NODE && !["STYLE", "SCRIPT"].includes(node.parentElement?.tagName)) {
      const box = node.parentElement?.closest("[data-testid]")?.dataset.testid
      for (const { index } of node.data.matchAll(asNamed)) faults.push(`${box}: ${node.data.slice(index, index + 60)}`)
    }
    if (node instanceof Element) {
      for (const { name, value } of node.attributes) {
        if (/^on/.test(name) || (!shown.test(name) && (value.includes(host) || /^\s*javascript:/i.test(value)))) {
          faults.push(`<${node.tagName} ${name}=${value.slice(0, 80)}>`)
        }
      }
      if (node.shadowRoot) visit(node.shadowRoot)
    }
    node.childNodes.forEach(visit)
  }
  visit(document)
  for (const tool of document.querySelectorAll("[data-testid=stElementToolbarButton]:has([aria-label*=CSV])")) {
    if (getComputedStyle(tool).display !== "none") faults.push("a table that Streamlit saves, names as they are")
  }
  return [...new Set(faults)]
}"""
#: Streamlit's own buttons on tables.
_TOOLS = "[data-testid=stElementToolbarButton]"
#: Of these a browser shows all views, of the other tasks those with something that it was not sent for these.
SHOWN_WHOLE = ("multi-label", "keypoints")
ROOT = Path(__file__).resolve().parents[2]
#: Sections' titles are escaped where all of them are made.
ESCAPED_BEFORE = ("lib/web/ui/lazy_tabs.py",)
_FORMULA = re.compile(r"[\s\"]*[=+\-@](?![\d.]+$)")


@pytest.fixture
def beacon() -> Iterator[Beacon]:
    """The address that all names would call."""
    one = Beacon.start()
    yield one
    one.server.shutdown()


def _texts(message: Message, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in a message, with the fields that lead to it."""
    for about, value in message.ListFields():
        inner = f"{place}.{about.name}"
        values = value if about.is_repeated else [value]
        if about.message_type is not None and about.message_type.GetOptions().map_entry:
            values, about = value.values(), about.message_type.fields_by_name["value"]
        if about.type == about.TYPE_MESSAGE:
            for one in values:
                yield from _texts(one, inner)
        elif about.type == about.TYPE_STRING:
            yield from ((inner, one) for one in values)


class Watch:
    """Notes what a page is sent that would be read as markup, what it shows of it, and what it does.

    The page's Content-Security-Policy is off: what it would stop is not to be there in the first place.
    """

    def __init__(self, page: Page, beacon: Beacon, shown: set[str]):
        self.page, self.beacon, self.faults, self.tools = page, beacon, set[str](), 0
        self.shown, self.about = shown, ""
        page.context.new_cdp_session(page).send("Page.setBypassCSP", {"enabled": True})
        page.on("websocket", lambda socket: socket.on("framereceived", self._received))
        page.on("dialog", self._asked)

    def _received(self, content: bytes | str) -> None:
        if isinstance(content, bytes):
            message = ForwardMsg.FromString(content)
            self.shown |= sent.kinds(message, self.about)
            if TOKEN.encode() in content:
                self.read(message)

    def read(self, message: ForwardMsg) -> None:
        """Note what a message has that would be read as markup."""
        for place, text in _texts(message):
            if place == _COLUMNS:
                text = " ".join(column["help"] for column in json.loads(text).values() if column.get("help"))
            is_literal = place in LITERAL or place.endswith(".id")  # of widgets, by their keys
            if not is_literal and RAW.search(text):
                self.faults.add(f"{place}: {text[:200]}")

    def is_new(self, messages: list[ForwardMsg]) -> bool:
        """Read what is sent for a page, and return whether there is something that no browser was sent."""
        for message in messages:
            self.read(message)
        return not set().union(*(sent.kinds(message, self.about) for message in messages)) <= self.shown

    def _asked(self, dialog) -> None:
        self.faults.add(f"dialog: {dialog.message}")
        dialog.dismiss()

    def look(self, where: str) -> None:
        """Look at what is shown."""
        self.tools += self.page.locator(_TOOLS).count()
        self.faults.update(f"{where}: {fault}" for fault in self.page.evaluate(_FAULTS, self.beacon.host))

    def check(self) -> None:
        """Check that there was nothing, and that it would have been seen."""
        assert self.faults == set() and self.beacon.hits == []
        self.page.evaluate("host => fetch(`http://${host}/seen`, { mode: 'no-cors' })", self.beacon.host)
        assert self.beacon.hits == ["/seen"]


def _check_saved(downloads: dict[str, bytes]) -> None:
    """Check that names of files are plain, and that no table has a cell that a spreadsheet computes."""
    everything = ""
    for name, content in downloads.items():
        assert re.fullmatch(r"[\w.-]+", name, re.ASCII)
        tables = [content] if name.endswith(".csv") else []
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                tables = [archive.read(one) for one in archive.namelist() if one.endswith(".csv")]
        for table in tables:
            cells = [cell for row in csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")) for cell in row]
            assert [cell for cell in cells if _FORMULA.match(cell)] == []
            everything += "".join(cells)
    assert everything.count(TOKEN) > 50


def test_options_that_are_markdown_are_escaped():
    """Segmented controls, radios and pills read their options as Markdown: they are escaped, or constants."""
    calls = [
        (path.relative_to(ROOT).as_posix(), node)
        for folder in ("lib/web", "pages")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in ("segmented_control", "radio", "pills")
    ]
    assert len(calls) > 15
    bare = [f"{path}:{call.lineno}" for path, call in calls if path not in ESCAPED_BEFORE and not _is_escaped(call)]
    assert bare == []


def _is_escaped(call: ast.Call) -> bool:
    """Return whether a call's options are escaped, or made of nothing but constants of its module."""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    titles = given.get("format_func")
    if titles is not None and re.match(r"guard\.(letters\(|escape$)", ast.unparse(titles)):
        return True
    parts = [call.args[1] if len(call.args) > 1 else given["options"], *([titles] if titles else [])]
    own = {
        one.arg for part in parts for node in ast.walk(part) if isinstance(node, ast.Lambda) for one in node.args.args
    }
    names = {node.id for part in parts for node in ast.walk(part) if isinstance(node, ast.Name)} - own - {"list"}
    return all(name.isupper() for name in names)


@pytest.fixture(scope="session")
def opened() -> set[str]:
    """What the walks have opened so far: a list or dialog of the same name is opened once."""
    return set()


@pytest.fixture(scope="session")
def shown() -> set[str]:
    """What kinds of things browsers were sent so far."""
    return set()


@pytest.fixture
def watch(profile, server, beacon, shown) -> Iterator[Watch]:
    """A page that is watched."""
    tab = profile.new_page()
    tab.set_default_timeout(30_000)
    yield Watch(tab, beacon, shown)
    tab.close()


@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.parametrize("task", [*SHOWN_WHOLE, "single-label", "regression"])
def test_no_name_calls_out(task, watch, server, workspace, make_dataset, write_run, beacon, monkeypatch, opened):
    """All pages, tabs, sections, lists, dialogs and downloads of a dataset and its runs show names as they are."""
    dataset = spoil(make_dataset(task), beacon.host)
    asked = add_runs(workspace, dataset, write_run, beacon.host, monkeypatch)
    walk = Walk(watch.page, watch.look, task, opened=opened)
    watch.about = task
    if task in SHOWN_WHOLE:
        watch.page.goto(f"{server.url}/?dataset=made")
        for path in walk.pages():
            watch.page.goto(f"{server.url}{path}?{asked}")
            walk.through(path)
        count = len(walk.views)
    else:
        paths = set()
        with sent.drawn(workspace) as drawn:
            for count, (path, query, messages) in enumerate(drawn.views(asked), 1):  # noqa: B007
                if watch.is_new(messages) or path not in paths:
                    watch.page.goto(f"{server.url}{path}?{query}")
                    walk.see(f"{path}?{query}")
                paths.add(path)
    assert count > 15 and len(walk.downloads) > 2 and watch.tools
    _check_saved(walk.downloads)
    watch.check()


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_no_address_and_no_import_calls_out(
    watch, server, workspace, make_dataset, write_run, beacon, monkeypatch, tmp_path
):
    """What an address names, why a run failed, and the columns and files of a table that is checked are not markup."""
    own = names(beacon.host)
    page, dataset = watch.page, spoil(make_dataset("multi-label"), beacon.host)
    add_runs(workspace, dataset, write_run, beacon.host, monkeypatch)
    parts = [value for name, value in vars(address).items() if name.isupper() and isinstance(value, str)]
    everything = "&".join(f"{part}={quote(own[0])}" for part in (*parts, "against", "item", "asked", "finding"))
    page.goto(server.url)
    paths = Walk(page, watch.look).pages()
    assert sorted(paths) == sorted(sent.PATHS)
    with sent.drawn(workspace) as drawn:
        for path in (*paths, f"/{quote(own[1], safe='')}"):
            for query in (everything, f"{everything}&dataset=made", "dataset=made&run=20260102-030405-0003"):
                if path not in paths or query == everything or watch.is_new(drawn.page(path, query)):
                    page.goto(f"{server.url}{path}?{query}")
                    quiet(page)
                    watch.look(f"{path}?{query}")
    source = tmp_path / "source"
    source.mkdir()
    for row in range(12):
        Image.new("RGB", (40, 30), (row, 80, 90)).save(source / f"{short(beacon.host)} {row}.png")
    with (source / "labels.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", *own])
        table.writerows(
            [[f"{short(beacon.host)} {row}.png", *(row >> bit & 1 for bit in range(4))] for row in range(12)]
        )
        table.writerow([f"{own[0]} gone.png", 0, 0, 0, 1])
    page.goto(f"{server.url}/?dataset=made")
    page.locator(".st-key-add button").click()
    page.get_by_text("Folder or zip on this computer", exact=True).click()
    page.get_by_label("Folder or zip", exact=True).fill(str(source))
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Check first").click()
    page.locator(".st-key-import_report").wait_for()
    quiet(page)
    Walk(page, watch.look).unfold()
    watch.look("dry run")
    watch.check()
