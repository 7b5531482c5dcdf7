"""The page that stands before the app: one sentence and, where a token is asked for, its field."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from starlette.responses import HTMLResponse

from lib.core.program import PROJECT

_ICON = (PROJECT / "lib/web/ui/icon.svg").read_text(encoding="utf-8")
_LOGO = _ICON.replace("<svg", '<svg aria-hidden="true"', 1)
_PAGE = Template(Path(__file__).with_suffix(".html").read_text(encoding="utf-8"))
_FORM = """<form method="post">
  <label for="token">Token</label>
  <input id="token" name="token" type="password" autocomplete="off" required autofocus>
  <button>Log in</button>
</form>"""


def page(
    sentence: str, status: int, *, alert: bool = False, form: bool = False, link: tuple[str, str] | None = None
) -> HTMLResponse:
    """Return a page with ``sentence`` and, if asked for, the field for a token or a link (its address and its text).

    ``alert`` is for what went wrong with what somebody has just done: it is shown, and read out, as such.
    """
    below = _FORM if form else f'<p><a href="{escape(link[0])}">{escape(link[1])}</a></p>' if link else ""
    role = ' role="alert"' if alert else ""
    content = _PAGE.substitute(icon=quote(_ICON), logo=_LOGO, role=role, sentence=escape(sentence), below=below)
    return HTMLResponse(content, status, {"Cache-Control": "no-store"})
