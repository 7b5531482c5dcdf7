"""Brightness of every image: measured once, when somebody asks, and kept."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lib.core.dataset import Dataset
from lib.datasets import brightness
from lib.web.server import encoding
from lib.web.ui import clicks
from lib.web.ui.data import progress


def values(dataset: Dataset, *, key: str) -> np.ndarray | None:
    """Return the brightness of every picture, shape (N,); None where the button that measures it is shown instead."""
    luminance = brightness.read(dataset)
    if luminance is None:
        st.markdown(f"The brightness of the {len(dataset):,} images is measured once and kept with them.")
        button = f"brightness-{key}"
        if clicks.button("Measure brightness", icon=":material/brightness_6:", key=button):
            with progress.bar("Measuring brightness") as report, clicks.carry_out(button):
                brightness.measure(dataset, report, lambda path, size, rule: encoding.encode(path, size, rule)[0])
            st.rerun()
    return luminance
