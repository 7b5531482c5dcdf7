"""Files of the pages, and links from one page to another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import streamlit as st

ROOT = Path(__file__).resolve().parents[3]


def page(name: str) -> Path:
    """Return the file of page ``name``, for instance "train"."""
    return ROOT / "pages" / f"{name}.py"


def link(
    name: str, label: str, icon: str, *, keep: bool = True, chosen: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Show a link to page ``name``, with ``chosen``; choices in the address go along, unless they are not kept."""
    # The whole path: Streamlit looks for others beside the script that runs, which is not beside the pages.
    st.page_link(
        page(name), label=label, icon=icon, query_params={**(st.query_params.to_dict() if keep else {}), **chosen}
    )
