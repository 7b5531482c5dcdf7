"""What the server sends for every view of a dataset, drawn without a browser, and what of it is new to a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlencode

from google.protobuf.message import Message
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from lib.core.workspace import Workspace
from lib.web.components import plotly
from lib.web.ui import lazy_tabs
from tests.attack.damage.views import prepared
from tests.attack.hostile_names import TOKEN

ROOT = Path(__file__).resolve().parents[2]
#: Of all pages; the first is the one without a name.
PATHS = ["/", *(f"/{path.stem}" for path in sorted((ROOT / "pages").glob("*.py")) if path.stem != "data")]
#: What widgets are called is what tells them from others of their kind, and so is what JSON says under these keys.
_NAMING, _TELLING = {"label", "placeholder"}, {"type", "mode", "kind"}
_ROUTE = "/api/"


class Drawn:
    """Pages of a workspace as they are drawn here, without a browser.

    Parameters
    ----------
    sent : list of ForwardMsg
        Where what is sent is kept.
    sections : list of (str, str)
        Where it is kept what the address may name of sections that are shown: under which name, and their titles.
    """

    def __init__(self, sent: list[ForwardMsg], sections: list[tuple[str, str]]):
        self._sent, self._sections = sent, sections

    def page(self, path: str, query: str) -> list[ForwardMsg]:
        """Return what is sent for the page at an address."""
        self._sent.clear()
        app = AppTest.from_file(str(ROOT / "lib/web/ui/router.py"), default_timeout=120)
        app.query_params.update(parse_qsl(query))
        app = app.run() if path == "/" else app.switch_page(str(ROOT / f"pages{path}.py")).run()
        assert not app.exception, (path, query, app.exception)
        return list(self._sent)

    def views(self, query: str) -> Iterator[tuple[str, str, list[ForwardMsg]]]:
        """Yield path, query and what is sent of every section of every tab of every page, the open ones first."""
        for path in PATHS:
            self._sections.clear()
            yield path, query, self.page(path, query)
            for name, title in list(dict.fromkeys(self._sections))[1:]:
                chosen = urlencode({**dict(parse_qsl(query)), name: title})
                yield path, chosen, self.page(path, chosen)


@contextmanager
def drawn(workspace: Workspace) -> Iterator[Drawn]:
    """Let pages be drawn on a workspace, as long as this lasts."""
    messages: list[ForwardMsg] = []
    sections: list[tuple[str, str]] = []
    sent, show = LocalScriptRunner.forward_msgs, lazy_tabs.show

    def keep(runner: LocalScriptRunner) -> list[ForwardMsg]:
        messages[:] = sent(runner)
        return sent(runner)

    def note(tabs, *, key: str, in_address: str = "", **others: Any) -> None:
        for tab, content in tabs.items():
            sections.extend((in_address, title) for title in (content if isinstance(content, Mapping) else [tab]))
        show(tabs, key=key, in_address=in_address, **others)

    with (
        prepared(workspace),
        mock.patch.object(LocalScriptRunner, "forward_msgs", keep),
        mock.patch.object(lazy_tabs, "show", note),
        mock.patch.object(plotly, "read_ahead", lambda: None),  # as `tests.browser.served`
    ):
        yield Drawn(messages, sections)


def kinds(message: ForwardMsg, about: str) -> set[str]:
    """Return what a message has a browser show, but for what names, numbers and texts it is of.

    These are the fields of elements and the keys in the data of components and charts, with what kind of value each
    has, what widgets are called, and what leads to the server, which each ``about`` has of its own.
    """
    return set(_of_message(message.delta, "", about)) if message.WhichOneof("type") == "delta" else set()


def _of_message(message: Message, place: str, about: str) -> Iterator[str]:
    place += f" {name}" if (name := getattr(message, "component_name", "")) else ""
    for field, value in message.ListFields():
        inner, values = f"{place}.{field.name}", value if field.is_repeated else [value]
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            values, field = value.values(), field.message_type.fields_by_name["value"]
        yield inner
        if field.type == field.TYPE_MESSAGE:
            for one in values:
                yield from _of_message(one, inner, about)
        elif field.type == field.TYPE_ENUM:
            yield from (f"{inner}={one}" for one in values)
        elif field.type == field.TYPE_STRING:
            for one in values:
                yield from _of_text(one, inner, field.name, about)


def _of_text(text: str, place: str, name: str, about: str) -> Iterator[str]:
    if name in _NAMING:
        yield f"{place}={TOKEN if TOKEN in text else re.sub('[0-9]+', '0', text)}"
    if _ROUTE in text or ".download_button" in place:
        yield f"{about} {place}"
    if text[:1] in ("{", "["):
        try:
            content = json.loads(text)
        except ValueError:  # a text that begins with a bracket
            return
        yield from _of_json(content, place, about)


def _of_json(content: Any, place: str, about: str) -> Iterator[str]:
    if isinstance(content, dict):
        for key, value in content.items():
            inner = f"{place}.{'*' if TOKEN in key or re.search('[0-9]', key) else key}"
            if key in _TELLING and isinstance(value, str) and TOKEN not in value:
                yield f"{inner}={value}"
            yield from _of_json(value, inner, about)
    elif isinstance(content, list):
        yield f"{place}[]"
        for one in content:
            yield from _of_json(one, f"{place}[]", about)
    else:
        yield f"{place}: {'number' if type(content) in (int, float) else type(content).__name__}"
        if isinstance(content, str) and _ROUTE in content:
            yield f"{about} {place}"
