"""The web process stays light."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lib.core.workspace import Workspace
from lib.importing import samples

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "pages").glob("*.py"))
OPEN = """
import json, sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
opened = {}
for page in sys.argv[2:]:
    app = AppTest.from_file(sys.argv[1], default_timeout=60).run()
    if Path(page).stem != "data":
        app.switch_page(page).run()
    loaded = sorted({name.split(".")[0] for name in sys.modules} & {"torch", "fastai", "torchvision", "streamlit"})
    opened[Path(page).stem] = [[str(one.value) for one in app.exception], loaded]
print(json.dumps(opened))
"""


def test_there_are_pages():
    """The test below runs on something."""
    assert {path.stem for path in PAGES} >= {"data"}


@pytest.fixture(scope="module", params=[False, True], ids=["empty", "filled"])
def opened(request, tmp_path_factory) -> dict[str, list]:
    """What went wrong on each page, and what was loaded once it was open: one process opens them one after another."""
    folder = tmp_path_factory.mktemp("opened")
    workspace = folder / "workspace"
    if request.param:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(samples, "IMAGES", 40)
            patched.setattr(samples, "_TEST", 4)
            samples.ensure(Workspace(workspace), "shapes")
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "MANYHOT_WORKSPACE": str(workspace)}
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(ROOT / "lib/web/ui/router.py"), *map(str, PAGES)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_page_loads_without_torch(page, opened):
    """No page imports torch or fastai, which would cost seconds and a gigabyte in the web process."""
    assert opened[page.stem] == [[], ["streamlit"]]
