"""Do the settings hold however the app is served, and do people's own win?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.config_option import ConfigOption

from lib.web import settings

ROOT = Path(__file__).resolve().parents[2]
SHOW = """
import gc, json, sys
import app
from streamlit import config
print(json.dumps([gc.get_freeze_count(), {key: config.get_option(key) for key in sys.argv[1:]}]))
"""
MEANT = {
    "server.address": "127.0.0.1",
    "server.maxUploadSize": 50,
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "viewer",
    "theme.light.primaryColor": "#0B6E75",
    "theme.dark.primaryColor": "#1B8E92",
    "theme.headingFontWeights": [700, 650, 650, 600, 600, 600],
}


def started(folder: Path, **environment: str) -> tuple[int, dict]:
    """Import the app in ``folder``, as an ASGI server does; return how many objects stay loaded, and its options."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STREAMLIT_")}
    done = subprocess.run(
        [sys.executable, "-c", SHOW, *MEANT],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "HOME": str(folder), "MANYHOT_WORKSPACE": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return tuple(json.loads(done.stdout))


def served(folder: Path, **environment: str) -> dict:
    """Return the options of an app that is imported in ``folder``."""
    return started(folder, **environment)[1]


@pytest.mark.slow
def test_settings_hold_in_another_folder(tmp_path):
    """Served from anywhere the app listens here only, sends nothing, takes 50 MB and looks like itself.

    After each run of a script garbage is looked for among what is new, not among what was loaded.
    """
    loaded, options = started(tmp_path)
    assert options == MEANT
    assert loaded > 50_000


@pytest.mark.slow
def test_an_environment_variable_wins(tmp_path):
    """Who deploys the app decides, also where Streamlit itself does not read the variable."""
    own = {"STREAMLIT_SERVER_ADDRESS": "0.0.0.0", "STREAMLIT_SERVER_MAX_UPLOAD_SIZE": "7"}
    own["STREAMLIT_BROWSER_GATHER_USAGE_STATS"] = "true"
    assert served(tmp_path, **own) == {
        **MEANT,
        "server.address": "0.0.0.0",
        "server.maxUploadSize": 7,
        "browser.gatherUsageStats": True,
    }


@pytest.mark.slow
def test_a_configuration_of_ones_own_wins(tmp_path):
    """What the folder's own ``.streamlit/config.toml`` says stays; the rest is filled up."""
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit/config.toml").write_text('[theme.light]\nprimaryColor = "#123456"\n')
    assert served(tmp_path) == {**MEANT, "theme.light.primaryColor": "#123456"}


@pytest.mark.parametrize(("kind", "text"), [(bool, "perhaps"), (int, "many")])
def test_a_variable_that_cannot_be_read_is_named(kind, text):
    """A mistake in a variable is said, not taken for something else."""
    option = ConfigOption("server.someThing", type_=kind)
    with pytest.raises(ValueError, match=f"STREAMLIT_SERVER_SOME_THING='{text}'"):
        settings.read(option, text)
