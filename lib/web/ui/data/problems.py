"""Problems of an import, skipped or noticed: one sentence a kind, with examples."""

from __future__ import annotations

import streamlit as st

from lib.core import sentences
from lib.web.ui.guard import escape

_FEW = 3  # examples in a line


def show(problems: list[dict]) -> None:
    """Show what was skipped or kept with a remark, or that there was nothing.

    Parameters
    ----------
    problems : list of dict
        As `lib.importing.problems.Problems.to_json` returns them.
    """
    if not problems:
        st.success("Nothing was skipped: every image and every row is used.", icon=":material/check_circle:")
        return
    for problem in problems:
        with st.expander(escape(problem["sentence"]), icon=":material/info:"):
            st.code("\n".join(problem["examples"]), language=None)
            hidden = problem["count"] - len(problem["examples"])
            if hidden > 0:
                st.caption(f"and {sentences.more(hidden)} of the same kind")


def line(problems: list[dict]) -> None:
    """Show in one button how much was skipped or noticed, which opens on a click; nothing where there was nothing."""
    if not problems:
        return
    total = sum(problem["count"] for problem in problems)
    with st.popover(f"{total:,} skipped or noticed at import", key="skipped", icon=":material/info:", type="tertiary"):
        for problem in problems:
            examples = ", ".join(problem["examples"][:_FEW])
            more = ", …" if problem["count"] > _FEW else ""
            st.markdown(f"{escape(problem['sentence'])}  \n:gray[{escape(examples)}{more}]")
