"""The app's settings, however it is served: those of ``.streamlit/config.toml`` that nobody else has set.

Streamlit reads that file only where it lies beside the script that was started. Under an ASGI server that was started
elsewhere it does not, and then listens wide, sends statistics and takes large uploads. The file stays the one place of
every value.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from typing import Any

from streamlit import config
from streamlit.config_option import ConfigOption

from lib.core.program import PROJECT

FILE = PROJECT / ".streamlit/config.toml"


def apply() -> None:
    """Set each option of the file that is at Streamlit's default; to be called before ``st.App`` is made.

    A command-line flag and a configuration file of the user's own stay. So does a variable such as
    ``STREAMLIT_SERVER_ADDRESS``, which Streamlit itself reads in ``streamlit run`` only.
    """
    known = config.get_config_options()
    for key, value in options(tomllib.loads(FILE.read_text(encoding="utf-8"))):
        option = known[key]
        if option.where_defined != ConfigOption.DEFAULT_DEFINITION:
            continue
        chosen = os.environ.get(option.env_var)
        if chosen is None:
            config.set_option(key, value, str(FILE))
        else:
            config.set_option(key, read(option, chosen), option.env_var)


def options(section: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Give every option of a configuration file with its whole name.

    Examples
    --------
    >>> list(options({"server": {"port": 1}, "theme": {"light": {"linkColor": "#000"}}}))
    [('server.port', 1), ('theme.light.linkColor', '#000')]
    """
    for name, value in section.items():
        if isinstance(value, dict):
            yield from options(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def read(option: ConfigOption, text: str) -> Any:
    """Return what an environment variable says, in the option's type.

    Raises
    ------
    ValueError
        If it cannot be read so.

    Examples
    --------
    >>> read(ConfigOption("server.headless", type_=bool), "true")
    True
    >>> read(ConfigOption("server.corsAllowedOrigins", multiple=True), "http://a http://b")
    ['http://a', 'http://b']
    """
    if option.multiple:
        return [_one(option, word) for word in text.split()]
    return _one(option, text)


def _one(option: ConfigOption, text: str) -> Any:
    try:
        if option.type is bool:
            return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[text.strip().lower()]
        return option.type(text)
    except (KeyError, ValueError) as error:
        raise ValueError(f"{option.env_var}={text!r} is no {option.type.__name__}: correct it, or unset it.") from error
