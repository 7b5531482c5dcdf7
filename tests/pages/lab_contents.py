"""A tab of the threshold lab as a page of its own, and what it draws and says."""

from __future__ import annotations

import base64
import json
import re

import numpy as np
from scipy.special import expit
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import checked

HTML = ("<b>bold</b> & co", "*star* [link](x)", ":red[color]")


def arrays(n_labels: int, n: int = 120, *, seed: int = 0, unknown: float = 0.05) -> dict[str, np.ndarray]:
    """Return probabilities that are too sure, truth and groups."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(-1, 1.5, (n, n_labels))
    truth = (rng.random(logits.shape) < expit(logits)).astype(np.int8)
    truth[rng.random(truth.shape) < unknown] = -1
    return {"probs": expit(2 * logits).astype(np.float32), "truth": truth, "groups": np.arange(n) // 6}


def names(n_labels: int) -> tuple[str, ...]:
    return (*HTML, *(f"label {c}" for c in range(n_labels)))[:n_labels]


def page(part: str, splits: dict, names: tuple, key: str, label=None, thresh=0.5, activation="sigmoid", dataset=None):
    """Draw one tab; the source of this function is the script."""
    import numpy as np
    import streamlit as st

    from lib.core.workspace import Workspace
    from lib.datasets import store
    from lib.metrics.decisions import Decisions
    from lib.web.ui.thresholds import calibration as lab_calibration
    from lib.web.ui.thresholds import confusion, slices

    decided = {}
    for split, one in splits.items():
        probs = one["probs"]
        top = np.arange(probs.shape[1]) == probs.argmax(axis=1)[:, None]
        scores = np.where(top, probs, np.float32(0)) if activation == "softmax" else probs
        items = np.arange(len(probs))
        decided[split] = Decisions(scores, one["truth"], probs, activation, names, items, one["groups"])
    threshs = np.full(len(names), thresh, dtype=np.float32)
    if part == "calibration":
        lab_calibration.show(decided["valid"], decided.get("test"), ("valid", "test"), threshs, label, key=key)
    elif part == "confusion":
        shown = st.session_state["pictures"] = []
        beside = lambda rows, what: shown.append((rows, what))  # noqa: E731
        confusion.show(decided["valid"], "valid", threshs, label, key=key, pictures=beside)
    else:
        where = store.load(Workspace.find(), dataset) if dataset else None
        slices.show(where, decided["valid"], "valid", threshs, label, key=key)


#: Each opened tab's own key of the cache.
KEYS = iter(range(10**6))


def opened(part: str, splits: dict, n_labels: int, **more) -> AppTest:
    """Return a tab after its first run; what is cached is cached under another key each time."""
    kwargs = {"part": part, "splits": splits, "names": names(n_labels), "key": f"run-{next(KEYS)}", **more}
    return checked(AppTest.from_function(page, kwargs=kwargs, default_timeout=60).run())


def texts(app: AppTest) -> str:
    """Return everything that is said, without Markdown's escapes."""
    parts = [element.value for kind in (app.markdown, app.caption, app.info) for element in kind]
    return re.sub(r"\\(.)", r"\1", "\n".join(parts))


def unpacked(value):
    """Return a figure with its arrays as lists, as Plotly in the browser unpacks them."""
    if isinstance(value, dict) and "bdata" in value:
        values = np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"])
        shape = [int(side) for side in str(value.get("shape", len(values))).split(",")]
        return values.reshape(shape).tolist()
    if isinstance(value, dict):
        return {key: unpacked(part) for key, part in value.items()}
    return [unpacked(part) for part in value] if isinstance(value, list) else value


def figures(app: AppTest) -> list[dict]:
    contents = [json.loads(element.proto.json) for element in app.get("bidi_component")]
    return [unpacked(json.loads(data["figure"])) for data in contents]
