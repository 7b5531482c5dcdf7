"""The page of a report: one file that refers to nothing outside, and a policy that holds the browser to it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from lib.core.program import PROJECT
from lib.export.report.html import Html, Section, tag, text
from lib.figures.base import BAND, LINE, NEUTRAL, PALETTE, PRED, THIN, TRUE

_HERE = Path(__file__).parent
#: The scripts and styles of the app's own drag: files, not modules of a room above.
_COMPONENTS = PROJECT / "lib" / "web" / "components"
_SCRIPT = _COMPONENTS / "report" / "report.bundle.js"
_THEME = PROJECT / ".streamlit" / "config.toml"
#: What ends or opens a script inside of one.
_CAPITAL = re.compile("([A-Z])")
_ENDS = re.compile(r"</script|<!--", re.IGNORECASE)


def page(title: str, head: Html, sections: Sequence[Section], drag: dict[str, Any] | None) -> str:
    """Return the whole file.

    Parameters
    ----------
    title : str
        Not escaped.
    head : Html
        What stands above everything.
    sections : sequence of Section
        In their order; each is in the line of links.
    drag : dict, optional
        See `lib.export.report.drag.data`.

    Raises
    ------
    ValueError
        If the script would end before its end.
    """
    script = f"\n{_SCRIPT.read_text(encoding='utf-8')}" if drag else ""
    if _ENDS.search(script):
        raise ValueError(f"{_SCRIPT.name} has the end of a script in it: no page can hold it")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    scripts = f"script-src 'sha256-{digest}'; " if drag else ""
    policy = (
        f"default-src 'none'; {scripts}style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    links = tag("nav", *(tag("a", one.title, href=f"#{one.name}") for one in sections), aria_label="Sections")
    data = f'<script type="application/json" id="report-data">{embedded(drag)}</script>' if drag else ""
    run = f'<script type="module">{script}</script>' if drag else ""
    body = "".join(one.content for one in sections)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{text(title)}</title>\n<style>{_style()}</style>\n</head>\n<body>\n"
        f"<header>{head}{links}</header>\n<main>{body}</main>\n{data}\n{run}\n</body>\n</html>\n"
    )


def embedded(value: Any) -> str:
    r"""Return a value as JSON that no script element ends with, whatever is in it.

    Examples
    --------
    >>> embedded("</script><!--\u2028")
    '"\\u003c/script>\\u003c!--\\u2028"'
    """
    return json.dumps(value, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


@lru_cache(maxsize=1)
def _style() -> str:
    """Return the style sheet: the app's colors, light and dark, the drag's own look, and the report's."""
    theme = tomllib.loads(_THEME.read_text(encoding="utf-8"))["theme"]
    shared = {name: theme[name] for name in ("baseRadius", "buttonRadius")}
    constant = (
        f":root{{--true:{TRUE};--pred:{PRED};--neutral:{NEUTRAL};--after:{PALETTE[2]};--line:{LINE}px;--thin:{THIN}px;"
        f"--band:{BAND};--dash:{6 * THIN:g} {6 * THIN:g};{_variables(shared | theme['light'])}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{_variables(theme['dark'])}}}}}"
    )
    parts = [path.read_text(encoding="utf-8") for path in (_COMPONENTS / "lab" / "lab.css", _HERE / "report.css")]
    return "\n".join([constant, *parts])


def _variables(values: dict[str, str]) -> str:
    """Return options of Streamlit's theme as the variables that its components see."""
    named = {_CAPITAL.sub(r"-\1", name).lower(): value for name, value in values.items()}
    return "".join(f"--st-{name}:{value};" for name, value in named.items())
