"""Missing points: how many of each, and in which images."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from lib.evaluation.keypoints.errors import Bench
from lib.web.charts import points
from lib.web.components.chart import chart
from lib.web.ui import words

_MOST = 200


def show(bench: Bench, split: str, originals: np.ndarray, *, key: str) -> None:
    """Show how many points are missing, of which point, in which images.

    Parameters
    ----------
    bench : Bench
    split : str
    originals : ndarray of str, shape (N,)
        Name of each image.
    key : str
    """
    gone = ~bench.known
    total, cells = int(gone.sum()), gone.size
    if not total:
        st.info(f"Every point is labeled in all {words.images(len(bench), split)}.", icon=":material/check_circle:")
        return
    whole = int(gone.all(axis=1).sum())
    nothing = f" In {words.images(whole, split)} nothing is labeled: they count in no number." if whole else ""
    st.markdown(
        f"**{total:,} of {cells:,} points ({100 * total / cells:.3g} %)** of the {words.images(len(bench), split)} "
        "are not labeled. They are left out of the loss, of every number, and of the error in the images, which "
        f"draw the predicted point alone.{nothing}"
    )
    if len(bench.names) <= points.MOST:
        chart(points.missing(bench.names, gone.mean(axis=0)), key=f"missing-{key}", alt="Missing points")
    left, right = st.columns(2)
    with left:
        by_point = pd.DataFrame(
            {
                "point": list(bench.names),
                "missing (images)": gone.sum(axis=0),
                "missing (%)": 100 * gone.mean(axis=0),
            }
        ).sort_values("missing (images)", ascending=False, kind="stable")
        words.table(by_point, key=f"missing-points-{key}", digits=1, pinned="point")
    with right:
        counts = gone.sum(axis=1)
        order = np.argsort(-counts, kind="stable")
        order = order[counts[order] > 0]
        if len(order) > _MOST:
            st.caption(f"The {_MOST} images with the most missing points, of {len(order):,}.")
        shown = order[:_MOST]
        by_image = pd.DataFrame({"image": originals[shown].astype(str), "missing (points)": counts[shown]})
        words.table(by_image, key=f"missing-images-{key}", digits=1, pinned="image")
