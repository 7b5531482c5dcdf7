"""Addresses that are no page's lead to one."""

from __future__ import annotations

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from lib.web.server.page_names import FirstName

PAGE = {"accept": "text/html,*/*"}


@pytest.mark.parametrize("base", ["", "/app"])
def test_an_address_of_several_names_leads_to_the_first(base):
    """With what it asked for, on this server whatever the names are; files, data and single names stay as they are."""
    client = TestClient(FirstName(PlainTextResponse("here"), base), follow_redirects=False)
    for path, name in {
        "/a/b": "/a",
        "/train/x/y?run=1&tab=a%20b": "/train?run=1&tab=a%20b",
        "/%5Ce.org/b": "/%5Ce.org",
    }.items():
        answer = client.get(base + path, headers=PAGE)
        assert (answer.status_code, answer.headers["location"]) == (307, base + name)
    assert client.get(f"http://testserver{base}//e.org/b", headers=PAGE).headers["location"] == f"{base}/e.org"
    for path in ("/", "/train", "/train/", "/static/js/a.js", "/api/runs/1", "/_stcore/health", "/media/a/b"):
        assert client.get(base + path, headers=PAGE).text == "here"
    assert client.get(f"{base}/a/b").text == client.post(f"{base}/a/b", headers=PAGE).text == "here"
