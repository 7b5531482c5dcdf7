"""The map of the pictures: made once, colored by what is chosen, its lasso a filter as any other."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lib.core import sentences
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets.query import Query
from lib.evaluation import picture_colors
from lib.inference.similar import features, lasso, maps, tsne
from lib.inference.similar.maps import Map
from lib.training import runs
from lib.web.components.map import picture_map
from lib.web.server import picture_maps
from lib.web.ui import address, choose_run
from lib.web.ui.data import alike, inspect

_KEY, _COLOR = "picture-map", "map-color"
_WIDTH = 180  # pixels: of two choices side by side on a telephone


def choose(dataset: Dataset) -> None:
    """Show by what the points are colored, and which network sees the pictures, in a horizontal container."""
    options = picture_colors.options(Workspace.find(), dataset)
    st.session_state[_COLOR] = _color(options)
    st.selectbox(
        "Color",
        list(options),
        format_func=lambda name: f"Color: {_title(options, name)}",
        key=_COLOR,
        on_change=lambda: address.write(address.COLOR, st.session_state[_COLOR]),
        label_visibility="collapsed",
        width=_WIDTH,
    )
    if not st.query_params.get(alike.LIKE):  # else it is among the filters
        alike.choose_network(dataset, width=_WIDTH)


def _title(options: dict[str, str], name: str) -> str:
    run = picture_colors.run_of(name)
    return f"{options[name]} of {choose_run.label(runs.load(Workspace.find(), run))}" if run else options[name]


def _color(options: dict[str, str]) -> str:
    shown = st.query_params.get(address.COLOR, "")
    return shown if shown in options else next(iter(options))


def show(dataset: Dataset, query: Query) -> None:
    """Show the map, or how far it is; what does not pass ``query`` is faint."""
    of = alike.network()
    shown = maps.read(dataset, of)
    if shown is None:
        alike.follow(
            dataset,
            [features.question(dataset, of), maps.question(dataset, of)],
            start="Make the map",
            why="Every image is a point, and images that a network sees alike stand together. It looks at each once.",
            ask=lambda: maps.ask(dataset, of),
        )
        return
    text = st.query_params.get(alike.LASSO, "")
    picture_map(
        dataset,
        key=_KEY,
        positions=picture_maps.positions_url(dataset, of, shown),
        colors=picture_maps.colors_url(dataset, of, shown, _without_lasso(query), st.session_state[_COLOR]),
        words=picture_maps.words_url(dataset),
        lasso=text if lasso.is_of(shown, text) else "",
        on_open=partial(_open, dataset),
        on_like=partial(alike.choose, dataset),
        on_lasso=partial(_select, shown),
    )
    st.caption(_about(dataset, shown))


def _without_lasso(query: Query) -> Query:
    """Return what passes without the lasso and in whatever order: the browser knows what is inside of that."""
    return Query(query.split, query.has, query.has_not, query.exactly, query.find)


def _open(dataset: Dataset, row: object) -> None:
    """Open a picture, a callback."""
    if isinstance(row, int) and 0 <= row < len(dataset):
        inspect.open_(dataset, row)


def _select(shown: Map, drawn: object) -> None:
    """Write what was drawn into the address, a callback."""
    st.session_state["page"] = 1
    text = lasso.written(shown, drawn)
    address.write_one_of({alike.LASSO: text} if text else {}, (alike.LASSO,))


def _about(dataset: Dataset, shown: Map) -> str:
    """Return what is to be known of the map, as Markdown."""
    n = len(shown.rows)
    parts = [f"t-SNE of {sentences.count(n, 'image')}; distances between groups mean little"]
    if shown.n_drawn < n:
        parts = [
            f"t-SNE of {shown.n_drawn:,} images drawn at random; each of the other {n - shown.n_drawn:,} stands among "
            "those that it is most like. Distances between groups mean little"
        ]
    chance = min(1.0, tsne.NEIGHBORS / max(1, n - 1))
    by_chance = f"{100 * chance:.0f} %" if chance >= 0.095 else f"{100 * chance:.2g} %"
    parts.append(
        f"of the {tsne.NEIGHBORS} images most like one, {100 * shown.kept:.0f} % are among the {tsne.NEIGHBORS} "
        f"nearest here (by chance {by_chance})"
    )
    if missing := len(dataset) - n:
        parts.append(
            f"{sentences.count(missing, 'image')} could not be read and {sentences.word(missing, 'is', 'are')} not here"
        )
    return "; ".join(parts) + "."
