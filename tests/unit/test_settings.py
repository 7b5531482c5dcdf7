"""The settings hold however the app is served, and people's own settings win."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
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
    "server.maxUploadSize": 0,
    "server.fileWatcherType": "none",
    "runner.magicEnabled": False,
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "viewer",
    "theme.light.primaryColor": "#0B6E75",
    "theme.dark.primaryColor": "#178084",
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
    own |= {"MANYHOT_LOGIN": "token", "MANYHOT_ROOTS": str(tmp_path)}  # without which it would not start so
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


def _luminance(color: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    shares = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(first: str, second: str) -> float:
    dark, light = sorted((_luminance(first), _luminance(second)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_that_is_written_can_be_read(theme):
    """Words have the contrast of WCAG's AA, 4.5 to 1, also white on the first button; its edge has 3 to 1."""
    colors = tomllib.loads(settings.FILE.read_text())["theme"][theme]
    page = colors["backgroundColor"]
    texts = [name for name in colors if name.endswith("TextColor") or name in ("textColor", "linkColor")]
    assert len(texts) > 5
    assert min(_contrast(colors[name], page) for name in texts) >= 4.5
    assert _contrast("#FFFFFF", colors["primaryColor"]) >= 4.5
    assert _contrast(colors["primaryColor"], page) >= 3
