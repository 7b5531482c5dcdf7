"""The app starts beyond its own machine on purpose only, however it is started."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from streamlit import runtime
from streamlit.testing.v1 import AppTest

from lib.core import in_place
from lib.core.errors import UserError
from lib.core.workspace import VARIABLE
from lib.web.server import gate
from lib.web.server.application import ROUTER
from lib.web.server.hosts import Host
from lib.web.server.sharing import decide

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _no_roots(monkeypatch):
    monkeypatch.delenv(in_place.VARIABLE, raising=False)


@pytest.mark.parametrize(
    "address", ["0.0.0.0", "::", None, "", "192.168.1.5", "lab.example", "::ffff:10.0.0.1", "unix:///x"]
)
def test_beyond_loopback_needs_a_login_and_folders(address, monkeypatch, tmp_path):
    """Without a login it does not start, and with one not before it is said which folders may be read."""
    with pytest.raises(UserError, match="nobody has to log in"):
        decide(address, {})
    with pytest.raises(UserError, match="MANYHOT_ROOTS"):
        decide(address, {"MANYHOT_LOGIN": "token"})
    monkeypatch.setenv(in_place.VARIABLE, str(tmp_path))
    assert decide(address, {"MANYHOT_LOGIN": "token"}).beyond


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_loopback_needs_neither_unless_others_reach_it(address):
    """On this machine nothing is asked for; a name under which a proxy gives it to others is beyond it as well."""
    assert decide(address, {}).login is None
    with pytest.raises(UserError, match=r"names lab\.example, under which other computers"):
        decide(address, {"MANYHOT_HOSTS": "localhost, lab.example"})


def test_who_may_come_in_is_said_in_words_that_can_be_read(monkeypatch):
    """A way to log in that is none, nobody to let in, or a list that cannot be read is a sentence, not a guess."""
    for environment, reason in (
        ({"MANYHOT_LOGIN": "password"}, "expected token, oidc or header:NAME"),
        ({"MANYHOT_LOGIN": "header:"}, "expected token, oidc or header:NAME"),
        ({"MANYHOT_LOGIN": "oidc"}, "whoever has an account"),
        ({"MANYHOT_USERS": "ann"}, "does not say how"),
        ({"MANYHOT_LOGIN": "header:X-User", "MANYHOT_PROXY": "proxy"}, "MANYHOT_PROXY: expected addresses"),
        ({"MANYHOT_HOSTS": "*"}, "MANYHOT_HOSTS: expected names"),
        ({"MANYHOT_HOSTS": "ftp://lab"}, "MANYHOT_HOSTS: expected names"),
        ({"MANYHOT_HOSTS": "http://lab/app"}, "MANYHOT_HOSTS: expected names"),
    ):
        with pytest.raises(UserError, match=reason.replace("*", r"\*")):
            decide("127.0.0.1", environment)


def test_the_address_that_it_listens_on_is_one_of_its_names(monkeypatch, tmp_path):
    """An address of a network card and the names that are stated count; the one for all addresses is no name."""
    monkeypatch.setenv(in_place.VARIABLE, str(tmp_path))
    shared = {"MANYHOT_LOGIN": "token", "MANYHOT_HOSTS": "https://Lab.example/, lab:8501"}
    assert decide("fe80:0::1", shared).hosts[3:] == (Host("lab.example", 443), Host("lab", 8501), Host("fe80::1"))
    assert decide("0.0.0.0", shared).hosts[3:] == (Host("lab.example", 443), Host("lab", 8501))


def test_pages_without_the_gate_show_nothing(monkeypatch):
    """Started by their own script instead of app.py, pages have no gate: they say so and end."""
    app = AppTest.from_file(str(ROUTER), default_timeout=60)
    monkeypatch.setattr(gate.Gate, "stands", False)
    assert not app.run().error  # nothing is served here
    monkeypatch.setattr(runtime, "get_instance", lambda: runtime.Runtime.__new__(runtime.Runtime))
    monkeypatch.setattr(gate.Gate, "stands", False)
    assert gate.is_missing()
    gate.Gate(None, None)
    assert not gate.is_missing()


@pytest.mark.parametrize("script", [ROUTER, *sorted((ROOT / "pages").glob("*.py"))], ids=lambda script: script.stem)
def test_a_script_without_the_gate_shows_one_sentence(script, monkeypatch, tmp_path):
    """Whichever page's file is started instead of app.py, also one to come: it says so, and shows nothing else."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(gate, "is_missing", lambda: True)
    shown = list(AppTest.from_file(str(script), default_timeout=60).run())
    (sentence,) = [element for element in shown if element.type not in ("main", "sidebar", "event", "bottom", "root")]
    assert sentence.type == "error" and "start `app.py`" in sentence.value


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.slow
def test_started_as_people_start_it_the_gate_is_there(tmp_path):
    """`streamlit run` and an ASGI server serve it behind the gate; for every address without a login neither does."""
    port, other = _free_port(), _free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STREAMLIT_", "MANYHOT_"))}
    alone = {**kept, "MANYHOT_WORKSPACE": str(tmp_path), "PYTHONPATH": str(ROOT), "STREAMLIT_SERVER_HEADLESS": "true"}
    wide = {"STREAMLIT_SERVER_ADDRESS": "0.0.0.0"}
    shared = {"MANYHOT_LOGIN": "token", "MANYHOT_USERS": "ann", "MANYHOT_ROOTS": str(tmp_path)}
    commands = {
        "shared": (["-m", "streamlit", "run", "app.py", f"--server.port={port}"], alone | shared),
        "asgi": (["-m", "uvicorn", "app:app", f"--port={other}"], alone),
        "wide": (["-c", "import app"], alone | wide),  # what both do; nothing listens anywhere here
    }
    with contextlib.ExitStack() as stack:
        logs = {way: stack.enter_context((tmp_path / f"{way}.txt").open("w+")) for way in commands}
        processes = {}
        for way, (command, environment) in commands.items():
            words = [sys.executable, *command]
            folder, streams = ROOT if way == "shared" else tmp_path, {"stdout": logs[way], "stderr": logs[way]}
            processes[way] = subprocess.Popen(words, cwd=folder, env=environment, **streams)
            stack.callback(processes[way].wait, 30)
            stack.callback(processes[way].terminate)
        for one in (port, other):
            assert _status(f"http://127.0.0.1:{one}/api/health", wait=True) == 200
            assert _status(f"http://127.0.0.1:{one}/api/health", Host="evil.example") == 421
        assert _status(f"http://127.0.0.1:{port}/") == 401
        assert _status(f"http://127.0.0.1:{other}/") == 200
        logs["shared"].seek(0)
        link = next(line.partition("ann: ")[2].strip() for line in logs["shared"] if "ann: " in line)
        assert link.startswith(f"http://127.0.0.1:{port}/?token=")
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        assert opener.open(link, timeout=30).url == f"http://127.0.0.1:{port}/"
        assert processes["wide"].wait(60) == 1
        logs["wide"].seek(0)
        reason = logs["wide"].read()
        assert "Manyhot does not start" in reason and "MANYHOT_LOGIN" in reason and "Traceback" not in reason


def _status(url: str, *, wait: bool = False, **headers: str) -> int:
    end = time.monotonic() + (60 if wait else 0)
    while True:
        try:
            return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30).status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
