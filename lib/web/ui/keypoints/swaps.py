"""Swapped left and right points: counts, a list of images, and what they cost."""

from __future__ import annotations

from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from lib.core import sentences
from lib.core.dataset import Dataset
from lib.datasets.checks import swapped
from lib.evaluation.keypoints import errors, swaps
from lib.evaluation.keypoints.errors import Bench
from lib.evaluation.keypoints.swaps import Swaps
from lib.metrics import points
from lib.tasks import mirror
from lib.tasks.types import three_digits
from lib.web.ui import guard, links, words
from lib.web.ui.keypoints.filter import Chosen, Only
from lib.web.ui.keypoints.state import PointsState

_MOST = 200
_NAMED = 3


def show(
    dataset: Dataset | None,
    bench: Bench,
    split: str,
    state: PointsState,
    originals: np.ndarray,
    only: Only,
    *,
    key: str,
) -> None:
    """Show which pairs are exchanged where; the parameters are those of `lib.web.ui.keypoints.failures.show`."""
    sides = pairs(dataset, bench)
    if not sides:
        _ask_for_pairs(dataset)
        return
    exchanged = _found(dataset, bench, sides, key)
    model, label = (which.any(axis=1) for which in (exchanged.model, exchanged.label))
    if not (model | label).any():
        st.info(
            f"No pair is swapped, by the model or in the labels, in {words.images(len(bench), split)}; "
            f"{sentences.count(len(sides), 'pair')} of points were checked.",
            icon=":material/check_circle:",
        )
        return
    _sentence(bench, exchanged, split, state)
    st.caption(
        "The model swapped a pair if swapping its two predictions back more than halves their distance to the true "
        "points; pairs that nearly coincide are left out. A label counts as swapped if its points fit the mean shape "
        "of all images far better with left and right swapped, as under Checks on the Data page."
    )
    _by_pair(bench, exchanged, sides, only, key)
    st.button(
        "Show these images below",
        icon=":material/filter_alt:",
        key=f"sides-only-{key}",
        on_click=only.these,
        args=(model | label, "with swapped pairs"),
    )
    _by_image(dataset, bench, exchanged, sides, np.flatnonzero(model | label), state, originals, key)


def shown(dataset: Dataset | None, bench: Bench, *, key: str) -> dict[str, list] | None:
    """Return the pairs, and which of which images are swapped in the labels, as `show` has them; None without pairs."""
    if not (sides := pairs(dataset, bench)):
        return None
    exchanged = _found(dataset, bench, sides, key)
    return {"pairs": sides, "labels": [tuple(one) for one in np.argwhere(exchanged.label).tolist()]}


def _found(dataset: Dataset | None, bench: Bench, sides: list[tuple[int, int]], key: str) -> Swaps:
    return _find(f"{key}-{sides}-{dataset.revision if dataset else ''}", dataset, bench, sides)


def pairs(dataset: Dataset | None, bench: Bench) -> list[tuple[int, int]] | None:
    """Return which points are left and right; [] where none can be, None where nobody says so."""
    if len(bench.names) < 2:
        return []
    return mirror.guess(bench.names) or None if dataset is None else mirror.pairs(dataset)


def _ask_for_pairs(dataset: Dataset | None) -> None:
    """Say what to do where nobody says which points are left and right."""
    st.info(
        "No left and right points are declared, and their names do not tell: declare the pairs on the Data page "
        "under Augmentation. Then images in which they are swapped are listed here.",
        icon=":material/compare_arrows:",
    )
    if dataset is not None:
        where = {"dataset": dataset.name, "view": "Augmentation"}
        st.page_link(links.page("data"), label="Declare pairs", icon=":material/flip:", query_params=where)


@st.cache_resource(max_entries=16, show_spinner="Looking for swapped pairs")
def _find(key: str, _dataset: Dataset | None, _bench: Bench, _pairs: list[tuple[int, int]]) -> Swaps:
    if _dataset is None:
        return swaps.find(_bench, _pairs, swapped.find_swaps(_bench.targs, _pairs))
    rows = _dataset.included  # all of them: the more there are, the surer is their mean shape
    labels = swapped.find_swaps(_dataset.targs[rows], _pairs)
    place = {int(item): at for at, item in enumerate(_bench.items)}
    mine = {place[int(rows[row])]: ones for row, ones in labels.items() if int(rows[row]) in place}
    return swaps.find(_bench, _pairs, mine)


def _sentence(bench: Bench, exchanged: Swaps, split: str, state: PointsState) -> None:
    model, label = (int(which.any(axis=1).sum()) for which in (exchanged.model, exchanged.label))
    cost = swaps.cost(bench, exchanged, state.norm)
    unit = state.norm.unit
    counts = [f"The model swaps pairs in **{model:,}** of {words.images(len(bench), split)}"]
    if label:
        counts.append(f", and in **{label:,}** the labels look swapped")
    steps = [f"The mean error of all points is {three_digits(cost.now)} {unit}"]
    if label:
        steps.append(f"with corrected labels it would be {three_digits(cost.labels_right)} {unit}")
    if model:
        steps.append(f"{'and ' if label else ''}without the model's swaps {three_digits(cost.all_right)} {unit}")
    st.markdown(f"{''.join(counts)}. {', '.join(steps)}.")


def _by_pair(bench: Bench, exchanged: Swaps, pairs: list[tuple[int, int]], only: Only, key: str) -> None:
    both = np.stack([bench.known[:, left] & bench.known[:, right] for left, right in pairs], axis=1).sum(axis=0)
    counts = exchanged.model.sum(axis=0), exchanged.label.sum(axis=0)
    order = np.argsort(-(counts[0] + counts[1]), kind="stable")
    frame = pd.DataFrame(
        {
            "pair": [f"{bench.names[left]} ↔ {bench.names[right]}" for left, right in pairs],
            "by the model (images)": counts[0],
            "in the label (images)": counts[1],
            "both labeled (images)": both,
        }
    ).iloc[order]
    st.caption("Choose a pair to see only its images below.")
    either = exchanged.model | exchanged.label
    asked = [Chosen(either[:, pair], f"{_pair_name(bench, pairs[pair])} swapped") for pair in order]
    only.table(frame, key=f"sides-pairs-{key}", helps={}, pinned="pair", asked=asked)


def _by_image(
    dataset: Dataset | None,
    bench: Bench,
    exchanged: Swaps,
    pairs: list[tuple[int, int]],
    rows: np.ndarray,
    state: PointsState,
    originals: np.ndarray,
    key: str,
) -> None:
    now = errors.per_image(state.errors(bench))
    then = errors.per_image(state.norm.of(points.distances(exchanged.preds, exchanged.targs)))
    rows = rows[np.argsort(-(now - then)[rows], kind="stable")]
    if len(rows) > _MOST:
        st.caption(f"The {_MOST} images of {len(rows):,} in which it costs the most.")
        rows = rows[:_MOST]
    unit = state.norm.unit
    frame = pd.DataFrame(
        {
            "image": originals[rows].astype(str),
            "by the model": [_listed(bench, pairs, exchanged.model[row]) for row in rows],
            "in the label": [_listed(bench, pairs, exchanged.label[row]) for row in rows],
            f"error ({unit})": now[rows],
            f"corrected ({unit})": then[rows],
        }
    )
    config = {
        f"error ({unit})": st.column_config.NumberColumn(format="%.3g", help="Mean error of the image's points."),
        f"corrected ({unit})": st.column_config.NumberColumn(format="%.3g", help="The same with swaps corrected."),
        "image": st.column_config.Column(pinned=True),
    }
    if dataset is not None:
        frame["look"] = [f"./?{urlencode({'dataset': dataset.name, 'item': int(bench.items[row])})}" for row in rows]
        config["look"] = st.column_config.LinkColumn(
            display_text="open", help="The image on the Data page, where its points can be corrected."
        )
    st.dataframe(frame, hide_index=True, column_config=config, key=f"sides-images-{key}", placeholder="")


def _listed(bench: Bench, pairs: list[tuple[int, int]], which: np.ndarray) -> str:
    names = [
        f"{bench.names[left]} ↔ {bench.names[right]}" for (left, right), on in zip(pairs, which, strict=True) if on
    ]
    if len(names) == len(pairs) > 1:
        return f"all {len(pairs):,} pairs"
    return sentences.listed(names, _NAMED)


def _pair_name(bench: Bench, pair: tuple[int, int]) -> str:
    return guard.escape(f"{bench.names[pair[0]]} ↔ {bench.names[pair[1]]}")
