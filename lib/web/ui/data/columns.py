"""The editor of a table's columns: what each holds, why that is thought, and what its cells look like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import streamlit as st

from lib.core import sentences
from lib.importing.columns import OF, ROLES
from lib.web.ui import guard

_PER_PAGE = 10
_OPEN = 12  # columns up to which they are shown at once
_LONG = 28  # characters of a name or a cell that are shown
_POINTS = 80  # points that are listed by name


def show(
    columns: list[dict[str, Any]],
    points: list[str],
    chosen_roles: dict[str, str],
    say: Callable[[str, str], None],
    undo: Callable[[str], None],
    *,
    unsure: bool,
) -> None:
    """Show the columns, each with its role to change.

    Parameters
    ----------
    columns : list of dict
        As `lib.importing.columns.Column.to_json`.
    points : list of str
        Names of points that a coordinate may belong to.
    chosen_roles : dict of str to str
        Roles that were chosen, by the columns' names.
    say : callable
        Takes a column's name and its new role.
    undo : callable
        Takes the name of a column of which the role is to be guessed again.
    unsure : bool
        Whether nothing was read yet: the columns are then in sight, however many.
    """
    if not columns:
        return
    counts = Counter(column["role"].partition(OF)[0] for column in columns)
    listed = ", ".join(
        f"{count:,} {ROLES.get(role, role).partition(' (')[0].lower()}" for role, count in counts.items()
    )
    label = f"{sentences.count(len(columns), 'column')}: {listed}"
    with st.expander(
        label, icon=":material/table_chart:", expanded=unsure or bool(chosen_roles) or len(columns) <= _OPEN
    ):
        st.caption("What each column of the table holds. A change reads the data again.")
        pages = -(-len(columns) // _PER_PAGE)
        page = st.pagination(pages, key="import_columns_page", width=340) if pages > 1 else 1
        first = (page - 1) * _PER_PAGE
        for place, column in enumerate(columns[first : first + _PER_PAGE], first):
            _row(place, column, points, column["name"] in chosen_roles, say, undo)


def _row(
    place: int,
    column: dict[str, Any],
    points: list[str],
    changed: bool,
    say: Callable[[str, str], None],
    undo: Callable[[str], None],
) -> None:
    name, role = column["name"], column["role"]
    roles = [*ROLES, *(f"{axis}{OF}{point}" for point in points[:_POINTS] for axis in ("x", "y"))]
    if role not in roles:
        roles.append(role)
    key = f"import_column-{place}-{name}-{role}"  # another role, another widget: it begins with what was read

    def changed_to() -> None:
        if st.session_state[key] != role:  # Streamlit calls it of widgets, too, that it shows for the first time
            say(name, st.session_state[key])

    # Widths that fit beside each other on a phone; what explains them then goes below.
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"import_column_{place}"):
        st.markdown(f"**{guard.escape(_short(name))}**", width=104, help=guard.escape(name) if _cut(name) else None)
        st.selectbox(
            f"Role of the column {guard.escape(name)}",
            roles,
            index=roles.index(role),
            format_func=lambda one: ROLES.get(one, one),
            key=key,
            on_change=changed_to,
            label_visibility="collapsed",
            width=176,
        )
        if changed:
            st.button(
                "Undo",
                key=f"import_column_undo-{place}",
                icon=":material/undo:",
                type="tertiary",
                help="Guess this column's role again.",
                on_click=undo,
                args=(name,),
            )
        values = ", ".join(_short(value) for value in column["values"])
        st.caption(f"{guard.escape(column['why'])}: {guard.escape(values)}", width="stretch")


def _cut(text: str) -> bool:
    return len(text) > _LONG


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"{line[: _LONG - 1]}…" if _cut(line) else line
