"""What goes wrong is a sentence for whoever asks, and a traceback in the log; no refusal says what there is."""

from __future__ import annotations

import logging
import re

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from uvicorn.protocols.http.auto import AutoHTTPProtocol

import app
from lib.core.program import PROJECT
from lib.core.workspace import VARIABLE
from lib.web.server import connections, failures, receiving, routes

_SECRET = "the-secret-of-the-traceback"


@pytest.fixture
def log(monkeypatch) -> list[str]:
    """What the server's log gets, each record with its traceback."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(logging.Formatter().format(record))
    logger = logging.getLogger(failures.__name__)
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


def _fails(_request) -> None:
    raise KeyError(_SECRET)


def test_a_route_that_fails_says_a_reference(log):
    """The reference leads to the traceback in the log; the answer has none of it."""
    failing = Starlette(routes=[Route("/api/fails", _fails)], exception_handlers=failures.HANDLERS)
    answer = TestClient(failing, raise_server_exceptions=False).get("/api/fails")
    (reference,) = re.findall(r"reference ([0-9a-f]{8})\.", answer.text)
    assert answer.status_code == 500 and _SECRET not in answer.text and "Traceback" not in answer.text
    (written,) = [line for line in log if reference in line]
    assert _SECRET in written and "Traceback" in written and "_fails" in written


def _page() -> None:
    import streamlit as st

    from lib.web.server import failures

    try:
        raise KeyError("the-secret-of-the-traceback")
    except KeyError as error:
        assert failures.on_page(error)
    st.write("the rest")


def test_a_page_that_fails_says_a_reference(log):
    """One sentence stands on the page, with the reference under which the log has the traceback."""
    page = AppTest.from_function(_page).run()
    (error,) = page.error
    (reference,) = re.findall(r"\*\*([0-9a-f]{8})\*\*", error.value)
    assert _SECRET not in error.value and not page.exception
    assert any(reference in line and _SECRET in line and "Traceback" in line for line in log)


def test_the_app_hides_tracebacks_and_limits_connections():
    """The app is started with what is tested here; where Streamlit asks none of it, it shows no traceback either."""
    assert app.app._on_script_error is failures.on_page
    assert app.app._exception_handlers == failures.HANDLERS
    assert st.get_option("client.showErrorDetails") == "none"
    protocol = AutoHTTPProtocol.__new__(AutoHTTPProtocol)
    with pytest.raises(AttributeError):
        protocol.__init__(None, None, {})
    assert isinstance(protocol, connections.Protocol)


def test_no_page_shows_an_exception_itself():
    """Streamlit's own box of an exception has its traceback, whatever the settings say."""
    for path in (PROJECT / "app.py", *(PROJECT / "lib/web").rglob("*.py"), *(PROJECT / "pages").glob("*.py")):
        assert not re.search(r"\.exception\([^\"]|format_exc|print_exc", path.read_text(encoding="utf-8")), path


@pytest.fixture
def client(workspace, make_dataset, monkeypatch) -> TestClient:
    """A client of the routes alone, over a workspace with a dataset called "made"."""
    make_dataset("multi-label")
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    monkeypatch.setattr(receiving, "_tokens", {})
    monkeypatch.setattr(receiving, "_is_open", lambda session: session == "mine")
    return TestClient(Starlette(routes=routes.routes()), headers={receiving.TOKEN: receiving.token("mine")})


_ASKED = [
    ("GET", "/api/datasets/none/items/0"),
    ("GET", "/api/datasets/made/items/99999"),
    ("GET", "/api/datasets/..%2f..%2fetc/items/0", "JSON"),
    ("GET", "/api/datasets/none/export/coco.zip"),
    ("GET", "/api/datasets/made/export/poetry.zip"),
    ("GET", "/api/datasets/none/matrix"),
    ("GET", "/api/datasets/made/matrix?v=ffffffffffff"),
    ("GET", "/api/datasets/made/matrix?sort=up"),
    ("GET", "/api/datasets/made/matrix?has=99"),
    ("GET", "/api/datasets/none/matrix.csv"),
    ("GET", "/api/runs/none/sweep/valid"),
    ("GET", "/api/runs/20260102-030405-abcd/sweep/valid"),
    ("GET", "/api/runs/20260102-030405-abcd/bands/other"),
    ("GET", "/api/runs/20260102-030405-abcd/requests/0123456789abcdef/0"),
    ("PUT", "/api/uploads/none"),
    ("HEAD", f"/api/uploads/{'0' * 32}"),
    ("PATCH", f"/api/uploads/{'0' * 32}"),
    ("PUT", f"/api/drops/{'0' * 31}/0"),
    ("GET", "/api/datasets", "JSON"),
    ("GET", "/api/datasets/made", "JSON"),
    ("GET", "/api/runs", "JSON"),
    ("POST", "/api/health", "JSON"),
    ("GET", "/api/", "JSON"),
    ("GET", "/api", "JSON"),
    ("DELETE", "/api/nothing/at/all", "JSON"),
]


@pytest.mark.parametrize("asked", _ASKED)
def test_no_refusal_lists_what_there_is(client, workspace, asked):
    """Names of datasets, folders and files of this machine are for pages; an unknown address is told in JSON."""
    method, address, *marks = asked
    answer = client.request(method, address)
    assert 400 <= answer.status_code < 500
    for what in ("made", str(workspace.root), workspace.root.name, "datasets", "Traceback", "onehot", "Errno"):
        assert what not in answer.text
    if "JSON" in marks:
        assert answer.json() == {"error": "There is nothing at this address."}
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("damage", ["dataset.json", "images"])
def test_a_damaged_dataset_is_not_described(client, workspace, damage):
    """A file that cannot be read is named on the page, not to whoever asks for a picture."""
    path = workspace.dataset("made") / damage
    path.rename(path.with_name("gone"))
    if damage != "images":
        path.write_bytes(b"nonsense")
    answer = client.get("/api/datasets/made/items/0")
    assert answer.status_code == 404
    assert "made" not in answer.text and str(workspace.root) not in answer.text and "/" not in answer.text
