"""Nobody gets past the gate who must not: every route the app has, times everybody who asks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from benchmarks import route_table
from benchmarks.route_table import Asked
from lib.core import in_place
from lib.core.workspace import VARIABLE, Workspace
from lib.web.server.login_token import ByToken
from lib.web.server.sharing import Sharing
from tests.conftest import build_dataset

TOKEN = {"MANYHOT_LOGIN": "token", "MANYHOT_USERS": route_table.USER}


@pytest.fixture(scope="module", params=["", "/labs"])
def served(request, tmp_path_factory) -> Iterator[tuple[list[Asked], Sharing, TestClient]]:
    """The app with a dataset and a login, at the server's root and below it: all it can be asked, and a client."""
    workspace = Workspace(tmp_path_factory.mktemp("workspace"))
    build_dataset(workspace, "multi-label")
    with pytest.MonkeyPatch.context() as patched, contextlib.ExitStack() as stack:
        patched.setenv(VARIABLE, str(workspace.root))
        patched.setenv(in_place.VARIABLE, str(workspace.root))
        app, sharing, client = stack.enter_context(route_table.app_under(request.param, **TOKEN))
        yield route_table.requests_of(app, request.param), sharing, client


def test_every_route_is_answered_to_those_who_may_come_in_only(served):
    """Pages, websocket, pictures, uploads and exports: no login, a wrong or old one, another site, another host."""
    asked, sharing, client = served
    assert isinstance(sharing.login, ByToken)
    people = route_table.people(sharing.login)
    wrong = [message for person in people for one in asked if (message := route_table.wrong(client, one, person))]
    assert not wrong
    paths = "\n".join(one.path for one in asked)
    assert {one.method for one in asked} >= {"WEBSOCKET", "GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "POST"}
    assert all(part in paths for part in ("/items/0", "/export/", "/api/uploads/", "/api/drops/", "/sweep/", "/train"))


def test_other_forms_of_the_same_attacks_are_refused_too(served):
    """Names and origins that look like the app's own, cookies that are cut, of somebody else or of tomorrow."""
    asked, sharing, client = served
    some = [one for one in asked if one.method == "WEBSOCKET" or (one.method == "GET" and "/items/" in one.path)]
    people = route_table.variants(sharing.login)
    wrong = [message for person in people for one in some if (message := route_table.wrong(client, one, person))]
    assert len(some) == 2 and not wrong


def test_who_may_come_in_gets_everything(served):
    """The gate takes nothing away: a picture, an export and the websocket of somebody who is logged in."""
    asked, sharing, client = served
    base = asked[0].path.partition("/api/")[0]
    person = route_table.people(sharing.login)[0]
    headers = {"Cookie": person.cookie, **person.headers}
    picture = client.get(f"{base}/api/datasets/made/items/0", headers=headers)
    assert picture.status_code == 200 and picture.headers["content-type"].startswith("image/")
    export = client.get(f"{base}/api/datasets/made/export/labels-csv.zip", headers=headers)
    assert export.status_code == 200 and export.content[:2] == b"PK"


def test_what_is_not_there_is_said_in_json_without_a_list(served):
    """Unknown addresses below /api, in any spelling, answer 404 JSON; a missing dataset or run lists no other."""
    asked, sharing, client = served
    base = asked[0].path.partition("/api/")[0]
    headers = {"Cookie": route_table.people(sharing.login)[0].cookie}
    for path in ("/api", "/api/", "/api/nothing", "/%61pi/nothing", "/api%2Fnothing", "/api/health/"):
        for method in ("GET", "POST", "DELETE", "OPTIONS"):
            answer = client.request(method, base + path, headers=headers)
            assert answer.status_code == 404 and answer.json() == {"error": "There is nothing at this address."}
    for path in ("datasets/other/items/0", "datasets/other/export/coco.zip", "runs/20200101-000000-0000/sweep/valid"):
        answer = client.get(f"{base}/api/{path}", headers=headers)
        assert answer.status_code == 404
        assert "made" not in answer.text and "/workspace" not in answer.text


def test_two_host_headers_are_none(served):
    """Of two Host headers a proxy may look at one and the app at the other: neither counts."""
    _, sharing, client = served
    cookie = route_table.people(sharing.login)[0].cookie
    twice = [("Host", "127.0.0.1:8501"), ("Host", "evil.example"), ("Cookie", cookie)]
    request = client.build_request("GET", "/api/health")
    request.headers = type(request.headers)(twice)
    assert client.send(request).status_code == 421
