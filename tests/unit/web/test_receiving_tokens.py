"""Uploads are accepted from this app's own pages only, and from nobody whose page is closed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lib.importing import uploads
from lib.web.server import receiving
from tests.unit.web import receiving_client
from tests.unit.web.receiving_client import CONTENT, ID, URL, add, begin, kept_files

#: Fixtures.
client, workspace = receiving_client.client, receiving_client.workspace


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({receiving.TOKEN: ""}, 401),
        ({receiving.TOKEN: "x" * 32}, 401),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://testserver.evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}, 204),
    ],
)
def test_only_this_apps_own_pages(client, workspace, headers, status):
    """Another site's page, and whoever has no page open, can begin, read, add and remove nothing."""
    begin(client)
    add(client, 0, CONTENT[:100])
    kept = kept_files(workspace)
    assert begin(client, **headers).status_code == status
    assert client.head(URL, headers=headers).status_code == status
    assert add(client, 100, b"x", **headers).status_code == status
    if status != 204:
        assert client.delete(URL, headers=headers).status_code == status
        assert kept_files(workspace) == kept
        assert uploads.find(workspace, ID).offset == 100


def test_a_token_ends_with_its_session(client, workspace, monkeypatch):
    """A closed page's token is worth nothing; without a running app there are no sessions at all."""
    monkeypatch.setattr(receiving, "_is_open", lambda session: False)
    assert begin(client).status_code == 401
    monkeypatch.undo()
    assert not receiving._is_open("mine")


def test_tokens_of_closed_sessions_are_forgotten(workspace, monkeypatch):
    """Visitors who come and go do not fill the memory; who is there keeps the same token."""
    monkeypatch.setattr(receiving, "_MOST_TOKENS", 3)
    mine = receiving.token("mine")
    for number in range(10):
        receiving.token(f"gone-{number}")
    assert receiving.token("mine", mine) == mine
    assert len(receiving._tokens) <= 4
    assert receiving._tokens[mine] == "mine"


def test_streamlits_session_is_asked(monkeypatch):
    """A token holds while Streamlit says that its session is active."""
    asked = []
    instance = SimpleNamespace(is_active_session=lambda session: asked.append(session) or session == "a")
    monkeypatch.setattr(receiving, "runtime", SimpleNamespace(exists=lambda: True, get_instance=lambda: instance))
    assert receiving._is_open("a") and not receiving._is_open("b")
    assert asked == ["a", "b"]
