"""Does the web process stay light?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "pages").glob("*.py"))
OPEN = """
import sys
from streamlit.testing.v1 import AppTest
page = AppTest.from_file(sys.argv[1], default_timeout=60).run()
if sys.argv[2] != "data":
    page.switch_page(sys.argv[3]).run()
assert not page.exception, page.exception
print("loaded", *sorted({name.split(".")[0] for name in sys.modules} & {"torch", "fastai", "torchvision", "streamlit"}))
"""


def test_there_are_pages():
    """The test below runs on something."""
    assert {path.stem for path in PAGES} >= {"data"}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
@pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
def test_page_loads_without_torch(page, filled, tmp_path):
    """No page imports torch or fastai, which would cost seconds and a gigabyte in the web process."""
    workspace = tmp_path / "workspace"
    if filled:
        code = (
            "import sys; from pathlib import Path; from lib.importing import samples\n"
            "from lib.core.workspace import Workspace\n"
            "samples.IMAGES, samples._TEST = 40, 4\n"
            "samples.ensure(Workspace(Path(sys.argv[1])), 'shapes')"
        )
        subprocess.run([sys.executable, "-c", code, str(workspace)], cwd=ROOT, check=True, timeout=120)
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "MANYHOT_WORKSPACE": str(workspace)}
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(ROOT / "lib/web/ui/router.py"), page.stem, str(page)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded streamlit"
