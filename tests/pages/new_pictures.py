"""New pictures for the Predict page: brought as a browser does, and answered as a worker does."""

from __future__ import annotations

import io
import json
import uuid

import numpy as np
from PIL import Image
from safetensors.numpy import save as pack

from lib.core.files import write_atomic
from lib.core.questions import requests
from lib.importing.uploads import RefusedError
from lib.inference import drops
from lib.inference.ask import ModelQuestion
from lib.training import runs
from tests.pages.conftest import RUN, checked


def png(width: int = 48, height: int = 40) -> bytes:
    """Return a picture file."""
    out = io.BytesIO()
    Image.effect_noise((width, height), 50).save(out, "PNG")
    return out.getvalue()


def brought(app, workspace, *files: tuple[str, bytes], too_many: int = 0):
    """Return the page after files were dropped on it, as the browser sends them and tells of them."""
    told = {"id": uuid.uuid4().hex, "left_out": [], "remarks": [], "too_many": too_many}
    for number, (name, content) in enumerate(files):
        try:
            arriving = drops.begin(workspace, told["id"], number, name, len(content))
            arriving.append(content)
            if remark := arriving.finish():
                told["remarks"].append([name, remark])
        except RefusedError as error:
            told["left_out"].append([name, str(error)])
    app.session_state["predict-drop"] = {"drop": told}
    return checked(app.run())


def asked(app, workspace) -> ModelQuestion:
    """Return the question that the address names."""
    name = app.query_params["asked"]
    return ModelQuestion(runs.load(workspace, RUN), name if isinstance(name, str) else name[0])


def answered(preds: np.ndarray, sizes=(), refused=()) -> dict[str, np.ndarray]:
    """Return what the worker answers about the first pictures; without sizes they are those of `png`."""
    return {
        "preds": preds,
        "sizes": np.array(sizes or [(48, 40)] * len(preds), dtype=np.float64),
        "kept": np.arange(len(preds)),
        "refused": np.frombuffer(json.dumps(list(refused)).encode(), dtype=np.uint8),
    }


def answer(question: ModelQuestion, preds: np.ndarray, sizes=(), refused=()) -> None:
    """Answer as the worker does."""
    write_atomic(question.path(requests.ANSWER), pack(answered(preds, sizes, refused)))


def gallery(app) -> dict:
    """Return what the gallery was sent."""
    sent = [json.loads(part.proto.json) for part in app.get("bidi_component") if part.proto.json]
    return next(one for one in sent if "cards" in one)


def drop_zone(app) -> dict:
    """Return what the place for pictures was sent."""
    sent = [json.loads(part.proto.json) for part in app.get("bidi_component") if part.proto.json]
    return next(one for one in sent if "taken" in one)
