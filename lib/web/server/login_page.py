"""The page that stands before the app: one sentence and, where a token is asked for, its field."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

from starlette.responses import HTMLResponse

_PAGE = Template(Path(__file__).with_suffix(".html").read_text(encoding="utf-8"))
_FORM = """<form method="post">
  <label for="token">Token</label>
  <input id="token" name="token" type="password" autocomplete="off" required autofocus>
  <button>Log in</button>
</form>"""


def page(sentence: str, status: int, *, form: bool = False, link: tuple[str, str] | None = None) -> HTMLResponse:
    """Return a page with ``sentence`` and, if asked for, the field for a token or a link (its address and its text)."""
    below = _FORM if form else f'<p><a href="{escape(link[0])}">{escape(link[1])}</a></p>' if link else ""
    content = _PAGE.substitute(sentence=escape(sentence), below=below)
    return HTMLResponse(content, status, {"Cache-Control": "no-store"})
